"""When a maintenance window is open. Pure.

A start is a wall-clock time in the window's zone, so it recurs at the same time of day across clock changes; the length
is elapsed time. A start that a clock change skips or repeats is read as RFC 5545, section 3.3.5 says: with the offset
before the gap, and as the first of two.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from dateutil.rrule import rrule, rruleset, rrulestr

from nightowl_alerting.model import BadWindowError
from nightowl_alerting.noise.model import MaintenanceWindow
from nightowl_common.errors import FieldProblem

MAX_RRULE = 500
ONE_DAY = timedelta(days=1)
"""More than any zone's change of offset."""

_DAY, _NUMBER = "(?:MO|TU|WE|TH|FR|SA|SU)", r"-?[1-9]\d?"
_EVERY = {
    "INTERVAL": r"[1-9]\d{0,2}",
    "COUNT": r"[1-9]\d{0,4}",
    "UNTIL": r"\d{8}(?:T\d{6}Z?)?",
    "WKST": _DAY,
    "BYMONTH": r"(?:[1-9]|1[0-2])(?:,(?:[1-9]|1[0-2]))*",
}
_OF_DAYS = {**_EVERY, "BYDAY": f"{_DAY}(?:,{_DAY})*"}
_OF_MONTHS = {
    **_EVERY,
    "BYDAY": rf"(?:[+-]?[1-5])?{_DAY}(?:,(?:[+-]?[1-5])?{_DAY})*",
    "BYMONTHDAY": f"{_NUMBER}(?:,{_NUMBER})*",
    "BYSETPOS": f"{_NUMBER}(?:,{_NUMBER})*",
}
_PARTS = {"DAILY": _OF_DAYS, "WEEKLY": _OF_DAYS, "MONTHLY": _OF_MONTHS, "YEARLY": _OF_MONTHS}
"""What a recurrence may say. Times of day are the window's own, and each part can be counted through soon."""
_UNTIL = re.compile(r"UNTIL=(\d{8}T\d{6})Z")
_BOUND = re.compile(r";(?:UNTIL|COUNT)=[^;]*")
_NEAR_THE_END = 19 * 400
"""Years to where the calendar of computers nearly ends. It repeats every 400 years, weekdays and leap years alike."""

FIRST_YEAR, LAST_YEAR = 1970, 2199


class Occurrence(msgspec.Struct, frozen=True, kw_only=True):
    """One time that a window is open, from `starts_at` until just before `ends_at`."""

    starts_at: datetime
    ends_at: datetime


def require_window(window: MaintenanceWindow) -> None:
    """Returns when the window can be computed.

    Raises:
        BadWindowError: no such zone, or a recurrence that is none; says which field.
    """
    _zone(window.timezone)
    if window.starts_at.tzinfo is not None:
        raise _bad("starts_at", "a wall-clock time without an offset")
    if not FIRST_YEAR <= window.starts_at.year <= LAST_YEAR:
        raise _bad("starts_at", f"a year from {FIRST_YEAR} to {LAST_YEAR}")
    if window.rrule is None:
        return
    if len(window.rrule) > MAX_RRULE or not _can_be_read(window.rrule):
        raise _bad(
            "rrule", "FREQ=DAILY, WEEKLY, MONTHLY or YEARLY first, then other parts of RFC 5545; no times of day"
        )
    try:
        _rule(window.rrule, window.starts_at, window.timezone)
        recurs = _recurs(window.rrule, window.starts_at)
    except (ValueError, TypeError, IndexError, OverflowError) as error:
        raise _bad("rrule", "not a recurrence rule of RFC 5545") from error
    if not recurs:
        raise _bad("rrule", "it never comes")


def _can_be_read(text: str) -> bool:
    named = [part.partition("=") for part in text.split(";")]
    (first, _, frequency), *others = named
    allowed = _PARTS.get(frequency, {}) if first == "FREQ" else {}
    names = [name for name, _, _ in others]
    return (
        bool(allowed)
        and len(set(names)) == len(names)
        and not {"COUNT", "UNTIL"} <= set(names)
        and all(name in allowed and re.fullmatch(allowed[name], value) for name, _, value in others)
    )


def occurrence_at(window: MaintenanceWindow, at: datetime) -> Occurrence | None:
    """The occurrence that covers an instant; of several, the one that ends last."""
    found = list(occurrences(window, since=at, until=at + timedelta(microseconds=1)))
    return max(found, key=lambda each: each.ends_at) if found else None


def occurrences(window: MaintenanceWindow, *, since: datetime, until: datetime) -> Iterator[Occurrence]:
    """The occurrences that overlap a range, in order."""
    zone, length = _zone(window.timezone), timedelta(minutes=window.duration_minutes)
    first, last = (each.astimezone(zone).replace(tzinfo=None) for each in (since, until))
    for start in _starts(window, first - length - ONE_DAY, last + ONE_DAY):
        starts_at = start.replace(tzinfo=zone).astimezone(UTC)
        if starts_at < until and since < starts_at + length:
            yield Occurrence(starts_at=starts_at, ends_at=starts_at + length)


def _starts(window: MaintenanceWindow, first: datetime, last: datetime) -> list[datetime]:
    if window.rrule is None:
        return [window.starts_at] if first <= window.starts_at <= last else []
    return list(_rule(window.rrule, window.starts_at, window.timezone).between(first, last, inc=True))


def _recurs(text: str, starts_at: datetime) -> bool:
    """Whether a rule ever comes, found out where the search for what never comes is short.

    Searching on to the year 9999 for 30 February would hold up a worker for seconds, each time.
    """
    start = starts_at.replace(year=starts_at.year + _NEAR_THE_END)
    rule = rrulestr(_BOUND.sub("", text), dtstart=start)
    if next(iter(rule), None) is None:
        return False
    rule.between(start, start + 1_461 * ONE_DAY)  # raises where a part goes wrong only in some month
    return True


@lru_cache(maxsize=1_024)
def _rule(text: str, starts_at: datetime, timezone: str) -> rrule | rruleset:
    """Computed in wall-clock time; an UNTIL in UTC is brought there. Remembers what it has counted through."""
    local = _UNTIL.sub(lambda found: f"UNTIL={_to_local(found[1], timezone)}", text)
    return rrulestr(local, dtstart=starts_at, cache=True)


def _to_local(moment: str, timezone: str) -> str:
    form = "%Y%m%dT%H%M%S"
    return datetime.strptime(moment, form).replace(tzinfo=UTC).astimezone(_zone(timezone)).strftime(form)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise _bad("timezone", "no such zone in the IANA database") from error


def _bad(field: str, reason: str) -> BadWindowError:
    return BadWindowError(fields=[FieldProblem(field=f"$.{field}", reason=reason)])
