"""What people may ask of an alert, decided. Pure: ids and time are arguments.

`decide` is the whole state machine beside receiving: a command on an alert gives a change, None when it is so already,
or a typed refusal. What must never happen: a firing alert that pages nobody without a timer or a reason, or a page of
an alert that somebody has taken.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

import msgspec

from nightowl_alerting import transitions
from nightowl_alerting.model import (
    TIMED,
    Alert,
    AlertResolvedError,
    Change,
    Entry,
    EscalationState,
    NothingPendingError,
    SnoozeInPastError,
    Timer,
    Verb,
)
from nightowl_common.errors import FieldProblem
from nightowl_contracts import Actor

LONGEST_SNOOZE = timedelta(days=366)

Words = Annotated[str, msgspec.Meta(max_length=10_000, pattern=r"^[^\x00]*$")]
Reason = Annotated[str, msgspec.Meta(max_length=1_000, pattern=r"^[^\x00]*$")]


class Command(msgspec.Struct, frozen=True, kw_only=True, tag_field="action", forbid_unknown_fields=True):
    """Something that is asked of an alert; `reason` is told on the timeline."""

    reason: Reason | None = None


class Acknowledge(Command, frozen=True, kw_only=True, tag="acknowledge"):
    """Take it: paging stops. Ends a snooze."""


class Investigate(Command, frozen=True, kw_only=True, tag="investigate"):
    """Somebody works on it. Takes it, if nobody has."""


class Unacknowledge(Command, frozen=True, kw_only=True, tag="unacknowledge"):
    """Give it back: it is firing again, and the escalation starts anew from tier 1 at once."""


class Resolve(Command, frozen=True, kw_only=True, tag="resolve"):
    """It is over."""

    resolution: Words | None = None


class Reopen(Command, frozen=True, kw_only=True, tag="reopen"):
    """It was not over: the same episode fires again, and the escalation starts anew."""


class Snooze(Command, frozen=True, kw_only=True, tag="snooze"):
    """Nothing pages before `until`; what still fires then is judged again and pages at once."""

    until: datetime


class Assign(Command, frozen=True, kw_only=True, tag="assign"):
    """Ask a person to look after it; null takes that back. Paging goes on."""

    assignee_id: UUID | None


class Comment(Command, frozen=True, kw_only=True, tag="comment"):
    """Words for the timeline."""

    text: Annotated[str, msgspec.Meta(min_length=1, max_length=10_000, pattern=r"^[^\x00]*$")]


class EscalateNow(Command, frozen=True, kw_only=True, tag="escalate"):
    """The next tier is due now."""


AnyCommand = (
    Acknowledge | Investigate | Unacknowledge | Resolve | Reopen | Snooze | Assign | Comment | EscalateNow
)  # fmt: skip


def decide(alert: Alert, command: AnyCommand, actor: Actor, now: datetime) -> Change | None:  # noqa: C901  # a table
    """What a command makes of an alert; None when it is so already.

    Raises:
        ConflictError: the alert's state does not allow it; each case has its own class.
        SnoozeInPastError: `until` is not in the year ahead.
    """
    match command:
        case Acknowledge():
            change = transitions.acknowledge(alert, actor, now)
        case Investigate():
            change = _investigate(alert, actor, now)
        case Unacknowledge():
            change = _unacknowledge(alert, actor, now)
        case Resolve(resolution=resolution):
            change = transitions.resolve(alert, actor, now, resolution=resolution)
        case Reopen():
            change = _reopen(alert, actor, now)
        case Snooze(until=until):
            change = _snooze(alert, actor, now, until=until)
        case Assign(assignee_id=assignee_id):
            change = _assign(alert, actor, assignee_id=assignee_id)
        case Comment(text=text):
            change = _changed(alert, alert, actor, verb="commented", evidence={"text": text})
        case EscalateNow():
            change = _escalate_now(alert, actor, now)
    return change if change is None or command.reason is None else _with_reason(change, command.reason)


def wake(alert: Alert, actor: Actor, now: datetime) -> Change:
    """The snooze is over: it is firing, nobody has it, and it is judged again."""
    given_back = msgspec.structs.replace(alert, status="firing", acknowledged_at=None, acknowledged_by=None)
    after, due_at = transitions.restart(given_back, now)
    evidence: dict[str, object] = {"why": "the snooze is over", "escalation": after.escalation_reason}
    return _changed(alert, _risen(after), actor, verb="unsnoozed", evidence=evidence, due_at=due_at)


def close_silent(alert: Alert, actor: Actor, now: datetime, *, minutes: int) -> Change | None:
    """The end of an open alert of which nothing was heard for so long, whoever has it.

    None while it is snoozed, when it has been heard of, and when it is over already.
    """
    if alert.snoozed_until is not None or now - alert.last_fired_at < timedelta(minutes=minutes):
        return None
    return transitions.resolve(alert, actor, now, resolution=f"nothing heard for {minutes} minutes")


def owed_timers(change: Change, tenant: str) -> list[Timer]:
    """The timers that a change sets."""
    after = change.after
    due: list[tuple[str, datetime]] = []
    if change.due_at is not None and after.escalation_state in TIMED:
        due.append(("escalation", change.due_at))
    is_new = change.before is None or change.before.escalation_version != after.escalation_version
    if after.snoozed_until is not None and is_new:
        due.append(("snooze", after.snoozed_until))
    return [
        Timer(kind=kind, ref=after.id, tenant=tenant, version=after.escalation_version, due_at=due_at)  # type: ignore[arg-type]  # both are kinds
        for kind, due_at in due
    ]


def leaving(changes: Sequence[Change], states: Collection[EscalationState]) -> list[UUID]:
    """Alerts whose escalation leaves some states: the timer that belongs to these is void."""
    return [
        each.after.id
        for each in changes
        if each.before is not None
        and each.before.escalation_state in states
        and each.after.escalation_state not in states
    ]


def _investigate(alert: Alert, actor: Actor, now: datetime) -> Change | None:
    _require_open(alert)
    if alert.status == "investigating" and alert.snoozed_until is None:
        return None
    taken = transitions.acknowledge(alert, actor, now)
    after = msgspec.structs.replace(alert if taken is None else taken.after, status="investigating")
    entries = [] if taken is None else taken.entries
    verbs: list[Verb] = [] if taken is None else taken.verbs
    change = _changed(alert, after if taken else _risen(after), actor, verb="investigating")
    return msgspec.structs.replace(change, entries=[*entries, *change.entries], verbs=[*verbs, *change.verbs])


def _unacknowledge(alert: Alert, actor: Actor, now: datetime) -> Change | None:
    _require_open(alert)
    if alert.status == "firing":
        return None
    given_back = msgspec.structs.replace(alert, status="firing", acknowledged_at=None, acknowledged_by=None)
    after, due_at = transitions.restart(given_back, now)
    evidence: dict[str, object] = {"escalation": after.escalation_reason}
    return _changed(alert, _risen(after), actor, verb="unacknowledged", evidence=evidence, due_at=due_at)


def _reopen(alert: Alert, actor: Actor, now: datetime) -> Change | None:
    if alert.status != "resolved":
        return None
    opened = msgspec.structs.replace(
        alert, status="firing", acknowledged_at=None, acknowledged_by=None, resolved_at=None, resolved_by=None,
        ended_at=None, resolution=None,
    )  # fmt: skip
    after, due_at = transitions.restart(opened, now)
    evidence: dict[str, object] = {"escalation": after.escalation_reason}
    if alert.resolution is not None:
        evidence["was_resolved_with"] = alert.resolution
    return _changed(alert, _risen(after), actor, verb="reopened", evidence=evidence, due_at=due_at)


def _snooze(alert: Alert, actor: Actor, now: datetime, *, until: datetime) -> Change | None:
    _require_open(alert)
    if until.tzinfo is None or not now < until <= now + LONGEST_SNOOZE:
        raise SnoozeInPastError(fields=[FieldProblem(field="until", reason="in the year ahead, with an offset")])
    if alert.snoozed_until == until:
        return None
    after = msgspec.structs.replace(
        alert,
        snoozed_until=until,
        escalation_state="snoozed",
        escalation_reason=f"snoozed until {until.isoformat(timespec='seconds')} by {actor.name}",
        escalation_version=alert.escalation_version + 1,
        muted_by=None,
    )
    return _changed(alert, _risen(after), actor, verb="snoozed", evidence={"until": until.isoformat()})


def _assign(alert: Alert, actor: Actor, *, assignee_id: UUID | None) -> Change | None:
    _require_open(alert)
    if alert.assignee_id == assignee_id:
        return None
    after = msgspec.structs.replace(alert, assignee_id=assignee_id)
    evidence: dict[str, object] = {"assignee_id": None if assignee_id is None else str(assignee_id)}
    return _changed(alert, _risen(after), actor, verb="assigned", evidence=evidence)


def _escalate_now(alert: Alert, actor: Actor, now: datetime) -> Change:
    _require_open(alert)
    if alert.escalation_state not in TIMED:
        raise NothingPendingError
    evidence: dict[str, object] = {"cycle": alert.cycle, "tier": alert.tier}
    if alert.muted_by is not None:
        evidence["in_spite_of"] = alert.muted_by
    after = msgspec.structs.replace(alert, ignores_mutes=alert.ignores_mutes or alert.muted_by is not None)
    entry = Entry(kind="escalated_by_hand", actor=actor, evidence=evidence)
    return Change(before=alert, after=_risen(after), actor=actor, entries=[entry], verbs=[], due_at=now)


def _require_open(alert: Alert) -> None:
    if alert.status == "resolved":
        raise AlertResolvedError


def _risen(alert: Alert) -> Alert:
    return msgspec.structs.replace(alert, version=alert.version + 1)


def _changed(
    before: Alert,
    after: Alert,
    actor: Actor,
    *,
    verb: Verb,
    evidence: dict[str, object] | None = None,
    due_at: datetime | None = None,
) -> Change:
    entry = Entry(kind=verb, actor=actor, evidence=evidence or {})
    return Change(before=before, after=after, actor=actor, entries=[entry], verbs=[verb], due_at=due_at)


def _with_reason(change: Change, reason: str) -> Change:
    last = change.entries[-1]
    told = msgspec.structs.replace(last, evidence={**last.evidence, "reason": reason})
    return msgspec.structs.replace(change, entries=[*change.entries[:-1], told])
