"""The due-timer loop: claim → load → decide → apply → commit; and the end of snoozes, which makes timers due.

Claim and effect are one transaction. A worker never waits for a row: timers and alerts that somebody else holds are
skipped and found again in the next round, so that acknowledgements and workers cannot deadlock. A timer that cannot be
paid is put off by itself and does not hold up its neighbours.
"""

import asyncio
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from nightowl_alerting import commands, mutes, obligations, paging
from nightowl_alerting import store as kernel
from nightowl_alerting.model import Alert, Policy, Timer
from nightowl_alerting.noise import store as noise
from nightowl_alerting.noise.model import MuteRules
from nightowl_alerting.obligations import DueTier
from nightowl_alerting.targets import store as targets
from nightowl_alerting.targets.model import Duty, Staff, urgency_of
from nightowl_alerting.targets.parsing import rosters_of
from nightowl_alerting.targets.resolve import page_admins, resolve_tier
from nightowl_alerting.targets.store import PolicyKey
from nightowl_common import clock
from nightowl_common.db import Database, Tx
from nightowl_common.errors import TransientError
from nightowl_common.health import Heartbeat
from nightowl_common.logs import get_logger
from nightowl_common.outbox import Outbox
from nightowl_common.telemetry import SWEEPER_REPAIRS, current_trace, span
from nightowl_escalation import telemetry
from nightowl_escalation.settings import Settings
from nightowl_oncall import OnCall, UnknownZoneError, on_call_at

log = get_logger(__name__)

TENANTS_PER_SWEEP = 100
ALERTS_PER_SWEEP = 500
"""Open alerts of a tenant that are asked about silence in one transaction."""
POSTPONE_SECONDS = 10.0
GATHER_SECONDS = 0.02
"""Between the beginnings of two rounds in a flow of hints: a round costs as much for one alert as for several."""

HELD_SECONDS = 0.02
"""Pause before looking again at timers whose alert somebody else was holding."""


class _Context(msgspec.Struct, frozen=True, kw_only=True):
    """One tenant's data for a batch of due timers."""

    tenant: str
    now: datetime
    alerts: dict[UUID, Alert]
    policies: dict[PolicyKey, Policy]
    staff: Staff
    on_call: dict[UUID, OnCall]
    rules: MuteRules


class TenantRounds:
    """Cuts the tenants into parts, so that one sweep is never long; after the last part comes the first again."""

    def __init__(self) -> None:
        self._swept_to = ""

    def next_part(self, tenants: list[str]) -> list[str]:
        """The next `TENANTS_PER_SWEEP` of sorted slugs."""
        start = bisect_right(tenants, self._swept_to)
        part = tenants[start : start + TENANTS_PER_SWEEP]
        self._swept_to = part[-1] if len(part) == TENANTS_PER_SWEEP else ""
        return part


