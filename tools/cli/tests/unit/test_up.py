"""`up` waits for the front end, but pages wait for nobody: whatever becomes of it, the services start."""

import asyncio
import os
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest

from nightowl_cli import up
from nightowl_cli.node import NodeMissingError
from nightowl_cli.web import NoFrontEndError

NAME = "NIGHTOWL_WEB_DIR"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a folder that the caller has given, and that is not to be taken for the built one."""
    monkeypatch.setenv(NAME, "given")


async def shown(building: Coroutine[Any, Any, Path], stop: asyncio.Event | None = None) -> str | None:
    """What query will be told."""
    task = asyncio.create_task(building)
    try:
        await up._show_front_end(task, stop or asyncio.Event())
    finally:
        task.cancel()
        await asyncio.wait({task})
    return os.environ.get(NAME)


async def built() -> Path:
    return Path("/built")


async def failing(error: Exception) -> Path:
    raise error


async def endless() -> Path:
    await asyncio.Event().wait()
    raise AssertionError


async def test_what_was_built_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a word."""
    assert await shown(built()) == "/built"
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("error", [NoFrontEndError("npm failed\nlong story"), NodeMissingError("npm failed")])
async def test_what_could_not_be_built_is_said_in_a_line(error: Exception, capsys: pytest.CaptureFixture[str]) -> None:
    """Why, and what to do."""
    assert await shown(failing(error)) is None

    [line] = capsys.readouterr().out.splitlines()
    assert "there is no page for the browser: npm failed; " in line
    assert "nightowl web build" in line


async def test_nobody_waits_for_ever(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A registry that does not answer holds up no page."""
    monkeypatch.setattr(up, "_PATIENCE_SECONDS", 0.01)

    assert await shown(endless()) is None
    assert "was not built within" in capsys.readouterr().out


async def test_whoever_stops_it_does_not_wait_for_npm(capsys: pytest.CaptureFixture[str]) -> None:
    """Ctrl-C while it builds."""
    stop = asyncio.Event()
    stop.set()

    async with asyncio.timeout(20):
        assert await shown(endless(), stop) is None
    assert capsys.readouterr().out == ""
