"""Heartbeats: what may be written, what is answered, and what can go wrong."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from nightowl_alerting.noise.model import Matcher
from nightowl_common.errors import ConflictError, NotFoundError
from nightowl_contracts import Severity
from nightowl_query.model.base import Page

_NO_NUL = r"^[^\x00]*\Z"
_LONGEST = 31 * 24 * 3600
Name = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}\Z")]
Label = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=_NO_NUL)]
Value = Annotated[str, msgspec.Meta(max_length=500, pattern=_NO_NUL)]
Words = Annotated[str, msgspec.Meta(max_length=10_000, pattern=_NO_NUL)]

HeartbeatStatus = Literal["waiting", "alive", "missed", "disabled"]


class HeartbeatNotFoundError(NotFoundError):
    """There is no such heartbeat."""

    code = "heartbeat_not_found"


class HeartbeatNameTakenError(ConflictError):
    """Another heartbeat has this name."""

    code = "heartbeat_name_taken"


class HeartbeatContent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What people decide. Missed when nothing is heard for `interval_seconds` and `grace_seconds` together.

    `severity` and `labels` are those of the alert that a miss opens. A firing alert that fits all `matchers` is a beat.
    """

    description: Words = ""
    interval_seconds: Annotated[int, msgspec.Meta(ge=30, le=_LONGEST)]
    grace_seconds: Annotated[int, msgspec.Meta(ge=0, le=_LONGEST)] = 0
    severity: Severity = "critical"
    labels: Annotated[dict[Label, Value], msgspec.Meta(max_length=50)] = {}
    matchers: Annotated[list[Matcher], msgspec.Meta(min_length=1, max_length=10)] | None = None
    is_enabled: bool = True


class NewHeartbeat(HeartbeatContent, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A heartbeat to be. Its name stands in the URL of its beats and never changes."""

    name: Name


class Heartbeat(msgspec.Struct, frozen=True, kw_only=True):
    """Who must be heard of every so often. `revision` is the ETag; beats leave it alone.

    `waiting`: never heard of, so not awaited yet. `due_at` is when it will be missed; null while nothing is awaited.
    `alert_id` is the open alert of the last miss.
    """

    id: UUID
    name: str
    description: str
    interval_seconds: int
    grace_seconds: int
    severity: Severity
    labels: dict[str, str]
    matchers: list[Matcher] | None
    is_enabled: bool
    status: HeartbeatStatus
    last_beat_at: datetime | None
    due_at: datetime | None
    missed_at: datetime | None
    alert_id: UUID | None
    revision: int
    created_at: datetime
    updated_at: datetime


class HeartbeatPage(Page, frozen=True, kw_only=True):
    """Heartbeats, newest first."""

    items: list[Heartbeat]


class HeartbeatRemoval(msgspec.Struct, frozen=True, kw_only=True):
    """It is gone. `resolved_alert_id` is its open alert, which has ended with it."""

    name: str
    resolved_alert_id: UUID | None
