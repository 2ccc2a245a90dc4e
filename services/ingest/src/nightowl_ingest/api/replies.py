"""Hears what became of alerts from whoever handled them, for callers that wait.

Nothing depends on it: a reply that is late or lost leaves the caller with a receipt.
"""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from uuid import UUID

import msgspec

from nightowl_common.bus import Bus
from nightowl_common.logs import get_logger
from nightowl_contracts import BatchHandled, Outcome, subjects

log = get_logger(__name__)

_handled = msgspec.json.Decoder(BatchHandled)

Awaited = Sequence[asyncio.Future[BatchHandled]]


class Replies:
    """`subject` is this process's own; two processes never hear each other's replies."""

    def __init__(self, instance: str) -> None:
        self.subject = subjects.reply(instance)
        self._awaited: dict[UUID, asyncio.Future[BatchHandled]] = {}

    async def listen(self, bus: Bus) -> None:
        """Starts to hear; reconnecting is the bus's business."""
        await bus.listen(self.subject, self.on_reply)

    async def on_reply(self, body: bytes) -> None:
        """One message's outcomes."""
        try:
            handled = _handled.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            log.warning("unreadable_reply", size=len(body))
            return
        awaited = self._awaited.get(handled.event_id)
        if awaited is not None and not awaited.done():
            awaited.set_result(handled)

    @contextmanager
    def expect(self, event_ids: Sequence[UUID]) -> Iterator[Awaited]:
        """Expects outcomes of these messages from here on, so that none is missed between publishing and waiting."""
        loop = asyncio.get_running_loop()
        futures = [loop.create_future() for _ in event_ids]
        self._awaited.update(zip(event_ids, futures, strict=True))
        try:
            yield futures
        finally:
            for event_id, future in zip(event_ids, futures, strict=True):
                del self._awaited[event_id]
                future.cancel()


async def gather_outcomes(awaited: Awaited, *, seconds: float) -> dict[int, Outcome]:
    """Those outcomes that come within the time, by the alert's index."""
    done, _late = await asyncio.wait(awaited, timeout=seconds)
    return {outcome.index: outcome for future in done for outcome in future.result().outcomes}
