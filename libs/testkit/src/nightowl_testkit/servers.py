"""Postgres, NATS and Redis for tests: migrated, with streams and consumers, and with a clock that can be moved.

Embedded servers unless `NIGHTOWL_TEST_SERVERS=containers`; what tests see is the same. Start embedded ones
from the main thread: they die with the thread that started them.
"""

import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, nullcontext
from pathlib import Path

import asyncpg
import msgspec

from nightowl_common.streams import apply_topology, connect_plain
from nightowl_embedded import EmbeddedError, Stack
from nightowl_sql import create_tenant, drop_tenant, migrate
from nightowl_testkit.clock import install_clock

CHOICE = "NIGHTOWL_TEST_SERVERS"
"""Environment variable: `embedded` (also when unset) or `containers`."""


class Servers(msgspec.Struct, frozen=True, kw_only=True):
    """Running servers. `environment` points a service at them; `folder` has room for logs."""

    environment: dict[str, str]
    folder: Path
    embedded: Stack | None = None

    @property
    def stack(self) -> Stack:
        """The embedded servers, to be stopped, paused and killed.

        Raises:
            EmbeddedError: they run in containers.
        """
        if self.embedded is None:
            raise EmbeddedError(f"faults need embedded servers; unset {CHOICE}")
        return self.embedded

    @property
    def database_url(self) -> str:
        """Postgres."""
        return self.environment["DATABASE_URL"]

    @property
    def nats_url(self) -> str:
        """NATS."""
        return self.environment["NATS_URL"]

    @property
    def redis_url(self) -> str:
        """Redis."""
        return self.environment["REDIS_URL"]


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """A folder that Postgres' own user may enter (pytest's folders it may not, when tests run as root).

    Nobody waits for its removal: thousands of tenants leave a million files behind, which take minutes on a busy disk.
    """
    folder = Path(tempfile.mkdtemp(prefix="nightowl-tests-"))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        os.spawnlp(os.P_NOWAIT, "rm", "rm", "-rf", "--", str(folder))


@asynccontextmanager
async def running_servers(folder: Path | None = None, *, is_clustered: bool = False) -> AsyncIterator[Servers]:
    """Starts the servers, prepares them, and stops them at the end; in a folder of their own where none is given.

    `is_clustered`: NATS is three servers, and each stream on all of them.

    Raises:
        EmbeddedError: a server did not start, or containers were asked for and no Docker engine answers.
    """
    with (
        nullcontext(folder) if folder else temporary_folder() as place,
        _started(place, is_clustered=is_clustered) as servers,
    ):
        await prepare(servers.environment, replicas=3 if is_clustered else 1)
        yield servers


async def prepare(environment: dict[str, str], *, replicas: int = 1) -> None:
    """Migrates the database, makes its clock movable, and makes the broker look like the contracts say."""
    connection = await asyncpg.connect(environment["DATABASE_URL"])
    try:
        await migrate(connection)
        await install_clock(connection)
    finally:
        await connection.close()
    client = await connect_plain(environment["NATS_URL"])
    try:
        await apply_topology(client.jetstream(), replicas=replicas)
    finally:
        await client.close()


async def make_tenant(servers: Servers, slug: str) -> str:
    """A fresh tenant; returns its slug."""
    connection = await asyncpg.connect(servers.database_url)
    try:
        await create_tenant(connection, slug=slug, name=f"Test {slug}")
    finally:
        await connection.close()
    return slug


async def drop_tenant_now(servers: Servers, slug: str) -> None:
    """Removes a tenant with all that it still owes, and says nothing when it is gone already."""
    connection = await asyncpg.connect(servers.database_url)
    try:
        done = await connection.execute("UPDATE public.tenants SET status = 'suspended' WHERE slug = $1", slug)
        if done == "UPDATE 1":
            await drop_tenant(connection, slug=slug)
    finally:
        await connection.close()


@contextmanager
def _started(folder: Path, *, is_clustered: bool) -> Iterator[Servers]:
    match os.environ.get(CHOICE) or "embedded":
        case "embedded":
            with Stack(folder, is_durable=False, is_clustered=is_clustered) as stack:
                yield Servers(environment=stack.environment, folder=folder, embedded=stack)
        case "containers" if is_clustered:
            raise EmbeddedError(f"NATS of three needs embedded servers; unset {CHOICE}")
        case "containers":
            from nightowl_testkit.containers import in_containers  # noqa: PLC0415  (loads Docker's client only when asked)

            with in_containers() as environment:
                yield Servers(environment=environment, folder=folder)
        case other:
            raise EmbeddedError(f"{CHOICE} is {other!r}; it can be embedded or containers")
