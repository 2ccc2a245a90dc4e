"""Limits per person and channel, quiet hours, and what a page's turn comes to."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from nightowl_contracts import Severity

WallTime = Annotated[str, msgspec.Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]\Z")]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEKDAYS: tuple[Weekday, ...] = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
HeldFor = Literal["limit", "quiet_hours"]


class Limit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """At most so many messages in so many minutes."""

    messages: Annotated[int, msgspec.Meta(ge=1, le=1_000)]
    minutes: Annotated[int, msgspec.Meta(ge=1, le=1_440)]


class QuietHours(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """From one wall-clock time to another, over midnight when that is not later; `days`: when they begin, none: all."""

    start_time: WallTime
    end_time: WallTime
    days: Annotated[list[Weekday], msgspec.Meta(max_length=7)] = []


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """A queued page whose time has come, with what its turn depends on."""

    alert_id: UUID
    step: int
    recipient: str
    channel: str
    address: str
    severity: Severity
    is_held: bool
    timezone: str | None
    quiet_hours: QuietHours | None
    page_limits: Mapping[str, Sequence[Limit]] | None


class Behind(msgspec.Struct, frozen=True, kw_only=True):
    """Another page that waits for the same address over the same channel."""

    delivery_id: UUID
    is_held: bool


class Alone(msgspec.Struct, frozen=True, kw_only=True, tag="alone"):
    """It has a message of its own."""


class Together(msgspec.Struct, frozen=True, kw_only=True, tag="together"):
    """One message tells of it and of those that wait with it."""

    others: list[UUID]


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """Messages to one recipient over one channel: when they went out lately, and how many are on their way."""

    sent: list[datetime] = []
    in_flight: int = 0


class Wait(msgspec.Struct, frozen=True, kw_only=True, tag="wait"):
    """Nothing is lost: it goes out then. `is_brief`: what is on its way decides whether it must really wait."""

    until: datetime
    why: HeldFor
    is_brief: bool = False


Turn = Alone | Together | Wait
