"""What is done to the installation while it works: kills, orderly restarts, a flushed cache, a broker that goes away.

Each service has one long undisturbed life of about half the run, for what grows with age, and several short ones in the
other half, for what stays behind in servers and tables.
"""

import asyncio
import random
import time

import redis.asyncio as redis
from installation import Installation
from recording import Disturbance, Life, Recording
from traffic import wait

from nightowl_testkit.services import SERVICES

LEAST_SECONDS = 20.0
QUIET_END_SECONDS = 120.0
BROKER_AWAY_SECONDS = 5.0

FIRST_HALF = (
    "kill notifier", "restart query", "flush redis", "restart notifier", "kill query", "restart nats", "kill notifier",
    "restart query", "restart notifier", "kill query",
)  # fmt: skip
SECOND_HALF = (
    "restart ingest", "kill enrichment", "flush redis", "restart escalation", "kill ingest", "restart nats",
    "restart enrichment", "kill escalation", "restart ingest", "kill enrichment", "restart escalation",
)  # fmt: skip


class Unrest:
    """Does it and keeps the book of lives."""

    def __init__(self, house: Installation, recording: Recording, *, began: float, dice: random.Random) -> None:
        self._house = house
        self._recording = recording
        self._began = began
        self._dice = dice
        for name in SERVICES:
            recording.lives.append(Life(process=name, began=0.0))

    async def run(self, stop: asyncio.Event) -> None:
        """Until told to stop; leaves the end of the run in peace."""
        calm = self._recording.seconds - min(QUIET_END_SECONDS, self._recording.seconds / 6)
        plan = (*FIRST_HALF, *SECOND_HALF)
        every = max(LEAST_SECONDS, calm / (len(plan) + 1))
        for what in plan:
            await wait(stop, every)
            if stop.is_set() or self._now() > calm:
                return
            await self.do(what)

    async def do(self, what: str) -> None:
        """One of the plan's lines, until all is ready again."""
        began, (verb, whom) = self._now(), what.split()
        match verb, whom:
            case "flush", _:
                client = redis.from_url(self._house.servers.redis_url)
                await client.flushall()
                await client.aclose()
            case "restart", "nats":
                nats = self._house.servers.stack.nats
                await asyncio.to_thread(nats.stop)
                await asyncio.sleep(BROKER_AWAY_SECONDS)
                nats.start()  # not in a thread: the server dies with the one that has started it
            case _:
                await self._start_anew(whom, is_kill=verb == "kill")
        taken = self._now() - began
        self._recording.disturbances.append(Disturbance(at=began, what=what, seconds=taken))
        print(f"{began / 60:6.1f} min  {what}: {taken:.1f} s", flush=True)

    async def _start_anew(self, name: str, *, is_kill: bool) -> None:
        processes = self._house.processes
        self._recording.lives_of(name)[-1].ended = self._now()
        await (processes.kill(name) if is_kill else processes.terminate(name))
        born = self._now()
        await processes.start(name)
        self._recording.lives.append(Life(process=name, began=born))

    def _now(self) -> float:
        return time.monotonic() - self._began
