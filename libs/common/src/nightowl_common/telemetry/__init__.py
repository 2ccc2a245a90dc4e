"""What a process tells about itself while it works: metrics to whoever scrapes it, traces to a collector.

Metrics that every service has are declared in `metrics`; a service's own in its `telemetry.py`.
"""

from nightowl_common.telemetry.metrics import (
    CONTENT_TYPE_LATEST,
    LATENCY_BUCKETS,
    OTHER_TENANTS,
    SWEEPER_REPAIRS,
    Counter,
    Gauge,
    Histogram,
    TenantLabel,
    of_values,
    scrape,
)
from nightowl_common.telemetry.tracing import Span, SpanKind, current_trace, given_trace, span, spans

__all__ = [
    "CONTENT_TYPE_LATEST",
    "LATENCY_BUCKETS",
    "OTHER_TENANTS",
    "SWEEPER_REPAIRS",
    "Counter",
    "Gauge",
    "Histogram",
    "Span",
    "SpanKind",
    "TenantLabel",
    "current_trace",
    "given_trace",
    "of_values",
    "scrape",
    "span",
    "spans",
]
