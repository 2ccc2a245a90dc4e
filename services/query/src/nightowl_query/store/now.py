"""What the first page shows."""

from collections.abc import Iterable
from uuid import UUID

import msgspec

from nightowl_common.db import Record, Tx, load_queries
from nightowl_query.model.now import (
    MAX_BURNING,
    MAX_PAGED,
    Burning,
    BurningList,
    HourOfSource,
    LastTestPage,
    PagedAlert,
    SeverityTotals,
)

SQL = load_queries(__package__, "now.sql")


async def list_paged(tx: Tx, user_id: UUID) -> tuple[list[PagedAlert], int]:
    """The alerts that ask for a person, and how many there are."""
    rows = await tx.fetch(SQL["list_paged"], user_id, MAX_PAGED)
    return [msgspec.convert(dict(row), PagedAlert) for row in rows], rows[0]["total"] if rows else 0


async def list_burning(tx: Tx) -> BurningList:
    """What is open, the worst first."""
    rows = await tx.fetch(SQL["list_burning"], MAX_BURNING)
    totals = {row["severity"]: row["count"] for row in await tx.fetch(SQL["count_open"])}
    return BurningList(
        items=[_burning(row) for row in rows],
        total=rows[0]["total"] if rows else 0,
        totals=msgspec.convert(totals, SeverityTotals),
    )


async def measure_week(tx: Tx) -> list[HourOfSource]:
    """The alerts that opened in the last 7 days, by hour and source."""
    # The time is a parameter: asked for in the query, it would be asked for once per alert.
    return [msgspec.convert(dict(row), HourOfSource) for row in await tx.fetch(SQL["measure_week"], await tx.now())]


async def find_verified(tx: Tx, user_ids: Iterable[UUID]) -> set[UUID]:
    """Those of some people who have a contact method that is verified."""
    return {row["user_id"] for row in await tx.fetch(SQL["list_verified"], list(user_ids))}


async def load_last_test_page(tx: Tx, user_id: UUID) -> LastTestPage | None:
    """A person's newest test page."""
    row = await tx.fetchrow(SQL["load_last_test_page"], user_id)
    return None if row is None else msgspec.convert(dict(row), LastTestPage)


def _burning(row: Record) -> Burning:
    is_group = row["group_id"] is not None
    return msgspec.convert(
        {
            **dict(row),
            "kind": "group" if is_group else "alert",
            "id": row["group_id"] if is_group else row["alert_id"],
        },
        Burning,
    )
