"""Structured logs: one canonical line per request or message, event names are constant snake_case.

Tenant, trace and ids are bound by context (`structlog.contextvars`). Values under a key that names a
secret are never written.
"""

import contextlib
import json
import logging
import sys
from collections.abc import Callable, MutableMapping
from functools import lru_cache
from typing import Any, Literal

import msgspec
import structlog

_NOISY = ("nats", "uvicorn.error", "uvicorn.access", "slack_sdk", "twilio", "asyncio")
_SECRET_WORDS = ("token", "secret", "password", "api_key", "authorization", "database_url")

Logger = structlog.typing.FilteringBoundLogger


def configure_logs(
    *, service: str, level: str, form: Literal["json", "text"], trace: Callable[[], str | None] = lambda: None
) -> None:
    """Sets up structlog, and gives the lines of the standard library's logging the same form.

    `trace` tells the `traceparent` of what the writer is at; its id goes into the line.
    """
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        _trace_id_of(trace),
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _redact,
        structlog.processors.format_exc_info,
    ]
    renderer: Any = (
        _to_json
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    )
    structlog.configure(
        processors=[*shared, renderer],
        logger_factory=lambda *_names: _Lines(sys.stdout),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processor=renderer, foreign_pre_chain=shared))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for noisy in _NOISY:
        logging.getLogger(noisy).setLevel(logging.WARNING)
    structlog.contextvars.bind_contextvars(service=service)


def silence_logs() -> None:
    """For commands whose output is read by programs: what services log while they work is nobody's business there."""
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    logging.disable()


def get_logger(name: str) -> Logger:
    """A logger; `name` is the module's."""
    logger: Logger = structlog.get_logger(name)
    return logger


class _Lines(structlog.WriteLogger):
    """Lines of ours go straight to the output: by way of the standard library each costs a fifth of an ingest call."""

    def msg(self, message: str) -> None:
        """Writes a line, or loses it: as in the standard library, nobody fails because nobody reads."""
        with contextlib.suppress(OSError, ValueError):
            super().msg(message)

    debug = info = warning = error = critical = msg


_lines = msgspec.json.Encoder(enc_hook=repr)


def _to_json(_logger: object, _method: str, line: MutableMapping[str, Any]) -> str:
    """One JSON object. What JSON has no word for is written as Python shows it."""
    try:
        return _lines.encode(line).decode()
    except (TypeError, ValueError):  # keys that are no text, halves of characters
        return json.dumps(line, default=repr, skipkeys=True)


def _trace_id_of(trace: Callable[[], str | None]) -> Callable[..., MutableMapping[str, Any]]:
    def add(_logger: object, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        current = trace()
        if current is not None and "trace_id" not in line:
            line["trace_id"] = current.split("-")[1]
        return line

    return add


def _redact(_logger: object, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key in line:
        if _names_a_secret(key):
            line[key] = "…"
    return line


@lru_cache(maxsize=1_000)
def _names_a_secret(key: str) -> bool:
    return any(word in key.lower() for word in _SECRET_WORDS)
