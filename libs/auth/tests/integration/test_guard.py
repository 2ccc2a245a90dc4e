"""The guard on a small application."""

import base64

import pytest
from httpx import ASGITransport, AsyncClient
from litestar import Litestar, Request, get
from litestar.di import NamedDependency, Provide

from nightowl_auth import Principal, make_key, principal_of, requires
from nightowl_common.web import RequestLog, exception_handlers

pytestmark = pytest.mark.integration

ORDER = ["readonly", "engineer", "manager", "admin"]


def guarded(role):
    @get(f"/{role}", guards=[requires(role)])
    async def handler(principal: NamedDependency[Principal]) -> dict[str, str]:
        return {"tenant": principal.tenant, "role": principal.role}

    return handler


@get("/open")
async def unguarded() -> str:
    return "open"


@get("/forgotten")
async def forgotten(request: Request) -> str:
    return principal_of(request).tenant


@pytest.fixture
async def client(ring):
    app = Litestar(
        [*(guarded(role) for role in ORDER), unguarded, forgotten],
        dependencies={"principal": Provide(principal_of, sync_to_thread=False)},
        middleware=[RequestLog()],
        exception_handlers=exception_handlers(),
        openapi_config=None,
        logging_config=None,
    )
    app.state.key_ring = ring
    async with AsyncClient(transport=ASGITransport(app=app), base_url="http://test") as opened:
        yield opened


@pytest.mark.parametrize("role", ORDER)
async def test_a_key_opens_what_its_role_may(client, keys, role):
    """And is told why not of the rest."""
    key = await keys.make(role)

    for needed in ORDER:
        answer = await client.get(f"/{needed}", headers={"X-API-Key": key.raw})

        if ORDER.index(role) >= ORDER.index(needed):
            assert (answer.status_code, answer.json()) == (200, {"tenant": keys.tenant, "role": role})
        else:
            assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
            assert needed in answer.json()["detail"]


@pytest.mark.parametrize("form", ["bearer", "basic"])
async def test_other_ways_to_send_a_key_work_too(client, keys, form):
    """For senders that cannot set a header of their own."""
    raw = (await keys.make()).raw
    basic = base64.b64encode(f"any:{raw}".encode()).decode()
    value = f"Bearer {raw}" if form == "bearer" else f"Basic {basic}"

    assert (await client.get("/engineer", headers={"Authorization": value})).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-API-Key": "ow_short"},
        {"X-API-Key": make_key().raw},
        {"Authorization": "Basic !!!"},
        {"Authorization": "Basic " + base64.b64encode(b"a:ow_\x00" + b"x" * 40).decode()},
    ],
)
async def test_without_a_valid_key_nobody_enters(client, headers):
    """The answer says how to authenticate, whatever was sent."""
    answer = await client.get("/readonly", headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert "www-authenticate" in answer.headers


async def test_a_key_that_cannot_be_checked_is_asked_to_come_again(client, keys, own_database):
    """503 with the time to wait."""
    key = await keys.make()
    await own_database.close()

    answer = await client.get("/readonly", headers={"X-API-Key": key.raw})

    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert int(answer.headers["retry-after"]) > 0


async def test_routes_without_a_guard_need_no_key(client):
    """They are few."""
    assert (await client.get("/open")).status_code == 200


async def test_a_route_that_forgot_its_guard_has_no_principal(client, keys):
    """It refuses everybody instead of trusting anybody."""
    key = await keys.make()

    answer = await client.get("/forgotten", headers={"X-API-Key": key.raw})

    assert answer.status_code == 401


@pytest.mark.parametrize("role", ORDER)
def test_a_guard_tells_its_role(role):
    """The permission table is made from it."""
    assert requires(role).required_role == role
