"""Webhook subscriptions over the API: who may, what is refused, what is told, posting again and trying."""

import json
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from httpx import AsyncClient, Response

from nightowl_alerting import ledger
from nightowl_alerting.webhooks import posting
from nightowl_alerting.webhooks.model import Answered, PostResult, Unclear
from nightowl_auth import Role
from nightowl_common.db import Database
from nightowl_common.ids import new_id
from nightowl_common.outbox import Outbox
from nightowl_contracts import Actor, ChangedPolicy, PolicyChanged

pytestmark = pytest.mark.integration

ClientOf = Callable[[str, Role], Awaitable[AsyncClient]]
Post = Callable[..., Awaitable[None]]
PATH = "/api/v1/webhook-subscriptions"
LOG = "/api/v1/webhook-deliveries"
SOMEBODY = Actor(kind="user", id="somebody", name="Somebody")


async def endpoint(manager: AsyncClient, *, kind: str = "webhook") -> str:
    """A new endpoint's id."""
    body = {"name": str(uuid4()), "kind": kind, "url": "https://hooks.example/very-secret-path"}
    found: str = (await manager.post("/api/v1/endpoints", json=body)).json()["endpoint"]["id"]
    return found


async def subscribed(manager: AsyncClient, **changes: Any) -> Response:
    """A new subscription."""
    body = {"name": "Status page", "event_types": ["policy.*"], **changes}
    return await manager.post(PATH, json={"endpoint_id": await endpoint(manager), **body})


@pytest_asyncio.fixture(loop_scope="session")
async def subscription(manager: AsyncClient) -> dict[str, Any]:
    """One that wants events about policies."""
    made: dict[str, Any] = (await subscribed(manager)).json()
    return made


@pytest.fixture
def happen(database: Database, tenant: str) -> Callable[[], Awaitable[PolicyChanged]]:
    """An event about a policy, owed as the notifier does it."""

    async def owe() -> PolicyChanged:
        async with database.tenant_tx(tenant) as tx:
            data = ChangedPolicy(policy_id=new_id(), version=1, name='<b>"Platform"</b>', change="created")
            event = PolicyChanged(id=new_id(), tenant=tenant, at=await tx.now(), actor=SOMEBODY, data=data)
            await posting.owe(tx, tenant, [event])
        return event

    return owe


@pytest.fixture
def settle(outbox: Outbox, tenant: str) -> Callable[[str, PostResult], Awaitable[None]]:
    """What is due next is posted and comes to a result, as in the notifier."""

    async def post(subscription_id: str, result: PostResult) -> None:
        async with outbox.tenant_tx(tenant) as tx:
            claimed = await posting.claim(tx, tenant, UUID(subscription_id), lease_seconds=30)
            assert claimed is not None
            await posting.finish(tx, tenant, claimed, result)

    return post


async def timers(database: Database, tenant: str) -> list[UUID]:
    """Deliveries that have a timer."""
    async with database.global_tx() as tx:
        rows = await tx.fetch("SELECT ref FROM public.timers WHERE kind = 'webhook' AND tenant = $1", tenant)
    return [row["ref"] for row in rows]


