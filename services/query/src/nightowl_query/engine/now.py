"""The first page: seats, gaps and averages. Pure."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from nightowl_alerting.targets.model import Staff
from nightowl_alerting.targets.reach import holes
from nightowl_alerting.targets.timetable import Timetable
from nightowl_oncall import OnCall, hours_between
from nightowl_query.engine.history import count_nights
from nightowl_query.model import Person, UserRef
from nightowl_query.model.now import (
    FirstGap,
    Gaps,
    HourOfSource,
    Means,
    MyDuty,
    NoisySource,
    OnCallSeat,
    PagedPerson,
    PersonPages,
    Seat,
)

Names = Mapping[UUID, str]
"""Of rosters."""

HOURS = 24
NOISIEST = 5


class Tenure(msgspec.Struct, frozen=True, kw_only=True):
    """Who is on call now, and what follows them. `until` None: not within the spans."""

    primary: UUID | None
    backup: UUID | None
    until: datetime | None
    following: UUID | None


def tenure(spans: Sequence[OnCall]) -> Tenure:
    """Of spans without gap that begin now. A change of the backup alone ends nothing."""
    first = spans[0]
    change = next((each for each in spans if each.primary != first.primary), None)
    return Tenure(
        primary=first.primary,
        backup=first.secondary,
        until=None if change is None else change.starts_at,
        following=None if change is None else change.primary,
    )


def tenures(names: Names, timetable: Timetable) -> dict[UUID, Tenure]:
    """Of all rosters that have not ended and can be read, by name."""
    by_name = sorted(names, key=lambda each: (names[each], each))
    found = {each: timetable.spans(each) for each in by_name}
    return {each: tenure(spans) for each, spans in found.items() if spans and spans[0].reason != "ended"}


def seats(
    found: Mapping[UUID, Tenure], names: Names, people: Mapping[UUID, Person], *,
    zones: Mapping[UUID, str], staff: Staff, verified: Collection[UUID],
) -> list[OnCallSeat]:  # fmt: skip
    """Who is on call, with names."""
    return [
        OnCallSeat(
            roster_id=roster_id,
            roster_name=names[roster_id],
            timezone=zones[roster_id],
            person=_person(each.primary, people),
            backup=_person(each.backup, people),
            until=each.until,
            next_person=_person(each.following, people),
            has_verified_contact=each.primary in verified,
            channels=_channels(each.primary, staff),
        )
        for roster_id, each in found.items()
    ]


def my_duty(
    found: Mapping[UUID, Tenure], names: Names, people: Mapping[UUID, Person], user_id: UUID | None
) -> MyDuty | None:
    """The seat of a person: the first as primary, else the first as backup."""
    roles: tuple[Seat, Seat] = ("primary", "backup")
    for role in roles:
        for roster_id, each in found.items():
            if user_id is not None and user_id == (each.primary if role == "primary" else each.backup):
                return MyDuty(
                    roster_id=roster_id,
                    roster_name=names[roster_id],
                    role=role,
                    until=each.until,
                    next_person=_person(each.following, people),
                )
    return None


def gaps(names: Names, timetable: Timetable, staff: Staff) -> Gaps:
    """What the rosters leave open over a timetable's span."""
    found = [
        FirstGap(
            roster_id=each, roster_name=names[each], kind=hole.kind, starts_at=hole.starts_at,
            ends_at=hole.ends_at,
        )
        for each in names
        for hole in holes(timetable.spans(each), staff=staff)
    ]  # fmt: skip
    hours = sum(hours_between(each.starts_at, each.ends_at) for each in found)
    first = min(found, key=lambda each: (each.starts_at, each.roster_name), default=None)
    return Gaps(count=len(found), hours=hours, first=first)


def arrivals(week: Iterable[HourOfSource]) -> list[int]:
    """Alerts in each of the last 24 hours, the oldest first."""
    counts = Counter[int]()
    for each in week:
        counts[each.hours_ago] += each.alerts
    return [counts[hours_ago] for hours_ago in reversed(range(HOURS))]


def time_to_acknowledge(week: Sequence[HourOfSource]) -> Means:
    """From the first firing to the acknowledgement."""
    parts = [(each.hours_ago, each.acknowledge_seconds, each.acknowledged) for each in week]
    return _means(parts)


def time_to_resolve(week: Sequence[HourOfSource]) -> Means:
    """From the first firing to the resolve."""
    parts = [(each.hours_ago, each.resolve_seconds, each.resolved) for each in week]
    return _means(parts)


def noisiest(week: Iterable[HourOfSource]) -> list[NoisySource]:
    """The sources with the most alerts."""
    alerts, occurrences = Counter[str](), Counter[str]()
    for each in week:
        alerts[each.source] += each.alerts
        occurrences[each.source] += each.occurrences
    order = sorted(alerts, key=lambda source: (-alerts[source], source))[:NOISIEST]
    return [NoisySource(source=each, alerts=alerts[each], occurrences=occurrences[each]) for each in order]


def page_loads(paged: Iterable[PagedPerson]) -> list[PersonPages]:
    """Pages of each person, the most first."""
    found = [
        PersonPages(
            user=UserRef(id=each.person.id, display_name=each.person.display_name),
            pages=len(each.times),
            night_pages=count_nights(each.times, each.person.timezone),
        )
        for each in paged
    ]
    return sorted(found, key=lambda each: (-each.pages, each.user.display_name, each.user.id))


def _means(parts: Iterable[tuple[int, float, int]]) -> Means:
    day, week = [0.0, 0], [0.0, 0]
    for hours_ago, seconds, count in parts:
        for span in (day, week) if hours_ago < HOURS else (week,):
            span[0] += seconds
            span[1] += count
    return Means(day=day[0] / day[1] if day[1] else None, week=week[0] / week[1] if week[1] else None)


def _person(user_id: UUID | None, people: Mapping[UUID, Person]) -> Person | None:
    return None if user_id is None else people.get(user_id)


def _channels(user_id: UUID | None, staff: Staff) -> list[str]:
    person = None if user_id is None else staff.people.get(user_id)
    return [] if person is None else sorted(person.contact_methods)
