"""What many pages ask of the database at the same moment, asked together.

A commit waits for the disk and each statement is a journey to the server, so what comes while a transaction runs waits
for its end and goes together into the next one. One tenant's rounds come one after the other; tenants do not wait for
each other.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context
from typing import Generic, TypeVar

import msgspec

from nightowl_common import clock
from nightowl_common.errors import TransientError
from nightowl_common.logs import get_logger

log = get_logger(__name__)

MOST = 100
"""Asked in one transaction: many more would make whoever waits for its end wait for long."""

AskedT = TypeVar("AskedT")
AnswerT = TypeVar("AnswerT")

Take = Callable[[str, Sequence[AskedT]], Awaitable[Sequence[AnswerT]]]
"""One transaction of a tenant: an answer for each that asks, in their order."""


class _Waiting(msgspec.Struct, Generic[AskedT, AnswerT], frozen=True):
    asked: AskedT
    answer: "asyncio.Future[AnswerT]"


class Rounds(Generic[AskedT, AnswerT]):
    """Gathers what is asked. Whoever comes first goes at once; after a round it waits `gather_seconds` for the next."""

    def __init__(self, take: Take[AskedT, AnswerT], *, gather_seconds: float) -> None:
        self._take = take
        self._gather_seconds = gather_seconds
        self._waiting: dict[str, list[_Waiting[AskedT, AnswerT]]] = {}
        self._running: dict[str, asyncio.Task[None]] = {}

    async def ask(self, tenant: str, asked: AskedT) -> AnswerT:
        """The answer, committed. When those of a round cannot be taken together, each is tried by itself.

        Raises:
            TransientError: the database cannot be used.
            Exception: what the transaction of this one raised.
        """
        waiting = _Waiting(asked, asyncio.get_running_loop().create_future())
        self._waiting.setdefault(tenant, []).append(waiting)
        if tenant not in self._running:  # in no trace: a round is of many
            self._running[tenant] = asyncio.create_task(self._run(tenant), name=f"rounds {tenant}", context=Context())
        answer: AnswerT = await waiting.answer
        return answer

    async def _run(self, tenant: str) -> None:
        try:
            while waiting := self._waiting.pop(tenant, None):
                if len(waiting) > MOST:
                    self._waiting[tenant] = waiting[MOST:]
                await self._answer(tenant, waiting[:MOST])
                await clock.sleep(self._gather_seconds)
        finally:
            del self._running[tenant]

    async def _answer(self, tenant: str, waiting: "Sequence[_Waiting[AskedT, AnswerT]]") -> None:
        try:
            answers = await self._take(tenant, [each.asked for each in waiting])
        except TransientError as error:
            _fail(waiting, error)
        except Exception as error:
            log.exception("round_failed", tenant=tenant, count=len(waiting))
            if len(waiting) == 1:
                _fail(waiting, error)
            else:
                for each in waiting:
                    await self._answer(tenant, [each])
        else:
            for each, value in zip(waiting, answers, strict=True):
                if not each.answer.done():  # whoever asked may have been told to stop
                    each.answer.set_result(value)


def _fail(waiting: "Sequence[_Waiting[AskedT, AnswerT]]", error: Exception) -> None:
    for each in waiting:
        if not each.answer.done():
            each.answer.set_exception(error)
