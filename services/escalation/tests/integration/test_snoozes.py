"""Snoozes that end, and escalations that start anew, on real rows."""

from datetime import timedelta

import pytest

from nightowl_alerting import commands
from nightowl_alerting.actions import Acknowledge, EscalateNow, Reopen, Resolve, Snooze, Unacknowledge
from nightowl_alerting.model import NewerEpisodeError
from nightowl_contracts import Actor

pytestmark = pytest.mark.integration

SOMEBODY = Actor(kind="user", id="somebody", name="Somebody")


@pytest.fixture
def ask(scene, outbox):
    """Applies commands, each in a commit of its own."""

    async def apply(alert_id, *asked):
        for command in asked:
            async with outbox.tenant_tx(scene.tenant) as tx:
                if command is Snooze:
                    command = Snooze(until=await tx.now() + timedelta(hours=1))  # noqa: PLW2901  # filled in
                alert = await commands.apply(tx, scene.tenant, alert_id, SOMEBODY, command)
        return alert

    return apply


async def all_due(worker):
    """Ends what is snoozed long enough and pays what is due."""
    await worker.end_snoozes()
    while (await worker.pay_due())[0]:
        pass


async def test_a_snooze_calls_pages_back_and_its_end_pages_at_once(scene, ask, db_clock):
    """Nobody is paged while it lasts, tier after tier; then tier 1 again, on a page of its own."""
    worker = scene.worker()
    alert_id = await scene.fires_one()
    await all_due(worker)

    await ask(alert_id, Snooze)
    await db_clock.advance(minutes=59)
    await all_due(worker)
    assert await scene.pages(alert_id) == [(0, 0, "Alice", "slack_dm")]
    assert await scene.findings() == []

    await db_clock.advance(minutes=2)
    await all_due(worker)

    assert await scene.pages(alert_id) == [(0, 0, "Alice", "slack_dm"), (1, 0, "Alice", "slack_dm")]
    alert = await scene.alert(alert_id)
    assert (alert.escalation_state, alert.snoozed_until) == ("pending", None)
    assert await scene.findings() == []
    queued = "SELECT cycle FROM deliveries WHERE alert_id = $1 AND status = 'queued'"
    assert [row["cycle"] for row in await scene.rows(queued, alert_id)] == [1]


@pytest.mark.parametrize("command", [Acknowledge(), Resolve()])
async def test_a_snooze_that_somebody_ended_wakes_nobody(scene, ask, db_clock, command):
    """Its timer is gone with it."""
    alert_id = await scene.fires_one()
    await ask(alert_id, Snooze, command)

    await db_clock.advance(hours=2)
    await all_due(scene.worker())

    assert await scene.pages(alert_id) == []
    assert await scene.rows("SELECT FROM public.timers WHERE ref = $1", alert_id) == []
    assert await scene.findings() == []


async def test_giving_back_pages_tier_one_again(scene, ask):
    """Acknowledged, given back, paged; with the whole policy before it."""
    worker = scene.worker()
    alert_id = await scene.fires_one()
    await all_due(worker)

    await ask(alert_id, Acknowledge(), Unacknowledge())
    await all_due(worker)

    assert await scene.pages(alert_id) == [(0, 0, "Alice", "slack_dm"), (1, 0, "Alice", "slack_dm")]
    assert [(step["cycle"], step["tier"]) for step in await scene.steps(alert_id)] == [(0, 0), (1, 0)]


async def test_a_reopened_alert_pages_again(scene, ask):
    """The same row, the same episode."""
    worker = scene.worker()
    alert_id = await scene.fires_one()
    await all_due(worker)

    alert = await ask(alert_id, Resolve(resolution="restarted"), Reopen())
    await all_due(worker)

    assert (alert.id, alert.episode, alert.status) == (alert_id, 1, "firing")
    assert (await scene.pages(alert_id))[-1] == (1, 0, "Alice", "slack_dm")


async def test_an_older_episode_stays_closed_while_a_newer_is_open(scene, ask):
    """One open alert per fingerprint, whoever asks."""
    alert_id = await scene.fires_one()
    await ask(alert_id, Resolve())
    await scene.write(
        """INSERT INTO alerts (id, fingerprint, episode, previous_id, status, severity, source, title, first_fired_at,
            last_fired_at, escalation_state, escalation_reason)
        SELECT uuidv7(), fingerprint, 2, id, 'firing', 'info', source, title, now(), now(), 'none', 'info'
        FROM alerts WHERE id = $1""",
        alert_id,
    )

    with pytest.raises(NewerEpisodeError):
        await ask(alert_id, Reopen())


async def test_escalating_now_pages_the_next_tier(scene, ask):
    """Bob is paged without the wait."""
    worker = scene.worker()
    alert_id = await scene.fires_one()
    await all_due(worker)

    await ask(alert_id, EscalateNow(reason="Alice is on a plane"))
    await all_due(worker)

    assert {page[2] for page in await scene.pages(alert_id)} == {"Alice", "Bob"}
    [told] = [evidence for kind, evidence in await scene.timeline(alert_id) if kind == "escalated_by_hand"]
    assert told["reason"] == "Alice is on a plane"


async def test_a_snooze_without_its_timer_is_found_and_mended(scene, ask, db_clock):
    """The ledger says so, the sweeper restores it, and the alert wakes on time."""
    worker = scene.worker()
    alert_id = await scene.fires_one()
    await ask(alert_id, Snooze)
    await scene.write("DELETE FROM public.timers WHERE ref = $1", alert_id)
    assert [finding.rule for finding in await scene.findings()] == [2]

    while await scene.findings():  # other tests' alerts may be mended first
        await worker.restore_missing()
    await db_clock.advance(hours=1)
    await all_due(worker)

    assert len(await scene.pages(alert_id)) == 1