async def items(client: AsyncClient, subscription_id: str, **params: Any) -> list[dict[str, Any]]:
    """Deliveries of a subscription."""
    answer = await client.get(f"{PATH}/{subscription_id}/deliveries", params=params)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def test_a_subscription_is_made_and_shown(manager: AsyncClient, client: AsyncClient) -> None:
    """With every default said, and without the address behind it."""
    matchers = [{"name": "team", "op": "=", "value": "db"}]
    answer = await subscribed(
        manager, event_types=["alert.*", "roster.changed"], matchers=matchers, min_severity="major"
    )

    made = answer.json()
    shown = await client.get(f"{PATH}/{made['id']}")
    listed = await client.get(PATH)

    assert (answer.status_code, answer.headers["ETag"]) == (201, '"1"')
    assert shown.json() == made == listed.json()["items"][0]
    expected = {
        "name": "Status page", "event_types": ["alert.*", "roster.changed"], "matchers": matchers, "min_severity": "major",
        "is_enabled": True, "is_gone": False, "waiting": 0, "revision": 1,
    }  # fmt: skip
    assert {name: made[name] for name in expected} == expected
    assert "secret-path" not in answer.text + shown.text + listed.text


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "$.name"),
        ({"event_types": []}, "$.event_types"),
        ({"event_types": ["alert.exploded"]}, "$.event_types[0]"),
        ({"event_types": ["alert.opened", "alerts.*"]}, "$.event_types[1]"),
        ({"event_types": ["page.requested"]}, "$.event_types[0]"),
        ({"event_types": ["alert"]}, "$.event_types[0]"),
        ({"matchers": [{"name": "team", "op": "=~", "value": "("}]}, "$.matchers[0].value"),
        ({"min_severity": "loud"}, "$.min_severity"),
        ({"endpoint_id": str(uuid4())}, "$.endpoint_id"),
        ({"secret": "mine"}, "$"),
    ],
)
async def test_what_is_no_subscription_is_refused_by_field(
    manager: AsyncClient, changes: dict[str, Any], field: str
) -> None:
    """The answer names it."""
    answer = await subscribed(manager, **changes)

    assert answer.status_code in {400, 422}
    assert field.strip("$.") in answer.text


async def test_only_a_webhook_can_be_subscribed(manager: AsyncClient) -> None:
    """A chat room has no secret to sign with."""
    answer = await subscribed(manager, endpoint_id=await endpoint(manager, kind="teams"))

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "$.endpoint_id")


async def test_a_repeated_request_makes_one_subscription(manager: AsyncClient) -> None:
    """Under its `Idempotency-Key`; without one, the name is taken."""
    body = {"name": "Once", "endpoint_id": await endpoint(manager), "event_types": ["*"]}
    first, again = [await manager.post(PATH, json=body, headers={"Idempotency-Key": "k1"}) for _ in range(2)]
    taken = await manager.post(PATH, json=body)

    assert (first.status_code, again.json()) == (201, first.json())
    assert (taken.status_code, taken.json()["code"]) == (409, "subscription_name_taken")


async def test_a_change_needs_the_revision_that_was_read_and_is_audited(
    manager: AsyncClient, database: Database, tenant: str, subscription: dict[str, Any]
) -> None:
    """One that changes nothing is none."""
    path = f"{PATH}/{subscription['id']}"
    body = {"name": "Renamed", "endpoint_id": subscription["endpoint_id"], "event_types": ["*"]}

    changed = await manager.put(path, json=body, headers={"If-Match": '"1"'})
    same = await manager.put(path, json=body)
    stale = await manager.put(path, json=body, headers={"If-Match": '"1"'})
    gone = await manager.delete(path, headers={"If-Match": '"2"'})

    assert (changed.json()["event_types"], changed.headers["ETag"], same.headers["ETag"]) == (["*"], '"2"', '"2"')
    assert (stale.status_code, stale.json()["code"]) == (412, "stale_revision")
    assert (gone.status_code, gone.json(), (await manager.get(path)).status_code) == (200, {"outcome": "deleted"}, 404)
    async with database.tenant_tx(tenant) as tx:
        query = "SELECT action, changes FROM audit_log WHERE entity = 'webhook_subscription' ORDER BY id"
        rows = await tx.fetch(query)
    assert [row["action"] for row in rows] == ["created", "updated", "deleted"]
    assert rows[1]["changes"]["name"] == ["Status page", "Renamed"]


