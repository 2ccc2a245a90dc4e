"""NightOwl's services as real processes, to be killed, paused and restarted.

Each listens on a port of its own, which it keeps over restarts, and writes its output to a file. All die with
the process that started them; start them from the main thread.
"""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Self

import aiohttp

from nightowl_common import clock
from nightowl_embedded import free_port
from nightowl_embedded.processes import spawn
from nightowl_testkit.client import ApiClient
from nightowl_testkit.host_clock import HostClock
from nightowl_testkit.servers import Servers

SERVICES = ("ingest", "enrichment", "escalation", "notifier", "query")
READY_SECONDS = 120.0
STOP_SECONDS = 15.0
LOOK_SECONDS = 0.05
LOG_TAIL = 3_000

_OWN_PREFIXES = ("NIGHTOWL_", "SLACK_", "TWILIO_", "OIDC_", "OTEL_")


class ServiceError(AssertionError):
    """A service did not do what a test needs of it; the message shows the end of its log."""


class Replica:
    """One process. `name` is a service's name, with a number behind it for a further replica: `escalation-2`."""

    def __init__(self, name: str, *, port: int, log: Path, environment: Mapping[str, str]) -> None:
        self.name = name
        self.service = name.partition("-")[0]
        self.port = port
        self.log = log
        self._environment = dict(environment)
        self._program: tuple[str, ...] = ("-m", "nightowl_cli")
        self._process: subprocess.Popen[bytes] | None = None
        self._is_paused = False

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def exit_code(self) -> int | None:
        """None while it runs."""
        return None if self._process is None else self._process.poll()

    @property
    def is_running(self) -> bool:
        """Started and not ended; a paused process is running."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int | None:
        """The running process's id."""
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    def configure(self, environment: Mapping[str, str]) -> None:
        """Settings beside its others, from its next start on."""
        self._environment.update(environment)

    def live_by(self, host_clock: HostClock) -> None:
        """Its wall clock is this one, from its next start on."""
        self._program = host_clock.wrap("nightowl_cli")

    def launch(self) -> None:
        """Starts it without waiting for anything."""
        if self.is_running:
            return
        command = [sys.executable, *self._program, "run", self.service]
        own = {"NIGHTOWL_HOST": "127.0.0.1", "NIGHTOWL_PORT": str(self.port), "NIGHTOWL_PUBLIC_URL": self.url}
        self._process = spawn(command, log=self.log, environment={**own, **self._environment})

    def send(self, number: signal.Signals) -> None:
        """A signal to the running process."""
        if self._process is None or self._process.poll() is not None:
            raise ServiceError(self.describe("does not run"))
        self._process.send_signal(number)
        self._is_paused = number == signal.SIGSTOP or (self._is_paused and number != signal.SIGCONT)

    async def gone(self) -> int:
        """Waits until it has ended, and kills it when that takes too long; returns the exit code."""
        if self._process is None:
            return 0
        try:
            return await asyncio.to_thread(self._process.wait, STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return await asyncio.to_thread(self._process.wait)

    async def stop(self) -> None:
        """Ends it in order, also when it is paused or gone."""
        if self.is_running:
            if self._is_paused:
                self.send(signal.SIGCONT)
            self.send(signal.SIGTERM)
        await self.gone()

    def describe(self, trouble: str) -> str:
        """A message with the end of the log."""
        return f"{self.name} {trouble}; its last words:\n{self.last_words()}"

    def last_words(self) -> str:
        """The end of the log."""
        return self.log.read_text(errors="replace")[-LOG_TAIL:] if self.log.exists() else "(none)"


class ServiceProcesses:
    """`async with ServiceProcesses(servers, environment={…}) as services:` starts all and waits until they are ready.

    `names` chooses services and replicas. `environment` is added to every process's settings.
    """

    def __init__(
        self, servers: Servers, *, names: tuple[str, ...] = SERVICES, environment: Mapping[str, str] | None = None
    ) -> None:
        self._logs = servers.folder / "services"
        self._logs.mkdir(parents=True, exist_ok=True)
        inherited = {key: value for key, value in os.environ.items() if not key.startswith(_OWN_PREFIXES)}
        settings = {**inherited, **servers.environment, "NIGHTOWL_MODE": "dev", **(environment or {})}
        ports = _ports()
        self._processes = {
            name: Replica(name, port=next(ports), log=self._log(name), environment=settings) for name in names
        }

    def _log(self, name: str) -> Path:
        log = self._logs / f"{name}.log"
        log.unlink(missing_ok=True)
        return log

    def url(self, name: str) -> str:
        """Where a service listens."""
        return self[name].url

    def logs(self, name: str) -> Path:
        """A service's output."""
        return self[name].log

    def __getitem__(self, name: str) -> Replica:
        return self._processes[name]

    async def start(self, *names: str) -> None:
        """Starts some or all and waits until they are ready.

        Raises:
            ServiceError: one ended or was not ready in time.
        """
        chosen = names or tuple(self._processes)
        for name in chosen:
            self[name].launch()
        await asyncio.gather(*(self.ready(name) for name in chosen))

    async def ready(self, name: str) -> None:
        """Waits until `/readyz` says yes.

        Raises:
            ServiceError: it ended or was not ready in time.
        """
        process, deadline = self[name], clock.monotonic_seconds() + READY_SECONDS
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session:
            while not await _is_ready(session, process.url):
                if not process.is_running:
                    raise ServiceError(process.describe(f"ended with code {process.exit_code} before it was ready"))
                if clock.monotonic_seconds() > deadline:
                    raise ServiceError(process.describe(f"was not ready within {READY_SECONDS:.0f} s"))
                await clock.sleep(LOOK_SECONDS)

    async def kill(self, name: str) -> None:
        """SIGKILL; returns when it is gone."""
        self[name].send(signal.SIGKILL)
        await self[name].gone()

    async def terminate(self, name: str) -> int:
        """SIGTERM; returns the exit code when it is gone."""
        self[name].send(signal.SIGTERM)
        return await self[name].gone()

    def pause(self, name: str) -> None:
        """SIGSTOP: it holds what it has and does nothing."""
        self[name].send(signal.SIGSTOP)

    def resume(self, name: str) -> None:
        """SIGCONT."""
        self[name].send(signal.SIGCONT)

    async def restart(self, name: str) -> None:
        """Ends it in order if it runs, starts it again and waits until it is ready."""
        await self[name].stop()
        await self.start(name)

    async def stop(self) -> None:
        """Ends all in order."""
        await asyncio.gather(*(each.stop() for each in self._processes.values()))

    def dead(self) -> list[str]:
        """What ended without being asked, described with the end of its log."""
        return [
            each.describe(f"ended with code {each.exit_code}")
            for each in self._processes.values()
            if each.exit_code is not None
        ]

    def client(self, key: str) -> ApiClient:
        """A client of the first ingest and the first query, to be opened with `async with`."""
        return ApiClient(ingest_url=self.url("ingest"), query_url=self.url("query"), key=key)

    async def __aenter__(self) -> Self:
        try:
            await self.start()
        except BaseException:
            await self.stop()
            raise
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.stop()


def _ports() -> Iterator[int]:
    """Free ports, each once."""
    given: set[int] = set()
    while True:
        port = free_port()
        if port not in given:
            given.add(port)
            yield port


async def _is_ready(session: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with session.get(f"{url}/readyz") as answer:
            return answer.status == 200
    except (aiohttp.ClientError, TimeoutError):
        return False
