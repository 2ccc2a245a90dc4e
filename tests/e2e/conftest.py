"""Real processes, two of each worker, with fake providers; one set for the stories of a module.

They have servers of their own: they would else pay the timers, send the pages and take the messages of every other
test. They end with the module: eight processes that wait for nothing would slow down all that comes after.
"""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from nightowl_common.db import Database
from nightowl_testkit.builders import Team, seed_team
from nightowl_testkit.client import ApiClient
from nightowl_testkit.clock import DbClock
from nightowl_testkit.servers import Servers, make_tenant, running_servers
from nightowl_testkit.services import ServiceProcesses
from nightowl_testkit.story import Story
from nightowl_testkit.tenants import new_slug

NAMES = (
    "ingest",
    "enrichment", "enrichment-2",
    "escalation", "escalation-2",
    "notifier", "notifier-2",
    "query",
)  # fmt: skip

FAST = {
    "NIGHTOWL_LEASE_SECONDS": "5",
    "NIGHTOWL_PROVIDER_TIMEOUT_SECONDS": "2",
    "NIGHTOWL_SWEEP_SECONDS": "1",
    "NIGHTOWL_SLACK_ANSWER_SECONDS": "30",
}
"""Short leases, so that a test need not wait half a minute for one to end; patience, where the machine is slow."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def servers() -> AsyncIterator[Servers]:
    async with running_servers() as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def database(servers) -> AsyncIterator[Database]:
    connected = await Database.connect(servers.database_url, size=4, service="stories")
    yield connected
    await connected.close()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def db_clock(database) -> DbClock:
    return DbClock(database)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def processes(servers, slack_server, twilio_server, mail_server, hooks_server) -> AsyncIterator[ServiceProcesses]:
    fakes = (slack_server, twilio_server, mail_server, hooks_server)
    environment = {**{name: value for fake in fakes for name, value in fake.environment.items()}, **FAST}
    async with ServiceProcesses(servers, names=NAMES, environment=environment) as running:
        yield running
        assert running.dead() == []


@pytest.fixture
async def tenant(servers) -> str:
    """One that stays as it is: processes may still be busy with it when its test is over."""
    return await make_tenant(servers, new_slug())


@pytest.fixture
async def team(database, tenant) -> Team:
    return await seed_team(database, tenant)


@pytest.fixture
async def client(processes, team) -> AsyncIterator[ApiClient]:
    async with processes.client(team.key) as opened:
        yield opened


@pytest.fixture
def story(client, db_clock, fake_slack, fake_twilio, fake_mail, fake_hooks, database, team) -> Story:
    return Story(client, db_clock, fake_slack, fake_twilio, fake_mail, fake_hooks, database=database, team=team)
