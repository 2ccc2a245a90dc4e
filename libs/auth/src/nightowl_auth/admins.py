"""Local admins: who can sign in with a password, and what wrong ones lead to."""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from nightowl_auth.sessions import end_sessions_of_admin
from nightowl_common.db import Record, Tx, load_queries

SQL = load_queries(__package__, "admins.sql")

MAX_FAILURES = 5
LOCKED = timedelta(minutes=15)
"""After so many wrong passwords in a row, for so long, also the right one is refused."""


class LocalAdmin(msgspec.Struct, frozen=True, kw_only=True):
    """An admin with a password."""

    id: UUID
    tenant: str
    username: str
    password_hash: str
    must_change: bool
    failures: int
    locked_until: datetime | None

    def __repr__(self) -> str:
        return f"LocalAdmin({self.tenant}/{self.username})"

    def is_locked(self, now: datetime) -> bool:
        """Whether even the right password is refused."""
        return self.locked_until is not None and self.locked_until > now


async def load_admin(tx: Tx, tenant: str, username: str) -> LocalAdmin | None:
    """The admin of an active tenant."""
    return _admin(await tx.fetchrow(SQL["load_admin"], tenant, username))


async def lock_admin(tx: Tx, admin_id: UUID) -> LocalAdmin | None:
    """As they stand, locked until the transaction ends."""
    return _admin(await tx.fetchrow(SQL["lock_admin"], admin_id))


async def insert_admin(tx: Tx, *, tenant: str, username: str, password_hash: str) -> bool:
    """An admin whose password must be changed; False when there is one of that name, who is left alone."""
    return await tx.fetchval(SQL["insert_admin"], tenant, username, password_hash) is not None


async def note_failure(tx: Tx, admin: LocalAdmin) -> bool:
    """One more wrong password of a locked row; True when that locks the admin out."""
    failures = admin.failures + 1
    is_out = failures >= MAX_FAILURES
    locked_until = await tx.now() + LOCKED if is_out else None
    await tx.execute(SQL["update_failures"], admin.id, 0 if is_out else failures, locked_until)
    return is_out


async def note_success(tx: Tx, admin: LocalAdmin) -> None:
    """Wrong passwords are counted anew."""
    await tx.execute(SQL["update_failures"], admin.id, 0, None)


async def set_password(tx: Tx, admin_id: UUID, password_hash: str, *, must_change: bool) -> None:
    """Another password. Whoever was signed in with the old one no longer is."""
    await tx.execute(SQL["update_password"], admin_id, password_hash, must_change)
    await end_sessions_of_admin(tx, admin_id)


def _admin(row: Record | None) -> LocalAdmin | None:
    return None if row is None else msgspec.convert(dict(row), LocalAdmin)
