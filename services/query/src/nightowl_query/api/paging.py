"""Keyset paging: opaque cursors that stay right while new rows arrive."""

import base64
import binascii
import struct
from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Generic, Protocol, TypeVar
from uuid import UUID

import msgspec
from litestar.di import Provide
from litestar.params import QueryParameter

from nightowl_common.errors import FieldProblem
from nightowl_query.model import BadCursorError
from nightowl_query.store.rules import Place

LOWEST, HIGHEST = UUID(int=0), UUID(int=(1 << 128) - 1)
MAX_LIMIT = 200
_FORM = b"\x01"
_PLACE_FORM = b"\x03"
_PLACE = struct.Struct(">ci16s")


class Row(Protocol):
    """Anything with the id that the list is ordered by."""

    @property
    def id(self) -> UUID:
        """Unique and sorted by time."""
        ...


RowT = TypeVar("RowT", bound=Row)


class Paging(msgspec.Struct, frozen=True, kw_only=True):
    """How much of a list is asked for, and after which row."""

    limit: int
    after: UUID | None

    @property
    def below(self) -> UUID:
        """The bound for lists that run from the newest down."""
        return HIGHEST if self.after is None else self.after

    @property
    def above(self) -> UUID:
        """The bound for lists that run from the oldest up."""
        return LOWEST if self.after is None else self.after


class Positioned(Row, Protocol):
    """Anything in a list with an order of its own."""

    @property
    def position(self) -> int:
        """Where it stands; several may stand at one."""
        ...


PositionedT = TypeVar("PositionedT", bound=Positioned)


class PlacePaging(msgspec.Struct, frozen=True, kw_only=True):
    """How much of an ordered list is asked for, and after which place."""

    limit: int
    after: Place | None

    @property
    def start(self) -> Place:
        """The bound."""
        return Place(position=-1, id=LOWEST) if self.after is None else self.after


class Slice(msgspec.Struct, Generic[RowT], frozen=True, kw_only=True):
    """One page of a list."""

    items: list[RowT]
    next_cursor: str | None
    total: int


def encode_cursor(last_id: UUID) -> str:
    """The cursor of what comes after a row."""
    return base64.urlsafe_b64encode(_FORM + last_id.bytes).decode().rstrip("=")


def decode_cursor(cursor: str) -> UUID:
    """The row after which the list goes on.

    Raises:
        BadCursorError: not made by `encode_cursor`.
    """
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadCursorError(fields=[_PROBLEM]) from error
    if len(raw) != len(_FORM) + 16 or not raw.startswith(_FORM):
        raise BadCursorError(fields=[_PROBLEM])
    return UUID(bytes=raw[len(_FORM) :])


_PROBLEM = FieldProblem(field="cursor", reason="take it unchanged from next_cursor")


def provide_paging(
    limit: Annotated[int, QueryParameter(ge=1, le=MAX_LIMIT, description="Rows per page.")] = 50,
    cursor: Annotated[str | None, QueryParameter(description="`next_cursor` of the page before.")] = None,
) -> Paging:
    """For `Provide`.

    Raises:
        BadCursorError: the cursor is not one of ours.
    """
    return Paging(limit=limit, after=None if cursor is None else decode_cursor(cursor))


PAGING = {"paging": Provide(provide_paging, sync_to_thread=False)}


async def cut(
    paging: Paging, rows: Callable[[int], Awaitable[Sequence[RowT]]], *, count: Callable[[], Awaitable[int]]
) -> Slice[RowT]:
    """Reads one row more than asked for, to know whether there is more. What fits the first page is not counted."""
    found = list(await rows(paging.limit + 1))
    items, has_more = found[: paging.limit], len(found) > paging.limit
    total = len(items) if paging.after is None and not has_more else await count()
    return Slice(items=items, next_cursor=encode_cursor(items[-1].id) if has_more else None, total=total)


def encode_position(last: Positioned) -> str:
    """The cursor of what comes after a row of an ordered list."""
    return base64.urlsafe_b64encode(_PLACE.pack(_PLACE_FORM, last.position, last.id.bytes)).decode().rstrip("=")


def decode_position(cursor: str) -> Place:
    """The place after which an ordered list goes on.

    Raises:
        BadCursorError: not made by `encode_position`.
    """
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        form, position, last_id = _PLACE.unpack(raw)
    except (binascii.Error, ValueError, struct.error) as error:
        raise BadCursorError(fields=[_PROBLEM]) from error
    if form != _PLACE_FORM:
        raise BadCursorError(fields=[_PROBLEM])
    return Place(position=position, id=UUID(bytes=last_id))


def provide_place_paging(
    limit: Annotated[int, QueryParameter(ge=1, le=MAX_LIMIT, description="Rows per page.")] = 50,
    cursor: Annotated[str | None, QueryParameter(description="`next_cursor` of the page before.")] = None,
) -> PlacePaging:
    """For `Provide`.

    Raises:
        BadCursorError: the cursor is not one of ours.
    """
    return PlacePaging(limit=limit, after=None if cursor is None else decode_position(cursor))


PLACE_PAGING = {"paging": Provide(provide_place_paging, sync_to_thread=False)}


async def cut_in_order(
    paging: PlacePaging, rows: Callable[[int], Awaitable[Sequence[PositionedT]]], *, count: Callable[[], Awaitable[int]]
) -> Slice[PositionedT]:
    """As `cut`, for a list with an order of its own."""
    found = list(await rows(paging.limit + 1))
    items, has_more = found[: paging.limit], len(found) > paging.limit
    total = len(items) if paging.after is None and not has_more else await count()
    return Slice(items=items, next_cursor=encode_position(items[-1]) if has_more else None, total=total)