async def test_the_log_shows_body_and_attempts_and_can_be_filtered(
    manager: AsyncClient, client: AsyncClient, subscription: dict[str, Any], happen: Any, settle: Any
) -> None:
    """The body is what is posted, byte by byte."""
    sent = await happen()
    await settle(subscription["id"], Answered(status=204))
    failed = await happen()
    await settle(subscription["id"], Unclear(detail="no answer: TimeoutError"))
    await manager.post(f"{PATH}/{subscription['id']}/test")

    everything = await items(client, subscription["id"])
    by_status = await items(client, subscription["id"], status="sent")
    by_type = await items(client, subscription["id"], event_type=["ping", "policy.created"])
    waiting = (await client.get(f"{PATH}/{subscription['id']}")).json()["waiting"]
    detail = (await client.get(f"{LOG}/{by_status[0]['id']}")).json()

    assert [each["event_type"] for each in everything] == ["ping", "policy.changed", "policy.changed"]
    assert [each["event_id"] for each in everything[1:]] == [str(failed.id), str(sent.id)]
    assert [each["status"] for each in everything] == ["queued", "queued", "sent"]
    assert (everything[1]["reason"], everything[1]["attempt_count"]) == ("unclear", 1)
    assert everything[1]["next_attempt_at"] is not None
    assert [each["event_id"] for each in by_status] == [str(sent.id)]
    assert [each["event_type"] for each in by_type] == ["ping"]
    assert waiting == 2
    assert json.loads(detail["body"])["data"]["name"] == '<b>"Platform"</b>'
    assert [(each["outcome"], each["status_code"]) for each in detail["attempts"]] == [("sent", 204)]


async def test_the_log_is_read_in_pages(client: AsyncClient, subscription: dict[str, Any], happen: Any) -> None:
    """Newest first, by cursor."""
    events = [await happen() for _ in range(3)]
    path = f"{PATH}/{subscription['id']}/deliveries"

    first = (await client.get(path, params={"limit": 2})).json()
    second = (await client.get(path, params={"limit": 2, "cursor": first["next_cursor"]})).json()

    seen = [each["event_id"] for each in [*first["items"], *second["items"]]]
    assert seen == [str(each.id) for each in reversed(events)]
    assert (first["total"], first["total_is_exact"], second["next_cursor"]) == (3, True, None)


async def test_a_replay_posts_the_same_body_as_a_new_delivery(
    manager: AsyncClient, database: Database, tenant: str, subscription: dict[str, Any], happen: Any, settle: Any
) -> None:
    """It names its original, has a key of its own, and is in the audit log; a repeated request replays once."""
    await happen()
    await settle(subscription["id"], Answered(status=204))
    [original] = await items(manager, subscription["id"])

    answers = [
        await manager.post(f"{LOG}/{original['id']}/replay", headers={"Idempotency-Key": key})
        for key in ("a", "a", "b")
    ]
    first, again, second = [each.json() for each in answers]
    bodies = [(await manager.get(f"{LOG}/{each['id']}")).json()["body"] for each in (original, first, second)]

    assert [each.status_code for each in answers] == [201, 201, 201]
    assert (first, first["replay"], second["replay"]) == (again, 1, 2)
    assert first["original_id"] == second["original_id"] == original["id"]
    assert first["event_id"] == original["event_id"]
    assert len({original["id"], first["id"], second["id"]}) == 3
    assert len(set(bodies)) == 1
    assert set(await timers(database, tenant)) == {UUID(first["id"]), UUID(second["id"])}
    async with database.tenant_tx(tenant) as tx:
        told = await tx.fetchval("SELECT count(*) FROM audit_log WHERE action = 'replayed'")
    assert told == 2


async def test_disabling_ends_what_waits_and_allows_trials_only(
    manager: AsyncClient, database: Database, tenant: str, subscription: dict[str, Any], happen: Any
) -> None:
    """Nothing is left on a timer; enabling owes nothing of what happened meanwhile."""
    await happen()
    path = f"{PATH}/{subscription['id']}"
    names = ("name", "endpoint_id", "event_types", "matchers", "min_severity")
    body = {name: subscription[name] for name in names}

    disabled = await manager.put(path, json={**body, "is_enabled": False})
    [ended] = await items(manager, subscription["id"])
    left = await timers(database, tenant)
    refused = await manager.post(f"{LOG}/{ended['id']}/replay")
    missed = await happen()
    trial = await manager.post(f"{path}/test")
    enabled = await manager.put(path, json={**body, "is_enabled": True})
    wanted = await happen()

    assert (disabled.json()["is_enabled"], disabled.json()["waiting"], enabled.json()["revision"]) == (False, 0, 3)
    assert (ended["status"], ended["reason"], ended["next_attempt_at"], left) == ("failed", "disabled", None, [])
    assert (refused.status_code, refused.json()["code"]) == (409, "subscription_disabled")
    assert (trial.status_code, trial.json()["event_type"]) == (201, "ping")
    events = {each["event_id"] for each in await items(manager, subscription["id"])}
    assert str(missed.id) not in events
    assert str(wanted.id) in events


