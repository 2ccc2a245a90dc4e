"""The spool in, alerts out, without the bus: claim → inbox → apply → forget, in one transaction.

So an alert that was accepted while JetStream was away waits for Postgres alone. What the stream holds all the same is
told apart by the inbox, whichever comes first. What the spool held becomes history on the stream later, by the outbox.

Left to the stream, where what cannot be handled is judged: what cannot be read, what fails for the eighth time, and
what came to nothing. The last is a resolve without its alert: the firing before it may stand in the stream, and must
not open an alert after its own end.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence

import msgspec

from nightowl_alerting.model import RacedError
from nightowl_common import clock, inbox, spool
from nightowl_common.bus import Bus, BusUnavailableError
from nightowl_common.db import Tx, UnknownTenantError
from nightowl_common.errors import PermanentError, TransientError
from nightowl_common.inbox import Handled
from nightowl_common.logs import get_logger
from nightowl_common.outbox import Outbox
from nightowl_common.spool import IngestMessage
from nightowl_common.telemetry import SWEEPER_REPAIRS, spans
from nightowl_contracts import AlertsReceived, UnreadableEventError, subjects
from nightowl_enrichment.handlers.intake import CONSUMER, Enricher
from nightowl_enrichment.handlers.matching import Tally
from nightowl_enrichment.handlers.reading import read, traced
from nightowl_enrichment.handlers.receiving import DUE
from nightowl_enrichment.handlers.telling import measure, measure_tally
from nightowl_enrichment.settings import Settings

log = get_logger(__name__)

AT_ONCE = 200
BYTES_AT_ONCE = 16 * 1024**2
MOST_LEFT = 200
"""Each look passes over what is left; when it is so much, a resolve without its alert is taken for what it seems."""

PUBLISH_SECONDS = 3.0
"""Below the 5 s after which Postgres ends a transaction that does nothing."""


class _Failed(msgspec.Struct, frozen=True):
    """How often a message has failed by itself, and when it is tried again, in seconds of the steady clock."""

    attempts: int
    again_at: float


class _Taken(msgspec.Struct, frozen=True, kw_only=True):
    """What a transaction came to: events that were fresh, what became of those that are done, and what is left."""

    fresh: Sequence[AlertsReceived]
    handled: Sequence[Handled]
    done: Sequence[str]
    left: frozenset[str]
    tally: Tally


class SpoolTaker:
    """Takes what waits in the spool. Any number of these may run side by side, in one process or many."""

    def __init__(self, *, outbox: Outbox, bus: Bus, enricher: Enricher, settings: Settings) -> None:
        self._outbox = outbox
        self._bus = bus
        self._enricher = enricher
        self._settings = settings
        self._count = AT_ONCE
        self._failed: dict[str, _Failed] = {}
        self._left: frozenset[str] = frozenset()

    async def take(self) -> int:
        """Until nothing is there that can be taken now; returns how many messages were.

        Raises:
            TransientError: the database cannot be used; what was not taken stays.
        """
        taken = 0
        for message_id in self._due_again():
            taken += await self._take_alone(message_id)
        while (messages := await self._take_some()) is not None:
            taken += messages
        if taken:
            SWEEPER_REPAIRS.labels("spool").inc(taken)
            log.warning("spool_taken", messages=taken)
        return taken

    async def pass_on(self) -> int:
        """Gives what was left to the stream, if that answers; returns how many messages it took.

        A row is deleted only after its PubAck, in the transaction that locked it; after a crash in between it goes
        out again, under the same ids.
        """
        asked = sorted(self._left)[:AT_ONCE]
        if not asked or not self._bus.is_connected:
            return 0
        async with self._outbox.global_tx() as tx:
            passed = await self._publish_each(await spool.lock(tx, asked))
            await spool.delete(tx, passed)
            there = await spool.find(tx, asked)
        self._left -= set(asked) - there
        if passed:
            SWEEPER_REPAIRS.labels("spool").inc(len(passed))
            log.warning("spool_passed_on", messages=len(passed))
        return len(passed)

    async def _publish_each(self, messages: Sequence[IngestMessage]) -> list[str]:
        """The ids of those that the stream has."""
        outcomes = await asyncio.gather(*(self._is_published(each) for each in messages))
        return [each.message_id for each, is_stored in zip(messages, outcomes, strict=True) if is_stored]

    async def _is_published(self, message: IngestMessage) -> bool:
        try:
            await self._bus.publish(message.for_bus(), timeout_seconds=PUBLISH_SECONDS)
        except BusUnavailableError as error:
            log.debug("spooled_message_not_taken", message_id=message.message_id, error=error.detail)
            return False
        return True

    def _due_again(self) -> list[str]:
        now = clock.monotonic_seconds()
        return [message_id for message_id, each in self._failed.items() if each.again_at <= now]

    async def _take_some(self) -> int | None:
        """One transaction; None when there was nothing to take. One that fails is done again with fewer messages."""
        messages: list[IngestMessage] = []
        try:
            async with self._outbox.global_tx() as tx:
                messages = await spool.claim(
                    tx, count=self._count, alerts=self._settings.batch_alerts, size_bytes=BYTES_AT_ONCE,
                    without=[*self._left, *self._failed],
                )  # fmt: skip
                if not messages:
                    return None
                taken = await self._apply(tx, messages)
        except Exception as error:  # the edge: what failed is tried one by one and judged there
            if not messages or _is_the_database(error):
                raise
            log.warning("spooled_batch_failed", messages=len(messages), error=f"{type(error).__name__}: {error}")
            self._count = max(1, len(messages) // 2)
            if len(messages) == 1:
                self._note_failure(messages[0], error)
            return 0
        self._count = min(AT_ONCE, self._count * 2)
        await self._settle(taken)
        return len(taken.done)

    async def _take_alone(self, message_id: str) -> int:
        """A message that has failed before, in a transaction of its own, so that it spoils nobody else's."""
        messages: list[IngestMessage] = []
        try:
            async with self._outbox.global_tx() as tx:
                messages = await spool.lock(tx, [message_id])
                taken = await self._apply(tx, messages)
        except Exception as error:  # the edge: whatever is wrong with it, it is tried again or left to the stream
            if not messages or _is_the_database(error):
                raise
            self._note_failure(messages[0], error)
            return 0
        self._failed.pop(message_id)
        await self._settle(taken)
        return len(taken.done)

    def _note_failure(self, message: IngestMessage, error: Exception) -> None:
        before = self._failed.get(message.message_id)
        attempts = 1 if before is None else before.attempts + 1
        log.error(
            "spooled_message_failed", message_id=message.message_id, event_id=str(message.event_id), attempts=attempts,
            error=f"{type(error).__name__}: {error}",
        )  # fmt: skip
        is_final = isinstance(error, PermanentError | UnknownTenantError)
        if is_final or attempts >= self._settings.max_attempts:
            self._failed.pop(message.message_id, None)
            self._left |= {message.message_id}
        else:
            again_at = clock.monotonic_seconds() + clock.backoff_seconds(attempts)
            self._failed[message.message_id] = _Failed(attempts, again_at)

    async def _apply(self, tx: Tx, messages: Sequence[IngestMessage]) -> _Taken:
        events = {each.message_id: event for each in messages if (event := _read(each)) is not None}
        known = await inbox.load_handled(tx, CONSUMER, [event.id for event in events.values()])
        fresh = {event.id: event for event in events.values() if event.id not in known}
        tally: Tally = Counter()
        with spans("enrich", [event.trace for event in fresh.values()], kind="consumer") as opened:
            at_hand = [traced(event, span.trace) for event, span in zip(fresh.values(), opened, strict=True)]
            applied = await self._enricher.apply(tx, at_hand, tally)
        handled = [each for each in applied if len(self._left) >= MOST_LEFT or not _is_nothing(each)]
        await inbox.insert_handled(tx, CONSUMER, handled)
        new = {each.event_id for each in handled}
        done = [
            each for each in messages if each.message_id in events and events[each.message_id].id in known.keys() | new
        ]
        await self._outbox.keep(tx, [each.for_bus() for each in done if events[each.message_id].id in new])
        await spool.delete(tx, [each.message_id for each in done])
        left = {each.message_id for each in messages} - {each.message_id for each in done}
        return _Taken(
            fresh=[fresh[each.event_id] for each in handled], handled=handled,
            done=[each.message_id for each in done], left=frozenset(left), tally=tally,
        )  # fmt: skip

    async def _settle(self, taken: _Taken) -> None:
        """After the commit."""
        self._left |= taken.left
        if taken.tally[DUE]:
            await self._bus.hint(subjects.HINT_TIMERS)
        measure(taken.fresh, taken.handled)
        measure_tally(taken.tally)


def _is_the_database(error: Exception) -> bool:
    """Whether it says nothing about the messages."""
    return isinstance(error, TransientError) and not isinstance(error, RacedError)


def _read(message: IngestMessage) -> AlertsReceived | None:
    try:
        return read(message.body)
    except UnreadableEventError as error:
        log.warning("spooled_message_unreadable", message_id=message.message_id, reason=str(error))
        return None


def _is_nothing(handled: Handled) -> bool:
    """Whether it changed nothing: all that it told of was over already, or never known."""
    return all(each == "stale" for each in handled.dispositions)
