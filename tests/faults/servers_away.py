"""Rows of servers that end, are away, or lose what they had."""

import asyncio
import re
import shutil
import signal
from collections.abc import Callable, Sequence
from functools import partial

import aiohttp
import redis.asyncio as redis
from records import Evidence
from scenario import Run, Scenario

from nightowl_common import clock
from nightowl_common.streams import diff_topology
from nightowl_contracts.topology import CONSUMERS, ENRICHMENT, PAGES
from nightowl_embedded.processes import Server
from nightowl_ingest.api.recent import KEPT_SECONDS
from nightowl_testkit.servers import Servers

RED_SECONDS = 15.0
"""Until readiness tells that what a service reads from is gone."""

WAITING = 8


async def restart(run: Run, server: str, number: signal.Signals) -> None:
    """It ends at once and is started again at once, twice."""
    for share in (0.2, 0.6):
        await run.reach(share)
        stack = run.world.servers.stack
        run.outage()
        await run.world.stop_server(getattr(stack, server), number)
        await asyncio.to_thread(getattr(stack, server).start)
        run.mark()


async def stay_away(run: Run, server: str) -> None:
    """It is away for half of the load's time: 30 s of a minute."""
    away: Server = getattr(run.world.servers.stack, server)
    await run.reach(0.2)
    run.outage()
    await asyncio.to_thread(away.stop)
    await run.reach(0.7)
    await asyncio.to_thread(away.start)
    run.mark()


def every_call_was_answered_2xx(run: Run, _evidence: Evidence) -> Sequence[str]:
    """At once: no sender has noticed anything."""
    others = {status: count for status, count in run.load.webhook_answers.items() if status != 200}
    return (f"senders noticed: {others}",) if others else ()


class Wipe:
    """The broker loses its store while it holds messages that nobody has read yet: they are the loss window.

    What ingest has published lately it spools when the broker is gone, so they stand for longer than that. Two counters
    tell the window's size, as the manual says; whoever still fires tells of it again.
    """

    async def count(self, run: Run) -> None:
        """Before the load."""
        self._before = await self._difference(run)

    async def breaks(self, run: Run) -> None:
        """Nothing is repaired before the load has gone on for a while."""
        services = run.world.services
        await run.reach(0.3)
        _each(services.pause, "enrichment")
        async with asyncio.timeout(RED_SECONDS):
            while (await run.world.bus.lag(ENRICHMENT) or 0) < WAITING:
                await asyncio.sleep(0.02)
        await asyncio.sleep(KEPT_SECONDS)
        _each(services.pause, "ingest")
        self._unread = await run.world.bus.lag(ENRICHMENT) or 0
        await asyncio.to_thread(lose_store, run.world.servers)
        _each(services.resume, "ingest", "enrichment")
        await run.reach(0.6)
        await run.world.heal()
        run.mark()

    async def tell_again(self, run: Run) -> None:
        """At rest: the counters are compared with what the database has, and senders tell of what still fires."""
        gone = await self._difference(run) - self._before
        run.remarks.append(f"{gone:.0f} alerts were in the broker alone, of {self._unread} calls that stood unread")
        if gone <= 0:
            run.notes.append("nothing was lost, so that nothing is proved")
        if set(run.load.webhook_answers) == {200}:
            run.notes += await self._compare(run, gone)
        await run.load.tell_all_again()

    async def _compare(self, run: Run, gone: float) -> Sequence[str]:
        """Where each call was accepted once: what is lost is what the counters say, and at most what stood unread."""
        handled = [await _handled(run, each.tenant) for each in run.teams]
        alerts = len(run.load.accepted) - sum(disposed for _, disposed in handled)
        calls = len({each.receipt_id for each in run.load.accepted}) - sum(count for count, _ in handled)
        wrong = [] if gone == alerts else [f"{alerts} alerts are gone: the counters say {gone}"]
        return wrong if calls <= self._unread else [*wrong, f"{calls} calls are gone, and {self._unread} stood unread"]

    def check(self, run: Run, evidence: Evidence) -> Sequence[str]:
        """What still fires is there."""
        missing = sorted(set(run.load.still_fires) - {each.problem for each in evidence.alerts})
        return (f"nobody knows of {missing}",) if missing else ()

    async def _difference(self, run: Run) -> float:
        services, names = run.world.services, run.world.running
        received = [
            await counted(services.url(each), "nightowl_alerts_received_total")
            for each in names
            if each.startswith("ingest")
        ]
        disposed = [
            await counted(services.url(each), "nightowl_dispositions_total")
            for each in names
            if each.startswith("enrichment")
        ]
        return sum(received) - sum(disposed)


def _each(act: Callable[[str], None], *services: str) -> None:
    for service in services:
        act(service)
        act(f"{service}-2")


async def _handled(run: Run, tenant: str) -> tuple[int, int]:
    """How many calls enrichment has handled, and how many alerts were in them."""
    async with run.world.database.global_tx() as tx:
        query = """SELECT count(*) AS calls, coalesce(sum(cardinality(dispositions)), 0)::integer AS alerts
            FROM public.inbox WHERE tenant = $1 AND consumer = 'enrichment'"""
        row = await tx.fetchrow(query, tenant)
    assert row is not None
    return row["calls"], row["alerts"]


async def counted(url: str, name: str) -> float:
    """The sum of a counter over its labels, as a process tells Prometheus."""
    async with aiohttp.ClientSession() as session, session.get(f"{url}/metrics") as answer:
        text = await answer.text()
    return sum(float(each) for each in re.findall(rf"^{name}(?:{{.*}})? (\S+)$", text, re.MULTILINE))


def lose_store(servers: Servers) -> None:
    """Kills the broker, empties its store and starts it again where it was: no stream, no consumer, no message."""
    nats = servers.stack.nats
    nats.kill()
    shutil.rmtree(nats.folder / "jetstream")
    nats.start()


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


WIPE = Wipe()

ROWS = [
    Scenario(
        name="nats-restart",
        row="NATS single restart (kill -9), twice",
        expected="nobody waits: alerts and pages go by Postgres, recovery within 5 s",
        breaks=partial(restart, server="nats", number=signal.SIGKILL),
    ),
    Scenario(
        name="nats-away",
        is_quick=True,
        row="NATS down for half of the time",
        expected="nobody waits: still 2xx, alerts and pages go by Postgres",
        breaks=partial(stay_away, server="nats"),
        check=every_call_was_answered_2xx,
        permits=frozenset({"late"}),
    ),
    Scenario(
        name="nats-wiped",
        row="NATS store wiped",
        expected="no page lost that Postgres knew; the loss window is told; senders' repeats cover it",
        before=WIPE.count,
        breaks=WIPE.breaks,
        after=WIPE.tell_again,
        check=WIPE.check,
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
        is_quick=True,
        row="Postgres immediate restart, twice",
        expected="ingest still 2xx; timers fire when it is back, each once",
        breaks=partial(restart, server="postgres", number=signal.SIGQUIT),
        check=every_call_was_answered_2xx,
        permits=frozenset({"unprovable repeats"}),
    ),
    Scenario(
        name="postgres-away",
        row="Postgres down for half of the time",
        expected="ingest still 2xx; timers fire when it is back, each once",
        breaks=partial(stay_away, server="postgres"),
        check=every_call_was_answered_2xx,
        permits=frozenset({"unprovable repeats", "late"}),
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
