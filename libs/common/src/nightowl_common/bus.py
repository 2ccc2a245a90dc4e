"""NATS JetStream: the one publish wrapper, batch consuming, dead letters, streams as data.

Publishing: the stream is mandatory, the PubAck awaited, `Nats-Msg-Id` always set; a publish that timed
out may still have been stored, so a retry uses the same id. Consuming: acks after the database commit,
explicit delays on nak. The connection never gives up by itself; if it is closed all the same, the process
must end (a closed client would spin), which `on_closed` is for.
"""

import asyncio
import contextlib
import math
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from datetime import datetime, timedelta

import msgspec
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy
from nats.js.client import JetStreamContext
from nats.js.errors import Error as JetStreamError
from nats.js.errors import NotFoundError as NatsNotFoundError

from nightowl_common import clock
from nightowl_common.acks import PubAcks
from nightowl_common.consuming import Consuming, OnBatch, Pace
from nightowl_common.errors import TransientError
from nightowl_common.ids import new_id
from nightowl_common.logs import get_logger
from nightowl_common.streams import restore_consumer
from nightowl_common.telemetry.metrics import BUS_CONNECTED, DEAD_LETTERS
from nightowl_contracts import topology
from nightowl_contracts.subjects import dlq
from nightowl_contracts.topology import Consumer, Header, Stream

log = get_logger(__name__)

SCAN_HORIZON = timedelta(hours=72)
"""How far back a stream is read: as far as the inbox remembers."""

SCAN_BATCH = 2_000
"""Messages asked for at once while reading a stream back."""

EXPECTED_STREAM = "Nats-Expected-Stream"

BUS_ERRORS = (NatsError, JetStreamError, TimeoutError, OSError, asyncio.CancelledError)


class BusUnavailableError(TransientError):
    """The message bus cannot be used at this moment."""

    code = "bus_unavailable"
    is_told = False


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """Something to publish. `id` becomes `Nats-Msg-Id`."""

    stream: str
    subject: str
    id: str
    body: bytes
    headers: dict[str, str] = {}


class ScannedMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A stored message without its body. `stored_at` is the broker's time."""

    sequence: int
    subject: str
    stored_at: datetime
    headers: dict[str, str]


