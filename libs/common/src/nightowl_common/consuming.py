"""The loop that fetches a consumer's messages in batches and hands them over."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import msgspec
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.js.errors import Error as JetStreamError

from nightowl_common import clock
from nightowl_common.acks import in_hand
from nightowl_common.logs import get_logger
from nightowl_common.pulling import Pull, Send
from nightowl_contracts.topology import Consumer

log = get_logger(__name__)

FETCH_SECONDS = 1.0
"""How long a consumer waits at the broker for its next batch, and so how late it may hear that it shall stop."""

OnBatch = Callable[[list[Msg]], Awaitable[None]]


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """How a consumer's messages are gathered and handed over.

    `batch` is how many come at once, at most. A partial batch comes at once; after it more may gather for
    `gather_seconds`, where many together cost hardly more than one and nobody waits for the single message. A batch of
    `ahead_bytes` or more takes so long that the next one is fetched and handed over meanwhile: then two are in hand.
    """

    batch: int
    gather_seconds: float
    ahead_bytes: int | None


class Consuming:
    """One consumer's loop."""

    def __init__(self, client: Client, send: Send, consumer: Consumer, on_batch: OnBatch, pace: Pace) -> None:
        self._client = client
        self._send = send
        self._consumer = consumer
        self._on_batch = on_batch
        self._pace = pace
        self._handling: list[asyncio.Task[None]] = []

    async def run(self, *, stop: asyncio.Event, beat: Callable[[], None]) -> None:
        """Until `stop` is set and nothing is in hand; an error of the handler ends it too."""
        pull = Pull(self._client, self._consumer, self._send)
        try:
            while not stop.is_set():
                try:
                    messages = await pull.fetch(self._pace.batch, wait_seconds=FETCH_SECONDS)
                except TimeoutError:
                    if self._client.is_connected:
                        beat()
                    continue
                except (NatsError, JetStreamError, OSError) as error:
                    log.warning("fetch_failed", consumer=self._consumer.name, error=type(error).__name__)
                    await pull.close()
                    await clock.sleep(0.5)
                    pull = Pull(self._client, self._consumer, self._send)
                    continue
                beat()
                await self._hand_over(messages)
                if self._pace.gather_seconds and len(messages) < self._pace.batch:
                    await clock.sleep(self._pace.gather_seconds)
            await self._settle(0)
        finally:
            await self._give_up()
            await pull.close()

    async def _hand_over(self, messages: list[Msg]) -> None:
        """Returns when there is room for the next batch."""
        if self._is_long(messages):
            self._handling.append(asyncio.create_task(self._handle(messages)))
            await self._settle(1)
        else:
            await self._handle(messages)
            await self._settle(0)

    async def _handle(self, messages: list[Msg]) -> None:
        async with in_hand(messages, self._consumer):
            await self._on_batch(messages)

    def _is_long(self, messages: Sequence[Msg]) -> bool:
        return self._pace.ahead_bytes is not None and sum(len(each.data) for each in messages) >= self._pace.ahead_bytes

    async def _settle(self, most: int) -> None:
        """Until at most so many batches are in hand, the oldest first."""
        while len(self._handling) > most:
            await self._handling[0]
            del self._handling[0]

    async def _give_up(self) -> None:
        """What is still in hand comes again."""
        for each in self._handling:
            each.cancel()
        await asyncio.gather(*self._handling, return_exceptions=True)
