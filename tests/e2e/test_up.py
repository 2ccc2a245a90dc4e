"""`nightowl up` as its user runs it: one command, one screen, everything works, and nothing of it stays behind."""

import asyncio
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import aiohttp
import pytest

from nightowl_testkit import ordinary
from nightowl_testkit.builders import an_alertmanager_alert, an_alertmanager_payload
from nightowl_testkit.client import ApiClient
from nightowl_testkit.servers import temporary_folder

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]

READY_SECONDS = 90.0
# A sender that was killed between its claim and its send holds the page until its lease ends, which is 30 s.
PAGED_SECONDS = 60.0
SERVICES = {"ingest", "enrichment", "escalation", "notifier", "query"}
SERVERS = {"postgres", "nats-server", "redis-server"}
_FORKED = "owl-"
_OURS = ("NIGHTOWL_", "SLACK_", "TWILIO_", "DATABASE_URL", "NATS_URL", "REDIS_URL")


class Up:
    """A running `nightowl up`, seen from its terminal."""

    def __init__(self, process: subprocess.Popen, screen: Path) -> None:
        self.process = process
        self._screen = screen
        self._seen: dict[int, str] = {}

    @property
    def text(self) -> str:
        """What stands on the screen."""
        return self._screen.read_text()

    @property
    def url(self) -> str:
        """The address that it tells."""
        return re.search(r"^  URL +(\S+)$", self.text, re.MULTILINE)[1]

    @property
    def key(self) -> str:
        """The key that it tells."""
        return re.search(r"^  API key +(\S+)", self.text, re.MULTILINE)[1]

    @property
    def curl(self) -> str:
        """The command that it offers, to the letter."""
        return re.search(r"^    (curl .*?\}')$", self.text, re.MULTILINE | re.DOTALL)[1]

    async def ready(self) -> "Up":
        """When the screen is there."""
        deadline = time.monotonic() + READY_SECONDS
        while "Ctrl-C stops everything" not in self.text:
            assert self.process.poll() is None, f"ended with {self.process.returncode}:\n{self.text}"
            assert time.monotonic() < deadline, f"no screen after {READY_SECONDS} s:\n{self.text}"
            await asyncio.sleep(0.05)
        assert set(self.family().values()) >= SERVICES | SERVERS
        return self

    def client(self) -> ApiClient:
        """A client with the key of the screen."""
        return ApiClient(ingest_url=self.url, query_url=self.url, key=self.key)

    def family(self) -> dict[int, str]:
        """Process id → service or server, of everything it has started and that lives; remembers them all."""
        found: dict[int, str] = {}
        parents = {self.process.pid}
        while parents:
            children = {pid: name for pid, (parent, name) in _processes().items() if parent in parents}
            parents = children.keys() - found.keys()
            found |= children
        self._seen |= found
        return found

    def pid_of(self, name: str) -> int:
        """One of its processes."""
        return next(pid for pid, each in self.family().items() if each == name)

    async def gone(self, *, seconds: float) -> None:
        """When nothing that it ever started is left."""
        deadline = time.monotonic() + seconds
        while left := {pid: name for pid, name in self._seen.items() if pid in _processes()}:
            assert time.monotonic() < deadline, f"still there after {seconds} s: {left}"
            await asyncio.sleep(0.05)

    async def stop(self) -> int:
        """Ctrl-C; returns the exit code."""
        self.family()
        self.process.send_signal(signal.SIGINT)
        return await asyncio.to_thread(self.process.wait, 30)


