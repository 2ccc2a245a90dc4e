"""Metrics of enrichment."""

from nightowl_common.telemetry import LATENCY_BUCKETS, Counter, Histogram

DISPOSITIONS = Counter("nightowl_dispositions_total", "What became of received alerts.", ["disposition"])
DEDUPLICATED = Counter("nightowl_alerts_deduplicated_total", "Alerts folded into one that was open already.")
PROCESSING_SECONDS = Histogram(
    "nightowl_alert_processing_duration_seconds",
    "From the receipt of a webhook call to the commit of its alerts.",
    buckets=LATENCY_BUCKETS,
)
BATCH_MESSAGES = Histogram(
    "nightowl_enrichment_batch_messages", "Messages handled per transaction.", buckets=(1, 5, 10, 25, 50, 100, 250, 500)
)
REDELIVERED = Counter("nightowl_messages_redelivered_total", "Messages that had been handled before.")
KB_HITS = Counter("nightowl_kb_hits_total", "New alerts that the knowledge base knew something about.", ["kind"])
KB_SEARCHES_SKIPPED = Counter(
    "nightowl_kb_searches_skipped_total", "New title classes that were not searched for: too many in one transaction."
)
AGENT_RESOLVED = Counter("nightowl_alerts_agent_resolved_total", "Alerts that an agent had mended when they came.")
LESSONS = Counter("nightowl_lessons_total", "What was learned from resolved alerts.", ["outcome"])
BEATS = Counter("nightowl_heartbeats_total", "Beats, by what they meant.", ["outcome"])
MISSES = Counter("nightowl_heartbeats_missed_total", "Heartbeats that were missed.")
MISSES_POSTPONED = Counter(
    "nightowl_heartbeats_postponed_total", "Misses that could not be told and were put off: each is a bug."
)
