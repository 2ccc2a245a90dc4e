"""People and workers at the same alerts at the same time, on real rows."""

import asyncio
import random
from datetime import timedelta

import pytest

from nightowl_alerting import commands, lifecycle
from nightowl_alerting.actions import (
    Acknowledge,
    EscalateNow,
    HandOver,
    Reroute,
    Resolve,
    Snooze,
    Unacknowledge,
)
from nightowl_alerting.model import Route
from nightowl_alerting.transitions import Received
from nightowl_common import clock
from nightowl_common.errors import ConflictError
from nightowl_common.ids import new_id
from nightowl_contracts import Actor
from nightowl_contracts.topology import PAGES
from nightowl_testkit.builders import an_alert

pytestmark = pytest.mark.integration

SOMEBODY = Actor(kind="user", id="somebody", name="Somebody")
ROUNDS, ALERTS, WORKERS = 30, 12, 3
AT_ONCE = {"timeout_minutes": 0, "notify_via": ["sms"], "targets": ["oncall_primary", "oncall_backup"]}
"""A tier whose successor is due at once: workers never rest."""


@pytest.fixture
async def busy(scene_of, tenant, bus):
    """A team whose policy pages without a pause; the hints of its pages are no work for other tests' notifiers."""
    yield await scene_of(tenant, tiers=[AT_ONCE, AT_ONCE], repeat_count=100)
    await bus.jetstream.purge_stream(PAGES.name)


def some_commands(chance: random.Random, scene, now) -> list:
    """Up to three things that people do to one alert, and what the source says in between."""
    every = [
        Acknowledge(), Acknowledge(), Resolve(), Unacknowledge(), EscalateNow(), "rises",
        Snooze(until=now + timedelta(hours=1)), Reroute(policy_id=scene.team.policy_id),
        HandOver(user_id=scene.team.bob_id),
    ]  # fmt: skip
    return chance.sample(every, k=chance.randint(1, 3))


async def does(scene, outbox, alert_id, fingerprint, what) -> None:
    """One thing, in a transaction of its own; a refusal is as good as a change."""
    async with outbox.tenant_tx(scene.tenant) as tx:
        if what == "rises":
            received = Received(
                alert=an_alert(fingerprint=fingerprint, severity="critical"), source="generic", receipt_id=new_id(),
                new_id=new_id(), at=clock.utc_now(),
            )  # fmt: skip
            route = Route(policy_id=scene.team.policy_id, policy_version=1)
            await lifecycle.receive(tx, scene.tenant, [received], route=lambda _received: route)
            return
        try:
            await commands.apply(tx, scene.tenant, alert_id, SOMEBODY, what)
        except ConflictError:
            return


async def test_whoever_races_nothing_pages_after_an_acknowledgement_and_nothing_is_forgotten(busy, outbox):
    """Some hundred alerts, three workers, up to three people each: the rows hold what the state machine promises.

    No notifier runs, so a page that was committed after the alert was taken or ended would still be queued.
    """
    chance = random.Random(20_260_314)
    workers = [busy.worker(batch=5) for _ in range(WORKERS)]
    stop = asyncio.Event()

    async def pays(worker) -> None:
        while not stop.is_set():
            await worker.pay_due()
            await asyncio.sleep(0)

    async def lives(alert_id, fingerprint, plan) -> None:
        for what in plan:
            await does(busy, outbox, alert_id, fingerprint, what)

    paying = [asyncio.create_task(pays(worker)) for worker in workers]
    alert_ids = []
    for number in range(ROUNDS):
        now = (await busy.rows("SELECT public.clock_now() AS now"))[0]["now"]
        lives_of = []
        for place in range(ALERTS):
            fingerprint = f"{number}-{place}"
            alert_id = await busy.fires_one(fingerprint=fingerprint, severity="major")
            alert_ids.append(alert_id)
            lives_of.append(lives(alert_id, fingerprint, some_commands(chance, busy, now)))
        await asyncio.gather(*lives_of)
        # What still fires would keep the workers busy for the rest of the test.
        await asyncio.gather(*(does(busy, outbox, each, "", Acknowledge()) for each in alert_ids[-ALERTS // 2 :]))
    stop.set()
    await asyncio.gather(*paying)

    late = await busy.rows(
        """SELECT a.id, a.status, a.escalation_state, d.step, d.cycle FROM deliveries AS d JOIN alerts AS a ON a.id = d.alert_id
        WHERE d.status = 'queued' AND (a.status <> 'firing' OR d.escalation_version <> a.escalation_version)"""
    )
    assert late == []
    states = await busy.rows(
        """SELECT a.id, a.status, a.escalation_state, a.escalation_reason, count(t.*) AS timers FROM alerts AS a
        LEFT JOIN public.timers AS t ON t.ref = a.id AND t.version = a.escalation_version AND t.kind IN ('escalation', 'snooze')
        GROUP BY a.id"""
    )
    assert len(states) >= ROUNDS * ALERTS
    for row in states:
        assert row["escalation_reason"]
        assert row["timers"] == (1 if row["escalation_state"] in {"pending", "muted", "snoozed"} else 0), row
        assert not (row["status"] == "firing" and row["escalation_state"] == "stopped"), row
    assert [each for each in await busy.findings() if "timer overdue" not in each.detail] == []
