"""Keeps the five services running as processes: started together, restarted with back-off, stopped together.

Servers of the same `up` are watched with them: nobody else would start a broker again that was killed for its memory.
"""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

import aiohttp
import rich_click as click

from nightowl_cli.nursery import Nursery, Nursling
from nightowl_common import clock
from nightowl_embedded import EmbeddedError, free_port
from nightowl_embedded.processes import spawn

READY_SECONDS = 60.0
STOP_SECONDS = 15.0
LOOK_SECONDS = 0.1


class Watched(Protocol):
    """A process that is started again where it was when it ends by itself."""

    name: str

    @property
    def log(self) -> Path:
        """Where its output goes."""

    def died(self) -> int | None:
        """The exit code of a process that ended without being told to."""

    def launch(self) -> None:
        """Starts it and does not wait until it answers."""


class Supervised:
    """One service's process."""

    def __init__(self, name: str, *, log: Path, environment: Mapping[str, str], nursery: Nursery | None) -> None:
        self.name = name
        self.port = free_port()
        self.log = log
        self._environment = {**environment, "NIGHTOWL_HOST": "127.0.0.1", "NIGHTOWL_PORT": str(self.port)}
        self._nursery = nursery
        self.process: subprocess.Popen[bytes] | Nursling | None = None

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def launch(self) -> None:
        """Starts it; must be called from the main thread (the process dies with that thread).

        It dies at once when its supervisor is killed: the servers die at the same moment, so an orderly end could
        only wait for a database that is gone. What was in hand is found again, as after any other crash.
        """
        environment = {**os.environ, **self._environment}
        if self._nursery is not None:
            self.process = self._nursery.launch(self.name, log=self.log, environment=environment)
        else:
            command = [sys.executable, "-m", f"nightowl_{self.name}"]
            self.process = spawn(command, log=self.log, environment=environment, death_signal=signal.SIGKILL)

    def died(self) -> int | None:
        """The exit code of a process that has ended."""
        return None if self.process is None else self.process.poll()


class Supervisor:
    """All services: each started by itself, or forked from a nursery if there is one."""

    def __init__(
        self, names: tuple[str, ...], *, logs: Path, environment: Mapping[str, str], nursery: Nursery | None = None
    ) -> None:
        self._logs = logs
        self.services = [
            Supervised(name, log=logs / f"{name}.log", environment=environment, nursery=nursery) for name in names
        ]

    @property
    def urls(self) -> dict[str, str]:
        """Service → where it listens."""
        return {each.name: each.url for each in self.services}

    async def start(self) -> None:
        """Starts all and waits until all are ready.

        Raises:
            EmbeddedError: one ended or was not ready in time; its last words are in the message.
        """
        self._logs.mkdir(parents=True, exist_ok=True)
        for service in self.services:
            service.launch()
        async with aiohttp.ClientSession() as client:
            await asyncio.gather(*(_until_ready(client, service) for service in self.services))

    async def watch(self, stop: asyncio.Event, servers: Sequence[Watched] = ()) -> None:
        """Restarts what dies, waiting longer each time, until told to stop. None waits for another's back-off."""
        all_restarts = [_Restarts(each) for each in (*servers, *self.services)]
        while not stop.is_set():
            for each in all_restarts:
                each.look()
            await clock.wait_for_event(stop, LOOK_SECONDS)

    async def stop(self) -> None:
        """Asks all to end, then insists."""
        running = [s.process for s in self.services if s.process is not None and s.process.poll() is None]
        for process in running:
            process.send_signal(signal.SIGTERM)
        deadline = clock.monotonic_seconds() + STOP_SECONDS
        while any(process.poll() is None for process in running):
            if clock.monotonic_seconds() > deadline:
                for process in running:
                    process.kill()
                break
            await clock.sleep(0.02)
        for process in running:
            process.wait()


class _Restarts:
    """When a process is started again: at once after a first death, and later each time that it dies soon."""

    def __init__(self, process: Watched) -> None:
        self._process = process
        self._deaths = 0
        self._launched_at = clock.monotonic_seconds()
        self._due_at: float | None = None

    def look(self) -> None:
        """Says that it has died, or starts it again when that is due."""
        code = self._process.died()
        if code is None:
            return
        now = clock.monotonic_seconds()
        if self._due_at is None:
            self._deaths = 1 if now - self._launched_at > clock.LONG_SECONDS else self._deaths + 1
            seconds = 0.0 if self._deaths == 1 else clock.backoff_seconds(self._deaths - 1, cap=10.0)
            self._due_at = now + seconds
            name, log = self._process.name, self._process.log
            click.echo(f"{name} ended with code {code}; starting it again in {seconds:.1f} s ({log})")
        if now >= self._due_at:
            self._launched_at, self._due_at = now, None
            try:
                self._process.launch()
            except (EmbeddedError, OSError) as error:  # a full disk, say; it counts as another death
                click.echo(f"{self._process.name} cannot be started: {error}")


async def _until_ready(client: aiohttp.ClientSession, service: Supervised) -> None:
    deadline = clock.monotonic_seconds() + READY_SECONDS
    while not await _is_ready(client, service):
        if service.died() is not None or clock.monotonic_seconds() > deadline:
            last = service.log.read_text(errors="replace")[-1_500:] if service.log.exists() else ""
            message = f"{service.name} did not get ready:\n{last}"
            raise EmbeddedError(message)
        await clock.sleep(0.05)


async def _is_ready(client: aiohttp.ClientSession, service: Supervised) -> bool:
    try:
        async with client.get(f"{service.url}/readyz", timeout=aiohttp.ClientTimeout(total=2)) as answer:
            return answer.status == 200  # noqa: PLR2004
    except (aiohttp.ClientError, TimeoutError):
        return False
