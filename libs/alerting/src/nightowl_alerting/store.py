"""The only SQL that writes alerts, their timeline, timers and deliveries: one typed function per query."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import asyncpg
import msgspec

from nightowl_alerting.model import (
    Alert,
    Change,
    Claim,
    Delivery,
    DeliveryState,
    Entry,
    Episode,
    MatchKind,
    Owed,
    RacedError,
    Timer,
)
from nightowl_alerting.origin import ORIGIN
from nightowl_common.db import Record, Tx, load_queries
from nightowl_contracts import Actor, DeliverySummary

SQL = load_queries(__package__)

_OPTIONAL = [each for each in msgspec.structs.fields(Alert) if not each.required]
ALERT_DEFAULTS = {e.name: e.default_factory() if e.default is msgspec.NODEFAULT else e.default for e in _OPTIONAL}
"""What an alert's JSON leaves out."""


class AnsweredPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page that somebody answers, with what is told of its alert. `person` is the recipient's name, if it is one."""

    alert_id: UUID
    cycle: int
    step: int
    recipient: str
    channel: str
    person: str | None
    created_at: datetime
    title: str
    severity: str
    status: str
    taken_by: str | None


class SentAttempt(msgspec.Struct, frozen=True, kw_only=True):
    """What is written of an attempt that the provider took. `outcome`: `sent`, or `found` when a look-up proved it."""

    delivery_id: UUID
    token: int
    outcome: str
    provider: str
    provider_id: str | None
    detail: str | None


async def lock_open_alerts(tx: Tx, fingerprints: Sequence[str]) -> dict[str, Alert]:
    """The open alerts by fingerprint, locked until the transaction ends."""
    rows = await tx.fetch(SQL["lock_open_alerts"], sorted(fingerprints))
    return {row["fingerprint"]: _alert(row) for row in rows}


async def load_last_episodes(tx: Tx, fingerprints: Sequence[str]) -> dict[str, Episode]:
    """The newest closed episodes by fingerprint."""
    rows = await tx.fetch(SQL["load_last_episodes"], list(fingerprints))
    return {row["fingerprint"]: msgspec.convert(dict(row), Episode) for row in rows}


async def lock_alert(tx: Tx, alert_id: UUID) -> Alert | None:
    """One alert, locked until the transaction ends."""
    row = await tx.fetchrow(SQL["lock_alert"], alert_id)
    return None if row is None else _alert(row)


async def lock_alerts_or_skip(tx: Tx, alert_ids: Sequence[UUID]) -> dict[UUID, Alert]:
    """Those of the alerts that nobody else is changing right now, locked."""
    rows = await tx.fetch(SQL["lock_alerts_or_skip"], list(alert_ids))
    return {row["id"]: _alert(row) for row in rows}


async def insert_alerts(tx: Tx, alerts: Sequence[Alert]) -> None:
    """New alerts, in fingerprint order so that rivals wait for each other instead of deadlocking.

    Raises:
        RacedError: another worker opened one of them first.
    """
    if alerts:
        try:
            ordered = sorted(alerts, key=lambda each: (each.fingerprint, each.episode))
            await tx.execute(SQL["insert_alerts"], ordered, ALERT_DEFAULTS)
        except asyncpg.UniqueViolationError as error:
            raise RacedError from error


async def update_alerts(tx: Tx, alerts: Sequence[Alert]) -> None:
    """Alerts that this transaction has locked.

    Raises:
        RacedError: one was opened again while a newer episode was opening.
    """
    if alerts:
        try:
            await tx.execute(SQL["update_alerts"], list(alerts), ALERT_DEFAULTS)
        except asyncpg.UniqueViolationError as error:
            raise RacedError from error


async def move_matches(tx: Tx, *, source: UUID, target: UUID) -> None:
    """Alerts that point at one incident point at another one from now on."""
    await tx.execute(SQL["move_matches"], source, target)


async def set_match(tx: Tx, alert_id: UUID, *, incident_id: UUID, kind: MatchKind, score: float) -> None:
    """The incident that an alert belongs to, found after it was opened."""
    await tx.execute(SQL["set_match"], alert_id, incident_id, kind, score)


