"""Structs of cards. Pure."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from nightowl_alerting.model import Card
from nightowl_contracts import Actor

PostStatus = Literal["owed", "sending", "posted", "failed"]

TOLD_KINDS = (
    "acknowledged", "investigating", "unacknowledged", "snoozed", "unsnoozed", "assigned", "handed_over", "escalated",
    "escalated_by_hand", "nobody_to_page", "exhausted", "rerouted", "resolved", "reopened", "commented",
)  # fmt: skip
"""Lines of the timeline that are told in a thread."""

NOISY_KINDS = ("severity_changed", "repeated")
"""Told in a thread only by tenants that do not want it quiet."""


class MessageRef(msgspec.Struct, frozen=True, kw_only=True):
    """A message that is kept up to date. `shown` is the digest of what it shows, None when nobody knows."""

    conversation: str
    ts: str
    delivery_id: UUID
    shown: str | None
    is_repeat: bool


class Post(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the timeline that a thread is to tell. `is_unclear`: somebody has tried, nobody knows the outcome."""

    conversation: str
    thread_ts: str
    entry_id: UUID
    at: datetime
    kind: str
    actor: Actor
    evidence: dict[str, object]
    is_unclear: bool


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """A card that this process alone brings up to date, under the fencing `token`, and what there is to do.

    `posts` holds the next one of each thread. `names` are people and endpoints that the posts speak of, by id.
    """

    alert_id: UUID
    token: int
    wanted: int
    failures: int
    card: Card
    refs: list[MessageRef]
    posts: list[Post]
    names: dict[str, str]


class Edited(msgspec.Struct, frozen=True, kw_only=True):
    """A message shows this from now on."""

    ref: MessageRef
    shown: str


class Ended(msgspec.Struct, frozen=True, kw_only=True):
    """A message cannot be edited any more; `reason` is Slack's word."""

    ref: MessageRef
    reason: str


class Posted(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a post. `ts` is there when it is posted, `reason` when it has failed for good."""

    post: Post
    status: PostStatus
    ts: str | None = None
    reason: str | None = None
    thread_is_gone: bool = False


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What a pass over a card came to. The next one is due in `pause_seconds`, if there is anything left to do."""

    edited: list[Edited] = []
    ended: list[Ended] = []
    posted: list[Posted] = []
    is_done: bool
    failures: int
    pause_seconds: float
