"""A consumer's messages, pulled in batches: JetStream's own protocol, on a plain subscription.

nats-py's `fetch` makes a task, a future and a timer for each message that it hands over, which costs as much as the
rest of its way from the broker (measured: 85 µs a message in batches of six, 40 without).
"""

import asyncio
import contextlib
import itertools
from collections.abc import Awaitable, Callable
from http import HTTPStatus

import msgspec
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.errors import Error as NatsError
from nats.js.api import Header
from nats.js.errors import APIError
from nats.js.errors import Error as JetStreamError

from nightowl_contracts.topology import Consumer

GRACE_SECONDS = 0.25
"""How much longer than it was asked to wait the broker may take to say that nothing came."""

_NOTHING_MORE = {str(HTTPStatus.NOT_FOUND.value), str(HTTPStatus.REQUEST_TIMEOUT.value)}
_STILL_THERE = str(HTTPStatus.CONTINUE.value)

Send = Callable[[str, bytes, str], Awaitable[None]]


class Pull:
    """One consumer, asked by one task. `send` hands the broker a request: subject, body, where to answer."""

    def __init__(self, client: Client, consumer: Consumer, send: Send) -> None:
        self._client = client
        self._send = send
        self._subject = f"$JS.API.CONSUMER.MSG.NEXT.{consumer.stream}.{consumer.name}"
        self._inbox = client.new_inbox()
        self._numbers = itertools.count()
        self._subscription: Subscription | None = None
        self._came: list[Msg] = []
        self._wanted = 0
        self._asked = ""
        self._answered: asyncio.Future[None] | None = None

    async def fetch(self, batch: int, *, wait_seconds: float) -> list[Msg]:
        """What waits, at most `batch` messages; while nothing does, what comes first within the time.

        Raises:
            TimeoutError: nothing came.
            nats.errors.Error, nats.js.errors.Error: the broker refused, or nobody answers for the consumer.
        """
        if not self._came:  # an answer that came after its time is taken first
            await self._ask(batch, wait_seconds)
        messages, self._came = self._came[:batch], self._came[batch:]
        if not messages:
            raise TimeoutError
        return messages

    async def close(self) -> None:
        """Without this, each failure would leave a subscription, and draining would wait for what nobody takes."""
        if self._subscription is not None:
            with contextlib.suppress(NatsError, JetStreamError, OSError):
                await self._subscription.unsubscribe()

    async def _ask(self, batch: int, wait_seconds: float) -> None:
        if self._subscription is None:
            self._subscription = await self._client.subscribe(
                f"{self._inbox}.*", cb=self._on_message, pending_msgs_limit=-1, pending_bytes_limit=-1
            )
        self._wanted, self._asked = batch, f"{self._inbox}.{next(self._numbers)}"
        self._answered = asyncio.get_running_loop().create_future()
        request = {"batch": batch, "expires": int(wait_seconds * 1e9), "no_wait": True}
        await self._send(self._subject, msgspec.json.encode(request), self._asked)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._answered, wait_seconds + GRACE_SECONDS)

    async def _on_message(self, message: Msg) -> None:
        status = None if message.headers is None else message.headers.get(Header.STATUS)
        if status is None:
            self._came.append(message)
            if len(self._came) >= self._wanted:
                self._end()
        elif message.subject == self._asked and status != _STILL_THERE:
            self._end(None if status in _NOTHING_MORE or self._came else _error(message))

    def _end(self, error: Exception | None = None) -> None:
        if self._answered is None or self._answered.done():
            return
        if error is None:
            self._answered.set_result(None)
        else:
            self._answered.set_exception(error)


def _error(message: Msg) -> Exception:
    try:
        APIError.from_msg(message)
    except JetStreamError as error:
        return error
