"""What happens to alerts, applied: load → decide (transitions) → write, in the caller's transaction.

Every change of an alert goes through `write_changes`: row, timeline, timer, unsent deliveries and events
are one commit, so none of them can be forgotten.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from uuid import UUID

from nightowl_alerting import store, transitions
from nightowl_alerting.actions import leaving, owed_timers
from nightowl_alerting.calm import store as calm
from nightowl_alerting.cards import store as cards
from nightowl_alerting.model import SEVERITY_RANK, TIMED, Alert, AlertNotFoundError, Change, Disposition, Mute, Route
from nightowl_alerting.transitions import Received
from nightowl_common.db import Tx
from nightowl_common.ids import new_id
from nightowl_contracts import (
    Actor,
    AlertAcknowledged,
    AlertAssigned,
    AlertCommented,
    AlertExhausted,
    AlertGrouped,
    AlertInvestigating,
    AlertOpened,
    AlertReopened,
    AlertRepeated,
    AlertResolved,
    AlertSnoozed,
    AlertSummary,
    AlertSuppressed,
    AlertUnacknowledged,
    AlertUnsnoozed,
    AlertUnsuppressed,
    AnyEvent,
    DeliverySummary,
    DeliverySuperseded,
)
from nightowl_contracts.alerts import AssignedAlert, CommentedAlert, GroupedAlert, SnoozedAlert, SuppressedAlert

_EVENTS: dict[
    str,
    type[
        AlertOpened
        | AlertRepeated
        | AlertAcknowledged
        | AlertInvestigating
        | AlertUnacknowledged
        | AlertUnsnoozed
        | AlertResolved
        | AlertReopened
        | AlertExhausted
        | AlertUnsuppressed
    ],
] = {
    "opened": AlertOpened,
    "repeated": AlertRepeated,
    "acknowledged": AlertAcknowledged,
    "investigating": AlertInvestigating,
    "unacknowledged": AlertUnacknowledged,
    "unsnoozed": AlertUnsnoozed,
    "resolved": AlertResolved,
    "reopened": AlertReopened,
    "exhausted": AlertExhausted,
    "unsuppressed": AlertUnsuppressed,
}


_PAGES_STAND = TIMED | {"exhausted"}
"""States in which tiers have paged. Who was asked by hand may have been paged in any."""

_ENDS_MUTES = frozenset({"resolved", "exhausted", "snoozed"})
"""What no longer mutes others, or may not: they are judged again."""

Annotate = Callable[[Sequence[Change]], Awaitable[Sequence[Change]]]
"""Adds to changes what is known about their alerts, before they are written."""


async def receive(
    tx: Tx,
    tenant: str,
    received: Sequence[Received],
    *,
    route: Callable[[Received], Route],
    annotate: Annotate | None = None,
) -> list[tuple[Disposition, UUID | None]]:
    """Folds received alerts of one tenant into its open alerts; returns each one's disposition, in order.

    Raises:
        RacedError: another worker opened one of them first; nothing may be committed, do it again.
    """
    fingerprints = sorted({each.alert.fingerprint for each in received})
    open_alerts = await store.lock_open_alerts(tx, fingerprints)
    last = await store.load_last_episodes(tx, fingerprints)
    now = await tx.now()
    by_fingerprint: dict[str, list[int]] = {}
    for position, each in enumerate(received):
        by_fingerprint.setdefault(each.alert.fingerprint, []).append(position)
    outcomes: list[tuple[Disposition, UUID | None]] = [("stale", None)] * len(received)
    changes: list[Change] = []
    for fingerprint in fingerprints:
        positions = by_fingerprint[fingerprint]
        folded = transitions.fold_received(
            [received[position] for position in positions],
            open_alert=open_alerts.get(fingerprint),
            last_episode=last.get(fingerprint),
            route=route,
            now=now,
        )
        changes += folded.changes
        for position, outcome in zip(positions, folded.outcomes, strict=True):
            outcomes[position] = outcome
    await write_changes(tx, tenant, changes if annotate is None else await annotate(changes), now=now)
    return outcomes


async def acknowledge(tx: Tx, tenant: str, alert_id: UUID, actor: Actor) -> Alert:
    """Somebody takes the alert: timers and unsent pages are gone in the same commit. Idempotent.

    Raises:
        AlertNotFoundError: no such alert.
        AlertResolvedError: it is over already.
    """
    alert, now = await locked(tx, alert_id)
    change = transitions.acknowledge(alert, actor, now)
    return await write_by_hand(tx, tenant, alert, change, actor=actor, action="acknowledge", now=now)


async def resolve(tx: Tx, tenant: str, alert_id: UUID, actor: Actor, *, resolution: str | None) -> Alert:
    """Somebody says that it is over. Idempotent.

    Raises:
        AlertNotFoundError: no such alert.
    """
    alert, now = await locked(tx, alert_id)
    change = transitions.resolve(alert, actor, now, resolution=resolution)
    return await write_by_hand(tx, tenant, alert, change, actor=actor, action="resolve", now=now)


async def write_changes(tx: Tx, tenant: str, changes: Sequence[Change], *, now: datetime) -> None:
    """Writes changes of alerts that this transaction holds, and all that follows from them."""
    new, changed = store.group_by_kind(changes)
    await store.update_alerts(tx, changed)
    await store.insert_alerts(tx, new)
    await store.insert_entries(tx, [(each.after.id, entry) for each in changes for entry in each.entries])
    await _stop(tx, tenant, changes, now=now)
    await store.upsert_timers(tx, [timer for each in changes for timer in owed_timers(each, tenant)])
    await cards.owe(tx, tenant, changes)
    ended = [each.after.id for each in changes if not _ENDS_MUTES.isdisjoint(each.verbs)]
    if ended:
        await store.rejudge_muted_by(tx, ended)
    await _free_held(tx, changes)
    for each in changes:
        _emit(tx, tenant, each, now=now)


async def _free_held(tx: Tx, changes: Sequence[Change]) -> None:
    """What has become worse does not wait on terms that were not meant for it."""
    worse = [
        each.after
        for each in changes
        if each.before is not None and SEVERITY_RANK[each.after.severity] > SEVERITY_RANK[each.before.severity]
    ]
    await calm.free_held(tx, [each.id for each in worse if each.severity == "critical"], is_critical=True)
    await calm.free_held(tx, [each.id for each in worse if each.severity == "major"], is_critical=False)


def summary_of(alert: Alert) -> AlertSummary:
    """The alert as events show it."""
    return AlertSummary(
        alert_id=alert.id,
        fingerprint=alert.fingerprint,
        episode=alert.episode,
        version=alert.version,
        status=alert.status,
        severity=alert.severity,
        title=alert.title,
        source=alert.source,
        occurrence_count=alert.occurrence_count,
        first_fired_at=alert.first_fired_at,
        last_fired_at=alert.last_fired_at,
        service_id=alert.service_id,
    )


async def locked(tx: Tx, alert_id: UUID) -> tuple[Alert, datetime]:
    """The alert, locked until the transaction ends, and the time.

    Raises:
        AlertNotFoundError: no such alert.
    """
    alert = await store.lock_alert(tx, alert_id)
    if alert is None:
        raise AlertNotFoundError
    return alert, await tx.now()


async def write_by_hand(
    tx: Tx, tenant: str, alert: Alert, change: Change | None, *, actor: Actor, action: str, now: datetime
) -> Alert:  # fmt: skip
    """Writes what somebody did, with its line in the audit log; returns the alert as it stands then."""
    if change is None:
        return alert
    await write_changes(tx, tenant, [change], now=now)
    changes = _difference(alert, change.after)
    await store.insert_audit(tx, actor, action=action, entity="alert", entity_id=alert.id, changes=changes)
    return change.after


def _difference(before: Alert, after: Alert) -> dict[str, object]:
    """What a person's action changed: field → [before, after]."""
    fields = ("status", "resolution", "snoozed_until", "assignee_id", "policy_id", "policy_version")
    changed = {name: [getattr(before, name), getattr(after, name)] for name in fields}
    return {name: pair for name, pair in changed.items() if name == "status" or pair[0] != pair[1]}


