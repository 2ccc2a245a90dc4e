"""Whoever is quicker: no page is claimed for sending once an acknowledgement is committed."""

import asyncio
import random
from collections import Counter

import msgspec
import pytest

from nightowl_notifier.channels.claims import Claims

pytestmark = [pytest.mark.integration, pytest.mark.timeout(240)]

TRIALS = 1_000
AT_ONCE = 8
LONGEST_WAIT_SECONDS = 0.004


class Trial(msgspec.Struct, kw_only=True):
    """What was seen of one page. `was_taken_before` is what the claimer knew when it asked."""

    delivery_id: object
    alert_id: object
    is_taken: bool = False
    was_taken_before: bool = False
    is_claimed: bool = False


async def a_trial(scene, person):
    """A page of a new alert; no notifier runs, so nobody else claims it."""
    alert = await scene.alert()
    [delivery_id] = await scene.owe(person.over("sms"), hint=False, alert=alert)
    return Trial(delivery_id=delivery_id, alert_id=alert.id)


async def run(trial, scene, chance, claim_it):
    """Claims and acknowledges at the same time, each after a moment of its own."""

    async def take():
        await asyncio.sleep(chance.uniform(0, LONGEST_WAIT_SECONDS))
        await scene.acknowledge(trial.alert_id)
        trial.is_taken = True

    async def claim():
        await asyncio.sleep(chance.uniform(0, LONGEST_WAIT_SECONDS))
        trial.was_taken_before = trial.is_taken
        trial.is_claimed = await claim_it(trial.delivery_id) is not None

    await asyncio.gather(take(), claim())


async def test_in_a_thousand_races_no_page_is_claimed_after_its_alert_was_acknowledged(scene, outbox):
    """Each page is either claimed before, or called back; never both, and never neither. By itself or with others."""
    claims = Claims(outbox, lease_seconds=30, at_once=2)

    async def with_others(delivery_id):
        return await claims.take(scene.tenant, delivery_id, is_critical=True)

    chance = random.Random(2026)
    person = await scene.person()
    trials = [await a_trial(scene, person) for _ in range(TRIALS)]

    for start in range(0, TRIALS, AT_ONCE):
        way = scene.claim if start % (2 * AT_ONCE) else with_others
        await asyncio.gather(*(run(each, scene, chance, way) for each in trials[start : start + AT_ONCE]))

    states = {row["id"]: row["status"] for row in await scene.rows("SELECT id, status FROM deliveries")}
    assert [each for each in trials if each.is_claimed and each.was_taken_before] == []
    assert Counter((each.is_claimed, states[each.delivery_id]) for each in trials).keys() == {
        (True, "sending"), (False, "superseded"),
    }  # fmt: skip
