"""Acknowledgements that are still out: the broker's for what was published, and ours for what is in hand."""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Sequence

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.js.errors import Error as JetStreamError

from nightowl_common import clock
from nightowl_contracts.topology import Consumer

TIMES_PER_WAIT = 4


@contextlib.asynccontextmanager
async def in_hand(messages: Sequence[Msg], consumer: Consumer) -> AsyncIterator[None]:
    """While it lasts, the `ack_wait` of those that are not settled yet begins anew, several times before it is over.

    So `ack_wait` says how soon somebody else gets what a dead process had, and not how long a living one may take.
    Most are settled long before, so until then this is a timer of the loop and no task.
    """
    every_seconds = consumer.ack_wait_seconds / TIMES_PER_WAIT
    telling: list[asyncio.Task[None]] = []
    timer = asyncio.get_running_loop().call_later(
        every_seconds, lambda: telling.append(asyncio.create_task(_tell(messages, every_seconds=every_seconds)))
    )
    try:
        yield
    finally:
        timer.cancel()
        for each in telling:
            each.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await each


async def _tell(messages: Sequence[Msg], *, every_seconds: float) -> None:
    while True:
        for each in messages:
            if not each.is_acked:
                with contextlib.suppress(NatsError, OSError):  # what the broker does not hear, comes again
                    await each.in_progress()
        await clock.sleep(every_seconds)


class PubAcks:
    """PubAcks of pipelined publishes, counted per batch instead of awaited one by one.

    nats-py's own asynchronous publish makes a future, an inbox name and a JSON tree per message, which cost more than
    all else on the way out (measured: a fifth of enrichment). A batch's messages share one reply subject here; a
    refusal fails the batch, and one that stays out is the caller's time-out.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._inbox = client.new_inbox()
        self._numbers = itertools.count()
        self._waiting: dict[str, _Batch] = {}
        self._listening = False

    @contextlib.asynccontextmanager
    async def expect(self, count: int) -> AsyncIterator[tuple[str, "asyncio.Future[None]"]]:
        """The reply subject for `count` messages, and a future that is done when all are stored."""
        if not self._listening:
            self._listening = True
            await self._client.subscribe(f"{self._inbox}.*", cb=self._on_ack, pending_msgs_limit=-1)
        reply = f"{self._inbox}.{next(self._numbers)}"
        batch = self._waiting[reply] = _Batch(count)
        try:
            yield reply, batch.stored
        finally:
            del self._waiting[reply]
            batch.stored.cancel()

    async def _on_ack(self, message: Msg) -> None:
        batch = self._waiting.get(message.subject)
        if batch is not None and not batch.stored.done():
            batch.note(message.data)


class _Batch:
    """How many acks are still out."""

    def __init__(self, count: int) -> None:
        self._left = count
        self.stored: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if count == 0:
            self.stored.set_result(None)

    def note(self, ack: bytes) -> None:
        """One more answer. Without data it says that no stream listens on the subject."""
        if not ack or b'"error"' in ack:
            self.stored.set_exception(JetStreamError(ack.decode() or "no responders"))
            return
        self._left -= 1
        if self._left == 0:
            self.stored.set_result(None)
