"""What became of pages."""

from datetime import datetime

import msgspec

from nightowl_common.db import Tx, load_queries
from nightowl_query.model.deliveries import ProviderSummary
from nightowl_query.model.insight import MAX_ROWS

SQL = load_queries(__package__, "deliveries.sql")


async def summarize(tx: Tx, *, start: datetime, end: datetime) -> list[ProviderSummary]:
    """The pages that were made in [start, end), the newest 100,000, by channel and provider."""
    rows = await tx.fetch(SQL["summarize_deliveries"], start, end, MAX_ROWS)
    return [msgspec.convert(dict(row), ProviderSummary) for row in rows]
