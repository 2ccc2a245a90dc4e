"""The only SQL on API keys."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from nightowl_auth.keys import NewKey
from nightowl_auth.principal import Role
from nightowl_common.db import Record, Tx, load_queries
from nightowl_common.errors import NotFoundError

SQL = load_queries(__package__)


class KeyNotFoundError(NotFoundError):
    """There is no such API key."""

    code = "key_not_found"


async def load_keys(tx: Tx, prefix: str) -> list[Record]:
    """Valid keys of a prefix: id, tenant, key_hash, role, scopes, description, user_id, webhook_secret, mapping."""
    return await tx.fetch(SQL["load_keys"], prefix)


async def insert_key(tx: Tx, key: NewKey, *, tenant: str, role: Role, description: str) -> None:
    """Stores a key's hash; a key that is there already stays as it is."""
    await tx.execute(SQL["insert_key"], tenant, key.prefix, key.key_hash, role, description)


async def list_keys(tx: Tx, tenant: str, *, below: UUID, limit: int) -> list[Record]:
    """A tenant's keys, without those that are revoked, newest first."""
    return await tx.fetch(SQL["list_keys"], tenant, below, limit)


async def count_keys(tx: Tx, tenant: str) -> int:
    """How many keys a tenant has."""
    count: int = await tx.fetchval(SQL["count_keys"], tenant)
    return count


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


def _require_one(status: str) -> None:
    if status != "UPDATE 1":
        raise KeyNotFoundError


async def mark_used(tx: Tx, key_ids: Sequence[UUID]) -> None:
    """Notes the time of last use."""
    await tx.execute(SQL["mark_used"], list(key_ids))
