"""Raw payloads of alerts."""

from uuid import UUID

import msgspec

from nightowl_common.db import Tx, load_queries
from nightowl_query.model import RawPayloads

SQL = load_queries(__package__, "payloads.sql")


async def load_payloads(tx: Tx, alert_id: UUID) -> RawPayloads:
    """The opening and the latest payload of an alert."""
    rows = await tx.fetch(SQL["load_payloads"], alert_id)
    return msgspec.convert({row["occasion"]: dict(row) for row in rows}, RawPayloads)
