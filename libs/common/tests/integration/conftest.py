"""A NATS server and a Redis of this folder's own, to be stopped, paused and killed."""

import asyncio
import contextlib
import signal
from pathlib import Path

import pytest
import pytest_asyncio

from nightowl_common.bus import Bus
from nightowl_common.streams import apply_topology, connect_plain
from nightowl_embedded.servers import NatsServer, RedisServer
from nightowl_testkit.servers import temporary_folder


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def started_nats():
    """One NATS server for all tests that trouble it; tests use `own_nats`."""
    with temporary_folder() as folder:
        server = NatsServer(folder / "nats")
        server.start()
        client = await connect_plain(server.url)
        await apply_topology(client.jetstream())
        await client.close()
        yield server
        server.stop()


@pytest.fixture
def own_nats(started_nats):
    """Running at the beginning, and again at the end."""
    yield started_nats
    started_nats.send(signal.SIGCONT)
    started_nats.start()


@pytest.fixture
def pause(own_nats):
    """Stops the server's process in the middle of whatever it does; returns when it stands still."""

    async def paused():
        own_nats.send(signal.SIGSTOP)
        status = Path(f"/proc/{own_nats.pid}/status")
        async with asyncio.timeout(20):
            while "State:\tT" not in status.read_text():
                await asyncio.sleep(0.005)

    return paused


@pytest.fixture
async def own_bus(own_nats):
    """A connection to it."""
    made = await Bus.connect(own_nats.url, service="own", on_closed=lambda: None)
    yield made
    own_nats.send(signal.SIGCONT)
    await made.close()


@pytest.fixture
def own_redis():
    """A Redis that may be killed."""
    with temporary_folder() as folder, contextlib.ExitStack() as stack:
        server = RedisServer(folder / "redis")
        server.start()
        stack.callback(server.stop)
        yield server
