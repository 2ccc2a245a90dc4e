"""Where nobody would be paged in the days ahead, and what a shift hands over."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from nightowl_contracts import Severity
from nightowl_query.model.base import UserRef
from nightowl_query.model.people import Person
from nightowl_query.model.policies import PolicyWarning


class Hole(msgspec.Struct, frozen=True, kw_only=True):
    """A span in which a roster can page nobody.

    `gap`: no roster was meant to cover it; `unassigned`: one was, and has nobody; `unreachable`: `user` is on call and
    has no address.
    """

    kind: Literal["gap", "unassigned", "unreachable"]
    reason: str
    starts_at: datetime
    ends_at: datetime
    user: UserRef | None


class RosterForecast(msgspec.Struct, frozen=True, kw_only=True):
    """A roster in the days ahead. `is_readable` false: its zone does not exist, so nobody is ever on call on it."""

    roster_id: UUID
    roster_name: str
    starts_at: datetime
    ends_at: datetime
    is_readable: bool
    holes: list[Hole]


class PolicyForecast(msgspec.Struct, frozen=True, kw_only=True):
    """A policy in the days ahead: the targets that come to nobody, and the spans in which a whole tier does."""

    policy_id: UUID
    policy_name: str
    warnings: list[PolicyWarning]


class Forecast(msgspec.Struct, frozen=True, kw_only=True):
    """Everything in the days ahead. `is_covered`: no roster has a hole and no policy a warning."""

    starts_at: datetime
    ends_at: datetime
    is_covered: bool
    rosters: list[RosterForecast]
    policies: list[PolicyForecast]


class HandedAlert(msgspec.Struct, frozen=True, kw_only=True):
    """An alert that is still open."""

    id: UUID
    title: str
    severity: Severity
    status: str
    first_fired_at: datetime
    assignee: UserRef | None


class Handoff(msgspec.Struct, frozen=True, kw_only=True):
    """What a shift hands over at its end, or at `at` while it runs.

    Counts are over the alerts of policies that ask this roster and that opened at most 30 days before the shift. Pages
    are those to `outgoing` that a provider took; a night page was sent from 22:00 to 06:00 on their own clock.
    """

    roster_id: UUID
    roster_name: str
    at: datetime
    shift_starts_at: datetime | None
    shift_ends_at: datetime | None
    outgoing: Person | None
    incoming: Person | None
    incoming_starts_at: datetime | None
    opened: int
    acknowledged: int
    resolved: int
    pages: int
    night_pages: int
    open_alerts: list[HandedAlert]
    open_total: int
