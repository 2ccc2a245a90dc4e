"""The spool in, alerts out: what was accepted while JetStream was away waits for nothing but Postgres."""

import asyncio

import msgspec
import pytest
from nats.js.errors import NotFoundError

from nightowl_common import clock, inbox, spool
from nightowl_common.bus import BusUnavailableError
from nightowl_common.db import DatabaseUnavailableError
from nightowl_common.ids import new_id
from nightowl_common.outbox import Outbox
from nightowl_common.spool import IngestMessage
from nightowl_contracts import Actor, AlertsReceived, ReceivedAlert, ReceivedBatch, encode_event, subjects
from nightowl_contracts.topology import DLQ, INGEST
from nightowl_enrichment.handlers import spooled as spooled_handler
from nightowl_enrichment.handlers.intake import CONSUMER, Enricher
from nightowl_enrichment.handlers.spooled import SpoolTaker

pytestmark = pytest.mark.integration

KEY = Actor(kind="api_key", id="key", name="key")


class DeadBus:
    """A broker that is not there."""

    is_connected = False

    async def hint(self, *_message: object) -> None:
        """Nobody hears it."""

    async def publish(self, *_message: object, **_how: object) -> bool:
        """Nobody takes it."""
        raise BusUnavailableError


def an_event(tenant: str, *told: str) -> AlertsReceived:
    """A call that tells of a problem each: `disk` fires, `-disk` has ended."""
    alerts = [
        ReceivedAlert(
            index=index, fingerprint=each.removeprefix("-"), status="resolved" if each.startswith("-") else "firing",
            severity="critical", title=each,
        )
        for index, each in enumerate(told)
    ]  # fmt: skip
    batch = ReceivedBatch(receipt_id=new_id(), source="generic", alerts=alerts)
    return AlertsReceived(id=new_id(), tenant=tenant, at=clock.utc_now(), actor=KEY, data=batch)


def spooled(event: AlertsReceived, *, body: bytes | None = None) -> IngestMessage:
    """As ingest puts it into the spool."""
    return IngestMessage(
        message_id=f"{event.data.receipt_id}:0", tenant=event.tenant, event_id=event.id, alerts=len(event.data.alerts),
        body=encode_event(event) if body is None else body, trace=None,
    )  # fmt: skip


class Spool:
    """Ingest's side of the spool, and what is left in it."""

    def __init__(self, database, tenant) -> None:
        self._database = database
        self._tenant = tenant

    async def put(self, *messages: IngestMessage) -> None:
        """One commit each, in this order."""
        for each in messages:
            async with self._database.global_tx() as tx:
                await spool.insert(tx, [each])

    async def ids(self) -> list[str]:
        """What waits."""
        async with self._database.global_tx() as tx:
            rows = await tx.fetch("SELECT message_id FROM public.ingest_spool ORDER BY spooled_at")
        return [row["message_id"] for row in rows]

    async def alerts(self) -> list[tuple[str, str, int]]:
        """(fingerprint, status, occurrences) of all alerts."""
        async with self._database.tenant_tx(self._tenant) as tx:
            rows = await tx.fetch("SELECT fingerprint, status, occurrence_count FROM alerts ORDER BY fingerprint")
        return [tuple(row) for row in rows]

    async def dispositions(self, event: AlertsReceived) -> list[str] | None:
        """What the inbox knows."""
        async with self._database.global_tx() as tx:
            found = await inbox.load_handled(tx, CONSUMER, [event.id])
        return found[event.id].dispositions if found else None


@pytest.fixture(autouse=True)
async def nothing_spooled(database):
    """Takers take from every tenant."""

    async def forget() -> None:
        async with database.global_tx() as tx:
            await tx.execute("DELETE FROM public.ingest_spool")

    await forget()
    yield
    await forget()


@pytest.fixture
def waiting(database, tenant) -> Spool:
    return Spool(database, tenant)


@pytest.fixture
def make_taker(database, settings, matcher):
    """One more taker, as another process would run it."""

    def make(bus=None) -> SpoolTaker:
        bus = bus or DeadBus()
        outbox = Outbox(database, bus)
        enricher = Enricher(outbox=outbox, bus=bus, settings=settings, matcher=matcher)
        return SpoolTaker(outbox=outbox, bus=bus, enricher=enricher, settings=settings)

    return make


