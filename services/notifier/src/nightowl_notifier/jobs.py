"""The due loop: deliveries whose time has come, whether their hint was lost, their lease ended or their wait is over.

A page never depends on a hint. Slots are counted per channel and apart from those of the hints, so neither a slow
channel nor a storm of hints can keep the due pages of another channel waiting. What is critical is looked at first and
has slots of its own; a tenant takes at most half of any.

Events for subscriptions have lanes of their own: a few per subscription, so a receiver that is slow or away keeps
nobody else's events waiting, and none of the pages.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from nats.aio.msg import Msg

from nightowl_alerting import store as kernel
from nightowl_alerting.calm.store import load_due_deliveries
from nightowl_alerting.cards import store as cards
from nightowl_alerting.model import Timer
from nightowl_alerting.paging import CRITICAL_PATIENCE_SECONDS
from nightowl_alerting.webhooks import store as webhooks
from nightowl_auth import hash_in_thread
from nightowl_common import clock
from nightowl_common.bus import Bus
from nightowl_common.db import Database
from nightowl_common.errors import TransientError
from nightowl_common.logs import get_logger
from nightowl_contracts.topology import Consumer
from nightowl_notifier import store, telemetry
from nightowl_notifier.channels.cards import CardKeeper
from nightowl_notifier.channels.dispatch import Dispatcher
from nightowl_notifier.channels.posting import Poster
from nightowl_notifier.channels.slots import Slots, TenantSlots
from nightowl_notifier.channels.testing import CODE_MINUTES, as_page, make_code, receipt_of
from nightowl_notifier.model import Subscriber

log = get_logger(__name__)

LONGEST_SLEEP_SECONDS = 0.25
SHORTEST_SLEEP_SECONDS = 0.02
"""While what is due is in hand or waits for a slot."""

FAILED_SECONDS = 10.0
TEST_PAGES_AT_ONCE = 4
TEST_PAGES_EVERY_SECONDS = 0.5
CROWDED_SECONDS = 1.0
"""When a full round holds timers without a free slot, these make room for the ones behind them: the last for so long,
the first hardly at all, so that in a flood pages go out nearly in their order. If all of them went behind what came
meanwhile, the oldest would wait longest.
"""

LANES_PER_TENANT = 32
STRAY_TIMERS_AT_ONCE = 100
LONGEST_CARD_SLEEP_SECONDS = 1.0
SHORTEST_CARD_SLEEP_SECONDS = 0.05
"""Cards are woken by what happens to alerts, so they look less often than pages do."""

EVENTS_AT_ONCE = 200
CARD_HINTS_AT_ONCE = 500
GATHER_SECONDS = 0.2
"""In a flow, events that come within it are looked at together: a page tells of itself four times, and each look is a
commit. The first of a flow is looked at when it comes."""


class DueDeliveries:
    """One process's due loop; any number of them may run side by side."""

    def __init__(self, database: Database, dispatcher: Dispatcher, *, slots_per_channel: int, batch: int) -> None:
        self._database = database
        self._dispatcher = dispatcher
        self._slots = Slots(slots_per_channel)
        self._batch = batch
        self._first_look_at: datetime | None = None
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
            self._first_look_at = self._first_look_at or await tx.now()
            critical = await load_due_deliveries(tx, is_critical=True, limit=self._batch)
            ordinary = await load_due_deliveries(tx, is_critical=False, limit=self._batch)
            next_due = await kernel.load_next_due(tx, "delivery")
        for due in (critical, ordinary):
            await self._start_lane(due)
        longest = LONGEST_SLEEP_SECONDS if next_due is None else next_due
        return min(LONGEST_SLEEP_SECONDS, max(SHORTEST_SLEEP_SECONDS, longest))

    async def _start_lane(self, due: Sequence[Timer]) -> None:
        fresh = [timer for timer in due if not self._dispatcher.has_in_hand(timer.ref)]
        crowded = [timer for group in _by_tenant(fresh) for timer in await self._start_tenant(group)]
        for group in _by_tenant([timer for timer in crowded if timer.is_critical]):
            await self._give_up_late(group)
        if len(due) == self._batch:
            first_to_last = sorted(crowded, key=lambda timer: timer.due_at)
            await postpone(self._database, first_to_last, seconds=CROWDED_SECONDS, in_turn=True)

    async def _give_up_late(self, timers: Sequence[Timer]) -> None:
        """Not for what had to wait because no notifier was there: that says nothing against the channel."""
        try:
            if not await self._has_run_long_enough():
                return
            await self._dispatcher.give_up_late(timers[0].tenant, [timer.ref for timer in timers])
        except TransientError as error:
            log.warning("late_pages_left", tenant=timers[0].tenant, error=error.detail)
        except Exception:
            log.exception("late_pages_failed", tenant=timers[0].tenant)
            await self._put_off(timers)

    async def _has_run_long_enough(self) -> bool:
        async with self._database.global_tx() as tx:
            now = await tx.now()
        began = self._first_look_at or now
        return now - began >= timedelta(seconds=CRITICAL_PATIENCE_SECONDS)

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
        if not self._slots.take(channel or "", tenant=timer.tenant, is_critical=timer.is_critical):
            return False
        task = asyncio.create_task(self._pay(timer, channel), name=f"delivery {timer.ref}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return True

    async def _pay(self, timer: Timer, channel: str | None) -> None:
        try:
            await self._dispatcher.pay_due(
                timer.tenant, timer.ref, channel=channel, is_critical=timer.is_critical
            )  # fmt: skip
        except TransientError as error:
            log.warning("due_delivery_delayed", delivery_id=str(timer.ref), error=error.detail)
        except Exception:
            log.exception("due_delivery_failed", tenant=timer.tenant, delivery_id=str(timer.ref))
            await self._put_off([timer])
        finally:
            self._slots.give_back(channel or "", tenant=timer.tenant, is_critical=timer.is_critical)

    async def _put_off(self, timers: Sequence[Timer]) -> None:
        telemetry.POSTPONED.inc(len(timers))
        await postpone(self._database, timers, seconds=FAILED_SECONDS)


class DueCards:
    """One process's loop over cards that are out of date; any number of them may run side by side.

    A timer that is due is all it needs; `wake` makes it look at once. Slots are counted per tenant: one whose Slack is
    slow keeps no other's messages waiting, and none of them keeps a page waiting.
    """

    def __init__(self, database: Database, keeper: CardKeeper, *, slots_per_tenant: int, batch: int) -> None:
        self._database = database
        self._keeper = keeper
        self._slots = TenantSlots(slots_per_tenant)
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
                await clock.wait_for_any((self._woken, stop), seconds)
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


async def postpone(database: Database, timers: Sequence[Timer], *, seconds: float, in_turn: bool = False) -> None:
    """Makes room for what stands behind some timers; that it fails is told, and costs only time."""
    try:
        async with database.global_tx() as tx:
            for kind in {each.kind for each in timers}:
                refs = [each.ref for each in timers if each.kind == kind]
                await kernel.postpone_free_timers(tx, kind, refs, seconds=seconds, in_turn=in_turn)
    except TransientError as error:
        log.warning("timers_not_postponed", count=len(timers), error=error.detail)


async def run_gathered(
    bus: Bus,
    consumer: Consumer,
    on_messages: Callable[[Sequence[Msg]], Awaitable[None]],
    *,
    batch: int,
    stop: asyncio.Event,
) -> None:
    """Consumes events that nobody waits for one by one, until told to stop. Readiness does not depend on it."""
    await bus.consume(consumer, on_messages, stop=stop, beat=lambda: None, batch=batch, gather_seconds=GATHER_SECONDS)


class DueTestPages:
    """Sends test pages, each once: the claim decides who does, and one that nobody settled is unclear."""

    def __init__(self, database: Database, dispatcher: Dispatcher, *, lease_seconds: float) -> None:
        self._database = database
        self._dispatcher = dispatcher
        self._lease_seconds = lease_seconds

    async def run_due(self) -> None:
        """One look: sends what is due, some at once.

        Raises:
            TransientError: the database cannot be used; the timers stay due.
        """
        async with self._database.global_tx() as tx:
            due = await kernel.load_due_timers(tx, "test_page", limit=TEST_PAGES_AT_ONCE)
        await asyncio.gather(*(self._pay_or_put_off(timer) for timer in due))

    async def _pay_or_put_off(self, timer: Timer) -> None:
        try:
            await self._pay(timer)
        except TransientError:
            raise
        except Exception:
            log.exception("test_page_failed", tenant=timer.tenant, test_page_id=str(timer.ref))
            async with self._database.global_tx() as tx:
                await kernel.postpone_timer(tx, "test_page", timer.ref, seconds=FAILED_SECONDS)

    async def _pay(self, timer: Timer) -> None:
        async with self._database.tenant_tx(timer.tenant) as tx:
            page = await store.claim_test_page(tx, timer.ref, lease_seconds=self._lease_seconds)
            if page is None:
                if not await store.end_test_page(tx, timer.ref):
                    await kernel.delete_timers(tx, "test_page", [timer.ref])
                return
            await kernel.postpone_timer(tx, "test_page", timer.ref, seconds=self._lease_seconds)
        code = await self._make_code(timer) if page.purpose == "code" else None
        receipt = receipt_of(await self._dispatcher.send_once(as_page(timer.tenant, page, code=code)))
        async with self._database.tenant_tx(timer.tenant) as tx:
            await store.settle_test_page(tx, page.id, **msgspec.structs.asdict(receipt))
            await kernel.delete_timers(tx, "test_page", [timer.ref])
        log.info(
            "test_page", tenant=timer.tenant, test_page_id=str(page.id), channel=page.channel, result=receipt.status
        )

    async def _make_code(self, timer: Timer) -> str:
        """A new code, known here and to whom it is sent; what is kept of it is its hash."""
        code = make_code()
        code_hash = await hash_in_thread(code)
        async with self._database.tenant_tx(timer.tenant) as tx:
            await store.keep_code(tx, timer.ref, code_hash, minutes=CODE_MINUTES)
        return code


def _by_tenant(timers: Sequence[Timer]) -> list[list[Timer]]:
    groups: dict[str, list[Timer]] = {}
    for timer in timers:
        groups.setdefault(timer.tenant, []).append(timer)
    return list(groups.values())


class DueEvents:
    """One process's lanes: each posts what its subscription is owed, oldest first, until nothing is due.

    Any number of processes may run side by side: the claim decides who posts. `wake` may be called from anywhere, when
    there is something to post that was not there before.
    """

    def __init__(self, database: Database, poster: Poster, *, lanes_per_subscription: int) -> None:
        self._database = database
        self._poster = poster
        self._lanes_per_subscription = lanes_per_subscription
        self._lanes: Counter[Subscriber] = Counter()
        self._resting: dict[Subscriber, float] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Looks for what is due at once."""
        self._woken.set()

    async def run(self, *, stop: asyncio.Event) -> None:
        """Until told to stop: opens lanes for what is due, and looks again when woken, or after 250 ms."""
        try:
            while not stop.is_set():
                self._woken.clear()
                await self.open_lanes(stop)
                await clock.wait_for_any((self._woken, stop), LONGEST_SLEEP_SECONDS)
        finally:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def open_lanes(self, stop: asyncio.Event) -> None:
        """Opens as many lanes as there is work and room for. A tenant that cannot be looked at stops no other."""
        async with self._database.global_tx() as tx:
            tenants = await webhooks.load_due_tenants(tx)
        for tenant in tenants:
            try:
                due = await self._load_due(tenant)
            except TransientError:
                raise
            except Exception:
                log.exception("due_events_failed", tenant=tenant)
                continue
            for subscriber, count in due.items():
                self._open(subscriber, count, stop)

    async def _load_due(self, tenant: str) -> dict[Subscriber, int]:
        async with self._database.tenant_tx(tenant) as tx:
            due = await webhooks.load_due_subscriptions(tx, most=self._lanes_per_subscription)
            if not due:
                await webhooks.delete_stray_timers(tx, tenant, limit=STRAY_TIMERS_AT_ONCE)
        return {Subscriber(tenant=tenant, subscription_id=each): count for each, count in due.items()}

    def _open(self, subscriber: Subscriber, count: int, stop: asyncio.Event) -> None:
        if self._resting.get(subscriber, 0.0) > clock.monotonic_seconds():
            return
        self._resting.pop(subscriber, None)
        of_tenant = sum(count for each, count in self._lanes.items() if each.tenant == subscriber.tenant)
        room = min(self._lanes_per_subscription - self._lanes[subscriber], LANES_PER_TENANT - of_tenant)
        for _ in range(min(count, room)):
            self._lanes[subscriber] += 1
            task = asyncio.create_task(self._drain(subscriber, stop), name=f"webhooks {subscriber.subscription_id}")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _drain(self, subscriber: Subscriber, stop: asyncio.Event) -> None:
        try:
            while not stop.is_set() and await self._poster.post_next(subscriber):
                pass
        except TransientError as error:
            log.warning("due_events_delayed", tenant=subscriber.tenant, error=error.detail)
        except Exception:
            log.exception("due_events_failed", tenant=subscriber.tenant)
            self._resting[subscriber] = clock.monotonic_seconds() + FAILED_SECONDS
        finally:
            self._lanes[subscriber] -= 1
            if not self._lanes[subscriber]:
                del self._lanes[subscriber]
