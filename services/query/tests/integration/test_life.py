"""Everything else that people ask of an alert over the API, one by one and many at once."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from httpx import AsyncClient

from nightowl_alerting.actions import Comment
from nightowl_alerting.model import Route, Timer
from nightowl_alerting.store import upsert_timers
from nightowl_common.db import Database
from nightowl_common.ids import new_id
from nightowl_common.outbox import Outbox
from nightowl_contracts import Actor
from nightowl_query.jobs import BulkWorker
from nightowl_query.store import bulk
from nightowl_testkit.clock import DbClock

pytestmark = pytest.mark.integration

Fire = Callable[..., Awaitable[UUID]]


async def person(database: Database, tenant: str) -> UUID:
    async with database.tenant_tx(tenant) as tx:
        user_id: UUID = await tx.fetchval(
            "INSERT INTO users (email, display_name) VALUES ('dana@example.com', 'Dana') RETURNING id"
        )
    return user_id


async def kinds(client: AsyncClient, alert_id: UUID) -> list[str]:
    answer = await client.get(f"/api/v1/alerts/{alert_id}/timeline")
    return [each["kind"] for each in answer.json()["items"]]


async def in_an_hour(db_clock: DbClock) -> str:
    return (await db_clock.now() + timedelta(hours=1)).isoformat()


async def finished(client: AsyncClient, job_id: str) -> dict[str, object]:
    async with asyncio.timeout(20):
        while True:
            job: dict[str, object] = (await client.get(f"/api/v1/alerts/bulk/{job_id}")).json()
            if job["finished_at"] is not None:
                return job
            await asyncio.sleep(0.05)


async def test_an_alert_lives_through_everything(
    client: AsyncClient, fire: Fire, policy: Route, database: Database, tenant: str, db_clock: DbClock
) -> None:
    """Each step is on the timeline and in the audit log, and raises the revision."""
    alert_id = await fire("disk", route=policy)
    dana = await person(database, tenant)
    steps: list[tuple[str, dict[str, object], str]] = [
        ("snooze", {"until": await in_an_hour(db_clock), "reason": "deploy"}, "firing"),
        ("acknowledge", {}, "acknowledged"),
        ("investigate", {}, "investigating"),
        ("assign", {"assignee_id": str(dana)}, "investigating"),
        ("unacknowledge", {"reason": "not mine"}, "firing"),
        ("resolve", {"resolution": "made room"}, "resolved"),
        ("reopen", {"reason": "full again"}, "firing"),
    ]
    versions = []
    for action, body, status in steps:
        answer = await client.patch(f"/api/v1/alerts/{alert_id}/{action}", json=body)
        assert (answer.status_code, answer.json()["status"]) == (200, status), answer.text
        versions.append(answer.json()["version"])
        if action not in {"acknowledge", "resolve"}:
            again = await client.patch(f"/api/v1/alerts/{alert_id}/{action}", json=body)
            assert again.json() == answer.json()

    assert versions == sorted(set(versions))
    assert answer.json()["assignee"] == {"id": str(dana), "display_name": "Dana"}
    assert answer.json()["next_escalation_at"] is not None
    assert await kinds(client, alert_id) == [
        "opened", "snoozed", "acknowledged", "investigating", "assigned", "unacknowledged", "resolved", "reopened",
    ]  # fmt: skip
    async with database.tenant_tx(tenant) as tx:
        rows = await tx.fetch("SELECT action FROM audit_log WHERE entity_id = $1 ORDER BY id", alert_id)
    assert [row["action"] for row in rows] == [action for action, _body, _status in steps]
    assert (await client.get("/api/v1/ledger/unaccounted")).json()["findings"] == []


@pytest.mark.parametrize(
    ("before", "method", "action", "body", "code"),
    [
        ("resolve", "PATCH", "investigate", {}, "alert_resolved"),
        ("resolve", "PATCH", "unacknowledge", {}, "alert_resolved"),
        ("resolve", "PATCH", "snooze", {"until": "2199-01-01T00:00:00Z"}, "alert_resolved"),
        ("resolve", "PATCH", "assign", {"assignee_id": None}, "alert_resolved"),
        ("resolve", "POST", "escalate", {}, "alert_resolved"),
        ("acknowledge", "POST", "escalate", {}, "nothing_pending"),
    ],
)
async def test_what_the_state_does_not_allow_is_a_conflict(
    client: AsyncClient, fire: Fire, before: str, method: str, action: str, body: dict[str, object], code: str
) -> None:
    """409 with a code of its own."""
    alert_id = await fire("disk")
    await client.patch(f"/api/v1/alerts/{alert_id}/{before}")

    answer = await client.request(method, f"/api/v1/alerts/{alert_id}/{action}", json=body)

    assert (answer.status_code, answer.json()["code"]) == (409, code)


async def test_a_resolved_episode_stays_closed_while_a_newer_is_open(client: AsyncClient, fire: Fire) -> None:
    """One open alert per fingerprint."""
    first = await fire("disk")
    await client.patch(f"/api/v1/alerts/{first}/resolve")
    second = await fire("disk")

    refused = await client.patch(f"/api/v1/alerts/{first}/reopen")
    await client.patch(f"/api/v1/alerts/{second}/resolve")
    reopened = await client.patch(f"/api/v1/alerts/{first}/reopen")

    assert (refused.status_code, refused.json()["code"]) == (409, "newer_episode_open")
    assert (reopened.status_code, reopened.json()["episode"]) == (200, 1)


@pytest.mark.parametrize(
    ("action", "body", "field"),
    [
        ("snooze", {"until": "2020-01-01T00:00:00Z"}, "until"),
        ("snooze", {"until": "2026-01-01T00:00:00"}, "until"),
        ("snooze", {}, None),
        ("assign", {"assignee_id": str(uuid4())}, "assignee_id"),
        ("assign", {}, None),
        ("reopen", {"reason": "a\x00b"}, None),
    ],
)
async def test_what_cannot_be_meant_is_refused(
    client: AsyncClient, fire: Fire, action: str, body: dict[str, object], field: str | None
) -> None:
    """422, and nothing has changed."""
    alert_id = await fire("disk")

    answer = await client.patch(f"/api/v1/alerts/{alert_id}/{action}", json=body)

    assert answer.status_code == 422, answer.text
    if field is not None:
        assert field in answer.text
    assert await kinds(client, alert_id) == ["opened"]


async def test_a_comment_that_is_sent_twice_is_there_once(client: AsyncClient, fire: Fire) -> None:
    """The same key gets the first answer; another request under it is refused; without a key there are two."""
    alert_id = await fire("disk")
    path, headers = f"/api/v1/alerts/{alert_id}/comments", {"Idempotency-Key": "c-1"}

    first, second = await asyncio.gather(
        client.post(path, json={"text": "looking"}, headers=headers),
        client.post(path, json={"text": "looking"}, headers=headers),
    )
    other = await client.post(path, json={"text": "something else"}, headers=headers)
    await client.post(path, json={"text": "looking"})

    assert (first.status_code, second.status_code, second.json()) == (201, 201, first.json())
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")
    assert await kinds(client, alert_id) == ["opened", "commented", "commented"]


async def test_escalating_now_makes_the_next_tier_due(
    client: AsyncClient, fire: Fire, policy: Route, database: Database, tenant: str
) -> None:
    """The pending timer is due, and the timeline says why."""
    alert_id = await fire("disk", route=policy)
    async with database.tenant_tx(tenant) as tx:
        await tx.execute(
            "UPDATE public.timers SET due_at = public.clock_now() + interval '1 hour' WHERE ref = $1", alert_id
        )

    answer = await client.post(f"/api/v1/alerts/{alert_id}/escalate", json={"reason": "no answer"})

    assert answer.status_code == 200
    async with database.tenant_tx(tenant) as tx:
        assert await tx.fetchval("SELECT due_at <= public.clock_now() FROM public.timers WHERE ref = $1", alert_id)
    assert await kinds(client, alert_id) == ["opened", "escalated_by_hand"]


async def test_a_bulk_job_tells_what_each_alert_came_to(client: AsyncClient, fire: Fire) -> None:
    """Those that can be taken are, those that cannot say why, one that nobody knows does not stop the rest."""
    alerts = [await fire(f"disk {number}") for number in range(3)]
    await client.patch(f"/api/v1/alerts/{alerts[1]}/resolve")
    nobody = uuid4()

    started = await client.post(
        "/api/v1/alerts/bulk", json={"action": "acknowledge", "ids": [str(each) for each in [*alerts, nobody]]}
    )
    job = await finished(client, started.json()["id"])

    assert (started.status_code, started.json()["total"]) == (202, 4)
    assert (job["done"], job["failed"]) == (2, 2)
    assert [(each["alert_id"], each["code"]) for each in job["failures"]] == [  # type: ignore[attr-defined]
        (str(alerts[1]), "alert_resolved"), (str(nobody), "alert_not_found"),
    ]  # fmt: skip
    assert (await client.get(f"/api/v1/alerts/{alerts[2]}")).json()["status"] == "acknowledged"


async def test_a_bulk_job_takes_what_the_filter_lets_through_now(client: AsyncClient, fire: Fire) -> None:
    """What fires later is not touched."""
    await fire("disk", severity="critical")
    await fire("noise", severity="info")

    body = {"action": "resolve", "arguments": {"resolution": "all clear"}, "filter": {"severity": ["critical"]}}
    started = await client.post("/api/v1/alerts/bulk", json=body, headers={"Idempotency-Key": "b-1"})
    later = await fire("later", severity="critical")
    again = await client.post("/api/v1/alerts/bulk", json=body, headers={"Idempotency-Key": "b-1"})
    job = await finished(client, started.json()["id"])

    assert again.json()["id"] == started.json()["id"]
    assert (job["total"], job["done"]) == (1, 1)
    assert (await client.get(f"/api/v1/alerts/{later}")).json()["status"] == "firing"


async def test_a_bulk_job_survives_the_worker_that_dies_in_it(
    client: AsyncClient, fire: Fire, database: Database, db_clock: DbClock, tenant: str
) -> None:
    """Left by a worker after two of five: when its lease is over another one goes on, and nothing is done twice."""
    alerts = [await fire(f"disk {number}") for number in range(5)]
    job_id, actor = new_id(), Actor(kind="user", id="dana", name="Dana")
    async with database.tenant_tx(tenant) as tx:
        await bulk.insert_job(tx, job_id, actor, Comment(text="x"), alert_ids=alerts)
        for position in (1, 2):
            await bulk.mark_done(tx, job_id, position)
        lease = Timer(kind="bulk", ref=job_id, tenant=tenant, version=0, due_at=await tx.now() + timedelta(hours=1))
        await upsert_timers(tx, [lease])

    await db_clock.advance(hours=1, seconds=1)
    job = await finished(client, str(job_id))

    assert (job["done"], job["failed"]) == (5, 0)
    assert [len(await kinds(client, alert_id)) for alert_id in alerts] == [1, 1, 2, 2, 2]


async def test_workers_side_by_side_change_each_alert_once(
    client: AsyncClient, fire: Fire, outbox: Outbox, database: Database
) -> None:
    """Even when the lease of a living worker is over and others take the same slice."""
    alerts = [await fire(f"disk {number}") for number in range(20)]
    workers = [BulkWorker(outbox=outbox, database=database, lease_seconds=0) for _ in range(3)]
    body = {"action": "comment", "arguments": {"text": "x"}, "ids": [str(each) for each in alerts]}
    started = await client.post("/api/v1/alerts/bulk", json=body)

    await asyncio.gather(*(each.run_slice(stop=asyncio.Event()) for each in workers))
    job = await finished(client, started.json()["id"])

    assert job["done"] == 20
    assert [await kinds(client, alert_id) for alert_id in alerts] == [["opened", "commented"]] * 20


@pytest.mark.parametrize(
    "body",
    [
        {"action": "acknowledge"},
        {"action": "acknowledge", "ids": []},
        {"action": "acknowledge", "ids": [str(uuid4())], "filter": {}},
        {"action": "snooze", "ids": [str(uuid4())]},
        {"action": "resolve", "arguments": {"text": "x"}, "ids": [str(uuid4())]},
        {"action": "delete", "ids": [str(uuid4())]},
    ],
)
async def test_a_bulk_job_that_cannot_be_meant_is_refused(client: AsyncClient, body: dict[str, object]) -> None:
    """422 before anything is written."""
    assert (await client.post("/api/v1/alerts/bulk", json=body)).status_code == 422


async def test_who_may_only_read_changes_nothing(
    client_of: Callable[[str, str], Awaitable[AsyncClient]], fire: Fire, tenant: str
) -> None:
    """403 for every action."""
    alert_id = await fire("disk")
    reader = await client_of(tenant, "readonly")
    answers = [
        await reader.patch(f"/api/v1/alerts/{alert_id}/investigate"),
        await reader.patch(f"/api/v1/alerts/{alert_id}/assign", json={"assignee_id": None}),
        await reader.post(f"/api/v1/alerts/{alert_id}/comments", json={"text": "x"}),
        await reader.post(f"/api/v1/alerts/{alert_id}/escalate"),
        await reader.post("/api/v1/alerts/bulk", json={"action": "acknowledge", "filter": {}}),
    ]

    assert [each.status_code for each in answers] == [403] * len(answers)
