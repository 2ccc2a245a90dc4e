"""The notifier is killed while events are posted: each arrives, and none twice under another key or without a mark."""

import asyncio
from collections import Counter

import pytest
from world import FAST

from nightowl_common.ids import new_id
from nightowl_common.outbox import Outbox
from nightowl_contracts import Actor, ChangedPolicy, PolicyChanged
from nightowl_testkit.fakes import FakeHooks, Slow
from nightowl_testkit.services import ServiceProcesses

pytestmark = [pytest.mark.faults, pytest.mark.timeout(240)]

TENANT = "faults"
EVENTS = 60
PATH = "/webhook/faults"
SOMEBODY = Actor(kind="user", id="somebody", name="Somebody")


@pytest.fixture
async def hooks():
    """A receiver that has an event before it says so: a kill falls in between."""
    async with FakeHooks() as fake:
        fake.script(Slow(1), forever=True)
        yield fake


@pytest.fixture
async def notifiers(fault_servers, fault_team, hooks):
    environment = {**hooks.environment, **FAST}
    async with ServiceProcesses(fault_servers, names=("notifier", "notifier-2"), environment=environment) as running:
        yield running


@pytest.fixture
async def subscription(fault_database, fault_team, hooks):
    """One that wants events about policies."""
    async with fault_database.tenant_tx(TENANT) as tx:
        query = "INSERT INTO endpoints (name, kind, url, secret) VALUES ('hook', 'webhook', $1, 'a') RETURNING id"
        endpoint = await tx.fetchval(query, f"{hooks.url}{PATH}")
        query = "INSERT INTO webhook_subscriptions (name, endpoint_id, event_types) VALUES ('a', $1, '{policy.*}') RETURNING id"
        return await tx.fetchval(query, endpoint)


async def happen(database, bus) -> set:
    """Events of one tenant, published as a service does it; returns their ids."""
    outbox, ids = Outbox(database, bus), [new_id() for _ in range(EVENTS)]
    async with outbox.tenant_tx(TENANT) as tx:
        for each in ids:
            data = ChangedPolicy(policy_id=each, version=1, name="Platform", change="created")
            tx.emit(PolicyChanged(id=each, tenant=TENANT, at=await tx.now(), actor=SOMEBODY, data=data))
    await outbox.close()
    return set(ids)


async def until_sent(database, subscription) -> list:
    """Waits until every event is sent, which takes a lease of 10 s longer where a kill fell; returns the deliveries."""
    async with asyncio.timeout(120):
        while True:
            async with database.tenant_tx(TENANT) as tx:
                query = "SELECT id, event_id, status FROM webhook_deliveries WHERE subscription_id = $1"
                rows = await tx.fetch(query, subscription)
            if len(rows) == EVENTS and {row["status"] for row in rows} == {"sent"}:
                return rows
            await asyncio.sleep(0.2)


async def test_kill_9_of_notifiers_loses_no_event_and_marks_what_was_posted_again(
    notifiers, subscription, hooks, fault_database, fault_bus
):
    """60 events flow and both notifiers are killed in turn: the same key for each, an unclear attempt for each double."""
    ids = await happen(fault_database, fault_bus)
    for least, name in ((5, "notifier"), (15, "notifier-2"), (25, "notifier")):
        await hooks.wait_for(least, seconds=30)
        await notifiers.kill(name)
        await notifiers.start(name)

    rows = await until_sent(fault_database, subscription)

    posts = Counter(each.delivery_id for each in hooks.received if each.to == PATH)
    async with fault_database.tenant_tx(TENANT) as tx:
        marked = await tx.fetch(
            "SELECT delivery_id, count(*) FROM webhook_attempts WHERE outcome = 'unclear' GROUP BY 1"
        )
    lost = {row["delivery_id"]: row["count"] for row in marked}
    assert {row["event_id"] for row in rows} == ids
    assert set(posts) == {row["id"] for row in rows}
    assert all(count <= 1 + lost.get(delivery_id, 0) for delivery_id, count in posts.items())
    assert lost, "no kill fell between a post and its record"
