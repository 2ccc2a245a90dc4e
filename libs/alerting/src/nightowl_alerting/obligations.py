"""Pages that are owed: written with their timer, their timeline and their events in one commit.

A delivery and its timer are one obligation: a queued delivery's timer re-hints it, a claimed one's timer ends
its lease, a settled one has none. What happens to it afterwards is in `sending`.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from nightowl_alerting import lifecycle, paging, store
from nightowl_alerting.model import Alert, Change, Delivery, Mute, Recipient, Timer
from nightowl_alerting.paging import ENGINE
from nightowl_alerting.webhooks.store import restore_timers as restore_webhooks
from nightowl_common.db import Tx
from nightowl_common.ids import new_id
from nightowl_contracts import AlertEscalated, DeliveryQueued, DeliverySummary, PageRequested, RequestedPage
from nightowl_contracts.alerts import EscalationStep

RE_HINT_SECONDS = 0.5
"""A queued page that nobody has claimed for so long is the due loops': its hint may be lost, or NATS away."""


class DueTier(msgspec.Struct, frozen=True, kw_only=True):
    """A tier of a locked alert that is to be paged, to whom, and why: `evidence` goes onto the timeline.

    `trace` is what its events belong to; none: what the task is at when they are written.
    """

    alert: Alert
    decision: paging.Page
    recipients: Sequence[Recipient]
    due_at: datetime
    evidence: dict[str, object] = {}
    trace: str | None = None


class _Owed(msgspec.Struct, frozen=True, kw_only=True):
    delivery: Delivery
    is_critical: bool
    trace: str | None


async def page(tx: Tx, tenant: str, tiers: Sequence[DueTier], *, now: datetime) -> None:
    """Pages tiers of different alerts: deliveries, the next timers, timeline and events in one commit."""
    if not tiers:
        return
    changes = [_paged(each, now) for each in tiers]
    await lifecycle.write_changes(tx, tenant, changes, now=now)
    owed = [
        one
        for each in tiers
        for one in _owed(each.alert, each.recipients, each.decision.cycle, each.decision.tier, now, trace=each.trace)
    ]
    await _insert(tx, tenant, owed, now=now)
    await store.insert_escalation_events(tx, [_event_of(each) for each in tiers])
    for each, change in zip(tiers, changes, strict=True):
        step = EscalationStep(
            alert=lifecycle.summary_of(change.after),
            cycle=each.decision.cycle,
            tier=each.decision.tier,
            recipients=[one.recipient for one in each.recipients],
            due_at=each.due_at,
        )
        tx.emit(AlertEscalated(id=new_id(), tenant=tenant, at=now, actor=ENGINE, trace=each.trace, data=step))


def _paged(tier: DueTier, now: datetime) -> Change:
    return paging.page_tier(
        tier.alert, tier.decision, tier.recipients, evidence=tier.evidence, due_at=tier.due_at, now=now
    )


def _event_of(tier: DueTier) -> dict[str, object]:
    return {
        "alert_id": tier.alert.id,
        "cycle": tier.decision.cycle,
        "tier": tier.decision.tier,
        "outcome": "paged" if tier.recipients else "nobody",
        "recipients": [each.recipient for each in tier.recipients],
        "due_at": tier.due_at,
    }


async def mute(tx: Tx, tenant: str, alert: Alert, by: Mute, *, due_at: datetime, now: datetime) -> None:
    """Holds a due tier back. The timer stays, and judges the alert again at `due_at`."""
    change = paging.mute(alert, by, due_at=due_at)
    if change is not None:
        await lifecycle.write_changes(tx, tenant, [change], now=now)
        return
    timer = Timer(kind="escalation", ref=alert.id, tenant=tenant, version=alert.escalation_version, due_at=due_at)
    await store.upsert_timers(tx, [timer])


async def exhaust(
    tx: Tx, tenant: str, alert: Alert, admins: Sequence[Recipient], *, step: int, due_at: datetime, now: datetime
) -> None:  # fmt: skip
    """Ends an escalation that nobody answered, and tells the admins."""
    await lifecycle.write_changes(tx, tenant, [paging.exhaust(alert, told=admins)], now=now)
    await store.delete_timers(tx, "escalation", [alert.id])
    await owe(tx, tenant, alert, admins, cycle=alert.cycle, step=step, now=now)
    await store.insert_escalation_events(
        tx,
        [
            {
                "alert_id": alert.id,
                "cycle": alert.cycle,
                "tier": step,
                "outcome": "exhausted",
                "recipients": [each.recipient for each in admins],
                "due_at": due_at,
            }
        ],
    )


