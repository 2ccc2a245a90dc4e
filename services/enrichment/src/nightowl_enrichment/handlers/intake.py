"""INGEST messages in, alerts out: decode → transaction → inbox → load → decide → apply → outbox → commit → ack.

A batch is one transaction or a few, which run side by side; what is told of an alert is read, decided and written in
the order in which it came (`turns`). When another worker was first with one of its alerts, a transaction is done
again in halves. When it fails otherwise, its messages are tried one by one, so that a bad one cannot hold up its
neighbours; a message that fails for the eighth time, or cannot be read at all, goes to the dead letters with a
disposition of its own.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID

import msgspec
from nats.aio.msg import Msg

from nightowl_alerting.model import Disposition, RacedError
from nightowl_common import clock, inbox
from nightowl_common.bus import Bus, BusUnavailableError
from nightowl_common.db import Tx, UnknownTenantError
from nightowl_common.errors import PermanentError, TransientError
from nightowl_common.inbox import Handled
from nightowl_common.logs import get_logger
from nightowl_common.outbox import Outbox
from nightowl_common.telemetry import spans
from nightowl_contracts import AlertsReceived, BatchHandled, subjects
from nightowl_contracts import Outcome as ToldOutcome
from nightowl_contracts.topology import Header
from nightowl_enrichment import store, telemetry
from nightowl_enrichment.engine import PlannedTenants, payloads_to_keep
from nightowl_enrichment.handlers.batching import halves, transactions
from nightowl_enrichment.handlers.heartbeats import Taken, take_beats
from nightowl_enrichment.handlers.matching import Matcher, Tally
from nightowl_enrichment.handlers.reading import decode, received_of, rejected_rows, rejected_whole, traced
from nightowl_enrichment.handlers.receiving import DUE, meets_others, receive
from nightowl_enrichment.handlers.telling import log_handled, measure, measure_tally
from nightowl_enrichment.handlers.turns import Turn, Turns
from nightowl_enrichment.model import Delivered, Outcome, TenantRules
from nightowl_enrichment.settings import Settings

log = get_logger(__name__)

CONSUMER = "enrichment"
AT_ONCE = 2
"""Transactions in hand at most: while the database works on one, another is decided. More would not be faster, and
each has a connection of its own with the plans of all its tenants.
"""

RULES_SECONDS = 2.0
"""How long a tenant's routes, services, groups and heartbeats are remembered: a change is in force no later."""

PLANNED_TENANTS = 80
PLANNED_SECONDS = 300.0
"""Eleven statements for each of them; asyncpg prepares a statement anew after as long."""


