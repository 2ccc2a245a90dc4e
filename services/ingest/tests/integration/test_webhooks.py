"""The webhooks on a real NATS server and a real Postgres."""

import asyncio
import re

import msgspec
import pytest
from nats.js.errors import NotFoundError

from nightowl_auth import insert_key, make_key
from nightowl_common import clock
from nightowl_common.settings import load_settings
from nightowl_contracts import AlertsReceived, BatchHandled, Outcome, decode_event, subjects
from nightowl_contracts.topology import INGEST, Header
from nightowl_ingest.app import build
from nightowl_ingest.settings import Settings
from nightowl_testkit.apps import running_app

pytestmark = pytest.mark.integration

ALERTMANAGER = "/api/v1/webhooks/alertmanager"
GENERIC = "/api/v1/webhooks/generic"
NOW = {"Prefer": "respond-async"}


def running(servers, **environment):
    """The service, with a client."""
    return running_app(build, load_settings(Settings, {**servers.environment, **environment}))


async def a_key(database, tenant, role="engineer", scope="full"):
    key = make_key()
    async with database.global_tx() as tx:
        await insert_key(tx, key, tenant=tenant, role=role, description="test", scope=scope)
    return {"X-API-Key": key.raw}


async def on_stream(bus, tenant):
    """All messages of a tenant, oldest first."""
    found, sequence = [], 1
    while True:
        try:
            message = await bus.jetstream.get_msg(INGEST.name, seq=sequence, subject=subjects.ingest(tenant), next=True)
        except NotFoundError:
            return found
        found.append(message)
        sequence = message.seq + 1


async def events(bus, tenant):
    return [decode_event(each.data) for each in await on_stream(bus, tenant)]


@pytest.fixture
async def client(servers):
    """Somebody who talks to the service."""
    async with running(servers) as service:
        yield service.client


@pytest.fixture
async def key(database, tenant):
    return await a_key(database, tenant)


def an_alert(**changes):
    given = {"status": "firing", "labels": {"alertname": "DiskFull", "severity": "critical"}, "fingerprint": "f1"}
    return {**given, **changes}


async def until(condition, seconds=15.0):
    """Waits for what no event tells."""
    async with asyncio.timeout(seconds):
        while not await condition():
            await clock.sleep(0.02)


async def test_a_2xx_means_that_the_alert_is_on_the_stream(client, bus, tenant, key):
    """The receipt, the event and the message agree with each other."""
    answer = await client.post(ALERTMANAGER, json={"alerts": [an_alert()]}, headers=key)

    (message,) = await on_stream(bus, tenant)
    event = decode_event(message.data)
    assert answer.status_code == 200
    assert isinstance(event, AlertsReceived)
    receipt = str(event.data.receipt_id)
    assert answer.json() == {
        "receipt_id": receipt,
        "alerts": [{"index": 0, "event_id": f"{receipt}:0"}],
        "rejected": [],
        "truncated": 0,
    }
    assert event.data.alerts[0].title == "DiskFull"
    assert event.tenant == tenant
    assert message.headers[Header.MESSAGE_ID] == f"{receipt}:0"
    assert message.headers[Header.EVENT_ID] == str(event.id)
    assert message.headers[Header.ALERTS] == "1"
    assert message.headers[Header.TRACE] == event.trace


async def test_request_id_and_trace_are_the_callers(client, bus, tenant, key):
    """When there are any; and both come back or travel on."""
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    headers = {**key, "X-Request-ID": "mine-1", "traceparent": trace}

    answer = await client.post(ALERTMANAGER, json={"alerts": [an_alert()]}, headers=headers)

    assert answer.headers["x-request-id"] == "mine-1"
    assert [each.trace for each in await events(bus, tenant)] == [trace]


async def test_the_key_may_come_as_bearer_or_basic(client, key):
    """Old Alertmanagers and Grafana cannot send a header of their own."""
    raw = key["X-API-Key"]

    bearer = await client.post(GENERIC, json=[], headers={"Authorization": f"Bearer {raw}"})
    basic = await client.post(GENERIC, json=[], auth=("anyone", raw))

    assert (bearer.status_code, basic.status_code) == (200, 200)


