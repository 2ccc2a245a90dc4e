"""Rosters: what may be written, what is answered, and what can go wrong."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from nightowl_common.errors import ConflictError, NotFoundError
from nightowl_query.model.base import Page, UserRef
from nightowl_query.model.people import Person

_NO_NUL = r"^[^\x00]*\Z"
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]*\Z")]
Note = Annotated[str, msgspec.Meta(max_length=1_000, pattern=_NO_NUL)]
ZoneName = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9+/_-]+\Z")]
WallTime = Annotated[str, msgspec.Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d(:00)?\Z", examples=["09:00"])]
Weekday = Annotated[int, msgspec.Meta(ge=1, le=7, description="ISO: 1 is Monday.")]
Position = Annotated[int, msgspec.Meta(ge=0, le=1_000)]
MAX_MEMBERS = 200


class RosterNameTakenError(ConflictError):
    """Another roster has this name."""

    code = "roster_name_taken"


class RosterInUseError(ConflictError):
    """An escalation policy or another roster names it."""

    code = "roster_in_use"


class AlreadyMemberError(ConflictError):
    """This person is on the roster already."""

    code = "already_member"


class MemberNotFoundError(NotFoundError):
    """There is no such member of this roster."""

    code = "member_not_found"


class OverrideNotFoundError(NotFoundError):
    """There is no such override on this roster."""

    code = "override_not_found"


class PinNotFoundError(NotFoundError):
    """There is no such pin on this roster."""

    code = "pin_not_found"


class RosterContent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What people write. Times are wall clock in `timezone` (IANA name).

    `start_date` at `handoff_time` begins the first turn. A turn lasts `rotation_days`, or `rotation_hours` when given.
    `handoff_day` moves the handoffs of whole weeks to that weekday. Outside the active hours the linked roster answers.
    Previews tell where somebody has the duty for more than `max_weeks` in a row.
    """

    name: Name
    description: Note = ""
    timezone: ZoneName
    rotation_days: Annotated[int, msgspec.Meta(ge=1, le=366)] = 7
    rotation_hours: Annotated[int, msgspec.Meta(ge=1, le=8784)] | None = None
    handoff_time: WallTime = "09:00"
    handoff_day: Weekday | None = None
    start_date: date
    end_date: date | None = None
    active_from: WallTime | None = None
    active_until: WallTime | None = None
    linked_roster_id: UUID | None = None
    max_weeks: Annotated[int, msgspec.Meta(ge=1, le=52)] | None = None


class RosterNew(RosterContent, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A roster to be, with its first members in turn order."""

    members: Annotated[list[UUID], msgspec.Meta(max_length=MAX_MEMBERS)] = []


class MemberNew(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody to take turns from the handoff on `joined_on`; last in order, or at `position`."""

    user_id: UUID
    position: Position | None = None
    joined_on: date | None = None
    left_on: date | None = None


class MemberChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole of what can change. Takes turns from the handoff on `joined_on` until the one on `left_on`."""

    position: Position
    joined_on: date | None = None
    left_on: date | None = None


class Stay(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `roster_members`."""

    id: UUID
    user_id: UUID
    position: int
    joined_on: date | None
    left_on: date | None


class AddedMember(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="add"):
    """Somebody joins."""

    content: MemberNew


class ChangedMember(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="change"
):  # fmt: skip
    """Another place or other days."""

    member_id: UUID
    content: MemberChange


class RemovedMember(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="remove"
):  # fmt: skip
    """Somebody leaves at the next handoff."""

    member_id: UUID


MemberStep = AddedMember | ChangedMember | RemovedMember
"""A change of one member that is not saved yet: it does what the call would do."""


class OverrideContent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody takes over, [starts_at, ends_at)."""

    user_id: UUID
    starts_at: datetime
    ends_at: datetime
    reason: Note = ""


class PinContent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody has the turn that runs at `turn_at`, whoever's it is."""

    user_id: UUID
    turn_at: datetime
    reason: Note = ""


class RosterMember(Person, frozen=True, kw_only=True):
    """A person on a roster, with the days of their stay. `id` is the person, `member_id` the stay."""

    member_id: UUID
    position: int
    joined_on: date | None
    left_on: date | None


class Override(msgspec.Struct, frozen=True, kw_only=True):
    """An override as it stands."""

    id: UUID
    user: UserRef
    starts_at: datetime
    ends_at: datetime
    reason: str
    created_at: datetime


class Pin(msgspec.Struct, frozen=True, kw_only=True):
    """A pin as it stands. `turn_at` is the beginning of the turn when it was pinned."""

    id: UUID
    user: UserRef
    turn_at: datetime
    reason: str
    created_at: datetime


class Roster(msgspec.Struct, frozen=True, kw_only=True):
    """People who take turns, in turn order; deactivated ones are left out. `revision` is the ETag.

    `handoff_time` and active hours are wall clock (`HH:MM:SS`) in `timezone`.
    """

    id: UUID
    name: str
    description: str
    timezone: str
    rotation_kind: Literal["daily", "weekly", "custom"]
    rotation_days: int
    rotation_hours: int | None
    handoff_time: str
    handoff_day: int | None
    start_date: str
    end_date: str | None
    active_from: str | None
    active_until: str | None
    linked_roster_id: UUID | None
    max_weeks: int | None
    members: list[RosterMember]
    revision: int
    created_at: datetime
    updated_at: datetime


class RosterDetail(Roster, frozen=True, kw_only=True):
    """A roster with the overrides and pins that are not over yet."""

    overrides: list[Override]
    pins: list[Pin]


class RosterPage(Page, frozen=True, kw_only=True):
    """Rosters, newest first."""

    items: list[Roster]
