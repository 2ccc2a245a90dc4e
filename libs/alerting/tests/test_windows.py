"""When maintenance windows are open, over clock changes too: pure tests."""

from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightowl_alerting.model import BadWindowError
from nightowl_alerting.noise.model import MaintenanceWindow
from nightowl_alerting.noise.windows import occurrence_at, occurrences, require_window

BERLIN = ZoneInfo("Europe/Berlin")


def a_window(**changes) -> MaintenanceWindow:
    given_fields = {
        "id": UUID(int=1), "name": "nightly", "matchers": [], "timezone": "Europe/Berlin",
        "starts_at": datetime(2026, 3, 20, 22), "duration_minutes": 60, "rrule": "FREQ=DAILY",
    }  # fmt: skip
    return MaintenanceWindow(**{**given_fields, **changes})


def starts(window: MaintenanceWindow, since: datetime, days: int) -> list[datetime]:
    return [each.starts_at for each in occurrences(window, since=since, until=since + timedelta(days=days))]


@pytest.mark.parametrize("day", [datetime(2026, 3, 27, tzinfo=UTC), datetime(2026, 10, 23, tzinfo=UTC)])
def test_a_recurring_window_starts_at_the_same_time_of_day_on_both_sides_of_a_clock_change(day):
    """22:00 in Berlin, in UTC an hour apart; each an hour long."""
    found = starts(a_window(), day, 5)

    assert [each.astimezone(BERLIN).strftime("%H:%M") for each in found] == ["22:00"] * 5
    assert len({each.hour for each in found}) == 2


def test_a_start_that_the_clocks_skip_comes_with_the_offset_before_the_gap():
    """02:30 on the last Sunday of March does not exist: it is 03:30 summer time (RFC 5545, 3.3.5)."""
    window = a_window(starts_at=datetime(2026, 3, 1, 2, 30))

    [found] = starts(window, datetime(2026, 3, 29, tzinfo=UTC), 1)

    assert found == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert found.astimezone(BERLIN).strftime("%H:%M") == "03:30"


def test_a_start_that_the_clocks_repeat_is_the_first_of_the_two():
    """02:30 on the last Sunday of October comes twice: the one in summer time counts."""
    window = a_window(starts_at=datetime(2026, 10, 1, 2, 30))

    [found] = starts(window, datetime(2026, 10, 25, tzinfo=UTC), 1)

    assert found == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_the_length_is_elapsed_time_across_a_clock_change():
    """Eight hours from 22:00 end at 07:00 on the morning that skips an hour."""
    window = a_window(starts_at=datetime(2026, 3, 28, 22), duration_minutes=480, rrule=None)

    found = occurrence_at(window, datetime(2026, 3, 28, 23, tzinfo=UTC))

    assert found is not None
    assert found.ends_at.astimezone(BERLIN).strftime("%d %H:%M") == "29 07:00"


def test_a_window_is_half_open():
    """Open at its first instant, closed at its end."""
    window = a_window(rrule=None)
    start = datetime(2026, 3, 20, 21, tzinfo=UTC)

    assert occurrence_at(window, start) is not None
    assert occurrence_at(window, start - timedelta(microseconds=1)) is None
    assert occurrence_at(window, start + timedelta(minutes=60)) is None
    assert occurrence_at(window, start + timedelta(minutes=60) - timedelta(microseconds=1)) is not None


def test_until_in_utc_is_brought_to_the_zone():
    """The last start is the one at or before it."""
    window = a_window(rrule="FREQ=DAILY;UNTIL=20260322T210000Z")

    assert len(starts(window, datetime(2026, 3, 19, tzinfo=UTC), 30)) == 3


def test_the_second_sunday_of_the_month():
    """Rules of RFC 5545 as they are written."""
    window = a_window(starts_at=datetime(2026, 1, 11, 3), rrule="FREQ=MONTHLY;BYDAY=2SU")

    found = starts(window, datetime(2026, 1, 1, tzinfo=UTC), 90)

    assert [each.day for each in found] == [11, 8, 8]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"timezone": "Mars/Olympus"}, "$.timezone"),
        ({"timezone": "../etc/passwd"}, "$.timezone"),
        ({"rrule": "FREQ=MINUTELY"}, "$.rrule"),
        ({"rrule": "FREQ=DAILY;BYHOUR=1,2,3"}, "$.rrule"),
        ({"rrule": "FREQ=DAILY;INTERVAL=0"}, "$.rrule"),
        ({"rrule": "FREQ=DAILY;NONSENSE=1"}, "$.rrule"),
        ({"rrule": "FREQ=DAILY;BYDAY=XX"}, "$.rrule"),
        ({"rrule": "FREQ=DAILY\nRRULE:FREQ=SECONDLY"}, "$.rrule"),
        ({"rrule": "FREQ=DAILY;COUNT=0"}, "$.rrule"),
        ({"rrule": "FREQ=DAILY;COUNT=1;UNTIL=20260401"}, "$.rrule"),
        ({"rrule": "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"}, "$.rrule"),
        ({"starts_at": datetime(2026, 1, 1, tzinfo=UTC)}, "$.starts_at"),
    ],
)
def test_what_cannot_be_computed_is_refused_by_field(changes, field):
    """Before it is stored, not when somebody is to be paged."""
    with pytest.raises(BadWindowError) as refused:
        require_window(a_window(**changes))

    assert refused.value.fields[0].field == field


