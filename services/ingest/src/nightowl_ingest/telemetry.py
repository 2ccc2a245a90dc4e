"""Ingest's metrics. Request times are the common histogram's, written by the webhook endpoint itself."""

from nightowl_common.telemetry import Counter

ALERTS_RECEIVED = Counter("nightowl_alerts_received_total", "Alerts accepted and durable.", ["source", "severity"])
TENANT_ALERTS_RECEIVED = Counter("nightowl_tenant_alerts_received_total", "Alerts accepted and durable.", ["tenant"])
ALERTS_REJECTED = Counter(
    "nightowl_alerts_rejected_total", "Alerts, or whole bodies, that could not be read.", ["source"]
)
BEATS_RECEIVED = Counter("nightowl_beats_received_total", "Beats accepted and durable.")
MESSAGES_SPOOLED = Counter(
    "nightowl_ingest_spooled_total",
    "Messages that went to the spool because the bus took none, or gave them to nobody.",
)
CALLS_OVER_LIMIT = Counter(
    "nightowl_ingest_over_limit_total", "Calls refused with 503 because their key or tenant was over its rate."
)
REJECTIONS_UNLISTED = Counter(
    "nightowl_rejections_unlisted_total", "Refused bodies that were answered but could not be recorded for the list."
)
