"""What fake providers share: the script, and waiting for what people receive."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import assert_never

from aiohttp import web

from nightowl_common import clock
from nightowl_embedded import free_port
from nightowl_testkit.fakes.caller import Transport, has_hung_up
from nightowl_testkit.fakes.script import (
    Accepting,
    DroppedReply,
    ErrorAfterAccept,
    ErrorBeforeAccept,
    LateCallback,
    Normal,
    Predicate,
    RateLimited,
    Received,
    Refused,
    Script,
    Slow,
    Step,
    UnheardLookUp,
)
from nightowl_testkit.fakes.served import Served

Accept = Callable[[], Awaitable[web.Response]]


def anything(_received: Received) -> bool:
    """Fits every message."""
    return True


class Recorder(ABC):
    """What all fakes have: a port of loopback (a free one, if none is given), the script, and what people received.

    `unclear` holds the `provider_id` of each message whose sender was left without an answer that says what became of
    it, `answer_seconds` how long the others waited for theirs; `unheard` are the look-ups whose answer came when nobody
    waited for it any more.
    """

    name: str

    def __init__(self, *, port: int | None = None) -> None:
        self.port = free_port() if port is None else port
        self.received: list[Received] = []
        self.unclear: set[str] = set()
        self.answer_seconds: dict[str, float] = {}
        self.unheard: list[UnheardLookUp] = []
        self._script = Script()
        self._changed = asyncio.Condition()
        self._later: set[asyncio.Task[None]] = set()

    @property
    @abstractmethod
    def environment(self) -> dict[str, str]:
        """The notifier's settings that point it here."""

    def script(self, *steps: Step, when: Predicate = anything, forever: bool = False) -> None:
        """The next sends (that fit `when`) behave like this, one step each, or all of them with `forever`."""
        self._script.add(*steps, when=when, forever=forever)

    @property
    def steps_left(self) -> list[Step]:
        """Scripted steps that no send has used up."""
        return self._script.left

    def clear(self) -> None:
        """Forgets messages, script and pending callbacks."""
        self.received.clear()
        self.unclear.clear()
        self.answer_seconds.clear()
        self.unheard.clear()
        self._script.clear()
        for task in self._later:
            task.cancel()

    async def follow(self) -> AsyncIterator[Received]:
        """What people receive from now on, without end."""
        seen = len(self.received)
        while True:
            async with self._changed:
                while len(self.received) <= seen:
                    await self._changed.wait()
                new, seen = self.received[seen:], len(self.received)
            for each in new:
                yield each

    async def wait_for(self, wanted: int | Predicate, *, seconds: float = 20.0) -> list[Received]:
        """Waits until so many messages are there, or one that fits; returns all that are there, or that fit.

        Raises:
            AssertionError: not within the time; says what was received instead.
        """
        least, fits = (wanted, anything) if isinstance(wanted, int) else (1, wanted)

        def matching() -> list[Received]:
            return [each for each in self.received if fits(each)]

        try:
            async with asyncio.timeout(seconds), self._changed:
                await self._changed.wait_for(lambda: len(matching()) >= least)
        except TimeoutError:
            raise AssertionError(self._missing(least, len(matching()), seconds)) from None
        return matching()

    def _missing(self, least: int, found: int, seconds: float) -> str:
        seen = "".join(f"\n  {each}" for each in self.received) or " nothing"
        return f"{self.name}: wanted {least} within {seconds} s, found {found}; received:{seen}"

    async def _record(self, message: Received) -> None:
        async with self._changed:
            self.received.append(message)
            self._changed.notify_all()

    def _note_answer(self, message: Received, caller: Transport, *, since: float, is_plain: bool) -> None:
        """A message is about to be answered: plainly, or with an error or nothing at all."""
        self.answer_seconds[message.provider_id] = clock.monotonic_seconds() - since
        if not is_plain or has_hung_up(caller):
            self.unclear.add(message.provider_id)

    def _note_look_up(self, caller: Transport, *, to: str) -> None:
        """A look-up of what went to an address is about to be answered."""
        if has_hung_up(caller):
            self.unheard.append(UnheardLookUp(to=to, at=clock.utc_now()))


class FakeProvider(Recorder, Served):
    """A provider with an HTTP API. `async with` starts it on its port and stops it at the end."""

    @property
    @abstractmethod
    def url(self) -> str:
        """The base URL for the provider's own client."""

    @abstractmethod
    def _error(self, status: int, *, code: str, headers: dict[str, str] | None = None) -> web.Response:
        """An error as this provider words it."""

    @abstractmethod
    def _refusal(self, code: str) -> web.Response:
        """A refusal for good as this provider words it."""

    @abstractmethod
    async def _tell(self, sent: Received, status: str) -> None:
        """Reports what became of a message."""

    async def __aexit__(self, *_error: object) -> None:
        self.clear()
        await asyncio.gather(*self._later, return_exceptions=True)
        await super().__aexit__()

    async def _send(self, request: web.Request, message: Received, accept: Accept) -> web.Response:
        """Answers a send as the script says; `accept` makes the provider's ordinary answer."""
        since = clock.monotonic_seconds()
        step = self._script.take(message)
        match step:
            case RateLimited(seconds):
                return self._error(429, code="ratelimited", headers={"Retry-After": str(seconds)})
            case Refused(code):
                return self._refusal(code)
            case ErrorBeforeAccept(status):
                return self._error(status, code="internal_error")
            case Normal() | Slow() | LateCallback() | ErrorAfterAccept() | DroppedReply():
                answer = await accept()
                await self._record(message)
                reply = await self._reply(request, message, step, answer)
                self._note_answer(message, request.transport, since=since, is_plain=reply is answer)
                return reply
            case _:
                assert_never(step)

    async def _reply(
        self,
        request: web.Request,
        message: Received,
        step: Accepting,
        answer: web.Response,
    ) -> web.Response:
        match step:
            case Normal():
                return answer
            case Slow(seconds):
                await clock.sleep(seconds)
                return answer
            case LateCallback():
                self._tell_later(message, step)
                return answer
            case ErrorAfterAccept(status, callback):
                self._tell_later(message, callback)
                return self._error(status, code="internal_error")
            case DroppedReply(callback):
                self._tell_later(message, callback)
                return cut(request)
            case _:
                assert_never(step)

    def _tell_later(self, message: Received, callback: LateCallback | None) -> None:
        if callback is None:
            return

        async def tell() -> None:
            await clock.sleep(callback.seconds)
            await self._tell(message, callback.status)

        task = asyncio.create_task(tell())
        self._later.add(task)
        task.add_done_callback(self._later.discard)


def cut(request: web.Request) -> web.Response:
    """Ends the connection; the answer that is returned has nobody to go to."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
