"""What a transaction tells leaves after its commit, at least once, under the same ids."""

import asyncio

import pytest

from nightowl_common import clock
from nightowl_common.bus import Bus, BusUnavailableError
from nightowl_common.ids import new_id
from nightowl_common.outbox import Outbox
from nightowl_contracts import Actor, PageRequested, RequestedPage, subjects
from nightowl_contracts.topology import PAGES, Header

pytestmark = pytest.mark.integration

SERVICE = Actor(kind="service", id="test", name="test")


def a_page(tenant, **changes):
    """The smallest event."""
    asked = RequestedPage(delivery_id=new_id(), channel="sms")
    return PageRequested(id=new_id(), tenant=tenant, at=clock.utc_now(), actor=SERVICE, data=asked, **changes)


async def told(bus, tenant):
    """Ids of what is on the stream, oldest first."""
    found = await bus.scan(PAGES, subject=subjects.page(tenant, "sms"))
    assert all(each.headers[Header.MESSAGE_ID] == each.headers[Header.EVENT_ID] for each in found)
    return [each.headers[Header.EVENT_ID] for each in found]


async def left(database, tenant):
    """Bundles that wait."""
    async with database.global_tx() as tx:
        return await tx.fetchval("SELECT count(*) FROM public.outbox WHERE strpos(messages, $1) > 0", tenant)


async def commit(outbox, tenant, *events):
    async with outbox.tenant_tx(tenant) as tx:
        for event in events:
            tx.emit(event)
    await outbox.close()


class Failing:
    """A bus for the moments between commit and the last PubAck; passes on to a real one, or not."""

    def __init__(self, bus, *, publishes, raises=BusUnavailableError):
        self._bus = bus
        self._publishes = publishes
        self._raises = raises
        self.is_connected = True

    async def publish_all(self, messages):
        """Perhaps stores them, certainly says it did not."""
        if self._publishes:
            await self._bus.publish_all(messages)
        raise self._raises


class Counting:
    """A bus that notes which ids went out; the first call waits until the other sweeper has begun too."""

    def __init__(self, bus, both):
        self._bus = bus
        self._both = both
        self.ids = []
        self.is_connected = True

    async def publish_all(self, messages):
        """Notes and stores them."""
        if not self.ids:
            await asyncio.wait_for(self._both.wait(), 4)
        self.ids += [each.id for each in messages]
        await self._bus.publish_all(messages)


@pytest.fixture
async def closed_bus(servers):
    """As after a crash: nobody is there to publish."""
    made = await Bus.connect(servers.nats_url, service="closed", on_closed=lambda: None)
    await made.close()
    return made


async def test_a_commit_publishes_all_with_their_ids_and_deletes_the_row(database, bus, tenant):
    """In the order in which they were told."""
    events = [a_page(tenant) for _ in range(25)]

    await commit(Outbox(database, bus), tenant, *events)

    assert await told(bus, tenant) == [str(each.id) for each in events]
    assert await left(database, tenant) == 0


async def test_the_trace_travels_with_the_event(database, bus, tenant):
    """As a header, so that nobody has to open the body."""
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"

    await commit(Outbox(database, bus), tenant, a_page(tenant, trace=trace))

    [message] = await bus.scan(PAGES, subject=subjects.page(tenant, "sms"))
    assert message.headers[Header.TRACE] == trace


@pytest.mark.parametrize("error", [RuntimeError, asyncio.CancelledError])
async def test_a_rollback_publishes_nothing(database, bus, tenant, error):
    """Neither now nor by the sweeper."""
    outbox = Outbox(database, bus)

    async def work():
        async with outbox.tenant_tx(tenant) as tx:
            tx.emit(a_page(tenant))
            raise error

    with pytest.raises(error):
        await work()
    await outbox.close()

    assert await told(bus, tenant) == []
    assert await left(database, tenant) == 0


async def test_a_transaction_that_tells_nothing_leaves_no_row(database, bus, tenant):
    """Most do not."""
    await commit(Outbox(database, bus), tenant)

    assert await left(database, tenant) == 0


