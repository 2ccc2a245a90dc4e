"""Saved views. `viewer` is who asks; None, a key that is nobody's, sees what is shared."""

from uuid import UUID

import msgspec

from nightowl_common.db import Record, Tx, load_queries
from nightowl_query.model.saved_views import SavedView, SavedViewContent, SavedViewNotFoundError

SQL = load_queries(__package__, "saved_views.sql")


async def list_views(tx: Tx, viewer: UUID | None, *, below: UUID, limit: int) -> list[SavedView]:
    """Views with an id below a bound, newest first."""
    return [_view(row) for row in await tx.fetch(SQL["list_views"], viewer, below, limit)]


async def count_views(tx: Tx, viewer: UUID | None) -> int:
    """How many there are to be seen."""
    count: int = await tx.fetchval(SQL["count_views"], viewer)
    return count


async def load_view(tx: Tx, viewer: UUID | None, view_id: UUID) -> SavedView:
    """One view.

    Raises:
        SavedViewNotFoundError: there is none to be seen.
    """
    row = await tx.fetchrow(SQL["load_view"], viewer, view_id)
    if row is None:
        raise SavedViewNotFoundError
    return _view(row)


async def lock_view(tx: Tx, viewer: UUID | None, view_id: UUID) -> SavedView:
    """One view, locked until the transaction ends.

    Raises:
        SavedViewNotFoundError: there is none to be seen.
    """
    await tx.fetchrow(SQL["lock_view"], viewer, view_id)
    return await load_view(tx, viewer, view_id)


async def lock_count_of(tx: Tx, owner: UUID | None) -> int:
    """How many views an owner has; until the transaction ends nobody else adds one for them."""
    await tx.fetchval(SQL["lock_views_of"], owner)
    count: int = await tx.fetchval(SQL["count_views_of"], owner)
    return count


async def insert_view(tx: Tx, owner: UUID | None, view_id: UUID, content: SavedViewContent) -> None:
    """A new view."""
    await tx.execute(SQL["insert_view"], owner, view_id, *_columns(content))


async def update_view(tx: Tx, view_id: UUID, content: SavedViewContent) -> None:
    """New content for a locked view; the revision rises."""
    await tx.execute(SQL["update_view"], view_id, *_columns(content))


async def delete_view(tx: Tx, view_id: UUID) -> None:
    """Gone."""
    await tx.execute(SQL["delete_view"], view_id)


def _columns(content: SavedViewContent) -> tuple[object, ...]:
    return content.name, content.query, content.is_shared, content.has_sound


def _view(row: Record) -> SavedView:
    return msgspec.convert(dict(row), SavedView)