@given(
    minutes=st.integers(0, 3 * 365 * 24 * 60),
    zone=st.sampled_from(["Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"]),
    length=st.integers(1, 3_000),
)
def test_at_an_instant_and_over_a_range_agree(minutes, zone, length):
    """A window is open at an instant exactly when an occurrence of the range covers it."""
    window = a_window(timezone=zone, duration_minutes=length)
    at = datetime(2026, 3, 19, tzinfo=UTC) + timedelta(minutes=minutes)

    around = occurrences(window, since=at - timedelta(days=4), until=at + timedelta(days=1))

    covering = [each.ends_at for each in around if each.starts_at <= at < each.ends_at]
    found = occurrence_at(window, at)
    assert (None if found is None else found.ends_at) == max(covering, default=None)


days_of_week = st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"])
numbered = st.builds("{}{}".format, st.sampled_from(["", "1", "-1", "+2", "5", "-5"]), days_of_week)
day_numbers = st.integers(-40, 40).filter(bool).map(str)
parts = {
    "INTERVAL": st.integers(1, 999).map(str),
    "COUNT": st.integers(1, 99_999).map(str),
    "UNTIL": st.sampled_from(
        ["20260401", "20300101T000000", "20260329T010000Z", "19700101", "99991231T235959Z", "20261301"]
    ),
    "WKST": days_of_week,
    "BYMONTH": st.lists(st.integers(1, 12).map(str), min_size=1, max_size=4).map(",".join),
    "BYDAY": st.lists(days_of_week | numbered, min_size=1, max_size=4).map(",".join),
    "BYMONTHDAY": st.lists(day_numbers, min_size=1, max_size=4).map(",".join),
    "BYSETPOS": st.lists(day_numbers, min_size=1, max_size=3).map(",".join),
    "BYHOUR": st.just("3"),
}


@st.composite
def rules(draw) -> str:
    named = draw(st.lists(st.sampled_from(sorted(parts)), max_size=4))
    frequency = draw(st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY", "HOURLY"]))
    return ";".join([f"FREQ={frequency}", *(f"{name}={draw(parts[name])}" for name in named)])


ZONES = ["Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Auckland", "Pacific/Apia",
         "Africa/Casablanca", "America/Santiago", "UTC"]  # fmt: skip


@given(
    rules() | st.text(max_size=30),
    st.sampled_from(ZONES),
    st.datetimes(datetime(1970, 1, 1), datetime(2199, 12, 31)).map(lambda at: at.replace(second=0, microsecond=0)),
    st.timedeltas(timedelta(0), timedelta(days=4_000)),
    st.integers(1, 43_200),
)
def test_a_rule_that_is_taken_can_be_computed(text, zone, start, later, length):
    """At the window's own time of day, never before its first start, and at an instant as over a range."""
    window = a_window(rrule=text, timezone=zone, starts_at=start, duration_minutes=length)
    try:
        require_window(window)
    except BadWindowError:
        return
    at = start.replace(tzinfo=UTC) + later
    local = ZoneInfo(zone)

    around = list(occurrences(window, since=at - timedelta(days=40), until=at + timedelta(days=1)))

    assert [each.starts_at for each in around] == sorted(each.starts_at for each in around)
    first = start.replace(tzinfo=local).astimezone(UTC)
    assert all(
        each.starts_at >= first and each.ends_at - each.starts_at == timedelta(minutes=length) for each in around
    )
    for each in around:
        wall = each.starts_at.astimezone(local).replace(tzinfo=None)
        shifted = (
            each.starts_at.astimezone(local).utcoffset()
            != (each.starts_at - timedelta(hours=25)).astimezone(local).utcoffset()
        )
        assert (wall.hour, wall.minute) == (start.hour, start.minute) or shifted
    covering = [each.ends_at for each in around if each.starts_at <= at < each.ends_at]
    found = occurrence_at(window, at)
    assert (None if found is None else found.ends_at) == max(covering, default=None)
