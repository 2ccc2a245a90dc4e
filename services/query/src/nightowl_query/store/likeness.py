"""Alerts that are like another one."""

from uuid import UUID

import msgspec

from nightowl_common.db import Tx, load_queries
from nightowl_query.model.alerts import SimilarAlert

SQL = load_queries(__package__, "likeness.sql")

MOST = 10


async def list_similar(tx: Tx, alert_id: UUID) -> list[SimilarAlert]:
    """The newest alerts of other problems that share something with an alert, open ones first."""
    rows = await tx.fetch(SQL["list_similar"], alert_id, MOST)
    return [msgspec.convert(dict(row), SimilarAlert) for row in rows]
