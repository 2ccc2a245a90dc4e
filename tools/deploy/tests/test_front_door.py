"""The web image's nginx answers as query does in `nightowl up`, and sends every path where the dispatch table says."""

import asyncio
import json
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from aiohttp import web
from configurations import COMPOSE, lay_out
from workshop import ROOT, nginx

from nightowl_cli.routing import POSTED, ROUTES, SERVICES, service_for
from nightowl_common.settings import load_settings
from nightowl_embedded import free_port
from nightowl_query.app import build
from nightowl_query.settings import Settings

pytestmark = pytest.mark.e2e

NOWHERE = {"DATABASE_URL": "postgresql://nowhere", "NATS_URL": "nats://nowhere", "REDIS_URL": "redis://nowhere"}
COMPARED = (
    "content-type", "content-encoding", "vary", "cache-control", "content-security-policy", "x-content-type-options",
    "referrer-policy", "strict-transport-security",
)  # fmt: skip
BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
PATHS = (
    "/", "/index.html", "/alerts/0190", "/favicon.svg", "/early.js", "/sw.js", "/robots.txt", "/noted.unknown",
    "/manifest.webmanifest",    "/assets/app-1a2b.js", "/assets/app-1a2b.css", "/assets/inter-3c.woff2", "/assets/gone.js", "/assets", "/assets/",
    "/assetsalike", "/assets/app-1a2b.js.gz", "/index.html.br", "/favicon.svg.gz", "/.made-from", "/api", "/api/v2/none",
    "/p", "/p/none", "/policies", "/gone.html",
)  # fmt: skip
ASKED = [
    *((path, {}) for path in PATHS),
    *((path, BROWSER) for path in PATHS),
    *(
        (path, {"accept-encoding": coding})
        for path in ("/", "/assets/app-1a2b.js", "/assets/app-1a2b.css", "/assets/inter-3c.woff2")
        for coding in (
            "br",
            "gzip",
            "gzip, deflate, br",
            "br;q=0, gzip",
            "BR;q=0.5",
            "gzip;q=0.0",
            "*",
            "brotli",
            "xgzip",
        )
    ),
]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A built front end; what is worth packing is packed, but for a style sheet that has no brotli copy."""
    built = tmp_path_factory.mktemp("dist")
    (built / "assets").mkdir()
    packed = (
        "index.html",
        "favicon.svg",
        "early.js",
        "sw.js",
        "robots.txt",
        "manifest.webmanifest",
        "assets/app-1a2b.js",
    )
    for name in (*packed, "assets/app-1a2b.css", "assets/inter-3c.woff2", "noted.unknown", ".made-from"):
        (built / name).write_text(f"this is {name}")
    for name in packed:
        (built / f"{name}.br").write_text(f"{name} by brotli")
    for name in (*packed, "assets/app-1a2b.css"):
        (built / f"{name}.gz").write_text(f"{name} by gzip")
    built.chmod(0o755)
    return built


@asynccontextmanager
async def door(folder: Path, **given: str | Path) -> AsyncIterator[httpx.AsyncClient]:
    """The image's nginx on this machine, and a client that adds no header of its own."""
    port = free_port()
    config = lay_out(folder, port=port, **given)  # type: ignore[arg-type]
    for each in (folder, *folder.parents):  # nginx' workers are nobody, and pytest's folders are their owner's
        if not each.stat().st_mode & 0o001:
            each.chmod(0o755)
    log = folder / "log"
    with log.open("wb") as said:
        process = subprocess.Popen(
            [nginx(), "-p", folder, "-c", config, "-g", "daemon off;"], stdout=subprocess.DEVNULL, stderr=said
        )
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
            client.headers.clear()
            await _until_it_listens(port, process, log)
            yield client
    finally:
        process.terminate()
        process.wait()


async def _until_it_listens(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    for _attempt in range(600):
        try:
            _reader, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            assert process.poll() is None, log.read_text()
            await asyncio.sleep(0.05)
        else:
            writer.close()
            return
    raise AssertionError("nginx did not begin to listen")


async def told(client: httpx.AsyncClient, method: str, path: str, headers: dict[str, str]) -> tuple[object, ...]:
    """What both must agree on: status, headers and the body as it comes. Of a problem its words may differ."""
    request = client.build_request(method, path, headers={"host": "owl.test", **headers})
    answer = await client.send(request, stream=True)
    body = b"".join([part async for part in answer.aiter_raw()])
    shown = {name: answer.headers.get(name) for name in COMPARED}
    allowed = set(answer.headers.get("allow", "").split(", ")) - {"", "OPTIONS"}  # which a server of files has none of
    if answer.headers.get("content-type") != "application/problem+json" or not body:
        return answer.status_code, shown, allowed, body
    said = json.loads(body)
    assert said["request_id"] == answer.headers["x-request-id"]
    return answer.status_code, shown, allowed, {name: said[name] for name in ("title", "status", "code")}


async def test_nginx_answers_for_files_as_query_does(files: Path, tmp_path: Path) -> None:
    """Status, headers and body, for every kind of path, caller and coding; GET, HEAD and what is refused."""
    app = build(load_settings(Settings, {**NOWHERE, "NIGHTOWL_WEB_DIR": str(files), "NIGHTOWL_MODE": "dev"}))
    transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]  # both are ASGI, typed each in its own way
    async with (
        httpx.AsyncClient(transport=transport, base_url="http://owl.test") as query,
        door(tmp_path, files=files) as web_server,
    ):
        query.headers.clear()
        differing = [
            (method, path, headers, *pair)
            for path, headers in ASKED
            for method in (("GET", "HEAD", "POST") if path in {"/", "/early.js", "/gone.html"} else ("GET",))
            if (pair := [await told(each, method, path, headers) for each in (query, web_server)])[0] != pair[1]
        ]

    assert differing == []


