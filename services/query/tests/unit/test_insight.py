"""What a span of time was like, reckoned."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import uuid4

from nightowl_oncall import Book, Member, Roster
from nightowl_query.engine.insight import coverage, days_of, hours_on_call, loads, response, volume
from nightowl_query.model import Person
from nightowl_query.model.insight import Tally
from nightowl_query.model.now import PagedPerson

DAY = date(2026, 3, 28)
ADA, BOB = uuid4(), uuid4()


def a_tally(day: date | None = None, severity: str | None = None, alerts: int = 1, **fields: object) -> Tally:
    rest = {"matched": 0, "acknowledged": 0, "acknowledge": None, "resolved": 0, "resolve": None}
    return Tally(day=day, severity=severity, alerts=alerts, **{**rest, **fields})  # type: ignore[arg-type]


def a_roster(zone: str = "UTC") -> Roster:
    """Ada for a day, then Bob, and so on."""
    return Roster(
        roster_id=uuid4(), timezone=zone, rotation_days=1, handoff_time=time(0), start_date=date(2026, 3, 1),
        members=[Member(user_id=ADA), Member(user_id=BOB)],
    )  # fmt: skip


def test_days_are_those_of_the_zone() -> None:
    """An instant before midnight in Berlin belongs to that day, also on the day with 23 hours; the end is left out."""
    start = datetime(2026, 3, 28, 23, 30, tzinfo=UTC)

    assert days_of(start, start + timedelta(hours=1), "UTC") == [DAY, DAY + timedelta(days=1)]
    assert days_of(start, start + timedelta(hours=22, minutes=30), "Europe/Berlin") == [DAY + timedelta(days=1)]


def test_a_day_without_alerts_is_told_as_such() -> None:
    """Zeroes in the volume; no share where nothing could be matched."""
    tallies = [a_tally(DAY, "critical", 2), a_tally(DAY, None, 3, matched=1), a_tally(None, "critical", 2)]
    days = [DAY, DAY + timedelta(days=1)]

    told, known = volume(tallies, days), coverage(tallies, days)

    assert [(each.critical, each.info, each.total) for each in told] == [(2, 0, 3), (0, 0, 0)]
    assert [(each.alerts, each.matched, each.share) for each in known] == [(3, 1, 1 / 3), (0, 0, None)]


def test_a_time_is_told_where_there_is_one() -> None:
    """Per day, per severity and for both; what nobody took has no time."""
    tallies = [a_tally(DAY, None, 3, acknowledged=2, acknowledge=(30.0, 90.0)), a_tally(DAY, "info")]

    [row] = response(tallies, "acknowledge")

    assert (row.day, row.severity, row.count, row.median_seconds, row.p90_seconds) == (DAY, None, 2, 30.0, 90.0)
    assert response(tallies, "resolve") == []


def test_hours_on_call_count_once() -> None:
    """A roster that another one links to has its own hours; what it answers for the other is not counted again."""
    night = a_roster()
    day = Roster(
        roster_id=uuid4(), timezone="UTC", rotation_days=1, handoff_time=time(0), start_date=date(2026, 3, 1),
        members=[Member(user_id=ADA)], active_from=time(8), active_until=time(20), linked_roster_id=night.roster_id,
    )  # fmt: skip
    start = datetime(2026, 3, 2, tzinfo=UTC)
    book = Book(rosters={night.roster_id: night, day.roster_id: day, (broken := a_roster("Mars")).roster_id: broken})

    hours = hours_on_call(book, start=start, end=start + timedelta(days=2))

    assert hours == {ADA: 24.0 + 24.0, BOB: 24.0}


def test_loads_name_everybody_who_was_paged_or_on_call() -> None:
    """Nights and weekends by their own clock: Saturday 01:00 in Berlin is Friday in New York."""
    at = datetime(2026, 3, 28, 0, tzinfo=UTC)
    ada = Person(id=ADA, display_name="Ada", timezone="Europe/Berlin")
    bob = Person(id=BOB, display_name="Bob", timezone="America/New_York")
    cid = Person(id=uuid4(), display_name="Cid", timezone="UTC")
    paged = [PagedPerson(person=ada, times=[at]), PagedPerson(person=bob, times=[at, at])]

    found = loads(paged, {cid.id: 5.0, ADA: 2.0}, {cid.id: cid, ADA: ada})

    assert [
        (each.user.display_name, each.pages, each.night_pages, each.weekend_pages, each.hours_on_call) for each in found
    ] == [("Bob", 2, 0, 0, 0.0), ("Ada", 1, 1, 1, 2.0), ("Cid", 0, 0, 0, 5.0)]
