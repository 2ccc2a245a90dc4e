"""The due loop: deliveries whose time has come, whether their hint was lost, their lease ended or their wait is over.

A page never depends on a hint. Slots are counted per channel and apart from those of the hints, so neither a slow
channel nor a storm of hints can keep the due pages of another channel waiting.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

from nats.aio.msg import Msg

from nightowl_alerting import store as kernel
from nightowl_alerting.cards import store as cards
from nightowl_alerting.model import Timer
from nightowl_common import clock
from nightowl_common.bus import Bus
from nightowl_common.db import Database
from nightowl_common.errors import TransientError
from nightowl_common.logs import get_logger
from nightowl_contracts.topology import THREADS
from nightowl_notifier import store, telemetry
from nightowl_notifier.channels.cards import CardKeeper
from nightowl_notifier.channels.dispatch import Dispatcher

log = get_logger(__name__)

LONGEST_SLEEP_SECONDS = 0.25
SHORTEST_SLEEP_SECONDS = 0.02
"""While what is due is in hand or waits for a slot."""

FAILED_SECONDS = 10.0
CROWDED_SECONDS = 1.0
"""When a full round holds timers without a free slot, these make room for the ones behind them."""

LONGEST_CARD_SLEEP_SECONDS = 1.0
SHORTEST_CARD_SLEEP_SECONDS = 0.05
"""Cards are woken by what happens to alerts, so they look less often than pages do."""

CARD_HINTS_AT_ONCE = 500


class Slots:
    """How many due pages are worked on at once, per channel."""

    def __init__(self, per_channel: int) -> None:
        self._per_channel = per_channel
        self._taken: Counter[str] = Counter()

    def take(self, channel: str) -> bool:
        """Takes a slot if one is free; never waits."""
        if self._taken[channel] >= self._per_channel:
            return False
        self._taken[channel] += 1
        return True

    def full(self) -> list[str]:
        """Those that have none left."""
        return [name for name, taken in self._taken.items() if taken >= self._per_channel]

    def give_back(self, channel: str) -> None:
        """The work is done."""
        self._taken[channel] -= 1


class DueDeliveries:
    """One process's due loop; any number of them may run side by side."""

    def __init__(self, database: Database, dispatcher: Dispatcher, *, slots_per_channel: int, batch: int) -> None:
        self._database = database
        self._dispatcher = dispatcher
        self._slots = Slots(slots_per_channel)
        self._batch = batch
        self._tasks: set[asyncio.Task[None]] = set()

    async def run_due_deliveries(self, *, stop: asyncio.Event, beat: Callable[[], None]) -> None:
        """Until told to stop: starts what is due and has a slot, sleeps until the next is due, at most 250 ms."""
        try:
            while not stop.is_set():
                beat()
                seconds = await self.start_due()
                await clock.wait_for_event(stop, seconds)
        finally:
            await self.finish()

    async def finish(self) -> None:
        """Waits for what is in hand."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def start_due(self) -> float:
        """Starts due deliveries that have a free slot; returns the seconds until it is worth looking again."""
        async with self._database.global_tx() as tx:
            due = await kernel.load_due_timers(tx, "delivery", limit=self._batch)
            next_due = await kernel.load_next_due(tx, "delivery")
        fresh = [timer for timer in due if not self._dispatcher.has_in_hand(timer.ref)]
        crowded = [timer for group in _by_tenant(fresh) for timer in await self._start_tenant(group)]
        if len(due) == self._batch:
            await self._postpone(crowded, seconds=CROWDED_SECONDS)
        longest = LONGEST_SLEEP_SECONDS if next_due is None else next_due
        return min(LONGEST_SLEEP_SECONDS, max(SHORTEST_SLEEP_SECONDS, longest))

    async def _start_tenant(self, timers: Sequence[Timer]) -> list[Timer]:
        """Starts what it can of one tenant; returns the timers that found no slot."""
        tenant = timers[0].tenant
        try:
            async with self._database.tenant_tx(tenant) as tx:
                found = await store.load_channels(tx, [timer.ref for timer in timers])
        except TransientError:
            raise
        except Exception:
            log.exception("due_tenant_failed", tenant=tenant)
            await self._put_off(timers)
            return []
        channels = {each.id: each.channel for each in found}
        return [timer for timer in timers if not self._start(timer, channels.get(timer.ref))]

    def _start(self, timer: Timer, channel: str | None) -> bool:
        """`channel` is None when the delivery is gone and only its timer is left, which needs no provider."""
        if not self._slots.take(channel or ""):
            return False
        task = asyncio.create_task(self._pay(timer, channel), name=f"delivery {timer.ref}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return True

    async def _pay(self, timer: Timer, channel: str | None) -> None:
        try:
            await self._dispatcher.pay_due(timer.tenant, timer.ref, channel=channel)
        except TransientError as error:
            log.warning("due_delivery_delayed", delivery_id=str(timer.ref), error=error.detail)
        except Exception:
            log.exception("due_delivery_failed", tenant=timer.tenant, delivery_id=str(timer.ref))
            await self._put_off([timer])
        finally:
            self._slots.give_back(channel or "")

    async def _put_off(self, timers: Sequence[Timer]) -> None:
        telemetry.POSTPONED.inc(len(timers))
        await self._postpone(timers, seconds=FAILED_SECONDS)

    async def _postpone(self, timers: Sequence[Timer], *, seconds: float) -> None:
        await postpone(self._database, timers, seconds=seconds)


class DueCards:
    """One process's loop over cards that are out of date; any number of them may run side by side.

    A timer that is due is all it needs; `wake` makes it look at once. Slots are counted per tenant: one whose Slack is
    slow keeps no other's messages waiting, and none of them keeps a page waiting.
    """

    def __init__(self, database: Database, keeper: CardKeeper, *, slots_per_tenant: int, batch: int) -> None:
        self._database = database
        self._keeper = keeper
        self._slots = Slots(slots_per_tenant)
        self._batch = batch
        self._woken = asyncio.Event()
        self._in_hand: set[UUID] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    def wake(self) -> None:
        """Something may be due now."""
        self._woken.set()

    async def run_due_cards(self, *, stop: asyncio.Event) -> None:
        """Until told to stop: starts what is due and has a slot, sleeps until the next is, or until it is woken."""
        try:
            while not stop.is_set():
                self._woken.clear()
                seconds = await self.start_due()
                await clock.wait_for_event(self._woken, seconds)
        finally:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def start_due(self) -> float:
        """Starts due cards that have a free slot; returns the seconds until it is worth looking again."""
        async with self._database.global_tx() as tx:
            due = await cards.load_due(tx, limit=self._batch, without=self._slots.full())
            next_due = await kernel.load_next_due(tx, "card")
        for timer in due:
            if timer.ref not in self._in_hand:
                self._start(timer)
        longest = LONGEST_CARD_SLEEP_SECONDS if next_due is None else next_due
        return min(LONGEST_CARD_SLEEP_SECONDS, max(SHORTEST_CARD_SLEEP_SECONDS, longest))

    def _start(self, timer: Timer) -> None:
        """One that finds no slot stays due: the next look passes its tenant over."""
        if not self._slots.take(timer.tenant):
            return
        self._in_hand.add(timer.ref)
        task = asyncio.create_task(self._pay(timer), name=f"card {timer.ref}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _pay(self, timer: Timer) -> None:
        try:
            await self._keeper.keep(timer.tenant, timer.ref)
        except TransientError as error:
            log.warning("card_delayed", alert_id=str(timer.ref), error=error.detail)
        except Exception:
            log.exception("card_failed", tenant=timer.tenant, alert_id=str(timer.ref))
            telemetry.POSTPONED.inc()
            await postpone(self._database, [timer], seconds=FAILED_SECONDS)
        finally:
            self._in_hand.discard(timer.ref)
            self._slots.give_back(timer.tenant)


async def postpone(database: Database, timers: Sequence[Timer], *, seconds: float) -> None:
    """Makes room for what stands behind some timers; that it fails is told, and costs only time."""
    try:
        async with database.global_tx() as tx:
            for timer in timers:
                await kernel.postpone_timer(tx, timer.kind, timer.ref, seconds=seconds)
    except TransientError as error:
        log.warning("timers_not_postponed", count=len(timers), error=error.detail)


async def run_card_hints(
    bus: Bus, on_messages: Callable[[Sequence[Msg]], Awaitable[None]], *, stop: asyncio.Event
) -> None:
    """Consumes what happens to alerts until told to stop. Readiness does not depend on it: the timers are enough."""
    await bus.consume(THREADS, on_messages, stop=stop, beat=lambda: None, batch=CARD_HINTS_AT_ONCE)


def _by_tenant(timers: Sequence[Timer]) -> list[list[Timer]]:
    groups: dict[str, list[Timer]] = {}
    for timer in timers:
        groups.setdefault(timer.tenant, []).append(timer)
    return list(groups.values())
