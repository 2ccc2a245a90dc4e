"""Structs of the kernel. Alert's fields are the columns of the `alerts` table, name for name."""

from datetime import datetime
from typing import Literal, Protocol
from uuid import UUID

import msgspec

from nightowl_common.errors import ConflictError, InvalidError, NotFoundError, TransientError
from nightowl_contracts import Actor, AgentReport, Severity

Status = Literal["firing", "acknowledged", "investigating", "resolved"]
EscalationState = Literal["none", "pending", "muted", "stopped", "exhausted", "snoozed"]
PagesFrom = Literal["info", "warning", "major", "critical", "never"]
GroupPages = Literal["first", "each"]
Verb = Literal[
    "opened", "repeated", "acknowledged", "investigating", "unacknowledged", "snoozed", "unsnoozed", "assigned",
    "commented", "resolved", "reopened", "exhausted", "grouped", "suppressed", "unsuppressed",
]  # fmt: skip
MatchKind = Literal["fingerprint", "text", "pattern", "learned"]
Disposition = Literal["opened", "repeated", "resolved", "stale", "suppressed", "rejected"]

SEVERITY_RANK: dict[Severity, int] = {"info": 0, "warning": 1, "major": 2, "critical": 3}

TIMED: frozenset[EscalationState] = frozenset({"pending", "muted"})
"""An alert in one of these states has a timer of kind escalation, and in no other."""


class AlertNotFoundError(NotFoundError):
    """There is no such alert."""

    code = "alert_not_found"


class AlertResolvedError(ConflictError):
    """The alert is resolved already."""

    code = "alert_resolved"


class NewerEpisodeError(ConflictError):
    """The problem has fired again since: the newer alert is open, this one stays closed."""

    code = "newer_episode_open"


class NothingPendingError(ConflictError):
    """No tier is pending, so there is none to page earlier."""

    code = "nothing_pending"


class UnknownAssigneeError(InvalidError):
    """There is no such active person."""

    code = "unknown_assignee"


class UnknownPolicyError(InvalidError):
    """There is no such escalation policy."""

    code = "unknown_policy"


class PersonUnreachableError(InvalidError):
    """The person has no address at which they could be paged."""

    code = "person_unreachable"


class SnoozeInPastError(InvalidError):
    """A snooze ends in the future, and within a year."""

    code = "bad_snooze"


class BadMatcherError(InvalidError):
    """A matcher cannot be tried."""

    code = "bad_matcher"


class BadWindowError(InvalidError):
    """A maintenance window cannot be computed."""

    code = "bad_window"


class RacedError(TransientError):
    """Another worker wrote the same alert or event first; do it again and see its result."""

    code = "raced"


class Mute(msgspec.Struct, frozen=True, kw_only=True):
    """What keeps a due tier from paging: a rule (or group) by id and name.

    It ends at `until`, or with the open alert `alert_id`.
    """

    kind: Literal["silence", "maintenance_window", "inhibition", "group"]
    id: UUID
    name: str
    until: datetime | None = None
    alert_id: UUID | None = None


