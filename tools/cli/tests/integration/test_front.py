"""The front door: what goes in comes out at the right service, and the answer comes back as it was."""

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web
from yarl import URL

from nightowl_cli.front import FrontDoor
from nightowl_embedded import free_port

pytestmark = pytest.mark.integration

SECRET = b"\x1f\x8b not really gzip"


async def echo(request: web.Request) -> web.Response:
    """What arrived."""
    body = await request.read()
    return web.json_response(
        {
            "method": request.method,
            "raw_path": request.raw_path,
            "headers": [[name.lower(), value] for name, value in request.headers.items()],
            "size": len(body),
        },
        status=int(request.query.get("status", "200")),
    )


async def odd(_request: web.Request) -> web.Response:
    """An answer with everything that must, and must not, come through."""
    answer = web.Response(status=207, reason="So so", body=SECRET)
    answer.headers["Content-Encoding"] = "gzip"
    answer.headers["Retry-After"] = "7"
    answer.headers.add("Set-Cookie", "a=1")
    answer.headers.add("Set-Cookie", "b=2")
    answer.headers["Keep-Alive"] = "timeout=5"
    answer.headers["Proxy-Authenticate"] = "Basic"
    answer.headers["Connection"] = "keep-alive, X-Private"
    answer.headers["X-Private"] = "only for this connection"
    return answer


class Ticker:
    """An answer in chunks, each after a word from the test; how many were given is counted."""

    def __init__(self) -> None:
        self.go = asyncio.Queue[str]()

    async def stream(self, request: web.Request) -> web.StreamResponse:
        """Ends with an empty word."""
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        while word := await self.go.get():
            await response.write(f"data: {word}\n\n".encode())
        return response


async def too_large(request: web.Request) -> web.Response:
    """Refuses after a look at the length, as ingest does, without reading any of it."""
    assert request.content_length is not None
    return web.Response(status=413, text=f"{request.content_length} bytes are too many")


@asynccontextmanager
async def listening(application: web.Application) -> AsyncIterator[str]:
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@pytest.fixture
def ticker() -> Ticker:
    return Ticker()


@pytest.fixture
async def door(ticker) -> AsyncIterator[str]:
    """A front door with one service behind query and ingest; nobody is at home at the notifier."""
    application = web.Application(client_max_size=64 * 1024 * 1024)
    application.router.add_get("/odd", odd)
    application.router.add_get("/ticker", ticker.stream)
    application.router.add_post("/too-large", too_large)
    application.router.add_route("*", "/{path:.*}", echo)
    async with listening(application) as url:
        services = {"ingest": url, "query": url, "notifier": f"http://127.0.0.1:{free_port()}"}
        front = FrontDoor(host="127.0.0.1", port=0, services=services)
        yield await front.start()
        await front.stop()


@pytest.fixture
async def client() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(auto_decompress=False, timeout=aiohttp.ClientTimeout(total=10)) as session:
        yield session


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
async def test_a_request_arrives_as_it_was_sent(door, client, method):
    """Method, path and query to the letter, repeated headers, body and status."""
    path = "/api/v1/alerts/a%2Fb%41/x?status=418&label=a+b&label=c%20d&empty="
    headers = [("X-API-Key", "key"), ("Prefer", "wait=1"), ("X-Many", "1"), ("X-Many", "2")]
    body = None if method == "GET" else b"\x00\xff" * 500

    async with client.request(method, URL(door + path, encoded=True), headers=headers, data=body) as answer:
        assert answer.status == 418
        arrived = await answer.json()

    assert arrived["method"] == method
    assert arrived["raw_path"] == path
    assert arrived["size"] == len(body or b"")
    got = [tuple(pair) for pair in arrived["headers"]]
    assert {("x-api-key", "key"), ("prefer", "wait=1"), ("x-many", "1"), ("x-many", "2")} <= set(got)
    assert ("x-forwarded-host", door.removeprefix("http://")) in got


async def test_what_is_about_one_connection_goes_no_further(door, client):
    """Hop-by-hop headers, also those that only `Connection` names, in both directions."""
    sent = {"Connection": "keep-alive, X-Private", "X-Private": "1", "TE": "trailers", "Proxy-Authorization": "Basic x"}

    async with client.get(f"{door}/", headers=sent) as answer:
        arrived = {name for name, _value in (await answer.json())["headers"]}
    async with client.get(f"{door}/odd") as answer:
        back = {name.lower() for name in answer.headers}

    assert not arrived & {"x-private", "te", "proxy-authorization", "connection", "keep-alive"}
    assert not back & {"x-private", "keep-alive", "proxy-authenticate", "transfer-encoding"}


async def test_nothing_is_asked_for_that_the_caller_did_not_ask_for(door, client):
    """Whoever names no coding must not be sent one that it cannot open."""
    nothing = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")

    async with client.post(f"{door}/", data=b"x", skip_auto_headers=nothing) as answer:
        arrived = {name for name, _value in (await answer.json())["headers"]}

    assert arrived == {"host", "content-length", "x-forwarded-for", "x-forwarded-host"}


