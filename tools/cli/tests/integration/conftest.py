"""The program as its users run it, on servers of its own: it looks at all tenants, all streams and all dead letters."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio

from nightowl_common.bus import Bus
from nightowl_common.db import Database
from nightowl_testkit.servers import Servers, running_servers

PROGRAM = Path(sys.executable).with_name("nightowl")


class Ran(msgspec.Struct, frozen=True, kw_only=True):
    """What a command said. `sentence` is its error without the frame around it."""

    code: int
    out: str
    err: str

    @property
    def sentence(self) -> str:
        """The words inside the box."""
        inside = [line.strip("│ ") for line in self.err.splitlines() if line.startswith("│")]
        return " ".join(inside)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def own_servers() -> AsyncIterator[Servers]:
    async with running_servers() as running:
        yield running


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def own_database(own_servers) -> AsyncIterator[Database]:
    connected = await Database.connect(own_servers.database_url, size=4, service="cli-tests")
    yield connected
    await connected.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def own_bus(own_servers) -> AsyncIterator[Bus]:
    connected = await Bus.connect(own_servers.nats_url, service="cli-tests", on_closed=lambda: None)
    yield connected
    await connected.close()


@pytest.fixture(scope="session")
def nightowl(own_servers):
    """Runs the program; keywords are environment variables."""

    async def run(*arguments: str, **environment: str) -> Ran:
        process = await asyncio.create_subprocess_exec(
            PROGRAM, *arguments,
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
            env={"PATH": os.environ["PATH"], "COLUMNS": "400", **own_servers.environment, **environment},
        )  # fmt: skip
        async with asyncio.timeout(30):
            out, err = await process.communicate()
        assert process.returncode is not None
        return Ran(code=process.returncode, out=out.decode(), err=err.decode())

    return run
