"""Workers and the timers they pay: once each, whatever races, breaks or is late."""

import asyncio
import random
from collections import Counter
from datetime import timedelta

import pytest

from nightowl_alerting import sending
from nightowl_common.health import Heartbeat
from nightowl_common.telemetry import SWEEPER_REPAIRS
from nightowl_escalation.telemetry import POSTPONED
from nightowl_testkit.builders import insert_policy

pytestmark = pytest.mark.integration


@pytest.fixture
async def neighbour(second_tenant, scene_of):
    """The same team in another tenant."""
    return await scene_of(second_tenant)


def counted(counter) -> float:
    """The value of a counter."""
    return counter._value.get()


async def pay_all(worker) -> int:
    """Rounds until one finds nothing; returns how many timers were paid."""
    total = 0
    while paid := (await worker.pay_due())[0]:
        total += paid
    return total


async def test_the_first_tier_is_paged_at_once_and_the_next_is_due_its_timeout_later(scene):
    """Alice hears of it now; Bob's turn is five minutes after her page."""
    alert_id = await scene.fires_one()

    assert await scene.worker().pay_due() == (1, 0)

    assert await scene.pages(alert_id) == [(0, 0, "Alice", "slack_dm")]
    [step] = await scene.steps(alert_id)
    assert (step["outcome"], step["recipients"]) == ("paged", [f"user:{scene.team.alice_id}"])
    assert (await scene.timer(alert_id))["due_at"] == step["fired_at"] + timedelta(minutes=5)
    assert await scene.worker().pay_due() == (0, 0)
    assert await scene.findings() == []


async def test_a_late_worker_shortens_nobodys_time(scene, db_clock):
    """The timeout counts from the page, not from when the page was due; the lateness is on record."""
    alert_id = await scene.fires_one()
    due_at = (await scene.timer(alert_id))["due_at"]

    await db_clock.advance(minutes=12)
    await scene.worker().pay_due()

    [step] = await scene.steps(alert_id)
    assert step["due_at"] == due_at
    assert step["fired_at"] - due_at >= timedelta(minutes=12)
    assert (await scene.timer(alert_id))["due_at"] == step["fired_at"] + timedelta(minutes=5)
    kind, evidence = (await scene.timeline(alert_id))[-1]
    assert kind == "escalated"
    assert evidence["late_ms"] >= 12 * 60 * 1000
    assert await scene.pages(alert_id) == [(0, 0, "Alice", "slack_dm")]


@pytest.mark.parametrize("count", [2, 5])
async def test_workers_side_by_side_page_each_alert_once(scene, count):
    """Fifty alerts, small batches, all workers at the same time."""
    alert_ids = await scene.fires(50)

    paid = await asyncio.gather(*(pay_all(scene.worker(batch=7)) for _ in range(count)))

    assert sum(paid) == 50
    pages = await scene.rows("SELECT alert_id FROM deliveries")
    assert Counter(row["alert_id"] for row in pages) == Counter(alert_ids)
    assert await scene.findings() == []


async def test_after_an_acknowledgement_nothing_can_be_sent_whoever_came_first(scene, database):
    """Worker and acknowledgement race, 300 times: at most one page, and none that is left to send."""
    paged = 0
    for _ in range(300):
        alert_id = await scene.fires_one()

        async def acknowledge(alert_id=alert_id) -> None:
            await asyncio.sleep(random.uniform(0, 0.008))
            await scene.acknowledge(alert_id)
            left = await scene.rows("SELECT id, status FROM deliveries WHERE alert_id = $1", alert_id)
            assert [row["status"] for row in left if row["status"] != "superseded"] == []
            async with database.tenant_tx(scene.tenant) as tx:
                claims = [await sending.claim(tx, scene.tenant, row["id"], lease_seconds=30) for row in left]
            assert [each for each in claims if each is not None] == []

        async def pay() -> None:
            await asyncio.sleep(random.uniform(0, 0.008))
            await scene.worker().pay_due()

        await asyncio.gather(acknowledge(), pay())
        pages = await scene.rows("SELECT status FROM deliveries WHERE alert_id = $1", alert_id)
        assert [row["status"] for row in pages] in ([], ["superseded"])
        assert await scene.timer(alert_id) is None
        paged += len(pages)

    assert 0 < paged < 300, "both must have come first now and then, or nothing was raced"
    assert await scene.worker().pay_due() == (0, 0)
    assert await scene.findings() == []


async def test_an_alert_that_somebody_holds_is_left_and_its_neighbours_are_paid(scene, database):
    """The worker never waits for a row; it finds the alert again when it is free."""
    held, *others = await scene.fires(3)
    worker = scene.worker()

    async with database.tenant_tx(scene.tenant) as tx:
        await tx.execute("SELECT FROM alerts WHERE id = $1 FOR UPDATE", held)
        assert await asyncio.wait_for(worker.pay_due(), 20) == (2, 1)
        assert await scene.pages(held) == []
    assert await worker.pay_due() == (1, 0)

    for alert_id in (held, *others):
        assert await scene.pages(alert_id) == [(0, 0, "Alice", "slack_dm")]


