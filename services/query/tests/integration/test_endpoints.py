"""Endpoints over the API: who may, what is shown, and what is never shown again."""

from collections.abc import Awaitable, Callable

import pytest
import pytest_asyncio
from httpx import AsyncClient, Response

from nightowl_auth import Role
from nightowl_common.db import Database
from nightowl_testkit.builders import seed_team

pytestmark = pytest.mark.integration

ClientOf = Callable[[str, Role], Awaitable[AsyncClient]]
PATH = "/api/v1/endpoints"
URL = "https://chat.example/hooks/very-secret-path?token=also-secret"


@pytest_asyncio.fixture(loop_scope="session")
async def manager(client_of: ClientOf, tenant: str) -> AsyncClient:
    """Who may."""
    return await client_of(tenant, "manager")


async def made(client: AsyncClient, **changes: str) -> Response:
    """A new endpoint."""
    return await client.post(PATH, json={"name": "Ops room", "kind": "webhook", "url": URL, **changes})


async def test_an_endpoint_is_made_with_a_secret_that_is_shown_once(manager: AsyncClient) -> None:
    """Its path and its secret are in no later answer."""
    answer = await made(manager)
    endpoint, secret = answer.json()["endpoint"], answer.json()["secret"]
    later = [
        await manager.get(PATH),
        await manager.get(f"{PATH}/{endpoint['id']}"),
        await manager.get(PATH, headers={"Accept": "text/csv"}),
        await manager.put(f"{PATH}/{endpoint['id']}", json={"name": "Ops"}),
    ]

    assert (answer.status_code, answer.headers["ETag"], answer.headers["Cache-Control"]) == (201, '"1"', "no-store")
    assert secret.startswith("whsec_")
    assert (endpoint["kind"], endpoint["origin"]) == ("webhook", "https://chat.example")
    assert [each.status_code for each in later] == [200, 200, 200, 200]
    for each in [answer, *later]:
        assert "secret-path" not in each.text
        assert "also-secret" not in each.text
    assert all(secret not in each.text for each in later)


@pytest.mark.parametrize("kind", ["mattermost", "teams"])
async def test_a_chat_room_has_no_secret(manager: AsyncClient, kind: str) -> None:
    """Its address is one already."""
    answer = await made(manager, kind=kind)

    assert (answer.status_code, answer.json()["secret"]) == (201, None)
    renewed = await manager.post(f"{PATH}/{answer.json()['endpoint']['id']}/secret")
    assert (renewed.status_code, renewed.json()["errors"][0]["field"]) == (422, "kind")


async def test_a_change_keeps_the_address_unless_there_is_a_new_one(
    manager: AsyncClient, database: Database, tenant: str
) -> None:
    """Under If-Match, as everywhere."""
    endpoint = (await made(manager)).json()["endpoint"]
    path = f"{PATH}/{endpoint['id']}"

    kept = await manager.put(path, json={"name": "Renamed"}, headers={"If-Match": '"1"'})
    moved = await manager.put(
        path, json={"name": "Renamed", "url": "https://new.example/x"}, headers={"If-Match": '"2"'}
    )
    stale = await manager.put(path, json={"name": "Late"}, headers={"If-Match": '"1"'})

    assert (kept.json()["origin"], kept.json()["revision"]) == ("https://chat.example", 2)
    assert (moved.json()["origin"], moved.headers["ETag"]) == ("https://new.example", '"3"')
    assert (stale.status_code, stale.json()["code"]) == (412, "stale_revision")
    async with database.tenant_tx(tenant) as tx:
        assert await tx.fetchval("SELECT url FROM endpoints") == "https://new.example/x"


