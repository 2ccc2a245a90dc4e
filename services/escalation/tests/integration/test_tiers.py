"""Whom the tiers page as the night goes on, on real rows."""

import pytest
import structlog
from structlog.testing import capture_logs

from nightowl_escalation.jobs import timers

pytestmark = pytest.mark.integration

EVERYBODY_GONE = "UPDATE users SET is_active = false"


def a_tier(*targets, minutes=5, via=("slack_dm",)):
    return {"timeout_minutes": minutes, "notify_via": list(via), "targets": list(targets)}


@pytest.fixture
def logged(monkeypatch):
    """What the worker logs; its own logger remembers how it was set up, so it gets a new one."""
    monkeypatch.setattr(timers, "log", structlog.get_logger("test"))
    with capture_logs() as lines:
        yield lines


async def run_through(scene, db_clock, *, minutes: float) -> None:
    """Lets a worker pay for some minutes, a minute at a time."""
    worker = scene.worker()
    for _ in range(int(minutes)):
        while (await worker.pay_due())[0]:
            pass
        await db_clock.advance(minutes=1)


async def test_tiers_follow_each_other_and_in_the_end_the_admins_are_told(scene, db_clock):
    """Alice, Bob over both channels, Carol; then it is exhausted, which Carol hears as admin."""
    alert_id = await scene.fires_one()

    await run_through(scene, db_clock, minutes=40)

    assert await scene.pages(alert_id) == [
        (0, 0, "Alice", "slack_dm"),
        (0, 1, "Bob", "slack_dm"),
        (0, 1, "Bob", "sms"),
        (0, 2, "Carol", "sms"),
        (0, 3, "Carol", "slack_dm"),
    ]
    assert [row["outcome"] for row in await scene.steps(alert_id)] == ["paged", "paged", "paged", "exhausted"]
    alert = await scene.alert(alert_id)
    assert (alert.status, alert.escalation_state) == ("firing", "exhausted")
    kind, evidence = (await scene.timeline(alert_id))[-1]
    assert (kind, evidence["told"]) == ("exhausted", [f"user:{scene.team.carol_id} over slack_dm"])
    assert await scene.timer(alert_id) is None
    overdue = "timer overdue"  # nobody sends in this test
    assert [each for each in await scene.findings() if overdue not in each.detail] == []


async def test_an_acknowledgement_stops_also_what_is_exhausted(scene, db_clock):
    """The admins' unsent page is called back."""
    alert_id = await scene.fires_one()
    await run_through(scene, db_clock, minutes=40)

    await scene.acknowledge(alert_id)

    states = await scene.rows("SELECT DISTINCT status FROM deliveries WHERE alert_id = $1", alert_id)
    assert [row["status"] for row in states] == ["superseded"]
    assert await scene.findings() == []


async def test_a_policy_repeats_as_often_as_it_says(scene_of, tenant, db_clock):
    """Once more from the top, then exhausted."""
    scene = await scene_of(tenant, tiers=[a_tier("oncall_primary"), a_tier("oncall_backup")], repeat_count=1)
    alert_id = await scene.fires_one()

    await run_through(scene, db_clock, minutes=25)

    assert [(cycle, step, name) for cycle, step, name, _channel in await scene.pages(alert_id)] == [
        (0, 0, "Alice"),
        (0, 1, "Bob"),
        (1, 0, "Alice"),
        (1, 1, "Bob"),
        (1, 2, "Carol"),
    ]
    assert (await scene.alert(alert_id)).escalation_state == "exhausted"


async def test_a_standing_override_is_paged_instead(scene):
    """Carol has taken the night. Which override it is, and who comes second, is kept with the entry."""
    await scene.write(
        "INSERT INTO roster_overrides (roster_id, user_id, starts_at, ends_at) "
        "VALUES ($1, $2, public.clock_now() - interval '1 hour', public.clock_now() + interval '1 hour')",
        scene.team.roster_id, scene.team.carol_id,
    )  # fmt: skip
    alert_id = await scene.fires_one()

    await scene.worker().pay_due()

    assert await scene.pages(alert_id) == [(0, 0, "Carol", "slack_dm")]
    evidence = (await scene.timeline(alert_id))[-1][1]
    assert "on call by override" in evidence["why"][0]
    [chosen] = evidence["chosen"]
    assert (chosen["name"], chosen["source"], chosen["roster_id"]) == ("Carol", "override", str(scene.team.roster_id))
    assert (chosen["second"], chosen["override_id"] is None) == (str(scene.team.alice_id), False)


async def test_an_override_of_somebody_who_left_does_not_count(scene):
    """The rotation answers."""
    await scene.write(
        "INSERT INTO roster_overrides (roster_id, user_id, starts_at, ends_at) "
        "VALUES ($1, $2, public.clock_now() - interval '1 hour', public.clock_now() + interval '1 hour')",
        scene.team.roster_id, scene.team.carol_id,
    )  # fmt: skip
    await scene.write("UPDATE users SET is_active = false WHERE id = $1", scene.team.carol_id)
    alert_id = await scene.fires_one()

    await scene.worker().pay_due()

    assert await scene.pages(alert_id) == [(0, 0, "Alice", "slack_dm")]


