"""What a suspended tenant owes waits; what still fires when it is resumed is paid."""

import pytest

from nightowl_alerting import store
from nightowl_alerting.suspension import resume_tenant, suspend_tenant
from nightowl_contracts import Actor
from nightowl_escalation.jobs import SilenceSweeper

pytestmark = pytest.mark.integration

OPERATOR = Actor(kind="service", id="nightowl", name="operator")


@pytest.fixture
async def neighbour(second_tenant, scene_of):
    """The same team in another tenant."""
    return await scene_of(second_tenant)


async def change(database, tenant, how) -> bool:
    async with database.tenant_tx(tenant) as tx:
        return await how(tx, tenant, OPERATOR)


async def test_timers_of_a_suspended_tenant_wait_and_their_neighbours_do_not(scene, neighbour, database):
    """Nobody of it is paged, however long it is overdue, and no worker spins about it."""
    waiting, paid = await scene.fires_one(), await neighbour.fires_one()
    assert await change(database, scene.tenant, suspend_tenant)

    assert await scene.worker().pay_due() == (1, 0)
    assert await scene.worker().pay_due() == (0, 0)

    assert await scene.pages(waiting) == []
    assert len(await neighbour.pages(paid)) == 1
    async with database.global_tx() as tx:
        assert (await store.load_next_due(tx, "escalation") or 0) > 0
    assert await scene.findings() == []


async def test_when_it_is_resumed_what_still_fires_pages_at_once(scene, database, db_clock):
    """What somebody took or what was resolved before does not."""
    fires, taken = await scene.fires_one(), await scene.fires_one()
    await change(database, scene.tenant, suspend_tenant)
    await db_clock.advance(hours=30)
    await scene.acknowledge(taken)
    assert await scene.worker().pay_due() == (0, 0)

    assert await change(database, scene.tenant, resume_tenant)
    assert await scene.worker().pay_due() == (1, 0)

    assert await scene.pages(fires) == [(0, 0, "Alice", "slack_dm")]
    assert await scene.pages(taken) == []
    assert await scene.findings() == []


async def test_snoozes_and_their_ends_wait_too(scene, database, db_clock):
    """Due timers of every kind are passed over."""
    async with database.global_tx() as tx:
        for kind in ("snooze", "delivery", "heartbeat", "bulk"):
            await tx.execute(
                "INSERT INTO public.timers (kind, ref, tenant, due_at) VALUES ($1, uuidv7(), $2, public.clock_now())",
                kind, scene.tenant,
            )  # fmt: skip

    async def due() -> list[str]:
        async with database.global_tx() as tx:
            kinds = ("snooze", "delivery", "heartbeat", "bulk")
            claimed = [await store.claim_due_timers(tx, kind, limit=9) for kind in kinds]
            loaded = [await store.load_due_timers(tx, kind, limit=9) for kind in kinds]
        assert claimed == loaded
        return [timer.kind for part in loaded for timer in part]

    before = await due()
    await change(database, scene.tenant, suspend_tenant)
    during = await due()
    await change(database, scene.tenant, resume_tenant)

    assert (before, during, await due()) == (["snooze", "delivery", "heartbeat", "bulk"], [], before)


async def test_heartbeats_have_their_whole_time_again(scene, database, db_clock):
    """Their beats were refused, which is not their fault; row and timer say the same."""
    await scene.write(
        """INSERT INTO heartbeats (id, name, interval_seconds, grace_seconds, last_beat_at, due_at)
        VALUES (uuidv7(), 'nightly', 60, 30, public.clock_now(), public.clock_now() + interval '90 seconds')"""
    )
    await change(database, scene.tenant, suspend_tenant)
    now = await db_clock.advance(hours=5)

    await change(database, scene.tenant, resume_tenant)

    [row] = await scene.rows(
        """SELECT h.due_at, t.due_at AS timer FROM heartbeats AS h
        JOIN public.timers AS t ON t.kind = 'heartbeat' AND t.ref = h.id"""
    )
    assert row["due_at"] == row["timer"]
    assert (row["due_at"] - now).total_seconds() >= 90
    assert await scene.findings() == []


async def test_nothing_is_closed_for_a_silence_that_was_ours(scene, database, outbox, db_clock, monkeypatch):
    """Neither during a suspension nor after it, before the whole time has passed again."""
    alert_id = await scene.fires_one()
    await scene.write("UPDATE tenant_config SET auto_close_minutes = 10")
    sweeper = SilenceSweeper(outbox=outbox, database=database)

    async def this_tenant() -> frozenset[str]:
        return frozenset({scene.tenant})

    monkeypatch.setattr(database, "tenants", this_tenant)
    await change(database, scene.tenant, suspend_tenant)
    await db_clock.advance(minutes=60)
    await sweeper.close_silent()
    during = (await scene.alert(alert_id)).status
    await change(database, scene.tenant, resume_tenant)
    await sweeper.close_silent()
    after = (await scene.alert(alert_id)).status

    await db_clock.advance(minutes=11)
    await sweeper.close_silent()

    assert (during, after, (await scene.alert(alert_id)).status) == ("firing", "firing", "resolved")


async def test_doing_it_twice_is_doing_it_once(scene, database):
    """Both are told in the audit log, once."""
    done = [await change(database, scene.tenant, how) for how in (suspend_tenant, suspend_tenant, resume_tenant)]

    rows = await scene.rows("SELECT changes FROM audit_log WHERE entity = 'tenant' ORDER BY seq")
    assert done == [True, False, True]
    assert [row["changes"]["status"] for row in rows] == [["active", "suspended"], ["suspended", "active"]]
