"""The host's clock and waiting. Decisions about alerts use the database's clock instead (`public.clock_now()`)."""

import asyncio
import random
import time
from collections.abc import Sequence
from datetime import UTC, datetime

LONG_SECONDS = 60.0
"""A loop that ran this long before it failed starts its back-off anew."""

_MAX_DOUBLINGS = 64
"""Beyond every cap; a float overflows at 1,024, which a long outage does reach."""


def utc_now() -> datetime:
    """The host's time, aware. For stamps on what has no row yet, and for logs."""
    return datetime.now(UTC)


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
