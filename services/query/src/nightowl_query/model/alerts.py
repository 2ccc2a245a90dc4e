"""Alerts, their timelines, their pages, and changes of many at once."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from nightowl_alerting.model import EscalationState, Mute, PagesFrom, Status
from nightowl_contracts import Actor, AgentReport, Severity
from nightowl_query.model.base import Page, ServiceRef, UserRef


class MatchedIncident(msgspec.Struct, frozen=True, kw_only=True):
    """What the knowledge base says about an alert: how it was found, how sure that is (0 to 1), and what helped."""

    id: UUID
    title: str
    kind: Literal["fingerprint", "text", "pattern", "learned"]
    score: float
    solution: str
    resolution_count: int
    avg_resolution_mins: float | None
    helped_count: int
    unhelpful_count: int
    runbook_id: UUID | None
    runbook_title: str | None


class GroupRef(msgspec.Struct, frozen=True, kw_only=True):
    """The group that an alert is in; the name is that of the rule that made it."""

    id: UUID
    name: str


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """One episode of one problem. `version` rises with every change and is the ETag.

    `escalation_reason` says in words why the escalation is in its state; `next_escalation_at` is when the next tier is
    due while it is pending, and when it is judged again while it is muted. `muted_by` is what keeps the due tier from
    paging: a rule or group, until an instant or while the alert `alert_id` is open. `pages_from` is the lowest severity
    that pages, as its route said.
    """

    id: UUID
    fingerprint: str
    episode: int
    previous_id: UUID | None
    status: Status
    severity: Severity
    source: str
    title: str
    description: str | None
    labels: dict[str, str]
    annotations: dict[str, str]
    generator_url: str | None
    agent: AgentReport | None
    service: ServiceRef | None
    occurrence_count: int
    starts_at: datetime | None
    first_fired_at: datetime
    last_fired_at: datetime
    acknowledged_at: datetime | None
    acknowledged_by: Actor | None
    resolved_at: datetime | None
    resolved_by: Actor | None
    ended_at: datetime | None
    resolution: str | None
    policy_id: UUID | None
    policy_version: int | None
    escalation_state: EscalationState
    escalation_reason: str
    cycle: int
    tier: int
    next_escalation_at: datetime | None
    snoozed_until: datetime | None
    assignee: UserRef | None
    version: int
    matched_incident: MatchedIncident | None = None
    group: GroupRef | None = None
    muted_by: Mute | None = None
    pages_from: PagesFrom = "major"


class AlertDetail(Alert, frozen=True, kw_only=True):
    """An alert with the recent past of its problem.

    `recent_episodes` counts the episodes that opened in the last 24 hours, this one included if it did; `is_flapping`
    says that they are many.
    """

    recent_episodes: int
    is_flapping: bool


class AlertPage(Page, frozen=True, kw_only=True):
    """Alerts, newest or most urgent first. Where `total_is_exact` is false there are more than `total`.

    It is counted up to 10,000; with words or labels up to 200 unless only open ones are asked for; with label patterns,
    not beyond the page. That there are more, and how many are older than ten minutes in a list without a filter, may be
    as it was ten seconds before.
    """

    items: list[Alert]
    total_is_exact: bool = True


class ShownPage(Page, frozen=True, kw_only=True):
    """An `AlertPage` whose alerts are encoded already."""

    items: list[msgspec.Raw]
    total_is_exact: bool

    def decoded(self) -> AlertPage:
        """The same, with alerts."""
        return msgspec.json.decode(msgspec.json.encode(self), type=AlertPage)


class SimilarAlert(msgspec.Struct, frozen=True, kw_only=True):
    """The newest alert of another problem, and what it shares with the one that was asked about.

    `name`: the label `alertname`, else the title. `incident`: what the knowledge base says.
    """

    id: UUID
    title: str
    status: Status
    severity: Severity
    service: ServiceRef | None
    first_fired_at: datetime
    resolved_at: datetime | None
    resolution: str | None
    shares: list[Literal["service", "name", "incident"]]


class SimilarAlertPage(Page, frozen=True, kw_only=True):
    """Open ones first, then those that share more, then the newest; ten at most, each of a problem of its own."""

    items: list[SimilarAlert]


class FacetValue(msgspec.Struct, frozen=True, kw_only=True):
    """How many alerts have a value; a null value: how many have none. `name` says in words what an id stands for."""

    value: str | None
    count: int
    name: str | None = None


class Facets(msgspec.Struct, frozen=True, kw_only=True):
    """Counts, the most frequent value first. Each facet is counted under the filters on everything but itself.

    Over the newest 10,000 alerts that they let through (1,000 with words or labels, unless only open ones are asked
    for), of statuses over the most urgent; `cut` names the facets of which there are more. `total` is of the whole
    filter; `is_exact` is false where it is more. `holder` is who has an alert; `knowledge` is `true` or `false`.
    """

    total: int
    is_exact: bool
    cut: list[str]
    status: list[FacetValue]
    severity: list[FacetValue]
    source: list[FacetValue]
    service: list[FacetValue]
    cluster: list[FacetValue]
    holder: list[FacetValue]
    policy: list[FacetValue]
    knowledge: list[FacetValue]


class Resolution(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What helped, in a person's words."""

    resolution: Annotated[str, msgspec.Meta(max_length=10_000, pattern=r"^[^\x00]*$")] | None = None


class BulkFailure(msgspec.Struct, frozen=True, kw_only=True):
    """An alert that refused, and why; `code` is that of the single action's problem."""

    alert_id: UUID
    code: str
    reason: str


class BulkJob(msgspec.Struct, frozen=True, kw_only=True):
    """One change for many alerts: `total` of them, `done` and `failed` so far; over when `finished_at` is there."""

    id: UUID
    action: str
    total: int
    done: int
    failed: int
    created_at: datetime
    finished_at: datetime | None
    failures: list[BulkFailure]


class TimelineEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One decision about an alert, with its evidence."""

    id: UUID
    at: datetime
    kind: str
    actor: Actor
    evidence: dict[str, object]


class TimelinePage(Page, frozen=True, kw_only=True):
    """A timeline, oldest first."""

    items: list[TimelineEntry]


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """What one try to send a page came to."""

    outcome: Literal["sent", "failed", "unclear", "found", "late", "superseded"]
    provider: str
    provider_id: str | None
    reason: str | None
    detail: str | None
    finished_at: datetime


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """A page to one recipient (`user:`, `channel:` or `endpoint:<id>`) over one channel, for one step of one cycle.

    While it is queued, it is held until `not_before`; `held_for` says why: a limit, or quiet hours. `bundled_into` is
    the delivery whose message told of this one too.
    """

    id: UUID
    cycle: int
    step: int
    recipient: str
    recipient_name: str | None
    channel: str
    address: str
    status: Literal["queued", "sending", "sent", "delivered", "failed", "superseded"]
    is_repeat: bool
    provider: str | None
    provider_id: str | None
    provider_status: str | None
    reason: str | None
    created_at: datetime
    not_before: datetime
    held_for: Literal["limit", "quiet_hours"] | None
    bundled_into: UUID | None
    sent_at: datetime | None
    settled_at: datetime | None
    attempts: list[Attempt]


class DeliveryPage(Page, frozen=True, kw_only=True):
    """The pages of an alert, oldest first."""

    items: list[Delivery]