async def test_a_member_who_left_is_skipped(scene):
    """Bob is next in turn, so he is on call."""
    await scene.write("UPDATE users SET is_active = false WHERE id = $1", scene.team.alice_id)
    alert_id = await scene.fires_one()

    await scene.worker().pay_due()

    assert await scene.pages(alert_id) == [(0, 0, "Bob", "slack_dm")]


async def test_with_nobody_behind_any_target_the_admins_are_paged(scene_of, tenant):
    """Never silence; the evidence says why."""
    scene = await scene_of(tenant, tiers=[a_tier("user:00000000-0000-0000-0000-0000000000ff", "roster:unheard-of")])
    alert_id = await scene.fires_one()

    await scene.worker().pay_due()

    assert await scene.pages(alert_id) == [(0, 0, "Carol", "slack_dm")]
    assert (await scene.timeline(alert_id))[-1][1]["why"] == [
        "user:00000000-0000-0000-0000-0000000000ff: no such active person",
        "roster:unheard-of: not a target that this version knows",
        "nobody behind any target: 1 page(s) to the admins instead",
    ]


async def test_with_no_people_at_all_it_is_exhausted_without_delay_and_says_so(scene):
    """Waiting for nobody helps nobody: no tier's timeout is waited for."""
    await scene.write(EVERYBODY_GONE)
    alert_id = await scene.fires_one()
    worker = scene.worker()

    rounds = 0
    while (await worker.pay_due())[0]:
        rounds += 1

    assert rounds == 4, "three tiers and the end, all due at once"
    alert = await scene.alert(alert_id)
    assert alert.escalation_state == "exhausted"
    assert "nobody" in alert.escalation_reason
    assert "no admin" in alert.escalation_reason
    assert [row["outcome"] for row in await scene.steps(alert_id)] == ["nobody", "nobody", "nobody", "exhausted"]
    kinds = [kind for kind, _evidence in await scene.timeline(alert_id)]
    assert kinds == ["opened", "nobody_to_page", "nobody_to_page", "nobody_to_page", "exhausted"]
    assert await scene.rows("SELECT FROM deliveries") == []
    assert await scene.findings() == []


async def test_a_roster_in_a_zone_that_does_not_exist_blocks_nobody(scene, scene_of, logged):
    """Its alerts fall to the admins and the log names the roster; a policy with another target is not touched."""
    await scene.write("UPDATE rosters SET timezone = 'Mars/Olympus_Mons'")
    alert_id = await scene.fires_one()

    assert await scene.worker().pay_due() == (1, 0)

    assert await scene.pages(alert_id) == [(0, 0, "Carol", "slack_dm")]
    [line] = [each for each in logged if each["event"] == "roster_unusable"]
    assert line["roster_id"] == str(scene.team.roster_id)
    assert "Mars/Olympus_Mons" in line["error"]


async def test_who_is_on_leave_is_not_woken(scene):
    """Bob stands in for Alice, and the evidence says so; with the leave withdrawn it is Alice again."""
    await scene.write(
        "INSERT INTO leave (user_id, starts_at, ends_at) "
        "VALUES ($1, public.clock_now() - interval '1 hour', public.clock_now() + interval '1 day')",
        scene.team.alice_id,
    )
    away = await scene.fires_one()
    await scene.worker().pay_due()
    await scene.write("UPDATE leave SET withdrawn_at = public.clock_now()")
    back = await scene.fires_one()
    await scene.worker().pay_due()

    assert await scene.pages(away) == [(0, 0, "Bob", "slack_dm")]
    assert "for somebody who is away" in (await scene.timeline(away))[-1][1]["why"][0]
    assert await scene.pages(back) == [(0, 0, "Alice", "slack_dm")]


async def test_a_pinned_person_is_paged_in_their_turn(scene):
    """Carol has this week, though it is Alice's."""
    await scene.write(
        "INSERT INTO roster_pins (roster_id, user_id, turn_at) VALUES ($1, $2, public.clock_now())",
        scene.team.roster_id, scene.team.carol_id,
    )  # fmt: skip
    alert_id = await scene.fires_one()

    await scene.worker().pay_due()

    assert await scene.pages(alert_id) == [(0, 0, "Carol", "slack_dm")]


async def test_outside_the_active_hours_the_linked_roster_is_paged(scene):
    """Follow-the-sun: the policy names Alice's roster, whose day it is not; the links' circle ends."""
    await scene.write(
        "WITH other AS (INSERT INTO rosters (name, timezone, start_date, linked_roster_id) "
        "VALUES ('Other site', 'UTC', '2020-01-01', $1) RETURNING id), "
        "there AS (INSERT INTO roster_members (roster_id, user_id, position) SELECT id, $2, 0 FROM other) "
        "UPDATE rosters SET linked_roster_id = (SELECT id FROM other), "
        "active_from = (public.clock_now() AT TIME ZONE timezone + interval '2 hours')::time, "
        "active_until = (public.clock_now() AT TIME ZONE timezone + interval '3 hours')::time WHERE id = $1",
        scene.team.roster_id, scene.team.carol_id,
    )  # fmt: skip
    alert_id = await scene.fires_one()

    await scene.worker().pay_due()

    assert await scene.pages(alert_id) == [(0, 0, "Carol", "slack_dm")]
