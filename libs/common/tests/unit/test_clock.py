"""Waiting and back-off."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightowl_common import clock


@given(attempt=st.integers(-3, 10**6), first=st.floats(0.01, 5), cap=st.floats(5, 300))
def test_a_back_off_stays_within_its_bounds(attempt, first, cap):
    """Never more than the cap and its jitter, never less than the first, and no attempt is too late to be counted."""
    seconds = clock.backoff_seconds(attempt, first=first, cap=cap)

    assert first * 0.75 <= seconds <= cap * 1.25


def test_a_back_off_doubles_until_the_cap():
    """The jitter moves each step by a quarter at most."""
    expected = [0.5, 1, 2, 4, 8, 16, 30, 30]

    for attempt, wanted in enumerate(expected, start=1):
        for _ in range(50):
            assert wanted * 0.75 <= clock.backoff_seconds(attempt) <= wanted * 1.25


def test_back_offs_differ():
    """Replicas that fail together do not come again together."""
    assert len({clock.backoff_seconds(5) for _ in range(50)}) > 40


async def test_waiting_for_an_event_tells_whether_it_came():
    """True at once when it is set, false when the time is over."""
    event = asyncio.Event()

    assert await clock.wait_for_event(event, 0.01) is False
    event.set()
    assert await asyncio.wait_for(clock.wait_for_event(event, 60), 20) is True


async def test_waiting_for_several_events_ends_with_the_first():
    """And nobody goes on waiting for the others."""
    events = asyncio.Event(), asyncio.Event()

    assert await clock.wait_for_any(events, 0.01) is False
    events[1].set()
    assert await asyncio.wait_for(clock.wait_for_any(events, 60), 20) is True
    await asyncio.sleep(0.01)
    assert not events[0]._waiters


def test_now_is_aware_and_utc():
    """No naive time leaves the clock."""
    assert clock.utc_now().utcoffset().total_seconds() == 0


NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Host:
    """A host's clocks, set by hand."""

    def __init__(self, monkeypatch):
        self.wall, self.steady = NOON, 100.0
        monkeypatch.setattr(clock, "_anchor", None)
        monkeypatch.setattr(clock, "host_now", lambda: self.wall)
        monkeypatch.setattr(clock, "monotonic_seconds", lambda: self.steady)

    def wait(self, seconds):
        """Both go on."""
        self.wall += timedelta(seconds=seconds)
        self.steady += seconds


@pytest.fixture
def host(monkeypatch):
    return Host(monkeypatch)


def test_once_the_database_has_told_its_time_a_step_of_the_host_changes_nothing(host):
    """An hour ahead, an hour behind: the time goes on by the steady clock, and the difference is told."""
    clock.follow(NOON, asked=100.0, answered=100.0)
    for ahead in (3600, -7200):
        host.wall += timedelta(seconds=ahead)
        host.wait(10)

    assert clock.utc_now() == NOON + timedelta(seconds=20)
    assert clock.host_ahead_seconds() == -3600


def test_a_host_that_was_wrong_from_the_start_has_the_databases_time_as_soon_as_it_is_told(host):
    """Before, it has none but its own."""
    host.wall += timedelta(hours=1)
    assert clock.utc_now() == NOON + timedelta(hours=1)

    clock.follow(NOON, asked=100.0, answered=100.2)
    host.wait(5)

    assert clock.utc_now() == NOON + timedelta(seconds=4.9)


def test_a_step_of_the_databases_clock_is_followed_back_too(host):
    """It is the one that decides."""
    clock.follow(NOON, asked=100.0, answered=100.0)

    clock.follow(NOON - timedelta(hours=1), asked=100.0, answered=100.0)

    assert clock.utc_now() == NOON - timedelta(hours=1)


@pytest.mark.parametrize(("apart", "way"), [(0.04, 0.0), (0.2, 0.4), (3600, 1.5)], ids=["small", "explained", "late"])
def test_what_the_way_of_the_answer_explains_moves_nothing(host, apart, way):
    """Nor does an answer that was too long on its way, whatever it says."""
    clock.follow(NOON, asked=100.0, answered=100.0)
    host.wait(way)

    clock.follow(NOON + timedelta(seconds=apart + way / 2), asked=100.0, answered=100.0 + way)

    assert clock.utc_now() == NOON + timedelta(seconds=way)