class Alert(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One episode of one problem. As JSON it is written without what has its default: most of a new one is that."""

    id: UUID
    fingerprint: str
    episode: int
    previous_id: UUID | None = None
    status: Status
    severity: Severity
    source: str
    title: str
    description: str | None = None
    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}
    matched_incident_id: UUID | None = None
    match_kind: MatchKind | None = None
    match_score: float | None = None
    generator_url: str | None = None
    agent: AgentReport | None = None
    service_id: UUID | None = None
    occurrence_count: int = 1
    starts_at: datetime | None = None
    first_fired_at: datetime
    last_fired_at: datetime
    acknowledged_at: datetime | None = None
    acknowledged_by: Actor | None = None
    resolved_at: datetime | None = None
    resolved_by: Actor | None = None
    ended_at: datetime | None = None
    resolution: str | None = None
    policy_id: UUID | None = None
    policy_version: int | None = None
    escalation_state: EscalationState
    escalation_reason: str
    escalation_version: int = 0
    cycle: int = 0
    tier: int = 0
    version: int = 1
    snoozed_until: datetime | None = None
    assignee_id: UUID | None = None
    first_cycle: int = 0
    group_id: UUID | None = None
    pages_from: PagesFrom = "major"
    slack_channel: str | None = None
    muted_by: Mute | None = None
    ignores_mutes: bool = False
    trace: str | None = None
    last_started_at: datetime | None = None
    last_received_at: datetime | None = None


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A timeline entry to be written."""

    kind: str
    actor: Actor
    evidence: dict[str, object] = {}


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """An alert before and after, with the timeline entries that say why and the verbs of its events.

    `before` is None for a new alert. `due_at` is when the next tier is due, for a change that sets the
    timer; None leaves it as it is (or removes it, when the escalation is no longer pending).
    """

    before: Alert | None
    after: Alert
    actor: Actor
    entries: list[Entry]
    verbs: list[Verb]
    due_at: datetime | None = None
    trace: str | None = None


class Episode(msgspec.Struct, frozen=True, kw_only=True):
    """The last closed episode of a fingerprint: enough to number the next and to see what is `stale`."""

    id: UUID
    fingerprint: str
    episode: int
    starts_at: datetime | None
    resolved_at: datetime
    resolved_by_source: bool
    ended_at: datetime | None = None


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """Where an alert belongs: its service, the policy version that it will keep, and what of it pages.

    `via` names the routing rules that said so, in order.
    """

    service_id: UUID | None = None
    policy_id: UUID | None = None
    policy_version: int | None = None
    slack_channel: str | None = None
    pages_from: PagesFrom = "major"
    via: tuple[str, ...] = ()


class Tier(msgspec.Struct, frozen=True, kw_only=True):
    """A rung of a policy: everyone behind `targets` is paged over `notify_via`; after the time-out the next rung is."""

    timeout_minutes: int
    notify_via: list[str]
    targets: list[str]


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """One version of an escalation policy. `repeat_count` 0 means one cycle."""

    policy_id: UUID
    version: int
    tiers: list[Tier]
    repeat_count: int = 0
    roster_id: UUID | None = None
    lead_id: UUID | None = None


class Recipient(msgspec.Struct, frozen=True, kw_only=True):
    """Who is paged (`user:<id>`, `channel:<id>` or `endpoint:<id>`), over which channel, at which address.

    `delay_minutes` is how long after the step.
    """

    recipient: str
    channel: str
    address: str
    delay_minutes: int = 0


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """A page that is owed, from `not_before` on."""

    id: UUID
    alert_id: UUID
    episode: int
    cycle: int
    step: int
    recipient: str
    channel: str
    address: str
    escalation_version: int
    not_before: datetime


class Owed(Protocol):
    """What is asked of a page to know how its recipient can be reached otherwise."""

    @property
    def alert_id(self) -> UUID:
        """Its alert."""
        ...

    @property
    def cycle(self) -> int:
        """The cycle of its step."""
        ...

    @property
    def step(self) -> int:
        """Its step."""
        ...

    @property
    def recipient(self) -> str:
        """Who is paged."""
        ...


class Folded(msgspec.Struct, frozen=True, kw_only=True):
    """A page that goes out with another one's message."""

    delivery_id: UUID
    alert_id: UUID
    title: str
    severity: Severity
    is_repeat: bool = False


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """An alert as people see it in Slack. `paged` names whom it went to, in order; `fix_…` is the known incident."""

    alert_id: UUID
    status: str
    severity: str
    source: str
    title: str
    description: str | None
    labels: dict[str, str]
    annotations: dict[str, str] = {}
    occurrence_count: int
    first_fired_at: datetime
    acknowledged_at: datetime | None = None
    acknowledged_by: Actor | None = None
    resolved_at: datetime | None = None
    resolved_by: Actor | None = None
    resolution: str | None = None
    escalation_state: str
    escalation_reason: str
    tier: int = 0
    snoozed_until: datetime | None = None
    assignee: str | None = None
    paged: list[str] = []
    match_kind: str | None = None
    fix_title: str | None = None
    fix_solution: str | None = None
    fix_runbook: str | None = None


class Board(msgspec.Struct, frozen=True, kw_only=True):
    """What a page to Slack needs beside itself: the alert as it stands, and its thread in the channel, if there is one.

    `is_first`: Slack shows nothing of the alert yet, and whoever changes it from here on counts that in the card's
    `wanted`, which is 0.
    """

    card: Card
    thread_ts: str | None = None
    is_first: bool = False


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery that this process alone may send until `lease_until`, under the fencing `token`.

    `bundle` holds the pages that its one message tells of beside its own. `board` is for pages that are sent to Slack.
    """

    delivery_id: UUID
    alert_id: UUID
    cycle: int
    step: int
    recipient: str
    channel: str
    address: str
    token: int
    attempts: int
    unclear_attempts: int
    is_repeat: bool
    created_at: datetime
    due_at: datetime
    lease_until: datetime
    title: str
    description: str | None
    severity: Severity
    source: str
    labels: dict[str, str]
    annotations: dict[str, str]
    fingerprint: str
    first_fired_at: datetime
    occurrence_count: int
    still_needed: bool = True
    was_unclear: bool = False
    bundle: list[Folded] = []
    board: Board | None = None
    trace: str | None = None

    @property
    def is_critical(self) -> bool:
        """By the alert as it stands now."""
        return self.severity == "critical"


class DeliveryState(msgspec.Struct, frozen=True, kw_only=True):
    """Where a delivery stands, for deciding what a due timer asks of it.

    `bundled_into` and `leader_until` are of the delivery with whose message it goes out: which one, and until when that
    one is being sent (None: it is not).
    """

    status: str
    not_before: datetime
    lease_until: datetime | None
    alert_id: UUID
    still_needed: bool
    bundled_into: UUID | None = None
    leader_until: datetime | None = None


class Timer(msgspec.Struct, frozen=True, kw_only=True):
    """Something owed at a time. `version` is the alert's `escalation_version` when it was written.

    `is_critical`: a page of a critical alert, which is paid before all others.
    """

    kind: Literal["escalation", "delivery", "snooze", "bulk", "heartbeat", "webhook", "card", "test_page"]
    ref: UUID
    tenant: str
    version: int
    due_at: datetime
    is_critical: bool = False
