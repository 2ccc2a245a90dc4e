"""The built front end, as a browser and as others get it; the application is not started, its files need no server."""

import gzip
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from httpx import ASGITransport, AsyncClient

from nightowl_common.settings import SettingsError, load_settings
from nightowl_query.app import build
from nightowl_query.settings import Settings

NOWHERE = {"DATABASE_URL": "postgresql://nowhere", "NATS_URL": "nats://nowhere", "REDIS_URL": "redis://nowhere"}
PAGE, SCRIPT = b"<!doctype html><title>NightOwl</title>", b"console.log('owl')" * 20
PACKED = gzip.compress(SCRIPT, mtime=0)
OPENED = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
"""As a browser asks when a person opens an address."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A built front end."""
    built = tmp_path / "dist"
    (built / "assets").mkdir(parents=True)
    (tmp_path / "secret.txt").write_text("not yours")
    files = {
        "index.html": PAGE, "assets/app-1a2b.js": SCRIPT, "assets/app-1a2b.js.gz": PACKED,
        "assets/app-1a2b.js.br": b"packed by brotli", "assets/inter-3c.woff2": b"font", "favicon.svg": b"<svg/>",
        "assets/odd.gz": b"an archive of its own", ".made-from": b"abc", "noted.unknown": b"?",
        "sw.js": b"self;",
    }  # fmt: skip
    for name, content in files.items():
        (built / name).write_bytes(content)
    return built


@pytest.fixture
async def owl(folder: Path) -> AsyncIterator[AsyncClient]:
    """A client of a service that has that front end, and takes no coding unless a test says so."""
    app = build(load_settings(Settings, {**NOWHERE, "NIGHTOWL_WEB_DIR": str(folder)}))
    transport = ASGITransport(app=app)  # type: ignore[arg-type]  # both are ASGI, typed each in its own way
    plain = {"Accept-Encoding": "identity"}
    async with AsyncClient(transport=transport, base_url="http://service.test", headers=plain) as client:
        yield client


@pytest.mark.parametrize("path", ["/", "/index.html"])
async def test_the_page_runs_nothing_that_is_not_from_here(owl: AsyncClient, path: str) -> None:
    """Its policy allows own scripts alone; the browser asks each time whether it is still good."""
    answer = await owl.get(path)

    assert (answer.status_code, answer.content) == (200, PAGE)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    policy = dict(each.strip().split(" ", 1) for each in answer.headers["content-security-policy"].split(";"))
    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert {
        policy[each] for each in ("script-src", "connect-src", "font-src", "manifest-src", "worker-src", "form-action")
    } == {"'self'"}
    assert (answer.headers["x-content-type-options"], answer.headers["referrer-policy"]) == ("nosniff", "no-referrer")


async def test_the_service_worker_may_ask_this_origin_and_is_never_old(owl: AsyncClient) -> None:
    """It is bound by its own policy; the browser asks each time whether there is a newer one."""
    answer = await owl.get("/sw.js")

    assert answer.headers["content-security-policy"] == "default-src 'none'; connect-src 'self'"
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"


async def test_the_page_is_not_sent_twice(owl: AsyncClient) -> None:
    """304 for a caller who has it."""
    first = await owl.get("/")

    again = await owl.get("/", headers={"If-None-Match": first.headers["etag"]})
    other = await owl.get("/", headers={"If-None-Match": 'W/"another"'})

    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["content-security-policy"] == first.headers["content-security-policy"]
    assert other.status_code == 200


