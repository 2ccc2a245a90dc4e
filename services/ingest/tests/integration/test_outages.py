"""What ingest does while NATS, Postgres or both are away. The servers are this module's own."""

import asyncio
import signal
from contextlib import asynccontextmanager

import asyncpg
import pytest
import pytest_asyncio
from nats.js.errors import NotFoundError

from nightowl_auth import insert_key, make_key
from nightowl_common import clock
from nightowl_common.bus import Bus, BusUnavailableError
from nightowl_common.db import Database
from nightowl_common.ids import new_id
from nightowl_common.settings import load_settings
from nightowl_contracts import Actor, ReceivedAlert, decode_event, subjects
from nightowl_contracts.topology import INGEST, Header
from nightowl_ingest.api.intake import HELD_SECONDS, PROBE_SECONDS, Intake
from nightowl_ingest.api.recent import KEPT_SECONDS
from nightowl_ingest.app import build
from nightowl_ingest.engine import Call, cut_messages
from nightowl_ingest.model import Reading
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
        await tx.execute("DELETE FROM public.ingest_spool")
        await insert_key(tx, key, tenant=TENANT, role="engineer", description="test")
    async with running_app(build, load_settings(Settings, own.environment)) as service:
        client = service.client_with(X_API_Key=key.raw)
        assert (await client.post(ALERTMANAGER, json=BODY)).status_code == 200
        yield client, database, bus
    await bus.close()
    await database.close()


async def spooled(database):
    """Receipt ids of what waits in the spool, oldest first."""
    async with database.global_tx() as tx:
        rows = await tx.fetch("SELECT message_id FROM public.ingest_spool ORDER BY spooled_at")
    return [row["message_id"].partition(":")[0] for row in rows]


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


async def goes_to_the_stream(client, bus):
    """A call is on the stream again, and not in the spool."""
    answer = await client.post(ALERTMANAGER, json=BODY)
    return answer.json()["receipt_id"] in await receipts_on_stream(bus)


