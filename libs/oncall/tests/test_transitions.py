"""Every clock change of 2024 to 2030 in zones that differ most: handoffs keep their wall-clock time, no instant is lost."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from nightowl_oncall import Book, Member, Roster, on_call_at, spans_between

ROSTER = UUID(int=9)
PEOPLE = [UUID(int=n) for n in (1, 2, 3)]
ZONES = [
    "Europe/Berlin", "America/New_York", "Pacific/Auckland", "Australia/Lord_Howe", "Asia/Kathmandu", "America/Sao_Paulo",
]  # fmt: skip
CHANGES_PER_ZONE = {"Asia/Kathmandu": 0, "America/Sao_Paulo": 0}
"""Neither has changed its clocks in these years; they are here for their offset, and for having changed before."""


def changes_of(zone: str) -> Iterator[datetime]:
    """The instants at which the offset changes, to the quarter of an hour."""
    at, step = datetime(2024, 1, 1, tzinfo=UTC), timedelta(minutes=15)
    here = ZoneInfo(zone)
    before = at.astimezone(here).utcoffset()
    day = timedelta(days=1)
    while at.year < 2031:
        if (at + day).astimezone(here).utcoffset() == before:
            at += day
            continue
        while at.astimezone(here).utcoffset() == before:
            at += step
        before = at.astimezone(here).utcoffset()
        yield at


CASES = [(zone, change) for zone in ZONES for change in changes_of(zone)]


def a_book(zone: str, day: date, **changes) -> Book:
    given = {
        "roster_id": ROSTER, "timezone": zone, "rotation_days": 1, "handoff_time": time(9), "start_date": day,
        "members": [Member(user_id=each) for each in PEOPLE],
    }  # fmt: skip
    return Book(rosters={ROSTER: Roster(**{**given, **changes})})


@pytest.mark.parametrize("zone", ZONES)
def test_there_are_as_many_changes_as_people_know(zone):
    """Two a year for seven years, or none: the cases below are all there are."""
    assert len([each for each in CASES if each[0] == zone]) == CHANGES_PER_ZONE.get(zone, 14)


@pytest.mark.parametrize(("zone", "change"), CASES)
def test_the_handoff_stays_at_nine_and_the_days_are_as_long_as_they_are(zone, change):
    """The shift that holds the change is longer or shorter by what the clocks moved, its neighbours are 24 hours."""
    here = ZoneInfo(zone)
    moved = (change.astimezone(here).utcoffset() or timedelta()) - (
        (change - timedelta(hours=3)).astimezone(here).utcoffset() or timedelta()
    )
    book = a_book(zone, (change - timedelta(days=3)).astimezone(here).date())

    spans = spans_between(book, ROSTER, change - timedelta(days=2), change + timedelta(days=2))

    whole = spans[1:-1]
    assert {each.starts_at.astimezone(here).time() for each in whole} == {time(9)}
    lengths = {
        each.ends_at - each.starts_at: each.starts_at <= change < each.ends_at for each in whole
    }  # fmt: skip
    assert lengths == {timedelta(hours=24): False, timedelta(hours=24) - moved: True}


@pytest.mark.parametrize(("zone", "change"), CASES)
@pytest.mark.parametrize("handoff", [time(1, 30), time(2, 15), time(3)])
def test_around_a_change_every_instant_has_one_answer_and_it_is_that_of_the_range(zone, change, handoff):
    """Also when the handoff itself falls into what is skipped or doubled: no gap, no overlap, at T as over the range."""
    book = a_book(zone, (change - timedelta(days=3)).astimezone(ZoneInfo(zone)).date(), handoff_time=handoff)
    start, end = change - timedelta(hours=30), change + timedelta(hours=30)

    spans = spans_between(book, ROSTER, start, end)

    assert spans[0].starts_at == start
    assert spans[-1].ends_at == end
    assert all(one.ends_at == other.starts_at for one, other in pairwise(spans))
    assert all(each.primary in PEOPLE for each in spans)
    for minutes in range(-150, 151, 15):
        at = change + timedelta(minutes=minutes)
        [covering] = [each for each in spans if each.starts_at <= at < each.ends_at]
        assert on_call_at(book, ROSTER, at).primary == covering.primary