async def test_every_change_is_in_the_audit_log_without_what_is_secret(
    manager: AsyncClient, database: Database, tenant: str
) -> None:
    """Made, changed, a new secret, deleted."""
    answer = await made(manager)
    path = f"{PATH}/{answer.json()['endpoint']['id']}"
    await manager.put(path, json={"name": "Ops", "url": f"{URL}2"})
    renewed = await manager.post(f"{path}/secret")
    await manager.delete(path)

    async with database.tenant_tx(tenant) as tx:
        rows = await tx.fetch("SELECT action, changes::text AS changes FROM audit_log ORDER BY id")
    assert [row["action"] for row in rows] == ["created", "updated", "renewed_secret", "deleted"]
    told = "".join(row["changes"] for row in rows)
    assert "secret-path" not in told
    assert answer.json()["secret"] not in told
    assert renewed.json()["secret"] not in told + answer.text


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "$.name"),
        ({"kind": "pager"}, "$.kind"),
        ({"url": "ftp://chat.example"}, "$.url"),
        ({"url": "https://user:password@chat.example/"}, "$.url"),
        ({"url": "https://chat.example/a b"}, "$.url"),
        ({"url": "https://"}, "$.url"),
        ({"url": f"https://chat.example/{'x' * 2_000}"}, "$.url"),
        ({"secret": "mine"}, "$"),
    ],
)
async def test_what_is_no_endpoint_is_refused_by_field(
    manager: AsyncClient, changes: dict[str, str], field: str
) -> None:  # fmt: skip
    """The answer names it."""
    answer = await made(manager, **changes)

    assert answer.status_code in {400, 422}
    assert field.strip("$.") in answer.text


async def test_a_name_is_taken_once(manager: AsyncClient) -> None:
    """When it is made and when it is changed."""
    await made(manager)
    other = (await made(manager, name="Other")).json()["endpoint"]

    again = await made(manager)
    renamed = await manager.put(f"{PATH}/{other['id']}", json={"name": "Ops room"})

    assert [each.status_code for each in (again, renamed)] == [409, 409]
    assert again.json()["code"] == renamed.json()["code"] == "endpoint_name_taken"


async def test_an_endpoint_that_a_policy_pages_stays(manager: AsyncClient, database: Database, tenant: str) -> None:
    """Its tier would page nobody; a version that is no longer in use does not hold it."""
    endpoint_id = (await made(manager)).json()["endpoint"]["id"]
    tiers = [{"timeout_minutes": 5, "notify_via": ["webhook"], "targets": [f"endpoint:{endpoint_id}"]}]
    team = await seed_team(database, tenant, tiers=tiers)

    held = await manager.delete(f"{PATH}/{endpoint_id}")
    async with database.tenant_tx(tenant) as tx:
        await tx.execute(
            """INSERT INTO escalation_policy_versions (policy_id, version, tiers, repeat_count)
            SELECT policy_id, 2, jsonb_set(tiers, '{0,targets}', '["oncall_primary"]'), 0
            FROM escalation_policy_versions WHERE policy_id = $1""",
            team.policy_id,
        )
        await tx.execute("UPDATE escalation_policies SET current_version = 2 WHERE id = $1", team.policy_id)
    free = await manager.delete(f"{PATH}/{endpoint_id}")

    assert (held.status_code, held.json()["code"]) == (409, "endpoint_in_use")
    assert (free.status_code, free.json()) == (200, {"outcome": "deleted"})
    assert (await manager.get(f"{PATH}/{endpoint_id}")).status_code == 404


async def test_only_managers_change_endpoints(manager: AsyncClient, client_of: ClientOf, tenant: str) -> None:
    """Everybody in the tenant may look."""
    endpoint_id = (await made(manager)).json()["endpoint"]["id"]
    engineer = await client_of(tenant, "engineer")

    refused = [
        await made(engineer, name="Mine"),
        await engineer.put(f"{PATH}/{endpoint_id}", json={"name": "Mine"}),
        await engineer.post(f"{PATH}/{endpoint_id}/secret"),
        await engineer.delete(f"{PATH}/{endpoint_id}"),
    ]

    assert [each.status_code for each in refused] == [403, 403, 403, 403]
    assert (await engineer.get(f"{PATH}/{endpoint_id}")).status_code == 200


async def test_another_tenants_endpoint_is_not_there(
    manager: AsyncClient, client_of: ClientOf, second_tenant: str
) -> None:
    """Neither to be seen nor to be changed."""
    path = f"{PATH}/{(await made(manager)).json()['endpoint']['id']}"
    stranger = await client_of(second_tenant, "manager")

    answers = [
        await stranger.get(path),
        await stranger.put(path, json={"name": "Mine"}),
        await stranger.post(f"{path}/secret"),
        await stranger.delete(path),
    ]

    assert [each.status_code for each in answers] == [404, 404, 404, 404]
    assert (await stranger.get(PATH)).json()["total"] == 0
