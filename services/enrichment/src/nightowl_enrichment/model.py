"""What enrichment works on."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec
from nats.aio.msg import Msg

from nightowl_alerting.model import Disposition, MatchKind
from nightowl_alerting.noise.model import GroupingRule, Matcher
from nightowl_alerting.noise.routing import Routing
from nightowl_contracts import Actor, AgentReport, AlertsReceived, Severity


class Delivered(msgspec.Struct, frozen=True):
    """A decoded event with the message that brought it."""

    message: Msg
    event: AlertsReceived


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one alert of an event, by its index in the sender's payload."""

    index: int
    disposition: Disposition
    alert_id: UUID | None


class Payload(msgspec.Struct, frozen=True, kw_only=True):
    """What the sender wrote about an alert when it opened (`opening`) or was last heard of (`latest`)."""

    alert_id: UUID
    occasion: Literal["opening", "latest"]
    receipt_id: UUID
    item: int
    source: str
    received_at: datetime
    is_cut: bool
    raw: str


class Watched(msgspec.Struct, frozen=True, kw_only=True):
    """A heartbeat whose beats are alerts: firing ones that fit all of its matchers."""

    id: UUID
    matchers: Sequence[Matcher]


class Beat(msgspec.Struct, frozen=True, kw_only=True):
    """What was received of a heartbeat, by its place among all that was received together.

    `name` is there when the sender named the heartbeat, `heartbeat_id` when an alert fits its matchers.
    """

    position: int
    name: str | None = None
    heartbeat_id: UUID | None = None


class TenantRules(msgspec.Struct, frozen=True, kw_only=True):
    """What a tenant says about received alerts: where they belong, what belongs together, and which are beats."""

    routing: Routing
    grouping: Sequence[GroupingRule] = ()
    watched: Sequence[Watched] = ()


class Match(msgspec.Struct, frozen=True, kw_only=True):
    """The incident that an alert is about; `score` is between 0 and 1."""

    incident_id: UUID
    title: str
    kind: MatchKind
    score: float


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What is known about fingerprints, at which version of the tenant's knowledge; 0: there is none at all."""

    version: int
    by_fingerprint: Mapping[str, Match]


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """An incident that shares all words of a title's class. `trust` is 1 until somebody votes that it did not help."""

    incident_id: UUID
    title: str
    rank: float
    resolution_count: int
    trust: float = 1.0


class StoredPattern(msgspec.Struct, frozen=True, kw_only=True):
    """An error pattern and its incident."""

    incident_id: UUID
    title: str
    pattern: str


class ResolvedAlert(msgspec.Struct, frozen=True, kw_only=True):
    """An alert that is over, and the incident that answers for it now."""

    id: UUID
    fingerprint: str
    title: str
    description: str | None
    severity: Severity
    labels: dict[str, str]
    agent: AgentReport | None
    first_fired_at: datetime
    resolved_at: datetime
    resolved_by: Actor
    resolution: str | None
    incident_id: UUID | None

    @property
    def minutes(self) -> float:
        """From the first firing to the resolve."""
        return max(0.0, (self.resolved_at - self.first_fired_at).total_seconds() / 60)
