"""Calendars (RFC 5545): shifts as events, and events as leave. Pure; the text itself is the library's work."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import msgspec
from icalendar import Calendar, Component, Event

from nightowl_common.errors import FieldProblem, InvalidError
from nightowl_oncall import Book, Shift, at_wall, shifts_between, zone_of
from nightowl_query.engine.rosters import check_span
from nightowl_query.model import Person

MAX_EVENTS = 1_000
REFRESH = timedelta(minutes=30)
_ONE_DAY = timedelta(days=1)
_MAX_NOTE = 1_000
_MAX_UID = 500
_UNREAD = ("RRULE", "RDATE", "EXDATE")


class BadCalendarError(InvalidError):
    """The calendar cannot be read."""

    code = "bad_calendar"


class AwayEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An event of a leave calendar. `uid` tells it from all others of that calendar."""

    uid: str
    starts_at: datetime
    ends_at: datetime
    note: str
    is_cancelled: bool = False


class Duty(msgspec.Struct, frozen=True, kw_only=True):
    """A shift and the name of the roster that it is told for."""

    roster_name: str
    asked: UUID
    shift: Shift


def whole_shifts(book: Book, roster_id: UUID, *, start: datetime, end: datetime) -> list[Shift]:
    """The shifts that touch [start, end), not cut at its ends: a calendar shows the same event as time goes by.

    Raises:
        UnknownZoneError: the zone of a roster does not exist.
    """
    turns = (timedelta(hours=each.rotation_hours or 24 * each.rotation_days) for each in book.rosters.values())
    margin = max(turns) + 2 * _ONE_DAY
    found = shifts_between(book, roster_id, start - margin, end + margin)
    return [each for each in found if each.ends_at > start and each.starts_at < end]


def write_calendar(name: str, duties: Sequence[Duty], people: Mapping[UUID, Person], *, now: datetime) -> bytes:
    """A calendar with one event per shift, in UTC. An event's UID stays the same while its shift begins when it did."""
    calendar = Calendar()
    calendar.add("prodid", "-//NightOwl//On call//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    for duty in duties:
        calendar.add_component(_event(duty, people, now=now))
    return bytes(calendar.to_ical())


def read_leave(body: bytes, *, zone: str) -> list[AwayEvent]:
    """The events of a leave calendar, in its order. Days and times without a zone are read in `zone`, the person's own.

    Raises:
        BadCalendarError: it is no calendar, or an event cannot be read; which one and why is named.
        UnknownZoneError: the person's zone does not exist.
    """
    calendar = _parse(body)
    events = calendar.walk("VEVENT")
    if len(events) > MAX_EVENTS:
        raise BadCalendarError(fields=[FieldProblem(field="$", reason=f"at most {MAX_EVENTS} events")])
    found = [_away(event, f"$.VEVENT[{place}]", zone) for place, event in enumerate(events)]
    seen: set[str] = set()
    for place, each in enumerate(found):
        if each.uid in seen:
            raise BadCalendarError(fields=[FieldProblem(field=f"$.VEVENT[{place}].UID", reason="is there twice")])
        seen.add(each.uid)
    return found


def _event(duty: Duty, people: Mapping[UUID, Person], *, now: datetime) -> Event:
    shift = duty.shift
    event = Event()
    event.add("uid", f"{duty.asked}.{shift.user_id}.{shift.starts_at:%Y%m%dT%H%M%SZ}@nightowl")
    event.add("dtstamp", now.astimezone(UTC))
    event.add("dtstart", shift.starts_at)
    event.add("dtend", shift.ends_at)
    event.add("summary", f"{people[shift.user_id].display_name}: {duty.roster_name}")
    event.add("description", _describe(shift, people))
    event.add("transp", "TRANSPARENT")
    return event


def _describe(shift: Shift, people: Mapping[UUID, Person]) -> str:
    said = f"On call by {shift.source}"
    if not shift.skipped:
        return said
    return f"{said}, for {', '.join(people[each].display_name for each in shift.skipped)}"


def _parse(body: bytes) -> Component:
    try:
        calendar = Calendar.from_ical(body)
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError) as error:  # the library's own
        raise BadCalendarError(fields=[FieldProblem(field="$", reason=_short(error))]) from error
    if calendar.name != "VCALENDAR":
        raise BadCalendarError(fields=[FieldProblem(field="$", reason="is not a VCALENDAR")])
    return calendar


