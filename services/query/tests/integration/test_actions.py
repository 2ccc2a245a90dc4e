"""Acknowledging and resolving."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID

import pytest
from httpx import AsyncClient

from nightowl_alerting import obligations
from nightowl_alerting import store as kernel
from nightowl_alerting.model import Recipient, Route
from nightowl_alerting.paging import Page
from nightowl_common.db import Database
from nightowl_common.outbox import Outbox

pytestmark = pytest.mark.integration

Fire = Callable[..., Awaitable[UUID]]


async def page_somebody(outbox: Outbox, tenant: str, alert_id: UUID) -> None:
    async with outbox.tenant_tx(tenant) as tx:
        alert = await kernel.lock_alert(tx, alert_id)
        assert alert is not None
        now = await tx.now()
        decision = Page(cycle=0, tier=0, next_due_at=now + timedelta(minutes=5))
        recipient = Recipient(recipient="user:1", channel="sms", address="+491701234567")
        tier = obligations.DueTier(alert=alert, decision=decision, recipients=[recipient], due_at=now)
        await obligations.page(tx, tenant, [tier], now=now)


async def timers_of(database: Database, tenant: str) -> list[str]:
    async with database.tenant_tx(tenant) as tx:
        rows = await tx.fetch("SELECT kind FROM public.timers WHERE tenant = $1 ORDER BY kind", tenant)
    return [row["kind"] for row in rows]


async def test_acknowledging_stops_everything_at_once(
    client: AsyncClient, fire: Fire, policy: Route, outbox: Outbox, database: Database, tenant: str
) -> None:
    """Timers are gone, the unsent page is superseded, the timeline and the audit log say who; all in one answer."""
    alert_id = await fire("disk", route=policy)
    await page_somebody(outbox, tenant, alert_id)
    assert await timers_of(database, tenant) == ["delivery", "escalation"]

    answer = await client.patch(f"/api/v1/alerts/{alert_id}/acknowledge")

    assert answer.status_code == 200
    assert answer.json()["status"] == "acknowledged"
    assert answer.json()["acknowledged_by"]["name"] == "engineer key"
    assert answer.json()["next_escalation_at"] is None
    assert await timers_of(database, tenant) == []
    [delivery] = (await client.get(f"/api/v1/alerts/{alert_id}/deliveries")).json()["items"]
    assert delivery["status"] == "superseded"
    async with database.tenant_tx(tenant) as tx:
        assert await tx.fetchval("SELECT action FROM audit_log WHERE entity_id = $1", alert_id) == "acknowledge"


async def test_acknowledging_twice_changes_nothing(client: AsyncClient, fire: Fire) -> None:
    """The second answer is the first, to the revision."""
    alert_id = await fire("disk")

    first = await client.patch(f"/api/v1/alerts/{alert_id}/acknowledge")
    second = await client.patch(f"/api/v1/alerts/{alert_id}/acknowledge")

    assert second.status_code == 200
    assert second.json() == first.json()
    assert second.headers["etag"] == first.headers["etag"]


async def test_a_resolved_alert_cannot_be_taken(client: AsyncClient, fire: Fire) -> None:
    """409: there is nothing left to take."""
    alert_id = await fire("disk")
    await client.patch(f"/api/v1/alerts/{alert_id}/resolve")

    answer = await client.patch(f"/api/v1/alerts/{alert_id}/acknowledge")

    assert answer.status_code == 409
    assert answer.json()["code"] == "alert_resolved"


@pytest.mark.parametrize(
    ("body", "resolution"), [(b"", None), (b"{}", None), (b'{"resolution":"made room"}', "made room")]
)
async def test_resolving_keeps_what_helped(
    client: AsyncClient, fire: Fire, body: bytes, resolution: str | None
) -> None:
    """The words are optional; saying it again keeps the first."""
    alert_id = await fire("disk")

    answer = await client.patch(f"/api/v1/alerts/{alert_id}/resolve", content=body)
    again = await client.patch(f"/api/v1/alerts/{alert_id}/resolve", json={"resolution": "something else"})

    assert (answer.json()["status"], answer.json()["resolution"]) == ("resolved", resolution)
    assert again.json() == answer.json()


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"[]", 422),
        (b'{"resolution":7}', 422),
        (b'{"resolution":"a\\u0000b"}', 422),
        (b'{"reason":"x"}', 422),
    ],
)
async def test_a_bad_resolution_changes_nothing(client: AsyncClient, fire: Fire, body: bytes, status: int) -> None:
    """Refused as a problem, and the alert goes on."""
    alert_id = await fire("disk")

    answer = await client.patch(
        f"/api/v1/alerts/{alert_id}/resolve", content=body, headers={"Content-Type": "application/json"}
    )

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert (await client.get(f"/api/v1/alerts/{alert_id}")).json()["status"] == "firing"


@pytest.mark.parametrize("action", ["acknowledge", "resolve"])
async def test_an_old_revision_is_refused(client: AsyncClient, fire: Fire, action: str) -> None:
    """412 when it has changed since; done when the revision is the current one."""
    alert_id = await fire("disk")
    seen = (await client.get(f"/api/v1/alerts/{alert_id}")).headers["etag"]
    await fire("disk")

    stale = await client.patch(f"/api/v1/alerts/{alert_id}/{action}", headers={"If-Match": seen})
    current = (await client.get(f"/api/v1/alerts/{alert_id}")).headers["etag"]
    done = await client.patch(f"/api/v1/alerts/{alert_id}/{action}", headers={"If-Match": current})

    assert (stale.status_code, stale.json()["code"]) == (412, "stale_revision")
    assert done.status_code == 200
