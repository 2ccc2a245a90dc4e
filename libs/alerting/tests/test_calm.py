"""Limits, turns and quiet hours: pure tests."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightowl_alerting.calm.limits import DEFAULT_LIMITS, go_out, limits_of, must_wait, room_at
from nightowl_alerting.calm.model import Alone, Behind, Limit, QuietHours, Standing, Together, Told, Wait
from nightowl_alerting.calm.quiet import quiet_until
from nightowl_alerting.paging import HAND_OVER_STEP

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ALWAYS = QuietHours(start_time="00:00", end_time="00:00")


def ago(*minutes):
    """Instants so many minutes before noon."""
    return [NOON - timedelta(minutes=each) for each in minutes]


def a_page(**changes) -> Standing:
    given = {
        "alert_id": UUID(int=1), "step": 0, "recipient": "user:x", "channel": "sms", "address": "+1555",
        "severity": "warning", "is_held": False, "timezone": "UTC", "quiet_hours": None, "page_limits": None,
    }  # fmt: skip
    return Standing(**{**given, **changes})


def behind(*, is_held: bool) -> Behind:
    return Behind(delivery_id=UUID(int=2), is_held=is_held)


@pytest.mark.parametrize(
    ("sent", "minutes"),
    [
        ([], 0),
        (ago(1, 2, 3, 4), 0),
        (ago(1, 2, 3, 4, 5), 10),
        (ago(1, 2, 3, 4, 15), 0),
        (ago(1, 2, 3, 4, 5, 6, 7), 10),
        (ago(16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26), 34),
    ],
)
def test_there_is_room_again_when_the_oldest_message_leaves_its_window(sent, minutes):
    """Five text messages in 15 minutes and eleven in an hour, whichever is the later."""
    assert room_at(DEFAULT_LIMITS["sms"], sent=sent, now=NOON) == NOON + timedelta(minutes=minutes)


@given(st.lists(st.integers(0, 90), max_size=40), st.integers(1, 5), st.integers(1, 60))
def test_when_there_is_room_the_limit_holds(minutes, messages, window):
    """At the instant that it names, fewer messages than the limit are within the window."""
    sent, limit = ago(*minutes), Limit(messages=messages, minutes=window)

    at = room_at([limit], sent=sent, now=NOON)

    assert len([each for each in sent if each > at - timedelta(minutes=window)]) < messages


def test_a_tenants_limits_stand_before_the_defaults():
    """Channel by channel; an empty list is no limit, and endpoints have none."""
    own = {"sms": [Limit(messages=1, minutes=5)], "email": []}

    assert limits_of("sms", own) == own["sms"]
    assert limits_of("email", own) == []
    assert limits_of("phone", own) == DEFAULT_LIMITS["phone"]
    assert limits_of("webhook", own) == ()


@pytest.mark.parametrize(
    ("page", "sent", "waiting", "turn"),
    [
        (a_page(), [], [], Alone()),
        (a_page(), ago(1, 1, 1, 1, 1), [], Wait(until=NOON + timedelta(minutes=14), why="limit")),
        (a_page(severity="critical"), ago(1, 1, 1, 1, 1), [behind(is_held=True)], Alone()),
        (a_page(severity="critical", quiet_hours=ALWAYS), [], [], Alone()),
        (a_page(severity="major", quiet_hours=ALWAYS), [], [], Alone()),
        (a_page(quiet_hours=ALWAYS), [], [], Wait(until=NOON + timedelta(hours=12), why="quiet_hours")),
        (a_page(quiet_hours=ALWAYS, step=HAND_OVER_STEP), [], [], Alone()),
        (a_page(), [], [behind(is_held=False)], Alone()),
        (a_page(), [], [behind(is_held=True)], Together(others=[UUID(int=2)])),
        (a_page(is_held=True), [], [behind(is_held=False)], Together(others=[UUID(int=2)])),
        (a_page(is_held=True), [], [], Alone()),
        (a_page(channel="webhook"), ago(*range(60)), [], Alone()),
    ],
)
def test_whose_turn_it_is(page, sent, waiting, turn):
    """Critical pages ignore all of it; once something was held, all that waits goes out together."""
    assert (must_wait(page, told=Told(sent=sent), now=NOON) or go_out(page, waiting=waiting)) == turn


@pytest.mark.parametrize(
    ("sent", "in_flight", "wait"),
    [
        ([], 4, None),
        ([], 5, Wait(until=NOON + timedelta(seconds=5), why="limit", is_brief=True)),
        (ago(1, 1), 3, Wait(until=NOON + timedelta(seconds=5), why="limit", is_brief=True)),
        (ago(1, 1, 1, 1, 1), 3, Wait(until=NOON + timedelta(minutes=14), why="limit")),
    ],
)
def test_messages_on_their_way_are_waited_for_and_not_counted_for_good(sent, in_flight, wait):
    """They may fail; then nobody was told, and whoever waits for them is not to wait for a quarter of an hour."""
    assert must_wait(a_page(), told=Told(sent=sent, in_flight=in_flight), now=NOON) == wait


NIGHT = QuietHours(start_time="22:00", end_time="07:00")


def berlin(text: str) -> datetime:
    """An instant by its offset."""
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("at", "until"),
    [
        ("2026-03-02T21:59:59+01:00", None),
        ("2026-03-02T22:00:00+01:00", "2026-03-03T07:00:00+01:00"),
        ("2026-03-03T06:59:59+01:00", "2026-03-03T07:00:00+01:00"),
        ("2026-03-03T07:00:00+01:00", None),
        ("2026-03-28T23:00:00+01:00", "2026-03-29T07:00:00+02:00"),
        ("2026-10-24T23:00:00+02:00", "2026-10-25T07:00:00+01:00"),
        ("2026-10-25T02:30:00+01:00", "2026-10-25T07:00:00+01:00"),
    ],
)
def test_quiet_hours_are_read_on_the_persons_clock(at, until):
    """Also in the nights in which the clock is changed, which have 8 or 10 hours instead of 9."""
    found = quiet_until(NIGHT, timezone="Europe/Berlin", at=berlin(at))

    assert found == (None if until is None else berlin(until))


def test_days_are_those_on_which_quiet_hours_begin():
    """Friday's night lasts into Saturday; Saturday's is none."""
    quiet = QuietHours(start_time="22:00", end_time="07:00", days=["friday"])

    assert quiet_until(quiet, timezone="UTC", at=berlin("2026-03-07T03:00+00:00")) == berlin("2026-03-07T07:00+00:00")
    assert quiet_until(quiet, timezone="UTC", at=berlin("2026-03-08T03:00+00:00")) is None


@given(
    st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),
    st.integers(0, 1439),
    st.integers(0, 1439),
)
def test_quiet_hours_end(at, begin, end):
    """They never hold a page for longer than a day and the hour of a changed clock, and not at their own end."""
    quiet = QuietHours(start_time=f"{begin // 60:02}:{begin % 60:02}", end_time=f"{end // 60:02}:{end % 60:02}")

    found = quiet_until(quiet, timezone="Europe/Berlin", at=at)

    if found is not None:
        assert timedelta(0) < found - at <= timedelta(hours=25)
