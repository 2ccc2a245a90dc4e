"""Rosters, escalation policies and people."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from nightowl_common.db import Tx, load_queries
from nightowl_oncall import Override
from nightowl_oncall import Roster as Rota
from nightowl_query.model import Person, Policy, Roster, User

SQL = load_queries(__package__, "oncall.sql")


class NamedRota(msgspec.Struct, frozen=True, kw_only=True):
    """A roster as the arithmetic wants it, and what it is called."""

    name: str
    rota: Rota


async def list_rosters(tx: Tx, *, below: UUID, limit: int) -> list[Roster]:
    """Rosters with an id below a bound, newest first, with their active members."""
    return [msgspec.convert(dict(row), Roster) for row in await tx.fetch(SQL["list_rosters"], below, limit)]


async def count_rosters(tx: Tx) -> int:
    """How many rosters there are."""
    count: int = await tx.fetchval(SQL["count_rosters"])
    return count


async def load_rota(tx: Tx, roster_id: UUID) -> NamedRota | None:
    """One roster with its active members in turn order."""
    row = await tx.fetchrow(SQL["load_roster"], roster_id)
    return None if row is None else NamedRota(name=row["name"], rota=msgspec.convert(dict(row), Rota))


async def load_overrides(tx: Tx, rota: Rota, *, at: datetime) -> list[Override]:
    """Overrides that stand at an instant or bound the shift around it."""
    rows = await tx.fetch(SQL["load_overrides"], rota.roster_id, at, rota.rotation_days)
    return [msgspec.convert(dict(row), Override) for row in rows]


async def load_people(tx: Tx, user_ids: Sequence[UUID]) -> dict[UUID, Person]:
    """Names and zones, by id."""
    rows = await tx.fetch(SQL["load_people"], list(user_ids))
    return {row["id"]: msgspec.convert(dict(row), Person) for row in rows}


async def list_policies(tx: Tx, *, below: UUID, limit: int) -> list[Policy]:
    """Policies with an id below a bound, newest first, each in its current version."""
    return [msgspec.convert(dict(row), Policy) for row in await tx.fetch(SQL["list_policies"], below, limit)]


async def count_policies(tx: Tx) -> int:
    """How many policies there are."""
    count: int = await tx.fetchval(SQL["count_policies"])
    return count


async def load_policy(tx: Tx, policy_id: UUID) -> Policy | None:
    """One policy in its current version."""
    row = await tx.fetchrow(SQL["load_policy"], policy_id)
    return None if row is None else msgspec.convert(dict(row), Policy)


async def list_users(tx: Tx, *, below: UUID, limit: int) -> list[User]:
    """People with an id below a bound, newest first."""
    return [msgspec.convert(dict(row), User) for row in await tx.fetch(SQL["list_users"], below, limit)]


async def count_users(tx: Tx) -> int:
    """How many people there are."""
    count: int = await tx.fetchval(SQL["count_users"])
    return count
