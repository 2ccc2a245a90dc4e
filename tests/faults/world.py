"""The world that faults happen in: servers, several of every service, and providers that keep what people receive.

One world serves many scenarios. Each gets tenants of its own, which are dropped after it: the database stays small,
and what is judged is the scenario's alone.
"""

import asyncio
import itertools
import signal
import zlib
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from pathlib import Path
from typing import TypeAlias

import asyncpg
import msgspec
from nats.errors import TimeoutError as NatsTimeoutError
from nats.js.errors import ServiceUnavailableError

from nightowl_common.bus import Bus
from nightowl_common.db import Database, Tx
from nightowl_common.streams import apply_topology
from nightowl_contracts.topology import EVENTS, INGEST, PAGES
from nightowl_embedded.processes import Server
from nightowl_sql import create_tenant, drop_tenant
from nightowl_testkit.builders import Person, Team, a_person, insert_person, insert_policy, seed_team
from nightowl_testkit.clock import DbClock
from nightowl_testkit.fakes import FakeHooks, FakeMail, FakeSlack, FakeTwilio, Received, UnheardLookUp
from nightowl_testkit.servers import Servers, running_servers
from nightowl_testkit.services import SERVICES, ServiceProcesses

_NOTHING: Mapping[str, str] = {}

AGAIN_SECONDS = 0.2
TOPOLOGY_SECONDS = 60.0

MOST = 5
"""So many of every service can be had."""

LEASE_SECONDS = 11.0
PROVIDER_SECONDS = 5.0
"""A provider has so long to answer. The fakes share two cores with everything else, and answer late when they starve."""

LATE_SECONDS = PROVIDER_SECONDS - 1
"""A fake that needed so long by its own clock has kept a starved caller waiting for longer."""

FAST = {
    "NIGHTOWL_LEASE_SECONDS": f"{LEASE_SECONDS:g}",
    "NIGHTOWL_PROVIDER_TIMEOUT_SECONDS": f"{PROVIDER_SECONDS:g}",
    "NIGHTOWL_SWEEP_SECONDS": "1",
}
"""Services that find out sooner what a fault has left behind."""

NO_LIMITS = {
    f"NIGHTOWL_{name}_PER_MINUTE": "0" for name in ("KEY_ALERTS", "TENANT_ALERTS", "KEY_CALLS", "TENANT_CALLS")
}

TIER_MINUTES = 20
"""Until the second tier: longer than a row takes, so that nothing fires while evidence is collected."""

PEOPLE = 8
"""In each tenant. Nobody gets so many pages that a provider could not be asked about the last of them."""

VIA: Mapping[str, int] = {"slack_dm": 6, "sms": 2, "email": 1, "webhook": 1}
"""How pages go out, and how often each way is taken: each person has a service for each, with a policy of its own."""


class Fakes(msgspec.Struct, frozen=True, kw_only=True):
    """The providers."""

    slack: FakeSlack
    twilio: FakeTwilio
    mail: FakeMail
    hooks: FakeHooks

    def __iter__(self) -> Iterator[FakeSlack | FakeTwilio | FakeMail | FakeHooks]:
        yield from (self.slack, self.twilio, self.mail, self.hooks)

    @property
    def environment(self) -> dict[str, str]:
        """The settings that point a notifier at them."""
        return {name: value for fake in self for name, value in fake.environment.items()}

    @property
    def received(self) -> list[Received]:
        """All that people have received, over all channels."""
        return [each for fake in self for each in fake.received]

    @property
    def unclear(self) -> frozenset[str]:
        """Messages whose sender was left without an answer that says what became of them, or waited too long for it."""
        late = (each for fake in self for each, seconds in fake.answer_seconds.items() if seconds > LATE_SECONDS)
        return frozenset((*late, *(each for fake in self for each in fake.unclear)))

    @property
    def unheard(self) -> list[UnheardLookUp]:
        """Look-ups whose answer came when nobody waited for it any more."""
        return [each for fake in self for each in fake.unheard]

    def clear(self) -> None:
        """As if nobody had ever sent anything; everybody is well."""
        for fake in self:
            fake.clear()


