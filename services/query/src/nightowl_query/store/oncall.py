"""Escalation policies and people."""

from uuid import UUID

import msgspec

from nightowl_common.db import Tx, load_queries
from nightowl_query.model import Policy, User

SQL = load_queries(__package__, "oncall.sql")


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
