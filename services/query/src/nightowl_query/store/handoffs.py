"""What a shift hands over, and the names of policies."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import msgspec

from nightowl_common.db import Tx, load_queries
from nightowl_query.model.forecasts import HandedAlert

SQL = load_queries(__package__, "handoffs.sql")


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """What happened to alerts in a span of time."""

    opened: int
    acknowledged: int
    resolved: int


async def count_alerts(tx: Tx, policy_ids: Collection[UUID], *, start: datetime, end: datetime) -> Counts:
    """What happened to the alerts of some policies in [start, end)."""
    row = await tx.fetchrow(SQL["count_alerts"], list(policy_ids), start, end)
    return msgspec.convert(dict(row or {}), Counts)


async def list_open_alerts(tx: Tx, policy_ids: Collection[UUID]) -> tuple[list[HandedAlert], int]:
    """The hundred most urgent open alerts of some policies, and how many there are."""
    rows = await tx.fetch(SQL["list_open_alerts"], list(policy_ids))
    return [msgspec.convert(dict(row), HandedAlert) for row in rows], rows[0]["total"] if rows else 0


async def list_page_times(tx: Tx, user_id: UUID, *, start: datetime, end: datetime) -> list[datetime]:
    """When pages to a person were sent in [start, end)."""
    rows = await tx.fetch(SQL["list_page_times"], f"user:{user_id}", start, end)
    return [row["sent_at"] for row in rows]


async def list_policy_names(tx: Tx) -> dict[UUID, str]:
    """By id, without archived ones."""
    return {row["id"]: row["name"] for row in await tx.fetch(SQL["list_policy_names"])}
