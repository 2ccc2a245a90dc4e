"""Events about who is on call: `nightowl.event.<tenant>.roster.changed` and `….leave.changed`."""

from datetime import datetime
from uuid import UUID

import msgspec

from nightowl_contracts.envelope import Envelope


class RosterSummary(msgspec.Struct, frozen=True, kw_only=True):
    """The roster as it stands after the event.

    `revision` rises with every change: a reader that holds a higher one ignores the event. `change` names the part:
    created, updated, deleted, members, overrides, pins; swaps, which leave the revision alone until one is accepted.
    """

    roster_id: UUID
    revision: int
    name: str
    change: str


class RosterChanged(Envelope, frozen=True, kw_only=True, tag="roster.changed.v1"):
    """Who is on call may be another one now, or later."""

    data: RosterSummary


class LeaveSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A span in which a person is away, or was to be."""

    leave_id: UUID
    user_id: UUID
    starts_at: datetime
    ends_at: datetime
    is_withdrawn: bool = False


class LeaveChanged(Envelope, frozen=True, kw_only=True, tag="leave.changed.v1"):
    """Somebody is away, or is not after all: on every roster that they are on."""

    data: LeaveSummary
