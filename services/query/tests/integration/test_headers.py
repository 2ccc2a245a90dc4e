"""What every answer tells a browser, and how much of a request is read. All routes are called."""

import re
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from httpx import AsyncClient
from litestar import Litestar
from litestar.routes import HTTPRoute

from nightowl_common.settings import load_settings
from nightowl_query.app import MAX_BODY_BYTES, build
from nightowl_query.settings import Settings
from nightowl_testkit.apps import RunningApp, running_app
from nightowl_testkit.servers import Servers

pytestmark = pytest.mark.integration

NOWHERE = {"DATABASE_URL": "postgresql://nowhere", "NATS_URL": "nats://nowhere", "REDIS_URL": "redis://nowhere"}


def calls(app: Litestar) -> list[tuple[str, str]]:
    """Each method of each route."""
    found = [
        (str(method), route.path_format)
        for route in app.routes
        if isinstance(route, HTTPRoute)
        for method in sorted(route.methods)
    ]
    return [*found, ("GET", "/nowhere"), ("DELETE", "/api/v1/nowhere")]


ALL = calls(build(load_settings(Settings, NOWHERE)))


@pytest.mark.parametrize(("method", "path"), ALL, ids=lambda each: each)
async def test_every_answer_has_the_headers_of_an_answer(anonymous: AsyncClient, method: str, path: str) -> None:
    """Also refusals, and answers to paths that are none; and the caller's request id comes back."""
    real = path.replace("{file_path}", "swagger-ui.css").replace("{version}", "1")
    real = re.sub(r"\{[^}]+\}", str(uuid4()), real)

    answer = await anonymous.request(method, real, headers={"X-Request-ID": "from-the-caller"})

    headers = answer.headers
    assert answer.status_code != 500
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-request-id"] == "from-the-caller"
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "frame-ancestors 'none'" in policy
    assert "script-src" not in policy or path.startswith("/api/docs")
    if not path.startswith("/api/docs"):
        assert headers["cache-control"] == "no-store"
    assert len(headers.get_list("content-security-policy")) == 1
    assert "strict-transport-security" not in headers


async def test_a_page_has_the_policy_of_its_own(client: AsyncClient) -> None:
    """Its one style sheet and pictures, and still no script."""
    policy = (await client.get("/outbox")).headers["content-security-policy"]

    assert "style-src 'sha256-" in policy
    assert "script-src" not in policy


@pytest.fixture
async def over_tls(servers: Servers) -> AsyncIterator[RunningApp]:
    """The service, reached by https."""
    settings = load_settings(Settings, {**servers.environment, "NIGHTOWL_PUBLIC_URL": "https://owl.example.com"})
    async with running_app(build, settings) as running:
        yield running


async def test_over_tls_browsers_are_told_to_stay_there(over_tls: RunningApp) -> None:
    """On every answer, and without a word about other hosts."""
    answer = await over_tls.client.get("/nowhere")

    assert answer.headers["strict-transport-security"] == "max-age=31536000"


@pytest.mark.parametrize("is_told", [True, False], ids=["declared", "streamed"])
async def test_a_body_is_read_up_to_its_bound(client: AsyncClient, is_told: bool) -> None:  # noqa: FBT001
    """413 by its declared length, or as soon as more has come in."""

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b" " * 64 * 1024

    body = b" " * (MAX_BODY_BYTES + 1) if is_told else pieces()

    answer = await client.post("/api/v1/silences", content=body, headers={"Content-Type": "application/json"})

    assert answer.status_code == 413
    assert answer.json()["code"] == "too_large"