async def test_nginx_sends_nothing_twice_and_says_tls_where_the_edge_has_it(files: Path, tmp_path: Path) -> None:
    """A caller who has the page gets 304 with its policy; https at the edge is https from then on."""
    async with door(tmp_path, files=files) as client:
        first = await client.get("/", headers={"x-forwarded-proto": "https"})
        again = await client.get("/", headers={"if-none-match": first.headers["etag"]})

        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["content-security-policy"] == first.headers["content-security-policy"]
        assert (again.headers["cache-control"], again.headers["vary"]) == ("no-cache", "Accept-Encoding")
        assert first.headers["strict-transport-security"] == "max-age=31536000"
        assert (await client.get("/healthz")).json() == {"status": "ok"}


@asynccontextmanager
async def services() -> AsyncIterator[dict[str, int]]:
    """A server for each service, which says who it is, how it was called and by whom."""

    def answering(name: str) -> web.Application:
        async def answer(request: web.Request) -> web.Response:
            told = [name, request.method, request.raw_path, request.headers.get("X-Forwarded-For", "")]
            return web.json_response(told, status=299, headers={"X-Own": "1"})

        app = web.Application()
        app.router.add_route("*", "/{path:.*}", answer)
        return app

    runners = {name: web.AppRunner(answering(name), access_log=None) for name in SERVICES}
    ports = {name: free_port() for name in SERVICES}
    for name, runner in runners.items():
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", ports[name]).start()
    try:
        yield ports
    finally:
        for runner in runners.values():
            await runner.cleanup()


PROBES = [
    (method, path)
    for prefix in (*(path for path, _ in ROUTES if path != "/"), *(path.rstrip("/") for path, _ in POSTED))
    for path in (prefix, f"{prefix}/", f"{prefix}/some%2Fthing?x=1&y=%20")
    for method in ("GET", "POST", "PUT", "DELETE")
]  # fmt: skip


async def test_the_door_of_compose_sends_every_path_where_up_does(tmp_path: Path) -> None:
    """The table and the door agree on each prefix, in whole segments, for each method; what a service says passes."""
    routes = (COMPOSE / "routes.conf").read_text().replace("http://$service:8080", "http://$service")
    async with services() as ports:
        upstreams = "".join(f"upstream {name} {{ server 127.0.0.1:{port}; }}\n" for name, port in ports.items())
        async with door(tmp_path, routes=routes, upstreams=upstreams) as client:
            for method, path in PROBES:
                answer = await client.request(method, path, headers={"x-forwarded-for": "192.0.2.1"})
                wanted = service_for(path.partition("?")[0], method)
                assert answer.json() == [wanted, method, path, "192.0.2.1, 127.0.0.1"], (method, path)
                assert (answer.status_code, answer.headers["x-own"]) == (299, "1")
                assert "content-security-policy" not in answer.headers
            assert (await client.get("/apialike")).status_code == 404


async def test_the_door_says_when_a_service_is_away(tmp_path: Path) -> None:
    """503 with when to come again, which senders of alerts take for a reason to repeat."""
    routes = (COMPOSE / "routes.conf").read_text().replace("http://$service:8080", "http://$service")
    upstreams = "".join(f"upstream {name} {{ server 127.0.0.1:{free_port()}; }}\n" for name in SERVICES)
    async with door(tmp_path, routes=routes, upstreams=upstreams) as client:
        answer = await client.post("/api/v1/webhooks/alertmanager", json={})

        assert (answer.status_code, answer.json()["code"], answer.headers["retry-after"]) == (503, "unavailable", "1")


def test_the_files_of_the_checkout_are_known_kinds() -> None:
    """Every file that the front end's sources bring along has a kind in nginx.conf."""
    text = (ROOT / "images" / "nginx.conf").read_text()
    kinds = {path.suffix for path in (ROOT / "web" / "public").rglob("*") if path.is_file()}
    assert {each for each in kinds if rf'"~\{each}(\.br' not in text} == set()
