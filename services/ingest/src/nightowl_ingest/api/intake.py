"""The promise of ingest: what `accept` returns from is durable, on the stream or in the spool."""

import asyncio
from collections.abc import Sequence

from nightowl_common import clock
from nightowl_common.bus import Bus, BusUnavailableError
from nightowl_common.db import Database, DatabaseUnavailableError
from nightowl_common.logs import get_logger
from nightowl_ingest import store
from nightowl_ingest.model import IngestMessage, NotAcceptedError
from nightowl_ingest.telemetry import MESSAGES_SPOOLED

log = get_logger(__name__)

PUBLISH_SECONDS = 1.0
SPOOL_SECONDS = 3.0
PROBE_SECONDS = 0.25


class Circuit:
    """Remembers that the bus has just failed, so that not every request waits for it in vain.

    While it is open, one attempt is let through 250 ms after the last one was made or has failed; the first that
    works closes it. Times are seconds of any steady clock.
    """

    def __init__(self) -> None:
        self._is_open = False
        self._tried_at = 0.0

    def allows(self, now: float) -> bool:
        """Whether to try the bus."""
        if self._is_open and now - self._tried_at < PROBE_SECONDS:
            return False
        self._tried_at = now
        return True

    def note_failure(self, now: float) -> bool:
        """Opens it; true when it was closed."""
        was_open, self._is_open, self._tried_at = self._is_open, True, now
        return not was_open

    def note_success(self) -> bool:
        """Closes it; true when it was open."""
        was_open, self._is_open = self._is_open, False
        return was_open


class Intake:
    """Puts messages where they are safe."""

    def __init__(self, database: Database, bus: Bus) -> None:
        self._database = database
        self._bus = bus
        self._circuit = Circuit()

    async def accept(self, messages: Sequence[IngestMessage], *, reply_to: str | None = None) -> bool:
        """Returns when every message is durable: true when the stream has them all, false when some are spooled.

        Raises:
            NotAcceptedError: at least one is neither on the stream nor in the spool.
        """
        missed = await self._publish(messages, reply_to)
        if missed:
            await self._spool(missed)
        return not missed

    async def publish(self, message: IngestMessage) -> bool:
        """Tries the stream alone; for what may be lost."""
        return await self._is_stored(message, None)

    async def _publish(self, messages: Sequence[IngestMessage], reply_to: str | None) -> Sequence[IngestMessage]:
        """Those that the stream did not take."""
        if len(messages) == 1:
            return () if await self._is_stored(messages[0], reply_to) else messages
        stored = await asyncio.gather(*(self._is_stored(each, reply_to) for each in messages))
        return [each for each, is_stored in zip(messages, stored, strict=True) if not is_stored]

    async def _is_stored(self, message: IngestMessage, reply_to: str | None) -> bool:
        if not self._circuit.allows(clock.monotonic_seconds()):
            return False
        try:
            await self._bus.publish(message.for_bus(reply_to=reply_to), timeout_seconds=PUBLISH_SECONDS)
        except BusUnavailableError as error:
            if self._circuit.note_failure(clock.monotonic_seconds()):
                log.warning("bus_away_spooling", error=error.detail)
            return False
        if self._circuit.note_success():
            log.warning("bus_back")
        return True

    async def _spool(self, messages: Sequence[IngestMessage]) -> None:
        try:
            async with asyncio.timeout(SPOOL_SECONDS), self._database.global_tx() as tx:
                await store.insert_spooled(tx, messages)
        except (DatabaseUnavailableError, TimeoutError) as error:
            raise NotAcceptedError from error
        MESSAGES_SPOOLED.inc(len(messages))
