"""Metrics of query. How long answers take is measured by the HTTP edge that all services share."""

from nightowl_common.telemetry import Counter, Gauge, of_values

LEDGER_FINDINGS = of_values(
    Counter("nightowl_ledger_findings_total", "Findings that ledger checks told callers; any is a bug.", ["rule"]),
    "1", "2", "3",
)  # fmt: skip
BULK_ALERTS = Counter("nightowl_bulk_alerts_total", "Alerts that bulk jobs worked on, by outcome.", ["outcome"])
STREAMS = Gauge("nightowl_streams_open", "Event streams that this process serves to browsers and programs.")
