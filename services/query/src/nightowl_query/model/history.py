"""A policy tried on the alerts that were: what would have been sent, and what difference it makes."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec

from nightowl_alerting.model import Alert
from nightowl_query.model.base import UserRef
from nightowl_query.model.policies import PolicyContent

MAX_ALERTS = 5_000
MAX_CHANGED = 100


class PastAlert(msgspec.Struct, frozen=True, kw_only=True):
    """An alert that was, until its escalation ended at `stopped_at`. `responder_id`: the person who acknowledged."""

    alert: Alert
    stopped_at: datetime
    responder_id: UUID | None


class HistoryRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is compared with the version in force: a draft (`policy`), or an older `version`; over the last `days`."""

    policy: PolicyContent | None = None
    version: Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)] | None = None
    days: Annotated[int, msgspec.Meta(ge=1, le=90)] = 30


class Totals(msgspec.Struct, frozen=True, kw_only=True):
    """What a version would have sent. A night page rings from 22:00 to 06:00 on the person's own clock.

    `channel_pages` went to chat channels and woke nobody; they are not among `pages`.
    """

    pages: int
    night_pages: int
    channel_pages: int
    alerts_paged: int
    exhausted: int


class Load(msgspec.Struct, frozen=True, kw_only=True):
    """Pages to one person."""

    pages: int
    night_pages: int


class PersonHistory(msgspec.Struct, frozen=True, kw_only=True):
    """One person under both versions."""

    user: UserRef
    current: Load
    candidate: Load


class ResponseShift(msgspec.Struct, frozen=True, kw_only=True):
    """When the person who really acknowledged would first have been paged, against the version in force.

    `not_reached`: the version in force pages them before they acknowledged, the candidate does not; `newly_reached` is
    the other way round. The minutes are over those who are paged earlier or later.
    """

    same: int
    earlier: int
    later: int
    not_reached: int
    newly_reached: int
    median_minutes: float | None
    most_minutes_later: float | None


class ChangedAlert(msgspec.Struct, frozen=True, kw_only=True):
    """An alert for which the versions differ; the minutes are those of the first page to who acknowledged, if any."""

    alert_id: UUID
    title: str
    first_fired_at: datetime
    current_pages: int
    candidate_pages: int
    current_response_minute: float | None
    candidate_response_minute: float | None


class HistoryRun(msgspec.Struct, frozen=True, kw_only=True):
    """Both versions on the same alerts, each up to its real acknowledgement or end, on a virtual clock.

    By the people, rules and rosters as they are now. `is_exact` is false when there were more alerts than the newest
    5,000, which are looked at. `changed` holds the newest 100 that differ; `changed_total` counts all.
    """

    policy_id: UUID
    current_version: int
    candidate_version: int | None
    since: datetime
    until: datetime
    alerts: int
    is_exact: bool
    current: Totals
    candidate: Totals
    people: list[PersonHistory]
    response: ResponseShift
    changed: list[ChangedAlert]
    changed_total: int
