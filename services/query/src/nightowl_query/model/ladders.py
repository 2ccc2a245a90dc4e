"""Who would be told and when; who was told, and what comes next."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from nightowl_alerting.calm.model import HeldFor
from nightowl_contracts import Severity
from nightowl_query.model.base import Page, UserRef
from nightowl_query.model.policies import PolicyContent, PolicyWarning


class DryRunRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """For an alert of `severity` that opens at the instant `at`; now by default."""

    at: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    severity: Severity = "critical"


class DraftRunRequest(DryRunRequest, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The same for a policy that is not written yet."""

    policy: PolicyContent


class PlannedPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page to a person, or to a chat channel when `user` is null. `minute` counts as that of its rung does.

    `timezone` is the person's. `held_for`: they have quiet hours when it is due, so it is shown at their end. Limits on
    how many messages a person gets are not foretold.
    """

    user: UserRef | None
    recipient: str
    channel: str
    minute: int
    at: datetime
    timezone: str | None = None
    held_for: HeldFor | None = None


class TargetAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What a target comes to at that instant, and what is wrong with it, if anything."""

    target: str
    user: UserRef | None
    detail: str
    problem: Literal["nobody", "unreachable", "unknown"] | None


class Rung(msgspec.Struct, frozen=True, kw_only=True):
    """A tier that pages at a minute. `is_fallback`: nobody is behind its targets, so the admins are paged.

    `is_end`: not a tier, but the end, at which the admins are told that nobody has acknowledged.
    """

    cycle: int
    tier: int
    minute: int
    at: datetime
    pages: list[PlannedPage]
    targets: list[TargetAnswer]
    is_fallback: bool
    is_end: bool


class DryRun(msgspec.Struct, frozen=True, kw_only=True):
    """What would happen if nobody acknowledged. `is_cut`: it goes on for longer than is shown."""

    policy_id: UUID | None
    version: int | None
    at: datetime
    severity: Severity
    rungs: list[Rung]
    is_cut: bool
    warnings: list[PolicyWarning]


class ToldPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page that is or was owed. While it is queued, `held_for` says why it waits until `not_before`.

    `bundled_into` is the delivery whose message told of this one too.
    """

    delivery_id: UUID
    recipient: str
    user: UserRef | None
    channel: str
    status: str
    not_before: datetime
    held_for: HeldFor | None
    sent_at: datetime | None
    reason: str | None
    bundled_into: UUID | None


class PastRung(msgspec.Struct, frozen=True, kw_only=True):
    """A step that fired: when it was due, when it did, and who was told. `handed_over` steps count tiers from 1000."""

    cycle: int
    tier: int
    outcome: Literal["paged", "nobody", "exhausted", "handed_over"]
    recipients: list[str]
    due_at: datetime
    fired_at: datetime
    late_ms: int
    pages: list[ToldPage] = []


class PastRungPage(Page, frozen=True, kw_only=True):
    """Steps of one alert, in the order in which they fired."""

    items: list[PastRung]


class Ladder(msgspec.Struct, frozen=True, kw_only=True):
    """An alert's escalation: what was, and what comes if nobody acknowledges (`minute` counts from now).

    While the escalation is not pending nothing comes, and `reason` says why.
    """

    alert_id: UUID
    policy_id: UUID | None
    policy_name: str | None
    policy_version: int | None
    state: str
    reason: str
    now: datetime
    past: list[PastRung]
    next: list[Rung]
    is_cut: bool
