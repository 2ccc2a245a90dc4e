"""`schema.sql` shows what the migrations make."""

from pathlib import Path

import pytest

from nightowl_cli.generate_schema import pictures
from nightowl_embedded import PostgresServer
from nightowl_testkit.servers import Servers

pytestmark = pytest.mark.integration

REPOSITORY = Path(__file__).parents[3]


async def test_the_pictures_equal_the_sum_of_the_migrations(servers: Servers, tmp_path: Path) -> None:
    """Nobody can change a migration without its picture changing in the same commit."""
    pg_dump = PostgresServer(tmp_path).program("pg_dump")

    drawn = await pictures(servers.database_url, pg_dump)

    for path, text in drawn.items():
        assert (REPOSITORY / path).read_text() == text, f"{path} is out of date; run `nightowl generate`"
        assert "inbox_2" not in text
