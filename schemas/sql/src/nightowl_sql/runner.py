"""Applies migrations: `public` first, then every tenant.

`pre` migrations expand, while the old code still runs; `post` migrations contract, when it is gone. One advisory lock
makes concurrent runs wait for each other. Each migration is one transaction with a lock timeout, so a run that dies or
fails leaves whole migrations only and the next run goes on from there. An applied file whose bytes changed stops
everything: history is not rewritten.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeAlias

import asyncpg
import msgspec

from nightowl_sql.migrations import Migration, MigrationError, Phase, Scope, is_contracting, load_migrations
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
_SCOPES: tuple[Scope, ...] = ("global", "tenant")

GLOBAL = "(global)"
"""The scope of `public` in the migrations table; no slug can look like it."""

TENANTS = "(tenants)"
"""The scope of what every tenant is to have, and so what a new one gets: not yet what waits for old code to go."""


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One migration for one scope: applied now, or only named in a dry run."""

    scope: str
    name: str


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What a run did (or would do), the tenants where it failed, with the reason, and what newer code did before."""

    steps: list[Step]
    failed: dict[str, str]
    tenants: int = 0
    ahead: list[Step] = []


class _Run(msgspec.Struct, frozen=True, kw_only=True):
    """What one run is to do: a phase alone, or with None both in the order of their numbers."""

    phase: Phase | None = None
    is_dry: bool = False
    progress: Callable[[Step], None] = lambda _step: None


async def migrate(
    connection: Connection,
    *,
    phase: Phase | None = None,
    dry_run: bool = False,
    progress: Callable[[Step], None] = lambda _step: None,
    workers: Sequence[Connection] = (),
) -> Report:
    """Brings `public` and all tenants to the newest migration: of one phase, or of both where no old code can run.

    An empty database has no old code, so it always gets both. A database that newer code has expanded, and that lacks
    nothing, is left as it is. A tenant that fails is reported and does not stop the others; run again to resume.
    `workers` are more connections: each brings one tenant at a time up, side by side, while `connection` has the lock.

    Raises:
        MigrationError: an applied migration changed, `post` was asked for before `pre` is done, or the database is
            newer than this code and is not to be changed by it.
        asyncpg.PostgresError: a global migration failed (nothing of it stays).
    """
    async with _locked(connection):
        is_empty = await connection.fetchval("SELECT to_regclass('public.migrations')") is None
        run = _Run(phase=None if is_empty else phase, is_dry=dry_run, progress=progress)
        if run.phase == "post":
            await _require_expanded(connection)
        steps = await _apply(connection, run, scope=GLOBAL, schema="public")
        if not dry_run:
            await _book_for_tenants(connection, run.phase)
        slugs = await _tenants(connection)
        found = await _apply_side_by_side(slugs, [connection, *workers], run)
        ahead = await _ahead(connection)
        return Report(steps=[*steps, *found.steps], failed=found.failed, tenants=len(slugs), ahead=ahead)


async def migrate_tenant(connection: Connection, *, slug: str) -> list[Step]:
    """Gives a new tenant what the others have, in the caller's transaction: `post` migrations only if theirs are done.

    Raises:
        MigrationError: a migration runs at this moment, or newer code has changed the tenants, so that one made by this
            code would be of an older shape than it expects.
    """
    if not await connection.fetchval("SELECT pg_try_advisory_xact_lock_shared($1)", LOCK_KEY):
        raise MigrationError("the database is being migrated; try again when that is done")
    rows = await connection.fetch("SELECT version, name FROM public.migrations WHERE scope = $1", TENANTS)
    booked = {row["version"]: row["name"] for row in rows}
    known = load_migrations("tenant")
    unknown = sorted(booked.keys() - {each.version for each in known})
    if unknown:
        message = f"the tenants have {booked[unknown[0]]}, which this version does not know; use the newer one"
        raise MigrationError(message)
    steps = []
    for migration in known:
        if migration.phase == "pre" or migration.version in booked:
            await _execute(connection, migration, scope=slug, schema=schema_of(slug))
            steps.append(Step(scope=slug, name=migration.name))
    return steps


async def pending(connection: Connection, *, phase: Phase | None = None) -> list[Step]:
    """What `migrate` would do."""
    return (await migrate(connection, phase=phase, dry_run=True)).steps


async def outgrown_by(connection: Connection) -> list[str]:
    """What newer code has taken away that this code may still use, as `scope: name`. A service refuses to start on any.

    Newer `pre` migrations than this code knows are fine: that is a rolling deploy.
    """
    return [f"{each.scope}: {each.name}" for each in await _ahead(connection) if is_contracting(each.name)]


async def missing_migrations(connection: Connection) -> list[str]:
    """What this code needs and some schema lacks, as `scope: name`. A service refuses to start on any.

    Only `pre` migrations count: `post` ones wait until old code is gone.
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


