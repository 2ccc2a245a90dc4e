"""Subscriptions to events, and the log of what was posted for them."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from nightowl_alerting.noise.model import Matcher
from nightowl_alerting.webhooks.model import DeliveryStatus
from nightowl_common.errors import ConflictError, NotFoundError
from nightowl_contracts import Severity
from nightowl_query.model.base import Page

_MATCHER = {"name": "team", "op": "=", "value": "databases"}

SubscriptionName = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=r"^[^\x00]*\Z")]
EventPattern = Annotated[str, msgspec.Meta(max_length=100, pattern=r"^(\*|[a-z]+\.(\*|[a-z_]+))\Z")]


class SubscriptionNotFoundError(NotFoundError):
    """There is no such webhook subscription."""

    code = "subscription_not_found"


class SubscriptionNameTakenError(ConflictError):
    """Another webhook subscription has this name."""

    code = "subscription_name_taken"


class TooManySubscriptionsError(ConflictError):
    """Each subscription is asked about each event, so their number has a bound: delete one that is no longer needed."""

    code = "too_many_subscriptions"


class WebhookDeliveryNotFoundError(NotFoundError):
    """There is no such webhook delivery."""

    code = "webhook_delivery_not_found"


class SubscriptionContent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which events an endpoint of the kind `webhook` gets.

    `event_types` are types (`alert.opened`), all of a noun (`alert.*`) or all there are (`*`). `matchers` and
    `min_severity` are asked of events about an alert (`alert.*`, `delivery.*`); others pass them by.
    """

    name: SubscriptionName
    endpoint_id: UUID
    event_types: Annotated[list[EventPattern], msgspec.Meta(min_length=1, max_length=50, examples=[["alert.*"]])]
    matchers: Annotated[list[Matcher], msgspec.Meta(max_length=20, examples=[[_MATCHER]])] = []
    min_severity: Severity | None = None
    is_enabled: bool = True


class WebhookSubscription(msgspec.Struct, frozen=True, kw_only=True):
    """`is_gone`: it was disabled because its receiver answered 410. `waiting`: how many events are not posted yet."""

    id: UUID
    name: str
    endpoint_id: UUID
    endpoint_name: str
    event_types: list[str]
    matchers: list[Matcher]
    min_severity: Severity | None
    is_enabled: bool
    is_gone: bool
    waiting: int
    revision: int
    created_at: datetime
    updated_at: datetime


class WebhookSubscriptionPage(Page, frozen=True, kw_only=True):
    """Subscriptions, newest first."""

    items: list[WebhookSubscription]


class SubscriptionRemoval(msgspec.Struct, frozen=True, kw_only=True):
    """It is gone, with its log."""

    outcome: Literal["deleted"] = "deleted"


class WebhookDelivery(msgspec.Struct, frozen=True, kw_only=True):
    """One event for one subscription. `id` is the `Idempotency-Key` of all its attempts.

    `replay` is 0 when it was posted because the event happened; else `original_id` names what was asked for again.
    `status_code` and `reason` are of the last attempt that failed or was answered. `next_attempt_at` is null when there
    is none.
    """

    id: UUID
    subscription_id: UUID
    event_id: UUID
    event_type: str
    replay: int
    original_id: UUID | None
    status: DeliveryStatus
    attempt_count: int
    status_code: int | None
    reason: str | None
    next_attempt_at: datetime | None
    created_at: datetime
    settled_at: datetime | None


class WebhookDeliveryPage(Page, frozen=True, kw_only=True):
    """Newest first. `total` stops at 10,000; `total_is_exact` says whether it did not."""

    items: list[WebhookDelivery]
    total_is_exact: bool


class WebhookAttempt(msgspec.Struct, frozen=True, kw_only=True):
    """What a post came to. `unclear`: it may have arrived; `late`: another attempt had taken its place by then."""

    outcome: Literal["sent", "failed", "unclear", "late"]
    status_code: int | None
    detail: str
    finished_at: datetime


class WebhookDeliveryDetail(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery with what is posted, byte by byte, and all its attempts, oldest first."""

    delivery: WebhookDelivery
    body: str
    attempts: list[WebhookAttempt]
