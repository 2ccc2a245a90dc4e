"""The virtual clock's rungs in the words of the API. Pure."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import islice
from uuid import UUID

from nightowl_alerting.calm.quiet import quiet_until
from nightowl_alerting.model import Alert, Policy, Recipient
from nightowl_alerting.targets.model import Behind, Person, Staff, urgency_of
from nightowl_alerting.targets.simulate import Rung as Climbed
from nightowl_contracts import Severity
from nightowl_query.model import UserRef
from nightowl_query.model.ladders import PlannedPage, Rung, TargetAnswer

MAX_RUNGS = 500
LONGEST = timedelta(days=31)
"""What comes later is not shown."""


def an_alert_under(policy: Policy, *, severity: Severity, at: datetime) -> Alert:
    """An alert that opens at an instant."""
    return Alert(
        id=UUID(int=0), fingerprint="", episode=1, status="firing", severity=severity, source="", title="",
        first_fired_at=at, last_fired_at=at, policy_id=policy.policy_id, policy_version=policy.version,
        escalation_state="pending", escalation_reason="",
    )  # fmt: skip


def to_rungs(
    climbed: Iterable[Climbed], *, staff: Staff, severity: Severity, start: datetime
) -> tuple[list[Rung], bool]:  # fmt: skip
    """The rungs with names and minute marks from `start`, and whether there are more than are shown."""
    found = list(islice(climbed, MAX_RUNGS + 1))
    kept = [each for each in found[:MAX_RUNGS] if each.at < start + LONGEST]
    return [_to_rung(each, staff=staff, severity=severity, start=start) for each in kept], len(kept) < len(found)


def _to_rung(rung: Climbed, *, staff: Staff, severity: Severity, start: datetime) -> Rung:
    return Rung(
        cycle=rung.cycle,
        tier=rung.tier,
        minute=_minutes(rung.at - start),
        at=rung.at,
        pages=[
            _to_page(each, rung.at, staff=staff, severity=severity, start=start) for each in rung.resolved.recipients
        ],
        targets=[_to_answer(each) for each in rung.resolved.behind],
        is_fallback=rung.resolved.is_fallback,
        is_end=rung.is_end,
    )


def _to_page(
    page: Recipient, at: datetime, *, staff: Staff, severity: Severity, start: datetime
) -> PlannedPage:  # fmt: skip
    kind, _, ref = page.recipient.partition(":")
    person = staff.people[UUID(ref)] if kind == "user" else None
    due_at = at + timedelta(minutes=page.delay_minutes)
    quiet = None if person is None else _quiet_until(person, severity, due_at)
    when = quiet or due_at
    return PlannedPage(
        user=None if person is None else _ref(person),
        recipient=page.recipient,
        channel=page.channel,
        minute=_minutes(when - start),
        at=when,
        timezone=None if person is None else person.timezone,
        held_for=None if quiet is None else "quiet_hours",
    )


def _quiet_until(person: Person, severity: Severity, at: datetime) -> datetime | None:
    if urgency_of(severity) == "high":
        return None
    return quiet_until(person.quiet_hours, timezone=person.timezone, at=at)


def _to_answer(behind: Behind) -> TargetAnswer:
    user = None if behind.person is None else _ref(behind.person)
    return TargetAnswer(target=behind.target, user=user, detail=behind.said, problem=behind.problem)


def _ref(person: Person) -> UserRef:
    return UserRef(id=person.user_id, display_name=person.name)


def _minutes(span: timedelta) -> int:
    return round(span.total_seconds() / 60)
