"""Traces: the W3C trace context that everything carries, and spans for those who have a collector.

A `traceparent` runs through headers, envelopes and rows whether or not anybody looks at it; its last byte says whether
spans are made of it. That is decided once, where a trace begins. Without a collector nothing here costs more than
handing a string on.
"""

import re
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from contextvars import ContextVar
from types import TracebackType
from typing import Literal, Protocol
from uuid import UUID

SpanKind = Literal["server", "client", "consumer", "internal"]
Value = str | int | float | bool

_TRACEPARENT = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
_current: ContextVar[str | None] = ContextVar("trace", default=None)


class Open(Protocol):
    """A span that is being recorded."""

    @property
    def trace(self) -> str:
        """Its `traceparent`."""
        ...

    def rename(self, name: str) -> None:
        """What it turned out to be."""
        ...

    def note(self, name: str, value: Value) -> None:
        """Adds an attribute."""
        ...

    def end(self, error: BaseException | None) -> None:
        """It is over, and failed if there is an error."""
        ...


Start = Callable[[str, str | None, SpanKind, UUID | None], Open | None]
"""Starts a span: name, parent, kind, and the id for a trace that begins; None: this one is not recorded."""

_start: Start | None = None


def record_with(start: Start | None) -> None:
    """From here on, this process's spans are started so; None: there are none."""
    global _start  # noqa: PLW0603  (one per process, like the registry of metrics)
    _start = start


class Span:
    """A piece of work in a trace. `trace` is the `traceparent` for all that follows from it."""

    __slots__ = ("_open", "trace")

    def __init__(self, trace: str | None, opened: Open | None) -> None:
        self.trace = trace
        self._open = opened

    def rename(self, name: str) -> None:
        """What it turned out to be, such as the template of a request's path."""
        if self._open is not None:
            self._open.rename(name)

    def note(self, **attributes: Value | None) -> None:
        """Adds attributes `nightowl.<name>`; one that is None is left out. Nothing secret belongs here."""
        if self._open is not None:
            for name, value in attributes.items():
                if value is not None:
                    self._open.note(f"nightowl.{name}", value)


def span(
    name: str, parent: str | None = None, *, kind: SpanKind = "internal", trace_id: UUID | None = None
) -> AbstractContextManager[Span]:  # fmt: skip
    """Work that belongs to the trace of `parent`, or else of what this task is at.

    A `server` span without a parent begins a trace, with `trace_id` if it is given. An exception passes through and
    marks the span as failed.
    """
    return _Work(name, parent, kind, trace_id)


class _Work:
    """A class, since a generator in its place costs twice as much, and nearly everything is a span."""

    __slots__ = ("_about", "_open", "_token")

    def __init__(self, name: str, parent: str | None, kind: SpanKind, trace_id: UUID | None) -> None:
        self._about = (name, parent, kind, trace_id)

    def __enter__(self) -> Span:
        name, parent, kind, trace_id = self._about
        parent = parent or _current.get()
        self._open = None if _start is None else _start(name, parent, kind, trace_id)
        if self._open is not None:
            trace: str | None = self._open.trace
        else:
            trace = new_trace(trace_id) if parent is None and kind == "server" else parent
        self._token = _current.set(trace)
        return Span(trace, self._open)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _current.reset(self._token)
        if self._open is not None:
            self._open.end(error)


@contextmanager
def spans(name: str, parents: Sequence[str | None], *, kind: SpanKind) -> Iterator[list[Span]]:
    """One piece of work for several traces at once: a span in each.

    What is measured inside (statements, say) stands in the trace of the first one that is recorded.
    """
    if _start is None:
        with _at(next((each for each in parents if each is not None), _current.get())):
            yield [Span(each, None) for each in parents]
        return
    with ExitStack() as stack:
        opened = [
            Span(None, None) if parent is None else stack.enter_context(span(name, parent, kind=kind))
            for parent in reversed(parents)
        ]
        yield opened[::-1]


@contextmanager
def _at(trace: str | None) -> Iterator[None]:
    """What is done meanwhile belongs to this trace."""
    token = _current.set(trace)
    try:
        yield
    finally:
        _current.reset(token)


def current_trace() -> str | None:
    """The `traceparent` of what this task is at, if it is at anything."""
    return _current.get()


def new_trace(trace_id: UUID | None = None) -> str:
    """A fresh `traceparent` (W3C Trace Context, level 1), not sampled; with `trace_id`, the trace has this id."""
    if trace_id is None:
        return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-00"
    return f"00-{trace_id.hex}-{trace_id.hex[16:]}-00"


def given_trace(header: str | None) -> str | None:
    """A caller's `traceparent` when it is one."""
    return header if header is not None and _TRACEPARENT.fullmatch(header) else None
