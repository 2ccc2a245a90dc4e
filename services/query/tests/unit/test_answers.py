"""What was answered holds until it ends, or until something that it was reckoned from changes."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import pytest

from nightowl_oncall import Book, Member, Override, Roster, on_call_at
from nightowl_query.engine import answers
from nightowl_query.engine.answers import Answers

ROSTER, ADA, BO = (UUID(int=number) for number in (1, 2, 3))
NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)


def book(*overrides: Override) -> Book:
    """Two people, a week each."""
    roster = Roster(
        roster_id=ROSTER, timezone="Europe/Berlin", handoff_time=time(9), start_date=date(2026, 3, 2),
        members=[Member(user_id=ADA), Member(user_id=BO)], overrides=list(overrides),
    )  # fmt: skip
    return Book(rosters={ROSTER: roster})


def test_an_answer_is_the_same_as_if_it_was_reckoned(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hour by hour over three handoffs; and only each handoff is reckoned."""
    reckoned: list[datetime] = []
    remembering = Answers()

    def reckon(asked: Book, roster_id: UUID, at: datetime) -> object:
        reckoned.append(at)
        return on_call_at(asked, roster_id, at)

    monkeypatch.setattr(answers, "on_call_at", reckon)
    for hours in range(24 * 21):
        at = NOW + timedelta(hours=hours)
        assert remembering.on_call_at(book(), ROSTER, at, text="one") == on_call_at(book(), ROSTER, at)

    assert len(reckoned) == 4


def test_another_text_is_another_answer() -> None:
    """An override shows at once, and is gone at once; without a text nothing is remembered."""
    remembering = Answers()
    taken = Override(user_id=BO, starts_at=NOW - timedelta(hours=1), ends_at=NOW + timedelta(hours=1))
    asked = [(book(), "one"), (book(taken), "two"), (book(), "one"), (book(), ""), (book(taken), "")]

    assert [remembering.on_call_at(each, ROSTER, NOW, text=text).primary for each, text in asked] == [
        ADA, BO, ADA, ADA, BO
    ]  # fmt: skip
