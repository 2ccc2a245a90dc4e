"""Metrics of escalation."""

from nightowl_common.telemetry import Counter, Histogram

ESCALATED = Counter("nightowl_alerts_escalated_total", "Tiers that were paged.", ["tier"])
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 60.0)
LATENESS_SECONDS = Histogram(
    "nightowl_timer_lateness_seconds",
    "From the moment a timer was due to the moment its transaction began.",
    buckets=_BUCKETS,
)
TIER_LATENESS_SECONDS = Histogram(
    "nightowl_tier_lateness_seconds",
    "From the moment a tier was due to the moment its page was committed to, by tier.",
    ["tier"],
    buckets=_BUCKETS,
)
MUTED = Counter("nightowl_alerts_muted_total", "Due tiers that did not page, by what muted them.", ["kind"])
NOBODY = Counter("nightowl_escalation_nobody_total", "Tiers with nobody to page behind any target.")
EXHAUSTED = Counter("nightowl_escalation_exhausted_total", "Alerts that ran out of tiers and cycles.")
POSTPONED = Counter("nightowl_timers_postponed_total", "Timers that could not be paid and were put off: each is a bug.")
AUTO_CLOSED = Counter("nightowl_alerts_auto_closed_total", "Open alerts that were resolved because nothing was heard.")
HANDOFFS = Counter("nightowl_handoffs_total", "Shifts that changed hands and were told of.")
REMOVED = Counter("nightowl_retention_rows_total", "Rows that their tenants do not keep any longer, by kind.", ["kind"])
