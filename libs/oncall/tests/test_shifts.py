"""Shifts, the last ones, gaps, rest and how the load is shared."""

from datetime import UTC, date, datetime, time
from uuid import UUID

import pytest

from nightowl_oncall import (
    Absence,
    Book,
    Member,
    Override,
    Roster,
    fairness,
    last_shifts,
    shifts_between,
    short_rests,
    spans_between,
    uncovered,
)

ALICE, BOB = UUID(int=1), UUID(int=2)
ROSTER = UUID(int=9)


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


def a_book(*absences: Absence, **changes) -> Book:
    given = {
        "roster_id": ROSTER, "timezone": "UTC", "rotation_days": 7, "handoff_time": time(9),
        "start_date": date(2026, 1, 5), "members": [Member(user_id=ALICE), Member(user_id=BOB)],
    }  # fmt: skip
    return Book(rosters={ROSTER: Roster(**{**given, **changes})}, absences=absences)


def test_shifts_are_whole_whoever_stands_behind_them():
    """Bob's leave changes only the secondary of Alice's week: one shift, two spans."""
    book = a_book(Absence(user_id=BOB, starts_at=at(2026, 1, 7), ends_at=at(2026, 1, 9)))

    shifts = shifts_between(book, ROSTER, at(2026, 1, 5, 9), at(2026, 1, 12, 9))
    spans = spans_between(book, ROSTER, at(2026, 1, 5, 9), at(2026, 1, 12, 9))

    assert [(each.user_id, each.starts_at, each.ends_at) for each in shifts] == [
        (ALICE, at(2026, 1, 5, 9), at(2026, 1, 12, 9))
    ]
    assert [each.secondary for each in spans] == [BOB, None, BOB]


def test_shifts_are_cut_at_the_ends_of_the_question():
    """Half-open: what begins at the end is not in it."""
    shifts = shifts_between(a_book(), ROSTER, at(2026, 1, 8), at(2026, 1, 19, 9))

    assert [(each.user_id, each.starts_at, each.ends_at) for each in shifts] == [
        (ALICE, at(2026, 1, 8), at(2026, 1, 12, 9)), (BOB, at(2026, 1, 12, 9), at(2026, 1, 19, 9)),
    ]  # fmt: skip


def test_the_last_shifts_are_the_newest_first_and_whole():
    """The running one is cut at the question; the others are as they were."""
    found = last_shifts(a_book(), ROSTER, at(2026, 3, 3), count=3)

    assert [(each.user_id, each.starts_at) for each in found] == [
        (ALICE, at(2026, 3, 2, 9)), (BOB, at(2026, 2, 23, 9)), (ALICE, at(2026, 2, 16, 9)),
    ]  # fmt: skip
    assert found[0].ends_at == at(2026, 3, 3)


def test_a_young_roster_has_few_shifts():
    """All that there were."""
    assert len(last_shifts(a_book(), ROSTER, at(2026, 1, 20), count=10)) == 3
    assert last_shifts(a_book(), ROSTER, at(2026, 1, 1), count=10) == []


def test_gaps_and_unassigned_spans_are_told_apart():
    """Before its start a roster covers nothing; with everybody away it covers and has nobody."""
    away = (Absence(user_id=each, starts_at=at(2026, 1, 6), ends_at=at(2026, 1, 7)) for each in (ALICE, BOB))

    found = uncovered(spans_between(a_book(*away), ROSTER, at(2026, 1, 1), at(2026, 1, 20)))

    assert [(each.kind, each.reason, each.starts_at, each.ends_at) for each in found] == [
        ("gap", "not_begun", at(2026, 1, 1), at(2026, 1, 5, 9)),
        ("unassigned", "all_absent", at(2026, 1, 6), at(2026, 1, 7)),
    ]


def test_fairness_counts_real_hours_nights_and_weekends_by_each_ones_own_clock():
    """Seven nights and one weekend each; in New York a week from 04:00 to 04:00 touches eight."""
    shifts = shifts_between(a_book(), ROSTER, at(2026, 1, 5, 9), at(2026, 1, 19, 9))

    alice, bob = fairness(shifts, {ALICE: "UTC", BOB: "America/New_York"})

    assert (alice.user_id, alice.shifts, alice.hours, alice.nights, alice.night_hours) == (ALICE, 1, 168, 7, 56)
    assert (alice.weekends, alice.weekend_hours) == (1, 48)
    assert (bob.hours, bob.nights, bob.night_hours, bob.weekends) == (168, 8, 56, 1)


def test_a_night_that_two_shifts_share_is_one_night():
    """Alice until midnight and again from two: one night, six of its hours."""
    override = Override(user_id=BOB, starts_at=at(2026, 1, 7), ends_at=at(2026, 1, 7, 2))
    shifts = shifts_between(a_book(overrides=[override]), ROSTER, at(2026, 1, 6, 20), at(2026, 1, 7, 7))

    loads = {each.user_id: each for each in fairness(shifts, {})}

    assert (loads[ALICE].shifts, loads[ALICE].nights, loads[ALICE].night_hours) == (2, 1, 6)
    assert (loads[BOB].nights, loads[BOB].night_hours, loads[BOB].weekends) == (1, 2, 0)


@pytest.mark.parametrize(("day", "hours"), [(28, 23), (24, 25)], ids=["spring", "autumn"])
def test_the_day_of_a_clock_change_has_its_real_hours(day, hours):
    """23 or 25, of which the night has 7 or 9."""
    month = 3 if hours == 23 else 10
    book = a_book(timezone="Europe/Berlin", rotation_days=1)
    shift = next(
        each
        for each in shifts_between(book, ROSTER, at(2026, month, day, 6), at(2026, month, day + 2, 6))
        if each.starts_at >= at(2026, month, day, 7)
    )

    [load] = fairness([shift], {ALICE: "Europe/Berlin", BOB: "Europe/Berlin"})

    assert (load.hours, load.night_hours) == (hours, hours - 16)


def test_rests_under_eleven_hours_are_found():
    """Ten hours between two shifts are too few, whoever has them; eleven are enough."""
    overrides = [
        Override(user_id=BOB, starts_at=at(2026, 1, 11, 13), ends_at=at(2026, 1, 11, 23)),
        Override(user_id=BOB, starts_at=at(2026, 1, 9, 13), ends_at=at(2026, 1, 10, 2)),
        Override(user_id=BOB, starts_at=at(2026, 1, 8), ends_at=at(2026, 1, 9, 2)),
    ]
    shifts = shifts_between(a_book(overrides=overrides), ROSTER, at(2026, 1, 5, 9), at(2026, 1, 19, 9))

    found = short_rests(shifts)

    assert [(each.user_id, each.starts_at, each.ends_at) for each in found] == [
        (ALICE, at(2026, 1, 11, 13), at(2026, 1, 11, 23)),
        (BOB, at(2026, 1, 11, 23), at(2026, 1, 12, 9)),
    ]
