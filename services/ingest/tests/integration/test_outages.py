"""What ingest does while NATS, Postgres or both are away. The servers are this module's own."""

import asyncio
import signal
from contextlib import asynccontextmanager

import asyncpg
import msgspec
import pytest
import pytest_asyncio
from nats.js.errors import NotFoundError

from nightowl_auth import insert_key, make_key
from nightowl_common import clock
from nightowl_common.bus import Bus
from nightowl_common.db import Database
from nightowl_common.ids import new_id
from nightowl_common.settings import load_settings
from nightowl_contracts import Actor, ReceivedAlert, decode_event, subjects
from nightowl_contracts.topology import INGEST, Header
from nightowl_ingest import store
from nightowl_ingest.app import build
from nightowl_ingest.engine import Call, cut_messages
from nightowl_ingest.jobs import sweep_spool
from nightowl_ingest.model import IngestMessage, Reading
from nightowl_ingest.settings import Settings
from nightowl_sql import create_tenant
from nightowl_testkit.apps import running_app
from nightowl_testkit.servers import running_servers

pytestmark = pytest.mark.integration

ALERTMANAGER = "/api/v1/webhooks/alertmanager"
TENANT = "acme"
BODY = {"alerts": [{"labels": {"alertname": "DiskFull"}, "fingerprint": "f"}]}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def own():
    """Servers that may be stopped without troubling other tests."""
    async with running_servers() as servers:
        connection = await asyncpg.connect(servers.database_url)
        await create_tenant(connection, slug=TENANT, name="Acme")
        await connection.close()
        yield servers


@asynccontextmanager
async def opened(own):
    """A pool, a bus connection, and the service with a client that knows its key."""
    database = await Database.connect(own.database_url, size=2, service="tests")
    bus = await Bus.connect(own.nats_url, service="tests", on_closed=lambda: None)
    key = make_key()
    async with database.global_tx() as tx:
        await insert_key(tx, key, tenant=TENANT, role="engineer", description="test")
    settings = load_settings(Settings, {**own.environment, "NIGHTOWL_SPOOL_SECONDS": "0.1"})
    async with running_app(build, settings) as service:
        client = service.client_with(X_API_Key=key.raw)
        assert (await client.post(ALERTMANAGER, json=BODY)).status_code == 200
        yield client, database, bus
    await bus.close()
    await database.close()


async def spooled(database):
    async with database.global_tx() as tx:
        return await tx.fetchval("SELECT count(*) FROM public.ingest_spool")


async def receipts_on_stream(bus):
    """Receipt ids of all messages, oldest first."""
    found, sequence = [], 1
    while True:
        try:
            message = await bus.jetstream.get_msg(INGEST.name, seq=sequence, subject=subjects.ingest(TENANT), next=True)
        except NotFoundError:
            return found
        event = decode_event(message.data)
        assert message.headers[Header.MESSAGE_ID] == f"{event.data.receipt_id}:0"
        assert message.headers[Header.EVENT_ID] == str(event.id)
        found.append(str(event.data.receipt_id))
        sequence = message.seq + 1


async def until(condition, seconds=20.0):
    """Waits for what no event tells."""
    async with asyncio.timeout(seconds):
        while not await condition():
            await clock.sleep(0.05)


async def is_connected(bus):
    return bus.is_connected


async def is_drained(database):
    return await spooled(database) == 0


async def test_alerts_are_accepted_while_nats_is_stopped_and_published_once_after(own):
    """Every call gets its 2xx; afterwards each receipt is on the stream exactly once, under its own ids."""
    async with opened(own) as (client, database, bus):
        own.stack.nats.stop()
        try:
            answers = [await client.post(ALERTMANAGER, json=BODY, headers={"Prefer": "wait=5"}) for _ in range(20)]
            waiting = await spooled(database)
            ready = await client.get("/readyz")
        finally:
            own.stack.nats.start()
        await until(lambda: is_connected(bus))
        await until(lambda: is_drained(database))
        receipts = await receipts_on_stream(bus)

    assert {each.status_code for each in answers} == {200}
    assert waiting == 20
    assert ready.status_code == 200
    assert all(receipts.count(each.json()["receipt_id"]) == 1 for each in answers)


