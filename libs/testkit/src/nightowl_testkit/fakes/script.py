"""How a fake provider behaves: a queue of steps, and what a person would have received.

Each send takes the first step that fits it; with none left the provider is well. "Accepted" means that the
message reached the person, whatever the caller was told.
"""

import re
from collections.abc import Callable
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

import msgspec

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
_REPEAT = re.compile(r"^\W*repeat\s*[:)\]]", re.IGNORECASE)


class Normal(msgspec.Struct, frozen=True):
    """Accepts and answers at once."""


class Slow(msgspec.Struct, frozen=True):
    """Accepts at once, answers after some seconds."""

    seconds: float


class RateLimited(msgspec.Struct, frozen=True):
    """Does not accept: 429 with `Retry-After`."""

    retry_after_seconds: int


class Refused(msgspec.Struct, frozen=True):
    """Does not accept, and never will: Slack's word (`user_not_found`), Twilio's code (`21211`), HTTP's or SMTP's."""

    code: str


class ErrorBeforeAccept(msgspec.Struct, frozen=True):
    """Does not accept; answers with an HTTP status."""

    status: int = 500


class LateCallback(msgspec.Struct, frozen=True):
    """Accepts and answers; after some seconds the status callback tells what became of it."""

    seconds: float
    status: str = "delivered"


class ErrorAfterAccept(msgspec.Struct, frozen=True):
    """Accepts, but answers with an HTTP status as if it had failed; may tell the truth in a callback."""

    status: int = 500
    callback: LateCallback | None = None


class DroppedReply(msgspec.Struct, frozen=True):
    """Accepts, then cuts the connection without an answer; may tell the truth in a callback."""

    callback: LateCallback | None = None


Accepting: TypeAlias = Normal | Slow | LateCallback | ErrorAfterAccept | DroppedReply
Step: TypeAlias = Accepting | RateLimited | Refused | ErrorBeforeAccept


class Received(msgspec.Struct, frozen=True, kw_only=True):
    """A message as its recipient sees it.

    `channel` is a word of `notify_via`; `to` is a Slack user or channel id, a phone number, a mail address or the path
    of a webhook. `text` of a call is what is heard.
    `delivery_id` is found in what travels with the message unseen; `is_repeat` only in the text itself.
    """

    at: datetime
    channel: str
    to: str
    text: str
    provider_id: str
    delivery_id: UUID | None
    is_repeat: bool
    raw: dict[str, object]

    def __str__(self) -> str:
        mark = " (repeat)" if self.is_repeat else ""
        return f"{self.at:%H:%M:%S.%f} {self.channel} to {self.to}{mark}: {self.text!r}"


class UnheardLookUp(msgspec.Struct, frozen=True, kw_only=True):
    """A question after what went to an address, answered when whoever asked had hung up."""

    to: str
    at: datetime


class Callback(msgspec.Struct, frozen=True, kw_only=True):
    """A status callback that was sent; `answered` is the HTTP status, None when nobody answered."""

    sent: Received
    status: str
    answered: int | None


Predicate: TypeAlias = Callable[[Received], bool]


class _Entry(msgspec.Struct, frozen=True, kw_only=True):
    step: Step
    when: Predicate
    forever: bool


class Script:
    """The queue."""

    def __init__(self) -> None:
        self._entries: list[_Entry] = []

    def add(self, *steps: Step, when: Predicate, forever: bool) -> None:
        """Appends steps; one that is `forever` is never used up."""
        self._entries += [_Entry(step=each, when=when, forever=forever) for each in steps]

    def peek(self, sent: Received) -> Step:
        """The step that a send would take."""
        return next((entry.step for entry in self._entries if entry.when(sent)), Normal())

    def take(self, sent: Received) -> Step:
        """The step for a send."""
        for place, entry in enumerate(self._entries):
            if entry.when(sent):
                if not entry.forever:
                    del self._entries[place]
                return entry.step
        return Normal()

    def clear(self) -> None:
        """Forgets all steps."""
        self._entries.clear()

    @property
    def left(self) -> list[Step]:
        """Steps that nothing has used up."""
        return [entry.step for entry in self._entries if not entry.forever]


def find_delivery_id(*places: object) -> UUID | None:
    """The first UUID in some texts (metadata as JSON, a callback's URL)."""
    for place in places:
        if found := _UUID.search(str(place)):
            return UUID(found.group())
    return None


def is_marked_repeat(text: str) -> bool:
    """Whether the recipient is told that this may be the second copy."""
    return _REPEAT.search(text) is not None
