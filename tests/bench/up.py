"""`nightowl up` as its user starts it: how long until its screen is there, and what it keeps in memory."""

import asyncio
import contextlib
import itertools
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import cost
from bench import NO_LIMITS, Bench
from figures import Row
from load import closed_loop, http_get, http_post
from pipeline import WEBHOOK, fresh_numbers, payload

from nightowl_cli import web
from nightowl_cli.node import NodeMissingError
from nightowl_cli.nursery import PREFIX
from nightowl_embedded import free_port

READY = "Ctrl-C stops everything"
READY_SECONDS = 180.0
SETTLED_SECONDS = 5.0
_OURS = ("NIGHTOWL_", "SLACK_", "TWILIO_", "DATABASE_URL", "NATS_URL", "REDIS_URL", "PYTHONDONTWRITEBYTECODE")
"""What a user's terminal is without: settings of ours, and that each process compiles all its modules for itself."""
_SERVERS = re.compile(r"postgres|nats-server|redis-server")


async def up(bench: Bench) -> list[Row]:
    """First start, memory at idle, load, memory again; then a warm start. Beside nothing else of the bench."""
    built = await _front_end()
    data = bench.folder / "up"
    async with _started(data, bench.folder / "first.log") as (process, first, screen):
        first_cpu = _cpu_seconds(process.pid)
        await asyncio.sleep(SETTLED_SECONDS)
        idle = _memory(process.pid)
        note = await _load(screen, seconds=bench.sizes.seconds * 2)
        await asyncio.sleep(SETTLED_SECONDS)
        loaded = _memory(process.pid)
    async with _started(data, bench.folder / "warm.log") as (process, warm, _screen):
        warm_cpu = _cpu_seconds(process.pid)
    return [
        Row(
            what="start of `up`, first time",
            value=first,
            unit="s",
            most=20,
            note=f"{first_cpu:.1f} CPU s; empty data folder; {built}",
        ),
        Row(what="start of `up`, warm", value=warm, unit="s", most=5, note=f"{warm_cpu:.1f} CPU s"),
        *_rows("at idle", idle, most=128),
        *_rows("after load", loaded, most=None, note=note),
    ]


def _cpu_seconds(pid: int) -> float:
    """Of all that it has started, so far."""
    return cost.read({"up": pid}).named["up"]


async def _front_end() -> str:
    try:
        await web.build()
    except (web.NoFrontEndError, NodeMissingError) as error:
        return f"no front end: {error.detail.splitlines()[0]}"
    return "the front end was built before"


@contextlib.asynccontextmanager
async def _started(data: Path, screen: Path) -> AsyncIterator[tuple[subprocess.Popen[bytes], float, str]]:
    """The process, the seconds that it took, and what its screen says."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)} | NO_LIMITS
    command = [sys.executable, "-m", "nightowl_cli", "up", "--data-dir", str(data), "--port", str(free_port())]
    with screen.open("wb") as output:
        started = time.perf_counter()
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, env=environment)
    try:
        while READY not in (text := screen.read_text()):
            assert process.poll() is None, f"`up` ended:\n{text}"
            assert time.perf_counter() - started < READY_SECONDS, f"`up` did not get ready:\n{text}"
            await asyncio.sleep(0.02)
        yield process, time.perf_counter() - started, text
    finally:
        process.send_signal(signal.SIGINT)
        await asyncio.to_thread(process.wait, 60)


async def _load(screen: str, *, seconds: float) -> str:
    """Alerts and reads through the front door, as on a bad night."""
    address, key = (re.search(rf"^  {word} +(\S+)", screen, re.MULTILINE) for word in ("URL", "API key"))
    assert address is not None
    assert key is not None
    port, fresh = int(address[1].rpartition(":")[2]), fresh_numbers()

    def alerts(_number: int) -> "itertools.chain[bytes]":
        return (http_post(WEBHOOK, payload(10, fingerprints=fresh), key=key[1]) for _ in itertools.count())  # type: ignore[return-value]

    sent = await closed_loop(port, alerts, connections=16, seconds=seconds)
    asked = await closed_loop(
        port, lambda _n: itertools.repeat(http_get("/api/v1/alerts", key=key[1])), connections=16, seconds=seconds / 2
    )
    assert not sent.failures + asked.failures, f"{sent.failures} alerts and {asked.failures} reads failed"
    return f"after {sent.calls * 10:,} alerts and {asked.calls:,} reads"


def _memory(pid: int) -> dict[str, cost.Memory]:
    """By service and server; `whole` is all of them, `up` itself, and the process that services are forked from."""
    found = {}
    for child, command in cost.children(pid).items():
        if server := _SERVERS.search(command):
            found[server[0]] = cost.memory(child)
        for fork in cost.children(child):
            name = Path(f"/proc/{fork}/comm").read_text().strip()
            if name.startswith(PREFIX):
                found[name.removeprefix(PREFIX)] = cost.memory(fork)
    return {**dict(sorted(found.items())), "whole": cost.memory(pid)}


def _rows(when: str, memory: dict[str, cost.Memory], *, most: float | None, note: str = "") -> list[Row]:
    """Of services what is resident; of Postgres and the whole what is left when shared pages are shared out."""
    rows = []
    for name, seen in memory.items():
        is_shared = name in {"postgres", "whole"}
        limit = 1_024 if name == "whole" else most if name not in {"postgres", "nats-server", "redis-server"} else None
        rows.append(
            Row(
                what=f"memory {when}: {name}", value=seen.shared_out if is_shared else seen.resident,
                unit="MiB PSS" if is_shared else "MiB RSS", most=limit,
                note="; ".join(part for part in (f"PSS {seen.shared_out:,.0f}", note if name == "whole" else "") if part),
            )
        )  # fmt: skip
    return rows
