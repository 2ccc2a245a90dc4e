"""What a POST with an Idempotency-Key was answered, for 24 hours."""

import msgspec

from nightowl_common.db import Tx, load_queries

SQL = load_queries(__package__, "repeats.sql")


class KeyUse(msgspec.Struct, frozen=True, kw_only=True):
    """A key as one caller uses it on one route; `request` is the SHA-256 of what was asked."""

    key: str
    route: str
    actor: str
    request: bytes


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """An earlier use of a key."""

    request: bytes
    answer: object


async def claim_key(tx: Tx, use: KeyUse) -> Answered | None:
    """Takes a key for this transaction; an earlier use instead, if there was one."""
    await tx.execute(SQL["forget_old_keys"])
    if await tx.fetchval(SQL["claim_key"], use.key, use.route, use.actor, use.request):
        return None
    row = await tx.fetchrow(SQL["load_answer"], use.key, use.route, use.actor)
    assert row is not None
    return Answered(request=row["request"], answer=row["answer"])


async def keep_answer(tx: Tx, use: KeyUse, answer: object) -> None:
    """What the key is answered from now on."""
    await tx.execute(SQL["keep_answer"], use.key, use.route, use.actor, answer)
