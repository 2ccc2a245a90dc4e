"""What holds of every roster in every zone: one answer per instant, and the same one however it is asked for."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from nightowl_oncall import (
    Absence,
    Book,
    Member,
    OnCall,
    Override,
    Pin,
    Roster,
    Turns,
    last_shifts,
    on_call_at,
    shifts_between,
    spans_between,
    to_shifts,
    uncovered,
)

PEOPLE = [UUID(int=n) for n in range(1, 7)]
ROSTERS = [UUID(int=n) for n in (101, 102, 103)]
ZONES = [
    "Europe/Berlin", "America/New_York", "Pacific/Auckland", "Pacific/Chatham", "Australia/Lord_Howe", "Asia/Kathmandu",
    "Asia/Kolkata", "Africa/Casablanca", "America/Sao_Paulo", "America/St_Johns", "Antarctica/Troll", "Pacific/Apia", "UTC",
]  # fmt: skip

moments = st.datetimes(datetime(2024, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))
days = st.dates(date(2023, 6, 1), date(2027, 1, 1))
wall_times = st.times().map(lambda value: value.replace(second=0, microsecond=0))
night_times = st.builds(time, st.integers(0, 3), st.sampled_from([0, 15, 30, 45]))
handoffs = st.one_of(wall_times, night_times)
people = st.sampled_from(PEOPLE)


@st.composite
def spans(draw) -> tuple[datetime, datetime]:
    start = draw(moments)
    return start, start + timedelta(minutes=draw(st.integers(1, 60 * 24 * 20)))


@st.composite
def members(draw) -> list[Member]:
    chosen = draw(st.lists(people, max_size=5))
    return [
        Member(user_id=each, joined_on=draw(st.none() | days), left_on=draw(st.none() | days)) for each in chosen
    ]  # fmt: skip


@st.composite
def rosters(draw, roster_id: UUID) -> Roster:
    is_weekly = draw(st.booleans())
    opens, closes = draw(st.tuples(handoffs, handoffs))
    has_hours = opens != closes and draw(st.booleans())
    return Roster(
        roster_id=roster_id,
        timezone=draw(st.sampled_from(ZONES)),
        rotation_days=draw(st.sampled_from([7, 14])) if is_weekly else draw(st.integers(1, 20)),
        rotation_hours=None if is_weekly else draw(st.none() | st.integers(1, 60)),
        handoff_time=draw(handoffs),
        handoff_day=draw(st.none() | st.integers(1, 7)) if is_weekly else None,
        start_date=draw(days),
        end_date=draw(st.none() | days),
        active_from=opens if has_hours else None,
        active_until=closes if has_hours else None,
        linked_roster_id=draw(st.none() | st.sampled_from(ROSTERS)),
        members=draw(members()),
        overrides=[
            Override(user_id=draw(people), starts_at=start, ends_at=end)
            for start, end in draw(st.lists(spans(), max_size=4))
        ],
        pins=[Pin(user_id=draw(people), turn_at=each) for each in draw(st.lists(moments, max_size=3))],
    )


@st.composite
def books(draw) -> Book:
    absences = [
        Absence(user_id=draw(people), starts_at=start, ends_at=end, kind=draw(st.sampled_from(["leave", "inactive"])))
        for start, end in draw(st.lists(spans(), max_size=4))
    ]
    return Book(rosters={each: draw(rosters(each)) for each in ROSTERS}, absences=absences)


def essence(answer: OnCall) -> tuple[object, ...]:
    return (
        answer.primary,
        answer.secondary,
        answer.source,
        answer.reason,
        answer.roster_id,
        answer.turn,
        answer.skipped,
    )


def interesting(spans: Sequence[OnCall]) -> list[datetime]:
    """Edges, and the last microsecond before them."""
    starts = [each.starts_at for each in spans]
    return [moment for each in starts[:8] for moment in (each, each + timedelta(microseconds=1))]


@settings(max_examples=60, deadline=None)
@given(books(), moments, st.integers(1, 30), st.data())
def test_an_instant_and_a_range_give_the_same_answer(book, start, length, data):
    """For every instant of a range: people, source and reason are equal; the bounds too, but where the range cuts them."""
    end = start + timedelta(days=length)
    found = spans_between(book, ROSTERS[0], start, end)
    drawn = [start + timedelta(seconds=data.draw(st.integers(0, length * 86_399))) for _ in range(4)]

    for at in [each for each in (*drawn, *interesting(found)) if each < end]:
        [span] = [each for each in found if each.starts_at <= at < each.ends_at]
        answer = on_call_at(book, ROSTERS[0], at)
        assert essence(answer) == essence(span)
        assert answer.starts_at is None or answer.starts_at <= at
        assert answer.ends_at is None or at < answer.ends_at
        if span.starts_at > start:
            assert answer.starts_at == span.starts_at
        if span.ends_at < end:
            assert answer.ends_at == span.ends_at


@settings(max_examples=60, deadline=None)
@given(books(), moments, st.integers(1, 40))
def test_every_instant_has_exactly_one_answer_or_is_unassigned(book, start, length):
    """The spans follow each other without gap or overlap, fill the range, and neighbours differ."""
    end = start + timedelta(days=length)

    found = spans_between(book, ROSTERS[0], start, end)

    assert (found[0].starts_at, found[-1].ends_at) == (start, end)
    for earlier, later in pairwise(found):
        assert earlier.ends_at == later.starts_at
        assert essence(earlier) != essence(later) or earlier.override_id != later.override_id
    for each in found:
        assert each.starts_at < each.ends_at
        assert (each.primary is None) == (each.source == "unassigned")
        assert each.secondary is None or each.secondary != each.primary
    shifts, nobody = to_shifts(found), uncovered(found)
    covered = sum((each.ends_at - each.starts_at for each in (*shifts, *nobody)), timedelta())
    assert covered == end - start


@settings(max_examples=40, deadline=None)
@given(books(), moments, st.integers(1, 20), st.integers(0, 100))
def test_a_range_in_two_parts_is_the_range(book, start, length, percent):
    """Where it is cut, spans are cut, and nothing else changes."""
    end = start + timedelta(days=length)
    middle = start + (end - start) * percent / 100

    whole = spans_between(book, ROSTERS[0], start, end)
    parts = [
        span
        for one, two in ((start, middle), (middle, end))
        if one < two
        for span in spans_between(book, ROSTERS[0], one, two)
    ]

    edges = {each.starts_at for each in whole}
    assert {each.starts_at for each in parts} - edges <= {middle}
    assert [essence(each) for each in parts if each.starts_at in edges] == [essence(each) for each in whole]


@settings(max_examples=100, deadline=None)
@given(rosters(ROSTERS[0]), moments)
def test_every_instant_lies_in_exactly_one_turn(roster, at):
    """Turns begin in order, whatever the clock skips or shows twice, and the one that is found holds the instant."""
    turns = Turns(roster)
    number = turns.number_at(at)

    assert at < turns.begins or turns.start(number) <= at
    assert at < turns.start(number + 1)
    around = range(max(0, number - 30), number + 30)
    assert all(turns.start(each) <= turns.start(each + 1) for each in around)


@settings(max_examples=60, deadline=None)
@given(
    rosters(ROSTERS[0]), st.lists(st.tuples(people, st.none() | days, st.none() | days), min_size=1, max_size=4),
    st.integers(0, 120),
)  # fmt: skip
def test_the_order_is_that_of_one_turn_after_the_other(roster, stays, count):
    """Against the plain way: from the first turn on, the next one in order who takes part."""
    members = [Member(user_id=each, joined_on=joined, left_on=left) for each, joined, left in stays]
    plain = Roster(
        roster_id=ROSTERS[0], timezone=roster.timezone, rotation_days=roster.rotation_days,
        rotation_hours=roster.rotation_hours, handoff_time=roster.handoff_time, handoff_day=roster.handoff_day,
        start_date=roster.start_date, members=members,
    )  # fmt: skip
    turns = Turns(plain)

    last = -1
    for number in range(count):
        begins = turns.start(number)
        order = [(last + step) % len(members) for step in range(1, len(members) + 1)]
        expected = next((place for place in order if turns.takes_part(place, begins)), None)
        assert turns.holder(number) == expected
        last = last if expected is None else expected


@settings(max_examples=60, deadline=None)
@given(rosters(ROSTERS[0]), days, people)
def test_nobody_who_joins_or_leaves_changes_what_was(roster, day, person):
    """Up to that handoff the shifts are the same with and without the change."""
    always = Roster(
        roster_id=ROSTERS[0], timezone=roster.timezone, rotation_days=roster.rotation_days,
        rotation_hours=roster.rotation_hours, handoff_time=roster.handoff_time, start_date=roster.start_date,
        members=roster.members,
    )  # fmt: skip
    joined = Roster(
        **{name: getattr(always, name) for name in always.__struct_fields__ if name != "members"},
        members=[*always.members, Member(user_id=person, joined_on=day)],
    )
    handoff = datetime.combine(day, roster.handoff_time, tzinfo=UTC) - timedelta(hours=15)

    before, after = (
        shifts_between(Book(rosters={ROSTERS[0]: each}), ROSTERS[0], handoff - timedelta(days=15), handoff)
        for each in (always, joined)
    )

    assert before == after


@settings(max_examples=30, deadline=None)
@given(books(), moments)
def test_the_last_shifts_are_the_end_of_the_schedule(book, before):
    """Each of them lies in the schedule as it is told, newest first."""
    found = last_shifts(book, ROSTERS[0], before, count=5)

    schedule = shifts_between(book, ROSTERS[0], before - timedelta(days=800), before)
    assert found == schedule[::-1][:5]
