"""People."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from nightowl_common.db import Tx, load_queries
from nightowl_query.model import User

SQL = load_queries(__package__, "oncall.sql")


async def list_users(tx: Tx, words: Sequence[str], *, below: UUID, limit: int) -> list[User]:
    """People below an id, newest first, with all of the words in name and mail address."""
    return [msgspec.convert(dict(row), User) for row in await tx.fetch(SQL["list_users"], below, limit, words)]


async def count_users(tx: Tx, words: Sequence[str]) -> int:
    """How many people have every one of the words."""
    count: int = await tx.fetchval(SQL["count_users"], words)
    return count
