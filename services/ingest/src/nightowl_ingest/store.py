"""The only SQL of ingest: the spool, where accepted calls wait while JetStream cannot take them."""

from collections.abc import Sequence

import msgspec

from nightowl_common.db import Tx, load_queries
from nightowl_ingest.model import IngestMessage

SQL = load_queries(__package__)


async def insert_spooled(tx: Tx, messages: Sequence[IngestMessage]) -> None:
    """Keeps messages for later, under their own ids."""
    await tx.executemany(
        SQL["insert_spooled"], [(m.message_id, m.tenant, m.event_id, m.alerts, m.body, m.trace) for m in messages]
    )


async def claim_spooled(tx: Tx, *, count: int, size_bytes: int) -> list[IngestMessage]:
    """The oldest messages that nobody else drains, locked until the transaction ends."""
    rows = await tx.fetch(SQL["claim_spooled"], count, size_bytes)
    return [msgspec.convert(dict(row), IngestMessage) for row in rows]


async def delete_spooled(tx: Tx, message_ids: Sequence[str]) -> None:
    """Forgets messages that are on the stream."""
    await tx.execute(SQL["delete_spooled"], list(message_ids))
