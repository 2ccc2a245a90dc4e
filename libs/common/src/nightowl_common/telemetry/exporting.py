"""Spans to an OpenTelemetry collector, over OTLP/HTTP.

They leave in batches from a thread of their own, and what does not fit into its queue or is not taken is lost: a
collector that is slow or dead keeps nothing waiting. Imported only where a collector is configured, because the SDK
costs a quarter of a second at the start.
"""

import logging
import random
import threading
from collections.abc import Sequence
from uuid import UUID

from opentelemetry import context
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.asyncpg import AsyncPGInstrumentor
from opentelemetry.instrumentation.redis import RedisInstrumentor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanLimits, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.sdk.trace.sampling import Decision, Sampler, SamplingResult
from opentelemetry.trace import (
    Link,
    NonRecordingSpan,
    Span,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
    TraceState,
    get_current_span,
    set_span_in_context,
)
from opentelemetry.util.types import Attributes

from nightowl_common.telemetry import tracing
from nightowl_common.telemetry.metrics import TRACE_EXPORTS

EXPORT_SECONDS = 5.0
"""How long the thread waits for the collector, repeats included."""

STOP_SECONDS = 2.0
"""What a process that ends gives its last spans."""

_KINDS = {
    "server": SpanKind.SERVER,
    "client": SpanKind.CLIENT,
    "consumer": SpanKind.CONSUMER,
    "internal": SpanKind.INTERNAL,
}
_SAMPLED = TraceFlags(TraceFlags.SAMPLED)


def over_http(endpoint: str) -> SpanExporter:
    """To the collector with this base address."""
    return OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces", timeout=EXPORT_SECONDS)


class Collecting:
    """Records the spans of this process from `start` to `stop`."""

    def __init__(self, exporter: SpanExporter, *, service: str, version: str, ratio: float) -> None:
        """`ratio` is the share of the traces that begin here of which spans are made."""
        logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)  # a line per lost batch; they are counted instead
        self._ids = _Ids()
        self._provider = TracerProvider(
            resource=Resource.create({"service.name": f"nightowl-{service}", "service.version": version}),
            sampler=_Sampler(ratio),
            id_generator=self._ids,
            span_limits=SpanLimits(max_events=0),  # an event of theirs is an exception with all its words
            shutdown_on_exit=False,
        )
        self._provider.add_span_processor(BatchSpanProcessor(_Counted(exporter), schedule_delay_millis=1_000))
        self._tracer = self._provider.get_tracer("nightowl", version)

    def start(self) -> None:
        """Spans are recorded from now on, those of statements and of the cache included."""
        AsyncPGInstrumentor().instrument(tracer_provider=self._provider)  # type: ignore[no-untyped-call]
        RedisInstrumentor().instrument(tracer_provider=self._provider)
        tracing.record_with(self._open)

    def stop(self) -> None:
        """No more spans; those in hand are sent if the collector takes them within 2 s."""
        tracing.record_with(None)
        AsyncPGInstrumentor().uninstrument()  # type: ignore[no-untyped-call]
        RedisInstrumentor().uninstrument()
        last = threading.Thread(target=self._provider.shutdown, daemon=True)
        last.start()
        last.join(STOP_SECONDS)

    def _open(
        self, name: str, parent: str | None, kind: tracing.SpanKind, trace_id: UUID | None
    ) -> tracing.Open | None:  # fmt: skip
        if parent is not None:
            if not int(parent[-1], 16) & TraceFlags.SAMPLED:
                return None
            around = _context_of(parent)
        elif kind == "server":
            self._ids.next_trace_id = None if trace_id is None else trace_id.int
            around = Context()
        else:
            return None
        opened = self._tracer.start_span(name, context=around, kind=_KINDS[kind])
        return _Open(opened) if opened.is_recording() else None


class _Open:
    """A recorded span, and the one that statements are children of while it is open."""

    __slots__ = ("_span", "_token", "trace")

    def __init__(self, span: Span) -> None:
        self._span = span
        self._token = context.attach(set_span_in_context(span))
        ids = span.get_span_context()
        self.trace = f"00-{ids.trace_id:032x}-{ids.span_id:016x}-01"

    def rename(self, name: str) -> None:
        self._span.update_name(name)

    def note(self, name: str, value: tracing.Value) -> None:
        self._span.set_attribute(name, value)

    def end(self, error: BaseException | None) -> None:
        context.detach(self._token)
        if error is not None:  # by its class alone: its words may hold what somebody wrote
            self._span.set_status(Status(StatusCode.ERROR, type(error).__name__))
        self._span.end()


def _context_of(trace: str) -> Context:
    """The parent as OpenTelemetry knows it: the span that is open in this task, or one of another process."""
    current = get_current_span().get_span_context()
    _version, trace_id, span_id, _flags = trace.split("-")
    if current.span_id == int(span_id, 16):
        return context.get_current()
    remote = SpanContext(int(trace_id, 16), int(span_id, 16), is_remote=True, trace_flags=_SAMPLED)
    return set_span_in_context(NonRecordingSpan(remote), Context())


class _Ids(RandomIdGenerator):
    """Random, but for a trace that is to have a certain id."""

    def __init__(self) -> None:
        self.next_trace_id: int | None = None

    def generate_trace_id(self) -> int:
        wanted, self.next_trace_id = self.next_trace_id, None
        return super().generate_trace_id() if wanted is None else wanted


class _Sampler(Sampler):
    """A trace begins at a request, never at a statement of a polling loop; what has begun is gone on with.

    The usual sampler by trace id is of no use: our ids are UUIDs, whose bits are not all random.
    """

    def __init__(self, ratio: float) -> None:
        self._ratio = ratio

    def should_sample(  # its arguments are the SDK's
        self,
        parent_context: Context | None,
        trace_id: int,  # noqa: ARG002
        name: str,  # noqa: ARG002
        kind: SpanKind | None = None,
        attributes: Attributes = None,
        links: Sequence[Link] | None = None,  # noqa: ARG002
        trace_state: TraceState | None = None,  # noqa: ARG002
    ) -> SamplingResult:
        parent = get_current_span(parent_context).get_span_context()
        if parent.is_valid:
            is_wanted = parent.trace_flags.sampled
        else:
            is_wanted = kind is SpanKind.SERVER and random.random() < self._ratio
        return SamplingResult(Decision.RECORD_AND_SAMPLE if is_wanted else Decision.DROP, attributes)

    def get_description(self) -> str:
        return f"requests, {self._ratio:.0%}"


class _Counted(SpanExporter):
    """Counts what the collector took and what was lost, and takes away what somebody's data may be in."""

    def __init__(self, inner: SpanExporter) -> None:
        self._inner = inner

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        for span in spans:
            words = span.status.description
            if words is not None:  # "UniqueViolationError: … Key (email)=(…)": its class is enough
                span._status = Status(span.status.status_code, words.partition(":")[0])  # noqa: SLF001
        result = self._inner.export(spans)
        TRACE_EXPORTS.labels("taken" if result is SpanExportResult.SUCCESS else "lost").inc()
        return result

    def shutdown(self) -> None:
        self._inner.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return self._inner.force_flush(timeout_millis)
