"""The release before and this one run side by side over a migration, under load."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from itertools import cycle

import asyncpg
import pytest
import pytest_asyncio
from evidence import until_rest
from old_release import NoOldReleaseError, OldRelease, unpack
from world import FAST

from nightowl_cli import ledger
from nightowl_cli.seed import DEV_KEY, TENANT
from nightowl_common.bus import Bus
from nightowl_common.db import Database
from nightowl_common.streams import apply_topology, connect_plain
from nightowl_embedded import Stack
from nightowl_sql import migrate as run_migrations
from nightowl_sql import missing_migrations
from nightowl_testkit.builders import an_alertmanager_alert, an_alertmanager_payload
from nightowl_testkit.client import Answer, ApiClient
from nightowl_testkit.fakes import Received
from nightowl_testkit.servers import Servers, temporary_folder
from nightowl_testkit.services import SERVICES, ServiceProcesses

pytestmark = [pytest.mark.faults, pytest.mark.timeout(240)]

PREFIX = "Upgrade"
PER_SECOND = 25
FEW = 15
"""Alerts that must pass through each stage of the upgrade."""


class Front:
    """What an ingress does: a call goes to one of the processes that are listed for its service."""

    def __init__(self) -> None:
        self._listed: dict[str, list[str]] = {"ingest": [], "query": []}
        self._turns = cycle(range(1_000))
        self.answers: Counter[int] = Counter()

    def add(self, processes: ServiceProcesses, *names: str) -> None:
        """Lists processes."""
        for name in names:
            self._listed.get(processes[name].service, []).append(processes.url(name))

    def remove(self, processes: ServiceProcesses, name: str) -> None:
        """Takes one out before it ends; what it has in hand it finishes."""
        if processes[name].service in self._listed:
            self._listed[processes[name].service].remove(processes.url(name))

    async def call(self, method: str, path: str, body: object = None) -> Answer:
        """One call, whose status is counted."""
        turn = next(self._turns)
        urls = {f"{name}_url": urls[turn % len(urls)] for name, urls in self._listed.items()}
        async with ApiClient(**urls, key=DEV_KEY) as client:
            answer = await client.call(method, path, body=body, headers={"Prefer": "wait=5"} if body else None)
        self.answers[answer.status] += 1
        return answer


class Load:
    """Alerts at a pace until it is told to stop; every third is taken by somebody, and the list is read meanwhile."""

    def __init__(self, front: Front) -> None:
        self._front = front
        self._stop = asyncio.Event()
        self._passed = asyncio.Condition()
        self.sent = 0
        self.passed = 0

    async def run(self) -> None:
        """Until `stop`."""
        async with asyncio.TaskGroup() as group:
            while not self._stop.is_set():
                group.create_task(self._one(self.sent))
                self.sent += 1
                await asyncio.sleep(1 / PER_SECOND)

    async def _one(self, number: int) -> None:
        payload = an_alertmanager_payload(an_alertmanager_alert(f"{PREFIX}{number}n", severity="critical"))
        answer = await self._front.call("POST", "/webhooks/alertmanager", payload)
        alert_id = answer.json()["alerts"][0].get("alert_id")
        match number % 3:
            case 0 if alert_id is not None:
                await self._front.call("PATCH", f"/alerts/{alert_id}/acknowledge")
            case 1:
                await self._front.call("GET", "/alerts?limit=20")
        async with self._passed:
            self.passed += 1
            self._passed.notify_all()

    async def few_more(self) -> None:
        """Returns when some more have passed."""
        wanted = self.sent + FEW
        async with asyncio.timeout(60), self._passed:
            await self._passed.wait_for(lambda: self.passed >= wanted)

    def stop(self) -> None:
        """No more of it."""
        self._stop.set()


@pytest.fixture(scope="module")
def old():
    with temporary_folder() as folder:
        try:
            yield unpack(folder)
        except NoOldReleaseError as error:
            pytest.skip(f"THE UPGRADE IS NOT PROVED HERE: {error}")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def old_servers(old: OldRelease) -> AsyncIterator[Servers]:
    """Servers that the old release has prepared."""
    with temporary_folder() as folder, Stack(folder, is_durable=False) as stack:
        for command in ("migrate", "streams apply", "seed"):
            await old.nightowl(*command.split(), environment=stack.environment)
        yield Servers(environment=stack.environment, folder=folder, embedded=stack)


async def migrate(servers: Servers, *, phase: str) -> None:
    connection = await asyncpg.connect(servers.database_url)
    try:
        assert (await run_migrations(connection, phase=phase)).failed == {}
        assert await missing_migrations(connection) == []
    finally:
        await connection.close()


async def apply_streams(servers: Servers) -> None:
    client = await connect_plain(servers.nats_url)
    try:
        await apply_topology(client.jetstream())
    finally:
        await client.close()


async def roll(old: ServiceProcesses, new: ServiceProcesses, servers: Servers, front: Front, load: Load) -> None:
    """Expand, start the new beside the old, end the old one by one, contract."""
    await load.few_more()
    await migrate(servers, phase="pre")
    await apply_streams(servers)
    await load.few_more()
    await new.start()
    front.add(new, *(f"{name}-2" for name in SERVICES))
    await load.few_more()
    for name in SERVICES:
        front.remove(old, name)
        assert await old.terminate(name) == 0, old[name].describe("did not end in order")
        await load.few_more()
    await migrate(servers, phase="post")
    await load.few_more()


async def count(database: Database) -> int:
    async with database.tenant_tx(TENANT) as tx:
        return await tx.fetchval("SELECT count(*) FROM alerts WHERE title LIKE $1 || '%'", PREFIX)


async def pages_per_alert(database: Database, received: Sequence[Received]) -> Counter[str]:
    """How often people received each alert: by the delivery id that travelled with the message."""
    async with database.tenant_tx(TENANT) as tx:
        rows = await tx.fetch(
            "SELECT d.id, a.title FROM deliveries AS d JOIN alerts AS a ON a.id = d.alert_id WHERE a.title LIKE $1 || '%'",
            PREFIX,
        )
    titles = {row["id"]: row["title"] for row in rows}
    return Counter(titles[each.delivery_id] for each in received if each.delivery_id in titles)


async def untold(database: Database, pages: Counter[str]) -> list[str]:
    """Alerts that nobody has taken and nobody was paged for."""
    async with database.tenant_tx(TENANT) as tx:
        rows = await tx.fetch("SELECT title FROM alerts WHERE status = 'firing' AND title LIKE $1 || '%'", PREFIX)
    return [row["title"] for row in rows if row["title"] not in pages]


@pytest.fixture
async def before(old, old_servers, slack, twilio):
    """The old release's services."""
    environment = {**slack.environment, **twilio.environment, **FAST, **old.environment}
    async with ServiceProcesses(old_servers, environment=environment) as running:
        yield running


