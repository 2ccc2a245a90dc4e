"""Escalation's own SQL: policies, people, rosters. Alerts, timers and deliveries are the kernel's."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from nightowl_alerting.model import Policy
from nightowl_alerting.obligations import contact_methods
from nightowl_alerting.store import Addresses
from nightowl_common.db import Record, Tx, load_queries
from nightowl_escalation.model import Person, Staff
from nightowl_oncall import Absence, Book, Override, Pin, Roster

SQL = load_queries(__package__)

PolicyKey = tuple[UUID, int]


async def load_policies(tx: Tx, keys: Collection[PolicyKey]) -> dict[PolicyKey, Policy]:
    """Policy versions by (id, version)."""
    rows = await tx.fetch(SQL["load_policies"], [key[0] for key in keys], [key[1] for key in keys])
    return {(row["policy_id"], row["version"]): msgspec.convert(dict(row), Policy) for row in rows}


async def load_staff(tx: Tx) -> Staff:
    """The tenant's active people, its channel and its endpoints."""
    people = [_person(row) for row in await tx.fetch(SQL["load_people"])]
    channel = await tx.fetchval(SQL["load_slack_channel"])
    endpoints = {str(row["id"]): row["kind"] for row in await tx.fetch(SQL["load_endpoints"])}
    return Staff(people={each.user_id: each for each in people}, slack_channel=channel, endpoints=endpoints)


async def load_book(tx: Tx, roster_ids: Sequence[UUID], *, at: datetime) -> Book:
    """Rosters and those they link to, with what stands around an instant, and who is away then."""
    if not roster_ids:
        return Book(rosters={})
    found = [msgspec.convert(dict(row), Roster) for row in await tx.fetch(SQL["load_rosters"], list(roster_ids))]
    ids = [each.roster_id for each in found]
    overrides: dict[UUID, list[Override]] = {each: [] for each in ids}
    for row in await tx.fetch(SQL["load_overrides"], ids, at):
        overrides[row["roster_id"]].append(msgspec.convert(dict(row), Override))
    pins: dict[UUID, list[Pin]] = {each: [] for each in ids}
    for row in await tx.fetch(SQL["load_pins"], ids, at):
        pins[row["roster_id"]].append(msgspec.convert(dict(row), Pin))
    rosters = [
        msgspec.structs.replace(each, overrides=overrides[each.roster_id], pins=pins[each.roster_id]) for each in found
    ]
    absences = [msgspec.convert(dict(row), Absence) for row in await tx.fetch(SQL["load_absences"], at)]
    return Book(rosters={each.roster_id: each for each in rosters}, absences=absences)


def _person(row: Record) -> Person:
    addresses = Addresses(slack_user_id=row["slack_user_id"], phone=row["phone"], email=row["email"])
    return Person(
        user_id=row["user_id"],
        name=row["name"],
        is_admin=row["is_admin"],
        contact_methods=contact_methods(addresses),
    )
