"""Structs of the noise rules. Fields are the columns of their tables, name for name."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from nightowl_alerting.model import GroupPages, PagesFrom
from nightowl_contracts import Severity

Operator = Literal["=", "!=", "=~", "!~"]
Subject = Mapping[str, str]
"""What matchers see of an alert: its labels, and `@severity`, `@source` and `@title`, which no label can be named."""

MAX_VALUE = 1_000

Text = Annotated[str, msgspec.Meta(max_length=MAX_VALUE, pattern=r"^[^\x00]*$")]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]


class Matcher(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A condition, in the words of Alertmanager. A missing label is empty; a pattern (RE2) must fit the whole value."""

    name: Name
    op: Operator = "="
    value: Text


class RouteRule(msgspec.Struct, frozen=True, kw_only=True):
    """Where alerts that fit belong. What is None is left to a later route (if this one continues) or the defaults."""

    id: UUID
    name: str
    matchers: Sequence[Matcher]
    service_id: UUID | None = None
    policy_id: UUID | None = None
    policy_version: int | None = None
    slack_channel: str | None = None
    pages_from: PagesFrom | None = None
    continues: bool = False


class Silence(msgspec.Struct, frozen=True, kw_only=True):
    """Mutes what fits from `starts_at` until just before `ends_at`."""

    id: UUID
    matchers: Sequence[Matcher]
    starts_at: datetime
    ends_at: datetime
    comment: str


class MaintenanceWindow(msgspec.Struct, frozen=True, kw_only=True):
    """Mutes what fits, once or again and again. `starts_at` has no offset: it is a wall-clock time in `timezone`."""

    id: UUID
    name: str
    matchers: Sequence[Matcher]
    timezone: str
    starts_at: datetime
    duration_minutes: int
    rrule: str | None = None


class InhibitionRule(msgspec.Struct, frozen=True, kw_only=True):
    """Mutes what fits the target while something that fits the source is open, with the same values of `equal`."""

    id: UUID
    name: str
    source_matchers: Sequence[Matcher]
    target_matchers: Sequence[Matcher]
    equal: Sequence[str] = ()


class GroupingRule(msgspec.Struct, frozen=True, kw_only=True):
    """Puts what fits into groups, one per combination of the values of `group_by`."""

    id: UUID
    name: str
    matchers: Sequence[Matcher]
    group_by: Sequence[str]
    threshold: int = 1
    window_minutes: int = 30
    pages: GroupPages = "first"


class MuteRules(msgspec.Struct, frozen=True, kw_only=True):
    """What can mute pages now: silences that stand, windows and inhibition rules that are enabled."""

    silences: Sequence[Silence] = ()
    windows: Sequence[MaintenanceWindow] = ()
    inhibitions: Sequence[InhibitionRule] = ()


class OpenAlert(msgspec.Struct, frozen=True, kw_only=True):
    """As much of an open alert as inhibition and grouping ask for."""

    id: UUID
    labels: dict[str, str]
    severity: Severity
    source: str
    title: str


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """A group as escalation sees it, with where its lead stands."""

    id: UUID
    name: str
    pages: GroupPages
    lead_id: UUID | None
    lead_severity: Severity | None
    lead_status: str | None
    lead_state: str | None
