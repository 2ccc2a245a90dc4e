"""Handoffs that are told, and gaps that are warned of, on real rows."""

import asyncio
from datetime import timedelta

import pytest

from nightowl_contracts import OncallHandoff, decode_event
from nightowl_escalation.engine import fingerprint_of
from nightowl_escalation.jobs import ShiftWatch
from nightowl_escalation.jobs.timers import TENANTS_PER_SWEEP

pytestmark = pytest.mark.integration


class Watch:
    """A watcher that goes round all tenants, those of other tests included."""

    def __init__(self, database, outbox) -> None:
        self._database = database
        self._shifts = ShiftWatch(outbox=outbox, database=database)

    async def tell_handoffs(self) -> None:
        """A whole round."""
        await self._round(self._shifts.tell_handoffs)

    async def warn_of_gaps(self) -> None:
        """A whole round."""
        await self._round(self._shifts.warn_of_gaps)

    async def _round(self, look) -> None:
        for _ in range(len(await self._database.tenants()) // TENANTS_PER_SWEEP + 1):
            await look()


@pytest.fixture
def watch(database, outbox) -> Watch:
    """One more watcher."""
    return Watch(database, outbox)


@pytest.fixture
async def heard(bus, tenant):
    """The tenant's handoffs, as they are published."""
    queue = asyncio.Queue()

    async def hear(body) -> None:
        event = decode_event(body)
        if isinstance(event, OncallHandoff):
            queue.put_nowait(event)

    await bus.listen(f"nightowl.event.{tenant}.>", hear)
    return queue


async def hand_over_to_carol(scene, *, minutes_ago: int = 10) -> None:
    await scene.write(
        "INSERT INTO roster_overrides (roster_id, user_id, starts_at, ends_at) VALUES ($1, $2, "
        "public.clock_now() - make_interval(mins => $3), public.clock_now() + interval '1 hour')",
        scene.team.roster_id, scene.team.carol_id, minutes_ago,
    )  # fmt: skip


async def warnings(scene) -> list[tuple[str, str]]:
    """(status, gap) of each warning about the team's roster, oldest first."""
    query = "SELECT status, annotations ->> 'gap_starts_at' AS gap FROM alerts WHERE fingerprint = $1 ORDER BY episode"
    return [tuple(row.values()) for row in await scene.rows(query, fingerprint_of(scene.team.roster_id))]


async def everybody_away(scene, *, from_days: int, to_days: int) -> None:
    for user_id in (scene.team.alice_id, scene.team.bob_id):
        await scene.write(
            "INSERT INTO leave (user_id, starts_at, ends_at) VALUES ($1, "
            "public.clock_now() + make_interval(days => $2), public.clock_now() + make_interval(days => $3))",
            user_id, from_days, to_days,
        )  # fmt: skip


async def test_a_handoff_is_told_once_however_many_watch(scene, database, outbox, heard):
    """Four watchers at once and one later: one event, which names both people and the end of the shift."""
    await hand_over_to_carol(scene)
    watchers = [Watch(database, outbox) for _ in range(4)]

    await asyncio.gather(*(each.tell_handoffs() for each in watchers))
    await watchers[0].tell_handoffs()

    async with asyncio.timeout(20):
        event = await heard.get()
    [row] = await scene.rows("SELECT boundary_at, outgoing_id, incoming_id FROM roster_handoffs")
    assert (event.data.outgoing_id, event.data.incoming_id) == (scene.team.alice_id, scene.team.carol_id)
    assert (row["outgoing_id"], row["incoming_id"]) == (scene.team.alice_id, scene.team.carol_id)
    assert event.data.boundary_at == row["boundary_at"]
    assert event.data.ends_at - event.data.boundary_at == timedelta(minutes=70)
    assert heard.empty()


async def test_what_has_not_changed_hands_is_not_told(scene, watch):
    """Alice has been on call since yesterday."""
    await watch.tell_handoffs()

    assert await scene.rows("SELECT FROM roster_handoffs") == []


async def test_a_gap_ahead_opens_one_warning_that_ends_when_it_is_mended(scene, database, outbox):
    """However often and by however many it is seen; a warning is of low urgency and pages nobody by itself."""
    await everybody_away(scene, from_days=3, to_days=5)
    watchers = [Watch(database, outbox) for _ in range(3)]

    await asyncio.gather(*(each.warn_of_gaps() for each in watchers))
    await watchers[0].warn_of_gaps()
    opened = await warnings(scene)
    await scene.write("UPDATE leave SET withdrawn_at = public.clock_now()")
    await watchers[0].warn_of_gaps()

    assert [status for status, _gap in opened] == ["firing"]
    assert [status for status, _gap in await warnings(scene)] == ["resolved"]
    [alert] = await scene.rows("SELECT severity, source, escalation_state, occurrence_count, title FROM alerts")
    assert alert == {
        "severity": "warning", "source": "nightowl", "escalation_state": "none", "occurrence_count": 1,
        "title": "Nobody can be paged on roster Platform",
    }  # fmt: skip
    assert await scene.findings() == []


async def test_what_somebody_has_closed_is_not_opened_again_for_the_same_gap(scene, watch):
    """One warning per gap; another gap is another warning."""
    await everybody_away(scene, from_days=3, to_days=5)
    await watch.warn_of_gaps()
    await scene.write("UPDATE alerts SET status = 'resolved', resolved_at = public.clock_now()")

    await watch.warn_of_gaps()
    same = await warnings(scene)
    await everybody_away(scene, from_days=1, to_days=2)
    await watch.warn_of_gaps()

    assert [status for status, _gap in same] == ["resolved"]
    assert [status for status, _gap in await warnings(scene)] == ["resolved", "firing"]


async def test_a_nearer_gap_takes_the_place_of_a_farther_one(scene, watch):
    """The warning about the old one ends, and a new one opens."""
    await everybody_away(scene, from_days=5, to_days=6)
    await watch.warn_of_gaps()
    await everybody_away(scene, from_days=1, to_days=2)

    await watch.warn_of_gaps()

    found = await warnings(scene)
    assert [status for status, _gap in found] == ["resolved", "firing"]
    assert found[1][1] < found[0][1]
