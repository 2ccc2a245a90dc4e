"""Structs of subscriptions and of what is posted to them."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Literal
from uuid import UUID

import msgspec

from nightowl_alerting.noise.model import Matcher
from nightowl_common.errors import ConflictError
from nightowl_contracts import Actor, Severity

PING = "ping"
"""The event type of a post that somebody asked for to try a subscription."""

DeliveryStatus = Literal["queued", "sending", "sent", "failed"]


class SubscriptionDisabledError(ConflictError):
    """The subscription is disabled, so nothing is posted to it; enable it first."""

    code = "subscription_disabled"


class WebhookReason(StrEnum):
    """Why an event was not posted, or not yet: a closed list, in the database and in answers."""

    REJECTED = "rejected"
    RATE_LIMITED = "rate_limited"
    UNAVAILABLE = "unavailable"
    UNCLEAR = "unclear"
    REFUSED = "refused"
    GONE = "gone"
    DISABLED = "disabled"


class Subscription(msgspec.Struct, frozen=True, kw_only=True):
    """What an enabled subscription wants. Matchers and severity are asked of events about an alert only."""

    id: UUID
    event_types: Sequence[str]
    matchers: Sequence[Matcher] = ()
    min_severity: Severity | None = None
    active_from: datetime


class AlertFacts(msgspec.Struct, frozen=True, kw_only=True):
    """As much of an alert as filters ask for."""

    id: UUID
    labels: dict[str, str]
    severity: Severity
    source: str
    title: str


class NewDelivery(msgspec.Struct, frozen=True, kw_only=True):
    """A post that is owed from now on."""

    id: UUID
    subscription_id: UUID
    event_id: UUID
    event_type: str
    body: str
    replay: int = 0
    original_id: UUID | None = None


class ClaimedDelivery(msgspec.Struct, frozen=True, kw_only=True):
    """The right to post, until the lease ends. `was_lost`: whoever had it before never said what came of it."""

    id: UUID
    subscription_id: UUID
    event_type: str
    body: str
    token: int
    attempts: int
    was_lost: bool
    due_at: datetime
    is_enabled: bool
    url: str
    secret: str


class StoredDelivery(msgspec.Struct, frozen=True, kw_only=True):
    """What a replay needs of a delivery."""

    id: UUID
    subscription_id: UUID
    event_id: UUID
    event_type: str
    body: str


class Answered(msgspec.Struct, frozen=True, kw_only=True, tag="answered"):
    """The receiver said something. `retry_after_seconds` is what a 429 asked for."""

    status: int
    retry_after_seconds: float = 0.0


class Unreachable(msgspec.Struct, frozen=True, kw_only=True, tag="unreachable"):
    """Nothing was sent: no address, no connection."""

    detail: str


class Unclear(msgspec.Struct, frozen=True, kw_only=True, tag="unclear"):
    """Something was sent and nothing came back: it may have arrived."""

    detail: str


class Refused(msgspec.Struct, frozen=True, kw_only=True, tag="refused"):
    """Nothing was sent, and nothing will be: the address is none that may be called."""

    detail: str


PostResult = Answered | Unreachable | Unclear | Refused


class Done(msgspec.Struct, frozen=True, kw_only=True, tag="done"):
    """The receiver has it."""


class Again(msgspec.Struct, frozen=True, kw_only=True, tag="again"):
    """Posted again after a wait. `holds_all`: whatever else waits for this receiver waits as long."""

    seconds: float
    reason: WebhookReason
    holds_all: bool = False


class GiveUp(msgspec.Struct, frozen=True, kw_only=True, tag="give_up"):
    """Failed for good."""

    reason: WebhookReason


class EndSubscription(msgspec.Struct, frozen=True, kw_only=True, tag="end_subscription"):
    """Failed for good, and so is whatever else waits: the receiver wants nothing more."""


Move = Done | Again | GiveUp | EndSubscription


class PingTarget(msgspec.Struct, frozen=True, kw_only=True):
    """The subscription that is tried."""

    subscription_id: UUID
    name: str


class Ping(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="ping.v1"):
    """The body of a trial. It has the fields of an event, and is none: it is on no bus."""

    id: UUID
    tenant: str
    at: datetime
    actor: Actor
    data: PingTarget
