"""A first run, step by step, from an empty tenant."""

from collections.abc import Awaitable, Callable
from uuid import UUID

import pytest
from httpx import AsyncClient

from nightowl_auth import Role
from nightowl_common.db import Database
from nightowl_testkit.builders import seed_team

pytestmark = pytest.mark.integration

Fire = Callable[..., Awaitable[UUID]]
PersonClientOf = Callable[[UUID, Role], Awaitable[AsyncClient]]


async def done(client: AsyncClient) -> set[str]:
    answer = await client.get("/api/v1/setup")
    assert answer.status_code == 200, answer.text
    return {name for name, step in answer.json().items() if (step is True or (step and step["is_done"]))}


async def test_each_step_is_read_from_what_is_there(
    client: AsyncClient, database: Database, tenant: str, fire: Fire, person_client: PersonClientOf
) -> None:
    """Nothing is done at first; what is undone is open again."""
    assert await done(client) == set()

    team = await seed_team(database, tenant)
    alice, bob = await person_client(team.alice_id, "engineer"), await person_client(team.bob_id, "engineer")
    assert await done(alice) == {"people", "roster", "policy"}

    async with database.tenant_tx(tenant) as tx:
        await tx.execute(
            "INSERT INTO contact_methods (user_id, kind, address) VALUES ($1, 'sms', '+4915550000009')", team.alice_id
        )
    assert "contact" not in await done(alice)
    async with database.tenant_tx(tenant) as tx:
        await tx.execute("UPDATE contact_methods SET verified_at = public.clock_now()")
    assert "contact" in await done(alice)
    assert "contact" not in await done(bob)
    assert "contact" in await done(client)

    alert_id = await fire("disk")
    assert await done(alice) == {"people", "roster", "policy", "contact", "alert"}
    await alice.patch(f"/api/v1/alerts/{alert_id}/acknowledge")
    everything = {"people", "roster", "policy", "contact", "alert", "acknowledged", "is_complete"}
    assert await done(alice) == everything
    await alice.patch(f"/api/v1/alerts/{alert_id}/resolve")
    assert await done(alice) == everything

    async with database.tenant_tx(tenant) as tx:
        await tx.execute("UPDATE users SET is_active = false WHERE id <> $1", team.alice_id)
    assert "people" not in await done(alice)


async def test_a_step_says_how_much_is_missing(client: AsyncClient, people: dict[str, UUID]) -> None:
    """Those who left do not count."""
    told = (await client.get("/api/v1/setup")).json()

    assert told["people"] == {"is_done": True, "count": len(people) - 1, "needed": 2}
    assert told["policy"] == {"is_done": False, "count": 0, "needed": 1}
