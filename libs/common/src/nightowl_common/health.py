"""Liveness and readiness.

Live: the event loop turns; a watchdog thread ends the process when it has not for 10 s, because a frozen
process holds leases and answers nobody. Ready: every named check passes; a check returns the reason why not.
"""

import os
import threading
import time
from collections.abc import Awaitable, Callable

from nightowl_common import clock
from nightowl_common.bus import Bus, BusUnavailableError
from nightowl_common.db import Database, DatabaseUnavailableError
from nightowl_common.logs import get_logger
from nightowl_common.telemetry.metrics import EVENT_LOOP_LAG_SECONDS
from nightowl_contracts.topology import Consumer

log = get_logger(__name__)

Check = Callable[[], Awaitable[str | None]]

STALLED_SECONDS = 10.0
SILENT_SECONDS = 10.0
LOOK_SECONDS = 1.0
EXIT_STALLED = 70
"""EX_SOFTWARE of sysexits.h: a supervisor restarts us."""


class Health:
    """The checks of one process, by name."""

    def __init__(self) -> None:
        self._checks: dict[str, Check] = {}

    def add(self, name: str, check: Check) -> None:
        """Readiness needs `check` to return None from now on."""
        self._checks[name] = check

    async def failures(self) -> dict[str, str]:
        """Name → reason of the checks that fail now."""
        results = {name: await check() for name, check in self._checks.items()}
        return {name: reason for name, reason in results.items() if reason is not None}


class Heartbeat:
    """Notes that a loop is alive; as a check it fails when the loop has been silent for 10 s."""

    def __init__(self) -> None:
        self._last = clock.monotonic_seconds()

    def beat(self) -> None:
        """Called by the loop."""
        self._last = clock.monotonic_seconds()

    async def check(self) -> str | None:
        """For `Health.add`."""
        silent = clock.monotonic_seconds() - self._last
        return f"silent for {silent:.0f} s" if silent > SILENT_SECONDS else None


def database_check(database: Database) -> Check:
    """Postgres answers."""

    async def check() -> str | None:
        try:
            async with database.global_tx() as tx:
                await tx.fetchval("SELECT 1")
        except DatabaseUnavailableError as error:
            return error.detail
        return None

    return check


def bus_check(bus: Bus) -> Check:
    """NATS is connected."""

    async def check() -> str | None:
        return None if bus.is_connected else "not connected"

    return check


def consumer_check(bus: Bus, consumer: Consumer) -> Check:
    """The consumer exists: fetching from a deleted one looks like a quiet stream."""

    async def check() -> str | None:
        try:
            return None if await bus.lag(consumer) is not None else "the consumer does not exist"
        except BusUnavailableError as error:
            return error.detail

    return check


class Watchdog:
    """Ends the process when the event loop stalls."""

    def __init__(self) -> None:
        self._seen = time.monotonic()
        self._stopped = threading.Event()

    async def run(self) -> None:
        """The loop's side; runs until cancelled."""
        threading.Thread(target=self._watch, name="watchdog", daemon=True).start()
        try:
            while True:
                self._seen = asked = time.monotonic()
                await clock.sleep(LOOK_SECONDS)
                EVENT_LOOP_LAG_SECONDS.observe(max(0.0, time.monotonic() - asked - LOOK_SECONDS))
        finally:
            self._stopped.set()

    def _watch(self) -> None:
        last_look = time.monotonic()
        while not self._stopped.wait(1):
            now = time.monotonic()
            if now - last_look > STALLED_SECONDS / 2:
                self._seen = now  # the whole process was paused, not the loop alone: give it time again
            elif now - self._seen > STALLED_SECONDS:
                log.critical("event_loop_stalled", seconds=round(now - self._seen))
                os._exit(EXIT_STALLED)
            last_look = now
