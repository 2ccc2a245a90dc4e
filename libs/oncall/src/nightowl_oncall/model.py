"""A roster and the answers about it."""

from datetime import date, datetime, time
from typing import Literal
from uuid import UUID

import msgspec


class UnknownZoneError(ValueError):
    """The name is not in the IANA time zone database."""


class Roster(msgspec.Struct, frozen=True, kw_only=True):
    """People who take turns. `start_date` at `handoff_time` begins the first shift; `members` are in turn order.

    `end_date` at `handoff_time` ends the roster. Times are wall clock in `timezone` (IANA name).
    """

    roster_id: UUID
    timezone: str
    rotation_days: int
    handoff_time: time
    start_date: date
    end_date: date | None = None
    members: list[UUID]


class Override(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody takes over for a span, [starts_at, ends_at). Of several, the one that starts last counts."""

    user_id: UUID
    starts_at: datetime
    ends_at: datetime


class Shift(msgspec.Struct, frozen=True, kw_only=True):
    """One turn of the rotation; `number` counts from 0 at the roster's start."""

    number: int
    starts_at: datetime
    ends_at: datetime


class OnCall(msgspec.Struct, frozen=True, kw_only=True):
    """The answer for an instant. `starts_at` and `ends_at` bound the span in which it holds.

    `secondary` is the next member in turn, or the displaced one while an override stands.
    """

    primary: UUID | None
    secondary: UUID | None
    starts_at: datetime | None
    ends_at: datetime | None
    source: Literal["override", "rotation", "unassigned"]
