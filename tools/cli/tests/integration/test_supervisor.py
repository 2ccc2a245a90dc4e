"""Services as processes: started together, restarted when they die, stopped together."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator

import aiohttp
import pytest

from nightowl_cli import supervisor as module
from nightowl_cli.supervisor import Supervisor
from nightowl_embedded import EmbeddedError

pytestmark = pytest.mark.integration

STEADY = """
import os, signal, sys
from http.server import BaseHTTPRequestHandler, HTTPServer
class Ready(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/readyz" else 404)
        self.end_headers()
    def log_message(self, *words):
        pass
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
HTTPServer((os.environ["NIGHTOWL_HOST"], int(os.environ["NIGHTOWL_PORT"])), Ready).serve_forever()
"""
SHORT_LIVED = "import sys; print('out of coffee', flush=True); sys.exit(3)"
STUBBORN = STEADY.replace("signal.SIGTERM, lambda *_: sys.exit(0)", "signal.SIGTERM, signal.SIG_IGN")


@pytest.fixture
def programs(monkeypatch):
    """Service → what runs instead of it: the command is exchanged, all else is the real thing."""
    chosen: dict[str, str] = {}
    real = module.spawn

    def spawn(command, **how):
        name = command[-1].removeprefix("nightowl_")
        return real([sys.executable, "-c", chosen[name]], **how)

    monkeypatch.setattr(module, "spawn", spawn)
    return chosen


@pytest.fixture
async def supervise(tmp_path, programs) -> AsyncIterator:
    """Makes a supervisor of some programs; all are stopped at the end."""
    made: list[Supervisor] = []

    def make(**wanted: str) -> Supervisor:
        programs.update(wanted)
        made.append(Supervisor(tuple(wanted), logs=tmp_path / "logs", environment={}))
        return made[-1]

    yield make
    for each in made:
        await each.stop()


async def is_ready(url: str) -> bool:
    async with aiohttp.ClientSession() as client:
        try:
            async with client.get(f"{url}/readyz") as answer:
                return answer.status == 200
        except aiohttp.ClientError:
            return False


async def until(condition, *, seconds: float = 20.0) -> None:
    async with asyncio.timeout(seconds):
        while not await condition():
            await asyncio.sleep(0.02)


async def test_all_are_ready_when_start_returns(supervise):
    """Each on a port of its own."""
    supervisor = supervise(query=STEADY, ingest=STEADY)

    await supervisor.start()

    assert len(set(supervisor.urls.values())) == 2
    assert [await is_ready(url) for url in supervisor.urls.values()] == [True, True]


async def test_a_service_that_is_not_there_after_start_says_its_last_words(supervise):
    """Start fails with what the process itself said."""
    supervisor = supervise(query=SHORT_LIVED)

    with pytest.raises(EmbeddedError, match=r"query did not get ready:\nout of coffee"):
        await supervisor.start()


async def test_a_service_that_dies_is_started_again_where_it_was(supervise, capsys):
    """The first time at once, under the same address; the screen tells of it."""
    supervisor = supervise(query=STEADY)
    await supervisor.start()
    [service], stop = supervisor.services, asyncio.Event()
    watching = asyncio.create_task(supervisor.watch(stop))
    first = service.process.pid

    os.kill(first, signal.SIGKILL)

    async def is_back() -> bool:
        return service.process.pid != first and await is_ready(service.url)

    await until(is_back)
    stop.set()
    await watching
    assert "query ended with code -9; starting it again in 0.0 s" in capsys.readouterr().out


async def test_a_service_that_keeps_dying_is_started_less_and_less_often(supervise, programs, capsys):
    """The waits grow."""
    supervisor = supervise(query=STEADY)
    await supervisor.start()
    [service], stop = supervisor.services, asyncio.Event()
    programs["query"] = SHORT_LIVED
    watching = asyncio.create_task(supervisor.watch(stop))
    os.kill(service.process.pid, signal.SIGKILL)

    said = ""

    async def has_died_often() -> bool:
        nonlocal said
        said += capsys.readouterr().out
        return said.count("again in") >= 4

    await until(has_died_often, seconds=15)
    stop.set()
    await watching
    waits = [float(line.split("again in ")[1].split(" s")[0]) for line in said.splitlines() if "again in" in line]
    assert waits[0] == 0.0
    assert waits == sorted(waits)
    assert waits[-1] > 1.0


async def test_one_that_keeps_dying_delays_neither_the_others_nor_the_end(supervise, programs, monkeypatch, capsys):
    """Its back-off is its own: another is restarted at once meanwhile, and stop is heard."""
    monkeypatch.setattr(module.clock, "backoff_seconds", lambda _attempt, **_limits: 60.0)
    supervisor = supervise(query=STEADY, ingest=STEADY)
    await supervisor.start()
    broken, fine = supervisor.services
    programs["query"] = SHORT_LIVED
    stop = asyncio.Event()
    watching = asyncio.create_task(supervisor.watch(stop))
    os.kill(broken.process.pid, signal.SIGKILL)

    async def waits_long() -> bool:
        return "query ended with code 3; starting it again in 60.0 s" in capsys.readouterr().out

    await until(waits_long)
    first = fine.process.pid
    os.kill(first, signal.SIGKILL)

    async def is_back() -> bool:
        return fine.process.pid != first and await is_ready(fine.url)

    await until(is_back)
    stop.set()
    await asyncio.wait_for(watching, 20)


async def test_stop_ends_all_and_insists_after_a_while(supervise, monkeypatch):
    """Those that listen end by themselves, the others are killed."""
    monkeypatch.setattr(module, "STOP_SECONDS", 0.5)
    supervisor = supervise(query=STEADY, ingest=STUBBORN)
    await supervisor.start()
    listens, stubborn = supervisor.services

    await supervisor.stop()

    assert (listens.died(), stubborn.died()) == (0, -signal.SIGKILL)
