"""Metrics of escalation."""

from nightowl_common.telemetry import Counter, Gauge, Histogram

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

CONSUMER_LAG = Gauge(
    "nightowl_consumer_lag_messages", "Messages of the installation that a consumer has not acknowledged.", ["consumer"]
)
DEAD_LETTERS_KEPT = Gauge("nightowl_dead_letters_kept", "Dead letters that nobody has replayed yet.")
OUTBOX_BUNDLES = Gauge("nightowl_outbox_bundles", "Commits of the installation whose events are not published yet.")
OUTBOX_AGE_SECONDS = Gauge("nightowl_outbox_age_seconds", "Age of the oldest of them; 0 when there is none.")
SPOOL_CALLS = Gauge("nightowl_spool_calls", "Accepted webhook calls that wait in the spool.")
SPOOL_AGE_SECONDS = Gauge("nightowl_spool_age_seconds", "Age of the oldest of them; 0 when there is none.")
TIMERS_OVERDUE = Gauge("nightowl_timers_overdue", "Timers that are due and not paid yet, by kind.", ["kind"])
TIMERS_OVERDUE_SECONDS = Gauge(
    "nightowl_timers_overdue_seconds", "For how long the oldest of them is due; 0 when there is none.", ["kind"]
)
BACKLOG_MEASURED = Gauge(
    "nightowl_backlog_measured_timestamp_seconds",
    "When this process last measured what waits in the installation, by part (bus, database).",
    ["part"],
)
LEDGER_OPEN = Gauge(
    "nightowl_ledger_open_findings",
    "Findings of the last look at each tenant's ledger, by rule; any is a bug.",
    ["rule"],
)
LEDGER_TENANTS = Counter("nightowl_ledger_tenants_total", "Looks at a tenant's ledger.")
CANARY_AGE_SECONDS = Gauge(
    "nightowl_canary_age_seconds", "How long ago the canary last came through; not a number without a canary."
)
CANARY_ROUND_TRIP_SECONDS = Gauge(
    "nightowl_canary_round_trip_seconds", "From the canary's webhook call to the arrival of its page, the last time."
)
TENANT_ESCALATIONS = Gauge(
    "nightowl_tenant_escalations_pending", "Alerts that will page somebody unless somebody takes them.", ["tenant"]
)
