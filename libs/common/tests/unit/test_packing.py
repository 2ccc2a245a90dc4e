"""Long JSON comes packed to whoever can unpack it, and nothing else does."""

import gzip
from collections.abc import AsyncIterator

import pytest
from httpx import ASGITransport, AsyncClient
from litestar import Litestar, Response, get
from litestar.response import Stream

from nightowl_common.packing import SHORTEST_BYTES, PackedAnswers, accepted_codings

LONG = [{"title": f"Disk nearly full on db-{number}"} for number in range(100)]


@get("/long")
async def show_long() -> list[dict[str, str]]:
    return LONG


@get("/short")
async def show_short() -> list[str]:
    return ["one"]


@get("/tagged")
async def show_tagged() -> Response[list[dict[str, str]]]:
    return Response(LONG, headers={"ETag": '"3"'})


@get("/api/v1/auth/me")
async def show_secret() -> list[dict[str, str]]:
    return LONG


@get("/text")
async def show_text() -> str:
    return "x" * SHORTEST_BYTES


@get("/pieces")
async def show_pieces() -> Stream:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"[" + b" " * SHORTEST_BYTES
        yield b"]"

    return Stream(pieces(), media_type="application/json")


APP = Litestar(
    [show_long, show_short, show_tagged, show_secret, show_text, show_pieces],
    middleware=[PackedAnswers()],
    openapi_config=None,
)


async def fetch(path: str, accepted: str = "gzip, br"):
    async with (
        AsyncClient(transport=ASGITransport(APP), base_url="http://here") as client,
        client.stream("GET", path, headers={"Accept-Encoding": accepted}) as answer,
    ):
        return answer.headers, b"".join([piece async for piece in answer.aiter_raw()])


async def test_long_json_is_packed():
    headers, body = await fetch("/long")

    assert (headers["content-encoding"], headers["vary"]) == ("gzip", "accept-encoding")
    assert int(headers["content-length"]) == len(body)
    assert len(gzip.decompress(body)) > 4 * len(body)


@pytest.mark.parametrize("accepted", ["", "br", "gzip;q=0, br"])
async def test_only_for_who_can_unpack_it(accepted):
    headers, body = await fetch("/long", accepted)

    assert "content-encoding" not in headers
    assert body.startswith(b"[{")


@pytest.mark.parametrize("path", ["/short", "/tagged", "/api/v1/auth/me", "/text", "/pieces"])
async def test_what_is_short_tagged_secret_or_sent_in_pieces_stays(path):
    headers, _ = await fetch(path)

    assert "content-encoding" not in headers


def test_what_is_refused_is_not_accepted():
    assert accepted_codings("gzip;q=0, BR;q=0.5, zstd") == {"br", "zstd"}
