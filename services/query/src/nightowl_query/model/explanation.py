"""Why an alert is where it is: the chain of decisions as it is answered, and the facts that it is made from."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from nightowl_alerting.model import Alert, Disposition, GroupPages, Mute, Policy
from nightowl_alerting.noise.model import GroupingRule, MuteRules
from nightowl_alerting.noise.routing import Routing
from nightowl_contracts import ReceivedAlert, Severity
from nightowl_query.model.alerts import TimelineEntry
from nightowl_query.model.intake import RawPayloads

StepName = Literal[
    "received", "fields", "fingerprint", "deduplication", "group", "mutes", "knowledge", "route", "policy",
    "escalation", "next",
]  # fmt: skip
RuleKind = Literal["grouping_rule", "silence", "maintenance_window", "inhibition_rule", "route"]


class PastedAlert(ReceivedAlert, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An alert that is not stored: `alerts[i].alert` of the test endpoint, its source, and the instant asked about.

    `at` is now by default.
    """

    index: int = 0
    source: str = "generic"
    at: datetime | None = None


class TriedRule(msgspec.Struct, frozen=True, kw_only=True):
    """A rule that was tried, in order. `why` names the first matcher that does not fit, or what the rule decides.

    `until` is when it ends, `alert_id` the alert with which it ends.
    """

    kind: RuleKind
    id: UUID
    name: str
    verdict: Literal["fits", "does_not_fit", "not_open", "no_inhibitor", "not_reached"]
    why: str
    until: datetime | None = None
    alert_id: UUID | None = None


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """A decision: its verdict, the rule behind it, and the evidence in words and facts."""

    verdict: str
    why: str
    rule_id: UUID | None = None
    rule_name: str | None = None
    evidence: dict[str, object] = {}


class ExplainedStep(Said, frozen=True, kw_only=True):
    """One link of the chain.

    Of a stored alert this is what was decided; `now` is there where the rules of today would say something else. Of a
    pasted alert it is what the rules say. `tried` are always the rules of today.
    """

    step: StepName
    tried: list[TriedRule] = []
    now: Said | None = None


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """The whole chain from the sender's bytes to whom is paged, in order. `alert_id` is null for a pasted alert."""

    alert_id: UUID | None
    at: datetime
    words: str
    steps: list[ExplainedStep]


class GroupFacts(msgspec.Struct, frozen=True, kw_only=True):
    """A group with its lead; `has_open`: one of its alerts is open."""

    id: UUID
    rule_id: UUID | None
    name: str
    key: dict[str, str]
    pages: GroupPages
    opened_at: datetime
    last_added_at: datetime
    closed_at: datetime | None
    alerts: int
    has_open: bool
    lead_id: UUID | None
    lead_title: str | None
    lead_severity: Severity | None
    lead_status: str | None
    lead_state: str | None


class KnownIncident(msgspec.Struct, frozen=True, kw_only=True):
    """An incident that an alert is about."""

    id: UUID
    title: str
    kind: str
    score: float


class PolicyFacts(msgspec.Struct, frozen=True, kw_only=True):
    """A version of an escalation policy, with the names of the people whom it names by id."""

    name: str
    policy: Policy
    people: Mapping[UUID, str] = {}


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """All that an explanation is made from.

    `alert` is the stored one, or the pasted one as it would be after it came; `disposition` is what would become of a
    pasted one. `mute` is what mutes it beside its group, `inhibitors` are found by rule, `ungrouped` are alerts with
    its key that are in no group yet.
    """

    at: datetime
    alert: Alert
    pasted: PastedAlert | None = None
    disposition: Disposition | None = None
    payloads: RawPayloads = RawPayloads()
    entries: Mapping[str, TimelineEntry] = {}
    grouping: Sequence[GroupingRule] = ()
    group: GroupFacts | None = None
    ungrouped: int = 0
    rules: MuteRules = MuteRules()
    inhibitors: Mapping[UUID, Mute] = {}
    mute: Mute | None = None
    matched: KnownIncident | None = None
    known: KnownIncident | None = None
    routing: Routing = Routing()
    services: Mapping[UUID, str] = {}
    policies: Mapping[UUID, str] = {}
    policy: PolicyFacts | None = None
    due_at: datetime | None = None