def _processes() -> dict[int, tuple[int, str]]:
    """Process id → (parent, name); without zombies, which have ended."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state, parent = (folder / "stat").read_text().rpartition(")")[2].split()[:2]
            words = (folder / "cmdline").read_text().split("\0")
            own = (folder / "comm").read_text().strip()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if state != "Z":
            forked = own.startswith(_FORKED)
            name = own.removeprefix(_FORKED) if forked else Path(words[0].split(" ")[0].rstrip(":")).name
            found[int(folder.name)] = (int(parent), name)
    return found


@pytest.fixture
def folder() -> Iterator[Path]:
    with temporary_folder() as made:
        yield made


@contextmanager
def up(folder: Path, *options: str, python=sys.executable, **how) -> Iterator[Up]:
    """Starts it on a data folder inside `folder`; whatever the test does, nothing of it outlives this block."""
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(_OURS)}
    screen = folder / "screen.txt"
    with screen.open("wb") as output, subprocess.Popen(
        [python, "-m", "nightowl_cli", "up", "--data-dir", folder / "kept", "--port", "0", *options],
        stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, cwd="/",
        **{"env": inherited, **how},
    ) as process:  # fmt: skip
        running = Up(process, screen)
        try:
            yield running
        finally:
            if process.poll() is None:
                process.terminate()
                try:
                    process.wait(30)
                except subprocess.TimeoutExpired:
                    process.kill()


async def opened(url: str) -> aiohttp.ClientResponse:
    """What a browser gets that opens an address, read to its end."""
    async with aiohttp.ClientSession(headers={"Accept": "text/html"}) as session, session.get(url) as answer:
        await answer.read()
        return answer


async def fire(running: Up) -> None:
    """Runs the line of the screen as it stands there, or posts the same where there is no curl."""
    if shutil.which("curl"):
        ran = await asyncio.to_thread(subprocess.run, running.curl, shell=True, capture_output=True, check=True)
        assert json.loads(ran.stdout)["receipt_id"], ran.stdout
        return
    alert = an_alertmanager_alert("HighErrorRate", labels={"service": "payments"})
    async with running.client() as client:
        await client.fire_alertmanager(an_alertmanager_payload(alert), wait_seconds=1)


async def resolve_at_source(client: ApiClient, labels: dict[str, str]) -> None:
    """What Alertmanager posts when it is over."""
    resolved = an_alertmanager_alert(status="resolved") | {"labels": labels}
    del resolved["fingerprint"]  # the line of the screen names none either
    receipt = await client.fire_alertmanager(an_alertmanager_payload(resolved), wait_seconds=10)
    assert [each.disposition for each in receipt.alerts] == ["resolved"]


async def only_alert(client: ApiClient):
    """The one that was fired, as soon as it is open; the machine may be too busy to open it in the caller's second."""
    async with asyncio.timeout(PAGED_SECONDS):
        while not (alerts := await client.alerts()):
            await asyncio.sleep(0.02)
    [alert] = alerts
    return alert


async def pages_of(client: ApiClient, alert_id, *, within: float = PAGED_SECONDS):
    """The alert's pages as soon as one is in the local outbox."""
    deadline = time.monotonic() + within
    while True:
        items = (await client.call("GET", "/outbox", query={"alert_id": str(alert_id)})).json()["items"]
        if items:
            return items
        assert time.monotonic() < deadline, f"nothing in the outbox within {within} s"
        await asyncio.sleep(0.02)


async def test_the_printed_line_opens_an_alert_that_pages_and_can_be_ended(folder):
    """The tour: fire, page, acknowledge, resolve from Alertmanager, Ctrl-C, and all of it is kept."""
    with up(folder) as running:
        await running.ready()
        start = await opened(running.url)
        assert (start.status, start.content_type) == (200, "text/html")
        assert '<div id="root">' in await start.text()
        assert "script-src 'self'" in start.headers["Content-Security-Policy"]
        await fire(running)
        async with running.client() as client:
            alert = await only_alert(client)
            [page] = await pages_of(client, alert.id)
            assert alert.title
            assert "5 % of payments fail" in str(page)

            acknowledged = await client.acknowledge(alert.id)
            assert (acknowledged.status, acknowledged.escalation_state) == ("acknowledged", "stopped")
            await resolve_at_source(client, alert.labels)
            assert (await client.alert(alert.id)).status == "resolved"
            assert len(await pages_of(client, alert.id)) == 1
            assert await client.unaccounted() == []

        assert await running.stop() == 0
        await running.gone(seconds=10)
        assert "everything is kept" in running.text
        assert "Traceback" not in running.text

    with up(folder) as again:
        await again.ready()
        assert "applied" not in again.text, "the second start has nothing to prepare"
        async with again.client() as client:
            [kept] = await client.alerts()
            assert (kept.id, kept.status) == (alert.id, "resolved")
        assert await again.stop() == 0


async def test_without_a_front_end_everything_else_runs(folder):
    """One line says why there is no page and what to do; people are paged all the same."""
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(_OURS)}
    with up(folder, env={**inherited, "NIGHTOWL_WEB_DIR": str(folder / "nowhere")}) as running:
        await running.ready()
        [line] = [each for each in running.text.splitlines() if "no page" in each]
        assert f"{folder / 'nowhere'} holds no built front end" in line
        assert "nightowl web build" in line
        assert (await opened(running.url)).status == 401, "it leads to the outbox, which wants to know who asks"
        await fire(running)
        async with running.client() as client:
            assert await pages_of(client, (await only_alert(client)).id)


async def test_a_body_of_2_mib_is_refused_by_the_service_that_it_is_for(folder):
    """413 as a problem, through the front door; and wrong keys are turned away."""
    with up(folder) as running:
        await running.ready()
        async with running.client() as client:
            for _ in range(10):
                answer = await client.call("POST", "/webhooks/alertmanager", body=b"x" * 1_000_000)
                assert answer.status in {400, 422}
                async with aiohttp.ClientSession() as session:
                    large = _Zeros(2 * 1024 * 1024)
                    async with session.post(
                        f"{running.url}/api/v1/webhooks/alertmanager", data=large.pieces(),
                        headers={"X-API-Key": running.key, "Content-Length": str(large.size)},
                    ) as refused:  # fmt: skip
                        assert (refused.status, refused.content_type) == (413, "application/problem+json")
            assert (await client.call("GET", "/alerts", key="ow_wrong")).status == 401


