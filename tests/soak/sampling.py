"""Samples every ten seconds: processes, Postgres, NATS, Redis, queues, latencies, logs. What cannot be read is left out."""

import asyncio
import os
import statistics
import time

import aiohttp
import redis.asyncio as redis
from installation import Installation
from logbook import Logbook
from metrics import read_metrics
from nats.errors import Error as NatsError
from postgres_samples import Postgres
from processes import Meter, memory_of
from recording import Recording
from traffic import NETWORK, Traffic

from nightowl_common.bus import BusUnavailableError
from nightowl_contracts.topology import CONSUMERS, STREAMS
from nightowl_testkit.services import SERVICES

SAMPLE_SECONDS = 10.0
YARDSTICK_CALLS = 7
MIB = 1024 * 1024


class Sampler:
    """Writes into the recording; a look that fails, because what it looks at is away, leaves its series alone."""

    def __init__(self, house: Installation, recording: Recording, traffic: Traffic, *, began: float) -> None:
        self._house = house
        self._recording = recording
        self._traffic = traffic
        self._began = began
        self._processes = {name: Meter() for name in (*SERVICES, "nats", "redis", "postgres")}
        self._own = Meter()
        self._postgres = Postgres(house)
        self._logbook = Logbook(house, recording)
        self._redis = redis.from_url(house.servers.redis_url)

    async def run(self, stop: asyncio.Event) -> None:
        """Until told to stop, at an even pace; the last look is after the end."""
        number = 0
        while not stop.is_set():
            await self.look()
            number += 1
            try:
                await asyncio.wait_for(stop.wait(), max(0.0, self._began + number * SAMPLE_SECONDS - time.monotonic()))
            except TimeoutError:
                continue
        await self._redis.aclose()

    async def look(self) -> None:
        """One round."""
        self._look_at_processes()
        self._look_at_traffic()
        self._logbook.read(self._now())
        await asyncio.gather(
            self._look_at_yardstick(),
            self._look_at_metrics(),
            self._look_at_nats(),
            self._look_at_redis(),
            self._look_at_postgres(),
        )

    def _now(self) -> float:
        return time.monotonic() - self._began

    def _note(self, name: str, value: float | None) -> None:
        if value is not None:
            self._recording.note(name, self._now(), value)

    def _look_at_processes(self) -> None:
        stack = self._house.servers.stack
        pids = {name: self._house.processes[name].pid for name in SERVICES}
        pids |= {"nats": stack.nats.pid, "redis": stack.redis.pid}
        for name, pid in pids.items():
            sample = self._processes[name].look(pid)
            for what, value in sample.items():
                self._note(f"process.{name}.{what}", value)
        for what, value in self._processes["postgres"].look_at_family(stack.postgres.pid).items():
            self._note(f"process.postgres.{what}", value)
        self._note("process.driver.cpu_percent", self._own.look(os.getpid()).get("cpu_percent"))
        self._note("process.driver.rss_mib", memory_of(os.getpid()).get("rss_mib"))
        self._note("machine.load", os.getloadavg()[0])

    def _look_at_traffic(self) -> None:
        for kind, times in self._traffic.take_times().items():
            if kind in {"webhook", "api"} and times:
                self._note(f"latency.{kind}.p50_ms", times[len(times) // 2])
                self._note(f"latency.{kind}.p99_ms", times[min(len(times) - 1, int(len(times) * 0.99))])
        self._note("traffic.alerts", sum(sum(each.values()) for each in self._traffic.receipts.values()))
        self._note("traffic.calls", sum(self._traffic.answers.values()))
        self._note("traffic.pages", sum(len(fake.received) for fake in self._house.fakes))

    async def _look_at_yardstick(self) -> None:
        """How long a call takes that asks nothing: what others do on this machine makes all calls slower alike."""
        times = []
        try:
            async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session:
                for _ in range(YARDSTICK_CALLS):
                    began = time.perf_counter()
                    async with session.get(f"{self._house.processes.url('query')}/healthz") as answer:
                        await answer.read()
                    times.append((time.perf_counter() - began) * 1000)
        except NETWORK:
            return
        self._note("latency.healthz.p50_ms", statistics.median(times))

    async def _look_at_metrics(self) -> None:
        for name in SERVICES:
            for what, value in (await read_metrics(self._house.processes.url(name))).items():
                self._note(f"metric.{name}.{what}", value)

    async def _look_at_nats(self) -> None:
        stream = self._house.bus.jetstream
        try:
            for consumer in CONSUMERS:
                state = await stream.consumer_info(consumer.stream, consumer.name, timeout=2)
                self._note(f"consumer.{consumer.name}.lag", (state.num_pending or 0) + (state.num_ack_pending or 0))
            for each in STREAMS:
                info = await stream.stream_info(each.name)
                self._note(f"stream.{each.name}.bytes", info.state.bytes)
                self._note(f"stream.{each.name}.messages", info.state.messages)
        except (NatsError, BusUnavailableError, TimeoutError, OSError):
            return

    async def _look_at_redis(self) -> None:
        memory = await self._redis.info("memory")
        keys = (await self._redis.info("keyspace")).get("db0", {"keys": 0, "expires": 0})
        self._note("redis.keys", keys["keys"])
        self._note("redis.keys_for_ever", keys["keys"] - keys["expires"])
        self._note("redis.memory_mib", memory["used_memory"] / MIB)

    async def _look_at_postgres(self) -> None:
        for what, value in (await self._postgres.look()).items():
            self._note(what, value)