class TimerWorker:
    """Pays due escalation timers. Any number of these may run side by side, in one process or many."""

    def __init__(self, *, outbox: Outbox, database: Database, settings: Settings) -> None:
        self._outbox = outbox
        self._database = database
        self._settings = settings
        self.wake = asyncio.Event()
        self._rounds = TenantRounds()

    async def run(self, *, stop: asyncio.Event, heartbeat: Heartbeat) -> None:
        """Until told to stop: pays what is due, sleeps until the next is, at most a quarter of a second.

        A hint for every alert wakes it, so a round asks no more than it must: snoozes end in the rhythm of the poll,
        a round that was not full and during which no hint came is followed by a look at when the next timer is due, and
        in a flow of alerts rounds begin apart from each other. The first of a flow is paid at once.
        """
        snoozes_at = 0.0
        while not stop.is_set():
            heartbeat.beat()
            began = clock.monotonic_seconds()
            if clock.monotonic_seconds() >= snoozes_at:
                await self.end_snoozes()
                snoozes_at = clock.monotonic_seconds() + self._settings.timer_poll_seconds
            paid, held = await self.pay_due()
            if paid + held >= self._settings.timer_batch:
                continue
            if not self.wake.is_set():
                seconds = HELD_SECONDS if held else await self._seconds_to_next()
                await clock.wait_for_event(self.wake, seconds)
            if self.wake.is_set():
                await clock.wait_for_event(stop, began + GATHER_SECONDS - clock.monotonic_seconds())
                self.wake.clear()

    async def pay_due(self) -> tuple[int, int]:
        """One round: (timers paid, timers left because their alert was held by somebody)."""
        try:
            async with self._outbox.global_tx() as tx:
                timers = await kernel.claim_due_timers(tx, "escalation", limit=self._settings.timer_batch)
                return await self._pay(tx, timers)
        except TransientError:
            raise
        except Exception:
            log.exception("timer_batch_failed")
        return await self._pay_one_by_one(), 0

    async def end_snoozes(self) -> int:
        """Snoozes whose time is over: each alert is judged again, and what pages is due at once. Returns how many."""
        async with self._database.global_tx() as tx:
            timers = await kernel.load_due_timers(tx, "snooze", limit=self._settings.timer_batch)
        ended = 0
        for timer in timers:
            try:
                ended += await self._end_snooze(timer)
            except TransientError:
                raise
            except Exception:
                log.exception("snooze_failed", tenant=timer.tenant, alert_id=str(timer.ref))
                await self._postpone(timer)
        return ended

    async def _end_snooze(self, timer: Timer) -> bool:
        async with self._outbox.tenant_tx(timer.tenant) as tx:
            if not await kernel.claim_timer(tx, timer):
                return False
            alerts = await kernel.lock_alerts_or_skip(tx, [timer.ref])
            if timer.ref not in alerts:
                if not await kernel.alert_exists(tx, timer.ref):
                    await kernel.delete_timers(tx, "snooze", [timer.ref])
                return False
            return await commands.wake(tx, timer.tenant, alerts[timer.ref], timer_version=timer.version)

    async def _pay_one_by_one(self) -> int:
        """After a batch failed: each timer in a transaction of its own; what fails is put off."""
        async with self._database.global_tx() as tx:
            timers = await kernel.load_due_timers(tx, "escalation", limit=self._settings.timer_batch)
        for timer in timers:
            try:
                async with self._outbox.global_tx() as tx:
                    if await kernel.claim_timer(tx, timer):
                        await self._pay(tx, [timer])
            except TransientError:
                raise
            except Exception:
                log.exception("timer_failed", tenant=timer.tenant, alert_id=str(timer.ref))
                await self._postpone(timer)
        return len(timers)

    async def _postpone(self, timer: Timer) -> None:
        telemetry.POSTPONED.inc()
        async with self._database.global_tx() as tx:
            await kernel.postpone_timer(tx, timer.kind, timer.ref, seconds=POSTPONE_SECONDS)

    async def _pay(self, tx: Tx, timers: Sequence[Timer]) -> tuple[int, int]:
        by_tenant: dict[str, list[Timer]] = {}
        for timer in timers:
            by_tenant.setdefault(timer.tenant, []).append(timer)
        paid = 0
        for tenant in sorted(by_tenant):
            await self._outbox.require_tenant(tenant)
            await tx.enter_tenant(tenant)
            paid += await self._pay_tenant(tx, tenant, by_tenant[tenant])
        return paid, len(timers) - paid

    async def _pay_tenant(self, tx: Tx, tenant: str, timers: Sequence[Timer]) -> int:
        if not await noise.hold_mute_rules(tx):
            return 0
        alerts = await kernel.lock_alerts_or_skip(tx, [timer.ref for timer in timers])
        context = await _load_context(tx, tenant, alerts)
        paid = 0
        tiers: list[DueTier] = []
        for timer in timers:
            if timer.ref in alerts:
                with span("escalate", alerts[timer.ref].trace) as paying:
                    paying.note(tenant=tenant, alert_id=str(timer.ref))
                    await _pay_timer(tx, timer, context, tiers)
                paid += 1
            elif not await kernel.alert_exists(tx, timer.ref):
                await kernel.delete_timers(tx, "escalation", [timer.ref])
                paid += 1
        await obligations.page(tx, tenant, tiers, now=context.now)
        return paid

    async def _seconds_to_next(self) -> float:
        async with self._database.global_tx() as tx:
            seconds = await kernel.load_next_due(tx, "escalation")
        longest = self._settings.timer_poll_seconds
        return longest if seconds is None else min(longest, max(0.0, seconds))

    async def restore_missing(self) -> int:
        """The sweeper for open alerts that should have a timer and have none. Each repair is counted.

        One call looks at `TENANTS_PER_SWEEP` tenants and the next goes on from there.
        """
        repaired = 0
        for tenant in self._rounds.next_part(sorted(await self._database.tenants())):
            async with self._outbox.tenant_tx(tenant) as tx:
                repaired += await obligations.restore_missing_timers(tx, tenant)
        if repaired:
            SWEEPER_REPAIRS.labels("escalation_timers").inc(repaired)
            log.error("escalation_timers_restored", count=repaired)
        return repaired


