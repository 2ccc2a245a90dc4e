"""The time for edges, and waiting. Decisions about alerts ask the database (`public.clock_now()`).

A host's clock decides nothing: once the database has told its time, `utc_now` is that, counted on by the steady clock,
so that a host whose clock is wrong or is set reads stamps, looks pages up and proves freshness as all others do.
"""

import asyncio
import random
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

LONG_SECONDS = 60.0
"""A loop that ran this long before it failed starts its back-off anew."""

_MAX_DOUBLINGS = 64
"""Beyond every cap; a float overflows at 1,024, which a long outage does reach."""


AWAY_SECONDS = 2.0
"""The longest pause before a message is tried again for which a server was away: when it is back, people wait."""

APART_SECONDS = 0.05
"""A smaller difference is not worth a jump."""

LONG_WAY_SECONDS = 1.0
"""An answer that took longer says too little about when it was given."""

_anchor: tuple[datetime, float] | None = None
"""A moment of the database server's time, and of the steady clock."""


def host_now() -> datetime:
    """What this host takes for the time, aware: to be compared, not to be used."""
    return datetime.now(UTC)


def utc_now() -> datetime:
    """The time, aware: the database server's as it was last told, the host's before. For what has no row yet."""
    return host_now() if _anchor is None else _at(_anchor, monotonic_seconds())


def follow(moment: datetime, *, asked: float, answered: float) -> None:
    """Takes over the database server's time, which it gave between two moments of the steady clock.

    A difference that the answer's way explains is none, so that the time does not jump back and forth.
    """
    global _anchor  # noqa: PLW0603  (a process has one time)
    way, middle = answered - asked, (asked + answered) / 2
    anchor = _anchor or (host_now(), monotonic_seconds())
    apart = abs((moment - _at(anchor, middle)).total_seconds())
    is_apart = way <= LONG_WAY_SECONDS and apart > APART_SECONDS + way / 2
    _anchor = (moment, middle) if is_apart else anchor


def host_ahead_seconds() -> float:
    """How far this host's clock is before the database server's; negative when behind."""
    return (host_now() - utc_now()).total_seconds()


def _at(anchor: tuple[datetime, float], steady: float) -> datetime:
    moment, then = anchor
    return moment + timedelta(seconds=steady - then)


def monotonic_seconds() -> float:
    """For measuring how long something took."""
    return time.perf_counter()


async def sleep(seconds: float) -> None:
    """Waits; cancellation ends it at once."""
    await asyncio.sleep(seconds)


async def wait_for_event(event: asyncio.Event, seconds: float) -> bool:
    """Waits until `event` is set or the time is over; true when it was set."""
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return False
    return True


async def wait_for_any(events: Sequence[asyncio.Event], seconds: float) -> bool:
    """Waits until one of the events is set or the time is over; true when one was set."""
    waiting = [asyncio.create_task(each.wait()) for each in events]
    try:
        done, _ = await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for each in waiting:
            each.cancel()
    return bool(done)


def backoff_seconds(attempt: int, *, first: float = 0.5, cap: float = 30.0) -> float:
    """Doubling with jitter of ±25 %; `attempt` counts from 1. Jitter keeps replicas from retrying in step."""
    doublings = min(max(0, attempt - 1), _MAX_DOUBLINGS)
    base: float = min(cap, first * 2.0**doublings)
    return base * random.uniform(0.75, 1.25)