class Enricher:
    """Handles batches of INGEST messages. One per process."""

    def __init__(self, *, outbox: Outbox, bus: Bus, settings: Settings, matcher: Matcher) -> None:
        self._outbox = outbox
        self._matcher = matcher
        self._bus = bus
        self._settings = settings
        self._rules: dict[str, tuple[float, TenantRules]] = {}
        self._planned = PlannedTenants(PLANNED_TENANTS, seconds=PLANNED_SECONDS)
        self._turns = Turns()
        self._room = asyncio.Semaphore(min(AT_ONCE, settings.database_pool_size - 1))

    async def on_messages(self, messages: Sequence[Msg]) -> None:
        """Gives every alert in the messages its disposition and acknowledges the messages.

        May be called again before it has returned: of each alert, what it was called with first is written first.
        """
        delivered, unreadable = decode(messages)
        batch = [(part, self._turns.take(part)) for part in transactions(delivered, self._settings.batch_alerts)]
        try:
            ended = await asyncio.gather(
                *(self._handle_in_turn(part, turn) for part, turn in batch),
                *(self._bury(message, reason=reason) for message, reason in unreadable),
                return_exceptions=True,  # no turn ends while its transaction goes on
            )
        finally:
            for _part, turn in batch:
                turn.end()
        for failure in filter(None, ended):
            raise failure

    async def _handle_in_turn(self, part: Sequence[Delivered], turn: Turn) -> None:
        async with self._room:
            with turn:
                await self._handle_part(part, turn)

    async def _handle_part(self, part: Sequence[Delivered], turn: Turn) -> None:
        try:
            await self._handle(part, turn)
        except Exception as error:  # noqa: BLE001  (the edge: what failed is tried one by one and judged there)
            log.warning("batch_failed", messages=len(part), error=f"{type(error).__name__}: {error}")
            was_early = not turn.has_come
            await turn.come()  # and it lasts until the last of them is done
            if (isinstance(error, RacedError) or was_early) and len(part) > 1:
                for half in halves(part):
                    await self._handle_part(half, Turn())
                return
            for each in part:
                await self._handle_alone(each)

    async def _handle_alone(self, delivered: Delivered) -> None:
        attempts = delivered.message.metadata.num_delivered
        try:
            await self._handle([delivered], Turn())
        except (PermanentError, UnknownTenantError) as error:
            await self._bury(delivered.message, reason=error.detail)
        except TransientError as error:
            log.warning("message_delayed", attempts=attempts, error=error.detail)
            await delivered.message.nak(delay=clock.backoff_seconds(attempts, cap=clock.AWAY_SECONDS))
        except Exception as error:
            log.exception("message_failed", attempts=attempts, event_id=str(delivered.event.id))
            if attempts >= self._settings.max_attempts:
                await self._bury(delivered.message, reason=f"{type(error).__name__}: {error}")
            else:
                await delivered.message.nak(delay=clock.backoff_seconds(attempts))

    async def _handle(self, delivered: Sequence[Delivered], turn: Turn) -> None:
        if turn.is_entangled:
            await turn.come()
        with spans("enrich", [each.event.trace for each in delivered], kind="consumer") as opened:
            events = {
                each.event.id: traced(each.event, span.trace) for each, span in zip(delivered, opened, strict=True)
            }
            for each, span in zip(delivered, opened, strict=True):
                span.note(tenant=each.event.tenant, alerts=len(each.event.data.alerts), messages=len(delivered))
            started = clock.monotonic_seconds()
            await self._handle_events(delivered, events, turn)
            log_handled(delivered, opened, seconds=clock.monotonic_seconds() - started)

    async def _handle_events(
        self, delivered: Sequence[Delivered], events: Mapping[UUID, AlertsReceived], turn: Turn
    ) -> None:
        async with self._outbox.global_tx() as tx:
            known = await inbox.load_handled(tx, CONSUMER, list(events))
            fresh = [event for event in events.values() if event.id not in known]
            tally: Tally = Counter()
            handled = await self.apply(tx, fresh, tally, turn=turn)
            await inbox.insert_handled(tx, CONSUMER, handled)
        turn.end()
        await clock.sleep(0)  # the next one's first statement is on its way before we go on
        for each in delivered:
            await each.message.ack()
        if tally[DUE]:
            await self._bus.hint(subjects.HINT_TIMERS)
        telemetry.REDELIVERED.inc(len(known))
        telemetry.BATCH_MESSAGES.observe(len(delivered))
        measure(fresh, handled)
        measure_tally(tally)
        await self._tell(delivered, {each.event_id: each for each in [*known.values(), *handled]})

    async def apply(
        self, tx: Tx, events: Sequence[AlertsReceived], tally: Tally, *, turn: Turn | None = None
    ) -> list[Handled]:
        """What becomes of events that were not handled before, in the caller's transaction; `tally` counts hits.

        Where it has to wait for its turn, it holds nothing yet for which an earlier one could wait. Without one it
        stands in no order.
        """
        by_tenant: dict[str, list[AlertsReceived]] = {}
        for event in sorted(events, key=lambda each: (each.tenant, each.at, each.id)):
            by_tenant.setdefault(event.tenant, []).append(event)
        rules = {tenant: await self._load_rules(tx, tenant) for tenant in by_tenant}
        if turn is not None and any(meets_others(of_tenant, rules[tenant]) for tenant, of_tenant in by_tenant.items()):
            await turn.come()
        handled: list[Handled] = []
        for tenant, of_tenant in by_tenant.items():
            await self._enter(tx, tenant)
            outcomes = await self._apply_to_tenant(tx, tenant, of_tenant, rules[tenant], tally=tally)
            handled += [_handled(event, outcomes[event.id]) for event in of_tenant]
        return handled

    async def _apply_to_tenant(
        self, tx: Tx, tenant: str, events: Sequence[AlertsReceived], rules: TenantRules, *, tally: Tally
    ) -> dict[UUID, list[Outcome]]:
        received = received_of(events)
        taken = await take_beats(tx, tenant, received, rules.watched, tally=tally)
        ordinary = [each for position, each in enumerate(received) if position not in taken.dispositions]
        folded = await receive(tx, tenant, [*ordinary, *taken.returned], rules, matcher=self._matcher, tally=tally)
        results = _with_beats(folded, taken, count=len(received))
        await store.upsert_payloads(tx, payloads_to_keep(received, results))
        await store.insert_rejected(tx, [*taken.rejected, *(row for event in events for row in rejected_rows(event))])
        remaining = iter(results)
        return {event.id: _outcomes(event, remaining) for event in events}

    async def _enter(self, tx: Tx, tenant: str) -> None:
        await self._outbox.require_tenant(tenant)
        await tx.enter_tenant(tenant, keeps_plans=self._planned.holds(tenant, now=clock.monotonic_seconds()))

    async def _load_rules(self, tx: Tx, tenant: str) -> TenantRules:
        now = clock.monotonic_seconds()
        loaded_at, rules = self._rules.get(tenant, (None, None))
        if rules is None or loaded_at is None or now - loaded_at > RULES_SECONDS:
            await self._enter(tx, tenant)
            rules = await store.load_rules(tx)
            self._rules[tenant] = (now, rules)
        return rules

    async def _tell(self, delivered: Sequence[Delivered], handled: dict[UUID, Handled]) -> None:
        for each in delivered:
            reply_to = (each.message.headers or {}).get(Header.REPLY_TO)
            if reply_to is not None and each.event.id in handled:
                result = handled[each.event.id]
                told = BatchHandled(
                    receipt_id=each.event.data.receipt_id,
                    event_id=each.event.id,
                    outcomes=[
                        ToldOutcome(index=index, disposition=disposition, alert_id=alert_id)
                        for index, disposition, alert_id in zip(
                            result.indexes, result.dispositions, result.alert_ids, strict=True
                        )
                    ],
                )
                await self._bus.hint(reply_to, msgspec.json.encode(told))

    async def _bury(self, message: Msg, *, reason: str) -> None:
        """Disposition first, dead letter second: after a crash in between it is buried again, which changes nothing."""
        log.error("message_buried", subject=message.subject, sequence=message.metadata.sequence.stream, reason=reason)
        try:
            await self._record_rejection(message)
            await self._bus.dead_letter(message, reason=reason)
        except (BusUnavailableError, TransientError) as error:
            log.warning("burial_delayed", error=error.detail)
            await message.nak(delay=clock.backoff_seconds(message.metadata.num_delivered))

    async def _record_rejection(self, message: Msg) -> None:
        handled = rejected_whole(message)
        async with self._outbox.global_tx() as tx:
            if handled.event_id not in await inbox.load_handled(tx, CONSUMER, [handled.event_id]):
                await inbox.insert_handled(tx, CONSUMER, [handled])
        telemetry.DISPOSITIONS.labels("rejected").inc(len(handled.indexes))


def _with_beats(
    folded: Sequence[tuple[Disposition, UUID | None]], taken: Taken, *, count: int
) -> list[tuple[Disposition, UUID | None]]:
    """One result per received alert, in order: a beat's own, else the next of those that were folded."""
    rest = iter(folded)
    return [
        (taken.dispositions[position], None) if position in taken.dispositions else next(rest)
        for position in range(count)
    ]


def _outcomes(event: AlertsReceived, results: Iterator[tuple[Disposition, UUID | None]]) -> list[Outcome]:
    """This event's share of the results, then the alerts that were rejected before they came here."""
    accepted = [
        Outcome(index=alert.index, disposition=disposition, alert_id=alert_id)
        for alert, (disposition, alert_id) in zip(event.data.alerts, results, strict=False)
    ]
    return [*accepted, *(Outcome(index=r.index, disposition="rejected", alert_id=None) for r in event.data.rejected)]


def _handled(event: AlertsReceived, outcomes: Sequence[Outcome]) -> Handled:
    return Handled(
        event_id=event.id,
        tenant=event.tenant,
        indexes=[each.index for each in outcomes],
        dispositions=[each.disposition for each in outcomes],
        alert_ids=[each.alert_id for each in outcomes],
    )
