"""Every named query of every package fits the tables as the migrations leave them."""

import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import asyncpg
import pytest
import pytest_asyncio

from nightowl_cli.generate_schema import fresh_database
from nightowl_common.db import load_queries
from nightowl_sql import create_tenant, migrate, schema_of
from nightowl_testkit.servers import Servers

Connection: TypeAlias = "asyncpg.Connection[Any]"

pytestmark = pytest.mark.integration

REPOSITORY = Path(__file__).parents[3]


INCLUDED = re.compile(r"^-- include: (\S+)$", re.MULTILINE)


def query_files() -> Iterator[tuple[str, str]]:
    """(package, file name) of every file of named queries; a file that others include is proved in their text."""
    for top in ("libs", "services", "tools"):
        paths = sorted((REPOSITORY / top).glob("*/src/**/*.sql"))
        included = {path.parent / name for path in paths for name in INCLUDED.findall(path.read_text(encoding="utf-8"))}
        for path in paths:
            if path in included:
                continue
            source = next(parent for parent in path.parents if parent.name == "src")
            yield ".".join(path.parent.relative_to(source).parts), path.name


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def inside(servers: Servers) -> AsyncIterator[Connection]:
    """The tenant's schema alone on the search path, as in production; preparing changes nothing, so all share it."""
    async with fresh_database(servers.database_url) as url:
        connection = await asyncpg.connect(url)
        await migrate(connection)
        await create_tenant(connection, slug="acme", name="Acme")
        await connection.execute(f'SET search_path TO "{schema_of("acme")}"')
        yield connection
        await connection.close()


@pytest.mark.parametrize(("package", "name"), list(query_files()), ids=str)
async def test_every_named_query_prepares(inside: Connection, package: str, name: str) -> None:
    """Tables, columns and types exist."""
    queries = load_queries(package, name)
    assert queries, "no query in the file"

    broken = {}
    for query, text in queries.items():
        if _is_call(text):
            continue
        try:
            await inside.prepare(text)
        except asyncpg.PostgresError as error:
            broken[query] = f"{type(error).__name__}: {error}"

    assert broken == {}


def _is_call(text: str) -> bool:
    """CALL cannot be prepared by itself; the procedures have tests of their own."""
    lines = [line for line in text.splitlines() if not line.startswith("--")]
    return "\n".join(lines).lstrip().upper().startswith("CALL")