async def test_assets_are_kept_for_ever_and_other_files_are_not(owl: AsyncClient) -> None:
    """What is in an asset is in its name."""
    asset, font, other = [
        await owl.get(path) for path in ("/assets/app-1a2b.js", "/assets/inter-3c.woff2", "/favicon.svg")
    ]

    assert asset.content == SCRIPT
    for answer in (asset, font):
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert other.headers["cache-control"] == "no-cache"
    kinds = [each.headers["content-type"] for each in (asset, font, other)]
    assert kinds == ["text/javascript; charset=utf-8", "font/woff2", "image/svg+xml"]


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip, deflate, br", "br"), ("gzip", "gzip"), ("br;q=0, gzip;q=0.5", "gzip"), ("GZIP ; q=1", "gzip"),
        ("br; q=0.0", None), ("identity", None), ("", None), ("zstd", None),
    ],
)  # fmt: skip
async def test_an_asset_is_packed_for_those_who_can_open_it(
    owl: AsyncClient, accepted: str, coding: str | None
) -> None:
    """Caches are told that it differs."""
    request = owl.build_request("GET", "/assets/app-1a2b.js", headers={"Accept-Encoding": accepted})
    answer = await owl.send(request, stream=True)
    body = b"".join([each async for each in answer.aiter_raw()])

    assert answer.headers.get("content-encoding") == coding
    assert answer.headers["vary"] == "Accept-Encoding"
    assert answer.headers["content-length"] == str(len(body))
    assert body == {None: SCRIPT, "gzip": PACKED, "br": b"packed by brotli"}[coding]


async def test_any_address_that_a_browser_opens_is_the_app(owl: AsyncClient) -> None:
    """The app knows which of them are pages; for a program there is nothing there."""
    for path in ("/alerts/1", "/rosters", "/a/b/c", "/apis", "/pages"):
        opened, asked = await owl.get(path, headers=OPENED), await owl.get(path, headers={"Accept": "*/*"})

        assert (opened.status_code, opened.content) == (200, PAGE)
        assert "script-src" in opened.headers["content-security-policy"]
        assert (asked.status_code, asked.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    "path", ["/api", "/api/v1/nowhere", "/api/nowhere", "/p", "/p/token", "/assets/gone.js", "/assets"]
)
async def test_what_belongs_to_others_is_not_the_app(owl: AsyncClient, path: str) -> None:
    """A problem, also for a browser; a script that is gone must not come back as a page."""
    answer = await owl.get(path, headers=OPENED)

    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert answer.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"


async def test_own_pages_stay(owl: AsyncClient) -> None:
    """The API document as before; the outbox still wants to know who asks."""
    assert "swagger" in (await owl.get("/api/docs", headers=OPENED)).text
    assert (await owl.get("/healthz", headers=OPENED)).json()["status"] == "ok"
    assert (await owl.post("/api/v1/nowhere")).status_code == 404
    assert (await owl.post("/alerts")).status_code == 405


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt",
        "/assets/../../secret.txt",
        "/..%2fsecret.txt",
        "/assets/..%2f..%2fsecret.txt",
        "/%2e%2e/secret.txt",
        "/.made-from",
    ],
)
async def test_only_files_of_the_folder_are_answered(owl: AsyncClient, path: str) -> None:
    """Nothing above it, nothing hidden in it."""
    answer = await owl.get(path)

    assert answer.status_code == 404
    assert "not yours" not in answer.text


async def test_what_comes_after_the_start_is_not_there(owl: AsyncClient, folder: Path) -> None:
    """All that is answered was there when the service started, and stays until it ends."""
    (folder / "late.txt").write_text("late")
    (folder / "index.html").unlink()

    assert (await owl.get("/late.txt")).status_code == 404
    assert (await owl.get("/")).content == PAGE


async def test_a_head_has_no_body(owl: AsyncClient) -> None:
    """And the same headers."""
    for path in ("/", "/alerts/1", "/assets/app-1a2b.js"):
        got, asked = await owl.get(path, headers=OPENED), await owl.head(path, headers=OPENED)

        assert (asked.status_code, asked.content) == (200, b"")
        for name in ("content-length", "content-type", "cache-control", "etag"):
            assert asked.headers[name] == got.headers[name]


async def test_an_odd_file_is_only_a_file(owl: AsyncClient) -> None:
    """No kind is guessed at; an archive that belongs to no other file is one."""
    assert (await owl.get("/noted.unknown")).headers["content-type"] == "application/octet-stream"
    assert (await owl.get("/assets/odd.gz")).content == b"an archive of its own"
    assert (await owl.get("/assets/app-1a2b.js.gz")).status_code == 404


def test_a_folder_without_a_page_is_refused(tmp_path: Path) -> None:
    """At the start, in a sentence."""
    with pytest.raises(SettingsError, match=r"no index\.html"):
        build(load_settings(Settings, {**NOWHERE, "NIGHTOWL_WEB_DIR": str(tmp_path)}))