async def _require_expanded(connection: Connection) -> None:
    missing = await missing_migrations(connection)
    if missing:
        raise MigrationError(f"{missing[0]} is missing; run `nightowl migrate`, and --post when the old code is gone")


async def _book_for_tenants(connection: Connection, phase: Phase | None) -> None:
    """From here on a new tenant gets them too."""
    chosen = [each for each in load_migrations("tenant") if phase in (None, each.phase)]
    await connection.executemany(
        """INSERT INTO public.migrations (scope, version, name, checksum) VALUES ($1, $2, $3, $4)
        ON CONFLICT DO NOTHING""",
        [(TENANTS, each.version, each.name, each.checksum) for each in chosen],
    )


async def _ahead(connection: Connection) -> list[Step]:
    """What is applied that this code does not know, once per migration."""
    if await connection.fetchval("SELECT to_regclass('public.migrations')") is None:
        return []
    known = {scope: [each.version for each in load_migrations(scope)] for scope in _SCOPES}
    rows = await connection.fetch(
        """SELECT CASE scope WHEN $1 THEN $1 ELSE $2 END AS scope, name FROM public.migrations
        WHERE version <> ALL (CASE scope WHEN $1 THEN $3::integer[] ELSE $4::integer[] END)
        GROUP BY 1, name ORDER BY 1, name""",
        GLOBAL, TENANTS, known["global"], known["tenant"],
    )  # fmt: skip
    return [Step(scope=row["scope"], name=row["name"]) for row in rows]


async def _apply_side_by_side(slugs: Sequence[str], connections: Sequence[Connection], run: _Run) -> Report:
    """Each connection takes the next tenant when it is done with one. Steps are told in the order of slugs."""
    waiting = iter(slugs)
    steps: dict[str, list[Step]] = {}
    failed: dict[str, str] = {}

    async def work(connection: Connection) -> None:
        for slug in waiting:
            try:
                steps[slug] = await _apply(connection, run, scope=slug, schema=schema_of(slug))
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


async def _apply(connection: Connection, run: _Run, *, scope: str, schema: str) -> list[Step]:
    todo = [each for each in await _unapplied(connection, scope=scope) if run.phase in (None, each.phase)]
    steps = []
    for migration in todo:
        step = Step(scope=scope, name=migration.name)
        if not run.is_dry:
            await _execute(connection, migration, scope=scope, schema=schema)
            run.progress(step)
        steps.append(step)
    return steps


async def _unapplied(connection: Connection, *, scope: str) -> list[Migration]:
    known = load_migrations("global" if scope == GLOBAL else "tenant")
    if await connection.fetchval("SELECT to_regclass('public.migrations')") is None:
        return known
    rows = await connection.fetch("SELECT version, name, checksum FROM public.migrations WHERE scope = $1", scope)
    by_version = {each.version: each for each in known}
    applied = {row["version"] for row in rows}
    missing = [each for each in known if each.version not in applied]
    for row in rows:
        _verify(row, by_version.get(row["version"]), scope=scope, is_complete=not missing)
    return missing


def _verify(row: asyncpg.Record, migration: Migration | None, *, scope: str, is_complete: bool) -> None:
    """Refuses what does not fit. What newer code has added is no harm where this code has nothing to do."""
    if migration is None:
        if is_complete and not is_contracting(row["name"]):
            return
        message = f"{scope}: {row['name']} is applied, but this version does not know it; deploy newer code"
        raise MigrationError(message)
    if migration.checksum != row["checksum"]:
        message = f"{scope}: {row['name']} changed after it was applied; put the old text back and add a new migration"
        raise MigrationError(message)


async def _execute(connection: Connection, migration: Migration, *, scope: str, schema: str) -> None:
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
