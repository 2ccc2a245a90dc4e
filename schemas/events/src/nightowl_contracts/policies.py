"""Events about escalation policies: `nightowl.event.<tenant>.policy.changed`, written by query."""

from uuid import UUID

import msgspec

from nightowl_contracts.envelope import Envelope


class ChangedPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """A policy as it stands after the event; `change` is created, updated, rolled_back, deleted or archived.

    A running alert keeps the version that it started with.
    """

    policy_id: UUID
    version: int
    name: str
    change: str


class PolicyChanged(Envelope, frozen=True, kw_only=True, tag="policy.changed.v1"):
    """New alerts escalate otherwise from now on."""

    data: ChangedPolicy
