"""Escalation policies and their versions."""

from collections.abc import Sequence
from uuid import UUID

import asyncpg
import msgspec

from nightowl_common.db import Record, Tx, load_queries
from nightowl_contracts import Actor
from nightowl_query.model import PolicyNotFoundError
from nightowl_query.model.policies import (
    Policy,
    PolicyContent,
    PolicyNameTakenError,
    PolicyUse,
    PolicyVersion,
    PolicyVersionNotFoundError,
)

SQL = load_queries(__package__, "policies.sql")


async def list_policies(tx: Tx, words: Sequence[str], *, below: UUID, limit: int) -> list[Policy]:
    """Policies with an id below a bound and all of the words, newest first, each in its current version.

    Archived ones are left out.
    """
    return [msgspec.convert(dict(row), Policy) for row in await tx.fetch(SQL["list_policies"], below, limit, words)]


async def count_policies(tx: Tx, words: Sequence[str] = ()) -> int:
    """How many policies have every one of the words."""
    count: int = await tx.fetchval(SQL["count_policies"], words)
    return count


async def load_policy(tx: Tx, policy_id: UUID) -> Record:
    """One policy in its current version, archived or not.

    Raises:
        PolicyNotFoundError: there is none.
    """
    row = await tx.fetchrow(SQL["load_policy"], policy_id)
    if row is None:
        raise PolicyNotFoundError
    return row


async def lock_policy(tx: Tx, policy_id: UUID) -> Policy:
    """One policy that is not archived, locked until the transaction ends.

    Raises:
        PolicyNotFoundError: there is none.
    """
    if await tx.fetchval(SQL["lock_policy"], policy_id) is None:
        raise PolicyNotFoundError
    return msgspec.convert(dict(await load_policy(tx, policy_id)), Policy)


async def insert_policy(tx: Tx, policy_id: UUID, content: PolicyContent, *, actor: Actor) -> None:
    """A new policy in its first version.

    Raises:
        PolicyNameTakenError: another one has its name.
    """
    try:
        await tx.execute(SQL["insert_policy"], policy_id, content.name, content.description)
    except asyncpg.UniqueViolationError as error:
        raise PolicyNameTakenError from error
    await _insert_version(tx, policy_id, content, version=1, actor=actor, change="created")


async def update_policy(
    tx: Tx, policy_id: UUID, content: PolicyContent, *, version: int, actor: Actor, change: str
) -> None:  # fmt: skip
    """A new version, which is current from now on.

    Raises:
        PolicyNameTakenError: another one has its name.
    """
    await _insert_version(tx, policy_id, content, version=version, actor=actor, change=change)
    try:
        await tx.execute(SQL["update_policy"], policy_id, content.name, content.description, version)
    except asyncpg.UniqueViolationError as error:
        raise PolicyNameTakenError from error


async def archive_policy(tx: Tx, policy_id: UUID) -> None:
    """Gone for people; its versions stay for the alerts that ran under them."""
    await tx.execute(SQL["archive_policy"], policy_id)


async def list_versions(tx: Tx, policy_id: UUID, *, below: int, limit: int) -> list[PolicyVersion]:
    """Versions below a bound, newest first."""
    rows = await tx.fetch(SQL["list_versions"], policy_id, below, limit)
    return [msgspec.convert(dict(row), PolicyVersion) for row in rows]


async def count_versions(tx: Tx, policy_id: UUID) -> int:
    """How many versions a policy has."""
    count: int = await tx.fetchval(SQL["count_versions"], policy_id)
    return count


async def load_version(tx: Tx, policy_id: UUID, version: int) -> PolicyVersion:
    """One version.

    Raises:
        PolicyVersionNotFoundError: there is none.
    """
    row = await tx.fetchrow(SQL["load_version"], policy_id, version)
    if row is None:
        raise PolicyVersionNotFoundError
    return msgspec.convert(dict(row), PolicyVersion)


async def load_uses(tx: Tx, policy_id: UUID) -> list[PolicyUse]:
    """What escalates by a policy, at most a thousand."""
    return [msgspec.convert(dict(row), PolicyUse) for row in await tx.fetch(SQL["load_uses"], policy_id)]


async def _insert_version(
    tx: Tx, policy_id: UUID, content: PolicyContent, *, version: int, actor: Actor, change: str
) -> None:  # fmt: skip
    await tx.execute(
        SQL["insert_version"],
        policy_id,
        version,
        content.tiers,
        content.repeat_count,
        content.roster_id,
        content.lead_id,
        actor,
        change,
    )