async def test_a_timer_that_cannot_be_paid_is_put_off_alone(scene, neighbour, database, db_clock):
    """A policy that nobody can read costs its own alert ten seconds, and is counted; the rest is paid now."""
    async with database.tenant_tx(scene.tenant) as tx:
        broken = await insert_policy(tx, [{"rungs": 3}], roster_id=None, name="Broken")
    stuck = await scene.fires_one(policy_id=broken)
    fine = await scene.fires(3)
    next_door = await neighbour.fires_one()
    before, worker = counted(POSTPONED), scene.worker()

    await worker.pay_due()

    assert counted(POSTPONED) - before == 1
    assert await scene.pages(stuck) == []
    for alert_id in fine:
        assert await scene.pages(alert_id) == [(0, 0, "Alice", "slack_dm")]
    assert await neighbour.pages(next_door) == [(0, 0, "Alice", "slack_dm")]
    assert await worker.pay_due() == (0, 0), "put off, not tried in a circle"

    mended = [{"timeout_minutes": 5, "notify_via": ["slack_dm"], "targets": [f"user:{scene.team.bob_id}"]}]
    await scene.write("UPDATE escalation_policy_versions SET tiers = $2 WHERE policy_id = $1", broken, mended)
    await db_clock.advance(seconds=11)
    await worker.pay_due()

    assert await scene.pages(stuck) == [(0, 0, "Bob", "slack_dm")]
    assert await scene.findings() == []


async def test_timers_of_a_tenant_that_is_gone_hold_up_nobody(scene, database):
    """Nothing can be decided for it: put off, and the others go on."""
    alert_id = await scene.fires_one()
    async with database.global_tx() as tx:
        await tx.execute(
            "INSERT INTO public.timers (kind, ref, tenant, due_at) "
            "VALUES ('escalation', gen_random_uuid(), 'nobody_lives_here', public.clock_now() - interval '1 hour')"
        )

    await scene.worker().pay_due()

    assert await scene.pages(alert_id) == [(0, 0, "Alice", "slack_dm")]


async def test_a_timer_of_an_older_version_pages_nobody_and_goes(scene):
    """What it stood for was stopped."""
    alert_id = await scene.fires_one()
    version = (await scene.alert(alert_id)).escalation_version
    await scene.acknowledge(alert_id)
    await scene.write(
        "INSERT INTO public.timers (kind, ref, tenant, version, due_at) "
        "VALUES ('escalation', $1, $2, $3, public.clock_now())",
        alert_id, scene.tenant, version,
    )  # fmt: skip

    assert await scene.worker().pay_due() == (1, 0)

    assert await scene.pages(alert_id) == []
    assert await scene.timer(alert_id) is None
    assert await scene.findings() == []


async def test_a_timer_without_an_alert_goes(scene):
    """Its alert was deleted: nobody is owed anything, and it does not stay due for ever."""
    alert_id = await scene.fires_one()
    await scene.write("DELETE FROM alerts WHERE id = $1", alert_id)

    assert await scene.worker().pay_due() == (1, 0)

    assert await scene.timer(alert_id) is None
    assert await scene.findings() == []


async def test_a_lost_timer_is_restored_and_counted(scene):
    """The sweeper finds the alert that should have one; the next round pages."""
    alert_id = await scene.fires_one()
    await scene.write("DELETE FROM public.timers WHERE ref = $1", alert_id)
    assert [each.rule for each in await scene.findings()] == [2]
    counter, worker = SWEEPER_REPAIRS.labels("escalation_timers"), scene.worker()
    before, repaired = counted(counter), 0

    while await scene.timer(alert_id) is None:
        repaired += await worker.restore_missing()

    assert repaired >= 1
    assert counted(counter) - before == repaired
    assert await scene.findings() == []
    await pay_all(worker)  # other tests' alerts got their timers back, too
    assert await scene.pages(alert_id) == [(0, 0, "Alice", "slack_dm")]


async def test_a_running_worker_pays_what_comes_due_and_stops_when_told(scene):
    """A hint wakes it; without one it looks by itself soon enough."""
    worker, stop, heartbeat = scene.worker(), asyncio.Event(), Heartbeat()
    running = asyncio.create_task(worker.run(stop=stop, heartbeat=heartbeat))

    for is_hinted in (True, False):
        alert_id = await scene.fires_one()
        if is_hinted:
            worker.wake.set()
        async with asyncio.timeout(20):
            while not await scene.pages(alert_id):
                await asyncio.sleep(0.01)

    stop.set()
    worker.wake.set()
    await asyncio.wait_for(running, 20)
