"""`schema.sql`: a picture of each schema as all its migrations leave it, for reading and for diffs.

Nothing ever runs a picture. It is what `pg_dump` says about a freshly migrated database, without the lines
that differ from one server to the next. The tenant's schema is called `tenant` in it.
"""

import asyncio
import re
import secrets
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg

from nightowl_embedded import PostgresServer
from nightowl_sql import create_tenant, migrate, schema_of

GLOBAL_PICTURE = "schemas/sql/global/schema.sql"
TENANT_PICTURE = "schemas/sql/tenant/schema.sql"

_SLUG = "picture"
_NOISE = re.compile(r"--|SET |SELECT pg_catalog\.set_config|\\|CREATE SCHEMA public|COMMENT ON SCHEMA public")
_QUOTE = re.compile(r"\$[A-Za-z_]*\$")


def generated_files() -> dict[str, str]:
    """Path inside the repository → text, from a Postgres of its own in a temporary folder.

    Raises:
        EmbeddedError: Postgres did not start.
        subprocess.CalledProcessError: `pg_dump` failed.
    """
    with tempfile.TemporaryDirectory(prefix="nightowl-schema-") as name:
        folder = Path(name)
        folder.chmod(0o711)  # Postgres may run as another user, who must pass through
        server = PostgresServer(folder / "postgres", is_durable=False)
        server.start()
        try:
            return asyncio.run(pictures(server.url, server.program("pg_dump")))
        finally:
            server.stop()


async def pictures(url: str, pg_dump: Path) -> dict[str, str]:
    """The pictures, from a database made for this on the server at `url` and dropped again."""
    async with fresh_database(url) as fresh:
        connection = await asyncpg.connect(fresh)
        try:
            await migrate(connection)
            await create_tenant(connection, slug=_SLUG, name="Picture")
        finally:
            await connection.close()
        shared = await asyncio.to_thread(
            _dump, pg_dump, fresh, "--schema=public", "--exclude-table=public.inbox_[0-9]*"
        )
        tenant = await asyncio.to_thread(_dump, pg_dump, fresh, f"--schema={schema_of(_SLUG)}")
    return {
        GLOBAL_PICTURE: _head("global") + _normal(shared),
        TENANT_PICTURE: _head("tenant") + _normal(tenant).replace(schema_of(_SLUG), "tenant"),
    }


@asynccontextmanager
async def fresh_database(url: str) -> AsyncIterator[str]:
    """The URL of an empty database on the server at `url`, gone afterwards."""
    name = f"fresh_{secrets.token_hex(6)}"
    admin = await asyncpg.connect(url)
    try:
        await admin.execute(f"CREATE DATABASE {name} TEMPLATE template0")
        try:
            yield urlsplit(url)._replace(path=f"/{name}").geturl()
        finally:
            await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        await admin.close()


def _dump(pg_dump: Path, url: str, *options: str) -> str:
    command = [str(pg_dump), "--schema-only", "--no-owner", "--no-privileges", *options, url]
    return subprocess.run(command, check=True, capture_output=True, text=True, cwd="/").stdout


def _head(scope: str) -> str:
    return f"-- Generated from the {scope} migrations by `nightowl generate`; do not edit, nothing runs it.\n\n"


def _normal(dump: str) -> str:
    """Without comments, settings and repeated blank lines; function bodies stay as they are."""
    text = "\n".join(_meaningful(dump.splitlines()))
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def _meaningful(lines: Iterable[str]) -> Iterator[str]:
    is_body = False
    for line in lines:
        if is_body or not _NOISE.match(line):
            yield line
        if len(_QUOTE.findall(line)) % 2 == 1:
            is_body = not is_body
