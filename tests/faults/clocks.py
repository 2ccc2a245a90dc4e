"""Rows of clocks that are set: those of hosts, which decide nothing, and the database's, which decides."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

import aiohttp
from oracle import Evidence
from rig import open_rigged
from scenario import Run, Scenario
from servers_away import counted, every_call_was_answered_2xx

from nightowl_testkit.fakes import ErrorAfterAccept

HOUR = 3600.0
BACK_SECONDS = 20.0
PROVED_SECONDS = 90.0


async def step_hosts(run: Run) -> None:
    """One host an hour ahead and the other an hour behind, then each as the other was, then one is put right slowly.

    Slack takes pages and answers with an error meanwhile: they are looked up by whoever's clock is wrong.
    """
    first, second = run.world.hosts
    await run.reach(0.15)
    first.step(HOUR)
    second.step(-HOUR)
    await run.reach(0.3)
    await _all_tell_it(run)
    is_unclear = True
    run.world.fakes.slack.script(ErrorAfterAccept(), when=lambda _sent: is_unclear, forever=True)
    await run.reach(0.5)
    is_unclear, until = False, await run.world.clock.now()
    first.step(-HOUR)
    second.step(HOUR)
    await run.reach(0.6)
    first.step(0)
    first.slew(5, over=0.2 * run.seconds)
    await run.reach(0.85)
    await _all_are_proved(run, until)


async def _all_tell_it(run: Run) -> None:
    """Each process says that its host is an hour off: the alarm stands on that."""
    for name in run.world.running:
        try:
            ahead = await counted(run.world.services.url(name), "nightowl_host_clock_ahead_seconds")
        except aiohttp.ClientError as error:
            run.notes.append(f"{name} cannot be asked: {error!r}")
            continue
        if abs(abs(ahead) - HOUR) > 5:
            run.notes.append(f"{name} is an hour off and says {ahead:.1f} s")


async def _all_are_proved(run: Run, until: datetime) -> None:
    """Waits until no page of that time is open any more: what comes after the row is done by clocks that are right."""
    async with asyncio.timeout(PROVED_SECONDS):
        while any([await _open(run, team.tenant, until) for team in run.teams]):
            await asyncio.sleep(0.2)


async def _open(run: Run, tenant: str, until: datetime) -> int:
    async with run.world.database.tenant_tx(tenant) as tx:
        return await tx.fetchval(
            "SELECT count(*) FROM deliveries WHERE status IN ('queued', 'sending') AND created_at <= $1", until
        )


def some_were_unclear(run: Run, evidence: Evidence) -> Sequence[str]:
    """Or the row has looked nothing up."""
    found = any(each.was_unclear for each in evidence.deliveries)
    return [*every_call_was_answered_2xx(run, evidence), *([] if found else ["no page was unclear"])]


async def step_the_database_ahead(run: Run) -> None:
    """Whatever is due within an hour is due at once."""
    await run.reach(0.4)
    await run.world.clock.advance(hours=1)


async def step_the_database_back(run: Run) -> None:
    """What was due is due later, by as much as it went back."""
    await run.reach(0.4)
    await run.world.clock.step_back(seconds=BACK_SECONDS)
    await run.reach(1)


ROWS = [
    Scenario(
        name="host-clocks",
        row="clocks of the app hosts: +1 h, -1 h, and slowly right again, while pages are looked up",
        expected="no effect: the database's clock rules; every process tells how far its host is off",
        breaks=step_hosts,
        check=some_were_unclear,
        permits=frozenset({"late"}),
        world=open_rigged,
        least_seconds=20,
    ),
    Scenario(
        name="database-clock-ahead",
        row="the database's clock: +1 h",
        expected="what was due later is due at once; no double",
        breaks=step_the_database_ahead,
        check=every_call_was_answered_2xx,
        permits=frozenset({"late"}),
        world=open_rigged,
    ),
    Scenario(
        name="database-clock-back",
        row="the database's clock: 20 s back",
        expected="late by the step at most; no double",
        breaks=step_the_database_back,
        check=every_call_was_answered_2xx,
        permits=frozenset({"late", "disorder"}),
        world=open_rigged,
        least_seconds=20,
    ),
]
