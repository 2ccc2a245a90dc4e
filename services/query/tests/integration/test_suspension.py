"""A suspended tenant is read-only."""

from collections.abc import Awaitable, Callable
from uuid import UUID

import pytest
from httpx import AsyncClient

from nightowl_alerting.suspension import resume_tenant, suspend_tenant
from nightowl_common.db import Database
from nightowl_contracts import Actor
from nightowl_testkit.apps import RunningApp

pytestmark = pytest.mark.integration

OPERATOR = Actor(kind="service", id="nightowl", name="operator")


async def test_it_reads_and_changes_nothing(
    client: AsyncClient, service: RunningApp, database: Database, tenant: str, fire: Callable[..., Awaitable[UUID]]
) -> None:
    """403 with a code of its own for whatever is more than reading; as before when it is resumed."""
    alert_id = await fire("disk")
    seen_by_the_service: Database = service.app.state.database
    async with database.tenant_tx(tenant) as tx:
        await suspend_tenant(tx, tenant, OPERATOR)
    await seen_by_the_service.tenants()

    read = await client.get(f"/api/v1/alerts/{alert_id}")
    refused = [
        await client.patch(f"/api/v1/alerts/{alert_id}/acknowledge"),
        await client.post("/api/v1/runbooks", json={"title": "Make room"}),
        await client.delete(f"/api/v1/silences/{alert_id}"),
    ]
    async with database.tenant_tx(tenant) as tx:
        await resume_tenant(tx, tenant, OPERATOR)
    await seen_by_the_service.tenants()
    taken = await client.patch(f"/api/v1/alerts/{alert_id}/acknowledge")

    assert read.status_code == 200
    assert [(each.status_code, each.json()["code"]) for each in refused] == [(403, "tenant_suspended")] * 3
    assert taken.status_code == 200
