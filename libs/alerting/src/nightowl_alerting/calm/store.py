"""Whose turn it is: one typed function per query."""

from uuid import UUID

import msgspec

from nightowl_alerting.model import Timer
from nightowl_common.db import Tx, load_queries

SQL = load_queries(__package__)


async def load_due_deliveries(tx: Tx, *, is_critical: bool, limit: int) -> list[Timer]:
    """Due timers of pages of critical alerts, or of all others; not locked."""
    rows = await tx.fetch(SQL["load_due_critical" if is_critical else "load_due_ordinary"], limit)
    return [msgspec.convert(dict(row), Timer) for row in rows]


async def hasten_timer(tx: Tx, delivery_id: UUID) -> None:
    """The due loop takes a queued page at once; one that must still wait is left alone."""
    await tx.execute(SQL["hasten_timer"], delivery_id)
