"""Rows of processes that are killed in the windows where a crash is hard: the moment is observed, not guessed.

Postgres is made to hold a service there. A lock on a table holds it before its commit. With a standby that does not
exist, a commit waits when it is already durable: whoever is killed then, never learns that it has committed.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import asyncpg
from scenario import Run, Scenario

from nightowl_testkit.fakes import Slow

LOOK_SECONDS = 0.01
MOMENT_SECONDS = 60.0

_HELD = """
SELECT count(*) FROM pg_stat_activity
WHERE application_name LIKE $1 || '%' AND wait_event = ANY ($2::text[]) AND query ~* $3
"""


@asynccontextmanager
async def connected(run: Run) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """A connection of the row's own."""
    connection = await asyncpg.connect(run.world.servers.database_url)
    try:
        yield connection
    finally:
        await connection.close()


@asynccontextmanager
async def locked(run: Run, table: str, mode: str = "SHARE") -> AsyncIterator[None]:
    """Nobody writes to a table meanwhile."""
    async with connected(run) as connection, connection.transaction():
        await connection.execute(f"LOCK TABLE {table} IN {mode} MODE")
        yield


@asynccontextmanager
async def commits_unanswered(run: Run) -> AsyncIterator[None]:
    """Commits are durable and wait for an answer; they get it at the end."""
    async with connected(run) as connection:
        try:
            await connection.execute("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
            await connection.execute("SELECT pg_reload_conf()")
            yield
        finally:
            await connection.execute("ALTER SYSTEM RESET synchronous_standby_names")
            await connection.execute("SELECT pg_reload_conf()")


async def held(run: Run, service: str, *waits: str, query: str = "") -> None:
    """Waits until a service is held in Postgres, in a statement like `query`.

    Raises:
        TimeoutError: it never was.
    """
    async with asyncio.timeout(MOMENT_SECONDS), connected(run) as connection:
        while not await connection.fetchval(_HELD, f"nightowl-{service}", list(waits), query):
            await asyncio.sleep(LOOK_SECONDS)


def both(service: str) -> tuple[str, str]:
    """The two replicas."""
    return service, f"{service}-2"


async def both_are_there_again(run: Run, service: str) -> None:
    """The mark of a row that kills both: nobody was there to take over."""
    await run.start(*both(service))
    run.mark()


async def kill_ingest_before_the_pub_ack(run: Run) -> None:
    """The broker is stopped, so that calls are read and not answered; less than the second after which they are spooled."""
    await run.reach(0.3)
    with run.world.paused(run.world.servers.stack.nats):
        await asyncio.sleep(0.4)
        await run.kill(*both("ingest"))
    await both_are_there_again(run, "ingest")


async def kill_before_the_commit(run: Run, service: str, table: str) -> None:
    """It has done its work in a transaction that waits for a table."""
    await run.reach(0.3)
    async with locked(run, f"tenant_{run.teams[0].tenant}.{table}"):
        await held(run, service, "relation", query=table)
        await run.kill(*both(service))
    await both_are_there_again(run, service)


async def kill_after_the_commit(run: Run, service: str) -> None:
    """Its transaction is durable, and it is killed before it learns of that."""
    await run.reach(0.3)
    async with commits_unanswered(run):
        await held(run, service, "SyncRep")
        await run.kill(*both(service))
    await both_are_there_again(run, service)


async def kill_relay_after_the_pub_ack(run: Run) -> None:
    """What is published cannot be deleted, and whoever has published it is killed."""
    for share, service in ((0.2, "enrichment"), (0.5, "escalation")):
        await run.reach(share)
        run.outage()
        async with locked(run, "public.outbox"):
            await held(run, service, "relation", query="DELETE FROM public.outbox")
            await run.kill(*both(service))
        await both_are_there_again(run, service)


async def kill_notifier_with_pages_at_providers(run: Run) -> None:
    """Every provider has the message before it says so; the notifiers die in between."""
    is_on = True
    for fake in run.world.fakes:
        fake.script(Slow(1.5), when=lambda _sent: is_on, forever=True)
    await run.reach(0.3)
    before = len(run.world.fakes.received)
    async with asyncio.timeout(MOMENT_SECONDS):
        while len(run.world.fakes.received) < before + 3:
            await asyncio.sleep(LOOK_SECONDS)
    await run.kill(*both("notifier"))
    await both_are_there_again(run, "notifier")
    is_on = False


ROWS = [
    Scenario(
        name="ingest-before-puback",
        is_quick=True,
        row="kill -9 ingest, between body read and PubAck",
        expected="no 2xx, the sender tries again; no half payload",
        breaks=kill_ingest_before_the_pub_ack,
        permits=frozenset({"late"}),
    ),
    Scenario(
        name="enrichment-before-commit",
        row="kill -9 enricher mid-batch, before the commit",
        expected="nothing has happened; delivered again",
        breaks=partial(kill_before_the_commit, service="enrichment", table="alerts"),
        permits=frozenset({"late"}),
    ),
    Scenario(
        name="enrichment-after-commit",
        is_quick=True,
        row="kill -9 enricher mid-batch, after the commit and before the ack",
        expected="delivered again, and its inbox row is there",
        breaks=partial(kill_after_the_commit, service="enrichment"),
        permits=frozenset({"late"}),
    ),
    Scenario(
        name="escalation-in-transaction",
        row="kill -9 escalation worker in transaction",
        expected="rolled back, still due, paid by the next worker",
        breaks=partial(kill_before_the_commit, service="escalation", table="deliveries"),
        permits=frozenset({"late"}),
    ),
    Scenario(
        name="relay-after-puback",
        is_quick=True,
        row="kill -9 relay between PubAck and commit",
        expected="hint doubled, page not",
        breaks=kill_relay_after_the_pub_ack,
        permits=frozenset({"late"}),
    ),
    Scenario(
        name="notifier-before-call",
        row="kill -9 notifier before provider call",
        expected="sent after the lease, once",
        breaks=partial(kill_after_the_commit, service="notifier"),
        permits=frozenset({"unprovable repeats", "late"}),  # some were held as they wrote down that it was sent
    ),
    Scenario(
        name="notifier-after-accept",
        is_quick=True,
        row="kill -9 notifier after provider accepted",
        expected="proved by look-up and not sent again; where nobody can be asked, sent again with a mark",
        breaks=kill_notifier_with_pages_at_providers,
        permits=frozenset({"unprovable repeats", "late"}),
    ),
]
