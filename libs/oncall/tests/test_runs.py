"""Weeks in a row: of one person, on one roster, by its own clock."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import pytest

from nightowl_oncall import Book, Member, Override, Roster, Shift, long_runs, runs_of, shifts_between, weeks_of

ROSTER, OTHER = UUID(int=1), UUID(int=2)
ADA, BOB = UUID(int=11), UUID(int=12)
MONDAY = datetime(2026, 3, 2, 8, tzinfo=UTC)


def shift(who: UUID, day: float, days: float, *, roster_id: UUID = ROSTER) -> Shift:
    start = MONDAY + timedelta(days=day)
    return Shift(
        user_id=who, starts_at=start, ends_at=start + timedelta(days=days), source="rotation", roster_id=roster_id,
        turn=0, override_id=None, skipped=[],
    )  # fmt: skip


def spans(shifts: list[Shift]) -> list[tuple[UUID, float, float]]:
    day = timedelta(days=1)
    return [
        (each.user_id, (each.starts_at - MONDAY) / day, (each.ends_at - MONDAY) / day)
        for each in runs_of(shifts, ROSTER)
    ]


@pytest.mark.parametrize(
    ("shifts", "expected"),
    [
        ([shift(ADA, 0, 7), shift(ADA, 7, 7), shift(BOB, 14, 7)], [(ADA, 0, 14), (BOB, 14, 21)]),
        ([shift(ADA, 0, 7), shift(BOB, 7, 1), shift(ADA, 8, 6)], [(ADA, 0, 7), (BOB, 7, 8), (ADA, 8, 14)]),
        ([shift(ADA, day, 0.5) for day in (0, 1, 4, 7)], [(ADA, 0, 7.5)]),
        ([shift(ADA, 0, 0.5), shift(BOB, 0.5, 0.5, roster_id=OTHER), shift(ADA, 1, 0.5)], [(ADA, 0, 1.5)]),
        ([shift(ADA, 0, 1), shift(ADA, 8, 1)], [(ADA, 0, 1), (ADA, 8, 9)]),
        ([], []),
    ],
    ids=[
        "turn after turn",
        "somebody else between",
        "nights off",
        "the next site at night",
        "a week's pause",
        "nobody",
    ],
)
def test_a_run_lasts_until_somebody_else_has_the_duty(
    shifts: list[Shift], expected: list[tuple[UUID, float, float]]
) -> None:  # fmt: skip
    """Pauses of the roster do not end it, and what another roster covers is no duty of this one."""
    assert spans(shifts) == expected


def weekly(max_weeks: int | None, **changes: object) -> Roster:
    members = [Member(user_id=ADA), Member(user_id=BOB)]
    return Roster(
        roster_id=ROSTER, timezone="Europe/Berlin", handoff_time=time(9), start_date=date(2026, 3, 2), members=members,
        max_weeks=max_weeks, **changes,
    )  # type: ignore[arg-type]  # fmt: skip


def test_a_week_is_one_though_the_clock_changes_in_it() -> None:
    """The clocks of Berlin go back on the 25th of October 2026: that week has 169 hours."""
    roster = weekly(1)
    shifts = shifts_between(Book(rosters={ROSTER: roster}, absences=[]), ROSTER, MONDAY, MONDAY + timedelta(days=300))

    assert max(each.ends_at - each.starts_at for each in shifts) == timedelta(hours=169)
    assert {weeks_of(each, "Europe/Berlin") for each in runs_of(shifts, ROSTER)[:-1]} == {1.0}
    assert long_runs(shifts[:-1], roster) == []


@pytest.mark.parametrize(("max_weeks", "found"), [(None, 0), (1, 1), (2, 1), (3, 0)])
def test_an_override_makes_three_weeks_of_one(max_weeks: int | None, found: int) -> None:
    """Ada takes Bob's week, which lies between two of hers: longer than one and two, and not than three."""
    bobs = MONDAY + timedelta(days=7)
    override = Override(user_id=ADA, starts_at=bobs, ends_at=bobs + timedelta(days=7))
    roster = weekly(max_weeks, overrides=[override])
    shifts = shifts_between(Book(rosters={ROSTER: roster}, absences=[]), ROSTER, MONDAY, MONDAY + timedelta(days=27))

    assert [each.user_id for each in long_runs(shifts, roster)] == [ADA] * found
