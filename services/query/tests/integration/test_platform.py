"""Those who run the installation make and suspend tenants, and see nothing inside."""

from collections.abc import Awaitable, Callable
from uuid import uuid4

import pytest
import pytest_asyncio
from httpx import AsyncClient

from nightowl_auth.platform import insert_platform_key, make_platform_key, revoke_platform_key
from nightowl_common.db import Database
from nightowl_testkit.apps import RunningApp

ClientOf = Callable[[str, str], Awaitable[AsyncClient]]

pytestmark = pytest.mark.integration

TENANTS = "/api/v1/admin/tenants"


@pytest_asyncio.fixture(loop_scope="session")
async def platform(service: RunningApp, database: Database) -> AsyncClient:
    """Somebody with a platform key."""
    key = make_platform_key()
    async with database.global_tx() as tx:
        await insert_platform_key(tx, key, description="Olga")
    return service.client_with(X_API_Key=key.raw)


@pytest.fixture
def slug() -> str:
    """Of a tenant that is not there."""
    return f"t_{uuid4().hex[:12]}"


async def test_a_tenant_is_made_with_an_admin_who_can_begin(
    service: RunningApp, platform: AsyncClient, slug: str
) -> None:
    """The key works at once, the password opens its own change, and both are told this once."""
    made = await platform.post(TENANTS, json={"slug": slug, "name": "Payments"})
    told = made.json()

    assert (made.status_code, made.headers["cache-control"]) == (201, "no-store")
    assert told["tenant"] | {"created_at": None} == {
        "slug": slug, "name": "Payments", "status": "active", "created_at": None, "limits": {},
    }  # fmt: skip
    admin = service.client_with(X_API_Key=told["key"])
    assert (await admin.get("/api/v1/users")).status_code == 200
    signed_in = await service.client.post(
        "/api/v1/auth/login", json={"tenant": slug, "username": told["username"], "password": told["password"]}
    )
    assert signed_in.json()["must_change_password"] is True
    listed = await admin.get("/api/v1/audit-log", params={"entity": "tenant"})
    [entry] = listed.json()["items"]
    assert (entry["action"], entry["actor"]["name"]) == ("created", "platform: Olga")


async def test_a_slug_is_taken_once(platform: AsyncClient, slug: str) -> None:
    """409, and what is there stays; what is no slug is 422."""
    await platform.post(TENANTS, json={"slug": slug})

    assert (await platform.post(TENANTS, json={"slug": slug})).json()["code"] == "slug_taken"
    for wrong in ("", "Acme", "a-b", "pg_x;drop", "1a", "a" * 42):
        assert (await platform.post(TENANTS, json={"slug": wrong})).status_code == 422


async def test_all_tenants_are_listed_page_by_page(platform: AsyncClient, slug: str) -> None:
    """By slug, each once."""
    await platform.post(TENANTS, json={"slug": slug})
    seen, cursor = [], None
    while True:
        params = {"limit": "50", **({} if cursor is None else {"cursor": cursor})}
        page = (await platform.get(TENANTS, params=params)).json()
        seen += [each["slug"] for each in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break

    assert seen == sorted(set(seen))
    assert slug in seen
    assert (await platform.get(TENANTS, params={"cursor": "no slug"})).json()["code"] == "bad_cursor"


async def test_a_tenant_is_suspended_and_resumed(
    platform: AsyncClient, client_of: ClientOf, tenant: str, database: Database
) -> None:
    """Its calls are refused until then; twice is as once."""
    admin = await client_of(tenant, "admin")

    for _ in range(2):
        assert (await platform.post(f"{TENANTS}/{tenant}/suspend")).json()["status"] == "suspended"
    await database.tenants()
    listed = await admin.get("/api/v1/audit-log", params={"entity": "tenant"})
    for _ in range(2):
        assert (await platform.post(f"{TENANTS}/{tenant}/resume")).json()["status"] == "active"

    [entry] = listed.json()["items"]
    assert entry["changes"] == {"status": ["active", "suspended"]}
    assert (await platform.post(f"{TENANTS}/nobody/suspend")).json()["code"] == "unknown_tenant"


async def test_a_tenant_has_limits_of_its_own(
    platform: AsyncClient, client_of: ClientOf, tenant: str, service: RunningApp
) -> None:
    """In force when the registry is read again; the audit log tells old and new."""
    set_to = {"key_calls_per_minute": 3}
    first = await platform.put(f"{TENANTS}/{tenant}/limits", json=set_to)
    admin = await client_of(tenant, "admin")
    await service.app.state.database.tenants()

    answers = [(await admin.get("/api/v1/alerts")).status_code for _ in range(30)]
    await platform.put(f"{TENANTS}/{tenant}/limits", json={})
    await service.app.state.database.tenants()

    assert first.json()["limits"] == set_to
    assert 429 in answers
    other = await client_of(tenant, "admin")
    [gone, given] = (await other.get("/api/v1/audit-log", params={"entity": "tenant"})).json()["items"]
    assert given["changes"] == {"key_calls_per_minute": [None, 3]}
    assert gone["changes"] == {"key_calls_per_minute": [3, None]}
    for wrong in ({"key_calls_per_minute": -1}, {"calls": 1}, {"calls_per_minute": "many"}):
        assert (await platform.put(f"{TENANTS}/{tenant}/limits", json=wrong)).status_code == 422


async def test_no_tenants_admin_may(client_of: ClientOf, tenant: str) -> None:
    """403, also for their own tenant, and the attempt is in their log."""
    admin = await client_of(tenant, "admin")

    for method, path in [("GET", ""), ("POST", ""), ("POST", f"/{tenant}/resume"), ("PUT", f"/{tenant}/limits")]:
        answer = await admin.request(method, TENANTS + path, json={"slug": "mine"})
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")

    denied = (await admin.get("/api/v1/audit-log", params={"action": "denied"})).json()["items"]
    assert len(denied) == 4


async def test_a_platform_key_opens_no_tenant(platform: AsyncClient) -> None:
    """Neither its alerts nor its users: 401, as for any key that is none."""
    for path in ("/alerts", "/users", "/audit-log", "/admin/config"):
        assert (await platform.get(f"/api/v1{path}")).status_code == 401


async def test_a_revoked_platform_key_is_over_at_once(service: RunningApp, database: Database) -> None:
    """No process remembers it."""
    key = make_platform_key()
    async with database.global_tx() as tx:
        await insert_platform_key(tx, key, description="gone")
    client = service.client_with(X_API_Key=key.raw)
    assert (await client.get(TENANTS)).status_code == 200

    async with database.global_tx() as tx:
        assert await revoke_platform_key(tx, key.prefix)

    assert (await client.get(TENANTS)).status_code == 401
    almost = service.client_with(X_API_Key=key.raw[:-1] + "x")
    assert (await almost.get(TENANTS)).status_code == 401
