"""Escalation policies: their content, their versions, who uses them, and what is wrong with them."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from nightowl_common.errors import ConflictError, NotFoundError
from nightowl_contracts import Actor
from nightowl_query.model.base import Page

NotifyVia = Literal["slack_dm", "slack_channel", "phone", "sms", "email", "push", "webhook"]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=r"^[^\x00]*\S[^\x00]*$")]
Words = Annotated[str, msgspec.Meta(max_length=10_000, pattern=r"^[^\x00]*$")]
TargetWords = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]
MAX_TIERS = 20
MAX_POLICIES = 1_000


class PolicyVersionNotFoundError(NotFoundError):
    """The policy has no such version."""

    code = "policy_version_not_found"


class PolicyNameTakenError(ConflictError):
    """Another policy has this name."""

    code = "policy_name_taken"


class PolicyInUseError(ConflictError):
    """Something escalates by this policy; `errors` says what."""

    code = "policy_in_use"


class TooManyPoliciesError(ConflictError):
    """There are as many policies as there may be."""

    code = "too_many_policies"


class PolicyTier(msgspec.Struct, frozen=True, kw_only=True):
    """Everyone behind `targets` is paged over `notify_via`; after `timeout_minutes` the next tier is."""

    timeout_minutes: int
    notify_via: list[str]
    targets: list[str]


class TierContent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A tier. After `timeout_minutes` the next one is paged.

    Targets: `oncall_primary`, `oncall_backup`, `team_lead`, `roster:<id>:primary`, `roster:<id>:secondary`,
    `user:<id>`, `channel:<id>`, `endpoint:<id>`.
    """

    timeout_minutes: Annotated[int, msgspec.Meta(ge=1, le=1_440)]
    notify_via: Annotated[list[NotifyVia], msgspec.Meta(min_length=1, max_length=6)]
    targets: Annotated[list[TargetWords], msgspec.Meta(min_length=1, max_length=20)]


class PolicyContent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A policy as people write it. `repeat_count` 0 means one cycle.

    `roster_id` is what `oncall_primary` and `oncall_backup` mean, `lead_id` is the person whom `team_lead` means.
    """

    name: Name
    description: Words = ""
    tiers: Annotated[list[TierContent], msgspec.Meta(min_length=1, max_length=MAX_TIERS)]
    repeat_count: Annotated[int, msgspec.Meta(ge=0, le=100)] = 0
    roster_id: UUID | None = None
    lead_id: UUID | None = None


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """An escalation policy in its current version. `repeat_count` 0 means one cycle."""

    id: UUID
    name: str
    description: str
    version: int
    tiers: list[PolicyTier]
    repeat_count: int
    roster_id: UUID | None
    lead_id: UUID | None
    created_at: datetime
    updated_at: datetime


class PolicyPage(Page, frozen=True, kw_only=True):
    """Escalation policies, newest first."""

    items: list[Policy]


class PolicyUse(msgspec.Struct, frozen=True, kw_only=True):
    """What escalates by a policy; the tenant's default has no id."""

    kind: Literal["service", "route", "tenant_default"]
    id: UUID | None
    name: str


class PolicyWarning(msgspec.Struct, frozen=True, kw_only=True):
    """What would go wrong within 14 days: a target that comes to nobody, or a span in which a whole tier does.

    Then the tenant's admins are paged instead. `tier` counts from 0; `target` null: none of the tier's targets.
    """

    tier: int
    target: str | None
    problem: Literal["nobody", "unreachable", "unknown"]
    starts_at: datetime | None
    ends_at: datetime | None
    detail: str


class PolicyDetail(Policy, frozen=True, kw_only=True):
    """A policy with what uses it and what is wrong with it. Archived ones are kept for their alerts."""

    archived_at: datetime | None
    used_by: list[PolicyUse]
    warnings: list[PolicyWarning]


class PolicyVersion(msgspec.Struct, frozen=True, kw_only=True):
    """One version, never changed. `change` says what it was: created, updated, rolled back."""

    policy_id: UUID
    version: int
    tiers: list[PolicyTier]
    repeat_count: int
    roster_id: UUID | None
    lead_id: UUID | None
    created_at: datetime
    created_by: Actor | None
    change: str
    is_current: bool


class PolicyVersionPage(Page, frozen=True, kw_only=True):
    """Versions of a policy, newest first."""

    items: list[PolicyVersion]
