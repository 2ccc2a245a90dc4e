"""What incidents were counted for."""

from uuid import UUID

import msgspec

from nightowl_common.db import Tx, load_queries
from nightowl_query.model.knowledge import CountedResolution

SQL = load_queries(__package__, "resolutions.sql")


async def list_resolutions(tx: Tx, incident_id: UUID, *, limit: int) -> list[CountedResolution]:
    """The alerts that an incident was counted for last, newest first."""
    rows = await tx.fetch(SQL["list_resolutions"], incident_id, limit)
    return [msgspec.convert(dict(row), CountedResolution) for row in rows]
