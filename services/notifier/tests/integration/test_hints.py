"""Hints through FastStream on the real server: what its traps are and that we do not step into them."""

import asyncio
from contextlib import asynccontextmanager

import pytest
from faststream import AckPolicy

from nightowl_common import clock
from nightowl_common.bus import Bus, Message
from nightowl_common.db import DatabaseUnavailableError
from nightowl_common.ids import new_id
from nightowl_common.streams import apply_topology, diff_topology, restore_consumer
from nightowl_contracts import Actor, PageRequested, RequestedPage, encode_event, subjects
from nightowl_contracts.topology import PAGES, notifier_consumer
from nightowl_embedded import NatsServer
from nightowl_notifier.app import HintConsumers
from nightowl_notifier.handlers import HintReader

pytestmark = pytest.mark.integration


@pytest.fixture(autouse=True)
async def no_old_hints(bus) -> None:
    """What other tests left on the stream would have to be handled first."""
    await bus.jetstream.purge_stream(PAGES.name)


ENGINE = Actor(kind="service", id="escalation", name="escalation")
CHANNEL = "webhook"
CONSUMER = notifier_consumer(CHANNEL)


def a_hint(tenant: str) -> PageRequested:
    data = RequestedPage(delivery_id=new_id(), channel=CHANNEL)
    return PageRequested(id=new_id(), tenant=tenant, at=clock.utc_now(), actor=ENGINE, data=data)


async def publish(bus, tenant: str, body: bytes) -> None:
    subject = subjects.page(tenant, CHANNEL)
    await bus.publish(Message(stream=PAGES.name, subject=subject, id=str(new_id()), body=body))


class Recorder:
    """Stands where the dispatcher stands; raises what it is told to."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.calls: list[tuple[object, float]] = []
        self._changed = asyncio.Condition()

    async def send_hinted(self, _tenant, delivery_id, *, channel, is_critical) -> None:
        """Notes the call."""
        async with self._changed:
            self.calls.append((delivery_id, clock.monotonic_seconds()))
            self._changed.notify_all()
        if self.errors:
            raise self.errors.pop(0)

    async def wait_for(self, delivery_id, times: int = 1) -> list[float]:
        """When it was called for a delivery, once that was so often."""

        def seen() -> list[float]:
            return [at for each, at in self.calls if each == delivery_id]

        async with asyncio.timeout(20), self._changed:
            await self._changed.wait_for(lambda: len(seen()) >= times)
        return seen()


@asynccontextmanager
async def consuming(servers, bus, read, *, workers: int = 8):
    consumers = HintConsumers(servers.nats_url, bus=bus, read=read, workers=workers)
    await consumers.start()
    yield consumers
    await consumers.close()


def only(tenant: str, read):
    """Hints that other tests left on the stream are acknowledged and not looked at."""

    async def read_ours(message) -> None:
        await (read(message) if message.subject.split(".")[2] == tenant else message.ack())

    return read_ours


async def state(bus):
    return await bus.jetstream.consumer_info(CONSUMER.stream, CONSUMER.name)


async def settled(bus) -> None:
    """Waits until the consumer owes nothing."""
    async with asyncio.timeout(20):
        while await bus.lag(CONSUMER) != 0:
            await asyncio.sleep(0.02)


async def test_a_handled_hint_is_acknowledged(servers, bus, tenant):
    """Nothing is left pending."""
    recorder, hint = Recorder(), a_hint(tenant)

    async with consuming(servers, bus, HintReader(bus=bus, dispatcher=recorder, slots_per_channel=8).read):
        await publish(bus, tenant, encode_event(hint))
        await recorder.wait_for(hint.data.delivery_id)
        await settled(bus)


@pytest.mark.parametrize("error", [RuntimeError("a bug"), DatabaseUnavailableError()])
async def test_a_failing_handler_gets_its_hint_again_after_a_delay(servers, bus, tenant, error):
    """Not at once, and never terminated: twice a failure, then well."""
    recorder, hint = Recorder(error, error), a_hint(tenant)

    async with consuming(servers, bus, HintReader(bus=bus, dispatcher=recorder, slots_per_channel=8).read):
        await publish(bus, tenant, encode_event(hint))
        first, second, third = await recorder.wait_for(hint.data.delivery_id, 3)
        await settled(bus)

    assert second - first > 0.7
    assert third - second > 1.4


async def test_an_exception_inside_the_framework_leaves_the_message_unacknowledged(servers, bus, tenant):
    """FastStream's default would terminate it; with MANUAL it waits for its ack."""
    taken = asyncio.get_running_loop().create_future()

    async def raise_once(message) -> None:
        if not taken.done():
            taken.set_result(message)
            raise RuntimeError("out of everything")
        await message.ack()

    async with consuming(servers, bus, only(tenant, raise_once)):
        await publish(bus, tenant, b"anything")
        message = await asyncio.wait_for(taken, 20)
        await asyncio.sleep(0)
        pending = (await state(bus)).num_ack_pending
        await message.nak()
        await settled(bus)

    assert pending == 1