@pytest.mark.parametrize("headers", [{}, {"X-API-Key": "ow_wrong_key_that_nobody_ever_made"}, {"X-API-Key": "x"}])
async def test_without_a_valid_key_nothing_is_read(client, headers):
    """401, and how to do better."""
    answer = await client.post(GENERIC, content=b"{", headers=headers)

    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["www-authenticate"].startswith("Basic")
    assert answer.json()["code"] == "unauthenticated"
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


async def test_a_readonly_key_may_not_send(client, bus, database, tenant):
    """403."""
    answer = await client.post(GENERIC, json={"title": "x"}, headers=await a_key(database, tenant, "readonly"))

    assert answer.status_code == 403
    assert await on_stream(bus, tenant) == []


async def test_a_key_that_may_only_send_may_send(client, bus, database, tenant):
    """Its role does not matter."""
    headers = await a_key(database, tenant, "readonly", scope="ingest")

    answer = await client.post(GENERIC, json={"title": "x"}, headers={**headers, **NOW})

    assert answer.status_code == 200
    assert len(await on_stream(bus, tenant)) == 1


async def test_a_2_mib_body_is_refused(client, bus, tenant, key):
    """By its declared length, and also when it comes in pieces without one."""
    body = b" " * 2 * 1024**2

    async def pieces():
        for start in range(0, len(body), 65_536):
            yield body[start : start + 65_536]

    declared = await client.post(GENERIC, content=body, headers=key)
    streamed = await client.post(GENERIC, content=pieces(), headers=key)

    assert [declared.status_code, streamed.status_code] == [413, 413]
    assert await on_stream(bus, tenant) == []


async def test_methods_and_sources_that_are_not_there(client, key):
    """405 with what is allowed; 404."""
    get = await client.get(GENERIC, headers=key)
    other = await client.post("/api/v1/webhooks/nagios", json={}, headers=key)
    beyond = await client.get("/api/v1/nothing")

    assert (get.status_code, get.headers["allow"]) == (405, "POST")
    assert (other.status_code, other.json()["code"]) == (404, "unknown_source")
    assert beyond.status_code == 404


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        (b"", 400, "$"),
        (b'{"alerts":[', 400, "$"),
        (b'{"alerts":' + b"[" * 1000 + b"]" * 1000 + b"}", 400, "$"),
        (b'{"alerts":5}', 422, "$.alerts"),
        (b'{"alerts":[{"labels":{"severity":3}}]}', 422, "$.alerts[0].labels.severity"),
    ],
)
async def test_a_refused_body_is_answered_and_recorded(client, bus, tenant, key, body, status, field):
    """The sender hears the field, and enrichment gets the item to list."""
    answer = await client.post(ALERTMANAGER, content=body, headers=key)

    async def is_recorded():
        return bool(await on_stream(bus, tenant))

    await until(is_recorded)
    (event,) = await events(bus, tenant)
    assert answer.status_code == status
    if status == 422:
        assert [each["field"] for each in answer.json()["errors"]] == [field]
    assert event.data.alerts == []
    assert [(each.field, each.raw[:10]) for each in event.data.rejected] == [
        (field, body.decode()[:10] if field != "$.alerts[0].labels.severity" else '{"labels":')
    ]


async def test_refused_bodies_are_recorded_at_a_bounded_rate(client, bus, tenant, key):
    """A broken sender is listed, but cannot fill the stream."""
    answers = await asyncio.gather(*(client.post(GENERIC, content=b"{", headers=key) for _ in range(40)))

    assert {each.status_code for each in answers} == {400}
    await until(lambda: _has(bus, tenant, 10))
    assert len(await on_stream(bus, tenant)) < 20


async def _has(bus, tenant, count):
    return len(await on_stream(bus, tenant)) >= count


