"""Preferences, of people in their own row and of local admins beside it."""

from uuid import UUID

import msgspec

from nightowl_common.db import Tx, load_queries
from nightowl_query.model.duties import UserNotFoundError

SQL = load_queries(__package__, "preferences.sql")


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept, as it was written; `timezone` is a person's own, None of a local admin."""

    timezone: str | None
    preferences: dict[str, object]


async def load_of_person(tx: Tx, user_id: UUID) -> Kept:
    """A person's.

    Raises:
        UserNotFoundError: there is none.
    """
    return await _of_person(tx, "load_of_person", user_id)


async def lock_of_person(tx: Tx, user_id: UUID) -> Kept:
    """A person's, locked until the transaction ends.

    Raises:
        UserNotFoundError: there is none.
    """
    return await _of_person(tx, "lock_of_person", user_id)


async def keep_of_person(tx: Tx, user_id: UUID, preferences: dict[str, object]) -> None:
    """A person's are these from now on; the person's revision rises."""
    await tx.execute(SQL["keep_of_person"], user_id, preferences)


async def load_of_admin(tx: Tx, local_admin_id: UUID) -> Kept:
    """A local admin's; none are kept before the first."""
    preferences = await tx.fetchval(SQL["load_of_admin"], local_admin_id)
    return Kept(timezone=None, preferences=preferences or {})


async def keep_of_admin(tx: Tx, local_admin_id: UUID, preferences: dict[str, object]) -> None:
    """A local admin's are these from now on."""
    await tx.execute(SQL["keep_of_admin"], local_admin_id, preferences)


async def _of_person(tx: Tx, query: str, user_id: UUID) -> Kept:
    row = await tx.fetchrow(SQL[query], user_id)
    if row is None:
        raise UserNotFoundError
    return Kept(timezone=row["timezone"], preferences=row["preferences"])
