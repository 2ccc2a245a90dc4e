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
from nightowl_oncall import Override, Roster

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


async def load_rosters(
    tx: Tx, roster_ids: Sequence[UUID], *, at: datetime
) -> dict[UUID, tuple[Roster, list[Override]]]:
    """Rosters with their members in turn order and the overrides around an instant."""
    rosters = [msgspec.convert(dict(row), Roster) for row in await tx.fetch(SQL["load_rosters"], list(roster_ids))]
    overrides: dict[UUID, list[Override]] = {each.roster_id: [] for each in rosters}
    for row in await tx.fetch(SQL["load_overrides"], list(roster_ids), at):
        overrides[row["roster_id"]].append(
            Override(user_id=row["user_id"], starts_at=row["starts_at"], ends_at=row["ends_at"])
        )
    return {each.roster_id: (each, overrides[each.roster_id]) for each in rosters}


def _person(row: Record) -> Person:
    addresses = Addresses(slack_user_id=row["slack_user_id"], phone=row["phone"], email=row["email"])
    return Person(
        user_id=row["user_id"],
        name=row["name"],
        is_admin=row["is_admin"],
        contact_methods=contact_methods(addresses),
    )
