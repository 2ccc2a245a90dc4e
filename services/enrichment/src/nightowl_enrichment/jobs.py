"""Enrichment's loops: consuming INGEST, learning from resolved alerts, and telling of missed heartbeats."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from nats.aio.msg import Msg

from nightowl_alerting import store as kernel
from nightowl_alerting.model import Timer
from nightowl_common import clock, spool
from nightowl_common.bus import Bus, BusUnavailableError
from nightowl_common.db import Database, Tx
from nightowl_common.errors import TransientError
from nightowl_common.health import Heartbeat
from nightowl_common.logs import get_logger
from nightowl_common.outbox import Outbox
from nightowl_contracts import subjects
from nightowl_contracts.topology import ENRICHMENT, KNOWLEDGE
from nightowl_enrichment import telemetry
from nightowl_enrichment.engine import Patience
from nightowl_enrichment.settings import Settings

log = get_logger(__name__)

PARTITIONS_SECONDS = 600.0
"""How often the inbox's partitions are looked after; each holds an hour."""

UNREAD_EVERY_SECONDS = 0.5
UNREAD_SECONDS = 1.0
"""A consumer that has not answered for so long has no leader."""

AHEAD_BYTES = 32 * 1024
"""Of calls in one batch, from which on the next batch is begun meanwhile. Smaller ones cost more than they wait."""

LESSONS_AT_ONCE = 100
MISSES_AT_ONCE = 100
POSTPONE_SECONDS = 10.0

Miss = Callable[[Tx, Timer], Awaitable[bool]]
"""Judges a due timer in its transaction; true when the heartbeat is missed."""


async def run_consumer(
    bus: Bus,
    on_messages: Callable[[Sequence[Msg]], Awaitable[None]],
    *,
    batch: int,
    stop: asyncio.Event,
    heartbeat: Heartbeat,
) -> None:
    """Consumes INGEST until told to stop."""
    await bus.consume(ENRICHMENT, on_messages, stop=stop, beat=heartbeat.beat, batch=batch, ahead_bytes=AHEAD_BYTES)


async def run_learning(
    bus: Bus, on_messages: Callable[[Sequence[Msg]], Awaitable[None]], *, stop: asyncio.Event
) -> None:
    """Consumes resolved alerts until told to stop. Readiness does not depend on it: learning can wait."""
    await bus.consume(KNOWLEDGE, on_messages, stop=stop, beat=lambda: None, batch=LESSONS_AT_ONCE)


async def tell_if_unread(bus: Bus) -> None:
    """Tells ingest when INGEST gives nothing to anybody: its consumer has no leader, or is gone."""
    try:
        if await bus.lag(ENRICHMENT, timeout_seconds=UNREAD_SECONDS) is not None:
            return
    except BusUnavailableError as error:
        log.debug("ingest_unread", error=error.detail)
    await bus.hint(subjects.HINT_UNREAD)


class HeartbeatWatch:
    """Pays due timers of heartbeats. Any number of these may run side by side, in one process or many.

    What was received but not handled may hold the missing beat. So a miss is believed when nothing of the tenant waits
    in the spool and the consumer has nothing left, asked in this order after the timers were read; or after a while.
    """

    def __init__(self, *, outbox: Outbox, database: Database, bus: Bus, settings: Settings, miss: Miss) -> None:
        self._outbox = outbox
        self._database = database
        self._bus = bus
        self._miss = miss
        self._poll_seconds = settings.heartbeat_poll_seconds
        self._patience = Patience(settings.heartbeat_hold_seconds)

    async def run(self, *, stop: asyncio.Event) -> None:
        """Until told to stop: pays what is due, sleeps until the next is."""
        while not stop.is_set():
            if not await self.pay_due():
                await clock.wait_for_event(stop, await self._seconds_to_next())

    async def pay_due(self) -> int:
        """One round; returns how many heartbeats were missed."""
        timers = await self._believable()
        missed = 0
        for timer in timers:
            try:
                missed += await self._pay(timer)
            except TransientError:
                raise
            except Exception:
                log.exception("heartbeat_failed", tenant=timer.tenant, heartbeat_id=str(timer.ref))
                await self._postpone(timer)
        if missed:
            telemetry.MISSES.inc(missed)
            await self._bus.hint(subjects.HINT_TIMERS)
        return missed

    async def _believable(self) -> list[Timer]:
        async with self._database.global_tx() as tx:
            timers = await kernel.load_due_timers(tx, "heartbeat", limit=MISSES_AT_ONCE)
        async with self._database.global_tx() as tx:
            spooled = await spool.load_tenants(tx) if timers else set()
        if not self._patience.is_over(lag=await self._lag() if timers else 0, now=clock.monotonic_seconds()):
            return []
        return [each for each in timers if each.tenant not in spooled]

    async def _lag(self) -> int | None:
        try:
            return await self._bus.lag(ENRICHMENT)
        except BusUnavailableError:
            return None

    async def _pay(self, timer: Timer) -> bool:
        async with self._outbox.tenant_tx(timer.tenant) as tx:
            return await kernel.claim_timer(tx, timer) and await self._miss(tx, timer)

    async def _postpone(self, timer: Timer) -> None:
        telemetry.MISSES_POSTPONED.inc()
        async with self._database.global_tx() as tx:
            await kernel.postpone_timer(tx, timer.kind, timer.ref, seconds=POSTPONE_SECONDS)

    async def _seconds_to_next(self) -> float:
        async with self._database.global_tx() as tx:
            seconds = await kernel.load_next_due(tx, "heartbeat")
        return self._poll_seconds if seconds is None or seconds <= 0 else min(self._poll_seconds, seconds)
