"""Migrations: forward only, once each, resumable, never at the same time twice."""

import asyncio
from pathlib import Path
from typing import Any, TypeAlias

import asyncpg
import pytest

from nightowl_sql import (
    MigrationError,
    Step,
    TenantError,
    TenantExistsError,
    create_tenant,
    list_tenants,
    load_migrations,
    migrate,
    missing_migrations,
    pending,
    schema_of,
)

Connection: TypeAlias = "asyncpg.Connection[Any]"

pytestmark = pytest.mark.integration

HOSTILE_SLUGS = [
    "", " ", "A", "Acme", "1a", "_a", "a-b", "a.b", "a b", "a\n", "a\x00", 'a"; drop', "a'; --", "a" * 42, "ä", "åcme",
    "acme\u0301", "\u0430cme", "pg_catalog\n",
]  # fmt: skip


async def schemas(connection: Connection) -> set[str]:
    """Names of all schemas but Postgres' own."""
    rows = await connection.fetch("SELECT nspname FROM pg_namespace WHERE nspname !~ '^(pg_|information_schema$)'")
    return {row["nspname"] for row in rows}


def add(files: Path, scope: str, name: str, sql: str) -> Path:
    """Writes the next migration of a scope: `pre_gadgets` becomes `0007_pre_gadgets.sql`."""
    last = max(int(path.name[:4]) for path in (files / scope).glob("[0-9]*.sql"))
    path = files / scope / f"{last + 1:04}_{name}.sql"
    path.write_text(sql)
    return path


async def has_table(connection: Connection, name: str) -> bool:
    """Whether a table exists."""
    return await connection.fetchval("SELECT to_regclass($1)", name) is not None


async def test_a_second_run_does_nothing(connection: Connection) -> None:
    """Everything is applied by the first run, and the second finds nothing to do."""
    first = await migrate(connection)
    await create_tenant(connection, slug="acme", name="Acme")
    second = await migrate(connection)

    assert [step.name for step in first.steps] == [each.name for each in load_migrations("global")]
    assert second.steps == []
    assert first.failed == second.failed == {}


async def test_progress_is_told_step_by_step(connection: Connection) -> None:
    """Each step is reported once, when it is done."""
    told: list[Step] = []

    report = await migrate(connection, progress=told.append)

    assert told == report.steps


async def test_a_dry_run_names_the_steps_and_changes_nothing(connection: Connection) -> None:
    """What would be done is listed, and not a table is made."""
    report = await migrate(connection, dry_run=True)

    assert [step.name for step in report.steps] == [each.name for each in load_migrations("global")]
    assert not await has_table(connection, "public.tenants")
    assert not await has_table(connection, "public.migrations")


async def test_a_dry_run_names_the_steps_of_every_tenant(connection: Connection, migration_files: Path) -> None:
    """A new tenant migration is listed once per tenant."""
    await migrate(connection)
    for slug in ("acme", "globex"):
        await create_tenant(connection, slug=slug, name=slug)
    new = add(migration_files, "tenant", "pre_gadgets", "CREATE TABLE gadgets (id integer)")

    steps = await pending(connection)

    assert [(step.scope, step.name) for step in steps] == [("acme", new.name), ("globex", new.name)]
    assert not await has_table(connection, "tenant_acme.gadgets")


async def test_a_changed_file_is_refused(connection: Connection, migration_files: Path) -> None:
    """History is not rewritten: the run stops, says which file, and does nothing."""
    await migrate(connection)
    applied = next((migration_files / "global").glob("0001_*.sql"))
    applied.write_text(applied.read_text() + "-- a late thought\n")
    add(migration_files, "global", "pre_more", "CREATE TABLE public.more (id integer)")

    with pytest.raises(MigrationError, match=applied.name):
        await migrate(connection)

    assert not await has_table(connection, "public.more")


async def test_a_database_newer_than_the_code_is_refused(connection: Connection, migration_files: Path) -> None:
    """Old code adds nothing where newer code has been: what it would add may not fit any more."""
    newer = add(migration_files, "global", "pre_more", "CREATE TABLE public.more (id integer)")
    await migrate(connection)
    newer.unlink()
    await connection.execute("DELETE FROM public.migrations WHERE version = 2 AND scope = '(global)'")

    with pytest.raises(MigrationError, match="pre_more"):
        await migrate(connection)


