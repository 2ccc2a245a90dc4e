"""Schedules as they are told: names in place of ids, what clashes, who gains and who loses. Pure."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from nightowl_oncall import (
    Absence,
    Book,
    Load,
    OnCall,
    Roster,
    Shift,
    Uncovered,
    UnknownZoneError,
    fairness,
    hours_between,
    long_runs,
    short_rests,
    spans_between,
    to_shifts,
    uncovered,
    weeks_of,
    zone_of,
)
from nightowl_query.engine.history import count_nights, count_weekends
from nightowl_query.model import Person, UserRef
from nightowl_query.model.now import PagedPerson
from nightowl_query.model.schedules import (
    HoursChange,
    LeaveClash,
    LongRun,
    PersonLoad,
    PersonPaged,
    PreviewSide,
    RosterCoverage,
    ScheduledShift,
    ShortRest,
    UncoveredSpan,
)

People = Mapping[UUID, Person]


def tell_shift(shift: Shift, people: People) -> ScheduledShift:
    """A shift with names."""
    return ScheduledShift(
        user=_ref(shift.user_id, people),
        starts_at=shift.starts_at,
        ends_at=shift.ends_at,
        source=shift.source,
        answered_by=shift.roster_id,
        turn=shift.turn,
        override_id=shift.override_id,
        stands_in_for=[_ref(each, people) for each in shift.skipped],
    )


def tell_shifts(shifts: Iterable[Shift], people: People) -> list[ScheduledShift]:
    """Shifts with names."""
    return [tell_shift(each, people) for each in shifts]


def tell_uncovered(spans: Iterable[OnCall]) -> list[UncoveredSpan]:
    """The spans with nobody."""
    return [_uncovered(each) for each in uncovered(spans)]


def tell_loads(shifts: Sequence[Shift], people: People) -> list[PersonLoad]:
    """Who carries what, by each one's own zone; by UTC when theirs does not exist."""
    zones = {user_id: person.timezone for user_id, person in people.items() if _is_zone(person.timezone)}
    return [_load(each, people) for each in fairness(shifts, zones)]


def tell_pages(shifts: Sequence[Shift], paged: Sequence[PagedPerson]) -> list[PersonPaged]:
    """Who was paged within shifts of their own, and how often; by UTC when somebody's zone does not exist."""
    found = []
    for each in paged:
        own = [shift for shift in shifts if shift.user_id == each.person.id]
        times = [at for at in each.times if _is_within(own, at)]
        if times:
            found.append(
                PersonPaged(
                    user=UserRef(id=each.person.id, display_name=each.person.display_name),
                    pages=len(times),
                    night_pages=count_nights(times, each.person.timezone),
                    weekend_pages=count_weekends(times, each.person.timezone),
                )
            )
    return sorted(found, key=lambda each: (-each.pages, each.user.display_name, each.user.id))


def _is_within(shifts: Sequence[Shift], at: datetime) -> bool:
    """Of one person's shifts, in order."""
    place = bisect_right(shifts, at, key=lambda each: each.starts_at)
    return place > 0 and at < shifts[place - 1].ends_at


def tell_coverage(
    book: Book, roster_id: UUID, name: str, people: People, *, start: datetime, end: datetime
) -> RosterCoverage:
    """One roster's share.

    Raises:
        UnknownZoneError: the zone of a roster does not exist.
    """
    spans = spans_between(book, roster_id, start, end)
    shifts, nobody = to_shifts(spans), tell_uncovered(spans)
    return RosterCoverage(
        roster_id=roster_id,
        name=name,
        timezone=book.rosters[roster_id].timezone,
        covered_hours=sum(hours_between(each.starts_at, each.ends_at) for each in shifts),
        gap_hours=sum(hours_between(each.starts_at, each.ends_at) for each in nobody if each.kind == "gap"),
        unassigned_hours=sum(hours_between(each.starts_at, each.ends_at) for each in nobody if each.kind != "gap"),
        shifts=tell_shifts(shifts, people),
        uncovered=nobody,
    )