@pytest.fixture
async def after(old_servers, slack, twilio):
    """This release's services; none runs yet."""
    environment = {**slack.environment, **twilio.environment, **FAST}
    names = tuple(f"{name}-2" for name in SERVICES)
    services = ServiceProcesses(old_servers, names=names, environment=environment)
    yield services
    await services.stop()


@pytest.fixture
async def ours(old_servers, monkeypatch):
    """The test's own look at the servers, by this release's code: database and bus."""
    for name, value in old_servers.environment.items():
        monkeypatch.setenv(name, value)
    database = await Database.connect(old_servers.database_url, size=2, service="upgrade")
    bus = await Bus.connect(old_servers.nats_url, service="upgrade", on_closed=lambda: None)
    yield database, bus
    await bus.close()
    await database.close()


async def test_the_release_before_and_this_one_side_by_side_lose_and_double_nothing(
    old, old_servers, before, after, ours, slack, twilio
):
    """Every call is answered 2xx at once, each alert is there, paged once unless it was taken first; a clean ledger."""
    assert (await old.home()).is_relative_to(old.folder)
    database, bus = ours
    front = Front()
    front.add(before, *SERVICES)
    load = Load(front)
    running = asyncio.create_task(load.run())

    await roll(before, after, old_servers, front, load)
    load.stop()
    await running
    assert not await until_rest(database, bus, [TENANT], seconds=60)

    pages = await pages_per_alert(database, [*slack.received, *twilio.received])
    assert set(front.answers) == {200}, front.answers
    assert set(pages.values()) == {1}
    assert await untold(database, pages) == []
    assert await count(database) == load.sent
    assert await ledger.check() == 0
    assert after.dead() == []