async def test_one_bad_alert_of_ten_leaves_nine_and_is_listed(client, bus, tenant, key):
    """Nine are live, the bad one travels with its reason, and the sender is told."""
    alerts = [an_alert(fingerprint=f"f{n}") for n in range(10)]
    alerts[3]["labels"] = {"alertname": "Bad", "severity": 3}

    answer = await client.post(ALERTMANAGER, json={"alerts": alerts}, headers=key)

    (message,) = await on_stream(bus, tenant)
    batch = decode_event(message.data).data
    assert answer.status_code == 200
    assert [each["index"] for each in answer.json()["alerts"]] == [0, 1, 2, 4, 5, 6, 7, 8, 9]
    assert [(each["index"], each["field"]) for each in answer.json()["rejected"]] == [
        (3, "$.alerts[3].labels.severity")
    ]
    assert [each.fingerprint for each in batch.alerts] == [f"f{n}" for n in range(10) if n != 3]
    assert [each.index for each in batch.rejected] == [3]
    assert '"Bad"' in batch.rejected[0].raw
    assert message.headers[Header.ALERTS] == "10"


async def test_nul_never_reaches_the_stream(client, bus, tenant, key):
    """Postgres would refuse it, and with it the whole batch."""
    body = rb'{"alerts":[{"labels":{"alertname":"a\u0000b\ud800"}}]}'

    answer = await client.post(ALERTMANAGER, content=body, headers=key)

    assert answer.status_code == 200
    assert (await events(bus, tenant))[0].data.alerts[0].title == "a\ufffdb\ufffd"


async def test_many_alerts_become_several_messages(client, bus, tenant, key):
    """120 alerts, three messages, one receipt; 2,001 are too many."""
    answer = await client.post(GENERIC, json=[{"title": f"t{n}"} for n in range(120)], headers={**key, **NOW})
    refused = await client.post(GENERIC, json=[{"title": "t"}] * 2_001, headers=key)

    assert len(answer.json()["alerts"]) == 120
    assert refused.status_code == 413
    await until(lambda: _has(bus, tenant, 4))
    batches = [each.data for each in await events(bus, tenant)]
    assert sorted(len(each.alerts) for each in batches) == [0, 20, 50, 50]
    assert batches[3].rejected[0].field == "$"


async def test_an_empty_list_is_accepted_and_publishes_nothing(client, bus, tenant, key):
    """An odd call, but no error."""
    answer = await client.post(ALERTMANAGER, json={"alerts": [], "truncatedAlerts": 2}, headers=key)

    assert (answer.status_code, answer.json()["alerts"], answer.json()["truncated"]) == (200, [], 2)
    assert await on_stream(bus, tenant) == []


async def handle_one(bus, tenant):
    """Plays enrichment for one message."""
    await until(lambda: _has(bus, tenant, 1))
    (message,) = await on_stream(bus, tenant)
    event = decode_event(message.data)
    told = BatchHandled(
        receipt_id=event.data.receipt_id,
        event_id=event.id,
        outcomes=[Outcome(index=0, disposition="opened", alert_id=event.id)],
    )
    await bus.hint(message.headers[Header.REPLY_TO], msgspec.json.encode(told))
    return event


async def test_who_waits_hears_the_disposition(client, bus, tenant, key):
    """Within the time asked for, over the process's own subject."""
    asking = client.post(ALERTMANAGER, json={"alerts": [an_alert()]}, headers={**key, "Prefer": "wait=10"})

    answer, event = await asyncio.gather(asking, handle_one(bus, tenant))

    assert answer.headers["preference-applied"] == "wait=10"
    assert answer.json()["alerts"] == [
        {
            "index": 0,
            "event_id": f"{event.data.receipt_id}:0",
            "disposition": "opened",
            "alert_id": str(event.id),
        }
    ]


async def test_generic_senders_wait_by_default_and_get_their_receipt_anyway(servers, bus, tenant, key):
    """Nobody answers: the alert is durable all the same."""
    async with running(servers, NIGHTOWL_GENERIC_WAIT_SECONDS="0.05") as service:
        answer = await service.client.post(GENERIC, json={"title": "x"}, headers=key)

    (message,) = await on_stream(bus, tenant)
    assert answer.status_code == 200
    assert "disposition" not in answer.json()["alerts"][0]
    assert "preference-applied" not in answer.headers
    assert Header.REPLY_TO in message.headers


async def test_who_does_not_wait_asks_for_no_reply(client, bus, tenant, key):
    """`respond-async` is honoured, and said so."""
    answer = await client.post(GENERIC, json={"title": "x"}, headers={**key, **NOW})

    assert answer.headers["preference-applied"] == "respond-async"
    assert Header.REPLY_TO not in (await on_stream(bus, tenant))[0].headers


