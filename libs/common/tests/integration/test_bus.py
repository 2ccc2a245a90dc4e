"""Publishing and consuming on a real JetStream."""

import asyncio
import signal
from datetime import timedelta

import pytest
from nats.js.errors import NotFoundError
from prometheus_client import REGISTRY

from nightowl_common import clock
from nightowl_common.bus import Bus, BusUnavailableError, Message
from nightowl_common.ids import new_id
from nightowl_common.streams import apply_topology, restore_consumer
from nightowl_contracts import subjects
from nightowl_contracts.topology import DLQ, ENRICHMENT, EVENTS, INGEST, PAGES, Consumer, Header, notifier_consumer

pytestmark = pytest.mark.integration

SMS = notifier_consumer("sms")


def a_message(tenant="acme", **changes):
    given = {"stream": PAGES.name, "subject": subjects.page(tenant, "sms"), "id": str(new_id()), "body": b"{}"}
    return Message(**{**given, **changes})


async def ids_on(bus, tenant, stream=PAGES):
    return [each.headers[Header.MESSAGE_ID] for each in await bus.scan(stream, subject=subjects.page(tenant, "sms"))]


async def until_connected(bus):
    async with asyncio.timeout(20):
        while not bus.is_connected:
            await asyncio.sleep(0.02)


@pytest.fixture
async def consumer(own_bus, tenant):
    """A consumer of this tenant's calls alone: a killed server may have forgotten what others acknowledged."""
    made = Consumer(name=tenant, stream=INGEST.name, filter_subject=subjects.ingest(tenant), promise="For one test.")
    await restore_consumer(own_bus.jetstream, made)
    yield made
    await own_bus.jetstream.delete_consumer(made.stream, made.name)


async def take(bus, consumer):
    """The next message."""
    subscription = await bus.jetstream.pull_subscribe_bind(durable=consumer.name, stream=consumer.stream)
    [message] = await subscription.fetch(1, timeout=5)
    await subscription.unsubscribe()
    return message


class Reader:
    """A consuming loop that keeps what it was handed."""

    def __init__(self, bus, consumer=SMS, *, batch=500):
        self.batches = []
        self.beats = 0
        self._arrived = asyncio.Condition()
        self._stop = asyncio.Event()
        self._task = asyncio.create_task(
            bus.consume(consumer, self._on_batch, stop=self._stop, beat=self._beat, batch=batch)
        )

    def _beat(self):
        self.beats += 1

    async def _on_batch(self, messages):
        for message in messages:
            await message.ack()
        async with self._arrived:
            self.batches.append([each.headers[Header.MESSAGE_ID] for each in messages])
            self._arrived.notify_all()

    @property
    def ids(self):
        """All that came."""
        return [each for batch in self.batches for each in batch]

    async def until(self, *wanted, seconds=10.0):
        """Waits until all of them have come."""
        async with asyncio.timeout(seconds), self._arrived:
            await self._arrived.wait_for(lambda: set(wanted) <= set(self.ids))

    async def close(self):
        """Ends the loop."""
        self._stop.set()
        await asyncio.wait_for(self._task, 20)


@pytest.fixture
async def reader(own_bus):
    """A loop over one channel's pages, stopped at the end."""
    made = Reader(own_bus)
    yield made
    await made.close()


async def test_the_second_message_of_an_id_is_a_duplicate(bus, tenant):
    """It is acknowledged and not stored."""
    message = a_message(tenant)

    assert [await bus.publish(message), await bus.publish(message)] == [True, False]
    assert await ids_on(bus, tenant) == [message.id]


async def test_headers_and_body_arrive_as_they_are(bus, tenant):
    """Any bytes."""
    message = a_message(tenant, body=bytes(range(256)), headers={Header.TRACE: "00-x"})

    await bus.publish(message)

    stored = await bus.jetstream.get_last_msg(PAGES.name, message.subject)
    assert stored.data == message.body
    assert stored.headers[Header.TRACE] == "00-x"


