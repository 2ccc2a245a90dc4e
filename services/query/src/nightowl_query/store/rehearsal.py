"""Stored alerts for dry runs, read in pages, and what rules refer to by id."""

from collections.abc import AsyncIterator
from datetime import datetime
from uuid import UUID

import msgspec

from nightowl_common.db import Tx, load_queries
from nightowl_query.model.rehearsal import PastAlert

SQL = load_queries(__package__, "rehearsal.sql")

MAX_TESTED = 20_000
MAX_OPEN_BEFORE = 5_000
PAGE = 500

BEFORE_ALL = UUID(int=0)


class PolicyName(msgspec.Struct, frozen=True, kw_only=True):
    """An escalation policy in its current version."""

    name: str
    version: int


class Start(msgspec.Struct, frozen=True, kw_only=True):
    """After which alert a dry run begins; `is_exact` is false where that leaves out older ones."""

    at: datetime
    id: UUID = BEFORE_ALL
    is_exact: bool = True


async def find_start(tx: Tx, *, since: datetime, most: int = MAX_TESTED) -> Start:
    """Where the newest `most` alerts that opened from a time on begin."""
    row = await tx.fetchrow(SQL["find_first_tested"], since, most)
    return Start(at=since) if row is None else Start(at=row["first_fired_at"], id=row["id"], is_exact=False)


async def read_past_alerts(tx: Tx, start: Start, *, until: datetime) -> AsyncIterator[list[PastAlert]]:
    """Alerts after a start that opened until a time, oldest first, page by page."""
    at, after = start.at, start.id
    while True:
        rows = await tx.fetch(SQL["list_past_alerts"], at, after, until, PAGE)
        if rows:
            yield [msgspec.convert(dict(row), PastAlert) for row in rows]
            at, after = rows[-1]["first_fired_at"], rows[-1]["id"]
        if len(rows) < PAGE:
            return


async def list_open_before(tx: Tx, start: Start) -> list[PastAlert]:
    """Alerts that were open when a dry run begins, bounded."""
    rows = await tx.fetch(SQL["list_open_before"], start.at, MAX_OPEN_BEFORE)
    return [msgspec.convert(dict(row), PastAlert) for row in rows]


async def load_policy_names(tx: Tx) -> dict[UUID, PolicyName]:
    """All escalation policies, by id."""
    rows = await tx.fetch(SQL["load_policy_names"])
    return {row["id"]: PolicyName(name=row["name"], version=row["current_version"]) for row in rows}


async def load_route_positions(tx: Tx) -> dict[UUID, int]:
    """Positions of enabled routes."""
    return {row["id"]: row["position"] for row in await tx.fetch(SQL["load_route_positions"])}


async def load_grouping_positions(tx: Tx) -> dict[UUID, int]:
    """Positions of enabled grouping rules."""
    return {row["id"]: row["position"] for row in await tx.fetch(SQL["load_grouping_positions"])}