async def test_requests_and_alerts_are_counted(client, key):
    """Under the names that dashboards know, without ids or tenants."""
    await client.post(GENERIC, json=[{"title": "x", "severity": "p2"}, {}], headers={**key, **NOW})

    metrics = (await client.get("/metrics")).text

    assert re.search(r'nightowl_alerts_received_total\{severity="major",source="generic"\} [1-9]', metrics)
    assert re.search(r'nightowl_alerts_rejected_total\{source="generic"\} [1-9]', metrics)
    assert re.search(
        r'nightowl_api_request_duration_seconds_count\{method="POST",path="/api/v1/webhooks/generic",status="200"\}',
        metrics,
    )


async def test_the_service_is_ready(client):
    """Both stores are there."""
    answer = await client.get("/readyz")

    assert (answer.status_code, answer.json()) == (200, {"status": "ready", "failing": {}})


BEAT = "/api/v1/heartbeats/nightly-backup"


@pytest.mark.parametrize("body", [b"", b"not json", b'{"job": "backup"}'], ids=["none", "any", "json"])
async def test_a_2xx_means_that_the_beat_is_on_the_stream(client, bus, tenant, key, body):
    """It names its heartbeat and travels as an alert does; the body is not looked at."""
    answer = await client.post(BEAT, content=body, headers=key)

    (event,) = await events(bus, tenant)
    receipt = str(event.data.receipt_id)
    assert answer.status_code == 200
    assert answer.json()["alerts"] == [{"index": 0, "event_id": f"{receipt}:0"}]
    assert event.data.source == "heartbeat"
    assert [each.labels for each in event.data.alerts] == [{"heartbeat": "nightly-backup"}]


@pytest.mark.parametrize("method", ["GET", "PUT", "HEAD"])
async def test_only_a_post_is_a_beat(client, bus, tenant, key, method):
    """A crawler or a browser that looks at the address keeps nothing alive."""
    answer = await client.request(method, BEAT, headers=key)

    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    assert await events(bus, tenant) == []


async def test_a_beat_needs_a_key_that_may_write(client, database, bus, tenant):
    """As the webhooks do."""
    reader = await a_key(database, tenant, "readonly")

    assert (await client.post(BEAT)).status_code == 401
    assert (await client.post(BEAT, headers=reader)).status_code == 403
    assert await events(bus, tenant) == []


@pytest.mark.parametrize("name", ["", "-x", "a b", "a/b", "x" * 101, "caf%C3%A9"])
async def test_a_name_that_nothing_can_have_is_refused(client, bus, tenant, key, name):
    """At once, with the field; an unknown but possible one is accepted and listed later."""
    answer = await client.post(f"/api/v1/heartbeats/{name}", headers=key)

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "name")
    assert await events(bus, tenant) == []


async def test_a_beat_with_a_body_that_is_too_large_is_refused(client, key):
    """Ignored is not unlimited."""
    assert (await client.post(BEAT, content=b"x" * (1024**2 + 1), headers=key)).status_code == 413


async def test_calls_of_a_suspended_tenant_are_refused(servers, database, bus, tenant):
    """403 with a code of its own, for webhooks and beats; nothing of it is on the stream; taken when it is resumed."""
    key = await a_key(database, tenant)
    body = {"alerts": [{"title": "disk"}]}

    async def set_status(status):
        async with database.global_tx() as tx:
            await tx.execute("UPDATE public.tenants SET status = $2 WHERE slug = $1", tenant, status)

    await set_status("suspended")
    async with running(servers, NIGHTOWL_SWEEP_SECONDS="0.05") as service:
        refused = [
            await service.client.post(path, json=body, headers={**key, **NOW})
            for path in (GENERIC, "/api/v1/heartbeats/nightly")
        ]
        sent = await on_stream(bus, tenant)
        await set_status("active")
        async with asyncio.timeout(20):
            while (answer := await service.client.post(GENERIC, json=body, headers={**key, **NOW})).status_code == 403:
                await asyncio.sleep(0.05)

    assert [(each.status_code, each.json()["code"]) for each in refused] == [(403, "tenant_suspended")] * 2
    assert sent == []
    assert answer.status_code == 200
    assert len(await on_stream(bus, tenant)) == 1
