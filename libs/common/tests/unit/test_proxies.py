"""Whose word about a caller's address counts."""

import asyncio

import pytest

from nightowl_common import clock
from nightowl_common.serve import MAX_HEADERS, BoundedProtocol
from nightowl_common.web import TrustedProxies


async def seen(count, *forwarded, proto=None):
    """What the application is told, with the peer 10.0.0.1."""
    told = {}

    async def app(scope, receive, send):
        told.update(scope)

    headers = [(b"x-forwarded-for", each.encode()) for each in forwarded]
    headers += [(b"x-forwarded-proto", proto.encode())] if proto else []
    scope = {"type": "http", "client": ("10.0.0.1", 5), "scheme": "http", "headers": headers}
    await TrustedProxies(app, count=count)(scope, None, None)
    return told["client"][0], told["scheme"]


@pytest.mark.parametrize(
    ("count", "forwarded", "address"),
    [
        (0, ["203.0.113.9"], "10.0.0.1"),
        (1, [], "10.0.0.1"),
        (1, ["203.0.113.9"], "203.0.113.9"),
        (1, ["1.1.1.1, 203.0.113.9"], "203.0.113.9"),
        (2, ["1.1.1.1, 203.0.113.9, 10.0.0.7"], "203.0.113.9"),
        (1, ["1.1.1.1", "203.0.113.9"], "203.0.113.9"),
        (3, ["203.0.113.9, 10.0.0.7"], "10.0.0.1"),
        (1, ["203.0.113.9, "], "10.0.0.1"),
    ],
)
async def test_an_address_is_taken_so_many_places_from_the_right(count, forwarded, address):
    """What is left of it, the caller may have made up; with fewer entries than proxies the peer counts."""
    assert (await seen(count, *forwarded))[0] == address


async def test_a_scheme_is_believed_from_a_proxy_alone():
    """And only one that there is."""
    assert (await seen(1, "203.0.113.9", proto="https"))[1] == "https"
    assert (await seen(0, proto="https"))[1] == "http"
    assert (await seen(1, proto="gopher"))[1] == "http"


async def answer_to(*pieces):
    """What uvicorn with our protocol answers to bytes on a connection, as text."""
    import uvicorn  # noqa: PLC0415

    async def app(scope, receive, send):
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
            await send({"type": "http.response.body", "body": b"ok"})

    config = uvicorn.Config(app, http=BoundedProtocol, port=0, log_config=None, lifespan="off")
    server = uvicorn.Server(config)
    config.load()
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    port = server.servers[0].sockets[0].getsockname()[1]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await clock.sleep(0)
        return (await asyncio.wait_for(reader.read(200), 10)).decode()
    except ConnectionError:
        return "reset"
    finally:
        writer.close()
        await server.shutdown()


START = b"GET / HTTP/1.1\r\nHost: a\r\n"


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
