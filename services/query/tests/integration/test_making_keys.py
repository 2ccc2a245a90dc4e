"""API keys and personal tokens: made, shown once, limited, revoked."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from httpx import AsyncClient

from nightowl_common import clock
from nightowl_common.db import Database
from nightowl_testkit.apps import RunningApp
from nightowl_testkit.builders import Team, seed_team
from nightowl_testkit.clock import DbClock

pytestmark = pytest.mark.integration

ClientOf = Callable[..., Awaitable[AsyncClient]]


@pytest_asyncio.fixture(loop_scope="session")
async def tomorrow(db_clock: DbClock) -> datetime:
    """By the database's clock, which tests move."""
    return (await db_clock.now() + timedelta(days=1)).replace(microsecond=0)


@pytest_asyncio.fixture(loop_scope="session")
async def manager(client_of: ClientOf, tenant: str) -> AsyncClient:
    """Who may."""
    return await client_of(tenant, "manager")


@pytest_asyncio.fixture(loop_scope="session")
async def team(database: Database, tenant: str) -> Team:
    """Alice and Bob are engineers, Carol is an admin."""
    return await seed_team(database, tenant)


async def make(client: AsyncClient, path: str = "api-keys", **body: object) -> dict[str, Any]:
    """A key."""
    answer = await client.post(f"/api/v1/{path}", json={"description": "test", **body})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def test_a_new_key_works_and_is_shown_once(
    manager: AsyncClient, service: RunningApp, database: Database, tenant: str, tomorrow: datetime
) -> None:
    """No list and no audit row holds it, and no cache may keep the answer."""
    answer = await manager.post(
        "/api/v1/api-keys", json={"description": "deploy bot", "expires_at": tomorrow.isoformat()}
    )
    made = answer.json()

    ping = await service.client_with(X_API_Key=made["key"]).get("/api/v1/ping")
    listed = await manager.get("/api/v1/api-keys")

    assert ping.json() == {"tenant": tenant, "role": "engineer", "name": "deploy bot"}
    assert answer.headers["cache-control"] == "no-store"
    assert made["key"].startswith(made["prefix"])
    assert made["key"] not in listed.text
    assert {name: value for name, value in made.items() if name != "key"} in listed.json()["items"]
    async with database.tenant_tx(tenant) as tx:
        [row] = await tx.fetch("SELECT action, changes::text AS told FROM audit_log WHERE entity = 'api_key'")
    assert row["action"] == "created"
    assert made["key"] not in row["told"]


async def test_nobody_makes_or_revokes_a_key_above_their_own_role(
    manager: AsyncClient, client_of: ClientOf, tenant: str, team: Team
) -> None:
    """Nor one of a person with a higher role than that person has."""
    admin = await client_of(tenant, "admin")
    above = await make(admin, role="admin")

    refused = [
        await manager.post("/api/v1/api-keys", json={"description": "x", "role": "admin"}),
        await admin.post("/api/v1/api-keys", json={"description": "x", "role": "admin", "user_id": str(team.alice_id)}),
    ]
    kept = await manager.delete(f"/api/v1/api-keys/{above['id']}")

    assert [each.json()["errors"][0]["field"] for each in refused] == ["$.role", "$.role"]
    assert (kept.status_code, kept.json()["code"]) == (403, "above_you")


async def test_a_key_for_sending_does_nothing_else(manager: AsyncClient, service: RunningApp) -> None:
    """Reading is refused; it has no role to choose."""
    made = await make(manager, scope="ingest")

    answer = await service.client_with(X_API_Key=made["key"]).get("/api/v1/alerts")
    refused = await manager.post("/api/v1/api-keys", json={"description": "x", "scope": "ingest", "role": "admin"})

    assert (made["scope"], answer.status_code, answer.json()["code"]) == ("ingest", 403, "forbidden")
    assert refused.json()["errors"][0]["field"] == "$.role"


async def test_an_expiry_lies_ahead(manager: AsyncClient) -> None:
    """Else the key would be dead at birth."""
    answer = await manager.post("/api/v1/api-keys", json={"description": "x", "expires_at": "2020-01-01T00:00:00Z"})

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "$.expires_at")


async def test_a_revoked_key_is_dead_within_five_seconds(
    manager: AsyncClient, service: RunningApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And gone from the list; a second time there is nothing to revoke."""
    made = await make(manager)
    client = service.client_with(X_API_Key=made["key"])
    assert (await client.get("/api/v1/ping")).status_code == 200

    revoked = await manager.delete(f"/api/v1/api-keys/{made['id']}")
    real = clock.monotonic_seconds
    monkeypatch.setattr(clock, "monotonic_seconds", lambda: real() + 5.1)

    assert (revoked.status_code, (await client.get("/api/v1/ping")).status_code) == (200, 401)
    assert made["id"] not in [each["id"] for each in (await manager.get("/api/v1/api-keys")).json()["items"]]
    assert (await manager.delete(f"/api/v1/api-keys/{made['id']}")).status_code == 404


async def test_a_person_makes_and_revokes_their_own_tokens(
    manager: AsyncClient, service: RunningApp, team: Team
) -> None:
    """What is done with one is told as theirs; others' tokens are not there."""
    first = await make(manager, user_id=str(team.alice_id))
    alice = service.client_with(X_API_Key=first["key"])
    bob = service.client_with(X_API_Key=(await make(manager, user_id=str(team.bob_id)))["key"])

    token = await make(alice, "tokens", role="readonly")

    assert (token["user_id"], token["role"]) == (str(team.alice_id), "readonly")
    mine = (await alice.get("/api/v1/tokens")).json()
    assert ([each["id"] for each in mine["items"]], mine["total"]) == ([token["id"], first["id"]], 2)
    assert (await bob.delete(f"/api/v1/tokens/{token['id']}")).status_code == 404
    assert (await alice.delete(f"/api/v1/tokens/{token['id']}")).status_code == 200


async def test_a_token_does_not_outlive_the_one_it_was_made_with(
    manager: AsyncClient, service: RunningApp, team: Team, tomorrow: datetime
) -> None:
    """A stolen one cannot be made to last, nor to do more."""
    first = await make(manager, user_id=str(team.alice_id), role="readonly", expires_at=tomorrow.isoformat())
    alice = service.client_with(X_API_Key=first["key"])

    longer = await make(alice, "tokens", expires_at=(tomorrow + timedelta(days=9)).isoformat())
    higher = await alice.post("/api/v1/tokens", json={"description": "x", "role": "engineer"})

    assert (longer["expires_at"], longer["role"]) == (first["expires_at"], "readonly")
    assert higher.status_code == 422


async def test_a_program_has_no_personal_tokens(manager: AsyncClient) -> None:
    """403 says so."""
    answers = [await manager.post("/api/v1/tokens", json={"description": "x"}), await manager.get("/api/v1/tokens")]

    assert [each.json()["code"] for each in answers] == ["person_needed"] * 2
