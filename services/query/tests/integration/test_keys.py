"""API keys: the list, the mapping, the webhook secret; and raw payloads of alerts."""

from collections.abc import Awaitable, Callable
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from httpx import AsyncClient

from nightowl_common.db import Database

pytestmark = pytest.mark.integration

ClientOf = Callable[..., Awaitable[AsyncClient]]
Fire = Callable[..., Awaitable[UUID]]


@pytest_asyncio.fixture(loop_scope="session")
async def manager(client_of: ClientOf, tenant: str) -> AsyncClient:
    """Who may."""
    return await client_of(tenant, "manager")


async def key_id_of(client: AsyncClient) -> str:
    """The newest key."""
    key: str = (await client.get("/api/v1/api-keys")).json()["items"][0]["id"]
    return key


async def test_keys_are_listed_without_what_is_secret(manager: AsyncClient) -> None:
    """The public prefix is there, the key is not."""
    answer = await manager.get("/api/v1/api-keys")

    [key] = answer.json()["items"]
    assert answer.json()["total"] == 1
    assert (key["role"], key["is_signed"], key["mapping"]) == ("manager", False, {})
    assert manager.headers["X-API-Key"].startswith(key["prefix"])
    assert manager.headers["X-API-Key"] not in answer.text


async def test_a_mapping_is_stored_and_told_by_the_audit_log(
    manager: AsyncClient, database: Database, tenant: str
) -> None:
    """What was before is told too."""
    path = f"/api/v1/api-keys/{await key_id_of(manager)}/mapping"
    mapping = {"alerts": "events", "title": "check.name"}

    stored = await manager.put(path, json={"mapping": mapping})

    assert (stored.status_code, stored.json()) == (200, {"mapping": mapping})
    assert (await manager.get(path)).json() == {"mapping": mapping}
    async with database.tenant_tx(tenant) as tx:
        [row] = await tx.fetch("SELECT action, entity, changes FROM audit_log")
    assert dict(row) == {"action": "update_mapping", "entity": "api_key", "changes": {"mapping": [{}, mapping]}}


async def test_a_wrong_expression_is_refused_and_the_old_one_stays(manager: AsyncClient) -> None:
    """422 names the field."""
    path = f"/api/v1/api-keys/{await key_id_of(manager)}/mapping"
    await manager.put(path, json={"mapping": {"title": "a"}})

    refused = await manager.put(path, json={"mapping": {"title": "a", "severity": "b["}})

    assert refused.status_code == 422
    assert [each["field"] for each in refused.json()["errors"]] == ["$.mapping.severity"]
    assert (await manager.get(path)).json() == {"mapping": {"title": "a"}}


async def test_a_secret_is_set_and_never_shown(manager: AsyncClient, database: Database, tenant: str) -> None:
    """The list and the audit log say only that there is one; null ends it."""
    path = f"/api/v1/api-keys/{await key_id_of(manager)}/webhook-secret"

    answer = await manager.put(path, json={"secret": "sixteen-characters"})
    listed = await manager.get("/api/v1/api-keys")
    ended = await manager.put(path, json={"secret": None})

    assert (answer.status_code, answer.content, ended.status_code) == (204, b"", 204)
    assert listed.json()["items"][0]["is_signed"]
    assert "sixteen" not in listed.text
    async with database.tenant_tx(tenant) as tx:
        rows = await tx.fetch("SELECT changes FROM audit_log ORDER BY id")
    assert [row["changes"] for row in rows] == [{"is_signed": True}, {"is_signed": False}]
    assert not (await manager.get("/api/v1/api-keys")).json()["items"][0]["is_signed"]


@pytest.mark.parametrize("secret", ["short", "x" * 201, "sixteen chars äää", 7])
async def test_a_secret_that_cannot_be_used_is_refused(manager: AsyncClient, secret: object) -> None:
    """Too short to be one, or not sendable."""
    path = f"/api/v1/api-keys/{await key_id_of(manager)}/webhook-secret"

    assert (await manager.put(path, json={"secret": secret})).status_code == 422


async def test_keys_are_a_managers_business(client: AsyncClient, manager: AsyncClient) -> None:
    """403 for an engineer; 404 for keys that are not there."""
    key_id = await key_id_of(manager)
    bodies = {"mapping": {"mapping": {}}, "webhook-secret": {"secret": None}}

    forbidden = [(await client.put(f"/api/v1/api-keys/{key_id}/{what}", json=body)) for what, body in bodies.items()]
    absent = [(await manager.put(f"/api/v1/api-keys/{uuid4()}/{what}", json=body)) for what, body in bodies.items()]

    assert [each.status_code for each in forbidden] == [403, 403]
    assert [each.status_code for each in absent] == [404, 404]
    assert (await client.get("/api/v1/api-keys")).status_code == 403


async def test_another_tenants_key_cannot_be_touched(
    manager: AsyncClient, client_of: ClientOf, second_tenant: str
) -> None:
    """It is as absent as one that never was."""
    stranger = await client_of(second_tenant, "admin")
    key_id = await key_id_of(manager)

    assert (await stranger.get(f"/api/v1/api-keys/{key_id}/mapping")).status_code == 404
    assert (await stranger.put(f"/api/v1/api-keys/{key_id}/mapping", json={"mapping": {}})).status_code == 404


async def test_raw_payloads_are_shown_word_for_word(
    client: AsyncClient, fire: Fire, database: Database, tenant: str
) -> None:
    """Spaces and all; null where there is none; 404 for an alert that is not there."""
    alert_id, receipt = await fire("disk"), uuid4()
    async with database.tenant_tx(tenant) as tx:
        await tx.execute(
            "INSERT INTO alert_payloads (alert_id, occasion, receipt_id, item, source, received_at, raw) VALUES ($1, 'opening', $2, 3, 'keep', '2026-01-01Z', $3)",
            alert_id, receipt, '{ "name":"disk" }',
        )  # fmt: skip

    answer = await client.get(f"/api/v1/alerts/{alert_id}/raw")

    assert answer.json() == {
        "opening": {
            "receipt_id": str(receipt), "item": 3, "source": "keep", "received_at": "2026-01-01T00:00:00Z",
            "is_cut": False, "raw": '{ "name":"disk" }',
        },
        "latest": None,
    }  # fmt: skip
    assert (await client.get(f"/api/v1/alerts/{await fire('other')}/raw")).json() == {"opening": None, "latest": None}
    assert (await client.get(f"/api/v1/alerts/{uuid4()}/raw")).status_code == 404
