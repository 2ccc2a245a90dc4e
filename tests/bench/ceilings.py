"""What this machine can do at best, measured in the same run as what we do: figures without it mean nothing."""

import asyncio
import contextlib
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import asyncpg
from bench import Bench
from figures import Row
from nats.js.api import StreamConfig

from nightowl_common.bus import Bus, Message
from nightowl_common.streams import connect_plain
from nightowl_embedded import free_port

BARE_APP = Path(__file__).with_name("bare_app.py")
STREAM, SUBJECT = "BENCH", "bench.pull"


async def measure(bench: Bench) -> list[Row]:
    """Those that belong to no row of ours; the others stand beside theirs."""
    count = int(4_000 * bench.sizes.seconds)
    figures = {
        "JetStream publish and ack, pipelined": (await jetstream_publish(bench.bus, count=count), "msg/s"),
        "JetStream pull and ack, 500 at a time": (await pull_and_ack(bench.stack.nats.url, count=count), "msg/s"),
        "batched insert, one writer": (await batch_insert(bench.database_url, rows=count), "rows/s"),
        "connecting over loopback, one after the other": (await connects(count // 10), "conn/s"),
    }
    return [Row(what=f"ceiling: {what}", value=value, unit=unit) for what, (value, unit) in figures.items()]


@contextlib.asynccontextmanager
async def bare_asgi(nats_url: str) -> AsyncIterator[tuple[int, int]]:
    """The least that an ingest can be: read the body, publish, wait for the PubAck, answer. Its port and process id."""
    port = free_port()
    process = subprocess.Popen([sys.executable, str(BARE_APP), str(port), nats_url])
    try:
        await _until_open(port)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait()


async def jetstream_publish(bus: Bus, *, count: int) -> float:
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


async def pull_and_ack(nats_url: str, *, count: int) -> float:
    """Messages per second that one consumer fetches and acknowledges one by one, as enrichment does."""
    client = await connect_plain(nats_url)
    try:
        stream = client.jetstream()
        await stream.add_stream(StreamConfig(name=STREAM, subjects=[SUBJECT]))
        for start in range(0, count, 1_000):
            await asyncio.gather(
                *(stream.publish(SUBJECT, b"x" * 1_200, timeout=30) for _ in range(start, min(start + 1_000, count)))
            )
        reader = await stream.pull_subscribe(SUBJECT, durable="bench", stream=STREAM)
        started, seen = time.perf_counter(), 0
        while seen < count:
            messages = await reader.fetch(500, timeout=10)
            for message in messages:
                await message.ack()
            seen += len(messages)
        while (await reader.consumer_info()).num_ack_pending:
            await asyncio.sleep(0)
        taken = time.perf_counter() - started
        await stream.delete_stream(STREAM)
        return count / taken
    finally:
        await client.close()


async def batch_insert(database_url: str, *, rows: int = 20_000) -> float:
    """Rows per second of a plain batched insert, 500 at a time, one writer, one index."""
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute(
            "CREATE TABLE IF NOT EXISTS public.bench_rows (id uuid PRIMARY KEY, body jsonb); TRUNCATE public.bench_rows"
        )
        started = time.perf_counter()
        for start in range(0, rows, 500):
            size = min(500, rows - start)
            await connection.execute(
                "INSERT INTO public.bench_rows SELECT * FROM unnest($1::uuid[], $2::jsonb[])",
                [uuid4() for _ in range(size)],
                ['{"labels": {"alertname": "HighErrorRate", "severity": "critical"}}'] * size,
            )
        return rows / (time.perf_counter() - started)
    finally:
        await connection.execute("DROP TABLE public.bench_rows")
        await connection.close()


async def connects(count: int) -> float:
    """TCP connections per second that are opened, answered with a byte, and closed."""

    async def greet(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"!")
        writer.close()

    server = await asyncio.start_server(greet, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    started = time.perf_counter()
    for _ in range(count):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        await reader.read()
        writer.close()
    taken = time.perf_counter() - started
    server.close()
    return count / taken


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
