"""Liveness and readiness."""

import subprocess
import sys
import textwrap

import pytest

from nightowl_common import clock, health
from nightowl_common.health import EXIT_STALLED, Health, Heartbeat

CHILD = """
    import asyncio, sys, time
    from nightowl_common import health

    health.STALLED_SECONDS = 3.0

    async def main():
        watching = asyncio.create_task(health.Watchdog().run())
        await asyncio.sleep(0.1)
        {body}
        watching.cancel()
        print("alive", flush=True)

    asyncio.run(main())
"""


def run_child(body, timeout=40):
    code = textwrap.dedent(CHILD).format(body=body)
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=timeout, check=False)


async def test_a_heartbeat_fails_when_it_has_been_silent(monkeypatch):
    """And passes again with the next beat."""
    now = 100.0
    monkeypatch.setattr(clock, "monotonic_seconds", lambda: now)
    heart = Heartbeat()

    now += health.SILENT_SECONDS
    assert await heart.check() is None
    now += 1
    assert await heart.check() == "silent for 11 s"
    heart.beat()
    assert await heart.check() is None


async def test_health_names_the_checks_that_fail():
    """With their reasons; the others are not mentioned."""
    made = Health()

    async def good():
        return None

    async def bad():
        return "not connected"

    made.add("database", good)
    made.add("bus", bad)

    assert await made.failures() == {"bus": "not connected"}
    assert await Health().failures() == {}


@pytest.mark.timeout(60)
def test_the_watchdog_ends_a_process_whose_loop_is_blocked():
    """A supervisor then starts it again."""
    ended = run_child("time.sleep(30)")

    assert ended.returncode == EXIT_STALLED, ended.stderr
    assert "alive" not in ended.stdout
    assert "event_loop_stalled" in ended.stdout


@pytest.mark.timeout(60)
def test_the_watchdog_leaves_a_process_alone_whose_loop_turns():
    """Longer than a stalled one would have lived."""
    ended = run_child("await asyncio.sleep(5)")

    assert (ended.returncode, ended.stdout.strip()) == (0, "alive"), ended.stderr
