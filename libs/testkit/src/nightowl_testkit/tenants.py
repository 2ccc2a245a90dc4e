"""Fresh tenants for tests, at the price of emptying used ones.

Migrations make some two hundred tables and indexes for a tenant. When its test is over, a tenant's schema is emptied
and given the name of the next one: rows, sequences of events and names are as fresh as after `create_tenant`, and
nothing that still means the old name finds anything.
"""

import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Self, TypeAlias

import asyncpg
import msgspec

from nightowl_sql import create_tenant, schema_of

Connection: TypeAlias = "asyncpg.Connection[Any]"

_SHAPE = """
SELECT md5(string_agg(part, ' ' ORDER BY part)) FROM (
    SELECT concat_ws(' ', c.relname, c.relkind, a.attname, a.atttypid, a.attnotnull, a.atthasdef) AS part
    FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid
    WHERE c.relnamespace = $1::text::regnamespace AND a.attnum > 0
    UNION ALL
    SELECT concat_ws(' ', conname, replace(pg_get_constraintdef(oid), $1, '')) FROM pg_constraint
    WHERE connamespace = $1::text::regnamespace
    UNION ALL
    SELECT concat_ws(' ', t.tgname, t.tgenabled)
    FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid
    WHERE c.relnamespace = $1::text::regnamespace AND NOT t.tgisinternal
)
"""
_TABLES = "SELECT relname FROM pg_class WHERE relnamespace = $1::text::regnamespace AND relkind = 'r' ORDER BY relname"
_SHARED = """
SELECT c.relname FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
    AND a.attname = 'tenant' AND NOT a.attisdropped
"""


def new_slug() -> str:
    """A name that no tenant has had."""
    return f"t_{secrets.token_hex(6)}"


class Fresh(msgspec.Struct, frozen=True, kw_only=True):
    """How a tenant looks that the migrations have just made: its tables, their shape, and the rows that are there."""

    shape: str
    tables: Sequence[str]
    rows: dict[str, str]
    shared: Sequence[str]

    @classmethod
    async def read(cls, connection: Connection, slug: str) -> Self:
        """Looks at a tenant that nobody has used yet."""
        schema = schema_of(slug)
        tables = [row["relname"] for row in await connection.fetch(_TABLES, schema)]
        rows = {
            table: found
            for table in tables
            if (
                found := await connection.fetchval(
                    f'SELECT jsonb_agg(to_jsonb(t))::text FROM "{schema}"."{table}" AS t'
                )
            )
        }
        shared = [row["relname"] for row in await connection.fetch(_SHARED)]
        shape = await connection.fetchval(_SHAPE, schema)
        return cls(shape=shape, tables=tables, rows={key: value for key, value in rows.items() if value}, shared=shared)


class Tenants:
    """Tenants of one database, one at a time or several side by side."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._used: list[str] = []
        self._fresh: Fresh | None = None

    @classmethod
    @asynccontextmanager
    async def of(cls, database_url: str) -> AsyncIterator[Self]:
        """Those of a database, over a connection of their own."""
        connection = await asyncpg.connect(database_url)
        try:
            yield cls(connection)
        finally:
            await connection.close()

    @asynccontextmanager
    async def one(self) -> AsyncIterator[str]:
        """The slug of a fresh tenant; when this is left, somebody else may have its tables."""
        slug = await self._make()
        yield slug
        self._used.append(slug)

    async def _make(self) -> str:
        slug = new_slug()
        while self._used:
            if await self._turn(self._used.pop(), into=slug):
                return slug
        await create_tenant(self._connection, slug=slug, name=f"Test {slug}")
        self._fresh = self._fresh or await Fresh.read(self._connection, slug)
        return slug

    async def _turn(self, used: str, *, into: str) -> bool:
        """Not when a test has changed the tables, dropped them, or left something running that holds one of them."""
        fresh, schema = self._fresh, schema_of(used)
        assert fresh is not None, "there is a used tenant, so there was a first one"
        try:
            async with self._connection.transaction():
                if await self._connection.fetchval(_SHAPE, schema) != fresh.shape:
                    return False
                await self._connection.execute(_emptied(fresh, used))
                await self._connection.execute(_renamed(fresh, used, into))
        except (asyncpg.LockNotAvailableError, asyncpg.InvalidSchemaNameError):
            return False
        return True


def _emptied(fresh: Fresh, used: str) -> str:
    """Foreign keys and triggers rest meanwhile: the order of tables does not matter, and no history is kept of it."""
    tables = ", ".join(f'"{table}"' for table in fresh.tables)
    return "\n".join([
        f'SET LOCAL search_path TO "{schema_of(used)}"; SET LOCAL session_replication_role TO replica;',
        f"LOCK TABLE {tables} IN EXCLUSIVE MODE NOWAIT;",
        *(f'DELETE FROM "{table}";' for table in fresh.tables),
        *(
            f'INSERT INTO "{table}" SELECT * FROM jsonb_populate_recordset(NULL::"{table}", $fresh${rows}$fresh$);'
            for table, rows in fresh.rows.items()
        ),
        "SET LOCAL session_replication_role TO origin;",
    ])  # fmt: skip


def _renamed(fresh: Fresh, used: str, slug: str) -> str:
    return "\n".join([
        *(f"DELETE FROM public.{table} WHERE tenant = '{used}';" for table in fresh.shared),
        f"DELETE FROM public.tenants WHERE slug = '{used}';",
        f"INSERT INTO public.tenants (slug, name) VALUES ('{slug}', 'Test {slug}');",
        f"UPDATE public.migrations SET scope = '{slug}' WHERE scope = '{used}';",
        f'ALTER SCHEMA "{schema_of(used)}" RENAME TO "{schema_of(slug)}";',
    ])  # fmt: skip
