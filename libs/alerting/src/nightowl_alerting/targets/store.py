"""What targets are resolved with, read in one transaction: one typed function per query. Nothing is written here."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from nightowl_alerting.calm.model import QuietHours
from nightowl_alerting.model import Policy
from nightowl_alerting.targets.model import Person, Staff, Step, Urgency
from nightowl_common.db import Record, Tx, load_queries
from nightowl_oncall import Absence, Book, Override, Pin, Roster

SQL = load_queries(__package__)

PolicyKey = tuple[UUID, int]
AROUND = timedelta(days=40)
"""What stands or begins this close to a question may matter to it."""

_LONGEST_TURN = timedelta(days=367)
_CHANNELS = ("slack_dm", "sms", "phone", "email", "push")


async def load_policies(tx: Tx, keys: Collection[PolicyKey]) -> dict[PolicyKey, Policy]:
    """Policy versions by (id, version)."""
    rows = await tx.fetch(SQL["load_policies"], [key[0] for key in keys], [key[1] for key in keys])
    return {(row["policy_id"], row["version"]): msgspec.convert(dict(row), Policy) for row in rows}


async def load_current_policies(tx: Tx, policy_ids: Collection[UUID] | None) -> list[Policy]:
    """Policies in their current versions, without archived ones; None: all."""
    rows = await tx.fetch(SQL["load_current_policies"], None if policy_ids is None else list(policy_ids))
    return [msgspec.convert(dict(row), Policy) for row in rows]


async def load_staff(tx: Tx) -> Staff:
    """The tenant's active people, its channel and its endpoints."""
    people = [_person(row) for row in await tx.fetch(SQL["load_people"], None)]
    channel = await tx.fetchval(SQL["load_slack_channel"])
    endpoints = {row["id"]: row["kind"] for row in await tx.fetch(SQL["load_endpoints"])}
    return Staff(people={each.user_id: each for each in people}, slack_channel=channel, endpoints=endpoints)


async def load_person(tx: Tx, user_id: UUID) -> Person | None:
    """One active person."""
    rows = await tx.fetch(SQL["load_people"], [user_id])
    return _person(rows[0]) if rows else None


async def load_book(tx: Tx, roster_ids: Iterable[UUID], *, start: datetime, end: datetime) -> Book:
    """Rosters and those they link to, with what stands around a span of time, and who is away then."""
    wanted = sorted(roster_ids)
    if not wanted:
        return Book(rosters={})
    found = [msgspec.convert(dict(row), Roster) for row in await tx.fetch(SQL["load_rosters"], wanted)]
    ids = [each.roster_id for each in found]
    overrides: dict[UUID, list[Override]] = {each: [] for each in ids}
    for row in await tx.fetch(SQL["load_overrides"], ids, start - AROUND, end + AROUND):
        overrides[row["roster_id"]].append(msgspec.convert(dict(row), Override))
    pins: dict[UUID, list[Pin]] = {each: [] for each in ids}
    for row in await tx.fetch(SQL["load_pins"], ids, start - _LONGEST_TURN, end + _LONGEST_TURN):
        pins[row["roster_id"]].append(msgspec.convert(dict(row), Pin))
    rosters = [
        msgspec.structs.replace(each, overrides=overrides[each.roster_id], pins=pins[each.roster_id]) for each in found
    ]
    rows = await tx.fetch(SQL["load_absences"], start - AROUND, end + AROUND)
    absences = [msgspec.convert(dict(row), Absence) for row in rows]
    return Book(rosters={each.roster_id: each for each in rosters}, absences=absences)


def _person(row: Record) -> Person:
    rules: dict[Urgency, list[Step]] = {}
    for urgency, steps in (("high", row["high"]), ("low", row["low"])):
        if steps:
            rules[msgspec.convert(urgency, Urgency)] = msgspec.convert(steps, list[Step])
    return Person(
        user_id=row["user_id"],
        name=row["name"],
        is_admin=row["is_admin"],
        timezone=row["timezone"],
        contact_methods={channel: row[channel] for channel in _CHANNELS if row[channel] is not None},
        rules=rules,
        quiet_hours=msgspec.convert(row["quiet_hours"], QuietHours | None),
    )
