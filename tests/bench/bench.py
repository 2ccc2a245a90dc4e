"""What all measurements work on: servers, tenants with keys, services that run as long as they are needed."""

import asyncio
import contextlib
import os
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import asyncpg
import cost
import msgspec

from nightowl_auth import insert_key, make_key
from nightowl_cli.supervisor import Supervisor
from nightowl_common.bus import Bus
from nightowl_common.db import Database
from nightowl_common.streams import apply_topology, connect_plain
from nightowl_contracts.topology import CONSUMERS, ENRICHMENT
from nightowl_embedded import Stack
from nightowl_sql import create_tenant, migrate
from nightowl_testkit.fakes import FakeSlack

TENANTS = 20
GROWN = "grown"
"""A tenant of its own for what is kept in great numbers, so that no other measurement reads it."""

PERSON, POLICY, ROSTER = (f"00000000-0000-7000-8000-00000000000{number}" for number in (1, 2, 3))

LATELY_SECONDS = 30.0

REST_SECONDS = 600.0
"""Long enough to read what the busiest measurement has told; who is not at rest by then is stuck."""

NO_LIMITS = {
    f"NIGHTOWL_{name}_PER_MINUTE": "0" for name in ("KEY_ALERTS", "TENANT_ALERTS", "KEY_CALLS", "TENANT_CALLS")
}
"""What a bench sends is what a limit is there to refuse. Counting goes on, so its cost is in the figures."""

_TEAM = f"""
INSERT INTO "{{schema}}".users (id, email, display_name, slack_user_id, role)
VALUES ('{PERSON}', 'a@bench.example', 'A', 'U1', 'admin');
INSERT INTO "{{schema}}".rosters (id, name, timezone, start_date)
VALUES ('{ROSTER}', 'R', 'Europe/Berlin', (now() - interval '30 days')::date);
INSERT INTO "{{schema}}".roster_members (roster_id, user_id, position) VALUES ('{ROSTER}', '{PERSON}', 0);
INSERT INTO "{{schema}}".escalation_policies (id, name) VALUES ('{POLICY}', 'P');
INSERT INTO "{{schema}}".escalation_policy_versions (policy_id, version, roster_id, tiers) VALUES ('{POLICY}', 1, '{ROSTER}',
    '[{{{{"timeout_minutes": 60, "notify_via": ["slack_dm"], "targets": ["user:{PERSON}"]}}}}]');
UPDATE "{{schema}}".tenant_config SET default_policy_id = '{POLICY}';
"""


_AT_WORK = """
SELECT EXISTS (SELECT FROM public.outbox)
    OR EXISTS (SELECT FROM public.timers WHERE due_at <= now() + interval '5 seconds')
"""


class Sizes(msgspec.Struct, frozen=True, kw_only=True):
    """How long and how much. Seconds of a window; counts of what is there while it is measured."""

    seconds: float = 5.0
    read_seconds: float = 1.5
    idle_seconds: float = 20.0
    turns: int = 50
    alerts: int = 1_000_000
    incidents: int = 100_000
    tenants: int = 1_000
    pending: int = 100_000
    due: int = 2_000
    steps: int = 3
    """Growth: sizes measured, each a tenth of the next; the last is `alerts` and `incidents`."""

    def at(self, step: int) -> tuple[int, int]:
        """Alerts and incidents of a step of growth, from 0."""
        part = 10 ** (self.steps - 1 - step)
        return self.alerts // part, self.incidents // part

    def __str__(self) -> str:
        return (
            f"windows of {self.seconds:g} s; {self.alerts:,} alerts, {self.incidents:,} incidents,"
            f" {self.pending:,} pending timers, {self.tenants:,} tenants"
        )


QUICK = Sizes(
    seconds=1.5, read_seconds=0.3, idle_seconds=6.0, turns=20,
    alerts=20_000, incidents=10_000, tenants=50, pending=20_000, due=400, steps=2,
)  # fmt: skip


