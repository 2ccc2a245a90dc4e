"""Structured logs: one canonical line per request or message, event names are constant snake_case.

Tenant, trace and ids are bound by context (`structlog.contextvars`). Values under a key that names a
secret are never written.
"""

import logging
import sys
from collections.abc import Callable, MutableMapping
from typing import Any, Literal

import structlog

_NOISY = ("nats", "uvicorn.error", "uvicorn.access", "slack_sdk", "twilio", "asyncio")
_SECRET_WORDS = ("token", "secret", "password", "api_key", "authorization", "database_url")

Logger = structlog.typing.FilteringBoundLogger


def configure_logs(
    *, service: str, level: str, form: Literal["json", "text"], trace: Callable[[], str | None] = lambda: None
) -> None:
    """Sets up structlog and routes the standard library's logging through the same lines.

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
    renderer = (
        structlog.processors.JSONRenderer()
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
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


def _trace_id_of(trace: Callable[[], str | None]) -> Callable[..., MutableMapping[str, Any]]:
    def add(_logger: object, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        current = trace()
        if current is not None and "trace_id" not in line:
            line["trace_id"] = current.split("-")[1]
        return line

    return add


def _redact(_logger: object, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key in line:
        if any(word in key.lower() for word in _SECRET_WORDS):
            line[key] = "…"
    return line
