"""Runbooks."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from nightowl_common.db import Tx, load_queries
from nightowl_query.model.knowledge import Runbook, RunbookContent, RunbookNotFoundError

SQL = load_queries(__package__, "runbooks.sql")


class RunbookFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which runbooks: None lets everything through; several values are alternatives, but all of the words must fit."""

    categories: Sequence[str] | None = None
    tags: Sequence[str] | None = None
    is_template: bool | None = None
    words: Sequence[str] = ()


async def list_runbooks(tx: Tx, wanted: RunbookFilter, *, below: UUID, limit: int) -> list[Runbook]:
    """Runbooks with an id below a bound, newest first."""
    arguments = wanted.categories, wanted.tags, wanted.is_template, below, limit, wanted.words
    rows = await tx.fetch(SQL["list_runbooks"], *arguments)
    return [msgspec.convert(dict(row), Runbook) for row in rows]


async def count_runbooks(tx: Tx, wanted: RunbookFilter) -> int:
    """How many runbooks a filter lets through."""
    arguments = wanted.categories, wanted.tags, wanted.is_template, wanted.words
    count: int = await tx.fetchval(SQL["count_runbooks"], *arguments)
    return count


async def find_runbook(tx: Tx, runbook_id: UUID) -> Runbook | None:
    """One runbook, if it is there."""
    row = await tx.fetchrow(SQL["load_runbook"], runbook_id)
    return None if row is None else msgspec.convert(dict(row), Runbook)


async def load_runbook(tx: Tx, runbook_id: UUID) -> Runbook:
    """One runbook.

    Raises:
        RunbookNotFoundError: there is none.
    """
    found = await find_runbook(tx, runbook_id)
    if found is None:
        raise RunbookNotFoundError
    return found


async def lock_runbook(tx: Tx, runbook_id: UUID) -> Runbook:
    """One runbook, locked until the transaction ends.

    Raises:
        RunbookNotFoundError: there is none.
    """
    row = await tx.fetchrow(SQL["lock_runbook"], runbook_id)
    if row is None:
        raise RunbookNotFoundError
    return msgspec.convert(dict(row), Runbook)


async def insert_runbook(tx: Tx, runbook_id: UUID, content: RunbookContent) -> None:
    """A new runbook."""
    await tx.execute(SQL["insert_runbook"], runbook_id, *_arguments(content))


async def update_runbook(tx: Tx, runbook_id: UUID, content: RunbookContent) -> None:
    """New content; the revision rises."""
    await tx.execute(SQL["update_runbook"], runbook_id, *_arguments(content))


async def delete_runbook(tx: Tx, runbook_id: UUID) -> None:
    """Gone; incidents lose their link to it."""
    await tx.execute(SQL["delete_runbook"], runbook_id)


def _arguments(content: RunbookContent) -> tuple[object, ...]:
    return (content.title, content.markdown, content.category, content.tags, content.is_template)
