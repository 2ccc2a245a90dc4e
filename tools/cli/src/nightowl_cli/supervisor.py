"""Keeps the five services running as processes: started together, restarted with back-off, stopped together."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import aiohttp
import rich_click as click

from nightowl_cli.nursery import Nursery, Nursling
from nightowl_common import clock
from nightowl_embedded import EmbeddedError, free_port
from nightowl_embedded.processes import spawn

READY_SECONDS = 60.0
STOP_SECONDS = 15.0
LOOK_SECONDS = 0.1


class Supervised:
    """One service's process and its history of deaths."""

    def __init__(self, name: str, *, log: Path, environment: Mapping[str, str], nursery: Nursery | None) -> None:
        self.name = name
        self.port = free_port()
        self.log = log
        self._environment = {**environment, "NIGHTOWL_HOST": "127.0.0.1", "NIGHTOWL_PORT": str(self.port)}
        self._nursery = nursery
        self.process: subprocess.Popen[bytes] | Nursling | None = None
        self.deaths = 0
        self.started_at = 0.0
        self.restart_at: float | None = None

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
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
        self.started_at = clock.monotonic_seconds()
        self.restart_at = None

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
            service.start()
        async with aiohttp.ClientSession() as client:
            await asyncio.gather(*(_until_ready(client, service) for service in self.services))

    async def watch(self, stop: asyncio.Event) -> None:
        """Restarts what dies, waiting longer each time, until told to stop. None waits for another's back-off."""
        while not stop.is_set():
            for service in self.services:
                code = service.died()
                if code is not None:
                    _restart_when_due(service, code)
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


def _restart_when_due(service: Supervised, code: int) -> None:
    now = clock.monotonic_seconds()
    if service.restart_at is None:
        service.deaths = 1 if now - service.started_at > clock.LONG_SECONDS else service.deaths + 1
        seconds = 0.0 if service.deaths == 1 else clock.backoff_seconds(service.deaths - 1, cap=10.0)
        service.restart_at = now + seconds
        click.echo(f"{service.name} ended with code {code}; starting it again in {seconds:.1f} s ({service.log})")
    if now >= service.restart_at:
        service.start()


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
