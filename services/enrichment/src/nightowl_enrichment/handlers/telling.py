"""What is told of handled messages: a line for each, and the metrics of what was in them."""

from collections import Counter
from collections.abc import Sequence

from nightowl_common import clock
from nightowl_common.inbox import Handled
from nightowl_common.logs import get_logger
from nightowl_common.telemetry import Span
from nightowl_contracts import AlertsReceived
from nightowl_enrichment import telemetry
from nightowl_enrichment.handlers.heartbeats import BEAT
from nightowl_enrichment.handlers.matching import AGENT_RESOLVED, Tally
from nightowl_enrichment.handlers.receiving import DUE
from nightowl_enrichment.model import Delivered

log = get_logger(__name__)


def log_handled(delivered: Sequence[Delivered], opened: Sequence[Span], *, seconds: float) -> None:
    """A line per message; its time is that of the transaction that it shared with the others."""
    milliseconds = round(seconds * 1000, 1)
    for each, span in zip(delivered, opened, strict=True):
        event = each.event
        log.info(
            "message_handled", tenant=event.tenant, event_id=str(event.id), receipt_id=str(event.data.receipt_id),
            source=event.data.source, alerts=len(event.data.alerts), rejected=len(event.data.rejected),
            attempt=each.message.metadata.num_delivered, ms=milliseconds, messages=len(delivered),
            trace_id=None if span.trace is None else span.trace.split("-")[1],
        )  # fmt: skip


def measure(events: Sequence[AlertsReceived], handled: Sequence[Handled]) -> None:
    """Counts what became of each alert, and how long after its receipt."""
    now = clock.utc_now()
    for event in events:
        telemetry.PROCESSING_SECONDS.observe(max(0.0, (now - event.at).total_seconds()))
    counts = Counter(disposition for each in handled for disposition in each.dispositions)
    for disposition, count in counts.items():
        telemetry.DISPOSITIONS.labels(disposition).inc(count)
    telemetry.DEDUPLICATED.inc(counts["repeated"])


def measure_tally(tally: Tally) -> None:
    """Counts what the knowledge base, agents and heartbeats had to do with it."""
    tally.pop(DUE, None)
    telemetry.AGENT_RESOLVED.inc(tally.pop(AGENT_RESOLVED, 0))
    for kind, count in tally.items():
        if kind.startswith(BEAT):
            telemetry.BEATS.labels(kind.removeprefix(BEAT)).inc(count)
        else:
            telemetry.KB_HITS.labels(kind).inc(count)