@pytest.mark.parametrize("name", ["0999_pre_gap.sql", "0001_post_double.sql", "0999_gadgets.sql", "2_pre_short.sql"])
def test_a_badly_named_file_is_refused(migration_files: Path, name: str) -> None:
    """Numbers have no gap and no double, and the phase is part of the name."""
    (migration_files / "global" / name).write_text("SELECT 1")

    with pytest.raises(MigrationError):
        load_migrations("global")


async def test_a_failing_tenant_does_not_stop_the_others(connection: Connection, migration_files: Path) -> None:
    """It is reported with its reason, keeps its old shape whole, and the next run goes on from there."""
    await migrate(connection)
    for slug in ("acme", "broken", "zeta"):
        await create_tenant(connection, slug=slug, name=slug)
    await connection.execute("CREATE TABLE tenant_broken.gadgets (id text)")
    add(
        migration_files, "tenant", "pre_gadgets", "CREATE TABLE widgets (id integer); CREATE TABLE gadgets (id integer)"
    )

    report = await migrate(connection)

    assert [step.scope for step in report.steps] == ["acme", "zeta"]
    assert list(report.failed) == ["broken"]
    assert "gadgets" in report.failed["broken"]
    assert not await has_table(connection, "tenant_broken.widgets")

    await connection.execute("DROP TABLE tenant_broken.gadgets")
    again = await migrate(connection)

    assert [step.scope for step in again.steps] == ["broken"]
    assert again.failed == {}
    assert await has_table(connection, "tenant_broken.widgets")


async def test_a_failing_global_migration_leaves_nothing(connection: Connection, migration_files: Path) -> None:
    """It raises, none of it stays, and no tenant is touched before the shared tables are right."""
    await migrate(connection)
    await create_tenant(connection, slug="acme", name="Acme")
    add(migration_files, "global", "pre_bad", "CREATE TABLE public.half (id integer); SELECT 1 / 0")
    add(migration_files, "tenant", "pre_gadgets", "CREATE TABLE gadgets (id integer)")

    with pytest.raises(asyncpg.DivisionByZeroError):
        await migrate(connection)

    assert not await has_table(connection, "public.half")
    assert not await has_table(connection, "tenant_acme.gadgets")


async def test_two_runs_at_once_do_not_collide(connection: Connection, second_connection: Connection) -> None:
    """The second waits for the first and then finds nothing to do."""
    reports = await asyncio.gather(migrate(connection), migrate(second_connection))

    steps = [[step.name for step in report.steps] for report in reports]
    assert sorted(steps) == [[], [each.name for each in load_migrations("global")]]
    assert await missing_migrations(connection) == []


async def test_a_failed_run_lets_the_next_one_in(
    connection: Connection, second_connection: Connection, migration_files: Path
) -> None:
    """The advisory lock is given back also when a run raises."""
    bad = add(migration_files, "global", "pre_bad", "SELECT 1 / 0")
    with pytest.raises(asyncpg.DivisionByZeroError):
        await migrate(connection)
    bad.unlink()

    async with asyncio.timeout(20):
        report = await migrate(second_connection)

    assert report.failed == {}


async def test_the_search_path_of_the_caller_survives(connection: Connection) -> None:
    """A migration's search_path ends with its transaction."""
    before = await connection.fetchval("SHOW search_path")

    await migrate(connection)
    await create_tenant(connection, slug="acme", name="Acme")

    assert await connection.fetchval("SHOW search_path") == before


async def test_an_unmigrated_database_misses_everything(connection: Connection) -> None:
    """A service that starts before the migrations is told so."""
    assert await missing_migrations(connection) == ["(global): all"]


@pytest.mark.parametrize("slug", HOSTILE_SLUGS, ids=repr)
async def test_hostile_slugs_are_refused(connection: Connection, slug: str) -> None:
    """No name but a plain one ever reaches an SQL text."""
    await migrate(connection)
    before = await schemas(connection)

    with pytest.raises(TenantError):
        await create_tenant(connection, slug=slug, name="Hostile")

    assert await schemas(connection) == before
    assert await list_tenants(connection) == []