async def test_alerts_are_opened_counted_and_closed_without_the_bus(waiting, make_taker, tenant):
    """In the order in which they were received, whatever the order in which they were spooled."""
    calls = [an_event(tenant, "disk"), an_event(tenant, "disk", "net"), an_event(tenant, "-disk")]
    await waiting.put(*(spooled(each) for each in reversed(calls)))

    taken = await make_taker().take()

    assert taken == 3
    assert await waiting.alerts() == [("disk", "resolved", 2), ("net", "firing", 1)]
    assert [await waiting.dispositions(each) for each in calls] == [["opened"], ["repeated", "opened"], ["resolved"]]
    assert await waiting.ids() == []


@pytest.mark.parametrize("is_first", ["stream", "spool"])
async def test_what_the_stream_holds_too_is_counted_once(
    waiting, make_taker, pipeline, enriching, tenant, bus, is_first
):
    """Its PubAck was lost, or it was kept for sure: the inbox tells the two apart, whichever comes first."""
    call = an_event(tenant, "disk")
    await waiting.put(spooled(call))

    if is_first == "spool":
        await make_taker(bus).take()
    said = await pipeline.handle(call, message_id=str(new_id()))
    await make_taker(bus).take()

    assert said == ["opened"]
    assert await waiting.alerts() == [("disk", "firing", 1)]
    assert await waiting.ids() == []


async def test_nothing_is_lost_before_the_commit(waiting, make_taker, tenant, monkeypatch):
    """A crash at the last moment: neither alert nor inbox row, and the message still waits."""
    call = an_event(tenant, "disk")
    await waiting.put(spooled(call))

    async def crash(*_arguments: object) -> None:
        raise DatabaseUnavailableError

    with monkeypatch.context() as patched:
        patched.setattr(spool, "delete", crash)
        with pytest.raises(DatabaseUnavailableError):
            await make_taker().take()
    left = (await waiting.alerts(), await waiting.dispositions(call), await waiting.ids())
    await make_taker().take()

    assert left == ([], None, [spooled(call).message_id])
    assert await waiting.alerts() == [("disk", "firing", 1)]


async def test_what_cannot_be_read_holds_up_nobody_and_is_buried_by_the_stream(
    waiting, make_taker, enriching, tenant, bus
):
    """While the bus is away it stays; when that answers, it becomes a dead letter with its disposition."""
    bad, good = an_event(tenant, "disk"), an_event(tenant, "net")
    await waiting.put(spooled(bad, body=b"{}"), spooled(good))
    before = await bus.count(DLQ)

    away = make_taker()
    taken = (await away.take(), await away.pass_on())
    left = await waiting.ids()
    back = make_taker(bus)
    passed = (await back.take(), await back.pass_on())
    async with asyncio.timeout(20):
        while await waiting.dispositions(bad) is None or await bus.count(DLQ) == before:
            await clock.sleep(0.05)

    assert (taken, left) == ((1, 0), [spooled(bad).message_id])
    assert (passed, await waiting.ids()) == ((0, 1), [])
    assert await waiting.alerts() == [("net", "firing", 1)]
    assert await waiting.dispositions(bad) == ["rejected"]


async def test_what_fails_again_and_again_holds_up_nobody(waiting, make_taker, tenant, monkeypatch):
    """It is tried alone until it has failed often enough, and then left to the stream."""
    bad, *good = calls = [an_event(tenant, name) for name in ("bad", "disk", "net")]
    await waiting.put(*(spooled(each) for each in calls))
    apply, tried = Enricher.apply, []

    async def apply_or_fail(self, tx, events, tally):
        tried.append(len(events))
        if any(each.id == bad.id for each in events):
            raise ZeroDivisionError
        return await apply(self, tx, events, tally)

    monkeypatch.setattr(Enricher, "apply", apply_or_fail)
    taker = make_taker()

    taken = await taker.take()
    first = await waiting.alerts()
    async with asyncio.timeout(20):
        while tried.count(1) < 3:  # the neighbours may have been alone as well
            await clock.sleep(0.05)
            await taker.take()
    times = len(tried)
    await taker.take()

    assert taken == len(good)
    assert first == [("disk", "firing", 1), ("net", "firing", 1)]
    assert await waiting.ids() == [spooled(bad).message_id]
    assert len(tried) == times


