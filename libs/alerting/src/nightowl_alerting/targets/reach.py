"""Where a roster or a policy would page nobody, over a span of time. Pure.

Between two changes of who is on call a tier comes to the same people, so one look at each change is enough.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from nightowl_alerting.model import Policy, Tier
from nightowl_alerting.targets.model import Behind, Resolved, Staff
from nightowl_alerting.targets.parsing import rosters_of
from nightowl_alerting.targets.resolve import resolve_tier
from nightowl_alerting.targets.timetable import Timetable
from nightowl_oncall import OnCall


class Unreached(msgspec.Struct, frozen=True, kw_only=True):
    """A span in which nobody is behind any target of a tier, or none of them can be reached: the admins are paged."""

    tier: int
    starts_at: datetime
    ends_at: datetime
    why: list[str]


class Outlook(msgspec.Struct, frozen=True, kw_only=True):
    """A tier over a span of time: its unreached spans, and the targets that come to nobody all the time."""

    tier: int
    unreached: list[Unreached]
    dead_targets: list[Behind]
    is_never_reached: bool


class Hole(msgspec.Struct, frozen=True, kw_only=True):
    """A span of a roster in which nobody can be paged.

    `gap`: no roster was meant to cover it; `unassigned`: one was, and has nobody; `unreachable`: `user_id` is on call
    and has no address.
    """

    kind: Literal["gap", "unassigned", "unreachable"]
    reason: str
    starts_at: datetime
    ends_at: datetime
    user_id: UUID | None = None


def holes(spans: Iterable[OnCall], *, staff: Staff) -> list[Hole]:
    """The spans of a roster in which nobody can be paged, in order; those that follow at once are one."""
    found: list[Hole] = []
    for span in spans:
        hole = _hole(span, staff)
        last = found[-1] if found else None
        if hole is None:
            continue
        if last is not None and last == msgspec.structs.replace(hole, starts_at=last.starts_at, ends_at=hole.starts_at):
            found[-1] = msgspec.structs.replace(last, ends_at=hole.ends_at)
        else:
            found.append(hole)
    return found


def _hole(span: OnCall, staff: Staff) -> Hole | None:
    if span.starts_at is None or span.ends_at is None:
        return None
    if span.primary is None:
        kind: Literal["gap", "unassigned"] = "gap" if span.is_gap else "unassigned"
        return Hole(kind=kind, reason=span.reason, starts_at=span.starts_at, ends_at=span.ends_at)
    person = staff.people.get(span.primary)
    if person is not None and person.contact_methods:
        return None
    return Hole(
        kind="unreachable",
        reason="no_contact_method",
        starts_at=span.starts_at,
        ends_at=span.ends_at,
        user_id=span.primary,
    )


def outlook(policy: Policy, *, staff: Staff, timetable: Timetable) -> list[Outlook]:
    """Each tier of a policy over a timetable's span."""
    starts = sorted(
        {timetable.start, *(each for each in timetable.edges(rosters_of(policy)) if each > timetable.start)}
    )
    spans = list(zip(starts, [*starts[1:], timetable.end], strict=True))
    duties = [timetable.duty(policy, start) for start in starts]
    found = []
    for number, tier in enumerate(policy.tiers):
        answers = [resolve_tier(tier, staff=staff, duty=duty) for duty in duties]
        found.append(_tier_outlook(number, tier, answers=answers, spans=spans))
    return found


def _tier_outlook(
    number: int, tier: Tier, *, answers: list[Resolved], spans: list[tuple[datetime, datetime]]
) -> Outlook:  # fmt: skip
    unreached: list[Unreached] = []
    for answer, (starts_at, ends_at) in zip(answers, spans, strict=True):
        if not answer.is_fallback:
            continue
        last = unreached[-1] if unreached else None
        if last is not None and last.ends_at == starts_at:
            unreached[-1] = msgspec.structs.replace(last, ends_at=ends_at)
        else:
            why = [f"{each.target}: {each.said}" for each in answer.behind]
            unreached.append(Unreached(tier=number, starts_at=starts_at, ends_at=ends_at, why=why))
    dead = [
        answers[0].behind[place]
        for place in range(len(tier.targets))
        if all(answer.behind[place].problem is not None for answer in answers)
    ]
    is_never = all(answer.is_fallback for answer in answers)
    return Outlook(tier=number, unreached=unreached, dead_targets=dead, is_never_reached=is_never)