async def insert_entries(tx: Tx, entries: Sequence[tuple[UUID, Entry]]) -> None:
    """Timeline entries, in order."""
    if entries:
        rows = [
            {"alert_id": alert_id, "kind": entry.kind, "actor": entry.actor, "evidence": entry.evidence}
            for alert_id, entry in entries
        ]
        await tx.execute(SQL["insert_entries"], rows)


async def upsert_timers(tx: Tx, timers: Sequence[Timer]) -> None:
    """Sets when something is due; one timer per (kind, ref) however often this is called."""
    if timers:
        await tx.execute(SQL["upsert_timers"], sorted(timers, key=lambda each: each.ref))


async def delete_timers(tx: Tx, kind: str, refs: Sequence[UUID]) -> None:
    """Paid or void."""
    if refs:
        await tx.execute(SQL["delete_timers"], kind, sorted(refs))


async def claim_due_timers(tx: Tx, kind: str, *, limit: int) -> list[Timer]:
    """Due timers that no other worker holds, locked until the transaction ends."""
    return [msgspec.convert(dict(row), Timer) for row in await tx.fetch(SQL["claim_due_timers"], kind, limit)]


async def claim_timer(tx: Tx, timer: Timer) -> bool:
    """One timer, locked until the transaction ends; false when it changed or somebody else holds it."""
    return bool(await tx.fetchval(SQL["claim_timer"], timer.kind, timer.ref, timer.version))


async def alert_exists(tx: Tx, alert_id: UUID) -> bool:
    """Whether there is such an alert, locked or not."""
    return bool(await tx.fetchval(SQL["alert_exists"], alert_id))


async def load_due_timers(tx: Tx, kind: str, *, limit: int) -> list[Timer]:
    """Due timers, not locked."""
    return [msgspec.convert(dict(row), Timer) for row in await tx.fetch(SQL["load_due_timers"], kind, limit)]


async def load_next_due(tx: Tx, kind: str) -> float | None:
    """Seconds until the next timer of a kind is due (negative: overdue); None when there is none."""
    seconds: float | None = await tx.fetchval(SQL["load_next_due"], kind)
    return seconds


async def pull_timer_forward(tx: Tx, alert_id: UUID) -> None:
    """The next tier is due now."""
    await tx.execute(SQL["pull_timer_forward"], alert_id)


async def rejudge_muted_by(tx: Tx, alert_ids: Sequence[UUID]) -> None:
    """What some alerts have muted is judged again now."""
    await tx.execute(SQL["rejudge_muted_by"], [str(each) for each in alert_ids])


async def rejudge_muted(tx: Tx) -> None:
    """What anything has muted is judged again now."""
    await tx.execute(SQL["rejudge_muted"])


async def postpone_timer(tx: Tx, kind: str, ref: UUID, *, seconds: float) -> None:
    """Due again in a while: used when paying it failed, so that it does not block its neighbours."""
    await tx.execute(SQL["postpone_timer"], kind, ref, seconds)


async def postpone_free_timers(
    tx: Tx, kind: str, refs: Sequence[UUID], *, seconds: float, in_turn: bool = False
) -> None:  # fmt: skip
    """`postpone_timer` for many, passing over what somebody holds; `in_turn`: the first at once, the last after all."""
    await tx.execute(SQL["postpone_free_timers"], kind, list(refs), seconds, in_turn)


async def insert_escalation_events(tx: Tx, events: Sequence[Mapping[str, object]]) -> None:
    """Tiers that fired: alert_id, cycle, tier, outcome, recipients, due_at."""
    if events:
        await tx.execute(SQL["insert_escalation_events"], list(events))


async def load_next_hand_over_step(tx: Tx, alert_id: UUID, *, first: int) -> int:
    """The number of the next step beside the tiers of a locked alert."""
    step: int = await tx.fetchval(SQL["load_next_hand_over_step"], alert_id, first)
    return step


async def insert_deliveries(tx: Tx, deliveries: Sequence[Delivery]) -> list[Delivery]:
    """Pages that are owed; returns those that were not owed before."""
    if not deliveries:
        return []
    fresh = {row["id"] for row in await tx.fetch(SQL["insert_deliveries"], list(deliveries))}
    return [each for each in deliveries if each.id in fresh]


async def supersede_deliveries(tx: Tx, alert_ids: Sequence[UUID]) -> list[DeliverySummary]:
    """Calls back the unsent pages of some alerts."""
    return [_summary(row) for row in await tx.fetch(SQL["supersede_deliveries"], sorted(alert_ids))]


