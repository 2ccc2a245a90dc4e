"""What a beat and the lack of one mean."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
import pytest

from nightowl_alerting import heartbeats
from nightowl_alerting.heartbeats import Awaited, Heartbeat, InTime, Missed, Noted, Old, Returned, Settled
from nightowl_alerting.model import Episode, Route
from nightowl_alerting.transitions import fold_received

NOW = datetime(2026, 3, 1, 3, tzinfo=UTC)
SECOND = timedelta(seconds=1)
ROUTE = Route()


def a_heartbeat(**changes) -> Heartbeat:
    """Every 60 s with 30 s of grace; never heard of."""
    given = {
        "id": UUID(int=7), "name": "nightly", "description": "", "interval_seconds": 60, "grace_seconds": 30,
        "severity": "critical", "labels": {"service": "payments"}, "is_enabled": True,
    }  # fmt: skip
    return Heartbeat(**{**given, **changes})


def an_awaited_one(**changes) -> Heartbeat:
    """Heard of just now."""
    return a_heartbeat(last_beat_at=NOW, due_at=NOW + 90 * SECOND, **changes)


def a_missed_one(**changes) -> Heartbeat:
    """Heard of at NOW, missed 90 s later."""
    return a_heartbeat(last_beat_at=NOW, missed_at=NOW + 90 * SECOND, **changes)


def test_the_first_beat_starts_the_watch():
    """Interval and grace are counted from it."""
    match heartbeats.hear(a_heartbeat(), at=NOW, now=NOW):
        case InTime(after=after):
            assert after == an_awaited_one()
        case other:
            pytest.fail(f"{other}")


@pytest.mark.parametrize("seconds", [0, -1, -3_600])
@pytest.mark.parametrize("heartbeat", [an_awaited_one(), a_missed_one()])
def test_a_beat_that_is_not_newer_changes_nothing(heartbeat, seconds):
    """Out of order, or told by two peers: time never runs backwards."""
    assert heartbeats.hear(heartbeat, at=NOW + seconds * SECOND, now=NOW + 100 * SECOND) == Old()


def test_a_beat_after_a_miss_ends_it():
    """And the watch goes on from there."""
    at = NOW + 200 * SECOND

    heard = heartbeats.hear(a_missed_one(), at=at, now=at)

    assert heard == Returned(after=a_heartbeat(last_beat_at=at, due_at=at + 90 * SECOND))


def test_a_beat_that_is_overdue_by_itself_does_not_end_a_miss():
    """It was on its way for too long: newer than the last one, and still too old."""
    at = NOW + 100 * SECOND

    heard = heartbeats.hear(a_missed_one(), at=at, now=at + 90 * SECOND)

    assert heard == Noted(after=msgspec.structs.replace(a_missed_one(), last_beat_at=at))


def test_a_disabled_one_notes_its_beats_and_awaits_nothing():
    """So that one can see that it would be fine."""
    heard = heartbeats.hear(a_heartbeat(is_enabled=False), at=NOW, now=NOW)

    assert heard == Noted(after=a_heartbeat(is_enabled=False, last_beat_at=NOW))


def test_a_miss_opens_an_alert_with_the_labels_of_the_heartbeat():
    """The name is on it, so that a person and a filter find it."""
    missed = heartbeats.judge(an_awaited_one(description="See the wiki."), now=NOW + 90 * SECOND)

    assert isinstance(missed, Missed)
    assert missed.after == a_missed_one(description="See the wiki.")
    assert missed.alert.fingerprint == "heartbeat:nightly"
    assert missed.alert.labels == {"service": "payments", "heartbeat": "nightly"}
    assert missed.alert.severity == "critical"
    assert "2026-03-01T03:00:00+00:00" in missed.alert.description
    assert missed.alert.description.endswith("See the wiki.")


def test_a_deadline_that_has_moved_is_waited_for():
    """A timer can be older than the beat."""
    assert heartbeats.judge(an_awaited_one(), now=NOW + 89 * SECOND) == Awaited(due_at=NOW + 90 * SECOND)


@pytest.mark.parametrize(
    "heartbeat",
    [None, a_heartbeat(), a_missed_one(), a_heartbeat(is_enabled=False, last_beat_at=NOW)],
    ids=["deleted", "never heard of", "missed before", "disabled"],
)
def test_what_is_not_awaited_cannot_be_missed(heartbeat):
    """Its timer is void."""
    assert heartbeats.judge(heartbeat, now=NOW + timedelta(days=1)) == Settled()


def test_the_end_of_a_miss_resolves_its_alert_and_the_next_miss_is_a_new_episode():
    """Times of misses and beats never make one another stale."""
    now, alert, last = NOW, None, None
    heartbeat = an_awaited_one()
    for episode in (1, 2):
        now += 90 * SECOND
        missed = heartbeats.judge(heartbeat, now=now)
        assert isinstance(missed, Missed)
        opening = heartbeats.as_received(missed.after, missed.alert, new_id=UUID(int=episode), at=now)
        opened = fold_received([opening], open_alert=None, last_episode=last, route=lambda _: ROUTE, now=now)
        assert [each for each, _ in opened.outcomes] == ["opened"]
        alert = opened.changes[0].after
        assert alert.episode == episode

        now += SECOND
        returned = heartbeats.hear(missed.after, at=now, now=now)
        assert isinstance(returned, Returned)
        heartbeat = returned.after
        ending = heartbeats.as_received(heartbeat, heartbeats.returned_alert(heartbeat), new_id=UUID(int=9), at=now)
        ended = fold_received([ending], open_alert=alert, last_episode=last, route=lambda _: ROUTE, now=now)
        assert [each for each, _ in ended.outcomes] == ["resolved"]
        closed = ended.changes[0].after
        last = Episode(
            id=closed.id, fingerprint=closed.fingerprint, episode=closed.episode, starts_at=closed.starts_at,
            resolved_at=now, resolved_by_source=True, ended_at=closed.ended_at,
        )  # fmt: skip


def test_a_new_interval_counts_from_the_last_beat():
    """Not from the change, or changing it often would be a way never to be missed."""
    after = heartbeats.change(an_awaited_one(), a_heartbeat(interval_seconds=600), now=NOW + 80 * SECOND)

    assert after.due_at == NOW + 630 * SECOND


def test_enabling_counts_from_now():
    """While it was disabled nobody was asked to beat."""
    later = NOW + timedelta(days=3)
    before = a_heartbeat(is_enabled=False, last_beat_at=NOW)

    after = heartbeats.change(before, a_heartbeat(), now=later)

    assert (after.last_beat_at, after.due_at) == (NOW, later + 90 * SECOND)


def test_disabling_ends_waiting_and_miss_alike():
    """Nothing is owed any more."""
    for before in (an_awaited_one(), a_missed_one()):
        after = heartbeats.change(before, a_heartbeat(is_enabled=False), now=NOW)
        assert (after.due_at, after.missed_at, heartbeats.timer_of(after, "acme")) == (None, None, None)


def test_a_missed_one_stays_missed_whatever_is_changed():
    """Only a beat ends it."""
    after = heartbeats.change(a_missed_one(), a_heartbeat(interval_seconds=86_400), now=NOW + 100 * SECOND)

    assert (after.missed_at, after.due_at) == (NOW + 90 * SECOND, None)
