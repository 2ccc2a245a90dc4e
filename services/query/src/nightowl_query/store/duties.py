"""Leave, swaps and calendar feeds."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from nightowl_common.db import Tx, load_queries
from nightowl_query.model import Person
from nightowl_query.model.duties import (
    MAX_SWAPS_OF,
    Feed,
    FeedNotFoundError,
    Leave,
    LeaveContent,
    LeaveNotFoundError,
    Swap,
    SwapNotFoundError,
    SwapOfMine,
    SwapOrder,
    SwapSettledError,
    UserNotFoundError,
)

SQL = load_queries(__package__, "duties.sql")


class LeaveFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which leave: None lets everything through."""

    user_id: UUID | None = None
    start: datetime | None = None
    end: datetime | None = None


class FeedFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which feeds: None lets everything through."""

    roster_id: UUID | None = None
    user_id: UUID | None = None


async def load_user(tx: Tx, user_id: UUID) -> Person:
    """A person, active or not.

    Raises:
        UserNotFoundError: there is none.
    """
    row = await tx.fetchrow(SQL["load_user"], user_id)
    if row is None:
        raise UserNotFoundError
    return msgspec.convert(dict(row), Person)


async def lock_user(tx: Tx, user_id: UUID) -> None:
    """Others who change this person's leave wait."""
    await tx.fetchval(SQL["lock_user"], user_id)


async def list_leave(tx: Tx, wanted: LeaveFilter, *, below: UUID, limit: int) -> list[Leave]:
    """Leave with an id below a bound, newest first, without what is withdrawn."""
    rows = await tx.fetch(SQL["list_leave"], below, wanted.user_id, wanted.start, wanted.end, limit)
    return [msgspec.convert(dict(row), Leave) for row in rows]


async def count_leave(tx: Tx, wanted: LeaveFilter) -> int:
    """How much leave a filter lets through."""
    count: int = await tx.fetchval(SQL["count_leave"], wanted.user_id, wanted.start, wanted.end)
    return count


async def lock_leave(tx: Tx, user_id: UUID, leave_id: UUID) -> Leave:
    """One leave, locked.

    Raises:
        LeaveNotFoundError: the person has none of this id, or it is withdrawn.
    """
    row = await tx.fetchrow(SQL["lock_leave"], leave_id, user_id)
    if row is None:
        raise LeaveNotFoundError
    return msgspec.convert(dict(row), Leave)


async def lock_imported_leave(tx: Tx, user_id: UUID, uids: Sequence[str]) -> dict[str, Leave]:
    """What is there of some events of a calendar, locked, by UID."""
    rows = await tx.fetch(SQL["lock_imported_leave"], user_id, list(uids))
    return {row["calendar_uid"]: msgspec.convert(dict(row), Leave) for row in rows}


async def insert_leave(
    tx: Tx, leave_id: UUID, user_id: UUID, content: LeaveContent, *, calendar_uid: str | None
) -> None:  # fmt: skip
    """Somebody is away."""
    span = content.starts_at, content.ends_at
    await tx.execute(SQL["insert_leave"], leave_id, user_id, *span, content.note, calendar_uid)


async def withdraw_leave(tx: Tx, leave_id: UUID) -> None:
    """Somebody is not away after all; that it was believed stays known."""
    await tx.execute(SQL["withdraw_leave"], leave_id)


async def list_swaps(
    tx: Tx, roster_id: UUID, statuses: Sequence[str] | None, *, below: UUID, limit: int
) -> list[Swap]:  # fmt: skip
    """Swap requests with an id below a bound, newest first."""
    rows = await tx.fetch(SQL["list_swaps"], roster_id, below, statuses, limit)
    return [msgspec.convert(dict(row), Swap) for row in rows]


async def count_swaps(tx: Tx, roster_id: UUID, statuses: Sequence[str] | None) -> int:
    """How many swap requests a filter lets through."""
    count: int = await tx.fetchval(SQL["count_swaps"], roster_id, statuses)
    return count


async def load_swap(tx: Tx, roster_id: UUID, swap_id: UUID) -> Swap:
    """One swap request.

    Raises:
        SwapNotFoundError: the roster has none of this id.
    """
    row = await tx.fetchrow(SQL["load_swap"], swap_id, roster_id)
    if row is None:
        raise SwapNotFoundError
    return msgspec.convert(dict(row), Swap)


async def insert_swap(tx: Tx, roster_id: UUID, swap_id: UUID, requester_id: UUID, order: SwapOrder) -> None:
    """An open request."""
    spans = order.gives_from, order.gives_until, order.takes_from, order.takes_until
    await tx.execute(SQL["insert_swap"], swap_id, roster_id, requester_id, order.colleague_id, *spans, order.note)


async def list_swaps_of(tx: Tx, user_id: UUID) -> list[SwapOfMine]:
    """Requests that wait for a person's answer, and answers to theirs that they have not seen; soonest first."""
    return [
        msgspec.convert(dict(row), SwapOfMine) for row in await tx.fetch(SQL["list_swaps_of"], user_id, MAX_SWAPS_OF)
    ]


async def see_swap(tx: Tx, swap_id: UUID) -> None:
    """Who asked has seen the answer, if there is one."""
    await tx.execute(SQL["see_swap"], swap_id)


async def settle_swap(tx: Tx, swap_id: UUID, status: str, *, by: UUID | None) -> None:
    """The end of an open request, by a person or a key of nobody.

    Raises:
        SwapSettledError: it is settled already.
    """
    if await tx.execute(SQL["settle_swap"], swap_id, status, by) != "UPDATE 1":
        raise SwapSettledError


async def list_feeds(tx: Tx, wanted: FeedFilter, *, below: UUID, limit: int) -> list[Feed]:
    """Feeds with an id below a bound, newest first, revoked ones included."""
    rows = await tx.fetch(SQL["list_feeds"], below, wanted.roster_id, wanted.user_id, limit)
    return [msgspec.convert(dict(row), Feed) for row in rows]


async def count_feeds(tx: Tx, wanted: FeedFilter) -> int:
    """How many feeds a filter lets through."""
    count: int = await tx.fetchval(SQL["count_feeds"], wanted.roster_id, wanted.user_id)
    return count


async def insert_feed(tx: Tx, feed_id: UUID, token_hash: bytes, wanted: FeedFilter) -> None:
    """A feed of a roster or of a person."""
    await tx.execute(SQL["insert_feed"], feed_id, token_hash, wanted.roster_id, wanted.user_id)


async def load_feed(tx: Tx, feed_id: UUID) -> Feed:
    """One feed.

    Raises:
        FeedNotFoundError: there is none.
    """
    row = await tx.fetchrow(SQL["find_feed"], feed_id)
    if row is None:
        raise FeedNotFoundError
    return msgspec.convert(dict(row), Feed)


async def revoke_feed(tx: Tx, feed_id: UUID) -> None:
    """Its token opens nothing any more."""
    await tx.execute(SQL["revoke_feed"], feed_id)


async def find_feed_by_token(tx: Tx, tenant: str, token_hash: bytes) -> Feed | None:
    """The feed that a token opens, if it is not revoked and the tenant is active."""
    row = await tx.fetchrow(SQL["find_feed_by_token"], token_hash, tenant)
    return None if row is None else msgspec.convert(dict(row), Feed)