@pytest.mark.parametrize(
    ("stream", "subject"),
    [("NOWHERE", "nightowl.nowhere.x"), (PAGES.name, "nightowl.nowhere.x"), (EVENTS.name, "nightowl.page.acme.sms")],
)
async def test_a_message_that_no_such_stream_takes_is_refused(bus, stream, subject):
    """Also when another stream would: nothing is stored by accident. At once, not when the time is over."""
    message = a_message(stream=stream, subject=subject)

    async with asyncio.timeout(20):
        with pytest.raises(BusUnavailableError):
            await bus.publish(message, timeout_seconds=60)
        with pytest.raises(BusUnavailableError):
            await bus.publish_all([message], timeout_seconds=60)


async def test_a_message_that_is_too_large_is_refused_and_costs_nothing(own_bus, tenant):
    """However often it is tried, the window for others stays open."""
    large = a_message(tenant, body=bytes(5 * 1024**2))

    with pytest.raises(BusUnavailableError):
        await own_bus.publish(large)
    for _ in range(1_200):
        with pytest.raises(BusUnavailableError):
            await own_bus.publish_all([large], timeout_seconds=0.5)

    await own_bus.publish_all([a_message(tenant) for _ in range(10)])
    assert len(await ids_on(own_bus, tenant)) == 10


async def test_publishing_while_disconnected_fails_at_once(own_nats, own_bus):
    """Callers have a spool or an outbox; nobody waits."""
    own_nats.kill()
    async with asyncio.timeout(20):
        while own_bus.is_connected:
            await asyncio.sleep(0.01)

    started = clock.monotonic_seconds()
    with pytest.raises(BusUnavailableError):
        await own_bus.publish(a_message())
    with pytest.raises(BusUnavailableError):
        await own_bus.publish_all([a_message()])
    await own_bus.hint(subjects.HINT_TIMERS)

    assert clock.monotonic_seconds() - started < 3  # waiting for the time-outs would take 6 s
    own_nats.start()
    await until_connected(own_bus)
    assert await own_bus.publish(a_message())


async def test_a_broker_that_hangs_is_given_up_in_time(own_nats, own_bus, pause, tenant):
    """Within the time given; afterwards the same id may be published again."""
    message = a_message(tenant)
    await pause()

    started = clock.monotonic_seconds()
    with pytest.raises(BusUnavailableError):
        await own_bus.publish(message, timeout_seconds=0.3)
    with pytest.raises(BusUnavailableError):
        await own_bus.publish_all([a_message(tenant, id=message.id)], timeout_seconds=0.3)

    assert 0.5 < clock.monotonic_seconds() - started < 5  # the usual time-outs are 6 s together
    own_nats.send(signal.SIGCONT)
    await own_bus.publish(message)
    assert await ids_on(own_bus, tenant) == [message.id]


async def test_time_outs_do_not_use_up_the_window(own_nats, own_bus, pause, tenant):
    """More messages than the window holds go unanswered, and publishing still works after."""
    await pause()
    for _ in range(60):
        with pytest.raises(BusUnavailableError):
            await own_bus.publish_all([a_message(tenant) for _ in range(50)], timeout_seconds=0.02)
    with pytest.raises(BusUnavailableError):
        await own_bus.publish_all([a_message(tenant) for _ in range(3_000)], timeout_seconds=0.2)
    own_nats.send(signal.SIGCONT)

    last = [a_message(f"{tenant}_b") for _ in range(3_000)]
    await own_bus.publish_all(last, timeout_seconds=20)

    assert own_bus.jetstream.publish_async_pending() == 0
    assert await ids_on(own_bus, f"{tenant}_b") == [each.id for each in last]


async def test_a_partial_batch_is_handed_out_at_once(own_bus, reader):
    """Waiting for a full one would delay every page: ten one after the other would wait ten fetches of a second."""
    await reader.until()
    started = clock.monotonic_seconds()
    for _ in range(10):
        messages = [a_message() for _ in range(3)]
        await own_bus.publish_all(messages)
        await reader.until(*(each.id for each in messages))

    assert clock.monotonic_seconds() - started < 8


