"""A connection: what callers may send, and how answers go out."""

import asyncio
import contextlib
from typing import ClassVar

import uvicorn

from nightowl_common import clock
from nightowl_common.http1 import MAX_HEADERS, BoundedProtocol

START = b"GET / HTTP/1.1\r\nHost: a\r\n"


async def say_ok(scope, receive, send):
    """The least application."""
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"ok"})


@contextlib.asynccontextmanager
async def connected(app, protocol=BoundedProtocol):
    """A connection to uvicorn with our protocol."""
    config = uvicorn.Config(app, http=protocol, port=0, log_config=None, lifespan="off")
    server = uvicorn.Server(config)
    config.load()
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    port = server.servers[0].sockets[0].getsockname()[1]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield reader, writer
    finally:
        writer.close()
        await server.shutdown()


async def answer_to(*pieces):
    """What comes back for bytes on a connection, as text."""
    async with connected(say_ok) as (reader, writer):
        try:
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
                await clock.sleep(0)
            return (await asyncio.wait_for(reader.read(200), 20)).decode()
        except ConnectionError:
            return "reset"


async def test_an_ordinary_head_is_taken():
    """Fifty headers of a hundred bytes are nothing unusual."""
    head = b"".join(b"X-%d: %s\r\n" % (number, b"a" * 100) for number in range(50))

    assert (await answer_to(START + head + b"\r\n")).startswith("HTTP/1.1 200")


async def test_a_request_with_very_many_headers_is_refused():
    """431, whatever is in them."""
    head = b"".join(b"X-%d: a\r\n" % number for number in range(MAX_HEADERS + 1))

    assert (await answer_to(START + head + b"\r\n")).startswith("HTTP/1.1 431")


async def test_a_header_without_end_is_refused():
    """It is not collected in memory until it ends."""
    assert (await answer_to(START + b"X-Long: ", *[b"a" * 16_384] * 6)).startswith(("HTTP/1.1 431", "reset"))


async def test_a_large_body_is_no_large_head():
    """Bodies are bounded elsewhere."""
    body = b"a" * 200_000
    start = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % len(body)

    assert (await answer_to(start, body)).startswith("HTTP/1.1 200")


class Watched(BoundedProtocol):
    """Notes each piece that is handed to the kernel."""

    written: ClassVar[list[bytes]] = []

    def connection_made(self, transport):
        """Puts itself between the protocol and the transport."""

        class Noting:
            def write(self, data):
                Watched.written.append(bytes(data))
                transport.write(data)

            def __getattr__(self, name):
                return getattr(transport, name)

        super().connection_made(Noting())


async def test_head_and_body_go_out_in_one_piece():
    """So that an answer costs one system call, and wakes its reader once."""
    Watched.written.clear()
    async with connected(say_ok, Watched) as (reader, writer):
        for _ in range(2):
            writer.write(START + b"\r\n")
            await asyncio.wait_for(reader.readuntil(b"ok"), 20)

    assert [each.endswith(b"\r\n\r\nok") for each in Watched.written] == [True, True]


async def test_a_head_without_a_body_goes_out():
    """The answer to HEAD has no second piece."""
    async with connected(say_ok) as (reader, writer):
        writer.write(b"HEAD / HTTP/1.1\r\nHost: a\r\n\r\n")

        assert (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 20)).startswith(b"HTTP/1.1 200")


async def test_pieces_of_a_stream_go_out_as_they_come():
    """The head does not wait for a body that takes long, nor any piece for the next one."""
    more = asyncio.Event()

    async def stream(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await more.wait()
        for body in (b"one", b"two", b"three"):
            more.clear()
            await send({"type": "http.response.body", "body": body, "more_body": True})
            await more.wait()
        await send({"type": "http.response.body", "body": b""})

    async with connected(stream) as (reader, writer):
        writer.write(START + b"\r\n")
        for seen in (b"\r\n\r\n", b"one\r\n", b"two\r\n", b"three\r\n", b"0\r\n\r\n"):
            await asyncio.wait_for(reader.readuntil(seen), 20)
            more.set()


async def test_what_was_written_before_a_close_is_sent():
    """The last piece is not lost with the connection."""

    async def refuse(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": [(b"connection", b"close")]})
        await send({"type": "http.response.body", "body": b"bye"})

    async with connected(refuse) as (reader, writer):
        writer.write(START + b"\r\n")

        assert b"bye" in await asyncio.wait_for(reader.read(), 20)


async def test_whoever_writes_much_is_held_up_by_its_reader():
    """What nobody reads is not collected in memory."""
    pieces = 0

    async def flood(scope, receive, send):
        nonlocal pieces
        await send({"type": "http.response.start", "status": 200, "headers": []})
        while pieces < 300:  # 30 MB, more than the kernel takes
            pieces += 1
            await send({"type": "http.response.body", "body": b"a" * 100_000, "more_body": True})

    async with connected(flood) as (_reader, writer):
        writer.write(START + b"\r\n")
        before = 0
        while not before or pieces != before:
            before = pieces
            await clock.sleep(0.05)
        assert pieces < 300
