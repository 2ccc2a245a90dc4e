"""What people do about their own duties: leave, swaps, calendars to subscribe to."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from nightowl_common.errors import ConflictError, ForbiddenError, NotFoundError
from nightowl_query.model.base import Page, UserRef
from nightowl_query.model.rosters import Note

MAX_SWAPS_OF = 50


class SwapNotFoundError(NotFoundError):
    """There is no such swap request on this roster."""

    code = "swap_not_found"


class SwapSettledError(ConflictError):
    """The request is accepted, declined or withdrawn already."""

    code = "swap_settled"


class SwapOpenError(ConflictError):
    """Nobody has answered the request yet."""

    code = "swap_open"


class SwapOutdatedError(ConflictError):
    """The shifts are no longer those of the two people, or are over, or one of the two was deactivated."""

    code = "swap_outdated"


class LeaveNotFoundError(NotFoundError):
    """There is no such leave of this person."""

    code = "leave_not_found"


class UserNotFoundError(NotFoundError):
    """There is no such person."""

    code = "user_not_found"


class FeedNotFoundError(NotFoundError):
    """There is no such calendar feed."""

    code = "feed_not_found"


class NotYoursError(ForbiddenError):
    """Only that person, or a manager, may do this."""

    code = "not_yours"


class LeaveContent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Away, [starts_at, ends_at)."""

    starts_at: datetime
    ends_at: datetime
    note: Note = ""


class Leave(msgspec.Struct, frozen=True, kw_only=True):
    """When somebody is away. `calendar_uid` names the event of an imported calendar."""

    id: UUID
    user: UserRef
    starts_at: datetime
    ends_at: datetime
    note: str
    calendar_uid: str | None
    created_at: datetime


class LeavePage(Page, frozen=True, kw_only=True):
    """Leave that is not withdrawn, newest first."""

    items: list[Leave]


class LeaveImport(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a calendar's events. Cancelled ones that were known are withdrawn."""

    created: int
    updated: int
    unchanged: int
    withdrawn: int
    skipped: int


class SwapOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The colleague takes [gives_from, gives_until), and gives [takes_from, takes_until) when that is named."""

    colleague_id: UUID
    gives_from: datetime
    gives_until: datetime
    takes_from: datetime | None = None
    takes_until: datetime | None = None
    note: Note = ""


class Swap(msgspec.Struct, frozen=True, kw_only=True):
    """A swap request as it stands."""

    id: UUID
    roster_id: UUID
    requester: UserRef
    colleague: UserRef
    gives_from: datetime
    gives_until: datetime
    takes_from: datetime | None
    takes_until: datetime | None
    note: str
    status: Literal["open", "accepted", "declined", "withdrawn"]
    created_at: datetime
    decided_at: datetime | None


class SwapOfMine(Swap, frozen=True, kw_only=True):
    """A swap request that asks the reader, or answers them. `timezone` is the roster's."""

    roster_name: str
    timezone: str


class SwapPage(Page, frozen=True, kw_only=True):
    """Swap requests, newest first."""

    items: list[Swap]


class Feed(msgspec.Struct, frozen=True, kw_only=True):
    """A calendar that can be subscribed to: of a roster or of a person. The token is not kept."""

    id: UUID
    roster_id: UUID | None
    user_id: UUID | None
    created_at: datetime
    revoked_at: datetime | None


class NewFeed(Feed, frozen=True, kw_only=True):
    """A feed with its token and address, told this once."""

    token: str
    url: str


class FeedPage(Page, frozen=True, kw_only=True):
    """Feeds, newest first."""

    items: list[Feed]
