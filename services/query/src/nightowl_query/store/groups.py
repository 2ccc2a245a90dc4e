"""Groups, read. The kernel writes them."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from nightowl_common.db import Tx, load_queries
from nightowl_query.model.groups import AlertGroup, GroupNotFoundError

SQL = load_queries(__package__, "groups.sql")


class GroupFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which groups: None lets everything through; several rules are alternatives, but all of the words must fit."""

    rules: Sequence[UUID] | None = None
    is_open: bool | None = None
    words: Sequence[str] = ()


async def list_groups(tx: Tx, wanted: GroupFilter, *, below: UUID, limit: int) -> list[AlertGroup]:
    """Groups with an id below a bound, newest first."""
    rows = await tx.fetch(SQL["list_groups"], wanted.rules, wanted.is_open, below, limit, wanted.words)
    return [msgspec.convert(dict(row), AlertGroup) for row in rows]


async def count_groups(tx: Tx, wanted: GroupFilter) -> int:
    """How many groups a filter lets through."""
    count: int = await tx.fetchval(SQL["count_groups"], wanted.rules, wanted.is_open, wanted.words)
    return count


async def load_group(tx: Tx, group_id: UUID) -> AlertGroup:
    """One group.

    Raises:
        GroupNotFoundError: there is none.
    """
    rows = await tx.fetch(SQL["load_group"], group_id)
    if not rows:
        raise GroupNotFoundError
    return msgspec.convert(dict(rows[0]), AlertGroup)


async def require_group(tx: Tx, group_id: UUID) -> None:
    """Returns when there is such a group.

    Raises:
        GroupNotFoundError: there is none.
    """
    if not await tx.fetchval(SQL["group_exists"], group_id):
        raise GroupNotFoundError


async def list_open_members(tx: Tx, group_id: UUID, *, limit: int) -> list[UUID]:
    """Open alerts of a group, the lead first, then the oldest."""
    return [row["id"] for row in await tx.fetch(SQL["list_open_members"], group_id, limit)]
