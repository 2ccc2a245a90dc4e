"""Rows of ways that are blocked or slow: services and a server no longer hear each other, and nobody is told."""

from collections.abc import Awaitable, Callable
from functools import partial

import asyncpg
from rig import open_rigged
from scenario import Permit, Run, Scenario

from nightowl_sql import schema_of
from nightowl_testkit.cable import Cable, Way

SLOW_SECONDS = 0.5


def cable_to(run: Run, server: str) -> Cable:
    """The way to a server."""
    return getattr(run.world.cables, server)


async def block_each_way(run: Run, server: str) -> None:
    """Both directions, then one, then the other."""
    cable = cable_to(run, server)
    for begin, end, ways in ((0.1, 0.3, ()), (0.4, 0.55, (Way.TO_SERVER,)), (0.65, 0.8, (Way.FROM_SERVER,))):
        await run.reach(begin)
        run.outage()
        cable.hang(*ways)
        await run.reach(end)
        await cable.mend()
        run.mark()


async def block_for_long(run: Run, server: str) -> None:
    """Longer than any client believes in a silent connection."""
    await run.reach(0.1)
    cable_to(run, server).hang()
    await run.reach(0.7)
    await cable_to(run, server).mend()
    run.mark()


async def cut_and_mend(run: Run, server: str) -> None:
    """Again and again: connections are reset, and new ones refused for a moment."""
    for share in (0.1, 0.25, 0.4, 0.55, 0.7):
        await run.reach(share)
        cable_to(run, server).cut()
        await run.reach(share + 0.05)
        await cable_to(run, server).mend()
    run.mark()


async def slow_down(run: Run, server: str) -> None:
    """Every statement takes its time."""
    await run.reach(0.1)
    cable_to(run, server).slow(SLOW_SECONDS)
    await run.reach(0.7)
    await cable_to(run, server).mend()
    run.mark()


async def exhaust_pools(run: Run) -> None:
    """Somebody holds a lock that everybody needs, until every connection waits for it."""
    await run.reach(0.1)
    connection = await asyncpg.connect(run.world.servers.database_url)
    try:
        async with connection.transaction():
            for team in run.teams:
                await connection.execute(f'LOCK TABLE "{schema_of(team.tenant)}".alerts IN ACCESS EXCLUSIVE MODE')
            await run.reach(0.4)
    finally:
        await connection.close()
    run.mark()


Break = Callable[[Run, str], Awaitable[None]]


def a_row(
    name: str,
    row: str,
    expected: str,
    breaks: Break,
    server: str,
    *permits: Permit,
    least: float,
    is_quick: bool = False,
) -> Scenario:
    """A row about the way to one server."""
    return Scenario(
        name=f"{name}-{server}", row=row, expected=expected, breaks=partial(breaks, server=server), world=open_rigged,
        permits=frozenset({"late", *permits}), least_seconds=least, is_quick=is_quick,
    )  # fmt: skip


EACH_WAY = {
    "nats": "still 2xx; alerts and pages go by Postgres",
    "postgres": "INGEST holds the alerts, still 2xx; timers fire when it is back, each once",
    "redis": "the same pages as without a fault",
    "slack": "the next contact method; repeats are marked",
}

ROWS = [
    *(
        a_row(
            "partition",
            f"services and {server} cut off from each other: both ways, then each one",
            expected,
            block_each_way,
            server,
            *(("repeats",) if server == "slack" else ()),
            least=12,
        )
        for server, expected in EACH_WAY.items()
    ),
    *(
        a_row(
            "long-partition", f"{server} unheard for half a minute", EACH_WAY[server], block_for_long, server, least=50
        )
        for server in ("nats", "postgres")
    ),
    *(
        a_row(
            "flapping",
            f"the way to {server} breaks again and again",
            EACH_WAY[server],
            cut_and_mend,
            server,
            *(("repeats",) if server == "slack" else ()),
            least=12,
            is_quick=server == "postgres",
        )
        for server in ("nats", "postgres", "slack")
    ),
    a_row(
        "slow",
        "Postgres needs 500 ms for each statement",
        "backpressure, nothing acknowledged before its commit",
        slow_down,
        "postgres",
        least=20,
    ),
    Scenario(
        name="pools-exhausted",
        row="every connection to Postgres waits for one lock",
        expected="backpressure, nothing acknowledged before its commit",
        breaks=exhaust_pools,
        permits=frozenset({"late"}),
        least_seconds=40,
        world=open_rigged,
    ),
]
