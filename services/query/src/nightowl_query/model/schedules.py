"""Schedules: shifts, gaps, loads, and what a change would do to them."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from nightowl_oncall import Reason, Source
from nightowl_query.model.base import Page, UserRef
from nightowl_query.model.rosters import MAX_MEMBERS, MemberNew, MemberStep, OverrideContent, PinContent, RosterContent


class ScheduledShift(msgspec.Struct, frozen=True, kw_only=True):
    """One person's unbroken stretch, [starts_at, ends_at). `answered_by` is the roster that it is from."""

    user: UserRef
    starts_at: datetime
    ends_at: datetime
    source: Source
    answered_by: UUID
    turn: int | None
    override_id: UUID | None
    stands_in_for: list[UserRef]


class UncoveredSpan(msgspec.Struct, frozen=True, kw_only=True):
    """A span with nobody. `gap`: no roster was meant to cover it; `unassigned`: one was, and has nobody."""

    kind: Literal["gap", "unassigned"]
    reason: Reason
    starts_at: datetime
    ends_at: datetime


class SchedulePage(Page, frozen=True, kw_only=True):
    """The shifts over [starts_at, ends_at) in order, cut at its ends, and the spans with nobody."""

    roster_id: UUID
    timezone: str
    starts_at: datetime
    ends_at: datetime
    items: list[ScheduledShift]
    uncovered: list[UncoveredSpan]


class HistoryOfShifts(Page, frozen=True, kw_only=True):
    """The last shifts as they were in force, newest first. The newest may still run: it is cut at the question."""

    items: list[ScheduledShift]


class PersonLoad(msgspec.Struct, frozen=True, kw_only=True):
    """What a person carries. Nights (22:00 to 06:00) and weekends are by that person's own clock."""

    user: UserRef
    shifts: int
    hours: float
    nights: int
    night_hours: float
    weekends: int
    weekend_hours: float


class PersonPaged(msgspec.Struct, frozen=True, kw_only=True):
    """Pages that a provider took, to a person while on call.

    Nights (22:00 to 06:00) and weekends are by that person's own clock.
    """

    user: UserRef
    pages: int
    night_pages: int
    weekend_pages: int


class Fairness(msgspec.Struct, frozen=True, kw_only=True):
    """How the load of [starts_at, ends_at) is shared, most hours first: until `split_at`, and planned after it.

    `pages` are those until `split_at`, most first; who got none is not in it.
    """

    roster_id: UUID
    starts_at: datetime
    split_at: datetime
    ends_at: datetime
    past: list[PersonLoad]
    planned: list[PersonLoad]
    pages: list[PersonPaged]


class RosterCoverage(msgspec.Struct, frozen=True, kw_only=True):
    """One roster's share of a coverage. Hours are real hours. `problem` says why it could not be judged."""

    roster_id: UUID
    name: str
    timezone: str
    covered_hours: float
    gap_hours: float
    unassigned_hours: float
    shifts: list[ScheduledShift]
    uncovered: list[UncoveredSpan]
    problem: str | None = None


class CoveragePage(Page, frozen=True, kw_only=True):
    """All rosters over [starts_at, ends_at), by name."""

    starts_at: datetime
    ends_at: datetime
    items: list[RosterCoverage]


class PreviewOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is not saved yet; what is left out stays as it is. Members, overrides and pins replace those that stand.

    `member_step` changes one member of those that stand, as its own call would; it goes with no `members`.
    """

    starts_at: datetime
    ends_at: datetime
    definition: RosterContent | None = None
    members: Annotated[list[MemberNew], msgspec.Meta(max_length=MAX_MEMBERS)] | None = None
    member_step: MemberStep | None = None
    overrides: Annotated[list[OverrideContent], msgspec.Meta(max_length=500)] | None = None
    pins: Annotated[list[PinContent], msgspec.Meta(max_length=500)] | None = None


class ShortRest(msgspec.Struct, frozen=True, kw_only=True):
    """Less than 11 h between two shifts of one person: from the end of one to the beginning of the next."""

    user: UserRef
    starts_at: datetime
    ends_at: datetime
    hours: float


class LeaveClash(msgspec.Struct, frozen=True, kw_only=True):
    """`on_call`: an override names somebody who is away; `stands_in`: a turn falls on leave, `covered_by` has it."""

    kind: Literal["on_call", "stands_in"]
    user: UserRef
    covered_by: UserRef | None
    starts_at: datetime
    ends_at: datetime


class LongRun(msgspec.Struct, frozen=True, kw_only=True):
    """More than the roster's `max_weeks` in a row for one person, with nobody else of the roster in between."""

    user: UserRef
    starts_at: datetime
    ends_at: datetime
    weeks: float


class PreviewSide(msgspec.Struct, frozen=True, kw_only=True):
    """The schedule before or after."""

    shifts: list[ScheduledShift]
    uncovered: list[UncoveredSpan]
    short_rests: list[ShortRest]
    leave_clashes: list[LeaveClash]
    long_runs: list[LongRun]
    loads: list[PersonLoad]


class HoursChange(msgspec.Struct, frozen=True, kw_only=True):
    """Who gains or loses hours."""

    user: UserRef
    hours_before: float
    hours_after: float


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """What a change would do to [starts_at, ends_at). Nothing is saved."""

    before: PreviewSide
    after: PreviewSide
    changes: list[HoursChange]
