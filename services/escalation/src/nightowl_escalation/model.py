"""What escalation decides on: the policy, the people, and who is on call, read together in one transaction."""

from collections.abc import Mapping
from uuid import UUID

import msgspec

from nightowl_alerting.model import Recipient
from nightowl_oncall import OnCall


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """An active user and where they can be reached: channel → address."""

    user_id: UUID
    name: str
    is_admin: bool
    contact_methods: Mapping[str, str]


class Staff(msgspec.Struct, frozen=True, kw_only=True):
    """A tenant's people, the channel that `slack_channel` pages go to, and its endpoints: id → channel."""

    people: Mapping[UUID, Person]
    slack_channel: str | None = None
    endpoints: Mapping[str, str] = {}


class Resolved(msgspec.Struct, frozen=True, kw_only=True):
    """Whom a tier pages, and why: one line of evidence per target."""

    recipients: list[Recipient]
    why: list[str]


class Duty(msgspec.Struct, frozen=True, kw_only=True):
    """Who is on call on the policy's roster at the instant; None when the policy names no roster."""

    on_call: OnCall | None