def _away(event: Component, at: str, zone: str) -> AwayEvent:
    try:
        return _read_event(event, at, zone)
    except InvalidError as error:
        raise BadCalendarError(fields=error.fields) from error
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
        raise BadCalendarError(fields=[FieldProblem(field=at, reason=_short(error))]) from error


def _read_event(event: Component, at: str, zone: str) -> AwayEvent:
    uid = _uid(event, at)
    repeated = next((each for each in _UNREAD if each in event), None)
    if repeated is not None:
        raise InvalidError(fields=[FieldProblem(field=f"{at}.{repeated}", reason=f"{uid}: repeated leave is not read")])
    starts_at, whole_day = _moment(event, "DTSTART", at, zone)
    ends_at = _end(event, at, zone, starts_at=starts_at, whole_day=whole_day)
    check_span(starts_at, ends_at, names=(f"{at}.DTSTART", f"{at}.DTEND"))
    return AwayEvent(
        uid=uid,
        starts_at=starts_at,
        ends_at=ends_at,
        note=str(event.get("SUMMARY") or "").replace("\x00", "")[:_MAX_NOTE],
        is_cancelled=str(event.get("STATUS") or "").upper() == "CANCELLED",
    )


def _uid(event: Component, at: str) -> str:
    """Of one of a series, the series' and its own."""
    uid, one_of_a_series = str(event.get("UID") or ""), event.get("RECURRENCE-ID")
    whole = uid if one_of_a_series is None else f"{uid} {one_of_a_series.to_ical().decode()}"
    if not uid or len(whole) > _MAX_UID or "\x00" in whole:
        raise InvalidError(fields=[FieldProblem(field=f"{at}.UID", reason=f"1 to {_MAX_UID} characters")])
    return whole


def _end(event: Component, at: str, zone: str, *, starts_at: datetime, whole_day: date | None) -> datetime:
    if "DTEND" in event:
        return _moment(event, "DTEND", at, zone)[0]
    if "DURATION" in event:
        length = event.decoded("DURATION")
        if not isinstance(length, timedelta):
            raise InvalidError(fields=[FieldProblem(field=f"{at}.DURATION", reason="is no length of time")])
        return starts_at + length if whole_day is None else _midnight(whole_day + length, zone)
    if whole_day is None:
        raise InvalidError(fields=[FieldProblem(field=f"{at}.DTEND", reason="or DURATION is missing")])
    return _midnight(whole_day + _ONE_DAY, zone)


def _moment(event: Component, name: str, at: str, zone: str) -> tuple[datetime, date | None]:
    """The instant, and the day if it is one."""
    found = event.get(name)
    if found is None or isinstance(found, list):
        raise InvalidError(fields=[FieldProblem(field=f"{at}.{name}", reason="is wanted once")])
    value = found.dt
    if isinstance(value, datetime):
        if value.tzinfo is not None:
            return value.astimezone(UTC), None
        named = found.params.get("TZID")
        if named is not None:
            raise InvalidError(fields=[FieldProblem(field=f"{at}.{name}", reason=f"no time zone is called {named}")])
        return at_wall(value.date(), value.time(), zone_of(zone)), None
    if isinstance(value, date):
        return _midnight(value, zone), value
    raise InvalidError(fields=[FieldProblem(field=f"{at}.{name}", reason="is neither a day nor a time")])


def _midnight(day: date, zone: str) -> datetime:
    return at_wall(day, time(), zone_of(zone))


def _short(error: Exception) -> str:
    return f"cannot be read: {error}"[:200]