class Bench:
    """Ask for services with `need`; they go on running until the next measurement needs others."""

    def __init__(
        self,
        *,
        stack: Stack,
        bus: Bus,
        slack: FakeSlack,
        keys: Sequence[str],
        grown_key: str,
        sizes: Sizes,
        folder: Path,
    ) -> None:
        self.stack = stack
        self.bus = bus
        self.slack = slack
        self.keys = keys
        self.grown_key = grown_key
        self.sizes = sizes
        self.folder = folder
        self.environment = {
            "NIGHTOWL_MODE": "dev",
            "NIGHTOWL_LOCAL_OUTBOX": "true",
            "NIGHTOWL_LOG_LEVEL": "warning",
            **NO_LIMITS,
            **slack.environment,
        }
        self.filled = 0
        """Alerts that `filling` has written."""
        self._running: dict[str, Supervisor] = {}

    @property
    def database_url(self) -> str:
        """Of the one database."""
        return self.stack.postgres.url

    def port(self, name: str) -> int:
        """Where a running service listens."""
        return self._running[name].services[0].port

    @property
    def services(self) -> dict[str, int]:
        """Name → process id of each running service."""
        alive = {name: each.services[0].process for name, each in self._running.items()}
        return {name: process.pid for name, process in alive.items() if process is not None}

    def use(self) -> cost.Use:
        """The clocks now: of the services that run, and of the servers."""
        servers = {"postgres": self.stack.postgres.pid, "nats": self.stack.nats.pid}
        return cost.read(self.services | {name: pid for name, pid in servers.items() if pid is not None})

    async def need(self, *names: str) -> None:
        """One process of each of these services, and none of others."""
        gone = [name for name, each in self._running.items() if each.services[0].died() is not None]
        await self._stop([*gone, *(name for name in self._running if name not in names)])
        missing = [name for name in names if name not in self._running]
        started = {name: self.process(name) for name in missing}
        self._running |= started
        await asyncio.gather(*(each.start() for each in started.values()))

    def process(self, name: str, *, logs: str = "logs", **environment: str) -> Supervisor:
        """Of a service, not yet started."""
        return Supervisor((name,), logs=self.folder / logs, environment=self.environment | environment)

    @contextlib.asynccontextmanager
    async def also(self, label: str, process: Supervisor) -> AsyncIterator[Supervisor]:
        """One more process beside those that run, counted and profiled under its label."""
        self._running[label] = process
        try:
            await process.start()
            yield process
        finally:
            await self._stop([label])

    async def stop(self) -> None:
        """Stops all services."""
        await self._stop(list(self._running))

    async def _stop(self, names: Sequence[str]) -> None:
        stopping = [self._running.pop(name) for name in dict.fromkeys(names) if name in self._running]
        await asyncio.gather(*(each.stop() for each in stopping))

    def last_words(self) -> list[str]:
        """The end of each log that was written lately; the logs themselves go with the folder."""
        now = time.time()
        logs = [each for each in self.folder.rglob("*.log") if now - each.stat().st_mtime < LATELY_SECONDS]
        return [f"{each.relative_to(self.folder)}: {each.read_text(errors='replace')[-1_500:]}" for each in logs]

    async def servers(self) -> str:
        """Which versions run."""
        async with self.sql() as connection:
            postgres = await connection.fetchval("SHOW server_version")
        client = await connect_plain(self.stack.nats.url)
        version = client.connected_server_version
        await client.close()
        return f"PostgreSQL {postgres}, NATS {version.major}.{version.minor}.{version.patch}"

    async def until_idle(self) -> None:
        """Everything accepted is committed."""
        while await self.bus.lag(ENRICHMENT):
            await asyncio.sleep(0.02)

    async def until_rest(self) -> None:
        """What all services have to do is done: no message is left unread, nothing is due, nothing is to be published.

        What an earlier measurement left would be counted as the cost of the next one.

        Raises:
            TimeoutError: not within ten minutes.
        """
        async with asyncio.timeout(REST_SECONDS), self.sql() as connection:
            while any([await self.bus.lag(each) for each in CONSUMERS]) or await connection.fetchval(_AT_WORK):
                await asyncio.sleep(0.05)

    @contextlib.asynccontextmanager
    async def sql(self) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
        """A connection."""
        connection = await asyncpg.connect(self.database_url)
        try:
            yield connection
        finally:
            await connection.close()


@contextlib.asynccontextmanager
async def opened(sizes: Sizes) -> AsyncIterator[Bench]:
    """A stack of its own in a temporary folder, with tenants, keys and a fake Slack."""
    with tempfile.TemporaryDirectory(prefix="nightowl-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with Stack(folder / "stack") as stack:
            os.environ.update(stack.environment)
            await _note_commits(stack)
            keys = await _prepare(stack)
            bus = await Bus.connect(stack.nats.url, service="bench", on_closed=lambda: None)
            async with FakeSlack() as slack:
                bench = Bench(
                    stack=stack, bus=bus, slack=slack, keys=keys[:-1], grown_key=keys[-1], sizes=sizes, folder=folder
                )
                try:
                    yield bench
                finally:
                    await bench.stop()
                    await bus.close()


async def _note_commits(stack: Stack) -> None:
    """Postgres keeps the time of each commit, which no column of ours can hold; it reads that setting at its start."""
    connection = await asyncpg.connect(stack.postgres.url)
    await connection.execute("ALTER SYSTEM SET track_commit_timestamp = on")
    await connection.close()
    stack.postgres.stop()
    stack.postgres.start()


async def _prepare(stack: Stack) -> list[str]:
    slugs = [*(f"bench{number}" for number in range(TENANTS)), GROWN]
    connection = await asyncpg.connect(stack.postgres.url)
    await migrate(connection)
    for slug in slugs:
        await create_tenant(connection, slug=slug, name="Bench")
        await connection.execute(_TEAM.format(schema=f"tenant_{slug}"))
    await connection.close()
    client = await connect_plain(stack.nats.url)
    await apply_topology(client.jetstream())
    await client.close()
    database = await Database.connect(stack.postgres.url, size=2, service="bench")
    keys = [make_key() for _ in slugs]
    async with database.global_tx() as tx:
        for slug, key in zip(slugs, keys, strict=True):
            await insert_key(tx, key, tenant=slug, role="admin", description="bench")
    await database.close()
    return [key.raw for key in keys]
