"""Services that are forked: the same to whoever starts, watches and asks them."""

import asyncio
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest

from nightowl_cli.nursery import Nursery
from nightowl_cli.supervisor import Supervisor
from nightowl_embedded import EmbeddedError

pytestmark = pytest.mark.integration

STEADY = """
import os, signal, sys
from http.server import BaseHTTPRequestHandler, HTTPServer
class Ready(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(os.environ["WORD"].encode())
    def log_message(self, *words):
        pass
if __name__ == "__main__":
    print("I am up", flush=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    HTTPServer((os.environ["NIGHTOWL_HOST"], int(os.environ["NIGHTOWL_PORT"])), Ready).serve_forever()
"""


@pytest.fixture
def nursery(tmp_path, monkeypatch) -> Iterator[Nursery]:
    """It finds two services of ours: one that stays, and one that ends with the code 3."""
    (tmp_path / "nightowl_steady.py").write_text(STEADY)
    (tmp_path / "nightowl_brief.py").write_text("import sys; print('out of coffee'); sys.exit(3)")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    made = Nursery(log=tmp_path / "nursery.log")
    yield made
    made.close()


async def word_of(url: str) -> str:
    async with aiohttp.ClientSession() as client, client.get(url) as answer:
        return await answer.text()


async def test_forks_are_started_watched_and_stopped_like_any_process(nursery, tmp_path, capsys):
    """With an environment, a name and a log of their own; with the nursery they end, and come back."""
    logs = tmp_path / "logs"
    supervisor = Supervisor(("steady",), logs=logs, environment={"WORD": "owl"}, nursery=nursery)
    brief = Supervisor(("brief",), logs=logs, environment={}, nursery=nursery)
    stop = asyncio.Event()
    await supervisor.start()
    [service] = supervisor.services
    first = service.process.pid
    watching = asyncio.create_task(supervisor.watch(stop))
    try:
        assert await word_of(service.url) == "owl"
        assert Path(f"/proc/{first}/comm").read_text() == "owl-steady\n"
        assert service.log.read_text() == "I am up\n"
        with pytest.raises(EmbeddedError, match=r"brief did not get ready:\nout of coffee"):
            await brief.start()
        assert brief.services[0].died() == 3

        os.kill(nursery._process.pid, signal.SIGKILL)

        async with asyncio.timeout(60):
            while service.process.pid == first or "I am up\nI am up" not in service.log.read_text():
                await asyncio.sleep(0.05)
        assert "steady ended with code -9; starting it again" in capsys.readouterr().out
    finally:
        stop.set()
        await watching
        await supervisor.stop()
    assert service.died() == 0
