"""The audit log, read."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from nightowl_common.db import Tx, load_queries
from nightowl_query.model.audit import AuditEntry

SQL = load_queries(__package__, "audit.sql")


class AuditFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which entries: None lets everything through; several values are alternatives. From `after` to before `before`."""

    actors: Sequence[str] | None = None
    actions: Sequence[str] | None = None
    entities: Sequence[str] | None = None
    entity_id: UUID | None = None
    after: datetime | None = None
    before: datetime | None = None
    addresses: Sequence[str] | None = None


async def list_audit(tx: Tx, wanted: AuditFilter, *, below: UUID, limit: int) -> list[AuditEntry]:
    """Entries with an id below a bound, newest first."""
    rows = await tx.fetch(SQL["list_audit"], *msgspec.structs.astuple(wanted), below, limit)
    return [msgspec.convert(dict(row), AuditEntry) for row in rows]


async def count_audit(tx: Tx, wanted: AuditFilter, *, limit: int) -> int:
    """How many entries a filter lets through, at most `limit`."""
    count: int = await tx.fetchval(SQL["count_audit"], *msgspec.structs.astuple(wanted), limit)
    return count


async def was_noted(tx: Tx, *, action: str, entity: str, entity_id: UUID) -> bool:
    """Whether this was done to this thing, ever."""
    found: bool = await tx.fetchval(SQL["was_noted"], action, entity, entity_id)
    return found