async def test_an_answer_comes_back_as_it_was_given(door, client):
    """Status, reason, repeated headers, and a body that nobody unpacked."""
    async with client.get(f"{door}/odd") as answer:
        assert (answer.status, answer.reason) == (207, "So so")
        assert answer.headers.getall("Set-Cookie") == ["a=1", "b=2"]
        assert (answer.headers["Content-Encoding"], answer.headers["Retry-After"]) == ("gzip", "7")
        assert await answer.read() == SECRET


async def test_a_head_request_has_no_body(door, client):
    """Only the headers come back, and the connection can be used again."""
    async with client.head(f"{door}/api/v1/alerts") as answer:
        assert answer.status == 200
        assert int(answer.headers["Content-Length"]) > 0
        assert await answer.read() == b""
    async with client.get(f"{door}/") as answer:
        assert answer.status == 200


async def test_a_stream_comes_through_chunk_by_chunk(door, client, ticker):
    """Each event is here before the next is sent: nothing is held back."""
    async with client.get(f"{door}/ticker") as answer:
        assert answer.headers["Content-Type"] == "text/event-stream"
        for word in ("one", "two", "three"):
            ticker.go.put_nowait(word)
            assert await asyncio.wait_for(answer.content.readany(), 20) == f"data: {word}\n\n".encode()
        ticker.go.put_nowait("")
        assert await answer.content.read() == b""


async def test_a_caller_who_leaves_a_stream_is_no_error(door, client, ticker, caplog):
    """Browsers do so with every page that is closed: the terminal stays quiet, and the door open."""
    async with client.get(f"{door}/ticker") as answer:
        ticker.go.put_nowait("one")
        await asyncio.wait_for(answer.content.readany(), 20)
        answer.close()
    for word in ("two", "three", ""):
        ticker.go.put_nowait(word)
    async with client.get(f"{door}/") as after:
        assert after.status == 200

    assert [each for each in caplog.records if each.levelname == "ERROR"] == []


async def test_a_service_that_is_not_there_is_answered_for(door, client):
    """503 as a problem, with when to come again; the other services answer as ever."""
    async with client.post(f"{door}/api/v1/twilio/status", data=b"x=1") as answer:
        assert answer.status == 503
        assert answer.content_type == "application/problem+json"
        assert answer.headers["Retry-After"] == "1"
        problem = await answer.json(content_type=None)
    async with client.get(f"{door}/") as answer:
        assert answer.status == 200

    assert (problem["status"], problem["code"]) == (503, "unavailable")
    assert "notifier" in problem["detail"]


async def test_a_service_that_dies_in_the_middle_of_an_answer_does_not_hang_the_caller(client):
    """The connection is cut: half an answer must not look whole."""

    async def half(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(half, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    front = FrontDoor(host="127.0.0.1", port=0, services={"query": f"http://127.0.0.1:{port}"})
    url = await front.start()
    try:
        with pytest.raises(aiohttp.ClientPayloadError):
            async with client.get(f"{url}/") as answer:
                await answer.read()
    finally:
        await front.stop()
        server.close()
        await server.wait_closed()


@pytest.mark.parametrize("expect", [False, True], ids=["at once", "after asking"])
async def test_a_large_body_reaches_the_service_which_has_the_word_about_it(door, client, expect):
    """2 MiB: the service says 413, whether it reads the body or not; the door refuses nothing by itself."""
    body = b"x" * 2 * 1024 * 1024
    headers = {"Expect": "100-continue"} if expect else {}

    async with client.post(f"{door}/api/v1/webhooks/generic", data=io.BytesIO(body), headers=headers) as answer:
        assert (await answer.json())["size"] == len(body)
    for _ in range(20):  # whoever is faster, the writer or the refusal
        async with client.post(f"{door}/too-large", data=io.BytesIO(body), headers=headers) as answer:
            assert (answer.status, await answer.text()) == (413, f"{len(body)} bytes are too many")


async def test_a_body_of_unknown_length_arrives_whole(door, client):
    """Sent in pieces, as agents do that make it while they send."""

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(10):
            yield b"y" * 1_000
            await asyncio.sleep(0)

    async with client.post(f"{door}/api/v1/webhooks/generic", data=pieces()) as answer:
        assert (await answer.json())["size"] == 10_000


async def test_a_taken_port_is_an_error_of_the_operating_system(door):
    """The caller says it in words."""
    second = FrontDoor(host="127.0.0.1", port=int(door.rpartition(":")[2]), services={})

    with pytest.raises(OSError, match="address already in use"):
        await second.start()
    await second.stop()


async def test_the_door_appends_the_address_that_it_sees(door, client):
    """At the right, where the services look: what a caller claims stays left of it, and is not believed."""
    async with client.get(f"{door}/anything", headers={"X-Forwarded-For": "203.0.113.9"}) as answer:
        arrived = (await answer.json())["headers"]

    assert [value for name, value in arrived if name == "x-forwarded-for"] == ["203.0.113.9", "127.0.0.1"]
