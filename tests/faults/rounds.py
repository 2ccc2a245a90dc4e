"""Rounds: random faults at random times while alerts flow. The seed is all that a round depends on."""

import asyncio
import random
import signal
from collections.abc import Awaitable, Callable
from functools import partial

import msgspec
import redis.asyncio as redis
from scenario import Run, Scenario
from world import LEASE_SECONDS, PROVIDER_SECONDS, replicas

from nightowl_embedded.processes import Server
from nightowl_testkit.fakes import DroppedReply, ErrorAfterAccept, ErrorBeforeAccept, RateLimited, Slow, Step
from nightowl_testkit.services import READY_SECONDS, ServiceError

REPLICAS = 2

KINDS = {
    "kill": 8, "pause": 3, "end": 2, "kill nats": 1, "pause nats": 1, "kill postgres": 1, "pause postgres": 1,
    "kill redis": 1, "flush redis": 1, "unclear": 2, "refuse": 2, "slow": 1, "limit": 1,
}  # fmt: skip
"""How often each is drawn."""

PROVIDERS: dict[str, Step] = {
    "unclear": ErrorAfterAccept(), "refuse": ErrorBeforeAccept(503), "slow": Slow(PROVIDER_SECONDS + 1), "limit": RateLimited(2),
}  # fmt: skip

SECONDS_BETWEEN = 5.0
"""One fault in so many seconds, on average."""


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """What happens when, and for how long. `at` is a share of the load's time."""

    at: float
    kind: str
    victim: str
    seconds: float

    def __str__(self) -> str:
        return f"{self.at:.0%} {self.kind} {self.victim}".rstrip() + f" {self.seconds:.1f} s"


def draw_schedule(chance: random.Random, *, seconds: float) -> list[Fault]:
    """Faults in order of time; none begins in the last fifth."""
    count = max(1, round(seconds / SECONDS_BETWEEN))
    return sorted((_draw(chance) for _ in range(count)), key=lambda each: each.at)


def _draw(chance: random.Random) -> Fault:
    kind = chance.choices(list(KINDS), weights=list(KINDS.values()))[0]
    victim = ""
    if kind in {"kill", "pause", "end"}:
        victim = chance.choice(replicas(REPLICAS))
    elif kind in PROVIDERS:
        victim = chance.choice(["slack", "twilio", "mail", "hooks"] if kind == "unclear" else ["slack", "twilio"])
    longest = LEASE_SECONDS + 2 if kind == "pause" else 6.0
    return Fault(at=chance.uniform(0.05, 0.8), kind=kind, victim=victim, seconds=chance.uniform(0.2, longest))


def round_of(seed: int, *, seconds: float) -> Scenario:
    """The round that a seed stands for, with a load of so many seconds."""
    schedule = draw_schedule(random.Random(seed), seconds=seconds)
    return Scenario(
        name=f"round {seed}",
        row="; ".join(map(str, schedule)),
        expected="conservation",
        breaks=partial(play, schedule=schedule),
        replicas=REPLICAS,
        permits=frozenset({"unprovable repeats", "late"}),
    )


async def play(run: Run, schedule: list[Fault]) -> None:
    """Each fault in its time; they overlap, and what one has already felled is left to it."""
    run.remarks += [str(each) for each in schedule]
    busy: set[str] = set()
    async with asyncio.TaskGroup() as group:
        for each in schedule:
            await run.reach(each.at)
            group.create_task(_suffer(run, each, busy))


async def _suffer(run: Run, fault: Fault, busy: set[str]) -> None:
    victim = fault.victim or fault.kind.rpartition(" ")[2]
    if victim in busy:
        return
    busy.add(victim)
    try:
        await _ACTS[fault.kind](run, fault)
    finally:
        busy.discard(victim)


async def _kill(run: Run, fault: Fault) -> None:
    await run.kill(fault.victim)
    run.mark()
    await asyncio.sleep(fault.seconds)
    await _start_again(run, fault.victim)


async def _end(run: Run, fault: Fault) -> None:
    if (code := await run.world.services.terminate(fault.victim)) != 0:
        run.notes.append(run.world.services[fault.victim].describe(f"ended with code {code}"))
    await _start_again(run, fault.victim)


async def _start_again(run: Run, name: str) -> None:
    """As a supervisor does it: a service that starts while a server is away ends, and is started once more."""
    async with asyncio.timeout(READY_SECONDS):
        while True:
            try:
                return await run.start(name)
            except ServiceError:
                if run.world.services[name].is_running:
                    raise
                await asyncio.sleep(1)


async def _pause(run: Run, fault: Fault) -> None:
    run.world.services.pause(fault.victim)
    await asyncio.sleep(fault.seconds)
    run.world.services.resume(fault.victim)


def _server(run: Run, fault: Fault) -> Server:
    server: Server = getattr(run.world.servers.stack, fault.kind.rpartition(" ")[2])
    return server


async def _kill_server(run: Run, fault: Fault) -> None:
    server = _server(run, fault)
    number = signal.SIGQUIT if server.name == "postgres" else signal.SIGKILL
    await run.world.stop_server(server, number)
    await asyncio.sleep(fault.seconds)
    await asyncio.to_thread(server.start)


async def _pause_server(run: Run, fault: Fault) -> None:
    with run.world.paused(_server(run, fault)):
        await asyncio.sleep(fault.seconds)


async def _flush(run: Run, _fault: Fault) -> None:
    async with redis.from_url(run.world.servers.redis_url) as client:
        await client.flushall()


async def _provide(run: Run, fault: Fault) -> None:
    is_on = True
    fake, step = getattr(run.world.fakes, fault.victim), PROVIDERS[fault.kind]
    if fault.victim == "mail" or (fault.kind == "unclear" and run.chance.random() < 0.5):
        step = DroppedReply()  # to a mail server's 451 nothing is unclear
    fake.script(step, when=lambda _sent: is_on, forever=True)
    await asyncio.sleep(fault.seconds)
    is_on = False


_ACTS: dict[str, Callable[[Run, Fault], Awaitable[None]]] = {
    "kill": _kill,
    "pause": _pause,
    "end": _end,
    "kill nats": _kill_server,
    "pause nats": _pause_server,
    "kill postgres": _kill_server,
    "pause postgres": _pause_server,
    "kill redis": _kill_server,
    "flush redis": _flush,
    **dict.fromkeys(PROVIDERS, _provide),
}