async def claim_delivery(tx: Tx, delivery_id: UUID, *, lease_seconds: float) -> Claim | None:
    """The right to send a queued page; None when it is not queued or its alert no longer needs it."""
    row = await tx.fetchrow(SQL["claim_delivery"], delivery_id, lease_seconds)
    return None if row is None else msgspec.convert(dict(row), Claim)


async def claim_critical_deliveries(
    tx: Tx, tenant: str, delivery_ids: Sequence[UUID], *, lease_seconds: float
) -> list[Claim]:  # fmt: skip
    """The right to send those of some queued pages whose critical alerts need them and that nobody else is changing."""
    rows = await tx.fetch(SQL["claim_critical_deliveries"], list(delivery_ids), lease_seconds, tenant)
    return [msgspec.convert(dict(row), Claim) for row in rows]


async def list_queued(tx: Tx, delivery_ids: Sequence[UUID]) -> list[UUID]:
    """Those of some deliveries that are queued."""
    return [row["id"] for row in await tx.fetch(SQL["list_queued"], list(delivery_ids))]


async def claim_unclear_delivery(tx: Tx, delivery_id: UUID, *, lease_seconds: float) -> Claim | None:
    """The right to find out what became of a send whose lease is over."""
    row = await tx.fetchrow(SQL["claim_unclear_delivery"], delivery_id, lease_seconds)
    return None if row is None else msgspec.convert(dict(row), Claim)


async def load_delivery_state(tx: Tx, delivery_id: UUID) -> DeliveryState | None:
    """Where a delivery stands."""
    row = await tx.fetchrow(SQL["load_delivery_state"], delivery_id)
    return None if row is None else msgspec.convert(dict(row), DeliveryState)


async def supersede_delivery(tx: Tx, delivery_id: UUID, *, token: int | None) -> DeliverySummary | None:
    """One page that is no longer needed; with a token, only while that claim holds."""
    return _maybe(await tx.fetchrow(SQL["supersede_delivery"], delivery_id, token))


async def settle_sent(tx: Tx, attempts: Sequence[SentAttempt]) -> list[DeliverySummary]:
    """Sent, each with its attempt and without its timer; what was fenced is left out: its attempt has come late."""
    return [msgspec.convert(dict(row), DeliverySummary) for row in await tx.fetch(SQL["settle_sent"], list(attempts))]


async def settle_queued_again(
    tx: Tx, claim: Claim, *, provider: str, reason: str, is_repeat: bool, wait_seconds: float
) -> DeliverySummary | None:
    """Back in the queue after a wait; None when fenced. `is_repeat` marks and counts one that may have arrived."""
    row = await tx.fetchrow(
        SQL["settle_queued_again"], claim.delivery_id, claim.token, provider, reason, is_repeat, wait_seconds
    )
    return _maybe(row)


async def settle_unclear(tx: Tx, claim: Claim, *, provider: str, wait_seconds: float) -> DeliverySummary | None:
    """Waiting for proof; None when fenced."""
    row = await tx.fetchrow(SQL["settle_unclear"], claim.delivery_id, claim.token, wait_seconds, provider)
    return _maybe(row)


async def settle_failed(tx: Tx, claim: Claim, *, provider: str, reason: str) -> DeliverySummary | None:
    """Failed for good; None when fenced."""
    return _maybe(await tx.fetchrow(SQL["settle_failed"], claim.delivery_id, claim.token, provider, reason))


async def insert_attempt(
    tx: Tx,
    claim: Claim,
    *,
    outcome: str,
    provider: str,
    reason: str,
    detail: str | None,
) -> None:
    """What an attempt came to that was not a success."""
    await tx.execute(SQL["insert_attempt"], claim.delivery_id, claim.token, outcome, provider, reason, detail)


async def lock_delivery(tx: Tx, delivery_id: UUID) -> DeliverySummary | None:
    """One delivery, locked until the transaction ends."""
    return _maybe(await tx.fetchrow(SQL["lock_delivery"], delivery_id))


async def apply_callback(
    tx: Tx, delivery_id: UUID, *, status: str, provider: str, provider_id: str, word: str, reason: str | None
) -> DeliverySummary | None:  # fmt: skip
    """What the provider says became of it."""
    return _maybe(await tx.fetchrow(SQL["apply_callback"], delivery_id, status, provider, provider_id, word, reason))


