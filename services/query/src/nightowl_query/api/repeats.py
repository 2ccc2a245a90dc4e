"""`Idempotency-Key`: a POST that is sent again does nothing again, and gets the answer that the first one got."""

import hashlib
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import msgspec
from litestar.params import HeaderParameter

from nightowl_auth import Principal
from nightowl_common.db import Tx
from nightowl_query.model import KeyReusedError
from nightowl_query.store import repeats as store
from nightowl_query.store.repeats import KeyUse

AnswerT = TypeVar("AnswerT", bound=msgspec.Struct)

IdempotencyKey = Annotated[
    str | None,
    HeaderParameter(
        name="Idempotency-Key", min_length=1, max_length=200, pattern=r"^[\x21-\x7e]+$",
        description="A repeat of the same request within 24 h does nothing and gets the first answer.",
    ),
]  # fmt: skip


async def once(
    tx: Tx,
    key: str | None,
    principal: Principal,
    *,
    route: str,
    asked: msgspec.Struct,
    act: Callable[[], Awaitable[AnswerT]],
    kind: type[AnswerT],
) -> AnswerT:
    """What `act` answers, or answered when the key was first used. Refusals are not remembered.

    Raises:
        KeyReusedError: the key was used for another request.
    """
    if key is None:
        return await act()
    actor = f"{principal.actor.kind}:{principal.actor.id}"
    request = hashlib.sha256(msgspec.json.encode(asked)).digest()
    use = KeyUse(key=key, route=route, actor=actor, request=request)
    earlier = await store.claim_key(tx, use)
    if earlier is None:
        answer = await act()
        await store.keep_answer(tx, use, answer)
        return answer
    if earlier.request != request:
        raise KeyReusedError
    return msgspec.convert(earlier.answer, kind)
