"""Who is on call at an instant."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightowl_oncall import Override, Roster, UnknownZoneError, on_call_at, shift_at

ALICE, BOB, CAROL = (UUID(int=n) for n in (1, 2, 3))
BERLIN = ZoneInfo("Europe/Berlin")


def a_roster(**changes) -> Roster:
    given = {
        "roster_id": UUID(int=9),
        "timezone": "Europe/Berlin",
        "rotation_days": 7,
        "handoff_time": time(9),
        "start_date": date(2026, 1, 5),
        "members": [ALICE, BOB, CAROL],
    }
    return Roster(**{**given, **changes})


def berlin(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=BERLIN)


def test_each_member_takes_a_turn():
    """The first week is Alice's with Bob behind her, the second Bob's, the fourth Alice's again."""
    roster = a_roster()

    first, second, fourth = (on_call_at(roster, [], berlin(2026, 1, day, 12)) for day in (5, 12, 26))

    assert (first.primary, first.secondary) == (ALICE, BOB)
    assert (second.primary, second.secondary) == (BOB, CAROL)
    assert fourth.primary == ALICE


def test_a_shift_is_half_open():
    """At the instant of the handoff the next person is on call, a microsecond before still the last one."""
    handoff = berlin(2026, 1, 12, 9)

    before = on_call_at(a_roster(), [], handoff - timedelta(microseconds=1))
    at = on_call_at(a_roster(), [], handoff)

    assert before.primary == ALICE
    assert at.primary == BOB
    assert before.ends_at == at.starts_at == handoff


def test_the_handoff_stays_at_nine_when_the_clock_changes():
    """The week of the spring change is an hour short, the week of the autumn change an hour long."""
    spring = shift_at(a_roster(), berlin(2026, 3, 28, 12))
    autumn = shift_at(a_roster(), berlin(2026, 10, 24, 12))

    assert spring is not None
    assert autumn is not None
    assert spring.ends_at - spring.starts_at == timedelta(days=7, hours=-1)
    assert autumn.ends_at - autumn.starts_at == timedelta(days=7, hours=1)
    assert spring.ends_at.astimezone(BERLIN).time() == time(9)


def test_an_override_stands_before_the_rotation():
    """Carol takes over from Alice; Alice becomes the secondary; afterwards the rotation goes on."""
    override = Override(user_id=CAROL, starts_at=berlin(2026, 1, 6, 18), ends_at=berlin(2026, 1, 7, 8))

    during = on_call_at(a_roster(), [override], berlin(2026, 1, 6, 23))
    after = on_call_at(a_roster(), [override], berlin(2026, 1, 7, 8))

    assert (during.primary, during.secondary, during.source) == (CAROL, ALICE, "override")
    assert (after.primary, after.starts_at) == (ALICE, override.ends_at)


@pytest.mark.parametrize(
    "roster",
    [
        a_roster(members=[]),
        a_roster(end_date=date(2026, 1, 6)),
        a_roster(start_date=date(2026, 3, 1)),
    ],
    ids=["no members", "ended", "not begun"],
)
def test_nobody_is_said_plainly(roster):
    """With nobody on call the answer is unassigned, never a guess."""
    answer = on_call_at(roster, [], berlin(2026, 2, 1, 12))

    assert (answer.primary, answer.source) == (None, "unassigned")


def test_an_unknown_zone_is_an_error():
    """A zone that does not exist is reported, not taken for UTC."""
    with pytest.raises(UnknownZoneError):
        on_call_at(a_roster(timezone="Mars/Olympus"), [], berlin(2026, 2, 1))


zones = st.sampled_from(
    [
        "Europe/Berlin",
        "America/New_York",
        "Pacific/Auckland",
        "Australia/Lord_Howe",
        "Asia/Kathmandu",
        "America/Sao_Paulo",
    ]
)
rosters = st.builds(
    Roster,
    roster_id=st.just(UUID(int=9)),
    timezone=zones,
    rotation_days=st.integers(1, 28),
    handoff_time=st.times().map(lambda value: value.replace(second=0, microsecond=0)),
    start_date=st.dates(date(2023, 1, 1), date(2025, 1, 1)),
    end_date=st.none(),
    members=st.lists(st.uuids(), min_size=1, max_size=5, unique=True),
)


@given(rosters, st.datetimes(datetime(2025, 2, 1), datetime(2031, 1, 1), timezones=st.just(UTC)))
def test_every_instant_lies_in_exactly_one_shift(roster, at):
    """The shift found holds the instant, and its neighbours begin and end where it does."""
    shift = shift_at(roster, at)

    assert shift is not None
    assert shift.starts_at <= at < shift.ends_at
    neighbours = [shift_at(roster, shift.starts_at - timedelta(seconds=1)), shift, shift_at(roster, shift.ends_at)]
    for earlier, later in pairwise(each for each in neighbours if each is not None):
        assert earlier.ends_at == later.starts_at
        assert later.number == earlier.number + 1
