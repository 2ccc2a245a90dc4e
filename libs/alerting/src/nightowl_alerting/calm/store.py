"""Whose turn it is: one typed function per query."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from nightowl_alerting.model import Owed, Timer
from nightowl_common.db import Tx, load_queries

SQL = load_queries(__package__)


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """A page that waits to be sent, as long as nobody has claimed it."""

    alert_id: UUID
    cycle: int
    step: int
    recipient: str
    due_at: datetime
    is_critical: bool


async def load_due_deliveries(tx: Tx, *, is_critical: bool, limit: int) -> list[Timer]:
    """Due timers of pages of critical alerts, or of all others; not locked."""
    rows = await tx.fetch(SQL["load_due_critical" if is_critical else "load_due_ordinary"], limit)
    return [msgspec.convert(dict(row), Timer) for row in rows]


async def owes_later(tx: Tx, page: Owed) -> bool:
    """Whether the step of a page owes its recipient another page later."""
    return bool(await tx.fetchval(SQL["owes_later"], page.alert_id, page.cycle, page.step, page.recipient))


async def load_late(tx: Tx, delivery_ids: Sequence[UUID], *, seconds: float, limit: int) -> list[UUID]:
    """Of some pages those that are still queued so long after they were to go out, the latest first."""
    return [row["id"] for row in await tx.fetch(SQL["load_late"], list(delivery_ids), seconds, limit)]


async def load_waiting(tx: Tx, delivery_id: UUID) -> Waiting | None:
    """A queued page; None when it is not queued, must still wait, or is needed no more."""
    row = await tx.fetchrow(SQL["load_waiting"], delivery_id)
    return None if row is None else msgspec.convert(dict(row), Waiting)


async def hasten_timer(tx: Tx, delivery_id: UUID) -> None:
    """The due loop takes a queued page at once; one that must still wait is left alone."""
    await tx.execute(SQL["hasten_timer"], delivery_id)
