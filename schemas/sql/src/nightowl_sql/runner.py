"""Applies migrations: `public` first, then every tenant.

One advisory lock makes concurrent runs wait for each other. Each migration is one transaction with a
lock timeout, so a run that dies or fails leaves whole migrations only and the next run goes on from
there. An applied file whose bytes changed stops everything: history is not rewritten.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeAlias

import asyncpg
import msgspec

from nightowl_sql.migrations import Migration, MigrationError, load_migrations
from nightowl_sql.naming import schema_of

Connection: TypeAlias = "asyncpg.Connection[Any] | asyncpg.pool.PoolConnectionProxy[Any]"

LOCK_KEY = 0x4E_49_47_48_54_4F_57_4C
"""`NIGHTOWL` in ASCII: the advisory lock that migration runs take."""

_BOOK = """
CREATE TABLE IF NOT EXISTS public.migrations (
    scope       text NOT NULL,
    version     integer NOT NULL,
    name        text NOT NULL,
    checksum    text NOT NULL,
    applied_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (scope, version)
)
"""
GLOBAL = "(global)"
"""The scope of `public` in the migrations table; no slug can look like it."""


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One migration for one scope: applied now, or only named in a dry run."""

    scope: str
    name: str


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What a run did (or would do), and the tenants where it failed, with the reason."""

    steps: list[Step]
    failed: dict[str, str]
    tenants: int = 0


async def migrate(
    connection: Connection,
    *,
    dry_run: bool = False,
    progress: Callable[[Step], None] = lambda _step: None,
    workers: Sequence[Connection] = (),
) -> Report:
    """Brings `public` and all tenants to the newest migration.

    A tenant that fails is reported and does not stop the others; run again to resume. `workers` are more connections:
    each brings one tenant at a time up, side by side, while `connection` holds the lock.

    Raises:
        MigrationError: an applied migration changed, or the database is newer than this code.
        asyncpg.PostgresError: a global migration failed (nothing of it stays).
    """
    async with _locked(connection):
        steps = await _apply(connection, scope=GLOBAL, schema="public", dry_run=dry_run, progress=progress)
        slugs = await _tenants(connection)
        found = await _apply_side_by_side(slugs, [connection, *workers], dry_run=dry_run, progress=progress)
        return Report(steps=[*steps, *found.steps], failed=found.failed, tenants=len(slugs))


async def migrate_tenant(connection: Connection, *, slug: str) -> list[Step]:
    """Brings one tenant to the newest migration, in the caller's transaction."""
    return await _apply(connection, scope=slug, schema=schema_of(slug), dry_run=False, progress=lambda _step: None)


async def pending(connection: Connection) -> list[Step]:
    """What `migrate` would do; services ask this at start and refuse to run when it is not empty."""
    return (await migrate(connection, dry_run=True)).steps


async def missing_migrations(connection: Connection) -> list[str]:
    """What this code needs and some schema lacks, as `scope: name`. A service refuses to start on any.

    Only `pre` migrations count (`post` ones wait until old code is gone), and newer ones than this code
    knows are fine: that is a rolling deploy.
    """
    if await connection.fetchval("SELECT to_regclass('public.migrations')") is None:
        return [f"{GLOBAL}: all"]
    rows = await connection.fetch("SELECT scope, array_agg(version) AS versions FROM public.migrations GROUP BY scope")
    applied = {row["scope"]: set(row["versions"]) for row in rows}
    of_public, of_tenant = load_migrations("global"), load_migrations("tenant")
    missing = []
    for scope in [GLOBAL, *await _tenants(connection)]:
        missing += [
            f"{scope}: {each.name}"
            for each in (of_public if scope == GLOBAL else of_tenant)
            if each.phase == "pre" and each.version not in applied.get(scope, set())
        ]
    return missing


async def _apply_side_by_side(
    slugs: Sequence[str], connections: Sequence[Connection], *, dry_run: bool, progress: Callable[[Step], None]
) -> Report:
    """Each connection takes the next tenant when it is done with one. Steps are told in the order of slugs."""
    waiting = iter(slugs)
    steps: dict[str, list[Step]] = {}
    failed: dict[str, str] = {}

    async def work(connection: Connection) -> None:
        for slug in waiting:
            try:
                steps[slug] = await _apply(
                    connection, scope=slug, schema=schema_of(slug), dry_run=dry_run, progress=progress
                )
            except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                failed[slug] = f"{type(error).__name__}: {error}"

    try:
        async with asyncio.TaskGroup() as group:
            for each in connections:
                group.create_task(work(each))
    except* MigrationError as errors:
        raise errors.exceptions[0] from None
    told = [step for slug in sorted(steps) for step in steps[slug]]
    return Report(steps=told, failed=dict(sorted(failed.items())))


@asynccontextmanager
async def _locked(connection: Connection) -> AsyncIterator[None]:
    await connection.execute("SELECT pg_advisory_lock($1)", LOCK_KEY)
    try:
        yield
    finally:
        await connection.execute("SELECT pg_advisory_unlock($1)", LOCK_KEY)


async def _tenants(connection: Connection) -> list[str]:
    if await connection.fetchval("SELECT to_regclass('public.tenants')") is None:
        return []
    return [row["slug"] for row in await connection.fetch("SELECT slug FROM public.tenants ORDER BY slug")]


async def _apply(
    connection: Connection, *, scope: str, schema: str, dry_run: bool, progress: Callable[[Step], None]
) -> list[Step]:
    todo = await _unapplied(connection, scope=scope)
    steps = []
    for migration in todo:
        step = Step(scope=scope, name=migration.name)
        if not dry_run:
            await _run(connection, migration, scope=scope, schema=schema)
            progress(step)
        steps.append(step)
    return steps


async def _unapplied(connection: Connection, *, scope: str) -> list[Migration]:
    known = load_migrations("global" if scope == GLOBAL else "tenant")
    if await connection.fetchval("SELECT to_regclass('public.migrations')") is None:
        return known
    rows = await connection.fetch("SELECT version, name, checksum FROM public.migrations WHERE scope = $1", scope)
    by_version = {each.version: each for each in known}
    for row in rows:
        _verify(row, by_version.get(row["version"]), scope=scope)
    applied = {row["version"] for row in rows}
    return [each for each in known if each.version not in applied]


def _verify(row: asyncpg.Record, migration: Migration | None, *, scope: str) -> None:
    if migration is None:
        message = f"{scope}: {row['name']} is applied, but this version does not know it; deploy newer code"
        raise MigrationError(message)
    if migration.checksum != row["checksum"]:
        message = f"{scope}: {row['name']} changed after it was applied; put the old text back and add a new migration"
        raise MigrationError(message)


async def _run(connection: Connection, migration: Migration, *, scope: str, schema: str) -> None:
    async with connection.transaction():
        await connection.execute(f"SET LOCAL lock_timeout = '5s'; SET LOCAL search_path TO \"{schema}\"")
        await connection.execute(_BOOK)
        await connection.execute(migration.sql)
        await connection.execute(
            "INSERT INTO public.migrations (scope, version, name, checksum) VALUES ($1, $2, $3, $4)",
            scope, migration.version, migration.name, migration.checksum,
        )  # fmt: skip
        # Back to a neutral path: a nested (savepoint) transaction does not restore SET LOCAL by itself.
        await connection.execute("SET LOCAL search_path TO pg_catalog")
