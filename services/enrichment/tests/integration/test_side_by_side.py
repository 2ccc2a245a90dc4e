"""Batches of one tenant that are in hand at the same time, on a real NATS server and a real Postgres."""

import asyncio

import pytest

from nightowl_alerting import store as kernel
from nightowl_common import clock, inbox
from nightowl_common.ids import new_id
from nightowl_contracts import Actor, AlertsReceived, ReceivedAlert, ReceivedBatch, subjects
from nightowl_contracts.topology import ENRICHMENT
from nightowl_enrichment.handlers.intake import Enricher
from nightowl_enrichment.handlers.turns import Turn

pytestmark = pytest.mark.integration


def an_event(tenant: str, fingerprint: str, status: str = "firing", severity: str = "warning") -> AlertsReceived:
    alert = ReceivedAlert(index=0, fingerprint=fingerprint, status=status, severity=severity, title="Disk full")
    batch = ReceivedBatch(receipt_id=new_id(), source="generic", alerts=[alert], rejected=[])
    key = Actor(kind="api_key", id="key", name="key")
    return AlertsReceived(id=new_id(), tenant=tenant, at=clock.utc_now(), actor=key, data=batch)


@pytest.fixture
def enricher(bus, outbox, settings, matcher):
    return Enricher(outbox=outbox, bus=bus, settings=settings, matcher=matcher)


@pytest.fixture
async def fetched(bus, pipeline):
    """Stores an event and takes it from the stream: its messages, and the future of what becomes of it."""
    subscription = await bus.jetstream.pull_subscribe_bind(durable=ENRICHMENT.name, stream=ENRICHMENT.stream)

    async def fetch(event):
        told = await pipeline.publish(event, message_id=str(new_id()))
        return await subscription.fetch(1, timeout=5), told

    yield fetch
    await subscription.unsubscribe()


class Held:
    """The first transaction stands still before its commit, until it is let go; `written` tells who came so far."""

    def __init__(self, monkeypatch):
        self.reached, self.released, self.written = asyncio.Event(), asyncio.Event(), []
        self._insert = inbox.insert_handled
        monkeypatch.setattr(inbox, "insert_handled", self._hold)

    async def _hold(self, tx, consumer, handled):
        self.written += [each.event_id for each in handled]
        if not self.reached.is_set():
            self.reached.set()
            await self.released.wait()
        await self._insert(tx, consumer, handled)


@pytest.fixture
def held(monkeypatch):
    return Held(monkeypatch)


async def disposition(told) -> str:
    [outcome] = (await asyncio.wait_for(told, 20)).outcomes
    return outcome.disposition


async def test_batches_that_share_nothing_are_written_side_by_side(enricher, fetched, held, tenant):
    """The later one is told of before the earlier one has committed."""
    first, second = an_event(tenant, "a"), an_event(tenant, "b")
    (messages, told), (more, told_later) = await fetched(first), await fetched(second)
    async with asyncio.TaskGroup() as running:
        running.create_task(enricher.on_messages(messages))
        await held.reached.wait()
        running.create_task(enricher.on_messages(more))
        assert await disposition(told_later) == "opened"
        assert not told.done()
        held.released.set()

    assert await disposition(told) == "opened"


async def test_what_joins_groups_waits_for_its_turn_and_holds_nothing_meanwhile(
    enricher, fetched, held, database, tenant, monkeypatch
):
    """Whether a group has begun is known when the earlier batch has committed."""
    async with database.tenant_tx(tenant) as tx:
        await tx.execute(
            "INSERT INTO grouping_rules (name, position, group_by, pages) VALUES ('all', 1, '{cluster}', 'first')"
        )
    first, second = an_event(tenant, "a"), an_event(tenant, "b")
    waiting, read, come = asyncio.Event(), [], Turn.come
    lock = kernel.lock_open_alerts

    async def tell_and_come(turn):
        if held.reached.is_set():
            waiting.set()
        await come(turn)

    async def note_and_lock(tx, fingerprints):
        read.extend(fingerprints)
        return await lock(tx, fingerprints)

    monkeypatch.setattr(Turn, "come", tell_and_come)
    monkeypatch.setattr(kernel, "lock_open_alerts", note_and_lock)
    (messages, told), (more, told_later) = await fetched(first), await fetched(second)
    async with asyncio.TaskGroup() as running:
        running.create_task(enricher.on_messages(messages))
        await held.reached.wait()
        running.create_task(enricher.on_messages(more))
        await asyncio.wait_for(waiting.wait(), 20)
        assert read == ["a"]
        held.released.set()

    assert [await disposition(told), await disposition(told_later)] == ["opened", "opened"]
    assert held.written == [first.id, second.id]


async def test_what_ends_an_alert_that_is_still_being_written_ends_it(enricher, fetched, held, tenant):
    """The resolve waits for the commit of the firing; read before it, there would be nothing to resolve."""
    fires, ends = an_event(tenant, "a"), an_event(tenant, "a", status="resolved")
    (messages, told), (more, told_later) = await fetched(fires), await fetched(ends)
    async with asyncio.TaskGroup() as running:
        running.create_task(enricher.on_messages(messages))
        await held.reached.wait()
        running.create_task(enricher.on_messages(more))
        held.released.set()

    assert [await disposition(told), await disposition(told_later)] == ["opened", "resolved"]


async def test_a_call_that_comes_twice_at_once_counts_once(enricher, fetched, held, database, tenant):
    """The second waits for the inbox row of the first."""
    event = an_event(tenant, "a")
    (messages, _told), (more, told_later) = await fetched(event), await fetched(event)
    async with asyncio.TaskGroup() as running:
        running.create_task(enricher.on_messages(messages))
        await held.reached.wait()
        running.create_task(enricher.on_messages(more))
        held.released.set()

    async with database.tenant_tx(tenant) as tx:
        counts = [row["occurrence_count"] for row in await tx.fetch("SELECT occurrence_count FROM alerts")]
    assert counts == [1]
    assert held.written == [event.id]
    assert await disposition(told_later) == "opened"


@pytest.mark.parametrize(("status", "is_hinted"), [("firing", False), ("resolved", True)])
async def test_workers_are_woken_when_something_may_be_due(
    bus, enricher, fetched, tenant, monkeypatch, status, is_hinted
):
    """What pages nobody wakes nobody."""
    hinted, hint = [], bus.hint

    async def note(subject, body=b""):
        hinted.append(subject)
        await hint(subject, body)

    messages, _ = await fetched(an_event(tenant, "a"))
    await enricher.on_messages(messages)
    monkeypatch.setattr(bus, "hint", note)
    messages, _ = await fetched(an_event(tenant, "b" if status == "firing" else "a", status=status))
    await enricher.on_messages(messages)

    assert (subjects.HINT_TIMERS in hinted) == is_hinted
