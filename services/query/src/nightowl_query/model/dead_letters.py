"""Messages that could never be handled."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from nightowl_common.errors import NotFoundError
from nightowl_query.model.base import Page


class DeadLetterNotFoundError(NotFoundError):
    """There is no such dead letter; it may have been replayed, or be older than 30 days."""

    code = "dead_letter_not_found"


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True):
    """A message of this tenant that could not be handled.

    `number` is what `nightowl dlq` calls it. `stream`, `subject` and `place` are where it came from. `body` is its text
    as far as it can be read, cut to 4 KiB; `is_cut` says so.
    """

    id: UUID
    number: int
    stream: str
    subject: str
    place: int
    reason: str
    buried_at: datetime
    size_bytes: int
    body: str
    is_cut: bool


class DeadLetterPage(Page, frozen=True, kw_only=True):
    """Dead letters, newest first."""

    items: list[DeadLetter]


class Replay(msgspec.Struct, frozen=True, kw_only=True):
    """What replaying did: `replayed` now, or `already`, by an earlier call."""

    outcome: Literal["replayed", "already"]
