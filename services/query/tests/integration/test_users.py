"""People: adding, changing, leaving and coming back."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from httpx import AsyncClient

from nightowl_auth import insert_key, make_key
from nightowl_common import clock
from nightowl_common.db import Database
from nightowl_testkit.apps import RunningApp
from nightowl_testkit.builders import Team, seed_team
from nightowl_testkit.clock import DbClock

pytestmark = pytest.mark.integration

ClientOf = Callable[..., Awaitable[AsyncClient]]
DANA = {"email": "dana@example.com", "display_name": "Dana Diaz", "timezone": "America/Lima"}


@pytest_asyncio.fixture(loop_scope="session")
async def admin(client_of: ClientOf, tenant: str) -> AsyncClient:
    """Who may."""
    return await client_of(tenant, "admin")


@pytest_asyncio.fixture(loop_scope="session")
async def team(database: Database, tenant: str) -> Team:
    """Alice and Bob on a roster; the policy's last tier names Carol."""
    return await seed_team(database, tenant)


@pytest.fixture
def client_as(service: RunningApp, database: Database, tenant: str) -> Callable[..., Awaitable[AsyncClient]]:
    """Makes a client with a person's key."""

    async def make(user_id: object, role: Any = "engineer") -> AsyncClient:
        key = make_key()
        async with database.global_tx() as tx:
            await insert_key(
                tx, key, tenant=tenant, role=role, description="own", user_id=UUID(str(user_id))
            )  # fmt: skip
        return service.client_with(X_API_Key=key.raw)

    return make


async def add(admin: AsyncClient, **changes: object) -> dict[str, Any]:
    """Somebody new."""
    answer = await admin.post("/api/v1/users", json={**DANA, **changes})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def test_a_person_is_added_and_found(admin: AsyncClient, database: Database, tenant: str) -> None:
    """With a revision as ETag; the audit log tells who did it."""
    made = await add(admin, external_id="https://login.example.com#1", preferences={"theme": "dark"})

    found = await admin.get(f"/api/v1/users/{made['id']}")
    listed = (await admin.get("/api/v1/users")).json()["items"]

    assert (found.json(), found.headers["etag"]) == (made, '"1"')
    assert (made["role"], made["is_active"], made["preferences"]) == ("engineer", True, {"theme": "dark"})
    assert [(each["id"], each["external_id"]) for each in listed] == [(made["id"], "https://login.example.com#1")]
    async with database.tenant_tx(tenant) as tx:
        assert await tx.fetchval("SELECT action FROM audit_log WHERE entity = 'user'") == "created"


async def test_people_are_searched_by_parts_of_name_and_address(admin: AsyncClient) -> None:
    """Every part must be in one of them; signs of SQL patterns are signs like others."""
    await add(admin, display_name="Zoë Quintana", email="zq_1@example.com")
    await add(admin, display_name="Zach Quist", email="zq21@example.com")

    async def found(q: str) -> tuple[list[str], int]:
        page = (await admin.get("/api/v1/users", params={"q": q})).json()
        return sorted(each["display_name"] for each in page["items"]), page["total"]

    assert await found("QUI z") == (["Zach Quist", "Zoë Quintana"], 2)
    assert await found("zoë EXAMPLE") == (["Zoë Quintana"], 1)
    assert await found("zq_1") == (["Zoë Quintana"], 1)
    assert await found("quist zoë") == ([], 0)
    assert (await admin.get("/api/v1/users", params={"q": "a\x00"})).status_code == 422


@pytest.mark.parametrize(
    ("change", "code"),
    [({}, "email_taken"), ({"email": "other@example.com", "external_id": "idp#1"}, "external_id_taken")],
)
async def test_nobody_is_there_twice(admin: AsyncClient, change: dict[str, str], code: str) -> None:
    """409 says by what."""
    await add(admin, external_id="idp#1")

    answer = await admin.post("/api/v1/users", json={**DANA, **change})

    assert (answer.status_code, answer.json()["code"]) == (409, code)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"timezone": "Mars/Olympus"}, "$.timezone"),
        ({"preferences": {"a": "x" * 17_000}}, "$.preferences"),
        ({"preferences": {"a": "\x00"}}, "$.preferences"),
        ({"email": "nobody"}, "$.email"),
        ({"phone": "0815"}, "$.phone"),
        ({"role": "root"}, "$.role"),
        ({"is_active": False}, "$.is_active"),
    ],
)
async def test_what_cannot_be_meant_is_refused(admin: AsyncClient, change: dict[str, object], field: str) -> None:
    """422 names the field, when adding and when changing."""
    made = await add(admin)

    for answer in (
        await admin.post("/api/v1/users", json={**DANA, "email": "e@example.com", **change}),
        await admin.patch(f"/api/v1/users/{made['id']}", json=change),
    ):
        assert answer.status_code == 422
        assert [each["field"] for each in answer.json()["errors"]] == [field]


async def test_a_change_leaves_the_rest_alone(admin: AsyncClient) -> None:
    """Null empties, what is left out stays; an older revision is refused; saying the same is no change."""
    made = await add(admin, phone="+4915550000001", preferences={"theme": "dark"})
    path = f"/api/v1/users/{made['id']}"

    changed = await admin.patch(path, json={"phone": None}, headers={"If-Match": '"1"'})
    same = await admin.patch(path, json={"phone": None})
    stale = await admin.patch(path, json={"phone": None}, headers={"If-Match": '"1"'})

    assert changed.json() == {**made, "phone": None, "revision": 2}
    assert (same.json()["revision"], stale.status_code) == (2, 412)


