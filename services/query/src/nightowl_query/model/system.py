"""The local outbox and the state of the system."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from nightowl_alerting.model import Status
from nightowl_contracts import Severity
from nightowl_query.model.base import Page, UserRef
from nightowl_query.model.contacts import ContactKind


class OutboxEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A page that would have been sent: its channel has no provider. `body` is what a person would have read."""

    id: UUID
    delivery_id: UUID
    alert_id: UUID
    alert_title: str | None
    alert_severity: Severity | None
    alert_status: Status | None
    channel: str
    recipient: str
    recipient_name: str | None
    address: str
    body: object
    written_at: datetime


class OutboxPage(Page, frozen=True, kw_only=True):
    """Pages that would have been sent, newest first."""

    items: list[OutboxEntry]


class Ping(msgspec.Struct, frozen=True, kw_only=True):
    """Who you are here."""

    tenant: str
    role: str
    name: str


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """What is running."""

    version: str


class CanaryState(msgspec.Struct, frozen=True, kw_only=True):
    """The alert that is fired every minute to prove that pages come through.

    `age_seconds` counts from its last arrival, or from when it was installed where none has come yet, which
    `last_arrived_at` tells.
    """

    age_seconds: float
    last_arrived_at: datetime | None
    round_trip_seconds: float | None


class SystemState(msgspec.Struct, frozen=True, kw_only=True):
    """How the installation is doing, in numbers of all tenants together; a null could not be found out.

    `enrichment_lag` counts messages that have no disposition yet; `outbox_age_seconds` is the age of the oldest event
    that is not published yet; `overdue_timers` are due for more than 5 s. `canary` is null where there is none to sing.
    `stream_clients` counts browsers and programs that follow the event stream; one that left without a word is counted
    for a minute more.
    """

    database_latency_ms: float
    is_bus_connected: bool
    is_cache_up: bool
    enrichment_lag: int | None
    outbox_age_seconds: float | None
    spooled_calls: int
    overdue_timers: int
    canary: CanaryState | None
    stream_clients: int | None
    uptime_seconds: float
    version: str
    last_alert_received_at: datetime | None


class TriedPerson(msgspec.Struct, frozen=True, kw_only=True):
    """A person with their newest test page; nulls: there was never one."""

    person: UserRef
    channel: ContactKind | None
    status: Literal["queued", "sending", "sent", "failed", "unclear"] | None
    tried_at: datetime | None


class TriedPeople(msgspec.Struct, frozen=True, kw_only=True):
    """Active people, those who were never tried first, then whose last test page is oldest; 500 at most.

    `total` counts them all.
    """

    items: list[TriedPerson]
    total: int
