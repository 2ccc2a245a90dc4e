"""Rows of servers that end, are away, or lose what they had."""

import asyncio
import shutil
import signal
from collections.abc import Sequence
from functools import partial

import aiohttp
import redis.asyncio as redis
from oracle import Evidence
from scenario import Run, Scenario

from nightowl_common import clock
from nightowl_common.streams import diff_topology
from nightowl_contracts.topology import CONSUMERS, PAGES
from nightowl_embedded.processes import Server

RED_SECONDS = 15.0
"""Until readiness tells that what a service reads from is gone."""

WAITING = 8


async def restart(run: Run, server: str, number: signal.Signals) -> None:
    """It ends at once and is started again at once, twice."""
    for share in (0.2, 0.6):
        await run.reach(share)
        stack = run.world.servers.stack
        await run.world.stop_server(getattr(stack, server), number)
        await asyncio.to_thread(getattr(stack, server).start)
        run.mark()


async def stay_away(run: Run, server: str) -> None:
    """It is away for half of the load's time: 30 s of a minute."""
    away: Server = getattr(run.world.servers.stack, server)
    await run.reach(0.2)
    await asyncio.to_thread(away.stop)
    await run.reach(0.7)
    await asyncio.to_thread(away.start)
    run.mark()


def every_call_was_answered_2xx(run: Run, _evidence: Evidence) -> Sequence[str]:
    """At once: no sender has noticed anything."""
    others = {status: count for status, count in run.load.webhook_answers.items() if status != 200}
    return (f"senders noticed: {others}",) if others else ()


async def wipe_the_broker(run: Run) -> None:
    """With some messages that nobody has read yet; how many alerts they hold is the loss window."""
    world = run.world
    await run.reach(0.3)
    for each in ("enrichment", "enrichment-2"):
        world.services.pause(each)
    await _until_waiting(run)
    for each in ("ingest", "ingest-2"):
        world.services.pause(each)
    await asyncio.to_thread(_lose_store, run)
    for each in ("ingest", "ingest-2", "enrichment", "enrichment-2"):
        world.services.resume(each)
    await run.reach(0.6)
    await world.heal()
    run.mark()


async def _until_waiting(run: Run) -> None:
    enrichment = CONSUMERS[0]
    async with asyncio.timeout(RED_SECONDS):
        while (await run.world.bus.lag(enrichment) or 0) < WAITING:
            await asyncio.sleep(0.02)


def _lose_store(run: Run) -> None:
    nats = run.world.servers.stack.nats
    nats.kill()
    shutil.rmtree(nats.folder / "jetstream")
    nats.start()


async def tell_again(run: Run) -> None:
    """Senders tell of what still fires once more, as they all do."""
    await run.load.tell_all_again()


def what_fires_is_there(run: Run, evidence: Evidence) -> Sequence[str]:
    """The loss window is told: accepted alerts without a disposition. Whatever was told of again is there."""
    accepted, disposed = len(evidence.accepted), sum(len(each.dispositions) for each in evidence.inboxed)
    run.remarks.append(f"{max(0, accepted - disposed)} alerts were in the broker alone")
    there = {each.problem for each in evidence.alerts}
    missing = sorted(set(run.load.still_fires) - there)
    return (f"nobody knows of {missing}",) if missing else ()


async def delete_consumers(run: Run) -> None:
    """All of them; services make them anew by themselves."""
    await run.reach(0.3)
    for each in CONSUMERS:
        await run.world.bus.jetstream.delete_consumer(each.stream, each.name)
    started = clock.monotonic_seconds()
    while left := await diff_topology(run.world.bus.jetstream):
        if clock.monotonic_seconds() > started + 2 * RED_SECONDS:
            run.notes.append(f"still missing: {left}")
            return
        await asyncio.sleep(0.1)
    run.mark()
    run.remarks.append(f"made anew within {clock.monotonic_seconds() - started:.1f} s")


async def delete_pages(run: Run) -> None:
    """The stream of hints: notifiers say that they are not ready, and send by the timers."""
    await run.reach(0.2)
    await run.world.bus.jetstream.delete_stream(PAGES.name)
    started = clock.monotonic_seconds()
    while await _is_ready(run, "notifier"):
        if clock.monotonic_seconds() > started + RED_SECONDS:
            run.notes.append(f"the notifier is ready without its stream for {RED_SECONDS:.0f} s")
            break
        await asyncio.sleep(0.1)
    run.remarks.append(f"readiness red after {clock.monotonic_seconds() - started:.1f} s")
    await run.reach(0.7)
    await run.world.heal()
    run.mark()


async def _is_ready(run: Run, name: str) -> bool:
    async with aiohttp.ClientSession() as session, session.get(f"{run.world.services.url(name)}/readyz") as answer:
        return answer.status == 200


async def flush_redis(run: Run) -> None:
    """Again and again."""
    async with redis.from_url(run.world.servers.redis_url) as client:
        for share in (0.2, 0.4, 0.6, 0.8):
            await run.reach(share)
            await client.flushall()
    run.mark()


ROWS = [
    Scenario(
        name="nats-restart",
        row="NATS single restart (kill -9), twice",
        expected="ingest spools, pages flow from Postgres, drained after",
        breaks=partial(restart, server="nats", number=signal.SIGKILL),
    ),
    Scenario(
        name="nats-away",
        row="NATS down for half of the time",
        expected="ingest spools and answers 2xx; pages flow from Postgres; drained after",
        breaks=partial(stay_away, server="nats"),
        check=every_call_was_answered_2xx,
        permits=frozenset({"late"}),
    ),
    Scenario(
        name="nats-wiped",
        row="NATS store wiped",
        expected="no page lost that Postgres knew; the loss window is told; senders' repeats cover it",
        breaks=wipe_the_broker,
        after=tell_again,
        check=what_fires_is_there,
        permits=frozenset({"stream lost", "late"}),
    ),
    Scenario(
        name="consumers-deleted",
        row="every consumer deleted",
        expected="made anew by the services; what is read again is known",
        breaks=delete_consumers,
        permits=frozenset({"late"}),
    ),
    Scenario(
        name="stream-deleted",
        row="the stream of hints deleted",
        expected="readiness red within 15 s; the timers send",
        breaks=delete_pages,
        permits=frozenset({"late"}),
    ),
    Scenario(
        name="postgres-restart",
        row="Postgres immediate restart, twice",
        expected="ingest still 2xx; timers fire when it is back, each once",
        breaks=partial(restart, server="postgres", number=signal.SIGQUIT),
        check=every_call_was_answered_2xx,
    ),
    Scenario(
        name="postgres-away",
        row="Postgres down for half of the time",
        expected="ingest still 2xx; timers fire when it is back, each once",
        breaks=partial(stay_away, server="postgres"),
        check=every_call_was_answered_2xx,
        permits=frozenset({"late"}),
    ),
    Scenario(
        name="redis-flush",
        row="Redis flush, four times",
        expected="the same pages as without a fault",
        breaks=flush_redis,
        check=every_call_was_answered_2xx,
    ),
    Scenario(
        name="redis-down",
        row="Redis down for half of the time",
        expected="the same pages as without a fault",
        breaks=partial(stay_away, server="redis"),
        check=every_call_was_answered_2xx,
    ),
]
