"""What this machine can do at best, measured in the same run as what we do: figures without it mean nothing."""

import asyncio
import itertools
import subprocess
import sys
import time
from pathlib import Path
from uuid import uuid4

import asyncpg
from load import Result, closed_loop, http_post

from nightowl_common.bus import Bus, Message
from nightowl_embedded import free_port

BARE_APP = Path(__file__).with_name("bare_app.py")


async def bare_asgi(nats_url: str, body: bytes, *, seconds: float, connections: int) -> Result:
    """The least that an ingest can be: read the body, publish, wait for the PubAck, answer."""
    port = free_port()
    process = subprocess.Popen([sys.executable, str(BARE_APP), str(port), nats_url])
    try:
        await _until_open(port)
        request = http_post("/", body, key="none")
        return await closed_loop(port, lambda _n: itertools.repeat(request), connections=connections, seconds=seconds)
    finally:
        process.terminate()
        process.wait()


async def jetstream_publish(bus: Bus, *, count: int = 20_000) -> float:
    """Messages stored per second, pipelined, 1.2 kB each."""
    run = uuid4().hex
    messages = [
        Message(stream="EVENTS", subject="nightowl.event.bench.alert.opened", id=f"{run}:{n}", body=b"x" * 1_200)
        for n in range(count)
    ]
    started = time.perf_counter()
    for start in range(0, count, 1_000):
        await bus.publish_all(messages[start : start + 1_000], timeout_seconds=30)
    return count / (time.perf_counter() - started)


async def batch_insert(database_url: str, *, rows: int = 20_000) -> float:
    """Rows per second of a plain batched insert, 500 at a time, one writer, one index."""
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute(
            "CREATE TABLE IF NOT EXISTS public.bench_rows (id uuid PRIMARY KEY, body jsonb); TRUNCATE public.bench_rows"
        )
        started = time.perf_counter()
        for _ in range(rows // 500):
            await connection.execute(
                "INSERT INTO public.bench_rows SELECT * FROM unnest($1::uuid[], $2::jsonb[])",
                [uuid4() for _ in range(500)],
                ['{"labels": {"alertname": "HighErrorRate", "severity": "critical"}}'] * 500,
            )
        return rows / (time.perf_counter() - started)
    finally:
        await connection.execute("DROP TABLE public.bench_rows")
        await connection.close()


async def _until_open(port: int) -> None:
    for _ in range(200):
        try:
            _reader, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.05)
        else:
            writer.close()
            return
    message = "the bare application did not start"
    raise RuntimeError(message)
