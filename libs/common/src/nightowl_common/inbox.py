"""The inbox: which events a consumer has handled, and what became of each alert in them.

The row is written in the transaction of its effects, so an event has effects exactly once however often
it is delivered. Two workers that race on one event: the second insert fails and its transaction with it.
"""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from nightowl_common.db import Database, Tx, load_queries

SQL = load_queries(__package__, "inbox.sql")


class Handled(msgspec.Struct, frozen=True, kw_only=True):
    """One event's outcome: three lists of the same length, one entry per alert in the event."""

    event_id: UUID
    tenant: str
    indexes: list[int]
    dispositions: list[str]
    alert_ids: list[UUID | None]


async def load_handled(tx: Tx, consumer: str, event_ids: Sequence[UUID]) -> dict[UUID, Handled]:
    """Those of the events that were handled before. The bounds let Postgres skip all other hours' partitions."""
    if not event_ids:
        return {}
    rows = await tx.fetch(SQL["load_handled"], consumer, list(event_ids), min(event_ids), max(event_ids))
    return {row["event_id"]: msgspec.convert(dict(row), Handled) for row in rows}


async def insert_handled(tx: Tx, consumer: str, events: Sequence[Handled]) -> None:
    """Records outcomes, all in one statement.

    Raises:
        asyncpg.UniqueViolationError: another worker has handled one of them in the meantime.
    """
    if events:
        await tx.execute(SQL["insert_handled"], consumer, sorted(events, key=lambda each: each.event_id))


async def forget_rejection(tx: Tx, event_id: UUID) -> None:
    """So that an event which was rejected as a whole is handled when it comes again."""
    await tx.execute(SQL["forget_rejection"], event_id)


async def keep_partitions(database: Database) -> None:
    """Makes the partitions of the next hours and drops those older than 72 h."""
    async with database.global_tx() as tx:
        await tx.execute(SQL["keep_partitions"])
