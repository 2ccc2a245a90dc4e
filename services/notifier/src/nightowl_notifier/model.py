"""Structs of the notifier: a page as channels see it, and what a look-up at a provider can answer."""

from datetime import datetime
from uuid import UUID

import msgspec


class OutgoingPage(msgspec.Struct, frozen=True, kw_only=True):
    """One page to one address. Channels get this and never the database's rows.

    `age_seconds` is how long ago the page was queued by the database's clock, at the moment of the claim: a
    provider's clock is asked for "the last so many seconds", never for a time of ours.
    """

    tenant: str
    delivery_id: UUID
    alert_id: UUID
    channel: str
    recipient: str
    address: str
    is_repeat: bool
    age_seconds: float
    severity: str
    title: str
    description: str | None
    source: str
    labels: dict[str, str]
    first_fired_at: datetime
    occurrence_count: int


class Found(msgspec.Struct, frozen=True, kw_only=True, tag="found"):
    """The provider has the page: it was sent."""

    provider_id: str


class NotFound(msgspec.Struct, frozen=True, kw_only=True, tag="not_found"):
    """The provider was asked and has no trace of the page."""


class CannotTell(msgspec.Struct, frozen=True, kw_only=True, tag="cannot_tell"):
    """The provider cannot be asked, or did not answer."""

    detail: str


LookUp = Found | NotFound | CannotTell


class DeliveryChannel(msgspec.Struct, frozen=True, kw_only=True):
    """Which channel a delivery goes over."""

    id: UUID
    channel: str