async def load_answered_page(tx: Tx, delivery_id: UUID) -> AnsweredPage | None:
    """A delivery and its alert as they stand, for somebody who answers."""
    row = await tx.fetchrow(SQL["load_answered_page"], delivery_id)
    return None if row is None else msgspec.convert(dict(row), AnsweredPage)


async def load_used_channels(tx: Tx, failed: Owed) -> set[str]:
    """Channels that the step of a delivery has already used for its recipient."""
    rows = await tx.fetch(SQL["load_used_channels"], failed.alert_id, failed.cycle, failed.step, failed.recipient)
    return {row["channel"] for row in rows}


async def step_has_hope(tx: Tx, failed: DeliverySummary) -> bool:
    """Whether any page of a delivery's step was sent or still may be."""
    return bool(await tx.fetchval(SQL["step_has_hope"], failed.alert_id, failed.cycle, failed.step))


async def pull_delivery_forward(tx: Tx, failed: DeliverySummary) -> tuple[UUID, str] | None:
    """The next page that the same step owes its recipient later is due now: (delivery id, channel), if there is one."""
    row = await tx.fetchrow(SQL["pull_delivery_forward"], failed.alert_id, failed.cycle, failed.step, failed.recipient)
    return None if row is None else (row["id"], row["channel"])


async def insert_audit(
    tx: Tx, actor: Actor, *, action: str, entity: str, entity_id: UUID | None, changes: dict[str, object]
) -> None:
    """Who changed what, in the transaction of the change: the one way into the audit log. COMMIT chains it."""
    call = ORIGIN.get()
    await tx.execute(
        SQL["insert_audit"], actor, action, entity, entity_id, changes, call.address, call.request_id
    )  # fmt: skip


async def lock_timers_missing(tx: Tx) -> list[Record]:
    """Open alerts without a timer that they should have: id, escalation_version, its kind, snoozed_until."""
    return await tx.fetch(SQL["lock_timers_missing"])


async def lock_heartbeats_missing(tx: Tx) -> list[Record]:
    """Heartbeats that are awaited without a timer: id, due_at."""
    return await tx.fetch(SQL["lock_heartbeats_missing"])


async def load_auto_close_minutes(tx: Tx, tenant: str) -> int | None:
    """After how much silence the tenant's open alerts are over; None: never, or it could not be heard for so long."""
    minutes: int | None = await tx.fetchval(SQL["load_auto_close_minutes"], tenant)
    return minutes


async def find_silent(tx: Tx, *, minutes: int, above: UUID | None, limit: int) -> list[tuple[UUID, bool]]:
    """The next open alerts in order of id, not locked, each with whether nothing was heard of it for so long."""
    return [(row["id"], row["is_silent"]) for row in await tx.fetch(SQL["find_silent"], minutes, above, limit)]


async def load_stirred(tx: Tx, alert_ids: Sequence[UUID], *, minutes: int) -> set[UUID]:
    """Those of the alerts that somebody has opened again, or whose snooze has ended, less than so long ago."""
    return {row["alert_id"] for row in await tx.fetch(SQL["load_stirred"], list(alert_ids), minutes)}


async def load_open_alert_id(tx: Tx, fingerprint: str) -> UUID | None:
    """The open alert of a fingerprint."""
    alert_id: UUID | None = await tx.fetchval(SQL["load_open_alert_id"], fingerprint)
    return alert_id


async def user_is_active(tx: Tx, user_id: UUID) -> bool:
    """Whether there is such an active person."""
    return bool(await tx.fetchval(SQL["user_is_active"], user_id))


def group_by_kind(changes: Sequence[Change]) -> tuple[list[Alert], list[Alert]]:
    """(new, changed) alerts."""
    new = [each.after for each in changes if each.before is None]
    return new, [each.after for each in changes if each.before is not None]


def _alert(row: Record) -> Alert:
    return msgspec.convert(dict(row), Alert)


def _summary(row: Record) -> DeliverySummary:
    fields = dict(row)
    return msgspec.convert({**fields, "delivery_id": fields.pop("id")}, DeliverySummary)


def _maybe(row: Record | None) -> DeliverySummary | None:
    return None if row is None else _summary(row)