def tell_side(
    book: Book, roster_id: UUID, people: People, *, start: datetime, end: datetime, past: Sequence[Shift] = ()
) -> PreviewSide:  # fmt: skip
    """All that a preview says of one schedule. `past` are the shifts before it, which no change moves any more.

    Raises:
        UnknownZoneError: the zone of a roster does not exist.
    """
    spans = spans_between(book, roster_id, start, end)
    shifts = to_shifts(spans)
    return PreviewSide(
        shifts=tell_shifts(shifts, people),
        uncovered=tell_uncovered(spans),
        short_rests=[
            ShortRest(
                user=_ref(each.user_id, people),
                starts_at=each.starts_at,
                ends_at=each.ends_at,
                hours=hours_between(each.starts_at, each.ends_at),
            )
            for each in short_rests(shifts)
        ],
        long_runs=_long_runs([*past, *shifts], book.rosters[roster_id], people, after=start),
        leave_clashes=_clashes(shifts, book.absences, people),
        loads=tell_loads(shifts, people),
    )


def _long_runs(shifts: Sequence[Shift], roster: Roster, people: People, *, after: datetime) -> list[LongRun]:
    return [
        LongRun(
            user=_ref(each.user_id, people),
            starts_at=each.starts_at,
            ends_at=each.ends_at,
            weeks=weeks_of(each, roster.timezone),
        )
        for each in long_runs(shifts, roster)
        if each.ends_at > after
    ]


def compare(before: PreviewSide, after: PreviewSide) -> list[HoursChange]:
    """Whose hours change, the greatest gain first."""
    was = {each.user.id: each for each in before.loads}
    will = {each.user.id: each for each in after.loads}
    changes = [
        HoursChange(
            user=(will.get(each) or was[each]).user,
            hours_before=was[each].hours if each in was else 0.0,
            hours_after=will[each].hours if each in will else 0.0,
        )
        for each in {**was, **will}
    ]
    changed = (each for each in changes if each.hours_before != each.hours_after)
    return sorted(changed, key=lambda each: (each.hours_before - each.hours_after, each.user.id))


def _is_zone(name: str) -> bool:
    try:
        zone_of(name)
    except UnknownZoneError:
        return False
    return True


def _clashes(shifts: Sequence[Shift], absences: Sequence[Absence], people: People) -> list[LeaveClash]:
    clashes = []
    for shift in shifts:
        for absence in absences:
            end = shift.ends_at if absence.ends_at is None else min(shift.ends_at, absence.ends_at)
            start = max(shift.starts_at, absence.starts_at)
            if absence.kind != "leave" or start >= end:
                continue
            if absence.user_id == shift.user_id:
                clashes.append(_clash(absence.user_id, None, start, end, people))
            elif absence.user_id in shift.skipped:
                clashes.append(_clash(absence.user_id, shift.user_id, start, end, people))
    return sorted(clashes, key=lambda each: (each.starts_at, each.user.id))


def _clash(user_id: UUID, covered_by: UUID | None, start: datetime, end: datetime, people: People) -> LeaveClash:
    return LeaveClash(
        kind="on_call" if covered_by is None else "stands_in",
        user=_ref(user_id, people),
        covered_by=None if covered_by is None else _ref(covered_by, people),
        starts_at=start,
        ends_at=end,
    )


def _uncovered(span: Uncovered) -> UncoveredSpan:
    return UncoveredSpan(kind=span.kind, reason=span.reason, starts_at=span.starts_at, ends_at=span.ends_at)


def _load(load: Load, people: People) -> PersonLoad:
    return PersonLoad(
        user=_ref(load.user_id, people),
        shifts=load.shifts,
        hours=load.hours,
        nights=load.nights,
        night_hours=load.night_hours,
        weekends=load.weekends,
        weekend_hours=load.weekend_hours,
    )


def _ref(user_id: UUID, people: People) -> UserRef:
    return UserRef(id=user_id, display_name=people[user_id].display_name)
