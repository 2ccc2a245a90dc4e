"""Why an alert is where it is: the chain of decisions as it is answered, and the facts that it is made from."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal
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

    Of a stored alert this is what was decided, `at` an instant where that is known; `now` is there where the rules of
    today would say something else. Of a pasted alert it is what the rules say. `tried` are always the rules of today.
    """

    step: StepName
    tried: list[TriedRule] = []
    now: Said | None = None
    at: datetime | None = None


class FieldProvenance(msgspec.Struct, frozen=True, kw_only=True):
    """Where a field of the alert came from: the places in the alert's own text, and the rule that made it from them.

    A place is a JSON path, or the expression of the key's mapping; none: it was not in the alert's own text. `found`
    is what is at the only place, cut to 300 characters. `call` says which of the kept payloads was looked at.
    """

    field: str
    call: Literal["opening", "latest"]
    places: list[str]
    rule: str
    found: str | None = None


class SendingKey(msgspec.Struct, frozen=True, kw_only=True):
    """The API key that the call came with which opened the alert; its mapping is that of now."""

    id: UUID
    name: str
    is_revoked: bool
    mapping: dict[str, str]


class ChosenPerson(msgspec.Struct, frozen=True, kw_only=True):
    """A person whom a tier came to, and why, in words. `entry_id` is the entry of the timeline that paged the tier.

    `roster_id` is the roster that answered, `override_id` the override by which it did, if it still stands there.
    """

    entry_id: UUID
    at: datetime
    tier: int
    target: str
    user_id: UUID
    name: str
    why: str
    roster_id: UUID | None = None
    roster_name: str | None = None
    override_id: UUID | None = None


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """The whole chain from the sender's bytes to whom is paged, in order. `alert_id` is null for a pasted alert.

    Of a stored alert `fields` says where each of its fields came from, as far as its payload is kept, `key` with which
    API key it came, and `people` why each person was paged, oldest first.
    """

    alert_id: UUID | None
    at: datetime
    words: str
    steps: list[ExplainedStep]
    key: SendingKey | None = None
    fields: list[FieldProvenance] = []
    people: list[ChosenPerson] = []


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


class PagedTier(msgspec.Struct, frozen=True, kw_only=True):
    """A tier that was paged: its entry in the timeline, and what each of its targets came to."""

    entry_id: UUID
    at: datetime
    tier: int
    chosen: list[dict[str, Any]]


class StandIn(msgspec.Struct, frozen=True, kw_only=True):
    """An override as it is now."""

    starts_at: datetime
    ends_at: datetime
    reason: str


class Names(msgspec.Struct, frozen=True, kw_only=True):
    """What the ids in paged tiers stand for, as far as it is still there."""

    people: Mapping[UUID, str] = {}
    rosters: Mapping[UUID, str] = {}
    overrides: Mapping[UUID, StandIn] = {}


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
    key: SendingKey | None = None
    severity_words: Mapping[str, Severity] = {}
    paged: Sequence[PagedTier] = ()
    names: Names = Names()
