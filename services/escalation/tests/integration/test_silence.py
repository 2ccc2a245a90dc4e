"""Open alerts of which nothing is heard any more, on real rows and a moved clock."""

import asyncio
from datetime import timedelta

import pytest

from nightowl_alerting import commands
from nightowl_alerting.actions import Acknowledge, Investigate, Reopen, Resolve, Snooze
from nightowl_alerting.paging import ENGINE
from nightowl_contracts import Actor
from nightowl_escalation.jobs import SilenceSweeper

pytestmark = pytest.mark.integration

SOMEBODY = Actor(kind="user", id="somebody", name="Somebody")


@pytest.fixture
async def closing(scene):
    """The tenant closes after 60 minutes."""
    await scene.write("UPDATE tenant_config SET auto_close_minutes = 60")
    return scene


@pytest.fixture
def close(scene, outbox):
    """One look at the next open alerts of the tenant."""

    async def look(*, above=None, limit=500) -> commands.Swept:
        async with outbox.tenant_tx(scene.tenant) as tx:
            return await commands.close_silent(tx, scene.tenant, ENGINE, above=above, limit=limit)

    return look


@pytest.fixture
def ask(scene, outbox):
    """Applies commands, each in a commit of its own."""

    async def apply(alert_id, *asked) -> None:
        for command in asked:
            async with outbox.tenant_tx(scene.tenant) as tx:
                await commands.apply(tx, scene.tenant, alert_id, SOMEBODY, command)

    return apply


async def test_an_alert_is_over_when_nothing_was_heard_for_long_enough(closing, close, db_clock):
    """By the service, with the reason; its timer and unsent pages are gone."""
    alert_id = await closing.fires_one()
    await closing.worker().pay_due()

    await db_clock.advance(minutes=59)
    assert (await close()).closed == 0
    await db_clock.advance(minutes=2)
    assert (await close()).closed == 1
    assert (await close()).closed == 0

    alert = await closing.alert(alert_id)
    assert (alert.status, alert.resolved_by) == ("resolved", ENGINE)
    assert (await closing.timeline(alert_id))[-1] == ("resolved", {"resolution": "nothing heard for 60 minutes"})
    assert await closing.rows("SELECT FROM public.timers WHERE tenant = $1", closing.tenant) == []
    assert [row["status"] for row in await closing.rows("SELECT status FROM deliveries")] == ["superseded"]
    assert await closing.findings() == []


async def test_without_a_setting_nothing_is_closed(scene, close, db_clock):
    """Never is the default."""
    alert_id = await scene.fires_one()

    await db_clock.advance(days=100)

    assert (await close()).closed == 0
    assert (await scene.alert(alert_id)).status == "firing"


@pytest.mark.parametrize("command", [Acknowledge(), Investigate()])
async def test_what_somebody_has_is_closed_too(closing, close, ask, db_clock, command):
    """Taken and forgotten is what grows for ever."""
    alert_id = await closing.fires_one()
    await ask(alert_id, command)

    await db_clock.advance(minutes=61)

    assert (await close()).closed == 1
    assert (await closing.alert(alert_id)).status == "resolved"


async def test_a_snoozed_alert_stays_and_has_its_time_when_the_snooze_is_over(closing, close, ask, db_clock):
    """It pages at its end, and is not closed behind the page."""
    alert_id = await closing.fires_one()
    now = await db_clock.now()
    await ask(alert_id, Snooze(until=now + timedelta(hours=3)))
    await db_clock.advance(minutes=179)
    assert (await close()).closed == 0

    await db_clock.advance(minutes=2)
    assert await closing.worker().end_snoozes() == 1
    assert (await close()).closed == 0
    assert (await closing.alert(alert_id)).escalation_state == "pending"

    await db_clock.advance(minutes=61)
    assert (await close()).closed == 1


async def test_what_is_opened_again_has_its_time(closing, close, ask, db_clock):
    """Or nobody could open a silent alert again."""
    alert_id = await closing.fires_one()
    await db_clock.advance(minutes=61)
    assert (await close()).closed == 1

    await ask(alert_id, Reopen())
    assert (await close()).closed == 0

    await db_clock.advance(minutes=61)
    assert (await close()).closed == 1


async def test_the_alert_of_a_missed_heartbeat_is_never_silent(closing, close, db_clock):
    """It stands for silence; the beat ends it."""
    alert_id = await closing.fires_one()
    await closing.write("UPDATE alerts SET source = 'heartbeat' WHERE id = $1", alert_id)

    await db_clock.advance(days=2)

    assert (await close()).closed == 0


async def test_a_repeat_that_comes_in_between_wins(closing, outbox, db_clock):
    """What is being changed is left alone, and what is locked is judged again."""
    alert_id = await closing.fires_one()
    await db_clock.advance(minutes=61)

    async with outbox.tenant_tx(closing.tenant) as repeating:
        await repeating.execute("UPDATE alerts SET last_fired_at = public.clock_now() WHERE id = $1", alert_id)
        async with outbox.tenant_tx(closing.tenant) as tx:
            held = await commands.close_silent(tx, closing.tenant, ENGINE, above=None, limit=500)
    async with outbox.tenant_tx(closing.tenant) as tx:
        after = await commands.close_silent(tx, closing.tenant, ENGINE, above=None, limit=500)

    assert (held.closed, after.closed) == (0, 0)
    assert (await closing.alert(alert_id)).status == "firing"


async def test_a_look_is_bounded_and_the_next_one_goes_on(closing, close, db_clock):
    """Part after part, in order of id; the last one starts over."""
    ids = sorted(await closing.fires(5))
    await db_clock.advance(minutes=61)

    first = await close(limit=2)
    second = await close(above=first.reached, limit=2)
    third = await close(above=second.reached, limit=2)

    assert [each.closed for each in (first, second, third)] == [2, 2, 1]
    assert (first.reached, second.reached, third.reached) == (ids[1], ids[3], None)


async def test_sweepers_side_by_side_close_each_alert_once(closing, outbox, database, db_clock):
    """However many look, one of them resolves it."""
    ids = await closing.fires(20)
    await db_clock.advance(minutes=61)
    sweepers = [SilenceSweeper(outbox=outbox, database=database) for _ in range(3)]

    while any(row["status"] != "resolved" for row in await closing.rows("SELECT status FROM alerts")):
        await asyncio.gather(*(each.close_silent() for each in sweepers))

    rows = await closing.rows("SELECT alert_id, count(*) AS n FROM alert_timeline WHERE kind = 'resolved' GROUP BY 1")
    assert sorted((row["alert_id"], row["n"]) for row in rows) == [(each, 1) for each in sorted(ids)]


async def test_what_was_resolved_in_time_is_left_as_it_was(closing, close, ask, db_clock):
    """The person's word stays."""
    alert_id = await closing.fires_one()
    await ask(alert_id, Resolve(resolution="restarted"))

    await db_clock.advance(minutes=61)

    assert (await close()).closed == 0
    assert (await closing.alert(alert_id)).resolution == "restarted"