async def test_batches_are_no_larger_than_asked_for(own_bus):
    """And nothing is lost between them."""
    messages = [a_message() for _ in range(35)]
    await own_bus.publish_all(messages)

    reader = Reader(own_bus, batch=10)
    try:
        await reader.until(*(each.id for each in messages))
    finally:
        await reader.close()

    assert max(len(batch) for batch in reader.batches) <= 10


async def test_a_quiet_stream_beats(own_bus, reader):
    """Readiness can tell it from a dead one."""
    async with asyncio.timeout(20):
        while reader.beats < 2:
            await asyncio.sleep(0.05)


async def test_consuming_goes_on_after_an_outage(own_nats, own_bus, reader):
    """Without a restart of the process; silence meanwhile."""
    first, second = a_message(), a_message()
    await own_bus.publish(first)
    await reader.until(first.id)
    own_nats.kill()
    async with asyncio.timeout(20):
        while own_bus.is_connected:
            await asyncio.sleep(0.01)
    await asyncio.sleep(1.1)
    beats = reader.beats
    await asyncio.sleep(1.2)
    assert reader.beats == beats

    own_nats.start()
    await until_connected(own_bus)
    await own_bus.publish(second, timeout_seconds=5)

    await reader.until(second.id)


async def test_a_deleted_consumer_is_made_anew_and_consuming_goes_on(own_bus, reader):
    """Nothing of the last days is lost; doubles are the inbox's business."""
    first, second, third = a_message(), a_message(), a_message()
    await own_bus.publish(first)
    await reader.until(first.id)
    before = await own_bus.jetstream.consumer_info(SMS.stream, SMS.name)

    await own_bus.jetstream.delete_consumer(SMS.stream, SMS.name)
    await own_bus.publish(second)
    assert await own_bus.lag(SMS) is None
    await asyncio.sleep(1.5)
    await own_bus.restore_if_missing(SMS)
    await own_bus.publish(third)

    await reader.until(second.id, third.id)
    after = await own_bus.jetstream.consumer_info(SMS.stream, SMS.name)
    assert after.config.ack_wait == before.config.ack_wait
    assert after.config.opt_start_time is not None


async def test_a_consumer_that_stays_away_costs_no_subscriptions(own_bus, reader):
    """The loop tries again and again, and leaves nothing behind."""
    await reader.until()
    await own_bus.jetstream.delete_consumer(SMS.stream, SMS.name)
    await asyncio.sleep(1.2)
    before = len(own_bus._client._subs)

    await asyncio.sleep(2.5)

    after = len(own_bus._client._subs)
    await own_bus.restore_if_missing(SMS)
    assert after <= before + 1, "the one of the try that runs just now"


async def test_a_consumer_that_is_there_is_left_alone(own_bus):
    """Restoring is for what is missing only."""
    before = await own_bus.jetstream.consumer_info(ENRICHMENT.stream, ENRICHMENT.name)

    await own_bus.restore_if_missing(ENRICHMENT)

    after = await own_bus.jetstream.consumer_info(ENRICHMENT.stream, ENRICHMENT.name)
    assert (after.created, after.config) == (before.created, before.config)


async def test_what_is_in_hand_for_longer_than_ack_wait_comes_once(own_bus, tenant):
    """The broker hears that it is worked on; what a process leaves behind that is gone, somebody else gets a second later."""
    subject = subjects.ingest(tenant)
    made = Consumer(name=tenant, stream=INGEST.name, filter_subject=subject, promise="A test's.", ack_wait_seconds=1)
    await restore_consumer(own_bus.jetstream, made)
    came, stop = [], asyncio.Event()

    async def work_slowly(messages):
        came.extend(each.headers[Header.MESSAGE_ID] for each in messages)
        await asyncio.sleep(2.5)
        stop.set()

    await own_bus.publish(Message(stream=INGEST.name, subject=subject, id=tenant, body=b"{}"))
    loops = [own_bus.consume(made, work_slowly, stop=stop, beat=lambda: None) for _ in range(2)]
    async with asyncio.timeout(20):
        await asyncio.gather(*loops)

    assert came == [tenant]
    assert (await take(own_bus, made)).metadata.num_delivered == 2
    await own_bus.jetstream.delete_consumer(made.stream, made.name)


