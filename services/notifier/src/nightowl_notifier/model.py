"""Structs of the notifier: a page as channels see it, what a look-up can answer, what people reply."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from nightowl_alerting.answers import Word
from nightowl_alerting.model import Board
from nightowl_auth.principal import Role


class OutgoingPage(msgspec.Struct, frozen=True, kw_only=True):
    """One page to one address. Channels get this and never the database's rows.

    `board` is for Slack. `age_seconds` is how long ago the page was queued by the database's clock, at the moment of
    the claim: a provider's clock is asked for "the last so many seconds", never for a time of ours. A test concerns no
    alert, so nothing about it can be acknowledged; `code` is what it brings to prove the address.
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
    board: Board | None = None
    is_bundle: bool = False
    is_test: bool = False
    code: str | None = None


class Firing(msgspec.Struct, frozen=True, kw_only=True):
    """A canary alert that is to be sent now, and when the one before was; None: this is the first."""

    fired_at: datetime
    previous_at: datetime | None


class Found(msgspec.Struct, frozen=True, kw_only=True, tag="found"):
    """The provider has the page: it was sent."""

    provider_id: str


class NotFound(msgspec.Struct, frozen=True, kw_only=True, tag="not_found"):
    """The provider was asked and has no trace of the page."""


class CannotTell(msgspec.Struct, frozen=True, kw_only=True, tag="cannot_tell"):
    """The provider cannot be asked, or did not answer."""

    detail: str


LookUp = Found | NotFound | CannotTell


class TestPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page that somebody sends to try a contact method, or to prove it (`code`)."""

    id: UUID
    user_id: UUID
    channel: str
    address: str
    purpose: Literal["test", "code"]
    created_at: datetime


class DeliveryChannel(msgspec.Struct, frozen=True, kw_only=True):
    """Which channel a delivery goes over."""

    id: UUID
    channel: str


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """An address outside that pages are posted to. `secret` signs what goes to a webhook."""

    kind: str
    url: str
    secret: str | None


class Subscriber(msgspec.Struct, frozen=True, kw_only=True):
    """A subscription of a tenant."""

    tenant: str
    subscription_id: UUID


class PhonePage(msgspec.Struct, frozen=True, kw_only=True):
    """A page that went to a phone number; open while nobody has its alert. `code` is the short one in the text."""

    tenant: str
    delivery_id: UUID
    alert_id: UUID
    code: str
    title: str
    is_open: bool


class NumberPage(msgspec.Struct, frozen=True, kw_only=True):
    """A row of one tenant: a page that went to a phone number."""

    delivery_id: UUID
    alert_id: UUID
    title: str
    is_open: bool


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody texted back."""

    word: Word
    code: str | None


class Chosen(msgspec.Struct, frozen=True, kw_only=True, tag="chosen"):
    """This page is meant."""

    page: PhonePage


class NothingOpen(msgspec.Struct, frozen=True, kw_only=True, tag="nothing_open"):
    """No page to that number waits for an answer."""


class CodeNeeded(msgspec.Struct, frozen=True, kw_only=True, tag="code_needed"):
    """Several alerts wait: which one is for the person to say."""

    pages: list[PhonePage]


class UnknownCode(msgspec.Struct, frozen=True, kw_only=True, tag="unknown_code"):
    """No page to that number has this code."""


Selection = Chosen | NothingOpen | CodeNeeded | UnknownCode


class SlackPerson(msgspec.Struct, frozen=True, kw_only=True):
    """An active person of a tenant whom a Slack user is."""

    id: UUID
    name: str
    role: Role
    timezone: str


class RosterName(msgspec.Struct, frozen=True, kw_only=True):
    """A roster as people call it."""

    id: UUID
    name: str
    timezone: str


class NamedPerson(msgspec.Struct, frozen=True, kw_only=True):
    """Who an id is, and by which clock they live."""

    id: UUID
    name: str
    timezone: str


class OpenPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of an alert that is not over; `is_mine`: it went to who asks."""

    delivery_id: UUID
    alert_id: UUID
    title: str
    status: str
    is_mine: bool


class AlertCard(msgspec.Struct, frozen=True, kw_only=True):
    """An alert as far as a button needs it. `known_as` is the title of the incident that answers for it."""

    id: UUID
    title: str
    status: str
    fingerprint: str
    taken_by: str | None
    resolved_by: str | None
    incident_id: UUID | None
    known_as: str | None
