"""What callers hand back or bring along, whatever it is: read, or refused with an error that names it. Pure tests."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from icalendar import Calendar

from nightowl_common.errors import InvalidError
from nightowl_oncall import Shift, UnknownZoneError
from nightowl_query.api.filters import decode_place, encode_place, read_labels
from nightowl_query.api.paging import decode_cursor, decode_position, encode_position
from nightowl_query.engine.calendars import BadCalendarError, Duty, read_leave, write_calendar
from nightowl_query.engine.live import begin_from, resume_from
from nightowl_query.model import BadCursorError, Person
from nightowl_query.store.rules import Place

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ANN = UUID(int=1)

likely = st.text(alphabet="AQ_-=09az") | st.text() | st.binary(max_size=40).map(lambda raw: raw.decode("latin-1"))


@given(likely)
def test_any_text_is_a_cursor_or_none(text):
    """Each kind knows its own, and nothing else is an error of ours."""
    for decode in (decode_cursor, decode_position, decode_place):
        with suppress(BadCursorError):
            decode(text)


@given(st.integers(-128, 127), st.integers(-(2**31), 2**31 - 1), st.uuids())
def test_cursors_of_one_list_are_not_those_of_another(urgency, position, row):
    """What goes in comes out, and only there."""
    place, position = encode_place(urgency, row), encode_position(Place(position=position, id=row))

    assert (decode_place(place).urgency, decode_place(place).id) == (urgency, row)
    assert encode_position(decode_position(position)) == position
    for decode, foreign in ((decode_place, position), (decode_position, place), (decode_cursor, place)):
        with pytest.raises(BadCursorError):
            decode(foreign)


@given(st.lists(st.text(max_size=40) | st.from_regex(r"[a-c=!~\\.()\[\]*+{}0-9]{1,20}", fullmatch=True), max_size=4))
def test_any_label_filter_is_read_or_refused(labels):
    """Every one that is taken says something about a key."""
    try:
        equal, patterns = read_labels(labels)
    except InvalidError:
        return
    assert len(equal) + len(patterns) <= len(labels)
    assert all([*equal, *(each.key for each in patterns)])


@given(st.uuids(), st.datetimes(timezones=st.just(UTC)))
@example(UUID("ffffffff-ffff-7fff-bfff-ffffffffffff"), NOW)
@example(UUID(int=0), datetime.max.replace(tzinfo=UTC))
def test_any_last_event_is_a_place_or_none(event_id, since):
    """A stream goes on behind what it can reach, and begins anew elsewhere."""
    for found in (resume_from(event_id, NOW), begin_from(since, NOW)):
        assert found is None or found <= NOW + timedelta(minutes=1)


printable = st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40)


@given(printable, printable, st.lists(st.tuples(st.integers(0, 10**6), st.integers(1, 10**5)), max_size=6))
@example("a\\nb;c,d:e\\,\\;", '"quoted" ^n ^^', [(0, 60)])
@example("x" * 200 + "🦉" * 50, "BEGIN:VEVENT", [(0, 60)])
def test_a_written_calendar_is_read_back(roster, person, spans):
    """By any reader: the same instants, in order, and names as they were written."""
    shifts = [
        Shift(
            starts_at=NOW + timedelta(minutes=start), ends_at=NOW + timedelta(minutes=start + length), user_id=ANN,
            source="rotation", roster_id=UUID(int=2),
        )
        for start, length in spans
    ]  # fmt: skip
    duties = [Duty(roster_name=roster, asked=UUID(int=2), shift=each) for each in shifts]
    people = {ANN: Person(id=ANN, display_name=person, timezone="UTC")}

    body = write_calendar(roster, duties, people, now=NOW)

    events = Calendar.from_ical(body).walk("VEVENT")
    assert [(each.decoded("DTSTART"), each.decoded("DTEND")) for each in events] == [
        (each.starts_at, each.ends_at) for each in shifts
    ]
    assert {str(each["SUMMARY"]) for each in events} <= {f"{person}: {roster}"}
    assert all(len(line) <= 75 for line in body.split(b"\r\n"))


LEAVE = b"""BEGIN:VCALENDAR\r
VERSION:2.0\r
BEGIN:VEVENT\r
UID:a\r
DTSTART;VALUE=DATE:20260301\r
DTEND;TZID=Europe/Berlin:20260305T120000\r
DURATION:P1D\r
SUMMARY:Away\r
RECURRENCE-ID:20260301T000000Z\r
END:VEVENT\r
END:VCALENDAR\r
"""
lines = st.sampled_from(
    [b"DTSTART:00010101T000000", b"DTEND:99991231T235959Z", b"DTSTART:20260301T120000Z", b"DTEND;VALUE=DATE:20260302",
     b"DURATION:P9999999999D", b"DURATION:-PT1S", b"DTSTART;TZID=Nowhere:20260301T120000", b"RRULE:FREQ=DAILY", b"RECURRENCE-ID:" + b"x" * 600, b"RECURRENCE-ID:a\x00b",
     b"RECURRENCE-ID;VALUE=DATE:20260301", b"STATUS:CANCELLED", b"UID:\\n", b"BEGIN:VEVENT", b"END:VEVENT",
     b"BEGIN:VTIMEZONE", b"END:VTIMEZONE", b"TZID:X", b"BEGIN:STANDARD", b"END:STANDARD", b"TZOFFSETFROM:+9900",
     b"TZOFFSETTO:+0000", b"DTSTART;TZID=X:20260301T120000", b"BEGIN:VALARM", b"END:VALARM", b"DTSTART:", b";:",
     b"DTSTART;TZID=:20260301T120000", b'UID;X="', b"SUMMARY:\x00\xff", b"END:VCALENDAR", b"BEGIN:VCALENDAR"]
)  # fmt: skip


@given(
    st.lists(st.tuples(st.integers(0, 11), st.integers(0, 2), lines | st.binary(max_size=10)), max_size=6),
    st.sampled_from(["UTC", "Europe/Berlin", "Pacific/Apia", "Nowhere/Land"]),
)
@example([(8, 1, b"RECURRENCE-ID:" + b"x" * 600)], "UTC")
@example([(8, 1, b"RECURRENCE-ID:a\x00b")], "UTC")
def test_any_calendar_of_leave_is_read_or_refused(edits, zone):
    """Lines put in and taken out; what is read has its times in order."""
    text = LEAVE.split(b"\r\n")
    for at, gone, line in edits:
        text[at : at + gone] = [line]

    check_leave(b"\r\n".join(text), zone)


@given(st.binary())
def test_any_bytes_are_leave_or_refused(body):
    """No calendar at all."""
    check_leave(body, "UTC")


@pytest.mark.parametrize("kind", [b"VEVENT", b"VCALENDAR", b"X"])
def test_a_deep_calendar_is_refused(kind):
    """Parts in parts in parts do not end the process."""
    check_leave(
        b"BEGIN:VCALENDAR\r\n"
        + (b"BEGIN:" + kind + b"\r\n") * 5_000
        + (b"END:" + kind + b"\r\n") * 5_000
        + b"END:VCALENDAR\r\n",
        "UTC",
    )


def check_leave(body: bytes, zone: str) -> None:
    try:
        found = read_leave(body, zone=zone)
    except (BadCalendarError, UnknownZoneError):
        return
    assert all(0 < len(each.uid) <= 500 for each in found)
    assert all(each.starts_at < each.ends_at and "\x00" not in each.uid + each.note for each in found)