async def test_what_cannot_be_read_goes_to_the_dead_letters_and_blocks_nobody(servers, bus, tenant):
    """Original bytes and a reason; the neighbour behind it is handled."""
    recorder, hint = Recorder(), a_hint(tenant)
    poison = b'{"type": "page.requested.v1", "id": ' + str(new_id()).encode()

    async with consuming(servers, bus, HintReader(bus=bus, dispatcher=recorder, slots_per_channel=8).read):
        await publish(bus, tenant, poison)
        await publish(bus, tenant, encode_event(hint))
        await recorder.wait_for(hint.data.delivery_id)
        await settled(bus)

    letter = await bus.jetstream.get_last_msg("DLQ", subjects.dlq(PAGES.name))
    assert letter.data == poison
    assert "not a readable event" in letter.headers["Nightowl-Reason"]


async def test_a_hint_of_an_unknown_tenant_goes_to_the_dead_letters(scene, notifier, bus):
    """Its obligations went with the tenant."""
    await notifier()
    hint = a_hint("t_gone")

    await publish(bus, "t_gone", encode_event(hint))
    await settled(bus)

    letter = await bus.jetstream.get_last_msg("DLQ", subjects.dlq(PAGES.name))
    assert letter.data == encode_event(hint)


async def test_a_slow_hint_does_not_hold_up_the_next(servers, bus, tenant):
    """Workers run side by side."""
    release, seen = asyncio.Event(), asyncio.Queue()

    async def read(message) -> None:
        seen.put_nowait(message.data)
        if message.data == b"slow":
            await release.wait()
        await message.ack()

    async with consuming(servers, bus, only(tenant, read), workers=3):
        for body in (b"slow", b"quick", b"quick"):
            await publish(bus, tenant, body)
        async with asyncio.timeout(20):
            bodies = [await seen.get() for _ in range(3)]
        release.set()
        await settled(bus)

    assert sorted(bodies) == [b"quick", b"quick", b"slow"]


async def test_no_more_hints_are_handled_at_once_than_there_are_workers(servers, bus, tenant):
    """The limit holds, and everything is handled in the end."""
    running, most, handled = 0, 0, 0
    done = asyncio.Event()

    async def read(message) -> None:
        nonlocal running, most, handled
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.01)
        running, handled = running - 1, handled + 1
        await message.ack()
        if handled == 30:
            done.set()

    async with consuming(servers, bus, read, workers=4):
        for _ in range(30):
            await publish(bus, tenant, b"x")
        await asyncio.wait_for(done.wait(), 20)

    assert most <= 4


async def test_consumers_and_streams_are_used_as_they_are(notifier, bus):
    """FastStream declares and changes nothing."""
    before = await state(bus)

    await notifier()

    assert await diff_topology(bus.jetstream) == []
    assert (await state(bus)).config == before.config
    assert (await state(bus)).created == before.created


def test_every_subscriber_acknowledges_by_hand(servers, bus):
    """Any other policy would lose hints on the first exception."""
    consumers = HintConsumers(servers.nats_url, bus=bus, read=None, workers=8)

    policies = {subscriber.ack_policy for subscriber in consumers._broker.subscribers}

    assert policies == {AckPolicy.MANUAL}


async def test_a_deleted_consumer_pauses_its_hints_and_is_not_made_anew(servers, bus, tenant):
    """The subscriber stops asking, readiness says so, and it goes on when the consumer is back."""
    recorder, hint = Recorder(), a_hint(tenant)
    async with consuming(servers, bus, HintReader(bus=bus, dispatcher=recorder, slots_per_channel=8).read) as consumers:
        await bus.jetstream.delete_consumer(CONSUMER.stream, CONSUMER.name)
        try:
            await consumers.watch()
            paused, lag = await consumers.check(), await bus.lag(CONSUMER)
        finally:
            await restore_consumer(bus.jetstream, CONSUMER)
        await consumers.watch()
        resumed = await consumers.check()
        await publish(bus, tenant, encode_event(hint))
        await recorder.wait_for(hint.data.delivery_id)

    assert paused == f"not consuming: {CONSUMER.name}"
    assert lag is None
    assert resumed is None


async def test_closing_does_not_end_the_process(servers, bus):
    """The end-of-process callback is for connections lost for good, not for stopping."""
    async with consuming(servers, bus, read=None):
        pass


async def test_hints_go_on_after_the_broker_was_away(tmp_path):
    """A restart under the same address; the loop stays responsive meanwhile."""
    server = NatsServer(tmp_path / "nats")
    server.start()
    bus = await Bus.connect(server.url, service="tests", on_closed=lambda: None)
    await apply_topology(bus.jetstream)
    recorder, before, after = Recorder(), a_hint("acme"), a_hint("acme")
    consumers = HintConsumers(
        server.url, bus=bus, read=HintReader(bus=bus, dispatcher=recorder, slots_per_channel=8).read, workers=8
    )
    await consumers.start()
    await publish(bus, "acme", encode_event(before))
    await recorder.wait_for(before.data.delivery_id)

    server.kill()
    started = clock.monotonic_seconds()
    await asyncio.sleep(0.5)
    away = clock.monotonic_seconds() - started
    server.start()
    async with asyncio.timeout(20):
        while not bus.is_connected or await consumers.check() is not None:
            await asyncio.sleep(0.05)
    await publish(bus, "acme", encode_event(after))
    await recorder.wait_for(after.data.delivery_id)

    await consumers.close()
    await bus.close()
    server.stop()
    assert away < 1
