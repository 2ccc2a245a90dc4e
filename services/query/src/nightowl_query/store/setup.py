"""What a first run has come to."""

from collections.abc import Mapping
from uuid import UUID

from nightowl_common.db import Tx, load_queries

SQL = load_queries(__package__, "setup.sql")


async def count_steps(tx: Tx, user_id: UUID | None) -> Mapping[str, int]:
    """How many there are of what each step asks for; None: the caller is no person."""
    row = await tx.fetchrow(SQL["count_steps"], user_id)
    assert row is not None, "a query without FROM has one row"
    return dict(row)
