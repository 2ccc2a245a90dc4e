"""The local outbox (what would have been sent) and the payloads that could not be read."""

from uuid import UUID

import msgspec

from nightowl_common.db import Tx, load_queries
from nightowl_query.model import OutboxEntry, RejectedPayload

SQL = load_queries(__package__, "outbox.sql")


async def list_outbox(tx: Tx, alert_id: UUID | None, *, below: UUID, limit: int) -> list[OutboxEntry]:
    """Unsent pages with an id below a bound, newest first; of one alert or of all."""
    rows = await tx.fetch(SQL["list_outbox"], alert_id, below, limit)
    return [msgspec.convert(dict(row), OutboxEntry) for row in rows]


async def count_outbox(tx: Tx, alert_id: UUID | None) -> int:
    """How many unsent pages there are."""
    count: int = await tx.fetchval(SQL["count_outbox"], alert_id)
    return count


async def list_rejected(tx: Tx, *, below: UUID, limit: int) -> list[RejectedPayload]:
    """Rejected alerts with an id below a bound, newest first."""
    rows = await tx.fetch(SQL["list_rejected"], below, limit)
    return [msgspec.convert(dict(row), RejectedPayload) for row in rows]


async def count_rejected(tx: Tx) -> int:
    """How many alerts were rejected."""
    count: int = await tx.fetchval(SQL["count_rejected"])
    return count
