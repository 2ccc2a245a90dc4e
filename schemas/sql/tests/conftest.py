"""Empty databases on the session's Postgres, and migration folders that a test may change."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, TypeAlias

import asyncpg
import pytest
import pytest_asyncio

from nightowl_cli.generate_schema import fresh_database
from nightowl_sql import migrations
from nightowl_testkit.servers import Servers

Connection: TypeAlias = "asyncpg.Connection[Any]"


@pytest_asyncio.fixture(loop_scope="session")
async def fresh_url(servers: Servers) -> AsyncIterator[str]:
    """An empty database, gone after the test."""
    async with fresh_database(servers.database_url) as url:
        yield url


@pytest_asyncio.fixture(loop_scope="session")
async def connection(fresh_url: str) -> AsyncIterator[Connection]:
    """A connection to the empty database."""
    opened = await asyncpg.connect(fresh_url)
    yield opened
    await opened.close()


@pytest_asyncio.fixture(loop_scope="session")
async def second_connection(fresh_url: str) -> AsyncIterator[Connection]:
    """Another connection to the same database."""
    opened = await asyncpg.connect(fresh_url)
    yield opened
    await opened.close()


@pytest.fixture
def migration_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the real migrations that the runner reads instead: `global/` and `tenant/`."""
    for scope in ("global", "tenant"):
        shutil.copytree(migrations._folder(scope), tmp_path / scope)
    monkeypatch.setattr(migrations, "_folder", lambda scope: tmp_path / scope)
    return tmp_path
