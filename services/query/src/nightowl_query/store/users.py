"""People as they are written."""

from uuid import UUID

import asyncpg
import msgspec

from nightowl_common.db import Tx, load_queries
from nightowl_query.model.duties import UserNotFoundError
from nightowl_query.model.identity import EmailTakenError, ExternalIdTakenError, UsedBy, UserDetail, UserNew

SQL = load_queries(__package__, "users.sql")


async def load_user(tx: Tx, user_id: UUID) -> UserDetail:
    """A person, active or not.

    Raises:
        UserNotFoundError: there is none.
    """
    return await _one(tx, "load_user", user_id)


async def lock_user(tx: Tx, user_id: UUID) -> UserDetail:
    """A person, locked until the transaction ends.

    Raises:
        UserNotFoundError: there is none.
    """
    return await _one(tx, "lock_user", user_id)


async def lock_admins(tx: Tx) -> list[UUID]:
    """The active admins, locked until the transaction ends: nobody else can remove one meanwhile.

    To be called before `lock_user`, so that all lock in one order.
    """
    return [row["id"] for row in await tx.fetch(SQL["lock_admins"])]


async def insert_user(tx: Tx, user_id: UUID, user: UserNew) -> None:
    """Somebody new.

    Raises:
        EmailTakenError, ExternalIdTakenError: another person has it.
    """
    await _write(
        tx, "insert_user", user_id, user.email, user.display_name, user.timezone, user.phone, user.slack_user_id,
        user.role, user.external_id, user.preferences,
    )  # fmt: skip


async def update_user(tx: Tx, user: UserDetail) -> None:
    """A person as they shall be; the revision rises.

    Raises:
        EmailTakenError, ExternalIdTakenError: another person has it.
    """
    await _write(
        tx, "update_user", user.id, user.email, user.display_name, user.timezone, user.phone, user.slack_user_id,
        user.role, user.external_id, user.preferences, user.is_active,
    )  # fmt: skip


async def list_uses(tx: Tx, user_id: UUID) -> list[UsedBy]:
    """What counts on a person from now on."""
    return [msgspec.convert(dict(row), UsedBy) for row in await tx.fetch(SQL["list_uses"], user_id)]


async def revoke_feeds(tx: Tx, user_id: UUID) -> int:
    """The feeds of a person's shifts answer 401 from now on; how many there were."""
    return int((await tx.execute(SQL["revoke_feeds"], user_id)).rpartition(" ")[2])


async def _one(tx: Tx, query: str, user_id: UUID) -> UserDetail:
    row = await tx.fetchrow(SQL[query], user_id)
    if row is None:
        raise UserNotFoundError
    return msgspec.convert(dict(row), UserDetail)


async def _write(tx: Tx, query: str, *arguments: object) -> None:
    try:
        await tx.execute(SQL[query], *arguments)
    except asyncpg.UniqueViolationError as error:
        if error.constraint_name == "users_external_id_key":
            raise ExternalIdTakenError from error
        raise EmailTakenError from error
