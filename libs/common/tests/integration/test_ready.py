"""A service refuses to start on a database that is not what its code expects."""

from collections.abc import AsyncIterator

import asyncpg
import pytest
import pytest_asyncio

from nightowl_cli.generate_schema import fresh_database
from nightowl_common.bus import Bus
from nightowl_common.db import Database
from nightowl_common.serve import NotReadyError, require_ready
from nightowl_sql import make_shadow, migrate
from nightowl_testkit.servers import Servers

pytestmark = pytest.mark.integration

APPLIED = "INSERT INTO public.migrations (scope, version, name, checksum) VALUES ('(global)', $1, $2, '')"


@pytest_asyncio.fixture(loop_scope="session")
async def url(servers: Servers) -> AsyncIterator[str]:
    """A database with the migrations of this code."""
    async with fresh_database(servers.database_url) as fresh:
        connection = await asyncpg.connect(fresh)
        await migrate(connection)
        await connection.close()
        yield fresh


async def refusal(url: str, bus: Bus) -> str | None:
    """Why a service does not start; None: it does."""
    database = await Database.connect(url, size=2, service="tests")
    try:
        await require_ready(database, bus)
    except NotReadyError as error:
        return error.detail
    finally:
        await database.close()
    return None


async def test_ahead_is_fine_until_something_was_taken_away(url: str, bus: Bus) -> None:
    """Newer `pre` migrations are a rolling deploy; a newer `post` one has taken away what this code may use."""
    connection = await asyncpg.connect(url)
    as_it_is = await refusal(url, bus)
    await connection.execute(APPLIED, 9_998, "9998_pre_more.sql")
    expanded = await refusal(url, bus)
    await connection.execute(APPLIED, 9_999, "9999_post_gone.sql")
    contracted = await refusal(url, bus)
    await connection.close()

    assert (as_it_is, expanded) == (None, None)
    assert contracted == "newer code has contracted the database: (global): 9999_post_gone.sql; run the newer version"


async def test_nothing_runs_on_a_shadow(url: str, bus: Bus) -> None:
    """Nothing in it may reach anybody."""
    connection = await asyncpg.connect(url)
    await make_shadow(connection)
    await connection.close()

    assert "shadow of a replay" in (await refusal(url, bus) or "")