class SilenceSweeper:
    """Resolves open alerts of which nothing was heard for as long as their tenant says. Any number may run."""

    def __init__(self, *, outbox: Outbox, database: Database) -> None:
        self._outbox = outbox
        self._database = database
        self._rounds = TenantRounds()
        self._reached: dict[str, UUID] = {}

    async def close_silent(self) -> int:
        """Looks at `ALERTS_PER_SWEEP` open alerts of `TENANTS_PER_SWEEP` tenants; the next call goes on from there.

        Returns how many it closed.
        """
        closed = 0
        for tenant in self._rounds.next_part(sorted(await self._database.tenants())):
            closed += await self._close_in(tenant)
        if closed:
            telemetry.AUTO_CLOSED.inc(closed)
        return closed

    async def _close_in(self, tenant: str) -> int:
        async with self._outbox.tenant_tx(tenant) as tx:
            above = self._reached.pop(tenant, None)
            swept = await commands.close_silent(tx, tenant, paging.ENGINE, above=above, limit=ALERTS_PER_SWEEP)
        if swept.reached is not None:
            self._reached[tenant] = swept.reached
        return swept.closed


async def _load_context(tx: Tx, tenant: str, alerts: dict[UUID, Alert]) -> _Context:
    keys = {
        (alert.policy_id, alert.policy_version)
        for alert in alerts.values()
        if alert.policy_id is not None and alert.policy_version is not None
    }
    policies = await targets.load_policies(tx, keys)
    now = await tx.now()
    return _Context(
        tenant=tenant,
        now=now,
        alerts=alerts,
        policies=policies,
        staff=await targets.load_staff(tx),
        on_call=await _load_on_call(tx, tenant, policies.values(), now=now),
        rules=await noise.load_mute_rules(tx),
    )


async def _load_on_call(tx: Tx, tenant: str, policies: Iterable[Policy], *, now: datetime) -> dict[UUID, OnCall]:
    """Who is on call on every roster that some policies ask; one that cannot be read is left out and told."""
    roster_ids = {roster_id for policy in policies for roster_id in rosters_of(policy)}
    book = await targets.load_book(tx, roster_ids, start=now, end=now)
    found = {}
    for roster_id in roster_ids & book.rosters.keys():
        try:
            found[roster_id] = on_call_at(book, roster_id, now)
        except UnknownZoneError as error:
            log.error("roster_unusable", tenant=tenant, roster_id=str(roster_id), error=str(error))  # noqa: TRY400
    return found


