"""Whose turn it is: rotations, handoffs, members who come and go, overrides, pins and leave."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from nightowl_oncall import (
    Absence,
    Book,
    Member,
    Override,
    Pin,
    Roster,
    Turns,
    UnknownZoneError,
    on_call_at,
    spans_between,
)

ALICE, BOB, CAROL, DAN = (UUID(int=n) for n in (1, 2, 3, 4))
ROSTER = UUID(int=9)
BERLIN = ZoneInfo("Europe/Berlin")


def a_roster(*people: UUID, **changes) -> Roster:
    given = {
        "roster_id": ROSTER,
        "timezone": "Europe/Berlin",
        "rotation_days": 7,
        "handoff_time": time(9),
        "start_date": date(2026, 1, 5),
        "members": [Member(user_id=each) for each in people or (ALICE, BOB, CAROL)],
    }
    return Roster(**{**given, **changes})


def a_book(roster: Roster | None = None, *absences: Absence) -> Book:
    return Book(rosters={ROSTER: roster or a_roster()}, absences=absences)


def berlin(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=BERLIN)


def who(book: Book, *parts: int) -> UUID | None:
    return on_call_at(book, ROSTER, berlin(*parts)).primary


def test_each_member_takes_a_turn():
    """The first week is Alice's with Bob behind her, the second Bob's, the fourth Alice's again."""
    first, second, fourth = (on_call_at(a_book(), ROSTER, berlin(2026, 1, day, 12)) for day in (5, 12, 26))

    assert (first.primary, first.secondary, first.turn) == (ALICE, BOB, 0)
    assert (second.primary, second.secondary, second.turn) == (BOB, CAROL, 1)
    assert (fourth.primary, fourth.source, fourth.reason) == (ALICE, "rotation", "in_turn")


def test_a_shift_is_half_open():
    """At the instant of the handoff the next person is on call, a microsecond before still the last one."""
    handoff = berlin(2026, 1, 12, 9)

    before = on_call_at(a_book(), ROSTER, handoff - timedelta(microseconds=1))
    at = on_call_at(a_book(), ROSTER, handoff)

    assert (before.primary, at.primary) == (ALICE, BOB)
    assert before.ends_at == at.starts_at == handoff


@pytest.mark.parametrize(
    ("changes", "on_call"),
    [
        ({"rotation_days": 1}, {(5, 12): ALICE, (6, 8): ALICE, (6, 10): BOB, (8, 10): ALICE}),
        ({"rotation_days": 3}, {(7, 12): ALICE, (8, 10): BOB, (14, 12): ALICE}),
        ({"rotation_hours": 12}, {(5, 12): ALICE, (5, 22): BOB, (6, 8): BOB, (6, 10): CAROL, (6, 21): ALICE}),
    ],
    ids=["daily", "three days", "twelve hours"],
)
def test_a_turn_has_the_length_that_is_wanted(changes, on_call):
    """Days or hours, by the wall clock."""
    book = a_book(a_roster(**changes))

    assert {(day, hour): who(book, 2026, 1, day, hour) for day, hour in on_call} == on_call


def test_handoffs_can_fall_on_another_weekday_than_the_start():
    """It starts on a Wednesday and hands over on Mondays: the first turn is short."""
    book = a_book(a_roster(start_date=date(2026, 1, 7), handoff_day=1))

    first = on_call_at(book, ROSTER, berlin(2026, 1, 8, 12))

    assert (first.primary, first.starts_at, first.ends_at) == (ALICE, berlin(2026, 1, 7, 9), berlin(2026, 1, 12, 9))
    assert who(book, 2026, 1, 6, 12) is None
    assert who(book, 2026, 1, 19, 8) == BOB


def test_the_handoff_stays_at_nine_when_the_clock_changes():
    """The day of the spring change has 23 hours, the day of the autumn change 25."""
    book = a_book(a_roster(rotation_days=1))

    spring, autumn = (on_call_at(book, ROSTER, berlin(*day)) for day in ((2026, 3, 28, 12), (2026, 10, 24, 12)))

    assert spring.ends_at - spring.starts_at == timedelta(hours=23)
    assert autumn.ends_at - autumn.starts_at == timedelta(hours=25)
    assert spring.ends_at.astimezone(BERLIN).time() == autumn.ends_at.astimezone(BERLIN).time() == time(9)


