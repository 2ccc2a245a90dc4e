"""What the installation has kept of a span: messages on INGEST, people's deeds, what became of alerts. Reads only."""

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from uuid import UUID

import msgspec
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

from nightowl_cli.replay.comparing import Dispositions
from nightowl_cli.replay.model import Deed, Outcome, Sorted, Span
from nightowl_common import inbox
from nightowl_common.db import Tx, load_queries
from nightowl_common.ids import new_id
from nightowl_contracts import AlertsReceived, UnreadableEventError, decode_event, subjects
from nightowl_contracts.topology import ENRICHMENT, INGEST

SQL = load_queries(__package__, "replay.sql")

AT_ONCE = 500
SPOOLED = timedelta(hours=1)
"""How long after its receipt a message may have come to the stream: it waited in the spool."""


async def read_messages(js: JetStreamContext, span: Span) -> AsyncIterator[AlertsReceived]:
    """What was received in the span, in the stream's order. What cannot be read became a dead letter then, too."""
    name = f"replay-{new_id()}"
    config = ConsumerConfig(
        name=name, deliver_policy=DeliverPolicy.BY_START_TIME, opt_start_time=span.since,
        filter_subject=subjects.ingest(span.tenant), ack_policy=AckPolicy.NONE, mem_storage=True, num_replicas=1,
        inactive_threshold=600,
    )  # fmt: skip
    left = (await js.add_consumer(INGEST.name, config)).num_pending or 0
    reader = await js.pull_subscribe_bind(consumer=name, stream=INGEST.name)
    try:
        while left > 0:
            messages = await reader.fetch(min(AT_ONCE, left), timeout=5)
            left -= len(messages)
            for each in messages:
                if each.metadata.timestamp >= span.until + SPOOLED:
                    return
                event = _read(each.data)
                if event is not None and span.since <= event.at < span.until:
                    yield event
    finally:
        await reader.unsubscribe()
        await js.delete_consumer(INGEST.name, name)


def _read(body: bytes) -> AlertsReceived | None:
    try:
        event = decode_event(body)
    except UnreadableEventError:
        return None
    return event if isinstance(event, AlertsReceived) else None


async def load_deeds(tx: Tx, span: Span) -> list[Deed]:
    """What was done to alerts that opened in the span, oldest first."""
    rows = await tx.fetch(SQL["load_deeds"], span.since, span.until)
    return [msgspec.convert(dict(row), Deed) for row in rows]


async def load_outcomes(tx: Tx, span: Span) -> list[Outcome]:
    """The alerts that messages of the span opened, of the installation or of a shadow; others may be among them."""
    rows = await tx.fetch(SQL["load_outcomes"], span.since, span.until, span.until + SPOOLED)
    return [msgspec.convert(dict(row), Outcome) for row in rows]


async def load_carried(tx: Tx, span: Span) -> frozenset[str]:
    """Fingerprints that were open when the span began."""
    return frozenset(row["fingerprint"] for row in await tx.fetch(SQL["load_carried"], span.since))


async def load_dispositions(tx: Tx, sorted_alerts: Sequence[Sorted]) -> Dispositions:
    """What production made of received alerts, as far as it remembers."""
    ids = sorted({each.event_id for each in sorted_alerts})
    found: dict[tuple[UUID, int], str] = {}
    for start in range(0, len(ids), AT_ONCE):
        handled = await inbox.load_handled(tx, ENRICHMENT.name, ids[start : start + AT_ONCE])
        for event_id, each in handled.items():
            found |= {(event_id, i): what for i, what in zip(each.indexes, each.dispositions, strict=True)}
    return found