async def test_events_of_several_tenants_leave_in_one_bundle(database, bus, tenant):
    """A batch over tenants is one global transaction."""
    outbox = Outbox(database, bus)
    async with outbox.global_tx() as tx:
        await tx.enter_tenant(tenant)
        tx.emit(a_page(tenant))
        tx.emit(a_page(f"{tenant}_b"))
    await outbox.close()

    assert len(await told(bus, tenant)) == len(await told(bus, f"{tenant}_b")) == 1


async def test_a_crash_between_commit_and_publish_leaves_the_row_to_the_sweeper(
    database, bus, tenant, closed_bus, db_clock
):
    """Which waits 5 s, publishes under the same ids, and does it once."""
    events = [a_page(tenant) for _ in range(3)]
    await commit(Outbox(database, closed_bus), tenant, *events)
    assert (await told(bus, tenant), await left(database, tenant)) == ([], 1)
    outbox = Outbox(database, bus)

    await outbox.sweep()
    assert await left(database, tenant) == 1
    await db_clock.advance(seconds=6)
    assert await outbox.sweep() >= 1
    assert await outbox.sweep() == 0

    assert await told(bus, tenant) == [str(each.id) for each in events]
    assert await left(database, tenant) == 0


async def test_a_crash_between_publish_and_delete_tells_nothing_twice(database, bus, tenant, db_clock):
    """The stream knows the ids already."""
    events = [a_page(tenant) for _ in range(3)]
    await commit(Outbox(database, Failing(bus, publishes=True)), tenant, *events)
    assert await left(database, tenant) == 1

    await db_clock.advance(seconds=6)
    await Outbox(database, bus).sweep()

    assert await told(bus, tenant) == [str(each.id) for each in events]
    assert await left(database, tenant) == 0


async def test_a_sweep_that_fails_keeps_the_row(database, bus, tenant, closed_bus, db_clock):
    """The next one tries again."""
    await commit(Outbox(database, closed_bus), tenant, a_page(tenant))
    await db_clock.advance(seconds=6)

    assert await Outbox(database, Failing(bus, publishes=False)).sweep() == 0
    assert await left(database, tenant) == 1
    await Outbox(database, bus).sweep()
    assert (len(await told(bus, tenant)), await left(database, tenant)) == (1, 0)


async def test_two_sweepers_share_the_work(database, bus, tenant, closed_bus, db_clock):
    """Both find some, no bundle is published by both."""
    silent = Outbox(database, closed_bus)
    for _ in range(120):
        await commit(silent, tenant, a_page(tenant))
    await db_clock.advance(seconds=6)
    both = asyncio.Barrier(2)
    one, other = Counting(bus, both), Counting(bus, both)

    await asyncio.gather(Outbox(database, one).sweep(), Outbox(database, other).sweep())

    published = one.ids + other.ids
    assert len(one.ids) >= 50
    assert len(other.ids) >= 20
    assert len(published) == len(set(published))
    assert set(await told(bus, tenant)) <= set(published)
    assert await left(database, tenant) == 0


async def test_while_nats_is_away_commits_succeed_and_are_told_later(database, tenant, own_nats, own_bus, db_clock):
    """No caller waits for the bus."""
    outbox = Outbox(database, own_bus)
    own_nats.kill()
    events = [a_page(tenant) for _ in range(5)]

    for event in events:
        await asyncio.wait_for(commit(outbox, tenant, event), 8)
    assert await left(database, tenant) == 5
    await db_clock.advance(seconds=6)
    assert await outbox.sweep() == 0

    own_nats.start()
    async with asyncio.timeout(20):
        while not own_bus.is_connected:
            await asyncio.sleep(0.02)
    assert await outbox.sweep() >= 5
    assert sorted(await told(own_bus, tenant)) == sorted(str(each.id) for each in events)
    assert await left(database, tenant) == 0


async def test_many_at_once_are_all_told(database, bus, tenant):
    """More than may be on their way at a time."""
    outbox = Outbox(database, bus)
    events = [a_page(tenant) for _ in range(100)]

    async def one(event):
        async with outbox.tenant_tx(tenant) as tx:
            tx.emit(event)

    await asyncio.gather(*(one(event) for event in events))
    await outbox.close()

    assert sorted(await told(bus, tenant)) == sorted(str(each.id) for each in events)
    assert await left(database, tenant) == 0
