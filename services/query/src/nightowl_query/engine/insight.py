"""What a span of time was like, told by day: nothing is left out where nothing came. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Literal
from uuid import UUID

from nightowl_oncall import Book, UnknownZoneError, hours_between, spans_between, zone_of
from nightowl_query.engine.history import count_nights, count_weekends
from nightowl_query.model import Person, UserRef
from nightowl_query.model.insight import CoverageDay, PersonOnCall, ResponseTime, Tally, VolumeDay
from nightowl_query.model.now import PagedPerson


def days_of(start: datetime, end: datetime, zone: str) -> list[date]:
    """Every day that [start, end) touches, by the clock of a zone."""
    clock = zone_of(zone)
    first, last = start.astimezone(clock).date(), (end - timedelta(microseconds=1)).astimezone(clock).date()
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def volume(tallies: Iterable[Tally], days: Iterable[date]) -> list[VolumeDay]:
    """How much came on each day."""
    counts: dict[date | None, dict[str, int]] = defaultdict(dict)
    for each in tallies:
        counts[each.day]["total" if each.severity is None else each.severity] = each.alerts
    return [
        VolumeDay(
            day=day,
            critical=counts[day].get("critical", 0),
            major=counts[day].get("major", 0),
            warning=counts[day].get("warning", 0),
            info=counts[day].get("info", 0),
            total=counts[day].get("total", 0),
        )
        for day in days
    ]


def response(tallies: Iterable[Tally], kind: Literal["acknowledge", "resolve"]) -> list[ResponseTime]:
    """How long it took until somebody took it, or until it was over; only where there is something to tell."""
    found = []
    for each in tallies:
        times = each.acknowledge if kind == "acknowledge" else each.resolve
        if times is not None:
            count = each.acknowledged if kind == "acknowledge" else each.resolved
            median, p90 = times
            found.append(
                ResponseTime(
                    day=each.day, severity=each.severity, count=count, median_seconds=median, p90_seconds=p90
                )
            )  # fmt: skip
    return found


def coverage(tallies: Iterable[Tally], days: Iterable[date]) -> list[CoverageDay]:
    """For how much of it something was known."""
    found = {each.day: (each.alerts, each.matched) for each in tallies if each.severity is None}
    told = [(day, *found.get(day, (0, 0))) for day in days]
    return [
        CoverageDay(day=day, alerts=alerts, matched=matched, share=matched / alerts if alerts else None)
        for day, alerts, matched in told
    ]


def hours_on_call(book: Book, *, start: datetime, end: datetime) -> dict[UUID, float]:
    """As primary over [start, end). What a linked roster answers for another counts once, as its own."""
    hours: dict[UUID, float] = defaultdict(float)
    for roster_id in book.rosters:
        try:
            spans = spans_between(book, roster_id, start, end)
        except UnknownZoneError:
            continue  # nobody is ever on call on it
        for each in spans:
            if each.primary is not None and each.roster_id == roster_id and each.starts_at and each.ends_at:
                hours[each.primary] += hours_between(each.starts_at, each.ends_at)
    return dict(hours)


def loads(
    paged: Sequence[PagedPerson], hours: Mapping[UUID, float], people: Mapping[UUID, Person]
) -> list[PersonOnCall]:
    """Everybody who was paged or on call, those with the most pages first."""
    times = {each.person.id: each for each in paged}
    everybody = {**{each: people[each] for each in hours}, **{each.person.id: each.person for each in paged}}
    found = [
        PersonOnCall(
            user=UserRef(id=person.id, display_name=person.display_name),
            pages=len(times[user_id].times) if user_id in times else 0,
            night_pages=count_nights(times[user_id].times, person.timezone) if user_id in times else 0,
            weekend_pages=count_weekends(times[user_id].times, person.timezone) if user_id in times else 0,
            hours_on_call=hours.get(user_id, 0.0),
        )
        for user_id, person in everybody.items()
    ]
    return sorted(found, key=lambda each: (-each.pages, -each.hours_on_call, each.user.display_name, each.user.id))
