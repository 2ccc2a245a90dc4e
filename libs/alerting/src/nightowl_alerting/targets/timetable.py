"""Who is on call on some rosters over a span of time: worked out once, looked up often. Pure."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from nightowl_alerting.model import Policy
from nightowl_alerting.targets.model import Duty
from nightowl_alerting.targets.parsing import rosters_of
from nightowl_oncall import Book, OnCall, UnknownZoneError, spans_between


class Timetable:
    """The answers of rosters over [start, end). A roster that is not in the book or in no known zone has none."""

    def __init__(self, book: Book, roster_ids: Iterable[UUID], *, start: datetime, end: datetime) -> None:
        self.start, self.end = start, end
        self.unreadable: set[UUID] = set()
        self._spans: dict[UUID, Sequence[OnCall]] = {}
        for roster_id in roster_ids:
            try:
                self._spans[roster_id] = spans_between(book, roster_id, start, end)
            except (UnknownZoneError, KeyError):
                self.unreadable.add(roster_id)
        self._starts = {key: [_start(each) for each in spans] for key, spans in self._spans.items()}

    def spans(self, roster_id: UUID) -> Sequence[OnCall]:
        """The whole span's answers, in order; empty when the roster cannot be read."""
        return self._spans.get(roster_id, ())

    def edges(self, roster_ids: Iterable[UUID]) -> list[datetime]:
        """Every instant at which an answer of one of the rosters begins."""
        return sorted({each for roster_id in roster_ids for each in self._starts.get(roster_id, ())})

    def duty(self, policy: Policy, at: datetime) -> Duty:
        """What a policy's targets mean at an instant within the span."""
        found = {each: self._at(each, at) for each in rosters_of(policy) if each in self._spans}
        return Duty(roster_id=policy.roster_id, lead_id=policy.lead_id, on_call=found)

    def _at(self, roster_id: UUID, at: datetime) -> OnCall:
        place = bisect_right(self._starts[roster_id], at) - 1
        return self._spans[roster_id][max(0, place)]


def _start(answer: OnCall) -> datetime:
    assert answer.starts_at is not None, "spans_between gives bounds"
    return answer.starts_at
