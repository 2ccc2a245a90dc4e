"""How the installation is doing, as far as the database knows."""

from datetime import datetime

import msgspec

from nightowl_common.db import Tx, load_queries
from nightowl_query.model import CanaryState, TriedPeople, TriedPerson

SQL = load_queries(__package__, "system.sql")


class Backlog(msgspec.Struct, frozen=True, kw_only=True):
    """Work that waits; `outbox_age_seconds` is None when nothing does."""

    outbox_age_seconds: float | None
    spooled_calls: int
    overdue_timers: int


async def answer(tx: Tx) -> None:
    """A round trip and nothing else."""
    await tx.fetchval(SQL["answer"])


async def load_backlog(tx: Tx) -> Backlog:
    """What waits now, of all tenants."""
    row = await tx.fetchrow(SQL["load_backlog"])
    assert row is not None
    return msgspec.convert(dict(row), Backlog)


async def load_canary(tx: Tx) -> CanaryState | None:
    """When the canary came through last; None where the installation has none."""
    row = await tx.fetchrow(SQL["load_canary"])
    return None if row is None else msgspec.convert(dict(row), CanaryState)


async def load_newest_firing(tx: Tx) -> datetime | None:
    """When the newest alert fired last."""
    moment: datetime | None = await tx.fetchval(SQL["load_newest_firing"])
    return moment


async def list_tried_people(tx: Tx) -> TriedPeople:
    """Active people with their newest test pages."""
    rows = await tx.fetch(SQL["list_tried_people"])
    return TriedPeople(
        items=[msgspec.convert(dict(row), TriedPerson) for row in rows], total=rows[0]["total"] if rows else 0
    )