def a_message():
    """As it is published, or spooled."""
    call = Call(
        receipt_id=new_id(), tenant=TENANT, key_id=new_id(), actor=Actor(kind="api_key", id="k", name="k"),
        source="generic", at=clock.utc_now(), trace="00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    )  # fmt: skip
    alert = ReceivedAlert(index=0, fingerprint="f", status="firing", severity="info", title="t")
    [message] = cut_messages(call, Reading(alerts=[alert]), new_id=new_id)
    return message


class MadeUpBus:
    """Takes messages, refuses them, or leaves them without an answer until it is `back`, as `does` says."""

    is_connected = True

    def __init__(self, does):
        self.does = does
        self.asked = []
        self.back = asyncio.Event()

    async def publish(self, message, *, timeout_seconds):
        """As the bus does."""
        self.asked.append(message.id)
        if self.does == "refuse":
            raise BusUnavailableError
        if self.does == "hang":
            await self.back.wait()
        return True


@pytest_asyncio.fixture(loop_scope="session")
async def pool(own):
    """A pool, and an empty spool."""
    database = await Database.connect(own.database_url, size=2, service="tests")
    async with database.global_tx() as tx:
        await tx.execute("DELETE FROM public.ingest_spool")
    yield database
    await database.close()


@pytest.fixture
def steady(monkeypatch):
    """The steady clock, to be moved by hand."""
    moved = [0.0]
    monkeypatch.setattr(clock, "monotonic_seconds", lambda: moved[0])

    def move(seconds):
        moved[0] += seconds

    return move


def receipts(*messages):
    """As `spooled` tells them."""
    return [each.message_id.partition(":")[0] for each in messages]


async def test_alerts_are_accepted_while_nats_is_stopped(own):
    """Every call gets its 2xx and waits in the spool, under its own ids; afterwards calls go to the stream again."""
    async with opened(own) as (client, database, bus):
        own.stack.nats.stop()
        try:
            answers = [await client.post(ALERTMANAGER, json=BODY, headers={"Prefer": "wait=5"}) for _ in range(20)]
            waiting = await spooled(database)
            ready = await client.get("/readyz")
        finally:
            own.stack.nats.start()
        await until(lambda: is_connected(bus))
        await until(lambda: goes_to_the_stream(client, bus))

    assert {each.status_code for each in answers} == {200}
    assert waiting[-len(answers) :] == [each.json()["receipt_id"] for each in answers]
    assert ready.status_code == 200


async def test_a_frozen_nats_costs_the_first_caller_a_second_and_the_others_nothing(own):
    """The first waits for its PubAck in vain; while the circuit is open nobody does, for probes are spooled as well."""
    async with opened(own) as (client, database, bus):
        own.stack.nats.send(signal.SIGSTOP)
        try:
            first = await client.post(ALERTMANAGER, json=BODY)
            started = clock.monotonic_seconds()
            others = [await client.post(ALERTMANAGER, json=BODY) for _ in range(10)]
            seconds = clock.monotonic_seconds() - started
            waiting = await spooled(database)
        finally:
            own.stack.nats.send(signal.SIGCONT)
        await until(lambda: is_connected(bus))

    answers = [first, *others]
    assert {each.status_code for each in answers} == {200}
    assert seconds < 3
    assert waiting[-len(answers) :] == [each.json()["receipt_id"] for each in answers]


async def test_nobody_waits_for_a_probe_and_the_first_that_is_taken_closes_the_circuit(pool, steady):
    """A message that is spooled already is the probe, one at a time."""
    bus, messages = MadeUpBus("refuse"), [a_message() for _ in range(4)]
    intake = Intake(pool, bus)

    while_away = [await intake.accept([messages[0]])]
    bus.does = "hang"
    for message in messages[1:3]:
        steady(PROBE_SECONDS)
        while_away.append(await intake.accept([message]))
    asked = list(bus.asked)
    bus.back.set()
    await intake.close()
    afterwards = await intake.accept([messages[3]])

    assert (while_away, afterwards) == ([False, False, False], True)
    assert asked == [each.message_id for each in messages[:2]]
    assert await spooled(pool) == receipts(*messages[:3])


async def test_what_nobody_reads_from_the_stream_goes_to_the_spool_too(pool, steady):
    """What was published lately, and all that comes for as long as enrichment says that nothing reaches it."""
    bus, messages = MadeUpBus("take"), [a_message() for _ in range(5)]
    intake = Intake(pool, bus)

    taken = [await intake.accept([messages[0]])]
    steady(KEPT_SECONDS + 1)
    taken.append(await intake.accept([messages[1]]))
    await intake.on_unread(b"")
    taken.append(await intake.accept([messages[2]]))
    asked = list(bus.asked)
    steady(HELD_SECONDS)
    taken.append(await intake.accept([messages[3]]))
    await intake.close()
    taken.append(await intake.accept([messages[4]]))

    assert taken == [True, True, False, False, True]
    assert asked == [each.message_id for each in messages[:2]]
    assert await spooled(pool) == receipts(*messages[1:4])


async def test_what_was_published_just_before_nats_died_waits_for_nobody(own):
    """The stream may hold it and give it to nobody for as long as it likes; there need be no other call."""
    async with opened(own) as (client, database, _bus):
        answer = await client.post(ALERTMANAGER, json=BODY)
        own.stack.nats.kill()

        async def is_spooled():
            return answer.json()["receipt_id"] in await spooled(database)

        try:
            await until(is_spooled)
        finally:
            own.stack.nats.start()


async def test_without_nats_and_postgres_nothing_is_promised(own):
    """503 with Retry-After, never 429; and it works again when they are back."""
    async with opened(own) as (client, _database, bus):
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
        await until(lambda: goes_to_the_stream(client, bus))

    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
    assert int(answer.headers["retry-after"]) > 0
    assert ready.status_code == 503


async def test_nats_alone_may_come_back(own, pool, steady):
    """Postgres is still away: the probe tells that the stream takes messages, and so the call is not refused."""
    bus = MadeUpBus("refuse")
    intake = Intake(pool, bus)
    await intake.publish(a_message())
    bus.does = "take"
    steady(PROBE_SECONDS)
    own.stack.postgres.stop()
    try:
        is_stored = await intake.accept([a_message()])
    finally:
        own.stack.postgres.start()

    assert is_stored


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


async def test_a_beat_is_accepted_while_nats_is_stopped(own):
    """With the moment at which it was heard, so that a heartbeat is judged by that."""
    async with opened(own) as (client, database, _bus):
        own.stack.nats.stop()
        before = clock.utc_now()
        try:
            answer = await client.post("/api/v1/heartbeats/nightly")
            after = clock.utc_now()
        finally:
            own.stack.nats.start()
        async with database.global_tx() as tx:
            *_, row = await tx.fetch("SELECT body FROM public.ingest_spool ORDER BY spooled_at")

    event = decode_event(row["body"])
    assert (answer.status_code, str(event.data.receipt_id)) == (200, answer.json()["receipt_id"])
    assert before <= event.at <= after
