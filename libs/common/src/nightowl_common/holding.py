"""Messages in hand: the broker is told that they are worked on, and gives them away only when the worker is gone."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence

from nats.aio.msg import Msg
from nats.errors import Error as NatsError

from nightowl_common import clock
from nightowl_contracts.topology import Consumer

TIMES_PER_WAIT = 4


@contextlib.asynccontextmanager
async def in_hand(messages: Sequence[Msg], consumer: Consumer) -> AsyncIterator[None]:
    """While it lasts, the `ack_wait` of those that are not settled yet begins anew, several times before it is over.

    So `ack_wait` says how soon somebody else gets what a dead process had, and not how long a living one may take.
    """
    telling = asyncio.create_task(_tell(messages, every_seconds=consumer.ack_wait_seconds / TIMES_PER_WAIT))
    try:
        yield
    finally:
        telling.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await telling


async def _tell(messages: Sequence[Msg], *, every_seconds: float) -> None:
    while True:
        await clock.sleep(every_seconds)
        for each in messages:
            if not each.is_acked:
                with contextlib.suppress(NatsError, OSError):  # what the broker does not hear, comes again
                    await each.in_progress()