async def hand_over(tx: Tx, tenant: str, alert: Alert, recipients: Sequence[Recipient], *, now: datetime) -> None:
    """Pages a person to whom a locked alert was handed over: a step of its own, beside the tiers."""
    step = await store.load_next_hand_over_step(tx, alert.id, first=paging.HAND_OVER_STEP)
    await owe(tx, tenant, alert, recipients, cycle=alert.cycle, step=step, now=now)
    await store.insert_escalation_events(
        tx,
        [
            {
                "alert_id": alert.id,
                "cycle": alert.cycle,
                "tier": step,
                "outcome": "handed_over",
                "recipients": sorted({each.recipient for each in recipients}),
                "due_at": now,
            }
        ],
    )


async def owe(
    tx: Tx, tenant: str, alert: Alert, recipients: Sequence[Recipient], *, cycle: int, step: int, now: datetime
) -> list[Delivery]:
    """Writes pages to some recipients of a step; those that are owed already are left alone."""
    return await _insert(tx, tenant, _owed(alert, recipients, cycle, step, now, trace=None), now=now)


def _owed(
    alert: Alert, recipients: Sequence[Recipient], cycle: int, step: int, now: datetime, *, trace: str | None
) -> list[_Owed]:  # fmt: skip
    planned = paging.plan_deliveries(
        alert, recipients, cycle=cycle, step=step, ids=[new_id() for _ in recipients], now=now
    )
    is_critical = alert.severity == "critical"
    return [_Owed(delivery=each, is_critical=is_critical, trace=trace) for each in planned]


async def _insert(tx: Tx, tenant: str, owed: Sequence[_Owed], *, now: datetime) -> list[Delivery]:
    """Returns those that were not owed before."""
    by_id = {each.delivery.id: each for each in owed}
    fresh = [by_id[each.id] for each in await store.insert_deliveries(tx, [each.delivery for each in owed])]
    timers = [
        _timer(each.delivery, tenant, _first_look_at(each.delivery, now), is_critical=each.is_critical)
        for each in fresh
    ]
    await store.upsert_timers(tx, timers)
    for each in fresh:
        page, data = each.delivery, _queued(each.delivery)
        tx.emit(DeliveryQueued(id=new_id(), tenant=tenant, at=now, actor=ENGINE, trace=each.trace, data=data))
        if page.not_before <= now:
            emit_hint(
                tx, tenant, page.id, channel=page.channel, is_critical=each.is_critical, now=now, trace=each.trace
            )  # fmt: skip
    return [each.delivery for each in fresh]


def _first_look_at(delivery: Delivery, now: datetime) -> datetime:
    """A page of now is hinted, and looked at again when the hint was lost; a later one has its timer alone."""
    return max(delivery.not_before, now + timedelta(seconds=RE_HINT_SECONDS * (delivery.not_before <= now)))


def _timer(delivery: Delivery, tenant: str, due_at: datetime, *, is_critical: bool) -> Timer:
    return Timer(
        kind="delivery",
        ref=delivery.id,
        tenant=tenant,
        version=delivery.escalation_version,
        due_at=due_at,
        is_critical=is_critical,
    )


def _queued(delivery: Delivery) -> DeliverySummary:
    return DeliverySummary(
        delivery_id=delivery.id,
        alert_id=delivery.alert_id,
        cycle=delivery.cycle,
        step=delivery.step,
        recipient=delivery.recipient,
        channel=delivery.channel,
        status="queued",
    )


def emit_hint(
    tx: Tx, tenant: str, delivery_id: UUID, *, channel: str, is_critical: bool, now: datetime, trace: str | None = None
) -> None:  # fmt: skip
    """Tells the notifiers of a channel to look at a delivery; what is critical has a line of its own."""
    data = RequestedPage(delivery_id=delivery_id, channel=channel, is_critical=is_critical)
    tx.emit(PageRequested(id=new_id(), tenant=tenant, at=now, actor=ENGINE, trace=trace, data=data))


async def restore_missing_timers(tx: Tx, tenant: str) -> int:
    """Gives alerts, heartbeats and posts to subscriptions the timer that they lack; returns how many.

    A pending tier is due now; whatever else was to be due at a time is due then.
    """
    return (
        await _restore_alerts(tx, tenant) + await _restore_heartbeats(tx, tenant) + await restore_webhooks(tx, tenant)
    )


async def _restore_alerts(tx: Tx, tenant: str) -> int:
    rows = await store.lock_timers_missing(tx)
    now = await tx.now()
    timers = [
        Timer(
            kind=row["kind"],
            ref=row["id"],
            tenant=tenant,
            version=row["escalation_version"],
            due_at=row["snoozed_until"] if row["kind"] == "snooze" else now,
        )
        for row in rows
    ]
    await store.upsert_timers(tx, timers)
    return len(rows)


async def _restore_heartbeats(tx: Tx, tenant: str) -> int:
    rows = await store.lock_heartbeats_missing(tx)
    timers = [Timer(kind="heartbeat", ref=row["id"], tenant=tenant, version=0, due_at=row["due_at"]) for row in rows]
    await store.upsert_timers(tx, timers)
    return len(rows)