async def test_people_change_themselves_and_managers_all(
    admin: AsyncClient, client_of: ClientOf, client_as: ClientOf, tenant: str
) -> None:
    """But nobody other than an admin changes who somebody is or what they may."""
    dana = await add(admin)
    path = f"/api/v1/users/{dana['id']}"
    herself, manager = await client_as(dana["id"], "readonly"), await client_of(tenant, "manager")
    other = await client_as((await add(admin, email="eve@example.com"))["id"], "engineer")

    assert (await herself.patch(path, json={"timezone": "UTC"})).status_code == 200
    assert (await manager.patch(path, json={"phone": "+4915550000001"})).status_code == 200
    assert (await other.patch(path, json={"timezone": "UTC"})).json()["code"] == "not_yours"
    for change in ({"role": "admin"}, {"email": "root@example.com"}, {"external_id": "idp#root"}):
        for caller in (herself, manager):
            refused = await caller.patch(path, json=change)
            assert (refused.status_code, refused.json()["code"]) == (403, "admin_only")
    assert (await admin.patch(path, json={"role": "manager"})).json()["role"] == "manager"


async def test_a_lower_role_lowers_the_persons_keys(
    admin: AsyncClient, client_as: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Within 5 s; a key that is lower already stays."""
    dana = await add(admin, role="manager")
    high, low = await client_as(dana["id"], "manager"), await client_as(dana["id"], "readonly")
    assert (await high.get("/api/v1/ping")).json()["role"] == "manager"

    await admin.patch(f"/api/v1/users/{dana['id']}", json={"role": "engineer"})
    later(monkeypatch)

    assert (await high.get("/api/v1/ping")).json()["role"] == "engineer"
    assert (await low.get("/api/v1/ping")).json()["role"] == "readonly"


async def test_who_leaves_cannot_come_in_and_is_missed_by_name(
    admin: AsyncClient, client_as: ClientOf, team: Team, db_clock: DbClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keys and feeds are over within 5 s; the answer names rosters and policies that counted on the person."""
    key = await client_as(team.bob_id)
    feed = (await key.post(f"/api/v1/users/{team.bob_id}/feeds")).json()["url"].partition("service.test")[2]
    starts_at = await db_clock.now() + timedelta(days=1)
    span = {"starts_at": starts_at.isoformat(), "ends_at": (starts_at + timedelta(hours=1)).isoformat()}
    await admin.post(f"/api/v1/rosters/{team.roster_id}/overrides", json={"user_id": str(team.bob_id), **span})

    left = await admin.post(f"/api/v1/users/{team.bob_id}/deactivate")
    again = await admin.post(f"/api/v1/users/{team.bob_id}/deactivate")
    await admin.patch(f"/api/v1/users/{team.alice_id}", json={"role": "admin"})
    named = await admin.post(f"/api/v1/users/{team.carol_id}/deactivate")
    later(monkeypatch)

    assert left.status_code == again.status_code == 200
    told = left.json()
    assert (told["user"]["is_active"], told["revoked_keys"], told["revoked_feeds"]) == (False, 1, 1)
    assert [(each["kind"], each["id"]) for each in told["used_by"]] == [
        ("member", str(team.roster_id)), ("override", str(team.roster_id)),
    ]  # fmt: skip
    assert (again.json()["revoked_keys"], again.json()["user"]["revision"]) == (0, told["user"]["revision"])
    assert [(each["kind"], each["id"]) for each in named.json()["used_by"]] == [("policy", str(team.policy_id))]
    assert (await key.get("/api/v1/ping")).status_code == 401
    assert (await admin.get(feed, headers={"X-API-Key": ""})).status_code == 401


async def test_who_comes_back_gets_new_keys(
    admin: AsyncClient, client_as: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The person is active, the old key stays revoked."""
    dana = await add(admin)
    key = await client_as(dana["id"])
    await admin.post(f"/api/v1/users/{dana['id']}/deactivate")

    back = await admin.post(f"/api/v1/users/{dana['id']}/reactivate")
    later(monkeypatch)

    assert back.json()["is_active"]
    assert (await key.get("/api/v1/ping")).status_code == 401


async def test_the_last_admin_stays(admin: AsyncClient) -> None:
    """409, until there is another one; one who is not active does not count."""
    last = await add(admin, role="admin")
    away = await add(admin, email="e@example.com", role="admin")
    await admin.post(f"/api/v1/users/{away['id']}/deactivate")
    path = f"/api/v1/users/{last['id']}"

    refused = [await admin.patch(path, json={"role": "manager"}), await admin.post(f"{path}/deactivate")]
    await admin.post(f"/api/v1/users/{away['id']}/reactivate")
    allowed = await admin.patch(path, json={"role": "manager"})

    assert [(each.status_code, each.json()["code"]) for each in refused] == [(409, "last_admin")] * 2
    assert allowed.json()["role"] == "manager"


async def test_who_is_not_there_cannot_leave(admin: AsyncClient) -> None:
    """404."""
    path = f"/api/v1/users/{uuid4()}"

    answers = [await admin.get(path), await admin.patch(path, json={}), await admin.post(f"{path}/deactivate")]

    assert [each.status_code for each in answers] == [404] * 3


def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the service remembers for 5 s is asked for again."""
    real = clock.monotonic_seconds
    monkeypatch.setattr(clock, "monotonic_seconds", lambda: real() + 5.1)
