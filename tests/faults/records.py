"""What a judgement is made from: rows, messages on the bus, and what people received, of one scenario's tenants."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from problems import Accepted

from nightowl_testkit.fakes import Received, UnheardLookUp


class Stored(msgspec.Struct, frozen=True, kw_only=True):
    """A message on INGEST."""

    event_id: UUID
    receipt_id: UUID | None
    alerts: int


class Inboxed(msgspec.Struct, frozen=True, kw_only=True):
    """An event that enrichment has handled."""

    event_id: UUID
    indexes: list[int]
    dispositions: list[str]
    alert_ids: list[UUID | None]
    handled_at: datetime


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `alerts`; `problem` is its label."""

    id: UUID
    problem: str | None
    status: str
    severity: str
    escalation_state: str
    escalation_version: int
    occurrence_count: int
    acknowledged_at: datetime | None = None


class Timer(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `timers`."""

    kind: str
    ref: UUID
    version: int


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `deliveries`. `key` is what must be unique."""

    id: UUID
    alert_id: UUID
    key: str
    step: int
    status: str
    token: int
    unclear_attempts: int
    bundled_into: UUID | None
    created_at: datetime
    held_for: str | None = None

    @property
    def message_of(self) -> UUID:
        """The delivery whose message tells of this one."""
        return self.bundled_into or self.id

    @property
    def was_unclear(self) -> bool:
        """A try of it ended so that nobody knew, or its notifier was gone: somebody else has claimed it since."""
        return self.unclear_attempts > 0 or self.token > 1


class Firing(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `escalation_events`."""

    alert_id: UUID
    due_at: datetime
    fired_at: datetime


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """From where recovery counts. `begun_at` is the same moment, or when the outage began that has ended at it."""

    begun_at: datetime
    at: datetime


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """All that a judgement is made from, of one scenario's tenants.

    `taken`: who was acknowledged, within how many seconds. `unclear` and `unheard`: the fakes' own record of messages
    (by their `provider_id`) and look-ups that they answered with an error, not at all, or when the caller had hung up.
    """

    accepted: Sequence[Accepted] = ()
    stored: Sequence[Stored] = ()
    inboxed: Sequence[Inboxed] = ()
    alerts: Sequence[Alert] = ()
    timers: Sequence[Timer] = ()
    deliveries: Sequence[Delivery] = ()
    firings: Sequence[Firing] = ()
    received: Sequence[Received] = ()
    unclear: frozenset[str] = frozenset()
    unheard: Sequence[UnheardLookUp] = ()
    dead_letters: int = 0
    taken: Mapping[UUID, float] = {}
