"""The cable forwards everything, and does what a test tells it, to what is connected and to what comes."""

import asyncio
import contextlib
import time
from contextlib import asynccontextmanager

import asyncpg
import pytest

from nightowl_embedded import free_port
from nightowl_testkit.cable import Cable, Way

SHORT = 0.2
"""Long enough for anything on loopback to have arrived, were it let through."""


class Parrot:
    """A server that says everything again, and remembers it."""

    def __init__(self):
        self.heard = b""
        self.talks = set()

    async def talk(self, reader, writer):
        """One connection."""
        self.talks.add(asyncio.current_task())
        with contextlib.suppress(ConnectionError):
            while chunk := await reader.read(65_536):
                self.heard += chunk
                writer.write(chunk)
            writer.write(b"bye")
        writer.close()


@asynccontextmanager
async def parrot():
    bird = Parrot()
    port = free_port()
    server = await asyncio.start_server(bird.talk, "127.0.0.1", port)
    async with Cable(f"tcp://127.0.0.1:{port}") as cable:
        yield bird, cable
    server.close()
    await asyncio.gather(*bird.talks)


@asynccontextmanager
async def connected(cable):
    reader, writer = await asyncio.open_connection("127.0.0.1", cable.port)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


async def says(reader, text, seconds=10.0):
    async with asyncio.timeout(seconds):
        return await reader.readexactly(len(text)) == text


async def until(condition):
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.01)


async def test_all_bytes_arrive_in_order_and_the_end_behind_them():
    """More than fits into any buffer, both ways at once; half a connection may close first."""
    async with parrot() as (_bird, cable), connected(cable) as (reader, writer):
        text = bytes(range(256)) * 40_000
        writer.write(text)
        writer.write_eof()
        async with asyncio.timeout(30):
            answer = await reader.read(-1)

        assert answer == text + b"bye"
        await until(lambda: cable.connections == 0)


async def test_cut_resets_what_is_connected_and_refuses_what_comes_until_it_is_mended():
    """The server is told too."""
    async with parrot() as (_bird, cable), connected(cable) as (reader, writer):
        writer.write(b"one")
        assert await says(reader, b"one")

        cable.cut()

        with pytest.raises(ConnectionResetError):
            await reader.read(1)
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", cable.port)
        await cable.mend()
        async with connected(cable) as (fresh, fresh_writer):
            fresh_writer.write(b"two")
            assert await says(fresh, b"two")


@pytest.mark.parametrize(
    ("ways", "is_heard"),
    [((), False), ((Way.TO_SERVER,), False), ((Way.FROM_SERVER,), True)],
    ids=["both", "to", "from"],
)
async def test_what_hangs_goes_nowhere_in_its_direction_and_arrives_when_it_is_mended(ways, is_heard):
    """Nobody is told. A connection that was made meanwhile goes on too."""
    async with parrot() as (bird, cable), connected(cable) as (reader, writer):
        writer.write(b"one")
        assert await says(reader, b"one")

        cable.hang(*ways)
        writer.write(b"two")
        if is_heard:
            await until(lambda: bird.heard == b"onetwo")
        with pytest.raises(TimeoutError):
            await says(reader, b"two", SHORT)
        assert (bird.heard == b"onetwo") is is_heard
        async with connected(cable) as (late, late_writer):
            late_writer.write(b"late")
            with pytest.raises(TimeoutError):
                await says(late, b"late", SHORT)

            await cable.mend()

            assert await says(reader, b"two")
            assert await says(late, b"late")


async def test_what_was_given_up_while_it_hung_never_arrives():
    """A page that is sent again must not come twice because the network was mended."""
    async with parrot() as (bird, cable):
        async with connected(cable) as (reader, writer):
            writer.write(b"one")
            assert await says(reader, b"one")
            cable.hang()
            writer.write(b"two")
            writer.close()
            await writer.wait_closed()
        async with connected(cable) as (_reader, writer):
            writer.write(b"never")
            await until(lambda: cable.connections == 2)
            writer.close()
            await writer.wait_closed()

        await cable.mend()
        async with connected(cable) as (reader, writer):
            writer.write(b"three")
            assert await says(reader, b"three")

        assert bird.heard == b"onethree"


async def test_a_slow_way_takes_its_time_for_each_chunk_and_keeps_the_order():
    """Chunks that follow each other share the wait, as they do on a long line."""
    async with parrot() as (_bird, cable), connected(cable) as (reader, writer):
        cable.slow(0.3)
        began = time.monotonic()
        for number in range(50):
            writer.write(b"%02d" % number)
            await asyncio.sleep(0.001)

        assert await says(reader, b"".join(b"%02d" % number for number in range(50)))
        assert time.monotonic() - began >= 0.3


async def test_a_server_that_is_away_resets_who_comes_through_the_cable():
    """And the cable goes on: it works as soon as the server is there."""
    port = free_port()
    async with Cable(f"tcp://127.0.0.1:{port}") as cable, connected(cable) as (reader, _writer):
        with pytest.raises(ConnectionResetError):
            await reader.read(1)


def test_settings_are_rewired_wherever_the_server_stands():
    """In a list too; other addresses stay."""
    given = {"NATS_URL": "nats://127.0.0.1:20001,nats://127.0.0.1:20002", "OTHER": "x"}
    cable = Cable("nats://127.0.0.1:20002")

    assert cable.rewire(given) == {"NATS_URL": f"nats://127.0.0.1:20001,nats://127.0.0.1:{cable.port}", "OTHER": "x"}


@pytest.mark.integration
async def test_each_statement_of_a_slow_postgres_takes_its_time(servers):
    """A round trip per statement: three take three times as long."""
    async with Cable(servers.database_url) as cable:
        url = cable.rewire({"url": servers.database_url})["url"]
        connection = await asyncpg.connect(url)
        cable.slow(0.1)
        began = time.monotonic()
        for _ in range(3):
            assert await connection.fetchval("SELECT 42") == 42

        assert time.monotonic() - began >= 0.3
        await cable.mend()
        await connection.close()
