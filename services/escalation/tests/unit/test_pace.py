"""When rounds begin. No database: what a round does is replaced by a note of when it began."""

import asyncio

from nightowl_common import clock
from nightowl_common.health import Heartbeat
from nightowl_common.settings import load_settings
from nightowl_escalation.jobs.timers import GATHER_SECONDS, TimerWorker
from nightowl_escalation.settings import Settings

NOWHERE = {"DATABASE_URL": "-", "NATS_URL": "-", "REDIS_URL": "-"}


class Paced(TimerWorker):
    """Notes rounds, and finds nothing to pay."""

    def __init__(self) -> None:
        super().__init__(outbox=None, database=None, settings=load_settings(Settings, NOWHERE))
        self.began: list[float] = []

    async def pay_due(self):
        """A round."""
        self.began.append(clock.monotonic_seconds())
        return 0, 0

    async def end_snoozes(self):
        """None have ended."""
        return 0

    async def _seconds_to_next(self) -> float:
        return 60.0


async def test_in_a_flow_of_hints_rounds_begin_apart_and_none_is_forgotten():
    """Many hints share a round, and a round begins after the last of them."""
    worker, stop = Paced(), asyncio.Event()
    running = asyncio.create_task(worker.run(stop=stop, heartbeat=Heartbeat()))
    for _ in range(50):
        worker.wake.set()
        last = clock.monotonic_seconds()
        await asyncio.sleep(0.002)
    async with asyncio.timeout(20):
        while worker.began[-1] < last:
            await asyncio.sleep(0.001)
    stop.set()
    worker.wake.set()
    await running

    pauses = [later - earlier for earlier, later in zip(worker.began, worker.began[1:], strict=False)]
    assert len(worker.began) >= 3
    assert min(pauses) >= GATHER_SECONDS * 0.9
