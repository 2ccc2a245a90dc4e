"""The only SQL on API keys."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from nightowl_auth.keys import NewKey
from nightowl_auth.principal import ROLES, Role, Scope
from nightowl_common.db import Record, Tx, load_queries
from nightowl_common.errors import NotFoundError

SQL = load_queries(__package__)


class KeyNotFoundError(NotFoundError):
    """There is no such API key."""

    code = "key_not_found"


async def load_keys(tx: Tx, prefix: str) -> list[Record]:
    """Valid keys of a prefix, with the words for severities of their tenants."""
    return await tx.fetch(SQL["load_keys"], prefix)


async def insert_key(
    tx: Tx,
    key: NewKey,
    *,
    tenant: str,
    role: Role,
    description: str,
    scope: Scope = "full",
    user_id: UUID | None = None,
    expires_at: datetime | None = None,
) -> None:
    """Stores a key's hash; a key that is there already stays as it is."""
    scopes = [] if scope == "full" else [scope]
    await tx.execute(
        SQL["insert_key"], tenant, key.prefix, key.key_hash, role, description, scopes, user_id, expires_at
    )  # fmt: skip


async def list_keys(tx: Tx, tenant: str, *, below: UUID, limit: int, user_id: UUID | None = None) -> list[Record]:
    """A tenant's keys, or those of one person, without those that are revoked, newest first."""
    return await tx.fetch(SQL["list_keys"], tenant, below, limit, user_id)


async def count_keys(tx: Tx, tenant: str, *, user_id: UUID | None = None) -> int:
    """How many keys a tenant has, or one person."""
    count: int = await tx.fetchval(SQL["count_keys"], tenant, user_id)
    return count


async def load_known_key(tx: Tx, key_id: UUID, *, tenant: str) -> Record | None:
    """What a key is called, whether it is revoked, and its mapping; None: this tenant never had it."""
    return await tx.fetchrow(SQL["load_known_key"], tenant, key_id)


async def lock_key(tx: Tx, key_id: UUID, *, tenant: str) -> Record:
    """A key as the list shows it, locked until the transaction ends.

    Raises:
        KeyNotFoundError: this tenant has no such key, or it is revoked.
    """
    row = await tx.fetchrow(SQL["lock_key"], tenant, key_id, None)
    if row is None:
        raise KeyNotFoundError
    return row


async def lock_new_key(tx: Tx, key: NewKey, *, tenant: str) -> Record:
    """A key that this transaction has stored."""
    row = await tx.fetchrow(SQL["lock_key"], tenant, None, key.key_hash)
    assert row is not None, "256 random bits are new"
    return row


async def revoke_key(tx: Tx, key_id: UUID, *, tenant: str) -> None:
    """It stops working within 5 s.

    Raises:
        KeyNotFoundError: this tenant has no such key, or it is revoked.
    """
    _require_one(await tx.execute(SQL["revoke_key"], key_id, tenant))


async def revoke_keys_of(tx: Tx, user_id: UUID, *, tenant: str) -> int:
    """All keys of a person stop working within 5 s; how many there were."""
    return _count(await tx.execute(SQL["revoke_keys_of"], tenant, user_id))


async def lower_keys_of(tx: Tx, user_id: UUID, *, tenant: str, role: Role) -> None:
    """No key of a person has a higher role than this from now on (within 5 s)."""
    await tx.execute(SQL["lower_keys_of"], tenant, user_id, role, sorted(ROLES, key=ROLES.__getitem__))


async def load_mapping(tx: Tx, key_id: UUID, *, tenant: str) -> dict[str, str]:
    """A key's mapping.

    Raises:
        KeyNotFoundError: this tenant has no such key, or it is revoked.
    """
    mapping: dict[str, str] | None = await tx.fetchval(SQL["load_mapping"], key_id, tenant)
    if mapping is None:
        raise KeyNotFoundError
    return mapping


async def update_mapping(tx: Tx, key_id: UUID, *, tenant: str, mapping: Mapping[str, str]) -> None:
    """Replaces a key's mapping, which `mapping.check_mapping` has passed.

    Raises:
        KeyNotFoundError: this tenant has no such key, or it is revoked.
    """
    _require_one(await tx.execute(SQL["update_mapping"], key_id, tenant, dict(mapping)))


async def update_webhook_secret(tx: Tx, key_id: UUID, *, tenant: str, secret: str | None) -> None:
    """Sets the secret that calls with the key are signed with; None: they need no signature.

    Raises:
        KeyNotFoundError: this tenant has no such key, or it is revoked.
    """
    _require_one(await tx.execute(SQL["update_webhook_secret"], key_id, tenant, secret))


def _count(status: str) -> int:
    return int(status.rpartition(" ")[2])


def _require_one(status: str) -> None:
    if status != "UPDATE 1":
        raise KeyNotFoundError


async def mark_used(tx: Tx, key_ids: Sequence[UUID]) -> None:
    """Notes the time of last use."""
    await tx.execute(SQL["mark_used"], list(key_ids))
