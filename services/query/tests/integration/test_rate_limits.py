"""Callers that call too often are told when to come again."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator

import pytest
from httpx import AsyncClient

from nightowl_auth import AddressLimiter, RateLimiter, Rates
from nightowl_common.cache import Cache
from nightowl_common.db import Database
from nightowl_testkit.apps import RunningApp
from nightowl_testkit.servers import Servers

pytestmark = pytest.mark.integration

ClientOf = Callable[[str, str], Awaitable[AsyncClient]]


@pytest.fixture
def few_calls(service: RunningApp, database: Database, servers: Servers) -> Iterator[RateLimiter]:
    """The service, with five calls a minute for a key."""
    limiter = RateLimiter(
        "calls", Rates(per_key=5, per_tenant=8), overrides=lambda _: {}, cache=Cache(servers.redis_url)
    )
    before = service.app.state.limiter
    service.app.state.limiter = limiter
    yield limiter
    service.app.state.limiter = before


async def test_a_key_that_calls_too_often_is_answered_429(few_calls, client_of: ClientOf, tenant: str) -> None:
    """With the time to wait, as a problem that programs can read."""
    client = await client_of(tenant, "readonly")

    answers = [await client.get("/api/v1/alerts") for _ in range(30)]

    assert [each.status_code for each in answers[:5]] == [200] * 5
    refused = next(each for each in answers if each.status_code != 200)
    assert refused.status_code == 429
    assert refused.json()["code"] == "too_many_calls"
    assert 1 <= int(refused.headers["Retry-After"]) <= 72


async def test_calls_that_are_refused_for_their_role_count_too(few_calls, client_of: ClientOf, tenant: str) -> None:
    """Trying doors is calling."""
    client = await client_of(tenant, "readonly")

    answers = [(await client.get("/api/v1/api-keys")).status_code for _ in range(30)]

    assert answers[:5] == [403] * 5
    assert 429 in answers


async def test_a_tenant_has_a_rate_over_all_its_keys(few_calls, client_of: ClientOf, tenant: str) -> None:
    """Whoever makes more keys gains nothing."""
    clients = [await client_of(tenant, "readonly") for _ in range(10)]

    answers = [(await each.get("/api/v1/alerts")).status_code for each in clients for _ in range(3)]

    assert answers[:8] == [200] * 8
    assert 429 in answers


async def test_an_address_that_tries_many_passwords_is_refused(service: RunningApp) -> None:
    """Before any password is looked at, so it costs nothing."""
    before = service.app.state.sign_ins
    service.app.state.sign_ins = AddressLimiter(1)
    body = {"tenant": "nobody", "username": "admin", "password": "wrong wrong wrong"}

    answers = await asyncio.gather(*(service.client.post("/api/v1/auth/login", json=body) for _ in range(5)))
    service.app.state.sign_ins = before

    refused = [each for each in answers if each.status_code == 429]
    assert {each.status_code for each in answers} == {403, 429}
    assert all("Retry-After" in each.headers for each in refused)
