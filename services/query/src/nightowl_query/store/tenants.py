"""The registry of tenants."""

import msgspec

from nightowl_auth import TenantLimits
from nightowl_common.db import Tx, UnknownTenantError, load_queries
from nightowl_query.model.tenants import Tenant

SQL = load_queries(__package__, "tenants.sql")


async def list_tenants(tx: Tx, *, above: str, limit: int) -> list[Tenant]:
    """Tenants whose slug is above a bound, by slug."""
    return [msgspec.convert(dict(row), Tenant) for row in await tx.fetch(SQL["list_tenants"], above, limit)]


async def count_tenants(tx: Tx) -> int:
    """How many there are."""
    count: int = await tx.fetchval(SQL["count_tenants"])
    return count


async def lock_tenant(tx: Tx, slug: str) -> Tenant:
    """A tenant as it stands, locked until the transaction ends.

    Raises:
        UnknownTenantError: there is none.
    """
    row = await tx.fetchrow(SQL["lock_tenant"], slug)
    if row is None:
        raise UnknownTenantError
    return msgspec.convert(dict(row), Tenant)


async def update_limits(tx: Tx, slug: str, limits: TenantLimits) -> None:
    """In force in all processes within 5 s."""
    await tx.execute(SQL["update_limits"], slug, limits)
