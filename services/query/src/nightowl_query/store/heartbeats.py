"""Heartbeats as people define them. Beats are enrichment's to write."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from nightowl_alerting.heartbeats import Heartbeat as Watch
from nightowl_common.db import Tx, load_queries
from nightowl_query.model.heartbeats import (
    Heartbeat,
    HeartbeatContent,
    HeartbeatNameTakenError,
    HeartbeatNotFoundError,
    NewHeartbeat,
)

SQL = load_queries(__package__, "heartbeats.sql")


class LockedHeartbeat(msgspec.Struct, frozen=True, kw_only=True):
    """A heartbeat that this transaction holds: how it stands, what people wrote, and its revision."""

    watch: Watch
    content: HeartbeatContent
    revision: int


async def list_heartbeats(tx: Tx, statuses: Sequence[str] | None, *, below: UUID, limit: int) -> list[Heartbeat]:
    """Heartbeats with an id below a bound, newest first; None: whatever their status."""
    rows = await tx.fetch(SQL["list_heartbeats"], statuses, below, limit)
    return [msgspec.convert(dict(row), Heartbeat) for row in rows]


async def count_heartbeats(tx: Tx, statuses: Sequence[str] | None) -> int:
    """How many there are of some statuses."""
    count: int = await tx.fetchval(SQL["count_heartbeats"], statuses)
    return count


async def load_heartbeat(tx: Tx, name: str) -> Heartbeat:
    """One heartbeat.

    Raises:
        HeartbeatNotFoundError: there is none.
    """
    row = await tx.fetchrow(SQL["load_heartbeat"], name)
    if row is None:
        raise HeartbeatNotFoundError
    return msgspec.convert(dict(row), Heartbeat)


async def lock_heartbeat(tx: Tx, name: str) -> LockedHeartbeat:
    """One heartbeat, locked until the transaction ends.

    Raises:
        HeartbeatNotFoundError: there is none.
    """
    row = await tx.fetchrow(SQL["lock_heartbeat"], name)
    if row is None:
        raise HeartbeatNotFoundError
    fields = dict(row)
    content = {field: fields[field] for field in HeartbeatContent.__struct_fields__}
    return LockedHeartbeat(
        watch=msgspec.convert(fields, Watch),
        content=msgspec.convert(content, HeartbeatContent),
        revision=fields["revision"],
    )


async def insert_heartbeat(tx: Tx, heartbeat_id: UUID, new: NewHeartbeat) -> None:
    """A new heartbeat, which waits for its first beat.

    Raises:
        HeartbeatNameTakenError: there is one of this name.
    """
    if await tx.fetchval(SQL["insert_heartbeat"], heartbeat_id, new.name, *_arguments(new)) is None:
        raise HeartbeatNameTakenError


async def update_heartbeat(tx: Tx, content: HeartbeatContent, after: Watch) -> None:
    """New content, and what is awaited under it; the revision rises."""
    await tx.execute(SQL["update_heartbeat"], after.id, *_arguments(content), after.due_at, after.missed_at)


async def delete_heartbeat(tx: Tx, heartbeat_id: UUID) -> None:
    """Gone."""
    await tx.execute(SQL["delete_heartbeat"], heartbeat_id)


def _arguments(content: HeartbeatContent) -> tuple[object, ...]:
    return (
        content.description,
        content.interval_seconds,
        content.grace_seconds,
        content.severity,
        content.labels,
        content.matchers,
        content.is_enabled,
    )
