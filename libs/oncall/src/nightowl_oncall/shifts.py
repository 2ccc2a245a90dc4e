"""What is told from the spans: shifts, the last ones, gaps, and how the load is shared."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from nightowl_oncall.answers import HORIZON, spans_between
from nightowl_oncall.model import Book, OnCall, Reason, Shift
from nightowl_oncall.zones import at_wall, wall_of, zone_of

LEAST_REST = timedelta(hours=11)
"""Between two shifts (directive 2003/88/EC, article 3)."""

NIGHT_FROM, NIGHT_UNTIL = time(22), time(6)
_DAY = timedelta(days=1)
_SATURDAY = 6


class Uncovered(msgspec.Struct, frozen=True, kw_only=True):
    """A span with nobody. `gap`: no roster was meant to cover it; `unassigned`: one was, and has nobody."""

    kind: Literal["gap", "unassigned"]
    reason: Reason
    starts_at: datetime
    ends_at: datetime


class Load(msgspec.Struct, frozen=True, kw_only=True):
    """What a person carries. A night is 22:00 to 06:00, a weekend Saturday and Sunday, by that person's own clock.

    Nights and weekends count when any part of them is on call; hours are real hours, also when the clock changes.
    """

    user_id: UUID
    shifts: int
    hours: float
    nights: int
    night_hours: float
    weekends: int
    weekend_hours: float


class Rest(msgspec.Struct, frozen=True, kw_only=True):
    """Less than `LEAST_REST` between two shifts of one person. A shift that follows at once is none: it goes on."""

    user_id: UUID
    starts_at: datetime
    ends_at: datetime


def shifts_between(book: Book, roster_id: UUID, start: datetime, end: datetime) -> list[Shift]:
    """The shifts over a span of time, in order, cut at its ends."""
    return to_shifts(spans_between(book, roster_id, start, end))


def to_shifts(spans: Iterable[OnCall]) -> list[Shift]:
    """Spans as shifts: one per unbroken stretch of a person in a turn or an override, whoever stands behind them."""
    shifts: list[Shift] = []
    for span in spans:
        if span.primary is None or span.roster_id is None or span.starts_at is None or span.ends_at is None:
            continue
        last = shifts[-1] if shifts else None
        if last is not None and last.ends_at == span.starts_at and _is_same_shift(last, span):
            shifts[-1] = msgspec.structs.replace(last, ends_at=span.ends_at)
        else:
            shifts.append(_shift(span))
    return shifts


def last_shifts(book: Book, roster_id: UUID, before: datetime, *, count: int) -> list[Shift]:
    """The last shifts that began before an instant, the newest first; the newest is cut at the instant.

    Looks back `HORIZON` at most.
    """
    reach = timedelta(days=14)
    while True:
        found = shifts_between(book, roster_id, before - reach, before)
        if len(found) > count or reach >= HORIZON:  # one more, since the first may be cut at the far end
            return found[::-1][:count]
        reach = min(4 * reach, HORIZON)


def uncovered(spans: Iterable[OnCall]) -> list[Uncovered]:
    """The spans with nobody, in order."""
    return [
        Uncovered(kind=_kind(span), reason=span.reason, starts_at=span.starts_at, ends_at=span.ends_at)
        for span in spans
        if span.primary is None and span.starts_at is not None and span.ends_at is not None
    ]  # fmt: skip


def fairness(shifts: Sequence[Shift], zones: Mapping[UUID, str]) -> list[Load]:
    """What each person carries, most hours first. `zones` names each person's own zone; UTC where it names none.

    Raises:
        UnknownZoneError: one of them does not exist.
    """
    by_person: dict[UUID, list[Shift]] = {}
    for shift in shifts:
        by_person.setdefault(shift.user_id, []).append(shift)
    loads = [_load(user_id, own, zone_of(zones.get(user_id, "UTC"))) for user_id, own in by_person.items()]
    return sorted(loads, key=lambda load: (-load.hours, load.user_id))


def short_rests(shifts: Sequence[Shift]) -> list[Rest]:
    """Breaks between one person's shifts that are shorter than `LEAST_REST`, in order."""
    by_person: dict[UUID, list[Shift]] = {}
    for shift in sorted(shifts, key=lambda each: each.starts_at):
        by_person.setdefault(shift.user_id, []).append(shift)
    rests = [
        Rest(user_id=user_id, starts_at=earlier.ends_at, ends_at=later.starts_at)
        for user_id, own in by_person.items()
        for earlier, later in pairwise(own)
        if timedelta(0) < later.starts_at - earlier.ends_at < LEAST_REST
    ]
    return sorted(rests, key=lambda rest: (rest.starts_at, rest.user_id))


def hours_between(start: datetime, end: datetime) -> float:
    """Real hours."""
    return (end - start) / timedelta(hours=1)


def _load(user_id: UUID, shifts: Sequence[Shift], zone: ZoneInfo) -> Load:
    nights = _hours_in(shifts, zone, _nights)
    weekends = _hours_in(shifts, zone, _weekends)
    return Load(
        user_id=user_id,
        shifts=len(shifts),
        hours=sum(hours_between(each.starts_at, each.ends_at) for each in shifts),
        nights=len(nights),
        night_hours=sum(nights.values()),
        weekends=len(weekends),
        weekend_hours=sum(weekends.values()),
    )


_Windows = Callable[[date, date, ZoneInfo], Iterator[tuple[datetime, datetime]]]


def _hours_in(shifts: Sequence[Shift], zone: ZoneInfo, windows: _Windows) -> dict[datetime, float]:
    """Window → hours of the shifts in it, of the windows that any shift touches."""
    hours: dict[datetime, float] = {}
    for shift in shifts:
        first = wall_of(shift.starts_at, zone).date() - _DAY
        last = wall_of(shift.ends_at, zone).date()
        for start, end in windows(first, last, zone):
            common = hours_between(max(start, shift.starts_at), min(end, shift.ends_at))
            if common > 0:
                hours[start] = hours.get(start, 0.0) + common
    return hours


def _nights(first: date, last: date, zone: ZoneInfo) -> Iterator[tuple[datetime, datetime]]:
    for step in range((last - first).days + 1):
        day = first + step * _DAY
        yield at_wall(day, NIGHT_FROM, zone), at_wall(day + _DAY, NIGHT_UNTIL, zone)


def _weekends(first: date, last: date, zone: ZoneInfo) -> Iterator[tuple[datetime, datetime]]:
    saturday = first - ((first.isoweekday() - _SATURDAY) % 7) * _DAY
    while saturday <= last:
        yield at_wall(saturday, time(), zone), at_wall(saturday + 2 * _DAY, time(), zone)
        saturday += 7 * _DAY


def _kind(span: OnCall) -> Literal["gap", "unassigned"]:
    return "gap" if span.is_gap else "unassigned"


def _is_same_shift(shift: Shift, span: OnCall) -> bool:
    return (shift.user_id, shift.source, shift.roster_id, shift.turn, shift.override_id) == (
        span.primary, span.source, span.roster_id, span.turn, span.override_id,
    )  # fmt: skip


def _shift(span: OnCall) -> Shift:
    assert span.primary is not None
    assert span.roster_id is not None
    assert span.starts_at is not None
    assert span.ends_at is not None
    return Shift(
        user_id=span.primary,
        starts_at=span.starts_at,
        ends_at=span.ends_at,
        source=span.source,
        roster_id=span.roster_id,
        turn=span.turn,
        override_id=span.override_id,
        skipped=span.skipped,
    )
