"""What escalation tells about shifts, and about what waits."""

from datetime import datetime
from uuid import UUID

import msgspec


class Handover(msgspec.Struct, frozen=True, kw_only=True):
    """The instant at which another person is on call; None: nobody was, or nobody is."""

    boundary_at: datetime
    outgoing_id: UUID | None
    incoming_id: UUID | None
    ends_at: datetime | None


class LastWarning(msgspec.Struct, frozen=True, kw_only=True):
    """The newest warning about a roster: whether it stands, and the gap that it is about."""

    is_open: bool
    gap: str | None


class Queues(msgspec.Struct, frozen=True, kw_only=True):
    """What waits to be published: commits with events, and accepted calls. Ages of the oldest; 0 when there is none."""

    outbox_bundles: int
    outbox_seconds: float
    spool_calls: int
    spool_seconds: float


class Overdue(msgspec.Struct, frozen=True, kw_only=True):
    """Timers of one kind that are due, and for how long the oldest is."""

    timers: int
    seconds: float


class CanaryAge(msgspec.Struct, frozen=True, kw_only=True):
    """How long ago the canary came through, and how long it took then; None: it never has."""

    age_seconds: float
    round_trip_seconds: float | None