async def test_deleting_stops_what_is_queued(
    manager: AsyncClient, database: Database, tenant: str, subscription: dict[str, Any], happen: Any
) -> None:
    """Its log goes along, and nothing is unaccounted for."""
    await happen()
    [row] = await items(manager, subscription["id"])

    await manager.delete(f"{PATH}/{subscription['id']}")

    assert await timers(database, tenant) == []
    assert (await manager.get(f"{LOG}/{row['id']}")).status_code == 404
    async with database.tenant_tx(tenant) as tx:
        assert await ledger.unaccounted(tx, tenant, []) == []


async def test_an_endpoint_that_is_subscribed_stays(manager: AsyncClient, subscription: dict[str, Any]) -> None:
    """Until the subscription is gone."""
    path = f"/api/v1/endpoints/{subscription['endpoint_id']}"

    held = await manager.delete(path)
    await manager.delete(f"{PATH}/{subscription['id']}")
    free = await manager.delete(path)

    assert (held.status_code, held.json()["code"], free.status_code) == (409, "endpoint_in_use", 200)


async def test_managers_change_and_engineers_read(
    manager: AsyncClient, client_of: ClientOf, tenant: str, subscription: dict[str, Any]
) -> None:
    """Readers see nothing of it."""
    engineer, reader = await client_of(tenant, "engineer"), await client_of(tenant, "readonly")
    trial = (await manager.post(f"{PATH}/{subscription['id']}/test")).json()
    path, log = f"{PATH}/{subscription['id']}", f"{LOG}/{trial['id']}"
    body = {"name": "Mine", "endpoint_id": subscription["endpoint_id"], "event_types": ["*"]}

    read = [(await engineer.get(each)).status_code for each in (PATH, path, f"{path}/deliveries", log)]
    unread = [(await reader.get(each)).status_code for each in (PATH, path, f"{path}/deliveries", log)]
    refused = [
        await engineer.post(PATH, json=body),
        await engineer.put(path, json=body),
        await engineer.delete(path),
        await engineer.post(f"{path}/test"),
        await engineer.post(f"{log}/replay"),
    ]

    assert (read, unread) == ([200] * 4, [403] * 4)
    assert [each.status_code for each in refused] == [403] * 5


async def test_another_tenants_subscription_is_not_there(
    manager: AsyncClient, client_of: ClientOf, second_tenant: str, subscription: dict[str, Any]
) -> None:
    """Neither to be seen, changed, tried nor replayed; nor can its endpoint be used."""
    trial = (await manager.post(f"{PATH}/{subscription['id']}/test")).json()
    path, log = f"{PATH}/{subscription['id']}", f"{LOG}/{trial['id']}"
    stranger = await client_of(second_tenant, "manager")
    body = {"name": "Mine", "endpoint_id": subscription["endpoint_id"], "event_types": ["*"]}

    answers = [
        await stranger.get(path),
        await stranger.put(path, json=body),
        await stranger.delete(path),
        await stranger.get(f"{path}/deliveries"),
        await stranger.post(f"{path}/test"),
        await stranger.get(log),
        await stranger.post(f"{log}/replay"),
    ]
    used = await stranger.post(PATH, json=body)

    assert [each.status_code for each in answers] == [404] * 7
    assert (used.status_code, used.json()["errors"][0]["field"]) == (422, "$.endpoint_id")
    assert (await stranger.get(PATH)).json()["total"] == 0


async def test_the_number_of_subscriptions_has_a_bound(
    manager: AsyncClient, database: Database, tenant: str, subscription: dict[str, Any]
) -> None:
    """Each is asked about each event."""
    async with database.tenant_tx(tenant) as tx:
        await tx.execute(
            """INSERT INTO webhook_subscriptions (name, endpoint_id, event_types)
            SELECT 'n' || n, $1, '{*}' FROM generate_series(2, 100) AS n""",
            UUID(subscription["endpoint_id"]),
        )

    answer = await subscribed(manager, name="One more")

    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_subscriptions")
