"""An escalation that runs while people change what it is made of: each tier is judged by what holds when it is due."""

from datetime import timedelta

import pytest

from nightowl_alerting import commands
from nightowl_alerting.actions import Snooze
from nightowl_contracts import Actor

pytestmark = pytest.mark.integration

SOMEBODY = Actor(kind="user", id="somebody", name="Somebody")


async def all_due(worker):
    await worker.end_snoozes()
    while (await worker.pay_due())[0]:
        pass


async def names(scene, alert_id) -> list[str]:
    """Who was paged, in order, each once per step."""
    seen = dict.fromkeys((cycle, step, name) for cycle, step, name, _channel in await scene.pages(alert_id))
    return [name for _cycle, _step, name in seen]


async def test_an_override_made_while_an_alert_is_open_changes_who_the_next_tier_pages(scene, db_clock):
    """Alice has heard of it. Carol takes over for her, so tier 2 finds Alice behind Carol, not Bob."""
    worker, alert_id = scene.worker(), await scene.fires_one()
    await all_due(worker)
    await scene.write(
        "INSERT INTO roster_overrides (roster_id, user_id, starts_at, ends_at) "
        "VALUES ($1, $2, public.clock_now(), public.clock_now() + interval '8 hours')",
        scene.team.roster_id, scene.team.carol_id,
    )  # fmt: skip

    await db_clock.advance(minutes=6)
    await all_due(worker)

    assert await names(scene, alert_id) == ["Alice", "Alice"]
    assert "on call by override" in (await scene.timeline(alert_id))[-1][1]["why"][0]


async def test_a_snooze_over_a_handoff_pages_the_new_person(scene, db_clock):
    """Alice snoozed it on the last evening of her week; when it wakes, it is Bob's."""
    worker, alert_id = scene.worker(), await scene.fires_one()
    await all_due(worker)
    async with scene._outbox.tenant_tx(scene.tenant) as tx:
        until = await tx.now() + timedelta(days=7)
        await commands.apply(tx, scene.tenant, alert_id, SOMEBODY, Snooze(until=until))

    await db_clock.advance(days=7, seconds=1)
    await all_due(worker)

    assert await names(scene, alert_id) == ["Alice", "Bob"]
    assert await scene.findings() == []


async def test_a_member_who_is_taken_off_the_roster_is_paged_no_more(scene, db_clock):
    """Bob was next; now Alice alone is left, so the backup is nobody and the admins hear of it instead."""
    worker, alert_id = scene.worker(), await scene.fires_one()
    await all_due(worker)
    await scene.write(
        "DELETE FROM roster_members WHERE roster_id = $1 AND user_id = $2", scene.team.roster_id, scene.team.bob_id
    )

    await db_clock.advance(minutes=6)
    await all_due(worker)

    assert await names(scene, alert_id) == ["Alice", "Carol"]


async def test_a_roster_that_has_ended_leaves_the_page_to_the_admins_and_says_so(scene, db_clock):
    """Nobody is on call any more, and silence is no answer."""
    worker = scene.worker()
    await scene.write(
        "UPDATE rosters SET end_date = (public.clock_now() AT TIME ZONE 'Europe/Berlin')::date - 0 WHERE id = $1",
        scene.team.roster_id,
    )
    await db_clock.advance(days=1)
    alert_id = await scene.fires_one()

    await all_due(worker)

    assert await names(scene, alert_id) == ["Carol"]
    assert "nobody is on call" in (await scene.timeline(alert_id))[-1][1]["why"][0]


async def test_a_policy_that_is_edited_leaves_what_runs_alone(scene, db_clock):
    """A new version pages Carol at once; the alert that runs goes on to Bob."""
    worker, running = scene.worker(), await scene.fires_one()
    await all_due(worker)
    tiers = [{"timeout_minutes": 5, "notify_via": ["slack_dm"], "targets": [f"user:{scene.team.carol_id}"]}]
    await scene.write(
        "INSERT INTO escalation_policy_versions (policy_id, version, tiers, roster_id) VALUES ($1, 2, $2, $3)",
        scene.team.policy_id, tiers, scene.team.roster_id,
    )  # fmt: skip
    await scene.write("UPDATE escalation_policies SET current_version = 2 WHERE id = $1", scene.team.policy_id)

    await db_clock.advance(minutes=6)
    await all_due(worker)

    assert await names(scene, running) == ["Alice", "Bob"]