class World:
    """Running servers, services and fakes. `services` knows `MOST` of each; `scale` says how many run.

    `environment` is added to the services' settings.
    """

    copies = 1
    """On so many nodes each stream is."""

    def __init__(
        self, servers: Servers, database: Database, bus: Bus, fakes: Fakes, environment: Mapping[str, str] = _NOTHING
    ) -> None:
        self.servers = servers
        self.database = database
        self.bus = bus
        self.fakes = fakes
        self.clock = DbClock(database)
        self.services = ServiceProcesses(
            servers, names=replicas(MOST), environment={**fakes.environment, **FAST, **NO_LIMITS, **environment}
        )
        self.running: tuple[str, ...] = ()
        self._numbers = itertools.count(1)

    async def scale(self, count: int) -> None:
        """Lets `count` of every service run, and waits until they are ready."""
        wanted = replicas(count)
        await asyncio.gather(*(self.services[name].stop() for name in self.running if name not in wanted))
        self.running = wanted
        await self.heal()

    async def heal(self) -> None:
        """Whatever was killed, stopped or paused runs again: servers first, then services."""
        for server in self.servers.stack.servers:
            server.send(signal.SIGCONT)
            await asyncio.to_thread(server.start)
        await self._until_topology()
        for name in self.running:
            if self.services[name].is_running:
                self.services.resume(name)
        await self.services.start(*self.running)

    async def _until_topology(self) -> None:
        """A broker that is just there again, or three, may leave a question without an answer, or be away for it."""
        async with asyncio.timeout(TOPOLOGY_SECONDS):
            while True:
                try:
                    await apply_topology(self.bus.jetstream, replicas=self.copies)
                except (NatsTimeoutError, ServiceUnavailableError):
                    await asyncio.sleep(AGAIN_SECONDS)
                    continue
                return

    @contextmanager
    def paused(self, server: Server) -> Iterator[None]:
        """SIGSTOP: a server holds its connections and says nothing."""
        server.send(signal.SIGSTOP)
        try:
            yield
        finally:
            server.send(signal.SIGCONT)

    async def stop_server(self, server: Server, number: signal.Signals) -> None:
        """Sends a signal that ends a server, and waits until it is gone."""
        server.send(number)
        while server.pid is not None:
            await asyncio.sleep(0.01)
        server.stop()

    @asynccontextmanager
    async def tenants(self, count: int = 2) -> AsyncIterator[tuple[Team, ...]]:
        """Fresh tenants with teams, which are dropped afterwards with all that the bus has of them."""
        number = next(self._numbers)
        slugs = [f"round{number}_{each}" for each in range(count)]
        teams = [await self._found(slug) for slug in slugs]
        yield tuple(teams)
        for slug in slugs:
            await self._forget(slug)

    async def _found(self, slug: str) -> Team:
        connection = await asyncpg.connect(self.servers.database_url)
        try:
            await create_tenant(connection, slug=slug, name=slug)
        finally:
            await connection.close()
        team = await seed_team(self.database, slug)
        async with self.database.tenant_tx(slug) as tx:
            await _add_services(tx, team, f"{self.fakes.hooks.url}/webhook/{slug}")
        return team

    async def _forget(self, slug: str) -> None:
        for stream, subject in ((INGEST, "ingest.{}"), (EVENTS, "event.{}.>"), (PAGES, "page.{}.>")):
            await self.bus.jetstream.purge_stream(stream.name, subject=f"nightowl.{subject.format(slug)}")
        connection = await asyncpg.connect(self.servers.database_url)
        try:
            await connection.execute("UPDATE public.tenants SET status = 'suspended' WHERE slug = $1", slug)
            while not await _is_dropped(connection, slug):
                await asyncio.sleep(0.5)
        finally:
            await connection.close()


def replicas(count: int) -> tuple[str, ...]:
    """The names of so many of every service."""
    return tuple(
        name if number == 1 else f"{name}-{number}" for number in range(1, count + 1) for name in SERVICES
    )  # fmt: skip


def name_of_service(via: str, person: int) -> str:
    """The service whose alerts page somebody over a channel."""
    return f"{via}-{person}"


@asynccontextmanager
async def open_world(make: type[World] = World, *, folder: Path | None = None) -> AsyncIterator[World]:
    """Starts servers and fakes; services are started by the first `scale`. `make` may be a world of a special kind."""
    async with (
        running_servers(folder, is_clustered=make.copies > 1) as servers,
        FakeSlack() as slack,
        FakeTwilio() as twilio,
        FakeMail() as mail,
        FakeHooks() as hooks,
    ):
        database = await Database.connect(servers.database_url, size=6, service="faults")
        bus = await Bus.connect(servers.nats_url, service="faults", on_closed=lambda: None)
        world = make(servers, database, bus, Fakes(slack=slack, twilio=twilio, mail=mail, hooks=hooks))
        try:
            yield world
        finally:
            await world.services.stop()
            await bus.close()
            await database.close()


async def _is_dropped(connection: "asyncpg.Connection[asyncpg.Record]", slug: str) -> bool:
    """Not while a service still looks at it: it may take some seconds until all have heard that it is suspended."""
    try:
        await drop_tenant(connection, slug=slug)
    except asyncpg.DeadlockDetectedError:
        return False
    return True


OpenWorld: TypeAlias = Callable[[], AbstractAsyncContextManager[World]]


async def _add_services(tx: Tx, team: Team, hook: str) -> None:
    """For each person, a service for each channel; they bear any number of messages, so that each page is a message."""
    endpoint = await tx.fetchval(
        "INSERT INTO endpoints (name, kind, url, secret) VALUES ('hook', 'webhook', $1, 'a') RETURNING id", hook
    )
    for number in range(PEOPLE):
        somebody = await insert_person(tx, _person(team.tenant, number))
        for via in VIA:
            target = f"endpoint:{endpoint}" if via == "webhook" else f"user:{somebody}"
            name = name_of_service(via, number)
            tiers = [
                {"timeout_minutes": TIER_MINUTES, "notify_via": [via], "targets": [target]},
                {"timeout_minutes": 30, "notify_via": ["slack_dm"], "targets": ["oncall_backup"]},
            ]
            policy = await insert_policy(tx, tiers, roster_id=team.roster_id, name=name)
            await tx.execute(
                """INSERT INTO services (name, cluster, namespace, owner, tier, default_policy_id)
                VALUES ($1, 'prod-eu', 'prod', 'platform', 'critical', $2)""",
                name, policy,
            )  # fmt: skip
    await tx.execute("UPDATE tenant_config SET page_limits = $1", {via: [] for via in VIA})


def _person(tenant: str, number: int) -> Person:
    """No two have the same address, in whichever tenant."""
    return a_person(
        f"Somebody{number}", email=f"{number}@{tenant.replace('_', '-')}.example",
        slack_user_id=f"U{tenant.replace('_', '').upper()}N{number}",
        phone=f"+49{zlib.crc32(f'{tenant}/{number}'.encode()):010}",
    )  # fmt: skip