async def test_a_frozen_nats_costs_some_callers_a_second_and_the_others_nothing(own):
    """The first waits for its PubAck in vain; while the circuit is open only a probe per quarter second does."""
    async with opened(own) as (client, database, bus):
        before = len(await receipts_on_stream(bus))
        own.stack.nats.send(signal.SIGSTOP)
        try:
            first = await client.post(ALERTMANAGER, json=BODY)
            started = clock.monotonic_seconds()
            others = [await client.post(ALERTMANAGER, json=BODY) for _ in range(10)]
            seconds = clock.monotonic_seconds() - started
        finally:
            own.stack.nats.send(signal.SIGCONT)
        await until(lambda: is_connected(bus))
        await until(lambda: is_drained(database))
        receipts = await receipts_on_stream(bus)

    answers = [first, *others]
    assert {each.status_code for each in answers} == {200}
    assert seconds < 3
    assert all(receipts.count(each.json()["receipt_id"]) == 1 for each in answers)
    assert len(receipts) == before + len(answers)


async def test_without_nats_and_postgres_nothing_is_promised(own):
    """503 with Retry-After, never 429; and it works again when they are back."""
    async with opened(own) as (client, database, bus):
        before = len(await receipts_on_stream(bus))
        own.stack.nats.stop()
        own.stack.postgres.stop()
        try:
            answer = await client.post(ALERTMANAGER, json=BODY)
            ready = await client.get("/readyz")
        finally:
            own.stack.postgres.start()
            own.stack.nats.start()
        await until(lambda: is_connected(bus))

        async def is_accepted():
            return (await client.post(ALERTMANAGER, json=BODY)).status_code == 200

        await until(is_accepted)
        await until(lambda: is_drained(database))
        after = len(await receipts_on_stream(bus))

    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
    assert int(answer.headers["retry-after"]) > 0
    assert ready.status_code == 503
    assert after > before


async def test_postgres_alone_may_be_away(own):
    """A key that was seen lately still works, and the stream is enough."""
    async with opened(own) as (client, _database, bus):
        own.stack.postgres.stop()
        try:
            answer = await client.post(ALERTMANAGER, json=BODY)
            ready = await client.get("/readyz")
        finally:
            own.stack.postgres.start()
        receipts = await receipts_on_stream(bus)

    assert (answer.status_code, ready.status_code) == (200, 200)
    assert receipts.count(answer.json()["receipt_id"]) == 1


async def test_a_message_that_was_stored_before_its_ack_was_lost_is_not_doubled(own):
    """Spooled although the stream had it: draining publishes it under the same id, and the stream knows it."""
    async with opened(own) as (client, database, bus):
        answer = await client.post(ALERTMANAGER, json=BODY)
        receipt = answer.json()["receipt_id"]
        again = IngestMessage(
            message_id=f"{receipt}:0", tenant=TENANT, event_id=new_id(), alerts=1, body=b"{}", trace=None
        )
        async with database.global_tx() as tx:
            await store.insert_spooled(tx, [again, again])
        await until(lambda: is_drained(database))
        receipts = await receipts_on_stream(bus)

    assert receipts.count(receipt) == 1


async def test_two_processes_drain_each_row_once(own):
    """They take different rows; none is left and none is on the stream twice."""
    async with opened(own) as (_client, database, bus):
        call = Call(
            receipt_id=new_id(),
            tenant=TENANT,
            key_id=new_id(),
            actor=Actor(kind="api_key", id="k", name="k"),
            source="generic",
            at=clock.utc_now(),
            trace="00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        )
        calls = [msgspec.structs.replace(call, receipt_id=new_id()) for _ in range(450)]
        alert = ReceivedAlert(index=0, fingerprint="f", status="firing", severity="info", title="t")
        messages = [cut_messages(each, Reading(alerts=[alert]), new_id=new_id)[0] for each in calls]
        async with database.global_tx() as tx:
            await store.insert_spooled(tx, messages)
        await asyncio.gather(sweep_spool(database, bus), sweep_spool(database, bus))
        await until(lambda: is_drained(database))
        receipts = await receipts_on_stream(bus)

    assert all(receipts.count(str(each.receipt_id)) == 1 for each in calls)


async def test_a_beat_is_accepted_while_nats_is_stopped_and_published_after(own):
    """With the moment at which it was heard, so that a heartbeat is judged by that."""
    async with opened(own) as (client, database, bus):
        own.stack.nats.stop()
        try:
            answer = await client.post("/api/v1/heartbeats/nightly")
            waiting = await spooled(database)
        finally:
            own.stack.nats.start()
        await until(lambda: is_drained(database))

        assert (answer.status_code, waiting) == (200, 1)
        assert (await receipts_on_stream(bus))[-1] == answer.json()["receipt_id"]