async def _stop(tx: Tx, tenant: str, changes: Sequence[Change], *, now: datetime) -> None:
    """Voids what is owed for alerts that no longer escalate: their pages first, then the timers."""
    await _stop_pages(tx, tenant, changes, now=now)
    await store.delete_timers(tx, "escalation", leaving(changes, TIMED))
    await store.delete_timers(tx, "snooze", leaving(changes, {"snoozed"}))


async def _stop_pages(tx: Tx, tenant: str, changes: Sequence[Change], *, now: datetime) -> None:
    stopped = [
        each
        for each in changes
        if each.before is not None
        and each.before.escalation_version != each.after.escalation_version
        and (each.before.escalation_state in _PAGES_STAND or each.before.assignee_id is not None)
    ]
    if not stopped:
        return
    superseded = await store.supersede_deliveries(tx, [each.after.id for each in stopped])
    await store.delete_timers(tx, "delivery", [each.delivery_id for each in superseded])
    actor = {each.after.id: each.actor for each in stopped}
    for delivery in superseded:
        emit_superseded(tx, tenant, delivery, actor=actor[delivery.alert_id], now=now)


def emit_superseded(tx: Tx, tenant: str, delivery: DeliverySummary, *, actor: Actor, now: datetime) -> None:
    """The event of a page that was called back."""
    tx.emit(DeliverySuperseded(id=new_id(), tenant=tenant, at=now, actor=actor, data=delivery))


def _emit(tx: Tx, tenant: str, change: Change, *, now: datetime) -> None:
    for verb in change.verbs:
        tx.emit(_event(verb, change, tenant, now=now))


def _event(verb: str, change: Change, tenant: str, *, now: datetime) -> AnyEvent:
    summary, event_id, actor = summary_of(change.after), new_id(), change.actor
    match verb:
        case "snoozed" if change.after.snoozed_until is not None:
            snoozed = SnoozedAlert(alert=summary, until=change.after.snoozed_until)
            return AlertSnoozed(id=event_id, tenant=tenant, at=now, actor=actor, data=snoozed)
        case "assigned":
            assigned = AssignedAlert(alert=summary, assignee_id=change.after.assignee_id)
            return AlertAssigned(id=event_id, tenant=tenant, at=now, actor=actor, data=assigned)
        case "grouped" if change.after.group_id is not None:
            grouped = GroupedAlert(alert=summary, group_id=change.after.group_id)
            return AlertGrouped(id=event_id, tenant=tenant, at=now, actor=actor, data=grouped)
        case "suppressed" if change.after.muted_by is not None:
            suppressed = _suppressed(summary, change.after.muted_by)
            return AlertSuppressed(id=event_id, tenant=tenant, at=now, actor=actor, data=suppressed)
        case "commented":
            commented = CommentedAlert(alert=summary, text=str(change.entries[-1].evidence["text"]))
            return AlertCommented(id=event_id, tenant=tenant, at=now, actor=actor, data=commented)
        case _:
            return _EVENTS[verb](id=event_id, tenant=tenant, at=now, actor=actor, trace=change.trace, data=summary)


def _suppressed(summary: AlertSummary, mute: Mute) -> SuppressedAlert:
    return SuppressedAlert(
        alert=summary, kind=mute.kind, rule_id=mute.id, name=mute.name, until=mute.until, inhibitor_id=mute.alert_id
    )
