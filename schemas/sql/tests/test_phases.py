"""Two versions on one database: expanded before the new code comes, contracted when the old code is gone."""

import asyncio
from pathlib import Path
from typing import Any, TypeAlias

import asyncpg
import pytest

from nightowl_sql import (
    MigrationError,
    create_tenant,
    migrate,
    missing_migrations,
    outgrown_by,
    schema_of,
)
from nightowl_sql.runner import LOCK_KEY

Connection: TypeAlias = "asyncpg.Connection[Any]"

pytestmark = pytest.mark.integration


async def columns(connection: Connection, slug: str) -> set[str]:
    rows = await connection.fetch(
        "SELECT attname FROM pg_attribute WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped",
        f"{schema_of(slug)}.services",
    )
    return {row["attname"] for row in rows}


@pytest.fixture
async def release(connection: Connection, migration_files: Path) -> list[Path]:
    """The old version has run here with a tenant; the new one renames a column, in an expansion and a contraction."""
    await migrate(connection)
    await create_tenant(connection, slug="acme", name="Acme")
    last = max(int(path.name[:4]) for path in (migration_files / "tenant").glob("[0-9]*.sql"))
    files = {
        f"{last + 1:04}_post_gone.sql": "ALTER TABLE services DROP COLUMN owner",
        f"{last + 2:04}_pre_more.sql": "ALTER TABLE services ADD COLUMN team text",
    }
    for name, sql in files.items():
        (migration_files / "tenant" / name).write_text(sql)
    return [migration_files / "tenant" / name for name in files]


async def test_pre_expands_and_post_contracts(connection: Connection, release: list[Path]) -> None:
    """`pre` leaves what the old code uses, also where a contraction has the smaller number; `post` takes it away."""
    post, pre = release

    expanded = await migrate(connection, phase="pre")
    between = await columns(connection, "acme")
    contracted = await migrate(connection, phase="post")

    assert ([each.name for each in expanded.steps], [each.name for each in contracted.steps]) == (
        [pre.name],
        [post.name],
    )
    assert {"owner", "team"} <= between
    assert await columns(connection, "acme") == between - {"owner"}
    assert (await migrate(connection)).steps == []


async def test_post_before_pre_is_refused(connection: Connection, release: list[Path]) -> None:
    """Whoever has not expanded still runs the old code."""
    with pytest.raises(MigrationError, match=r"pre_more.* `nightowl migrate`"):
        await migrate(connection, phase="post")

    assert "owner" in await columns(connection, "acme")


async def test_an_empty_database_gets_both_at_once(connection: Connection, release: list[Path]) -> None:
    """There is no old code where there is nothing."""
    await connection.execute("DROP SCHEMA public, tenant_acme CASCADE; CREATE SCHEMA public")

    await migrate(connection, phase="pre")
    await create_tenant(connection, slug="acme", name="Acme")

    assert not {"owner"} & await columns(connection, "acme")


async def test_new_code_misses_only_expansions(connection: Connection, release: list[Path]) -> None:
    """It refuses to start before `pre`, and starts before `post`."""
    _post, pre = release
    assert await missing_migrations(connection) == [f"acme: {pre.name}"]

    await migrate(connection, phase="pre")

    assert await missing_migrations(connection) == []


async def test_old_code_goes_on_until_the_contraction(connection: Connection, release: list[Path]) -> None:
    """On an expanded database it starts, and its `migrate` has nothing to do; on a contracted one both refuse."""
    post, pre = release
    texts = {path: path.read_text() for path in release}
    await migrate(connection, phase="pre")
    for path in release:
        path.unlink()

    report = await migrate(connection, phase="pre")

    assert (report.steps, [each.name for each in report.ahead]) == ([], [pre.name])
    assert (await missing_migrations(connection), await outgrown_by(connection)) == ([], [])

    for path, text in texts.items():
        path.write_text(text)
    await migrate(connection, phase="post")
    assert await outgrown_by(connection) == []
    for path in release:
        path.unlink()

    assert await outgrown_by(connection) == [f"(tenants): {post.name}"]
    with pytest.raises(MigrationError, match=post.name):
        await migrate(connection, phase="pre")


async def test_a_new_tenant_has_the_shape_of_the_others(connection: Connection, release: list[Path]) -> None:
    """Between the phases new code makes it expanded and not contracted, and old code makes none."""
    texts = {path: path.read_text() for path in release}
    await migrate(connection, phase="pre")
    await create_tenant(connection, slug="between", name="Between")
    for path in release:
        path.unlink()

    with pytest.raises(MigrationError, match="does not know"):
        await create_tenant(connection, slug="old", name="Old")

    for path, text in texts.items():
        path.write_text(text)
    assert await columns(connection, "between") == await columns(connection, "acme")
    await migrate(connection, phase="post")
    await create_tenant(connection, slug="after", name="After")
    assert (
        await columns(connection, "after") == await columns(connection, "acme") == await columns(connection, "between")
    )


async def test_no_tenant_is_made_while_a_migration_runs(
    connection: Connection, second_connection: Connection, release: list[Path]
) -> None:
    """It would miss what is being applied to the others; the caller is told at once and does not wait."""
    await second_connection.execute("SELECT pg_advisory_lock($1)", LOCK_KEY)

    async with asyncio.timeout(20):
        with pytest.raises(MigrationError, match="try again"):
            await create_tenant(connection, slug="late", name="Late")