class Bus:
    """One connection, reconnecting for ever."""

    def __init__(self, client: Client, js: JetStreamContext, closing: asyncio.Event) -> None:
        self._client = client
        self._js = js
        self._closing = closing
        self._acks = PubAcks(client)

    @classmethod
    async def connect(cls, url: str, *, service: str, on_closed: Callable[[], None]) -> "Bus":
        """Connects; `on_closed` is called if the connection is ever given up while not closing on purpose."""
        client = Client()
        closing = asyncio.Event()  # the client's own state already says "closed" when it calls back

        async def closed() -> None:
            if not closing.is_set():
                on_closed()

        async def failed(error: Exception) -> None:
            log.warning("bus_error", error=type(error).__name__)

        await client.connect(
            servers=url.split(","),
            name=f"nightowl-{service}",
            max_reconnect_attempts=-1,
            reconnect_time_wait=0.25,  # type: ignore[arg-type]  # declared int, slept as given
            connect_timeout=2,
            ping_interval=1,  # a node that falls silent without dying is left after three to four seconds
            max_outstanding_pings=2,
            pending_size=8 * 1024 * 1024,
            closed_cb=closed,
            error_cb=failed,
        )
        BUS_CONNECTED.set_function(lambda: client.is_connected)
        return cls(client, client.jetstream(timeout=2), closing)

    @property
    def is_connected(self) -> bool:
        """False while reconnecting."""
        return self._client.is_connected

    async def close(self) -> None:
        """Flushes what is in hand and closes."""
        self._closing.set()
        if self._client.is_connected:
            with contextlib.suppress(*BUS_ERRORS):
                await asyncio.wait_for(self._client.drain(), 5)
                return
        with contextlib.suppress(NatsError, OSError):  # a connection that is lost cannot be flushed any more
            await self._client.close()

    async def publish(self, message: Message, *, timeout_seconds: float = 1.0) -> bool:
        """Stores a message; true when it is new, false when its id was stored before.

        Raises:
            BusUnavailableError: no PubAck came. The message may be stored all the same.
        """
        if not self._client.is_connected:
            raise BusUnavailableError
        try:
            with await self._acks.expect(1, seconds=timeout_seconds) as acks:
                await self._send(message, acks.reply)
                return await acks.outcome
        except (NatsError, JetStreamError, TimeoutError, OSError) as error:
            raise BusUnavailableError(f"no PubAck from {message.stream}: {type(error).__name__}") from error

    async def publish_all(self, messages: Sequence[Message], *, timeout_seconds: float = 5.0) -> None:
        """Stores many messages, pipelined; returns when all have their PubAck.

        Raises:
            BusUnavailableError: at least one has none.
        """
        if not self._client.is_connected:
            raise BusUnavailableError
        if any(len(each.body) > self._client.max_payload for each in messages):
            raise BusUnavailableError("a message is larger than the broker takes")
        try:
            async with asyncio.timeout(timeout_seconds):  # not of the acks alone: a full buffer lets nothing be sent
                with await self._acks.expect(len(messages), seconds=math.inf) as acks:
                    for each in messages:
                        await self._send(each, acks.reply)
                    await acks.outcome
        except (NatsError, JetStreamError, TimeoutError, OSError) as error:
            raise BusUnavailableError(f"no PubAck: {type(error).__name__}") from error

    async def _send(self, message: Message, reply: str) -> None:
        headers = {Header.MESSAGE_ID: message.id, EXPECTED_STREAM: message.stream, **message.headers}
        # bus: a JetStream publish by hand; whoever calls awaits its ack
        await self._client.publish(message.subject, message.body, reply=reply, headers=headers)

    async def hint(self, subject: str, body: bytes = b"") -> None:
        """Core NATS: at most once, nothing kept. Only for what a poll or a sweeper would find anyway."""
        if self._client.is_connected:
            try:
                await self._client.publish(subject, body)  # bus: core publish is the point here
            except (NatsError, OSError):
                log.debug("hint_lost", subject=subject)

    async def listen(self, subject: str, on_hint: Callable[[bytes], Awaitable[None]]) -> None:
        """Calls back for every core-NATS message on a subject."""

        async def received(message: Msg) -> None:
            await on_hint(message.data)

        await self._client.subscribe(subject, cb=received)

    async def consume(
        self,
        consumer: Consumer,
        on_batch: OnBatch,
        *,
        stop: asyncio.Event,
        beat: Callable[[], None],
        batch: int = 500,
        gather_seconds: float = 0.0,
        ahead_bytes: int | None = None,
    ) -> None:
        """Fetches batches until `stop` is set; the handler acks each message itself. `Pace` says how they are gathered.

        `beat` is called whenever the broker has answered, so that readiness can tell a quiet stream from a dead one.
        However long the handler takes, messages come again only when the process is gone.
        """
        pace = Pace(batch=batch, gather_seconds=gather_seconds, ahead_bytes=ahead_bytes)
        await Consuming(self._client, self._request, consumer, on_batch, pace).run(stop=stop, beat=beat)

    async def _request(self, subject: str, body: bytes, reply: str) -> None:
        await self._client.publish(subject, body, reply=reply)  # bus: nothing to keep, an answer comes

    async def dead_letter(self, message: Msg, *, reason: str) -> None:
        """Keeps the original bytes on DLQ and terminates the message, in this order.

        Raises:
            BusUnavailableError: not kept; the message stays unacknowledged and comes again.
        """
        origin = message.metadata
        await self.publish(
            Message(
                stream=topology.DLQ.name,
                subject=dlq(origin.stream),
                id=f"{origin.stream}:{origin.sequence.stream}",
                body=message.data,
                headers={
                    **{k: _plain(v) for k, v in (message.headers or {}).items() if not k.startswith("Nats-")},
                    Header.REASON: _plain(reason)[:500],
                    Header.ORIGIN: f"{message.subject} {origin.sequence.stream}",
                },
            ),
            timeout_seconds=5,
        )
        DEAD_LETTERS.labels(origin.stream).inc()
        await message.term()

    async def lag(self, consumer: Consumer, *, timeout_seconds: float = 2.0) -> int | None:
        """Messages not yet acknowledged by a consumer; None when the consumer does not exist."""
        with _asking(about=consumer.name):
            try:
                state = await self._js.consumer_info(consumer.stream, consumer.name, timeout=timeout_seconds)
            except NatsNotFoundError:
                return None
        return (state.num_pending or 0) + (state.num_ack_pending or 0)

    async def count(self, stream: Stream) -> int:
        """How many messages a stream keeps."""
        with _asking(about=stream.name):
            return (await self._js.stream_info(stream.name)).state.messages

    async def count_passing(self, stream: Stream) -> int:
        """How many readers a stream has beside the consumers that stay: they come and go, one for each listener.

        Raises:
            BusUnavailableError: the broker did not answer.
        """
        staying = sum(each.stream == stream.name for each in topology.CONSUMERS)
        with _asking(about=stream.name):
            return max(0, (await self._js.stream_info(stream.name)).state.consumer_count - staying)

    async def restore_if_missing(self, consumer: Consumer) -> None:
        """Makes a consumer anew that somebody deleted, so that nobody has to restart anything."""
        if self._client.is_connected and await self.lag(consumer) is None:
            log.error("consumer_missing", consumer=consumer.name)
            await restore_consumer(self._js, consumer)

    async def scan(self, stream: Stream, *, subject: str, since: datetime | None = None) -> list[ScannedMessage]:
        """All of `scan_parts` in one list, for where few are stored; raises the same."""
        return [each async for part in self.scan_parts(stream, subject=subject, since=since) for each in part]

    async def scan_parts(
        self, stream: Stream, *, subject: str, since: datetime | None = None
    ) -> AsyncIterator[list[ScannedMessage]]:
        """All messages of a subject since `since` (72 h ago), oldest first, headers only, in parts of at most 2,000.

        Raises:
            BusUnavailableError: the broker did not answer; what it has not told is not known.
        """
        name, begin = f"scan-{new_id()}", since or clock.utc_now() - SCAN_HORIZON
        config = ConsumerConfig(
            name=name, deliver_policy=DeliverPolicy.BY_START_TIME, opt_start_time=begin, filter_subject=subject,
            ack_policy=AckPolicy.NONE, headers_only=True, mem_storage=True, num_replicas=1, inactive_threshold=30,
        )  # fmt: skip
        try:
            waiting = (await self._js.add_consumer(stream.name, config)).num_pending or 0
            reader = await self._js.pull_subscribe_bind(consumer=name, stream=stream.name)
            try:
                async for part in _read(reader, waiting):
                    yield part
            finally:
                await reader.unsubscribe()
                await self._js.delete_consumer(stream.name, name)
        except (NatsError, JetStreamError, TimeoutError, OSError) as error:
            raise BusUnavailableError(f"{stream.name} cannot be read: {type(error).__name__}") from error

    async def last_stored_at(self, stream: Stream, *, subject: str) -> datetime | None:
        """When the newest message of a subject was stored, by the broker's time; None when the stream holds none.

        Raises:
            BusUnavailableError: the broker did not answer.
        """
        with _asking(about=subject):
            try:
                return (await self._js.get_last_msg(stream.name, subject)).time
            except NatsNotFoundError:
                return None

    @property
    def jetstream(self) -> JetStreamContext:
        """For tools (dlq, ledger, replay) and for FastStream's broker; services publish through `publish`."""
        return self._js


@contextlib.contextmanager
def _asking(*, about: str) -> Iterator[None]:
    try:
        yield
    except (NatsError, JetStreamError, TimeoutError, OSError) as error:
        raise BusUnavailableError(f"no answer about {about}") from error


def _plain(value: object) -> str:
    """One line of ASCII: the client hands anything else out as an object that it cannot send again."""
    return " ".join(str(value).split()).encode("ascii", "backslashreplace").decode()


async def _read(reader: JetStreamContext.PullSubscription, waiting: int) -> AsyncIterator[list[ScannedMessage]]:
    """The next `waiting` messages: what was stored when the scan began, or what expiry has left of it."""
    while waiting > 0:
        messages = await reader.fetch(min(SCAN_BATCH, waiting), timeout=2)
        waiting -= len(messages)
        yield [
            ScannedMessage(
                sequence=each.metadata.sequence.stream,
                subject=each.subject,
                stored_at=each.metadata.timestamp,
                headers={key: str(value) for key, value in (each.headers or {}).items()},
            )
            for each in messages
        ]
        if messages[-1].metadata.num_pending == 0:
            break
