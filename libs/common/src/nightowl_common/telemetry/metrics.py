"""The metrics that every service has, and the registry.

No label holds an id or a subject: those make one series each and grow without bound. A tenant is a label only through
`TenantLabel`, which is bounded and can be switched off.
"""

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)

from nightowl_contracts.topology import STREAMS

__all__ = [
    "CONTENT_TYPE_LATEST",
    "LATENCY_BUCKETS",
    "Counter",
    "Gauge",
    "Histogram",
    "TenantLabel",
    "of_values",
    "scrape",
]

LATENCY_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Seconds; fine below 50 ms, where our targets are."""

disable_created_metrics()  # type: ignore[no-untyped-call]  # a second series for each counter, which nobody asks for

OTHER_TENANTS = "(other)"
"""Stands for all tenants beyond the bound. No slug has brackets."""


def of_values(metric: Counter, *values: str) -> Counter:
    """The counter, which has a series for each of these values of its only label before anything is counted.

    A series that first appears with a 1 has no increase that Prometheus could see.
    """
    for value in values:
        metric.labels(value)
    return metric


BUILD = Gauge("nightowl_build_info", "1; which service this is, in which version.", ["service", "version"])
REQUEST_SECONDS = Histogram(
    "nightowl_api_request_duration_seconds",
    "Time to answer, by route template.",
    ["method", "path", "status"],
    buckets=LATENCY_BUCKETS,
)
UNEXPECTED_ERRORS = Counter("nightowl_unexpected_errors_total", "Requests answered 500: each is a bug.")
EVENT_LOOP_LAG_SECONDS = Histogram(
    "nightowl_event_loop_lag_seconds",
    "How much later than asked the event loop woke up, once a second.",
    buckets=(0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0),
)
LOOP_FAILURES = Counter(
    "nightowl_loop_failures_total", "Background loops that failed and were started again.", ["loop"]
)
SWEEPER_REPAIRS = of_values(
    Counter(
        "nightowl_sweeper_repairs_total",
        "What a sweeper had to mend because the fast path had failed; a lasting rate is a bug.",
        ["sweeper"],
    ),
    "outbox", "spool", "escalation_timers",
)  # fmt: skip
DATABASE_CONNECTIONS = Gauge("nightowl_database_connections_used", "Connections to Postgres that are in use now.")
DATABASE_CONNECTIONS_MAX = Gauge("nightowl_database_connections_max", "Connections to Postgres that may be in use.")
HOST_CLOCK_AHEAD = Gauge(
    "nightowl_host_clock_ahead_seconds", "How far the clock of this process's host is before the database server's."
)
DATABASE_FAILURES = Counter(
    "nightowl_database_failures_total", "Transactions that failed because Postgres could not be used at that moment."
)
BUS_CONNECTED = Gauge("nightowl_bus_connected", "1 while this process is connected to NATS.")
DEAD_LETTERS = of_values(
    Counter("nightowl_dead_letters_total", "Messages that could never be handled.", ["stream"]),
    *(stream.name for stream in STREAMS),
)
CACHE_FAILURES = Counter("nightowl_cache_failures_total", "Calls to the cache that failed and were treated as a miss.")
TRACE_EXPORTS = Counter(
    "nightowl_trace_exports_total", "Batches of spans handed to the collector, by result (taken, lost).", ["result"]
)


class TenantLabel:
    """Which value a tenant has as a label: its slug for the first `limit` tenants seen, one value for all others."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._known: set[str] = set()

    @property
    def is_on(self) -> bool:
        """False: nothing is measured by tenant."""
        return self._limit > 0

    def of(self, slug: str) -> str:
        """The label's value."""
        if slug in self._known:
            return slug
        if len(self._known) >= self._limit:
            return OTHER_TENANTS
        self._known.add(slug)
        return slug


def scrape() -> bytes:
    """All metrics in Prometheus' text format."""
    return generate_latest(REGISTRY)
