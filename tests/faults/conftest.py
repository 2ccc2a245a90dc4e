"""A stack of its own per module: faults kill servers and processes, and nobody else may feel it."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from world import FAST

from nightowl_common.bus import Bus
from nightowl_common.db import Database
from nightowl_testkit.builders import Team, seed_team
from nightowl_testkit.fakes import FakeSlack, FakeTwilio
from nightowl_testkit.servers import Servers, make_tenant, running_servers
from nightowl_testkit.services import ServiceProcesses

TENANT = "faults"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def fault_servers() -> AsyncIterator[Servers]:
    async with running_servers() as servers:
        yield servers


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def fault_database(fault_servers) -> AsyncIterator[Database]:
    opened = await Database.connect(fault_servers.database_url, size=4, service="faults")
    yield opened
    await opened.close()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def fault_bus(fault_servers) -> AsyncIterator[Bus]:
    opened = await Bus.connect(fault_servers.nats_url, service="faults", on_closed=lambda: None)
    yield opened
    await opened.close()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def fault_team(fault_servers, fault_database) -> Team:
    return await seed_team(fault_database, await make_tenant(fault_servers, TENANT))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def slack() -> AsyncIterator[FakeSlack]:
    async with FakeSlack() as fake:
        yield fake


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def twilio() -> AsyncIterator[FakeTwilio]:
    async with FakeTwilio() as fake:
        yield fake


@pytest.fixture
async def processes(fault_servers, fault_team, slack, twilio) -> AsyncIterator[ServiceProcesses]:
    slack.clear()
    twilio.clear()
    environment = {**slack.environment, **twilio.environment, **FAST}
    async with ServiceProcesses(fault_servers, environment=environment) as running:
        yield running