@pytest.mark.parametrize(("ahead_bytes", "at_once"), [(1, 2), (10_000, 1), (None, 1)], ids=["long", "short", "never"])
async def test_the_next_batch_comes_while_a_long_one_is_in_hand(own_bus, consumer, ahead_bytes, at_once):
    """Two are in hand then, and never three; a short one is waited for."""
    running, most, done = 0, 0, 0
    all_there, stop = asyncio.Event(), asyncio.Event()

    async def work(messages):
        nonlocal running, most, done
        running += 1
        most = max(most, running)
        if running == at_once:
            all_there.set()
        await all_there.wait()
        await asyncio.sleep(0.2)  # for one more than there may be
        running -= 1
        for each in messages:
            await each.ack()
        done += len(messages)
        if done == 4:
            stop.set()

    for number in range(4):
        await own_bus.publish(
            Message(stream=INGEST.name, subject=consumer.filter_subject, id=f"{consumer.name}{number}", body=b"{}")
        )
    async with asyncio.timeout(20):
        await own_bus.consume(consumer, work, stop=stop, beat=lambda: None, batch=1, ahead_bytes=ahead_bytes)

    assert most == at_once
    assert done == 4


async def test_stopping_ends_the_loop_and_its_subscription(own_bus):
    """Closing the connection then has nothing to wait for."""
    before = len(own_bus._client._subs)
    reader = Reader(own_bus)
    await reader.until()

    await reader.close()

    assert len(own_bus._client._subs) <= before


async def test_a_handler_that_fails_leaves_no_subscription(own_bus):
    """The loop is started again by whoever started it."""
    await own_bus.publish(a_message())
    before = len(own_bus._client._subs)

    async def broken(_messages):
        raise LookupError

    for _ in range(3):
        await own_bus.publish(a_message())
        with pytest.raises(LookupError):
            await own_bus.consume(SMS, broken, stop=asyncio.Event(), beat=lambda: None)

    assert len(own_bus._client._subs) <= before


async def test_the_lag_counts_what_is_not_acknowledged(own_bus, tenant):
    """Waiting and in hand."""
    phone = notifier_consumer("phone")
    before = await own_bus.lag(phone)

    await own_bus.publish_all([a_message(subject=subjects.page(tenant, "phone")) for _ in range(4)])
    subscription = await own_bus.jetstream.pull_subscribe_bind(durable=phone.name, stream=phone.stream)
    [taken] = await subscription.fetch(1, timeout=2)

    assert await own_bus.lag(phone) == before + 4
    await taken.ack_sync()
    assert await own_bus.lag(phone) == before + 3
    await subscription.unsubscribe()


async def test_a_dead_letter_keeps_bytes_and_reason_and_ends_the_message(own_bus, tenant, consumer):
    """The original can be replayed; the consumer does not get it again."""
    subject, body = subjects.ingest(tenant), b"\x00\xff not json"
    await own_bus.publish(
        Message(stream=INGEST.name, subject=subject, id=f"{tenant}:1", body=body, headers={Header.EVENT_ID: "e"})
    )
    counter = ("nightowl_dead_letters_total", {"stream": INGEST.name})
    before = REGISTRY.get_sample_value(*counter) or 0
    message = await take(own_bus, consumer)

    await own_bus.dead_letter(message, reason="line one\nline two " + "x" * 2_000)
    async with asyncio.timeout(20):
        while await own_bus.lag(consumer):
            await asyncio.sleep(0.02)

    kept = await own_bus.jetstream.get_last_msg(DLQ.name, subjects.dlq(INGEST.name))
    assert kept.data == body
    assert kept.headers[Header.REASON].startswith("line one line two xxx")
    assert len(kept.headers[Header.REASON]) <= 500
    assert kept.headers[Header.ORIGIN] == f"{subject} {message.metadata.sequence.stream}"
    assert kept.headers[Header.EVENT_ID] == "e"
    assert REGISTRY.get_sample_value(*counter) == before + 1


