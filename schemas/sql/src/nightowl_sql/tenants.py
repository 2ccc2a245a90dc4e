"""The tenants registry."""

from typing import Any, TypeAlias

import asyncpg

from nightowl_sql.naming import schema_of
from nightowl_sql.runner import migrate_tenant

Connection: TypeAlias = "asyncpg.Connection[Any] | asyncpg.pool.PoolConnectionProxy[Any]"


class TenantExistsError(Exception):
    """A tenant of that slug is there already."""


class TenantNotSuspendedError(Exception):
    """Only a tenant that is suspended can be dropped: run `nightowl tenant suspend` first and wait 10 seconds."""


OURS = "nightowl_"
"""Slugs that begin so are those of tenants that NightOwl makes for itself, such as the canary's."""


async def create_tenant(connection: Connection, *, slug: str, name: str, is_ours: bool = False) -> None:
    """Registers the tenant, makes its schema and gives it the migrations that all tenants have, in one transaction.

    Raises:
        TenantError: bad slug.
        TenantExistsError: the slug is taken, or kept for a tenant of NightOwl itself.
        MigrationError: the tenants are being migrated, or are of a newer shape than this code can make.
    """
    schema_of(slug)
    if slug.startswith(OURS) and not is_ours:
        message = f"tenant {slug}: names that begin with {OURS} are kept for NightOwl itself"
        raise TenantExistsError(message)
    async with connection.transaction():
        try:
            async with connection.transaction():
                await connection.execute("INSERT INTO public.tenants (slug, name) VALUES ($1, $2)", slug, name)
        except asyncpg.UniqueViolationError as error:
            message = f"tenant {slug} exists"
            raise TenantExistsError(message) from error
        await connection.execute(f'CREATE SCHEMA "{schema_of(slug)}"')
        await migrate_tenant(connection, slug=slug)


async def drop_tenant(connection: Connection, *, slug: str) -> None:
    """Removes a suspended tenant with all that it has in this database, in one transaction. There is no way back.

    Raises:
        TenantNotSuspendedError: it is active, so services may be writing to it, or there is none.
    """
    schema = schema_of(slug)
    async with connection.transaction():
        deleted = await connection.execute(
            "DELETE FROM public.tenants WHERE slug = $1 AND status = 'suspended'", slug
        )  # fmt: skip
        if deleted != "DELETE 1":
            raise TenantNotSuspendedError(TenantNotSuspendedError.__doc__)
        await connection.execute("DELETE FROM public.timers WHERE tenant = $1", slug)
        await connection.execute("DELETE FROM public.ingest_spool WHERE tenant = $1", slug)
        await connection.execute("DELETE FROM public.inbox WHERE tenant = $1", slug)
        await connection.execute("DELETE FROM public.migrations WHERE scope = $1", slug)
        await connection.execute(f'DROP SCHEMA "{schema}" CASCADE')


async def list_tenants(connection: Connection) -> list[asyncpg.Record]:
    """slug, name, status and created_at of every tenant, by slug."""
    return await connection.fetch("SELECT slug, name, status, created_at FROM public.tenants ORDER BY slug")
