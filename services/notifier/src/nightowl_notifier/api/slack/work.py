"""Slack waits three seconds. What takes longer goes on after the answer, and its result is told at the response URL.

A response URL is used only where Slack hands them out: nothing that a request says makes us call anybody else.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar
from urllib.parse import urlsplit

import aiohttp

from nightowl_common.errors import NightOwlError, TransientError
from nightowl_common.logs import get_logger
from nightowl_notifier.api.slack.telling import Told
from nightowl_notifier.channels.transport import BROKEN

log = get_logger(__name__)

MOST_AT_HAND = 200
"""Pieces of work that go on after their answer. Beyond it, new requests are put off."""

CLOSE_SECONDS = 5.0
TELL_SECONDS = 5.0
RESPONSE_HOST = "hooks.slack.com"
SLACK_HOST = "slack.com"

ResultT = TypeVar("ResultT")


class BusyError(TransientError):
    """Too much of what Slack has asked is still being worked on."""

    code = "busy"


class Workbench:
    """Does what is asked; whoever asks waits for `seconds` at most."""

    def __init__(self, *, seconds: float) -> None:
        self._seconds = seconds
        self._late: set[asyncio.Task[None]] = set()

    async def within(
        self, work: Coroutine[Any, Any, ResultT], *, late: Callable[[ResultT], Awaitable[None]]
    ) -> ResultT | None:
        """What `work` comes to; None when it takes longer: then it goes on, and `late` gets what it comes to.

        Raises:
            BusyError: too much goes on already; nothing was begun.
        """
        if len(self._late) >= MOST_AT_HAND:
            work.close()
            raise BusyError
        task = asyncio.create_task(work)
        try:
            done, _ = await asyncio.wait({task}, timeout=self._seconds)
        except asyncio.CancelledError:  # nobody waits any more; what was begun is finished all the same
            self._keep(self._finish(task, late))
            raise
        if done:
            return task.result()
        self._keep(self._finish(task, late))
        return None

    def later(self, work: Coroutine[Any, Any, object]) -> None:
        """Does something after the answer, that nobody waits for."""
        self._keep(self._finish(asyncio.create_task(work), _nobody_waits))

    async def close(self) -> None:
        """Finishes what is at hand, for at most five seconds."""
        if self._late:
            _, left = await asyncio.wait(self._late, timeout=CLOSE_SECONDS)
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)

    def _keep(self, rest: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(rest)
        self._late.add(task)
        task.add_done_callback(self._late.discard)

    @staticmethod
    async def _finish(task: asyncio.Task[ResultT], late: Callable[[ResultT], Awaitable[None]]) -> None:
        try:
            await late(await task)
        except NightOwlError as error:
            log.warning("slack_late_and_refused", code=error.code, error=error.detail)
        except Exception:
            log.exception("slack_late_and_failed")
        except asyncio.CancelledError:
            task.cancel()
            raise


async def _nobody_waits(_result: object) -> None:
    """Nothing is told."""


class Replies:
    """Tells people something at the address that came with their request."""

    def __init__(self, session: aiohttp.ClientSession, *, base_url: str) -> None:
        self._session = session
        base = urlsplit(base_url)
        self._own = None if base.hostname == SLACK_HOST else (base.scheme, base.netloc)

    def is_slacks(self, url: str) -> bool:
        """Whether an address is where Slack hands out response URLs (or, in tests, where the settings say it is)."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            return False
        if self._own is not None and (parts.scheme, parts.netloc) == self._own:
            return True
        return parts.scheme == "https" and parts.hostname == RESPONSE_HOST and port is None and "@" not in parts.netloc

    async def tell(self, url: str, told: Told) -> bool:
        """Posts once; false when it could not be, which nobody but the asker misses."""
        if not self.is_slacks(url):
            log.warning("slack_response_url_refused", host=url[:100])
            return False
        timeout = aiohttp.ClientTimeout(total=TELL_SECONDS)
        try:
            async with self._session.post(
                url, json=told.ephemeral, allow_redirects=False, timeout=timeout
            ) as answer:  # fmt: skip
                if answer.status == 200:  # noqa: PLR2004  (OK)
                    return True
                log.warning("slack_not_told", status=answer.status)
        except BROKEN as error:
            log.warning("slack_not_told", error=type(error).__name__)
        return False
