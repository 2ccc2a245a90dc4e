"""Events about one page on its way to one recipient: `nightowl.event.<tenant>.delivery.<verb>`."""

from datetime import datetime
from uuid import UUID

import msgspec

from nightowl_contracts.envelope import Envelope


class DeliverySummary(msgspec.Struct, frozen=True, kw_only=True):
    """A page as it stands after the event.

    `recipient` is `user:<id>`, `channel:<id>` or `endpoint:<id>`. `is_repeat` marks a page that was sent again because
    nobody could tell whether the first attempt arrived. `reason` is a closed list (`FailureReason`). `bundled_into` is
    the delivery whose message told of this one too.
    """

    delivery_id: UUID
    alert_id: UUID
    cycle: int
    step: int
    recipient: str
    channel: str
    status: str
    attempts: int = 0
    is_repeat: bool = False
    provider: str | None = None
    provider_id: str | None = None
    reason: str | None = None
    sent_at: datetime | None = None
    bundled_into: UUID | None = None


class DeliveryQueued(Envelope, frozen=True, kw_only=True, tag="delivery.queued.v1"):
    """The page is owed."""

    data: DeliverySummary


class DeliverySent(Envelope, frozen=True, kw_only=True, tag="delivery.sent.v1"):
    """The provider took it."""

    data: DeliverySummary


class DeliveryDelivered(Envelope, frozen=True, kw_only=True, tag="delivery.delivered.v1"):
    """The provider says that it reached the device."""

    data: DeliverySummary


class DeliveryFailed(Envelope, frozen=True, kw_only=True, tag="delivery.failed.v1"):
    """It will not be tried again on this channel."""

    data: DeliverySummary


class DeliverySuperseded(Envelope, frozen=True, kw_only=True, tag="delivery.superseded.v1"):
    """It was no longer needed when its turn came."""

    data: DeliverySummary
