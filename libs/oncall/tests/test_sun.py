"""Active hours and follow-the-sun."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import msgspec

from nightowl_oncall import Absence, Book, Member, Override, Roster, on_call_at, spans_between, uncovered

BERLIN, DENVER, SYDNEY = (UUID(int=n) for n in (11, 12, 13))
ANNA, DREW, SIDNEY = (UUID(int=n) for n in (1, 2, 3))
DAY = datetime(2026, 6, 10, tzinfo=UTC)


def a_site(roster_id: UUID, zone: str, person: UUID, opens: int, closes: int, link: UUID | None = None) -> Roster:
    return Roster(
        roster_id=roster_id, timezone=zone, rotation_days=7, handoff_time=time(9), start_date=date(2026, 1, 5),
        active_from=time(opens), active_until=time(closes), linked_roster_id=link, members=[Member(user_id=person)],
    )  # fmt: skip


def a_book(*sites: Roster, absences: tuple[Absence, ...] = ()) -> Book:
    return Book(rosters={each.roster_id: each for each in sites}, absences=absences)


def around_the_world() -> Book:
    """Berlin 06 to 14 UTC, Denver 14 to 22, Sydney 22 to 06, in a circle."""
    return a_book(
        a_site(BERLIN, "Europe/Berlin", ANNA, 8, 16, DENVER),
        a_site(DENVER, "America/Denver", DREW, 8, 16, SYDNEY),
        a_site(SYDNEY, "Australia/Sydney", SIDNEY, 8, 16, BERLIN),
    )


def test_the_linked_roster_whose_hours_cover_the_instant_answers():
    """Each site in its own day, whichever is asked; the circle of links ends."""
    book = around_the_world()

    for asked in (BERLIN, DENVER, SYDNEY):
        answers = [on_call_at(book, asked, DAY + timedelta(hours=hour)) for hour in (7, 15, 23)]
        assert [each.primary for each in answers] == [ANNA, DREW, SIDNEY]
        assert [each.roster_id for each in answers] == [BERLIN, DENVER, SYDNEY]


def test_clocks_that_change_on_different_days_leave_a_hole_that_is_seen():
    """In March Berlin is still on winter time and Sydney still on summer time: nobody covers 05 to 07 UTC."""
    day = spans_between(
        around_the_world(), BERLIN, datetime(2026, 3, 10, tzinfo=UTC), datetime(2026, 3, 11, tzinfo=UTC)
    )

    assert [(each.kind, each.reason, each.starts_at.hour, each.ends_at.hour) for each in uncovered(day)] == [
        ("gap", "off_hours", 5, 7)
    ]


def test_hours_may_wrap_midnight():
    """22 to 06, by the wall clock."""
    book = a_book(a_site(BERLIN, "Europe/Berlin", ANNA, 22, 6))

    on_call = [on_call_at(book, BERLIN, DAY + timedelta(hours=hour)).primary for hour in (3, 5, 19, 20, 23)]

    assert on_call == [ANNA, None, None, ANNA, ANNA]


def test_hours_follow_the_wall_clock_over_a_change():
    """The night of the autumn change has nine hours, that of the spring change seven."""
    book = a_book(a_site(BERLIN, "Europe/Berlin", ANNA, 22, 6))

    spring = on_call_at(book, BERLIN, datetime(2026, 3, 29, 1, tzinfo=UTC))
    autumn = on_call_at(book, BERLIN, datetime(2026, 10, 25, 1, tzinfo=UTC))

    assert spring.ends_at - spring.starts_at == timedelta(hours=7)
    assert autumn.ends_at - autumn.starts_at == timedelta(hours=9)


def test_a_site_with_nobody_passes_on():
    """Berlin and Denver both cover the afternoon; Anna is away, so it is Drew's."""
    away = Absence(user_id=ANNA, starts_at=DAY, ends_at=DAY + timedelta(days=1))
    sites = (
        a_site(BERLIN, "Europe/Berlin", ANNA, 8, 20, DENVER),
        a_site(DENVER, "America/Denver", DREW, 6, 16),
    )  # fmt: skip

    answers = [on_call_at(a_book(*sites, absences=(away,)), BERLIN, DAY + timedelta(hours=hour)) for hour in (7, 13)]

    assert [(each.primary, each.reason) for each in answers] == [(None, "all_absent"), (DREW, "in_turn")]


def test_an_override_outside_the_hours_fills_a_hole_but_takes_no_other_sites_day():
    """Anna's stand-in for the whole day: she has Berlin's hours and the hole, Denver keeps its own."""
    override = Override(user_id=SIDNEY, starts_at=DAY, ends_at=DAY + timedelta(days=1))
    berlin = msgspec.structs.replace(a_site(BERLIN, "Europe/Berlin", ANNA, 8, 16, DENVER), overrides=[override])
    book = a_book(berlin, a_site(DENVER, "America/Denver", DREW, 8, 16))

    on_call = [on_call_at(book, BERLIN, DAY + timedelta(hours=hour)) for hour in (2, 7, 15, 23)]

    assert [(each.primary, each.source) for each in on_call] == [
        (SIDNEY, "override"), (SIDNEY, "override"), (DREW, "rotation"), (SIDNEY, "override"),
    ]  # fmt: skip


def test_a_link_to_a_roster_that_is_gone_is_no_link():
    """What the book does not hold cannot answer."""
    book = a_book(a_site(BERLIN, "Europe/Berlin", ANNA, 8, 16, DENVER))

    assert on_call_at(book, BERLIN, DAY + timedelta(hours=15)).reason == "off_hours"
