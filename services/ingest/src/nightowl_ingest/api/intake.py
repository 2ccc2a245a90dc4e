"""The promise of ingest: what `accept` returns from is durable, on the stream or in the spool."""

import asyncio
from collections.abc import Sequence

from nightowl_common import clock, spool
from nightowl_common.bus import Bus, BusUnavailableError
from nightowl_common.db import Database, DatabaseUnavailableError
from nightowl_common.logs import get_logger
from nightowl_common.spool import IngestMessage
from nightowl_ingest.api.recent import Recent
from nightowl_ingest.model import NotAcceptedError
from nightowl_ingest.telemetry import MESSAGES_SPOOLED

log = get_logger(__name__)

PUBLISH_SECONDS = 1.0
SPOOL_SECONDS = 3.0
PROBE_SECONDS = 0.25
HELD_SECONDS = 1.5
"""Enrichment says twice a second that nothing reaches it."""

KEEP_SECONDS = 0.25
"""Between two looks whether the bus is gone while nobody calls."""


class Circuit:
    """Remembers that the bus has just failed, so that nobody waits for it in vain.

    While it is open the bus is probed, 250 ms after the last attempt was made or has failed, and not before a hold is
    over; the first probe that works closes it. Times are seconds of any steady clock.
    """

    def __init__(self) -> None:
        self.is_open = False
        self._tried_at = 0.0
        self._held_until = 0.0

    def wants_probe(self, now: float) -> bool:
        """Whether the bus is to be probed; true once for each probe."""
        if not self.is_open or now < max(self._held_until, self._tried_at + PROBE_SECONDS):
            return False
        self._tried_at = now
        return True

    def note_failure(self, now: float) -> bool:
        """Opens it; true when it was closed."""
        was_open, self.is_open, self._tried_at = self.is_open, True, now
        return not was_open

    def hold(self, now: float) -> bool:
        """Opens it for a while, whatever the bus takes; true when it was closed."""
        self._held_until = now + HELD_SECONDS
        return self.note_failure(now)

    def note_success(self) -> bool:
        """Closes it; true when it was open."""
        was_open, self.is_open = self.is_open, False
        return was_open


class Intake:
    """Puts messages where they are safe."""

    def __init__(self, database: Database, bus: Bus) -> None:
        self._database = database
        self._bus = bus
        self._circuit = Circuit()
        self._recent = Recent()
        self._probing: asyncio.Task[bool] | None = None

    async def accept(self, messages: Sequence[IngestMessage], *, reply_to: str | None = None) -> bool:
        """Returns when every message is durable: true when the stream has them all, false when some are spooled.

        Raises:
            NotAcceptedError: at least one is neither on the stream nor in the spool.
        """
        missed = await self._publish(messages, reply_to)
        if not missed:
            return True
        self._probe(missed[0])
        try:
            await self._spool(missed)
        except NotAcceptedError:
            if not await self._is_back() or await self._publish(missed, reply_to):
                raise
            return True
        return False

    async def publish(self, message: IngestMessage) -> bool:
        """Tries the stream alone; for what may be lost."""
        if not await self._publish([message], None):
            return True
        self._probe(message)
        return False

    async def on_unread(self, _hint: bytes) -> None:
        """What the stream takes reaches no enrichment: from now on, and what it has taken lately, goes to the spool."""
        if self._circuit.hold(clock.monotonic_seconds()):
            log.warning("stream_unread_spooling")
        await self._keep_recent()

    async def look_after_recent(self) -> None:
        """Spools what was published just before the bus went away, though nobody calls any more."""
        if not self._bus.is_connected:
            await self._keep_recent()

    async def _keep_recent(self) -> None:
        """It is on the stream, so it is no loss if Postgres is away as well; its id tells the two apart."""
        try:
            await self._spool([])
        except NotAcceptedError:
            log.warning("recent_messages_not_spooled")

    async def close(self) -> None:
        """Waits for what is in hand."""
        await self._is_back()

    async def _publish(self, messages: Sequence[IngestMessage], reply_to: str | None) -> Sequence[IngestMessage]:
        """Those that the stream did not take; all of them at once while the bus is known to be away."""
        if self._circuit.is_open:
            return messages
        if len(messages) == 1:
            stored = [await self._is_stored(messages[0], reply_to)]
        else:
            stored = await asyncio.gather(*(self._is_stored(each, reply_to) for each in messages))
        now, missed = clock.monotonic_seconds(), []
        for each, is_stored in zip(messages, stored, strict=True):
            if is_stored:
                self._recent.note(each, now)
            else:
                missed.append(each)
        return missed

    def _probe(self, message: IngestMessage) -> None:
        """Publishes a message that is spooled as well, so that nobody waits for it; its id tells the two apart."""
        is_under_way = self._probing is not None and not self._probing.done()
        if not is_under_way and self._circuit.wants_probe(clock.monotonic_seconds()):
            self._probing = asyncio.create_task(self._is_stored(message, None), name="probe of the bus")

    async def _is_back(self) -> bool:
        """Whether the probe that was made last, if there was one, was taken."""
        return self._probing is not None and await self._probing

    async def _is_stored(self, message: IngestMessage, reply_to: str | None) -> bool:
        try:
            await self._bus.publish(message.for_bus(reply_to=reply_to), timeout_seconds=PUBLISH_SECONDS)
        except BusUnavailableError as error:
            if self._circuit.note_failure(clock.monotonic_seconds()):
                log.warning("bus_away_spooling", error=error.detail)
            return False
        if self._circuit.note_success():
            log.warning("bus_back")
        return True

    async def _spool(self, missed: Sequence[IngestMessage]) -> None:
        """Together with what was published lately, so that nothing overtakes it there."""
        messages = [*self._recent.take(clock.monotonic_seconds()), *missed]
        if not messages:
            return
        try:
            async with asyncio.timeout(SPOOL_SECONDS), self._database.global_tx() as tx:
                await spool.insert(tx, messages)
        except (DatabaseUnavailableError, TimeoutError) as error:
            raise NotAcceptedError from error
        MESSAGES_SPOOLED.inc(len(messages))
