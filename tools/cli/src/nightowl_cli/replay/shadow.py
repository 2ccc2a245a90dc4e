"""The database that a span is played into: this version's schema, the tenant's rules, and none of its secrets."""

import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeAlias
from urllib.parse import urlsplit

import asyncpg

from nightowl_sql import create_tenant, make_shadow, migrate, schema_of

Connection: TypeAlias = "asyncpg.Connection[Any]"

RULES = (
    "users", "contact_methods", "notification_rules", "services", "escalation_policies", "escalation_policy_versions",
    "routes", "runbooks", "incidents", "incident_fingerprints", "rosters", "roster_members", "roster_overrides",
    "roster_pins", "leave", "silences", "maintenance_windows", "inhibition_rules", "grouping_rules", "heartbeats",
    "endpoints", "tenant_config",
)  # fmt: skip
"""What decides about alerts. All else is history, work in hand, or secret."""

PART = 500


@asynccontextmanager
async def shadow_database(server: str, *, keep: bool, tell: Callable[[str], None]) -> AsyncIterator[str]:
    """The address of an empty shadow, which is dropped at the end unless it is to be kept.

    Raises:
        asyncpg.PostgresError: databases cannot be made there.
    """
    name = f"nightowl_shadow_{secrets.token_hex(4)}"
    admin = await asyncpg.connect(server, timeout=10)
    try:
        await admin.execute(f"CREATE DATABASE {name} TEMPLATE template0")
        try:
            url = urlsplit(server)._replace(path=f"/{name}").geturl()
            await _prepare(url)
            yield url
        finally:
            if keep:
                tell(f"kept the shadow: database {name}")
            else:
                await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        await admin.close()


async def _prepare(url: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await migrate(connection)
        await make_shadow(connection)
    finally:
        await connection.close()


async def copy_rules(source: Connection, target: Connection, tenant: str) -> int:
    """Makes the tenant in the shadow with its rules as they are now; returns how many rows.

    The columns that both schemas have are copied, so the installation may be of an older version. Foreign keys are
    taken away: what they point to is history.
    """
    schema = schema_of(tenant)
    await create_tenant(target, slug=tenant, name=tenant)
    await _drop_links(target, schema)
    copied = 0
    async with source.transaction(isolation="repeatable_read", readonly=True), target.transaction():
        for table in RULES:
            copied += await _copy(source, target, schema, table)
    return copied


async def _copy(source: Connection, target: Connection, schema: str, table: str) -> int:
    common = await _columns(source, schema, table) & await _columns(target, schema, table)
    names = ", ".join(f'"{each}"' for each in sorted(common))
    where = f'"{schema}"."{table}"'
    insert = (
        f"INSERT INTO {where} ({names}) SELECT {names} FROM jsonb_populate_recordset(NULL::{where}, $1::text::jsonb)"
    )
    rows = [row[0] async for row in source.cursor(f"SELECT to_jsonb(t)::text FROM {where} AS t", prefetch=PART)]
    await target.execute(f"DELETE FROM {where}")
    for start in range(0, len(rows), PART):
        await target.execute(insert, f"[{','.join(rows[start : start + PART])}]")
    return len(rows)


async def _columns(connection: Connection, schema: str, table: str) -> set[str]:
    rows = await connection.fetch(
        """SELECT attname FROM pg_catalog.pg_attribute
        WHERE attrelid = to_regclass(format('%I.%I', $1::text, $2::text))
            AND attnum > 0 AND NOT attisdropped AND attgenerated = ''""",
        schema, table,
    )  # fmt: skip
    return {row["attname"] for row in rows}


async def _drop_links(connection: Connection, schema: str) -> None:
    rows = await connection.fetch(
        """SELECT relname, conname
        FROM pg_catalog.pg_constraint AS c JOIN pg_catalog.pg_class AS t ON t.oid = c.conrelid
        WHERE contype = 'f' AND connamespace = $1::text::regnamespace""",
        schema,
    )
    for row in rows:
        await connection.execute(f'ALTER TABLE "{schema}"."{row["relname"]}" DROP CONSTRAINT "{row["conname"]}"')
