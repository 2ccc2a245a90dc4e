"""Too much from one key: refused so that it is sent again, and told to those on call."""

import asyncio

import pytest
from nats.js.errors import NotFoundError

from nightowl_auth import insert_key, make_key
from nightowl_common import clock
from nightowl_common.settings import load_settings
from nightowl_contracts import decode_event, subjects
from nightowl_contracts.topology import INGEST
from nightowl_ingest.api import overload
from nightowl_ingest.app import build
from nightowl_ingest.settings import Settings
from nightowl_testkit.apps import running_app

pytestmark = pytest.mark.integration

ALERTMANAGER = "/api/v1/webhooks/alertmanager"


def running(servers, **environment):
    """The service, with few alerts a minute."""
    few = {"NIGHTOWL_KEY_ALERTS_PER_MINUTE": "10", "NIGHTOWL_SWEEP_SECONDS": "0.05"}
    return running_app(build, load_settings(Settings, {**servers.environment, **few, **environment}))


async def a_key(database, tenant):
    key = make_key()
    async with database.global_tx() as tx:
        await insert_key(tx, key, tenant=tenant, role="engineer", description="prom")
    return {"X-API-Key": key.raw}


def body(*names):
    return {"alerts": [{"status": "firing", "labels": {"alertname": each}, "fingerprint": each} for each in names]}


async def alerts(bus, tenant):
    """What is on the stream for a tenant: title → status, in order."""
    found, sequence = [], 1
    while True:
        try:
            message = await bus.jetstream.get_msg(INGEST.name, seq=sequence, subject=subjects.ingest(tenant), next=True)
        except NotFoundError:
            return found
        found += [(each.title, each.severity, each.status) for each in decode_event(message.data).data.alerts]
        sequence = message.seq + 1


async def told(bus, tenant):
    return [each for each in await alerts(bus, tenant) if each[0].startswith("Alerts are refused")]


async def until(condition):
    async with asyncio.timeout(15):
        while not await condition():
            await clock.sleep(0.02)


async def exceed(client, key):
    """Refused answers after as many alerts as are allowed."""
    first = await client.post(ALERTMANAGER, json=body(*(f"a{each}" for each in range(20))), headers=key)
    assert first.status_code == 200
    return [await client.post(ALERTMANAGER, json=body("late"), headers=key) for _ in range(3)]


async def test_over_the_limit_is_503_with_a_time_and_never_429(servers, database, bus, tenant):
    """Alertmanager repeats a 503 and gives up a 429; what was let through before is kept whole."""
    key = await a_key(database, tenant)

    async with running(servers) as service:
        refused = await exceed(service.client, key)

    assert {each.status_code for each in refused} == {503}
    assert {each.json()["code"] for each in refused} == {"over_limit"}
    assert all(1 <= int(each.headers["Retry-After"]) <= 66 for each in refused)
    assert len([each for each in await alerts(bus, tenant) if each[0].startswith("a")]) == 20


async def test_what_is_refused_is_told_by_one_alert_per_key(servers, database, bus, tenant):
    """Critical, since what was refused may be; one a minute, however many calls were refused."""
    key = await a_key(database, tenant)

    async with running(servers) as service:
        await exceed(service.client, key)
        await until(lambda: told(bus, tenant))

    assert await told(bus, tenant) == [
        ("Alerts are refused: the key 'prom' or its tenant is over its limit", "critical", "firing")
    ]


async def test_it_is_resolved_when_nothing_was_refused_for_a_while(servers, database, bus, tenant, monkeypatch):
    """So nobody has to close it."""
    monkeypatch.setattr(overload, "QUIET_SECONDS", 1.0)
    key = await a_key(database, tenant)

    async with running(servers) as service:
        await exceed(service.client, key)

        async def is_over():
            return [status for *_, status in await told(bus, tenant)][-1:] == ["resolved"]

        await until(is_over)

    assert [status for *_, status in await told(bus, tenant)] == ["firing", "resolved"]


async def test_a_storm_of_alerts_makes_no_beat_late(servers, database, tenant):
    """Beats are counted apart."""
    key = await a_key(database, tenant)

    async with running(servers) as service:
        await exceed(service.client, key)
        beat = await service.client.post("/api/v1/heartbeats/nightly", headers=key)

    assert beat.status_code == 200


async def test_other_tenants_go_on(servers, database, tenant, make_other):
    """A limit is a key's and a tenant's, nobody else's."""
    key, other = await a_key(database, tenant), await a_key(database, await make_other())

    async with running(servers) as service:
        await exceed(service.client, key)
        answer = await service.client.post(ALERTMANAGER, json=body("mine"), headers=other)

    assert answer.status_code == 200


async def test_a_tenant_may_have_limits_of_its_own(servers, database, tenant):
    """In force when the registry is read again."""
    key = await a_key(database, tenant)
    async with database.global_tx() as tx:
        await tx.execute(
            "UPDATE public.tenants SET limits = $2 WHERE slug = $1", tenant, {"key_alerts_per_minute": 1_000}
        )

    async with running(servers) as service:
        first = await service.client.post(ALERTMANAGER, json=body(*(f"a{each}" for each in range(20))), headers=key)
        second = await service.client.post(ALERTMANAGER, json=body("late"), headers=key)

    assert (first.status_code, second.status_code) == (200, 200)


@pytest.fixture
def make_other(servers):
    """Makes another tenant."""
    from uuid import uuid4  # noqa: PLC0415

    from nightowl_testkit.servers import make_tenant  # noqa: PLC0415

    return lambda: make_tenant(servers, f"t_{uuid4().hex[:12]}")
