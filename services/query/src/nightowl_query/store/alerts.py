"""Alerts, their timelines and their pages."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from nightowl_alerting.noise.model import OpenAlert
from nightowl_common.db import Record, Tx, load_queries
from nightowl_query.model import Alert, AlertDetail, Delivery, TimelineEntry
from nightowl_query.store.alert_filters import (
    AlertFilter,
    Place,
    arguments_of,
    one,
    several,
    urgencies_of,
)

SQL = load_queries(__package__, "alerts.sql")


async def find_alerts(
    tx: Tx, wanted: AlertFilter, arguments: Sequence[object], *, below: Place, by_urgency: bool = False, limit: int
) -> list[Record]:
    """Alerts below a place, newest or most urgent first: `id`, `urgency` and `version`, for `ShownAlerts`.

    `arguments` are those of the filter.
    """
    statuses = None
    if wanted.is_open and not by_urgency:  # the open ones have an index in this order; by urgency, urgency has
        statuses, urgencies = wanted.statuses, urgencies_of(None, wanted.severities)
        arguments = (several(urgencies), one(urgencies), *arguments[2:])
    return await tx.fetch(SQL["find_alerts"], *arguments, by_urgency, below.urgency, below.id, limit, statuses)


async def find_newest(
    tx: Tx, *, below: UUID, limit: int, since: UUID | None, counted: int
) -> tuple[list[Record], int]:  # fmt: skip
    """The same without a filter: alerts below an id, newest first.

    And how many there are from another id on, up to `counted`; None: none are counted.
    """
    rows = await tx.fetch(SQL["find_newest"], below, limit, since, counted)
    return rows, rows[0]["newer"] if rows else 0


async def list_alerts(
    tx: Tx, wanted: AlertFilter, arguments: Sequence[object], *, below: Place, limit: int
) -> list[Alert]:  # fmt: skip
    """The alerts themselves, newest first."""
    found = await find_alerts(tx, wanted, arguments, below=below, limit=limit)
    return await load_alerts(tx, [row["id"] for row in found])


async def load_alerts(tx: Tx, alert_ids: Sequence[UUID]) -> list[Alert]:
    """Alerts by their ids, in that order; those that are gone are left out."""
    rows = {row["id"]: dict(row) for row in await tx.fetch(SQL["load_alerts"], alert_ids)}
    return msgspec.convert([rows[each] for each in alert_ids if each in rows], list[Alert])


async def count_alerts(tx: Tx, arguments: Sequence[object], *, limit: int) -> int:
    """How many alerts a filter with these arguments lets through, up to a bound."""
    count: int = await tx.fetchval(SQL["count_alerts"], *arguments, limit)
    return count


async def list_alert_ids(tx: Tx, wanted: AlertFilter, *, limit: int) -> list[UUID]:
    """Ids of what a filter lets through, oldest first.

    Raises:
        BadPatternError: a pattern is not a regular expression.
    """
    return [row["id"] for row in await tx.fetch(SQL["list_alert_ids"], *await arguments_of(tx, wanted), limit)]


async def list_open_subjects(tx: Tx, *, limit: int) -> list[OpenAlert]:
    """What matchers see of open alerts, newest first."""
    return [msgspec.convert(dict(row), OpenAlert) for row in await tx.fetch(SQL["list_open_subjects"], limit)]


async def load_alert(tx: Tx, alert_id: UUID) -> Alert | None:
    """One alert."""
    row = await tx.fetchrow(SQL["load_alert"], alert_id)
    return None if row is None else msgspec.convert(dict(row), Alert)


async def load_detail(tx: Tx, alert_id: UUID, *, flapping: int) -> AlertDetail | None:
    """One alert with the recent past of its problem; `flapping`: how many episodes a day are many."""
    row = await tx.fetchrow(SQL["load_detail"], alert_id)
    return (
        None
        if row is None
        else msgspec.convert({**row, "is_flapping": row["recent_episodes"] >= flapping}, AlertDetail)
    )


async def alert_exists(tx: Tx, alert_id: UUID) -> bool:
    """Whether this tenant has such an alert."""
    return bool(await tx.fetchval(SQL["alert_exists"], alert_id))


async def list_entries(tx: Tx, alert_id: UUID, *, above: UUID, limit: int) -> list[TimelineEntry]:
    """Timeline entries with an id above a bound, oldest first."""
    rows = await tx.fetch(SQL["list_entries"], alert_id, above, limit)
    return [msgspec.convert(dict(row), TimelineEntry) for row in rows]


async def count_entries(tx: Tx, alert_id: UUID) -> int:
    """How long a timeline is."""
    count: int = await tx.fetchval(SQL["count_entries"], alert_id)
    return count


async def list_deliveries(tx: Tx, alert_id: UUID, *, above: UUID, limit: int) -> list[Delivery]:
    """Pages of an alert with an id above a bound, oldest first, with their attempts."""
    rows = await tx.fetch(SQL["list_deliveries"], alert_id, above, limit)
    return [msgspec.convert(dict(row), Delivery) for row in rows]


async def count_deliveries(tx: Tx, alert_id: UUID) -> int:
    """How many pages an alert has."""
    count: int = await tx.fetchval(SQL["count_deliveries"], alert_id)
    return count
