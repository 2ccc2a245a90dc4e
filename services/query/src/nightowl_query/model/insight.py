"""What a span of time was like: how much came, how fast people were, what repeats, who carries it."""

from datetime import date, datetime

import msgspec

from nightowl_contracts import Severity
from nightowl_query.model.base import ServiceRef, UserRef

MAX_ROWS = 100_000
"""So many alerts, pages and tiers of a span are looked at, the newest."""

TOP = 20


class VolumeDay(msgspec.Struct, frozen=True, kw_only=True):
    """The alerts that opened on a day."""

    day: date
    critical: int
    major: int
    warning: int
    info: int
    total: int


class ResponseTime(msgspec.Struct, frozen=True, kw_only=True):
    """How long it took, over the alerts that opened on a day (null: on any) with a severity (null: with any).

    The row without either is the overall one.
    """

    day: date | None
    severity: Severity | None
    count: int
    median_seconds: float
    p90_seconds: float


class RepeatOffender(msgspec.Struct, frozen=True, kw_only=True):
    """A problem that comes back. `count` alerts with `occurrences` firings; `pages` went to people.

    `title` and `service` are those of its newest alert; `resolved_share` of its alerts are over, from 0 to 1.
    """

    fingerprint: str
    title: str
    service: ServiceRef | None
    count: int
    occurrences: int
    pages: int
    resolved_share: float


class PersonOnCall(msgspec.Struct, frozen=True, kw_only=True):
    """What a person carried: pages that a provider took, at night (22:00 to 06:00) and at weekends by their own clock.

    `hours_on_call` as primary, by the rosters as they are now.
    """

    user: UserRef
    pages: int
    night_pages: int
    weekend_pages: int
    hours_on_call: float


class TierLateness(msgspec.Struct, frozen=True, kw_only=True):
    """How late a tier (from 0) fired after it was due."""

    tier: int
    count: int
    p50_seconds: float
    p99_seconds: float
    within_second_share: float


class CoverageDay(msgspec.Struct, frozen=True, kw_only=True):
    """The alerts that opened on a day, and those for which an incident was found; the share is null without alerts."""

    day: date
    alerts: int
    matched: int
    share: float | None


class UnmatchedTitle(msgspec.Struct, frozen=True, kw_only=True):
    """A title for which nothing is known."""

    title: str
    count: int
    last_fired_at: datetime


class Tally(msgspec.Struct, frozen=True, kw_only=True):
    """Alerts of one day, one severity, both, or neither; null: of any. The times are (median, p90) in seconds."""

    day: date | None
    severity: Severity | None
    alerts: int
    matched: int
    acknowledged: int
    acknowledge: tuple[float, float] | None
    resolved: int
    resolve: tuple[float, float] | None


class Insight(msgspec.Struct, frozen=True, kw_only=True):
    """[starts_at, ends_at), with days by the clock of `zone`.

    `is_exact` is false where there were more than 100,000 alerts, pages or tiers: the newest are looked at.
    """

    starts_at: datetime
    ends_at: datetime
    zone: str
    is_exact: bool
    volume: list[VolumeDay]
    mtta: list[ResponseTime]
    mttr: list[ResponseTime]
    repeat_offenders: list[RepeatOffender]
    on_call_load: list[PersonOnCall]
    lateness: list[TierLateness]
    knowledge_coverage: list[CoverageDay]
    unmatched_titles: list[UnmatchedTitle]
