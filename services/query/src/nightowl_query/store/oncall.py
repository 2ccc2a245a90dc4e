"""People."""

from uuid import UUID

import msgspec

from nightowl_common.db import Tx, load_queries
from nightowl_query.model import User

SQL = load_queries(__package__, "oncall.sql")


async def list_users(tx: Tx, *, below: UUID, limit: int) -> list[User]:
    """People with an id below a bound, newest first."""
    return [msgspec.convert(dict(row), User) for row in await tx.fetch(SQL["list_users"], below, limit)]


async def count_users(tx: Tx) -> int:
    """How many people there are."""
    count: int = await tx.fetchval(SQL["count_users"])
    return count
