"""Who is on call, in words."""

from datetime import UTC, date, datetime, time
from uuid import uuid4

import pytest

from nightowl_notifier.api.slack import schedules
from nightowl_notifier.model import NamedPerson, RosterName
from nightowl_oncall import Book, Member, Override, Roster

NOW = datetime(2026, 3, 11, 10, 0, tzinfo=UTC)


def a_roster(*members, zone="Europe/Vienna", name="Platform", **changes):
    """The name and the roster; its weeks begin on Monday, 2 March at nine."""
    named = RosterName(id=uuid4(), name=name, timezone=zone)
    given = {
        "handoff_time": time(9),
        "start_date": date(2026, 3, 2),
        "members": [Member(user_id=each.id) for each in members],
    }
    return named, Roster(roster_id=named.id, timezone=zone, **{**given, **changes})


def a_person(name, zone="America/New_York"):
    return NamedPerson(id=uuid4(), name=name, timezone=zone)


def told(named, roster, *people, how=schedules.tell_on_call):
    book, known = Book(rosters={roster.roster_id: roster}), {each.id: each for each in people}
    answer = how([named] if how is schedules.tell_on_call else named, book, known, NOW)
    return "\n".join(block.text.text for block in answer.blocks if getattr(block, "text", None))


def test_a_shift_is_told_with_the_persons_time_its_end_and_the_secondary():
    """The end by the roster's clock, the time of day by the person's."""
    ann, ben = a_person("Ann <x>"), a_person("Ben")

    words = told(*a_roster(ann, ben), ann, ben)

    assert (
        "*Platform*\nBen (it is 06:00 there), until Mon 16 Mar 09:00 (Europe/Vienna); secondary: Ann &lt;x&gt;" in words
    )


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"members": []}, "nobody"),
        ({"start_date": date(2026, 3, 16)}, "nobody, until Mon 16 Mar 09:00 (Europe/Vienna)"),
        ({"zone": "Mars/Olympus"}, "the time zone of Platform does not exist"),
    ],
    ids=str,
)
def test_nobody_is_said_plainly(changes, words):
    """Also a roster that cannot be read."""
    assert f"*Platform*\n{words}" in told(*a_roster(**changes))


def test_an_end_that_was_not_looked_at_is_not_told():
    """What begins in more than five weeks was not read, so it could come in between."""
    ann = a_person("Ann")

    assert "until" not in told(*a_roster(ann, rotation_days=90), ann)


def test_the_next_shifts_are_told_in_order_and_with_overrides():
    """Five at most, by the roster's clock."""
    ann, ben = a_person("Ann"), a_person("Ben")
    cover = Override(
        user_id=ann.id, starts_at=datetime(2026, 3, 12, 8, tzinfo=UTC), ends_at=datetime(2026, 3, 13, 8, tzinfo=UTC)
    )

    words = told(*a_roster(ann, ben, overrides=[cover]), ann, ben, how=schedules.tell_shifts).splitlines()

    assert words[0] == "*Platform*, the next shifts (Europe/Vienna):"
    assert words[1:4] == [
        "Wed 11 Mar 11:00 - Thu 12 Mar 09:00: Ben",
        "Thu 12 Mar 09:00 - Fri 13 Mar 09:00: Ann",
        "Fri 13 Mar 09:00 - Mon 16 Mar 09:00: Ben",
    ]
    assert len(words) == 6


def test_a_roster_is_found_by_its_name_before_a_part_of_it():
    """In any case of letters."""
    rosters = [a_roster(name=name)[0] for name in ("SRE", "SRE Europe", "Data")]

    assert schedules.choose_rosters(rosters, "sre") == rosters[:1]
    assert schedules.choose_rosters(rosters, "europe") == rosters[1:2]
    assert schedules.choose_rosters(rosters, "") == rosters
    assert schedules.choose_rosters(rosters, "x") == []


def test_only_so_many_rosters_are_shown():
    """And how many there are beside them."""
    rosters = [a_roster(name=f"R{number}")[0] for number in range(60)]

    answer = schedules.tell_on_call(rosters, Book(rosters={}), {}, NOW)

    assert len(answer.blocks) < 50
    assert "40 more" in answer.blocks[-1].elements[0].text
