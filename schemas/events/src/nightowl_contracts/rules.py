"""Events about rules: `nightowl.event.<tenant>.rule.changed`, written by query."""

from typing import Literal
from uuid import UUID

import msgspec

from nightowl_contracts.envelope import Envelope

RuleKind = Literal["route", "silence", "maintenance_window", "inhibition_rule", "grouping_rule"]


class ChangedRule(msgspec.Struct, frozen=True, kw_only=True):
    """A rule as it stands after the event; `action` is created, updated, ended or deleted."""

    kind: RuleKind
    rule_id: UUID
    name: str
    action: str
    revision: int


class RuleChanged(Envelope, frozen=True, kw_only=True, tag="rule.changed.v1"):
    """Somebody made, changed, ended or deleted a rule."""

    data: ChangedRule
