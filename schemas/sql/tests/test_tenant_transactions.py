"""A transaction sees one tenant's tables and no other's, and leaves nothing behind on its connection."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest
import pytest_asyncio

from nightowl_common.db import Database, UnknownTenantError
from nightowl_sql import create_tenant, migrate

pytestmark = pytest.mark.integration

INSERT = "INSERT INTO users (email, display_name) VALUES ($1, $2)"


@pytest_asyncio.fixture(loop_scope="session")
async def two_tenants(fresh_url: str) -> AsyncIterator[Database]:
    """`acme` and `globex`, on a pool of two connections."""
    connection = await asyncpg.connect(fresh_url)
    await migrate(connection)
    for slug in ("acme", "globex"):
        await create_tenant(connection, slug=slug, name=slug)
    await connection.close()
    database = await Database.connect(fresh_url, size=2, service="tests")
    yield database
    await database.close()


async def test_tenants_do_not_see_each_other(two_tenants: Database) -> None:
    """What is written for one is not there for the other, in any order of use."""
    for slug in ("acme", "globex", "acme"):
        async with two_tenants.tenant_tx(slug) as tx:
            count = await tx.fetchval("SELECT count(*) FROM users WHERE email LIKE $1", f"{slug}-%")
            await tx.execute(INSERT, f"{slug}-{count}@example.com", slug)

    async with two_tenants.tenant_tx("acme") as tx:
        acme = [row["email"] for row in await tx.fetch("SELECT email FROM users ORDER BY email")]
    async with two_tenants.tenant_tx("globex") as tx:
        globex = [row["email"] for row in await tx.fetch("SELECT email FROM users ORDER BY email")]
    assert acme == ["acme-0@example.com", "acme-1@example.com"]
    assert globex == ["globex-0@example.com"]


async def test_many_interleaved_transactions_stay_apart(two_tenants: Database) -> None:
    """Connections change hands all the time; the search path goes with the transaction."""

    async def write(number: int) -> None:
        slug = ("acme", "globex")[number % 2]
        async with two_tenants.tenant_tx(slug) as tx:
            await tx.execute(INSERT, f"{slug}-{number}@example.com", slug)

    await asyncio.gather(*(write(number) for number in range(60)))

    for slug in ("acme", "globex"):
        async with two_tenants.tenant_tx(slug) as tx:
            assert await tx.fetchval("SELECT count(*) FROM users WHERE display_name <> $1", slug) == 0
            assert await tx.fetchval("SELECT count(*) FROM users") == 30


async def test_nothing_stays_on_the_connection(two_tenants: Database) -> None:
    """After a tenant's transaction, committed or failed, its tables cannot be reached by accident."""
    async with two_tenants.tenant_tx("acme") as tx:
        await tx.fetchval("SELECT count(*) FROM users")
    with pytest.raises(asyncpg.UndefinedColumnError):
        async with two_tenants.tenant_tx("acme") as tx:
            await tx.fetchval("SELECT no_such_column FROM users")

    for _ in range(4):
        with pytest.raises(asyncpg.UndefinedTableError):
            async with two_tenants.global_tx() as tx:
                await tx.fetchval("SELECT count(*) FROM users")


async def test_a_missing_table_does_not_fall_through_to_public(two_tenants: Database) -> None:
    """Shared tables need their full name, so a tenant's query can never read one by mistake."""
    with pytest.raises(asyncpg.UndefinedTableError):
        async with two_tenants.tenant_tx("acme") as tx:
            await tx.fetchval("SELECT count(*) FROM api_keys")


@pytest.mark.parametrize("slug", ["nobody", "", 'acme"; DROP SCHEMA tenant_globex CASCADE; --', "ACME", "public.acme"])
async def test_a_slug_that_is_not_registered_is_refused(two_tenants: Database, slug: str) -> None:
    """Only the registry makes a tenant; no such name ever reaches an SQL text."""
    with pytest.raises(UnknownTenantError):
        async with two_tenants.tenant_tx(slug):
            pass

    assert await two_tenants.tenants() == {"acme", "globex"}
