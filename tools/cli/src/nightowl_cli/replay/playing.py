"""A span, played into a shadow: the code of enrichment and escalation, at the times at which it happened.

Messages come at the time of their receipt, timers are paid when they are due, and people do what they did. Nothing
leaves: events stay in the shadow's outbox, pages stay queued, the bus was never connected.
"""

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

import asyncpg
from nats.aio.client import Client

from nightowl_alerting import actions, commands
from nightowl_cli.replay.model import Deed, Played, Sorted, Span
from nightowl_cli.replay.recorded import SQL
from nightowl_common.bus import Bus
from nightowl_common.cache import Cache
from nightowl_common.db import Database
from nightowl_common.errors import NightOwlError
from nightowl_common.outbox import Outbox
from nightowl_common.settings import load_settings
from nightowl_contracts import AlertsReceived
from nightowl_enrichment.handlers.intake import Enricher
from nightowl_enrichment.handlers.matching import Matcher
from nightowl_enrichment.settings import Settings as EnrichmentSettings
from nightowl_escalation.jobs import TimerWorker
from nightowl_escalation.settings import Settings as EscalationSettings
from nightowl_sql import set_clock

Connection: TypeAlias = "asyncpg.Connection[Any]"

NOWHERE = "shadow.invalid"
"""A shadow has no bus and no cache; the name cannot exist (RFC 2606)."""

MOST_ROUNDS = 10_000
"""Looks at due timers between two messages, after which something is wrong."""


class StuckError(NightOwlError):
    """Timers of the shadow are due again and again."""


class NoCache(Cache):
    """Remembers nothing: the installation's cache must not learn from a shadow."""

    def __init__(self) -> None:
        super().__init__(f"redis://{NOWHERE}")

    async def get(self, key: str) -> bytes | None:  # noqa: ARG002
        """Never anything."""
        return None

    async def put(self, key: str, value: bytes, *, seconds: int) -> None:
        """Forgets it."""


class Player:
    """Plays one span into one shadow. `clock` is a connection to it that nothing else uses."""

    def __init__(self, database: Database, clock: Connection, url: str, span: Span) -> None:
        client = Client()
        bus = Bus(client, client.jetstream(), asyncio.Event())
        outbox = Outbox(database, bus)
        where = {"DATABASE_URL": url, "NATS_URL": NOWHERE, "REDIS_URL": NOWHERE}
        settings = load_settings(EnrichmentSettings, where)
        matcher = Matcher(cache=NoCache(), settings=settings)
        self._enricher = Enricher(outbox=outbox, bus=bus, settings=settings, matcher=matcher)
        self._worker = TimerWorker(outbox=outbox, database=database, settings=load_settings(EscalationSettings, where))
        self._database = database
        self._clock = clock
        self._span = span
        self._now = span.since
        self._played = Played()

    async def play(self, messages: AsyncIterator[AlertsReceived], deeds: Sequence[Deed]) -> Played:
        """All of it, to the end of the span."""
        waiting = deque(deeds)
        async for event in messages:
            await self._do(waiting, until=event.at)
            await self._advance(event.at)
            await self._receive(event)
        await self._do(waiting, until=self._span.until)
        await self._advance(self._span.until)
        return self._played

    async def _advance(self, to: datetime) -> None:
        """Pays what is due on the way, each at its time."""
        for _ in range(MOST_ROUNDS):
            async with self._database.global_tx() as tx:
                due_at: datetime | None = await tx.fetchval(SQL["load_next_due"], to)
            if due_at is None:
                break
            await self._set(due_at)
            await self._worker.end_snoozes()
            await self._worker.pay_due()
        else:
            raise StuckError
        await self._set(to)

    async def _set(self, at: datetime) -> None:
        self._now = max(self._now, at)
        await set_clock(self._clock, self._now)

    async def _receive(self, event: AlertsReceived) -> None:
        self._played.messages += 1
        try:
            async with self._database.global_tx() as tx:
                [handled] = await self._enricher.apply(tx, [event], Counter())
        except Exception as error:  # noqa: BLE001  (the edge: to find messages on which this version breaks is the point)
            self._played.failures[str(event.id)] = f"{type(error).__name__}: {error}"
            return
        fingerprints = {each.index: each.fingerprint for each in event.data.alerts}
        self._played.sorted += [
            Sorted(
                event_id=event.id,
                receipt_id=event.data.receipt_id,
                index=index,
                fingerprint=fingerprints.get(index, ""),
                disposition=disposition,
            )
            for index, disposition in zip(handled.indexes, handled.dispositions, strict=True)
        ]

    async def _do(self, waiting: deque[Deed], *, until: datetime) -> None:
        while waiting and waiting[0].at <= until:
            deed = waiting.popleft()
            await self._advance(deed.at)
            if await self._is_done(deed):
                self._played.deeds += 1
            else:
                self._played.left_out += 1

    async def _is_done(self, deed: Deed) -> bool:
        """False where it cannot be done here: nothing of the fingerprint is open, or it does not fit its state."""
        command = _command(deed)
        if command is None:
            return False
        try:
            async with self._database.tenant_tx(self._span.tenant) as tx:
                alert_id: UUID | None = await tx.fetchval(SQL["find_open"], deed.fingerprint)
                if alert_id is None:
                    return False
                await commands.apply(tx, self._span.tenant, alert_id, deed.actor, command)
        except NightOwlError:
            return False
        return True


def _command(deed: Deed) -> actions.AnyCommand | None:
    """The command behind a deed; None for those that only production's people and policies can answer."""
    match deed.kind:
        case "acknowledged":
            return actions.Acknowledge()
        case "investigating":
            return actions.Investigate()
        case "unacknowledged":
            return actions.Unacknowledge()
        case "resolved":
            return actions.Resolve(resolution=deed.evidence.get("resolution"))
        case "snoozed":
            return actions.Snooze(until=datetime.fromisoformat(deed.evidence["until"]))
        case "escalated_by_hand":
            return actions.EscalateNow()
        case _:
            return None
