"""Calls that were refused because of their bytes are recorded too, so that somebody can see what a sender gets wrong.

Best effort, in the background, a few per second: it never delays, changes or multiplies an answer.
"""

import asyncio

from nightowl_common import clock
from nightowl_common.ids import new_id
from nightowl_common.spool import IngestMessage
from nightowl_contracts import RejectedAlert
from nightowl_ingest.api.intake import Intake
from nightowl_ingest.engine import Call, cut_messages
from nightowl_ingest.model import Reading
from nightowl_ingest.telemetry import REJECTIONS_UNLISTED

PER_SECOND = 10.0


class Allowance:
    """A bucket that holds one second's worth and refills steadily."""

    def __init__(self, per_second: float) -> None:
        self._per_second = per_second
        self._left = per_second
        self._filled_at = 0.0

    def take(self, now: float) -> bool:
        """Whether there is room for one more; `now` in seconds of any steady clock."""
        self._left = min(self._per_second, self._left + (now - self._filled_at) * self._per_second)
        self._filled_at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


class Rejections:
    """Publishes refused items as messages without alerts; enrichment stores and lists them."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake
        self._allowance = Allowance(PER_SECOND)
        self._publishing: set[asyncio.Task[None]] = set()

    def record(self, call: Call, rejected: list[RejectedAlert]) -> None:
        """Returns at once."""
        if not self._allowance.take(clock.monotonic_seconds()):
            REJECTIONS_UNLISTED.inc()
            return
        messages = cut_messages(call, Reading(alerts=[], rejected=rejected), new_id=new_id)
        task = asyncio.create_task(self._publish(messages))
        self._publishing.add(task)
        task.add_done_callback(self._publishing.discard)

    async def close(self) -> None:
        """Waits for what is in hand."""
        await asyncio.gather(*self._publishing)

    async def _publish(self, messages: list[IngestMessage]) -> None:
        for message in messages:
            if not await self._intake.publish(message):
                REJECTIONS_UNLISTED.inc()
