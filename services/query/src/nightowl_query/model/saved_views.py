"""Saved views: filters of the alert list under a name."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec

from nightowl_common.errors import ConflictError, ForbiddenError, NotFoundError
from nightowl_query.model.base import Page

MAX_VIEWS = 100
MAX_QUERY_BYTES = 4 * 1024

_NO_CONTROL = r"^[^\x00-\x1f]*\Z"
ViewName = Annotated[str, msgspec.Meta(min_length=1, max_length=80, pattern=_NO_CONTROL)]
Parameter = Annotated[str, msgspec.Meta(min_length=1, max_length=40, pattern=r"^[a-z][a-z0-9_]*\Z")]
Value = Annotated[str, msgspec.Meta(max_length=1_000, pattern=r"^[^\x00]*\Z")]
Values = Annotated[list[Value], msgspec.Meta(max_length=50)]
ViewQuery = Annotated[dict[Parameter, Value | Values], msgspec.Meta(max_length=40)]


class SavedViewNotFoundError(NotFoundError):
    """There is no such view, or it is another person's own."""

    code = "saved_view_not_found"


class TooManyViewsError(ConflictError):
    """Nobody keeps more than a hundred views; delete one first."""

    code = "too_many_views"


class NotYourViewError(ForbiddenError):
    """A shared view is changed by its owner or an admin."""

    code = "not_your_view"


class SharingNotAllowedError(ForbiddenError):
    """What everybody sees is put there by engineers and above."""

    code = "sharing_not_allowed"


class PrivateViewNeedsPersonError(ForbiddenError):
    """A key that is nobody's has no private views; share it, or use a personal token."""

    code = "person_needed"


class SavedViewContent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What people decide. `query` is the search string of the list: parameter → its value or values, 4 KiB at most.

    `is_shared`: the whole tenant sees it. `has_sound`: a new alert in it may be heard.
    """

    name: ViewName
    query: ViewQuery
    is_shared: bool = False
    has_sound: bool = False


class ViewOwner(msgspec.Struct, frozen=True, kw_only=True):
    """Whose view it is: a person or a local admin."""

    id: UUID
    name: str


class SavedView(msgspec.Struct, frozen=True, kw_only=True):
    """A view. `owner` is null where nobody has it: they left, or a key made it. `revision` is the ETag."""

    id: UUID
    name: str
    query: dict[str, str | list[str]]
    is_shared: bool
    has_sound: bool
    owner: ViewOwner | None
    revision: int
    created_at: datetime
    updated_at: datetime


class SavedViewPage(Page, frozen=True, kw_only=True):
    """The caller's own views and those that are shared, newest first."""

    items: list[SavedView]