async def test_any_words_can_be_the_reason_of_a_dead_letter(own_bus, tenant, consumer):
    """Also those that quote what a stranger sent, and with headers that no client could send again."""
    subject = subjects.ingest(tenant)
    odd = {"Nightowl-Odd": "ünläut"}
    await own_bus.publish(Message(stream=INGEST.name, subject=subject, id=f"{tenant}:1", body=b"x", headers=odd))
    message = await take(own_bus, consumer)

    await own_bus.dead_letter(message, reason="unknown word 'Störung'\r\n here")

    kept = await own_bus.jetstream.get_last_msg(DLQ.name, subjects.dlq(INGEST.name))
    assert kept.headers[Header.REASON] == "unknown word 'St\\xf6rung' here"
    assert isinstance(kept.headers["Nightowl-Odd"], str)


async def test_a_dead_letter_that_cannot_be_kept_leaves_the_message(own_bus, tenant, consumer):
    """It comes again, and nothing is lost."""
    await own_bus.publish(Message(stream=INGEST.name, subject=subjects.ingest(tenant), id=f"{tenant}:1", body=b"x"))
    message = await take(own_bus, consumer)
    await own_bus.jetstream.delete_stream(DLQ.name)
    try:
        with pytest.raises(BusUnavailableError):
            await own_bus.dead_letter(message, reason="unreadable")
        assert await own_bus.lag(consumer) == 1
    finally:
        await apply_topology(own_bus.jetstream)
    await own_bus.dead_letter(message, reason="unreadable")


async def test_a_scan_begins_where_it_is_told_to(bus, tenant):
    """And the last message's time can be asked for."""
    await bus.publish_all([a_message(tenant) for _ in range(3)])
    last = await bus.last_stored_at(PAGES, subject=subjects.page(tenant, "sms"))

    everything = await bus.scan(PAGES, subject=subjects.page(tenant, "sms"))

    assert abs(everything[-1].stored_at - last) <= timedelta(microseconds=1)  # the client rounds the two differently
    assert await bus.scan(PAGES, subject=subjects.page(tenant, "sms"), since=last + timedelta(seconds=1)) == []
    assert await bus.last_stored_at(PAGES, subject=subjects.page(f"{tenant}_b", "sms")) is None


async def test_a_scan_of_a_broker_that_is_away_says_so(own_nats, own_bus):
    """Nothing known is not nothing there."""
    own_nats.kill()

    for ask in (
        own_bus.scan(PAGES, subject="nightowl.page.acme.sms"),
        own_bus.last_stored_at(PAGES, subject="nightowl.page.acme.sms"),
        own_bus.lag(SMS),
    ):
        with pytest.raises(BusUnavailableError):
            await ask


async def test_a_hint_is_heard_and_not_kept(bus, tenant):
    """At most once, by those who listen now."""
    subject, heard = subjects.reply(tenant), asyncio.Queue()
    await bus.listen(subject, heard.put)
    await bus._client.flush()

    await bus.hint(subject, b"now")

    assert await asyncio.wait_for(heard.get(), 20) == b"now"
    with pytest.raises(NotFoundError):
        await bus.jetstream.find_stream_name_by_subject(subject)


async def test_closing_while_the_broker_is_away_is_quick_and_quiet(own_nats):
    """A service can be stopped during an outage."""
    bus = await Bus.connect(own_nats.url, service="away", on_closed=lambda: pytest.fail("closed on purpose"))
    own_nats.kill()
    async with asyncio.timeout(20):
        while bus.is_connected:
            await asyncio.sleep(0.01)

    await asyncio.wait_for(bus.close(), 20)


@pytest.mark.parametrize("on_purpose", [True, False])
async def test_only_a_connection_that_was_given_up_ends_the_process(servers, on_purpose):
    """Closing on purpose is not a failure."""
    calls = []
    bus = await Bus.connect(servers.nats_url, service="closing", on_closed=lambda: calls.append("closed"))

    if on_purpose:
        await bus.close()
    else:
        await bus._client.close()

    assert calls == ([] if on_purpose else ["closed"])
    assert not bus.is_connected
