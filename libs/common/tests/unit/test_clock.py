"""Waiting and back-off."""

import asyncio

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
    assert await asyncio.wait_for(clock.wait_for_event(event, 60), 10) is True


async def test_waiting_for_several_events_ends_with_the_first():
    """And nobody goes on waiting for the others."""
    events = asyncio.Event(), asyncio.Event()

    assert await clock.wait_for_any(events, 0.01) is False
    events[1].set()
    assert await asyncio.wait_for(clock.wait_for_any(events, 60), 10) is True
    await asyncio.sleep(0.01)
    assert not events[0]._waiters


def test_now_is_aware_and_utc():
    """No naive time leaves the clock."""
    assert clock.utc_now().utcoffset().total_seconds() == 0
