"""The pytest plugin: fixtures for real servers, fresh tenants and a movable clock.

Servers, pool and connections live for the whole session. Each test gets a fresh tenant of its own.
"""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import pytest_asyncio

from nightowl_common import consuming
from nightowl_common.bus import Bus
from nightowl_common.db import Database
from nightowl_common.outbox import Outbox
from nightowl_testkit.clock import DbClock
from nightowl_testkit.fakes import FakeHooks, FakeMail, FakeOidc, FakePush, FakeSlack, FakeTwilio
from nightowl_testkit.servers import Servers, running_servers, temporary_folder
from nightowl_testkit.tenants import Tenants

hypothesis.settings.register_profile("nightowl", deadline=None, derandomize=True)
hypothesis.settings.register_profile("deep", deadline=None, max_examples=1_000, print_blob=True)
hypothesis.settings.load_profile("nightowl")
# By default an example that takes 200 ms fails its test: no test may depend on how busy the machine is. A landing tries
# the same examples each time; `./dev fuzz` throws the dice.


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """With `-n`, workers get whole files."""
    from nightowl_testkit.workers import Dealing  # noqa: PLC0415  (only where pytest-xdist is asked for)

    return Dealing(config, log)


@pytest.fixture(scope="session", autouse=True)
def quick_to_stop() -> Iterator[None]:
    """Consumers in the test's process look up more often: hundreds of services are stopped here, a second each."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(consuming, "FETCH_SECONDS", 0.25)
        yield


@pytest.fixture(scope="session")
def servers_folder() -> Iterator[Path]:
    """Where the session's servers keep their files."""
    with temporary_folder() as folder:
        yield folder


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def servers(servers_folder: Path) -> AsyncIterator[Servers]:
    """Postgres, NATS and Redis, migrated, with streams; `.environment` points a service at them."""
    async with running_servers(servers_folder) as running:
        yield running


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def database(servers: Servers) -> AsyncIterator[Database]:
    """A pool on the test database."""
    connected = await Database.connect(servers.database_url, size=8, service="tests")
    yield connected
    await connected.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def bus(servers: Servers) -> AsyncIterator[Bus]:
    """A connection to NATS."""
    connected = await Bus.connect(servers.nats_url, service="tests", on_closed=_when_bus_closes)
    yield connected
    await connected.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def outbox(database: Database, bus: Bus) -> AsyncIterator[Outbox]:
    """Transactions whose events are published."""
    opened = Outbox(database, bus)
    yield opened
    await opened.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def db_clock(database: Database) -> DbClock:
    """Moves `public.clock_now()` forward, for every service and test on this database."""
    return DbClock(database)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def tenants(servers: Servers) -> AsyncIterator[Tenants]:
    """Where fresh tenants come from."""
    async with Tenants.of(servers.database_url) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="session")
async def tenant(tenants: Tenants) -> AsyncIterator[str]:
    """The slug of a fresh tenant."""
    async with tenants.one() as slug:
        yield slug


@pytest_asyncio.fixture(loop_scope="session")
async def second_tenant(tenants: Tenants) -> AsyncIterator[str]:
    """The slug of another one."""
    async with tenants.one() as slug:
        yield slug


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def slack_server() -> AsyncIterator[FakeSlack]:
    """The session's Slack; tests use `fake_slack`."""
    async with FakeSlack() as fake:
        yield fake


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def twilio_server() -> AsyncIterator[FakeTwilio]:
    """The session's Twilio; tests use `fake_twilio`."""
    async with FakeTwilio() as fake:
        yield fake


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def mail_server() -> AsyncIterator[FakeMail]:
    """The session's mail server; tests use `fake_mail`."""
    async with FakeMail() as fake:
        yield fake


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def hooks_server() -> AsyncIterator[FakeHooks]:
    """The session's receiver of webhooks; tests use `fake_hooks`."""
    async with FakeHooks() as fake:
        yield fake


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def push_server() -> AsyncIterator[FakePush]:
    """The session's push service; tests use `fake_push`."""
    async with FakePush() as fake:
        yield fake


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def oidc_server(db_clock: DbClock) -> AsyncIterator[FakeOidc]:
    """The session's OpenID provider; tests use `fake_oidc`."""
    async with FakeOidc(db_clock.now) as fake:
        yield fake


@pytest.fixture
def fake_oidc(oidc_server: FakeOidc) -> FakeOidc:
    """An honest OpenID provider, which nobody has asked yet."""
    oidc_server.clear()
    return oidc_server


@pytest.fixture
def fake_mail(mail_server: FakeMail) -> FakeMail:
    """A mail server that has seen nothing yet."""
    mail_server.clear()
    return mail_server


@pytest.fixture
def fake_hooks(hooks_server: FakeHooks) -> FakeHooks:
    """A receiver of webhooks that has seen nothing yet."""
    hooks_server.clear()
    return hooks_server


@pytest.fixture
def fake_push(push_server: FakePush) -> FakePush:
    """A push service that has seen nothing yet."""
    push_server.clear()
    return push_server


@pytest.fixture
def fake_slack(slack_server: FakeSlack) -> FakeSlack:
    """A Slack that has seen nothing yet."""
    slack_server.clear()
    return slack_server


@pytest.fixture
def fake_twilio(twilio_server: FakeTwilio) -> FakeTwilio:
    """A Twilio that has seen nothing yet."""
    twilio_server.clear()
    return twilio_server


def _when_bus_closes() -> None:
    """Nothing to do: whatever uses the connection fails, and that fails the test."""
