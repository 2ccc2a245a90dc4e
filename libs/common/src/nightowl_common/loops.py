"""Background loops of one process: started by name, restarted when they fail, stopped together."""

import asyncio
from collections.abc import Awaitable, Callable

from nightowl_common import clock
from nightowl_common.errors import TransientError
from nightowl_common.logs import get_logger
from nightowl_common.telemetry.metrics import LOOP_FAILURES

log = get_logger(__name__)

STOP_SECONDS = 10.0

AWAY_SECONDS, BROKEN_SECONDS = 1.0, 5.0
"""The longest pauses after failures.

A server that was away is back at some moment, and then timers are due. An error of our own stays and fills the log.
"""


class Loops:
    """`stop` is set when the process shall end; a loop finishes what it has in hand and returns."""

    def __init__(self) -> None:
        self.stop = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def start(self, name: str, run: Callable[[], Awaitable[None]]) -> None:
        """Runs `run` until it returns after `stop`; when it raises, waits longer each time and runs it again."""
        self._tasks.append(asyncio.create_task(self._keep_running(name, run), name=name))

    def every(self, name: str, seconds: float, job: Callable[[], Awaitable[object]]) -> None:
        """Runs `job` again and again with a pause between; one failure does not end the series."""

        async def series() -> None:
            while not self.stop.is_set():
                await job()
                await clock.wait_for_event(self.stop, seconds)

        self.start(name, series)

    async def close(self) -> None:
        """Asks all loops to stop, waits at most 10 s, then cancels them."""
        self.stop.set()
        if self._tasks:
            _done, late = await asyncio.wait(self._tasks, timeout=STOP_SECONDS)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _keep_running(self, name: str, run: Callable[[], Awaitable[None]]) -> None:
        failures = 0
        while not self.stop.is_set():
            started, longest = clock.monotonic_seconds(), BROKEN_SECONDS
            try:
                await run()
            except TransientError as error:
                longest = AWAY_SECONDS
                log.warning("loop_failed", loop=name, error=error.detail)
            except Exception:
                log.exception("loop_failed", loop=name)
            else:
                await clock.sleep(0)  # one that returns at once must not starve the others
                continue
            failures = 1 if clock.monotonic_seconds() - started > clock.LONG_SECONDS else failures + 1
            LOOP_FAILURES.labels(name).inc()
            await clock.wait_for_event(self.stop, clock.backoff_seconds(failures, first=0.25, cap=longest))
