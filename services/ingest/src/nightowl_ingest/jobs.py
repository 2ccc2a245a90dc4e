"""Background work of ingest: what waits in the spool goes to the stream as soon as that answers again."""

import asyncio

from nightowl_common.bus import Bus, BusUnavailableError
from nightowl_common.db import Database
from nightowl_common.logs import get_logger
from nightowl_common.telemetry import SWEEPER_REPAIRS
from nightowl_ingest import store
from nightowl_ingest.model import IngestMessage

log = get_logger(__name__)

BATCH_COUNT = 200
BATCH_BYTES = 16 * 1024**2
PUBLISH_SECONDS = 3.0
"""Below the 5 s after which Postgres ends a transaction that does nothing."""


async def sweep_spool(database: Database, bus: Bus) -> int:
    """Drains the spool while the bus takes messages; returns how many it took.

    A row is deleted only after its PubAck, in the transaction that claimed it; a crash in between publishes it
    again under the same ids, which the stream or the inbox tells apart.
    """
    drained = 0
    while bus.is_connected:
        async with database.global_tx() as tx:
            messages = await store.claim_spooled(tx, count=BATCH_COUNT, size_bytes=BATCH_BYTES)
            stored = await _publish_each(bus, messages)
            await store.delete_spooled(tx, stored)
        drained += len(stored)
        if not stored:
            break
    if drained:
        SWEEPER_REPAIRS.labels("spool").inc(drained)
        log.warning("spool_drained", messages=drained)
    return drained


async def _publish_each(bus: Bus, messages: list[IngestMessage]) -> list[str]:
    """The ids of those that the stream has; one that it refuses does not hold back the others."""
    outcomes = await asyncio.gather(*(_is_published(bus, each) for each in messages))
    return [each.message_id for each, is_stored in zip(messages, outcomes, strict=True) if is_stored]


async def _is_published(bus: Bus, message: IngestMessage) -> bool:
    try:
        await bus.publish(message.for_bus(), timeout_seconds=PUBLISH_SECONDS)
    except BusUnavailableError as error:
        log.debug("spooled_message_not_taken", message_id=message.message_id, error=error.detail)
        return False
    return True
