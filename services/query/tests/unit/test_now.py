"""The arithmetic of the first page."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from nightowl_oncall import OnCall
from nightowl_query.engine.now import arrivals, noisiest, page_loads, tenure, time_to_acknowledge, time_to_resolve
from nightowl_query.model import Person
from nightowl_query.model.now import HourOfSource, PagedPerson

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
ADA, BOB = uuid4(), uuid4()


def a_span(primary: UUID | None, *, secondary: UUID | None = None, day: int = 0) -> OnCall:
    start = NOW + timedelta(days=day)
    return OnCall(
        primary=primary, secondary=secondary, starts_at=start, ends_at=start + timedelta(days=1), source="rotation",
        reason="in_turn" if primary else "off_hours",
    )  # fmt: skip


def an_hour(hours_ago: int, source: str = "keep", **counts: float) -> HourOfSource:
    zero = {
        "alerts": 0, "occurrences": 0, "acknowledged": 0, "acknowledge_seconds": 0.0, "resolved": 0,
        "resolve_seconds": 0.0,
    }  # fmt: skip
    return HourOfSource(hours_ago=hours_ago, source=source, **{**zero, **counts})  # type: ignore[arg-type]


def test_a_seat_ends_when_its_primary_changes() -> None:
    """Another backup ends nothing; a gap does, and nobody follows."""
    found = tenure([a_span(ADA, secondary=BOB), a_span(ADA, day=1), a_span(BOB, day=2)])
    gap = tenure([a_span(ADA), a_span(None, day=1), a_span(BOB, day=2)])
    endless = tenure([a_span(ADA, secondary=BOB)])

    assert (found.primary, found.backup, found.until, found.following) == (ADA, BOB, NOW + timedelta(days=2), BOB)
    assert (gap.until, gap.following) == (NOW + timedelta(days=1), None)
    assert (endless.until, endless.following) == (None, None)


def test_arrivals_begin_with_the_oldest_hour() -> None:
    """24 of them, summed over the sources; what is older is left out."""
    week = [an_hour(0, alerts=2), an_hour(0, "other", alerts=1), an_hour(23, alerts=5), an_hour(24, alerts=9)]

    assert arrivals(week) == [5, *[0] * 22, 3]


def test_means_are_over_alerts_not_over_hours() -> None:
    """Nothing to average is no zero."""
    week = [
        an_hour(1, acknowledged=1, acknowledge_seconds=60.0),
        an_hour(30, acknowledged=3, acknowledge_seconds=540.0),
    ]

    acknowledged, resolved = time_to_acknowledge(week), time_to_resolve(week)

    assert (acknowledged.day, acknowledged.week) == (60.0, 150.0)
    assert (resolved.day, resolved.week) == (None, None)


def test_the_noisiest_five_stand_in_order() -> None:
    """By alerts, then by name."""
    week = [
        an_hour(hour, name, alerts=count)
        for hour, (name, count) in enumerate(zip("fabcde", (9, 1, 2, 2, 4, 1), strict=True))
    ]

    assert [(each.source, each.alerts) for each in noisiest(week)] == [("f", 9), ("d", 4), ("b", 2), ("c", 2), ("a", 1)]


def test_a_night_page_is_judged_by_the_persons_own_clock() -> None:
    """23:00 in Berlin is 17:00 in New York."""
    at = datetime(2026, 3, 2, 22, tzinfo=UTC)
    berlin = PagedPerson(person=Person(id=ADA, display_name="Ada", timezone="Europe/Berlin"), times=[at])
    york = PagedPerson(person=Person(id=BOB, display_name="Bob", timezone="America/New_York"), times=[at, at])

    loads = page_loads([berlin, york])

    assert [(each.user.display_name, each.pages, each.night_pages) for each in loads] == [("Bob", 2, 0), ("Ada", 1, 1)]
