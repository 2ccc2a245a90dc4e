"""Acknowledgements that are still out: the broker's for what was published, and ours for what is in hand."""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Sequence
from types import TracebackType
from typing import Any, Self

import msgspec
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.js.errors import APIError, NoStreamResponseError
from nats.js.errors import Error as JetStreamError

from nightowl_common import clock
from nightowl_contracts.topology import Consumer

TIMES_PER_WAIT = 4

LOOK_SECONDS = 0.1
"""Between two looks at which acks are out for too long."""


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
    """PubAcks of what is published: of a batch counted, of a single message told.

    nats-py's own way makes a random inbox name, a timer, a task's worth of waiting and a JSON tree per message, which
    cost more than all else on the way out. Here a subject of one inbox stands for a message or for a batch, and one
    timer looks after all that is out. A refusal fails its batch.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._inbox = client.new_inbox()
        self._numbers = itertools.count()
        self._waiting: dict[str, Acks] = {}
        self._listening = False
        self._look_due: asyncio.TimerHandle | None = None

    async def expect(self, count: int, *, seconds: float) -> "Acks":
        """The acks of `count` messages, which are published with `reply` inside `with`.

        They are late after `seconds`; never (`math.inf`) where the caller's own time-out is over more than them.
        """
        if not self._listening:
            self._listening = True
            await self._client.subscribe(f"{self._inbox}.*", cb=self._on_ack, pending_msgs_limit=-1)
        loop = asyncio.get_running_loop()
        if self._look_due is None:
            self._look_due = loop.call_later(LOOK_SECONDS, self._look)
        reply = f"{self._inbox}.{next(self._numbers)}"
        return Acks(self._waiting, reply, count, loop.create_future(), until=loop.time() + seconds)

    async def _on_ack(self, message: Msg) -> None:
        acks = self._waiting.get(message.subject)
        if acks is not None:
            acks.note(message.data)

    def _look(self) -> None:
        """Ends the waiting for what is out for too long: by up to `LOOK_SECONDS` later than was asked for."""
        loop = asyncio.get_running_loop()
        for acks in self._waiting.values():
            acks.end_when_late(loop.time())
        self._look_due = loop.call_later(LOOK_SECONDS, self._look) if self._waiting else None


class Acks:
    """Those of what is published with `reply`, as long as `with` lasts. `outcome` tells whether the stream has all:

    true when all are new, false when one was stored before; `JetStreamError` when the broker refused one or no stream
    listens on its subject, `TimeoutError` when one is still out.
    """

    __slots__ = ("_are_new", "_left", "_until", "_waiting", "outcome", "reply")

    def __init__(
        self, waiting: "dict[str, Acks]", reply: str, count: int, outcome: "asyncio.Future[bool]", *, until: float
    ) -> None:
        self.reply = reply
        self.outcome = outcome
        self._waiting = waiting
        self._left = count
        self._until = until
        self._are_new = True
        if count == 0:
            outcome.set_result(True)

    def __enter__(self) -> Self:
        self._waiting[self.reply] = self
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        del self._waiting[self.reply]
        self.outcome.cancel()

    def note(self, data: bytes) -> None:
        """One more answer. Without data it says that no stream listens on the subject."""
        if self.outcome.done():
            return
        try:
            self._are_new = _is_new(data) and self._are_new
        except JetStreamError as refusal:
            self.outcome.set_exception(refusal)
            return
        self._left -= 1
        if self._left == 0:
            self.outcome.set_result(self._are_new)

    def end_when_late(self, now: float) -> None:
        """It does not wait for ever."""
        if now >= self._until and not self.outcome.done():
            self.outcome.set_exception(TimeoutError())


class _Answer(msgspec.Struct):
    """The broker's to a publish."""

    error: dict[str, Any] | None = None
    duplicate: bool = False


_answers = msgspec.json.Decoder(_Answer)


def _is_new(data: bytes) -> bool:
    """Raises:
    JetStreamError: it is not stored; of the class that the client has for that.
    """
    if not data:
        raise NoStreamResponseError
    answer = _answers.decode(data)
    if answer.error is not None:
        APIError.from_error(answer.error)
    return not answer.duplicate
