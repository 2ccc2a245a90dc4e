"""Events about who is on call: `nightowl.event.<tenant>.roster.changed`, `….leave.changed` and `….oncall.handoff`."""

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


class HandoffSummary(msgspec.Struct, frozen=True, kw_only=True):
    """The instant at which another person is on call on a roster; null: nobody was, or nobody is.

    `ends_at` is when the incoming shift ends, null when that is not known.
    """

    roster_id: UUID
    roster_name: str
    boundary_at: datetime
    outgoing_id: UUID | None = None
    incoming_id: UUID | None = None
    ends_at: datetime | None = None


class OncallHandoff(Envelope, frozen=True, kw_only=True, tag="oncall.handoff.v1"):
    """A shift has ended and another has begun. Once per roster and instant."""

    data: HandoffSummary