async def test_a_tenant_called_public_gets_a_schema_of_its_own(connection: Connection) -> None:
    """Words that mean something to Postgres are harmless, because every schema name has our prefix."""
    await migrate(connection)

    await create_tenant(connection, slug="public", name="Public Ltd")

    assert schema_of("public") == "tenant_public"
    assert await has_table(connection, "tenant_public.alerts")
    assert not await has_table(connection, "public.alerts")


async def test_slugs_of_nightowls_own_tenants_are_kept(connection: Connection) -> None:
    """Nobody gets the canary's tenant, whose pages never leave."""
    await migrate(connection)

    with pytest.raises(TenantExistsError, match="kept for NightOwl"):
        await create_tenant(connection, slug="nightowl_canary", name="Mine")
    await create_tenant(connection, slug="nightowl_canary", name="Canary", is_ours=True)

    assert [row["slug"] for row in await list_tenants(connection)] == ["nightowl_canary"]


async def test_the_longest_slug_fits(connection: Connection) -> None:
    """41 characters and the prefix stay below Postgres' limit for names."""
    await migrate(connection)

    await create_tenant(connection, slug="a" * 41, name="Long")

    assert await has_table(connection, f"tenant_{'a' * 41}.alerts")


async def test_a_taken_slug_is_refused(connection: Connection) -> None:
    """The first tenant stays as it is, and the connection can still be used."""
    await migrate(connection)
    await create_tenant(connection, slug="acme", name="Acme")

    with pytest.raises(TenantExistsError, match="acme"):
        await create_tenant(connection, slug="acme", name="Another")

    assert [(row["slug"], row["name"]) for row in await list_tenants(connection)] == [("acme", "Acme")]


async def test_two_creations_of_one_tenant_leave_one(connection: Connection, second_connection: Connection) -> None:
    """One of two callers at once gets the tenant, the other is told that it exists."""
    await migrate(connection)

    outcomes = await asyncio.gather(
        create_tenant(connection, slug="acme", name="One"),
        create_tenant(second_connection, slug="acme", name="Two"),
        return_exceptions=True,
    )

    assert sorted(type(each).__name__ for each in outcomes) == ["NoneType", "TenantExistsError"]


async def test_a_tenant_whose_schema_cannot_be_made_is_not_registered(connection: Connection) -> None:
    """Registry, schema and migrations are one transaction."""
    await migrate(connection)
    await connection.execute("CREATE SCHEMA tenant_acme")

    with pytest.raises(asyncpg.DuplicateSchemaError):
        await create_tenant(connection, slug="acme", name="Acme")

    assert await list_tenants(connection) == []


async def test_tenants_are_brought_up_side_by_side(
    connection: Connection, second_connection: Connection, migration_files: Path
) -> None:
    """Each connection takes the next tenant; one that fails is reported, and everybody else is done, also after it."""
    await migrate(connection)
    slugs = [f"t{number}" for number in range(8)]
    for slug in slugs:
        await create_tenant(connection, slug=slug, name=slug)
    await connection.execute("CREATE TABLE tenant_t3.made (id text)")
    add(
        migration_files,
        "tenant",
        "pre_made",
        "CREATE TABLE made AS SELECT pg_backend_pid() AS pid FROM (SELECT pg_sleep(0.05)) AS slept",
    )
    told: list[Step] = []

    report = await migrate(connection, workers=[second_connection], progress=told.append)

    done = [slug for slug in slugs if slug != "t3"]
    assert (list(report.failed), report.tenants) == (["t3"], 8)
    assert [step.scope for step in report.steps] == done
    assert sorted(step.scope for step in told) == done
    pids = {await connection.fetchval(f"SELECT pid FROM tenant_{slug}.made") for slug in done}
    assert len(pids) == 2


async def test_a_changed_file_stops_all_connections(
    connection: Connection, second_connection: Connection, migration_files: Path
) -> None:
    """History is not rewritten, side by side neither."""
    await migrate(connection)
    for slug in ("acme", "zeta"):
        await create_tenant(connection, slug=slug, name=slug)
    await connection.execute("UPDATE public.migrations SET checksum = 'another' WHERE scope = 'zeta'")

    with pytest.raises(MigrationError, match="zeta"):
        await migrate(connection, workers=[second_connection])
