"""Metrics registry and W3C trace context. Metrics are declared in each service's `telemetry.py`.

No label holds a tenant, an id or a subject: those make one series each and grow without bound.
"""

import re
import secrets

from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, Counter, Gauge, Histogram, generate_latest

__all__ = ["CONTENT_TYPE_LATEST", "LATENCY_BUCKETS", "Counter", "Gauge", "Histogram", "new_trace", "scrape", "trace_of"]

LATENCY_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Seconds; fine below 50 ms, where our targets are."""

_TRACEPARENT = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")

SWEEPER_REPAIRS = Counter(
    "nightowl_sweeper_repairs_total",
    "What a sweeper had to mend because the fast path had failed; a lasting rate is a bug.",
    ["sweeper"],
)


def scrape() -> bytes:
    """All metrics in Prometheus' text format."""
    return generate_latest(REGISTRY)


def new_trace() -> str:
    """A fresh `traceparent` (W3C Trace Context, level 1), not sampled."""
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-00"


def trace_of(header: str | None) -> str:
    """The caller's `traceparent` when it is one, else a fresh one."""
    return header if header is not None and _TRACEPARENT.fullmatch(header) else new_trace()