async def _pay_timer(tx: Tx, timer: Timer, context: _Context, tiers: list[DueTier]) -> None:
    """Does what a timer asks. A tier to page is added to `tiers`, which the caller writes together."""
    alert = context.alerts[timer.ref]
    if alert.policy_id is None or alert.policy_version is None:
        await kernel.delete_timers(tx, "escalation", [alert.id])
        return
    policy = context.policies[alert.policy_id, alert.policy_version]
    telemetry.LATENESS_SECONDS.observe(max(0.0, (context.now - timer.due_at).total_seconds()))
    decision = paging.decide_escalation(alert, policy, timer_version=timer.version, now=context.now)
    if isinstance(decision, paging.Drop):
        await kernel.delete_timers(tx, "escalation", [alert.id])
        _log_paid(timer, context, outcome="dropped")
        return
    if alert.group_id is not None:  # whether its group has been paged is asked of what is written
        await obligations.page(tx, context.tenant, tiers, now=context.now)
        tiers.clear()
    if await _is_clear(tx, timer, alert, context):
        if isinstance(decision, paging.Exhaust):
            await _exhaust(tx, timer, alert, context)
        else:
            tiers.append(_tier(timer, alert, policy, decision, context))


async def _is_clear(tx: Tx, timer: Timer, alert: Alert, context: _Context) -> bool:
    """Whether nothing mutes an alert now; else its timer waits until it is judged again."""
    match await mutes.judge(tx, alert, context.rules, now=context.now):
        case mutes.Held():
            await kernel.postpone_timer(tx, "escalation", alert.id, seconds=HELD_SECONDS)
            return False
        case mutes.Muted(by=by, due_at=due_at):
            telemetry.MUTED.labels(by.kind).inc()
            await obligations.mute(tx, context.tenant, alert, by, due_at=due_at, now=context.now)
            _log_paid(timer, context, outcome="muted")
            return False
        case mutes.Clear():
            return True


def _log_paid(timer: Timer, context: _Context, *, outcome: str, **more: object) -> None:
    """The line of a timer that is paid; the transaction that it is in may still fail, and then it comes again."""
    late_ms = round((context.now - timer.due_at).total_seconds() * 1000, 1)
    log.info(
        "timer_paid", tenant=context.tenant, alert_id=str(timer.ref), outcome=outcome, late_ms=late_ms, **more
    )  # fmt: skip


def _tier(timer: Timer, alert: Alert, policy: Policy, decision: paging.Page, context: _Context) -> DueTier:
    duty = Duty(roster_id=policy.roster_id, lead_id=policy.lead_id, on_call=context.on_call)
    channel = alert.slack_channel or context.staff.slack_channel
    staff = msgspec.structs.replace(context.staff, slack_channel=channel)
    urgency = urgency_of(alert.severity)
    resolved = resolve_tier(policy.tiers[decision.tier], staff=staff, duty=duty, urgency=urgency)
    tier = str(decision.tier + 1)
    telemetry.ESCALATED.labels(tier).inc()
    telemetry.TIER_LATENESS_SECONDS.labels(tier).observe(max(0.0, (context.now - timer.due_at).total_seconds()))
    _log_paid(timer, context, outcome="paged", tier=decision.tier, cycle=decision.cycle, pages=len(resolved.recipients))
    if not resolved.recipients:
        telemetry.NOBODY.inc()
        log.error("nobody_to_page", tenant=context.tenant, alert_id=str(alert.id), tier=decision.tier)
    return DueTier(
        alert=alert,
        decision=decision,
        recipients=resolved.recipients,
        due_at=timer.due_at,
        evidence={
            "policy_id": str(policy.policy_id),
            "policy_version": policy.version,
            "why": resolved.why,
            "chosen": resolved.chosen,
        },
        trace=current_trace(),
    )


async def _exhaust(tx: Tx, timer: Timer, alert: Alert, context: _Context) -> None:
    await obligations.exhaust(
        tx,
        context.tenant,
        alert,
        page_admins(context.staff),
        step=alert.tier,
        due_at=timer.due_at,
        now=context.now,
    )
    telemetry.EXHAUSTED.inc()
    _log_paid(timer, context, outcome="exhausted")