@pytest.mark.parametrize(
    ("zone", "handoff", "day", "instant"),
    [
        ("Europe/Berlin", time(2, 30), date(2026, 3, 29), datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
        ("Europe/Berlin", time(2, 30), date(2026, 10, 25), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        ("Australia/Lord_Howe", time(2, 15), date(2026, 10, 4), datetime(2026, 10, 3, 15, 45, tzinfo=UTC)),
        ("Australia/Lord_Howe", time(1, 45), date(2026, 4, 5), datetime(2026, 4, 4, 14, 45, tzinfo=UTC)),
        ("America/New_York", time(2, 30), date(2026, 3, 8), datetime(2026, 3, 8, 7, 30, tzinfo=UTC)),
        ("America/New_York", time(1, 30), date(2026, 11, 1), datetime(2026, 11, 1, 5, 30, tzinfo=UTC)),
    ],
)
def test_a_handoff_at_a_time_that_is_skipped_or_doubled(zone, handoff, day, instant):
    """RFC 5545, 3.3.5: the offset from before the gap; the first of the two."""
    roster = a_roster(timezone=zone, handoff_time=handoff, rotation_days=1, start_date=day - timedelta(days=1))

    before = on_call_at(a_book(roster), ROSTER, instant - timedelta(seconds=1))
    after = on_call_at(a_book(roster), ROSTER, instant)

    assert (before.primary, after.primary) == (ALICE, BOB)
    assert before.ends_at == after.starts_at == instant


def test_a_member_who_joins_changes_no_past_shift():
    """Dan, from the middle of February on, comes after Carol; until then nothing moved."""
    people = [Member(user_id=each) for each in (ALICE, BOB, CAROL)]
    before = a_book(a_roster(members=people))
    after = a_book(a_roster(members=[*people, Member(user_id=DAN, joined_on=date(2026, 2, 10))]))
    joined = berlin(2026, 2, 10, 9)

    assert spans_between(before, ROSTER, berlin(2026, 1, 1), joined) == spans_between(
        after, ROSTER, berlin(2026, 1, 1), joined
    )
    assert [who(after, 2026, 2, day, 12) for day in (9, 16, 23)] == [CAROL, DAN, ALICE]


def test_a_member_who_leaves_changes_no_past_shift():
    """Bob leaves in the middle of his week: the next one takes the rest, and the order goes on without him."""
    members = [Member(user_id=ALICE), Member(user_id=BOB, left_on=date(2026, 1, 15)), Member(user_id=CAROL)]
    book = a_book(a_roster(members=members))
    left = berlin(2026, 1, 15, 9)

    assert spans_between(book, ROSTER, berlin(2026, 1, 1), berlin(2026, 1, 12, 9)) == spans_between(
        a_book(), ROSTER, berlin(2026, 1, 1), berlin(2026, 1, 12, 9)
    )
    assert on_call_at(book, ROSTER, left - timedelta(seconds=1)).primary == BOB
    assert on_call_at(book, ROSTER, left).primary == CAROL
    assert [who(book, 2026, 1, day, 12) for day in (19, 26)] == [CAROL, ALICE]


def test_who_comes_back_takes_turns_again():
    """Two stays of one person are two rows; the time between is nobody's but the others'."""
    members = [
        Member(user_id=ALICE), Member(user_id=BOB, left_on=date(2026, 1, 19)),
        Member(user_id=BOB, joined_on=date(2026, 2, 2)),
    ]  # fmt: skip
    book = a_book(a_roster(members=members))

    assert [who(book, 2026, 1, day, 12) for day in (5, 12, 19, 26)] == [ALICE, BOB, ALICE, ALICE]
    assert [who(book, 2026, 2, day, 12) for day in (2, 9)] == [BOB, ALICE]


def test_an_override_stands_before_the_rotation():
    """Carol takes over from Alice; Alice becomes the secondary; afterwards the rotation goes on."""
    override = Override(user_id=CAROL, starts_at=berlin(2026, 1, 6, 18), ends_at=berlin(2026, 1, 7, 8))
    book = a_book(a_roster(overrides=[override]))

    during = on_call_at(book, ROSTER, berlin(2026, 1, 6, 23))
    after = on_call_at(book, ROSTER, berlin(2026, 1, 7, 8))

    assert (during.primary, during.secondary, during.source) == (CAROL, ALICE, "override")
    assert (during.starts_at, during.ends_at) == (override.starts_at, override.ends_at)
    assert (after.primary, after.starts_at) == (ALICE, override.ends_at)


def test_of_two_overrides_the_one_that_starts_last_counts():
    """Dan is inside Carol's; when he is done, hers goes on."""
    carol = Override(user_id=CAROL, starts_at=berlin(2026, 1, 6), ends_at=berlin(2026, 1, 8))
    dan = Override(user_id=DAN, starts_at=berlin(2026, 1, 6, 12), ends_at=berlin(2026, 1, 7))
    book = a_book(a_roster(overrides=[dan, carol]))

    assert [who(book, 2026, 1, 6, 6), who(book, 2026, 1, 6, 12), who(book, 2026, 1, 7)] == [CAROL, DAN, CAROL]


def test_a_pin_beats_the_rotation_and_an_override_beats_the_pin():
    """Dan has Bob's week; Carol a night of it. The turns after it are whose they were."""
    pin = Pin(user_id=DAN, turn_at=berlin(2026, 1, 14, 3))
    override = Override(user_id=CAROL, starts_at=berlin(2026, 1, 13, 18), ends_at=berlin(2026, 1, 14, 8))
    book = a_book(a_roster(pins=[pin], overrides=[override]))

    pinned = on_call_at(book, ROSTER, berlin(2026, 1, 12, 9))
    night = on_call_at(book, ROSTER, berlin(2026, 1, 13, 20))

    assert (pinned.primary, pinned.secondary, pinned.source, pinned.turn) == (DAN, BOB, "pin", 1)
    assert (night.primary, night.secondary, night.source) == (CAROL, DAN, "override")
    assert who(book, 2026, 1, 19, 12) == CAROL


def test_leave_is_skipped_in_the_rotation():
    """Bob is away for two days of his week: Carol stands in, then he goes on. Her own week stays hers."""
    away = Absence(user_id=BOB, starts_at=berlin(2026, 1, 13), ends_at=berlin(2026, 1, 15))
    book = a_book(None, away)

    during = on_call_at(book, ROSTER, berlin(2026, 1, 14))

    assert (during.primary, during.secondary, during.reason, during.skipped) == (CAROL, ALICE, "stands_in", (BOB,))
    assert (during.starts_at, during.ends_at) == (away.starts_at, away.ends_at)
    assert [who(book, 2026, 1, 12, 12), who(book, 2026, 1, 15), who(book, 2026, 1, 19, 12)] == [BOB, BOB, CAROL]


def test_leave_beats_a_pin_and_an_override_beats_leave():
    """A pin is a plan of weeks before; an override names the hours and is meant."""
    away = Absence(user_id=DAN, starts_at=berlin(2026, 1, 1), ends_at=berlin(2026, 3, 1))
    pin = Pin(user_id=DAN, turn_at=berlin(2026, 1, 13))
    override = Override(user_id=DAN, starts_at=berlin(2026, 1, 20), ends_at=berlin(2026, 1, 21))
    book = a_book(a_roster(pins=[pin], overrides=[override]), away)

    assert who(book, 2026, 1, 14) == BOB
    assert who(book, 2026, 1, 20) == DAN


def test_who_was_deactivated_is_on_call_nowhere():
    """Not by override, pin or rotation, from that moment on; before it their shifts stay theirs."""
    gone = Absence(user_id=BOB, starts_at=berlin(2026, 1, 14), kind="inactive")
    override = Override(user_id=BOB, starts_at=berlin(2026, 1, 20), ends_at=berlin(2026, 1, 21))
    pin = Pin(user_id=BOB, turn_at=berlin(2026, 1, 26, 12))
    book = a_book(a_roster(overrides=[override], pins=[pin]), gone)

    assert who(book, 2026, 1, 13) == BOB
    assert [who(book, 2026, 1, day) for day in (15, 20, 27)] == [CAROL, CAROL, ALICE]


@pytest.mark.parametrize(
    ("roster", "reason"),
    [
        (a_roster(members=[]), "no_members"),
        (a_roster(end_date=date(2026, 1, 6)), "ended"),
        (a_roster(start_date=date(2026, 3, 1)), "not_begun"),
        (a_roster(members=[Member(user_id=ALICE, left_on=date(2026, 1, 19))]), "no_members"),
        (a_roster(ALICE), "all_absent"),
        (a_roster(active_from=time(13), active_until=time(20)), "off_hours"),
    ],
    ids=["no members", "ended", "not begun", "everybody left", "everybody away", "outside active hours"],
)
def test_nobody_is_said_plainly(roster, reason):
    """With nobody on call the answer is unassigned, never a guess, and says why."""
    away = Absence(user_id=ALICE, starts_at=berlin(2026, 1, 30), ends_at=berlin(2026, 2, 3))
    answer = on_call_at(a_book(roster, away), ROSTER, berlin(2026, 2, 1, 12))

    assert (answer.primary, answer.secondary, answer.source, answer.reason) == (None, None, "unassigned", reason)


def test_the_bounds_of_nobody_are_where_somebody_is():
    """Known on the side where the roster begins, open on the other."""
    answer = on_call_at(a_book(), ROSTER, berlin(2026, 1, 1))

    assert (answer.starts_at, answer.ends_at) == (None, berlin(2026, 1, 5, 9))


def test_an_unknown_zone_is_an_error():
    """A zone that does not exist is reported, not taken for UTC."""
    with pytest.raises(UnknownZoneError):
        on_call_at(a_book(a_roster(timezone="Mars/Olympus")), ROSTER, berlin(2026, 2, 1))


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("Antarctica/Troll", date(2026, 3, 28)),
        ("Pacific/Apia", date(2011, 12, 29)),
        ("Europe/Berlin", date(2026, 3, 28)),
    ],
)
def test_a_gap_longer_than_a_turn_leaves_turns_empty_and_in_order(zone, day):
    """Two hours are skipped at Troll, a whole day in Apia: hourly turns end no earlier than they begin."""
    roster = a_roster(timezone=zone, start_date=day, handoff_time=time(0), rotation_hours=1)
    turns = Turns(roster)
    starts = [turns.start(number) for number in range(80)]

    assert starts == sorted(starts)
    for at in (starts[0] + timedelta(minutes=10 * step) for step in range(200)):
        number = turns.number_at(at)
        assert turns.start(number) <= at < turns.start(number + 1)
    spans = spans_between(a_book(roster), ROSTER, starts[0], starts[0] + timedelta(hours=40))
    assert all(each.ends_at - each.starts_at == timedelta(hours=1) for each in spans)