async def test_a_resolve_never_overtakes_its_firing_that_stands_in_the_stream(
    waiting, make_taker, pipeline, enrichers, tenant, bus
):
    """It finds nothing to resolve, and so it follows the firing through the stream."""
    firing, end = an_event(tenant, "disk"), an_event(tenant, "-disk")
    told = await pipeline.publish(firing)
    await waiting.put(spooled(end))
    taker = make_taker(bus)

    taken = await taker.take()
    left = await waiting.ids()
    await taker.pass_on()
    async with enrichers():
        await asyncio.wait_for(told, 20)
        async with asyncio.timeout(20):
            while await waiting.dispositions(end) is None:
                await clock.sleep(0.05)

    assert (taken, left) == (0, [spooled(end).message_id])
    assert await waiting.alerts() == [("disk", "resolved", 1)]
    assert await waiting.ids() == []


async def test_an_end_that_stands_in_the_stream_does_not_close_what_fires_from_the_spool(
    waiting, make_taker, pipeline, enrichers, tenant, bus
):
    """Nobody read it while the alert fired again; when it is read at last, that has not ended."""
    first, end, again = an_event(tenant, "disk"), an_event(tenant, "-disk"), an_event(tenant, "disk")
    last_end = an_event(tenant, "-disk")
    taker = make_taker(bus)
    await waiting.put(spooled(first))
    await taker.take()
    told = await pipeline.publish(end)
    await waiting.put(spooled(again))

    await taker.take()
    async with enrichers():
        await asyncio.wait_for(told, 20)
        alerts = await waiting.alerts()
        ended = await pipeline.handle(last_end)

    assert [await waiting.dispositions(each) for each in (first, again, end)] == [["opened"], ["repeated"], ["stale"]]
    assert (alerts, ended) == ([("disk", "firing", 2)], ["resolved"])


async def test_not_more_than_so_many_ends_wait_for_the_stream(waiting, make_taker, tenant, monkeypatch):
    """A sender that tells all the time that nothing is wrong does not fill the spool while the bus is away."""
    monkeypatch.setattr(spooled_handler, "MOST_LEFT", 1)
    first, second = an_event(tenant, "-disk"), an_event(tenant, "-net")
    taker = make_taker()

    await waiting.put(spooled(first))
    taken = [await taker.take()]
    await waiting.put(spooled(second))
    taken.append(await taker.take())

    assert taken == [0, 1]
    assert await waiting.ids() == [spooled(first).message_id]
    assert await waiting.dispositions(second) == ["stale"]


async def test_two_takers_take_each_message_once(waiting, make_taker, database, tenant):
    """They take different ones; no alert is counted twice, and none is left."""
    calls = [an_event(tenant, f"a{number}") for number in range(60)]
    async with database.global_tx() as tx:
        await spool.insert(tx, [spooled(each) for each in calls])

    takers = [make_taker(), make_taker()]
    taken = await asyncio.gather(*(each.take() for each in takers))

    assert sum(taken) == len(calls)
    assert {occurrences for _, _, occurrences in await waiting.alerts()} == {1}
    assert len(await waiting.alerts()) == len(calls)
    assert await waiting.ids() == []


async def test_what_was_taken_becomes_history_on_the_stream(waiting, make_taker, outbox, db_clock, tenant, bus):
    """The same bytes under the same ids, so that replays and the ledger know of it."""
    message = spooled(an_event(tenant, "disk"))
    await waiting.put(message)
    await make_taker().take()

    with pytest.raises(NotFoundError):
        await bus.jetstream.get_last_msg(INGEST.name, subjects.ingest(tenant))
    await db_clock.advance(seconds=6)
    await outbox.sweep()

    stored = await bus.jetstream.get_last_msg(INGEST.name, subjects.ingest(tenant))
    assert msgspec.json.decode(stored.data) == msgspec.json.decode(message.body)
    assert message.for_bus().headers.items() <= (stored.headers or {}).items()
    assert stored.headers["Nats-Msg-Id"] == message.message_id
