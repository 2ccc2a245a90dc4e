"""Who is on call at an instant, without reckoning again what still holds."""

from datetime import datetime
from uuid import UUID

from nightowl_oncall import Book, OnCall, on_call_at

MOST = 256
"""Answers that are remembered at one time."""


class Answers:
    """The last answer about a roster, by all that it was reckoned from.

    From the same text comes the same answer until that ends; whatever changes makes another text. Half of what a
    question cost the service was this arithmetic.
    """

    def __init__(self) -> None:
        self._held: dict[tuple[UUID, str], OnCall] = {}

    def on_call_at(self, book: Book, roster_id: UUID, at: datetime, *, text: str) -> OnCall:
        """As `nightowl_oncall.on_call_at`. `text` is all that the book was read from; empty: nothing is remembered.

        Raises:
            UnknownZoneError: the zone of a roster does not exist.
            KeyError: the book has no such roster.
        """
        held = self._held.get((roster_id, text))
        if held is not None and _holds(held, at):
            return held
        answer = on_call_at(book, roster_id, at)
        if text:
            if len(self._held) >= MOST:
                self._held.clear()
            self._held[roster_id, text] = answer
        return answer


def _holds(answer: OnCall, at: datetime) -> bool:
    """A bound that is not known may lie anywhere beyond what was looked at."""
    return answer.starts_at is not None and answer.ends_at is not None and answer.starts_at <= at < answer.ends_at