class _Zeros:
    """A large body, sent in pieces."""

    def __init__(self, size: int) -> None:
        self.size = size

    async def pieces(self):
        for _ in range(self.size // 65_536):
            yield bytes(65_536)


async def kill_and_be_told(running: Up, name: str, process: str) -> int:
    """SIGKILL, and the screen tells of it; returns the id that it had."""
    first = running.pid_of(process)
    os.kill(first, signal.SIGKILL)
    async with asyncio.timeout(40):
        while f"{name} ended with code -9; starting it again" not in running.text:
            await asyncio.sleep(0.05)
    return first


async def next_alert_is_paged(client: ApiClient, path: str) -> bool:
    """As soon as a question is answered again; one alert is sent, once."""
    async with asyncio.timeout(40):
        while (await client.call("GET", path)).status != 200:
            await asyncio.sleep(0.05)
    await client.fire_alertmanager(an_alertmanager_payload(an_alertmanager_alert()))
    alert = await only_alert(client)
    return bool(await pages_of(client, alert.id))


@pytest.mark.parametrize("name", ["enrichment", "query"])
async def test_a_killed_service_is_started_again_and_the_system_goes_on(folder, name):
    """SIGKILL: the screen tells of it, and the next alert is paged."""
    with up(folder) as running:
        await running.ready()
        first = await kill_and_be_told(running, name, name)

        async with running.client() as client:
            assert await next_alert_is_paged(client, "/alerts")
        assert running.pid_of(name) != first


@pytest.mark.parametrize(("name", "process"), [("postgres", "postgres"), ("nats", "nats-server")])
async def test_a_killed_server_is_started_again_and_the_system_goes_on(folder, name, process):
    """On its data and its port: both are asked what is unaccounted for, and the next alert is paged."""
    with up(folder) as running:
        await running.ready()
        first = await kill_and_be_told(running, name, process)

        async with running.client() as client:
            assert await next_alert_is_paged(client, "/ledger/unaccounted")
        assert running.pid_of(process) != first


async def test_a_second_one_on_the_same_folder_is_refused_in_a_sentence(folder):
    """The first one goes on undisturbed."""
    with up(folder) as running:
        await running.ready()
        before = running.family()

        second = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-m", "nightowl_cli", "up", "--data-dir", folder / "kept", "--port", "0"],
            capture_output=True, text=True, check=False, cwd="/", timeout=30, env={**os.environ, "COLUMNS": "300"},
        )  # fmt: skip

        assert second.returncode == 1
        assert f"{folder / 'kept'} is in use by another running stack" in second.stderr
        assert "Traceback" not in second.stderr
        assert running.family() == before


async def test_when_it_is_killed_nothing_of_it_stays_and_the_next_one_starts_at_once(folder):
    """SIGKILL: all services and servers are gone soon, and nothing that was accepted is lost."""
    with up(folder) as running:
        await running.ready()
        await fire(running)
        running.family()
        running.process.kill()
        running.process.wait()

        with up(folder) as again:
            await running.gone(seconds=20)
            await again.ready()
            async with again.client() as client:
                alert = await only_alert(client)
                assert await pages_of(client, alert.id)
                assert await client.unaccounted() == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_it_can_be_stopped_while_it_starts(folder, number):
    """Nobody has to wait for the screen to change their mind."""
    with up(folder) as running:
        async with asyncio.timeout(40):
            while "redis-server" not in running.family().values():
                await asyncio.sleep(0.02)

        running.process.send_signal(number)

        assert await asyncio.to_thread(running.process.wait, 30) == 0
        await running.gone(seconds=10)
        assert "Traceback" not in running.text


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become an ordinary user")
async def test_an_ordinary_user_can_run_it(folder):
    """The same tour without root; every process is that user's."""
    try:
        python = ordinary.interpreter(folder / "borrowed")
    except ordinary.UnreachableError as error:
        pytest.skip(str(error))
    ordinary.give(folder)

    with up(folder, python=python.path, env=python.environment, **ordinary.identity()) as running:
        await running.ready()
        assert {Path(f"/proc/{pid}").stat().st_uid for pid in running.family()} == {ordinary.identity()["user"]}
        await fire(running)
        async with running.client() as client:
            alert = await only_alert(client)
            assert await pages_of(client, alert.id)
        assert await running.stop() == 0
        await running.gone(seconds=10)
