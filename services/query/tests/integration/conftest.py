"""A running query service, clients of any role, and alerts made by the kernel."""

from collections.abc import AsyncIterator, Awaitable, Callable
from uuid import UUID

import pytest
import pytest_asyncio
from httpx import AsyncClient

from nightowl_alerting import lifecycle
from nightowl_alerting.model import Route
from nightowl_alerting.sealing import make_master_key
from nightowl_alerting.transitions import Received
from nightowl_auth import Role, insert_key, make_key
from nightowl_common import clock
from nightowl_common.db import Database
from nightowl_common.ids import new_id
from nightowl_common.outbox import Outbox
from nightowl_common.settings import Secret
from nightowl_contracts import ReceivedAlert
from nightowl_query.app import build
from nightowl_query.settings import Settings
from nightowl_testkit.apps import RunningApp, running_app
from nightowl_testkit.servers import Servers

ClientOf = Callable[[str, Role], Awaitable[AsyncClient]]
UNROUTED = Route()
Fire = Callable[..., Awaitable[UUID]]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def service(servers: Servers) -> AsyncIterator[RunningApp]:
    """The service, started."""
    settings = Settings(
        database_url=servers.database_url,
        nats_url=servers.nats_url,
        redis_url=servers.redis_url,
        database_pool_size=4,
        key_calls_per_minute=0,
        tenant_calls_per_minute=0,
        sign_ins_per_minute=1_000_000,
        master_keys=Secret(make_master_key("test")),
    )
    async with running_app(build, settings) as running:
        yield running


@pytest.fixture
def client_of(service: RunningApp, database: Database) -> ClientOf:
    """Makes a client with a key of a tenant and a role."""

    async def make(tenant: str, role: Role) -> AsyncClient:
        key = make_key()
        async with database.global_tx() as tx:
            await insert_key(tx, key, tenant=tenant, role=role, description=f"{role} key")
        return service.client_with(X_API_Key=key.raw)

    return make


@pytest_asyncio.fixture(loop_scope="session")
async def client(client_of: ClientOf, tenant: str) -> AsyncClient:
    """An engineer of the test's tenant."""
    return await client_of(tenant, "engineer")


@pytest.fixture
def anonymous(service: RunningApp) -> AsyncClient:
    """Somebody without a key."""
    return service.client


@pytest.fixture
def fire(outbox: Outbox, tenant: str) -> Fire:
    """Receives an alert as enrichment does; returns the id of the alert it belongs to."""

    async def receive(
        title: str = "Disk full", *, severity: str = "critical", fingerprint: str | None = None, source: str = "generic",
        status: str = "firing", route: Route = UNROUTED, of: str = tenant,
    ) -> UUID:  # fmt: skip
        alert = ReceivedAlert(
            index=0, fingerprint=fingerprint or title, status=status, severity=severity, title=title  # type: ignore[arg-type]
        )  # fmt: skip
        received = Received(alert=alert, source=source, receipt_id=new_id(), new_id=new_id(), at=clock.utc_now())
        async with outbox.tenant_tx(of) as tx:
            [(_, alert_id)] = await lifecycle.receive(tx, of, [received], route=lambda _: route)
        assert alert_id is not None
        return alert_id

    return receive


@pytest_asyncio.fixture(loop_scope="session")
async def policy(database: Database, tenant: str) -> Route:
    """A policy of one tier, as a route."""
    async with database.tenant_tx(tenant) as tx:
        policy_id: UUID = await tx.fetchval(
            "INSERT INTO escalation_policies (name, description) VALUES ('default', 'for tests') RETURNING id"
        )
        await tx.execute(
            "INSERT INTO escalation_policy_versions (policy_id, version, tiers, repeat_count) VALUES ($1, 1, $2, 2)",
            policy_id,
            [{"timeout_minutes": 5, "notify_via": ["sms"], "targets": ["oncall_primary"]}],
        )
    return Route(policy_id=policy_id, policy_version=1)


PersonClientOf = Callable[[UUID, Role], Awaitable[AsyncClient]]


@pytest.fixture
def person_client(service: RunningApp, database: Database, tenant: str) -> PersonClientOf:
    """Makes a client whose key belongs to a person of the test's tenant."""

    async def make(user_id: UUID, role: Role) -> AsyncClient:
        key = make_key()
        async with database.global_tx() as tx:
            await insert_key(tx, key, tenant=tenant, role=role, description=f"key of {user_id}")
            await tx.execute("UPDATE public.api_keys SET user_id = $1 WHERE key_hash = $2", user_id, key.key_hash)
        return service.client_with(X_API_Key=key.raw)

    return make


@pytest_asyncio.fixture(loop_scope="session")
async def manager(client_of: ClientOf, tenant: str) -> AsyncClient:
    """A manager of the test's tenant."""
    return await client_of(tenant, "manager")


@pytest_asyncio.fixture(loop_scope="session")
async def people(database: Database, tenant: str) -> dict[str, UUID]:
    """Ada in Berlin, Bob in New York, Cid and Dee in UTC; Eve was deactivated."""
    zones = {"Ada": "Europe/Berlin", "Bob": "America/New_York", "Cid": "UTC", "Dee": "UTC", "Eve": "UTC"}
    statement = "INSERT INTO users (email, display_name, timezone, is_active) VALUES ($1, $2, $3, $4) RETURNING id"
    async with database.tenant_tx(tenant) as tx:
        return {
            name: await tx.fetchval(statement, f"{name}@x.test", name, zone, name != "Eve")
            for name, zone in zones.items()
        }


@pytest.fixture
def passing(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Lets time go by for what a process remembers."""
    passed = 0.0
    real = clock.monotonic_seconds

    def go(seconds: float) -> None:
        nonlocal passed
        passed += seconds

    monkeypatch.setattr(clock, "monotonic_seconds", lambda: real() + passed)
    return go
