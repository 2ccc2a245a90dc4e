"""Platform keys: of those who run the installation. They make and suspend tenants, and see nothing inside them.

They are made by the command line alone, belong to no tenant, and are looked up at every call: there are few, and a
revoked one is over at once.
"""

import hmac
import secrets
from uuid import UUID

import msgspec
from litestar import Request
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from litestar.types import Guard

from nightowl_auth import keys
from nightowl_auth.guard import authenticate
from nightowl_auth.keys import NewKey, make_key
from nightowl_auth.limits import RateLimiter
from nightowl_common.db import Database, Record, Tx, load_queries
from nightowl_common.errors import ForbiddenError, UnauthenticatedError
from nightowl_contracts import Actor

SQL = load_queries(__package__, "platform.sql")

PLATFORM = "platform"
"""What the permission table calls it, beside the roles."""

_START = "owp_"


class Operator(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who runs the installation."""

    key_id: UUID
    name: str

    @property
    def actor(self) -> Actor:
        """The author of what they change; tenants see it in their audit log."""
        return Actor(kind="service", id=str(self.key_id), name=f"platform: {self.name}")


def make_platform_key() -> NewKey:
    """A new one, told from a tenant's key by its first letters."""
    return make_key(f"{_START}{secrets.token_hex(4)}{secrets.token_urlsafe(32)}")


async def insert_platform_key(tx: Tx, key: NewKey, *, description: str) -> None:
    """Stores its hash."""
    await tx.execute(SQL["insert_platform_key"], key.prefix, key.key_hash, description)


async def list_platform_keys(tx: Tx) -> list[Record]:
    """id, prefix, description and created_at of those that are not revoked, oldest first."""
    return await tx.fetch(SQL["list_platform_keys"])


async def revoke_platform_key(tx: Tx, prefix: str) -> bool:
    """It is over at once; false: there is none that begins so."""
    return await tx.execute(SQL["revoke_platform_key"], prefix) != "UPDATE 0"


def requires_platform() -> Guard:
    """Lets platform keys through, and no tenant's key or session, whatever its role.

    Raises (per request):
        UnauthenticatedError: 401.
        ForbiddenError: 403, for everybody who is somebody in a tenant.
    """

    async def guard(connection: ASGIConnection, _handler: BaseRouteHandler) -> None:  # type: ignore[type-arg]
        operator = await _operator(connection)
        if operator is None:
            principal = await authenticate(connection)
            limiter: RateLimiter | None = connection.app.state.get("limiter")
            if limiter is not None:
                limiter.take(principal.tenant, principal.key_id)
            raise ForbiddenError("This needs a key of the platform; no role of a tenant is enough.")
        connection.scope.setdefault("state", {})["operator"] = operator

    guard.required_role = PLATFORM  # type: ignore[attr-defined]  # read by the permission table
    return guard


def operator_of(request: Request) -> Operator:  # type: ignore[type-arg]
    """For `Provide`: the operator that the guard noted."""
    operator: Operator | None = request.scope.get("state", {}).get("operator")
    if operator is None:
        raise UnauthenticatedError
    return operator


async def _operator(connection: ASGIConnection) -> Operator | None:  # type: ignore[type-arg]
    raw = keys.key_from_headers(connection.headers.get)
    if raw is None or not raw.startswith(_START):
        return None
    database: Database = connection.app.state.database
    async with database.global_tx() as tx:
        rows = await tx.fetch(SQL["load_platform_keys"], keys.prefix_of(raw))
    hashed = keys.hash_of(raw)
    for row in rows:
        if hmac.compare_digest(row["key_hash"], hashed):
            return Operator(key_id=row["id"], name=row["description"])
    return None
