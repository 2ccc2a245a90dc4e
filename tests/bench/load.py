"""A closed-loop HTTP load generator: a number of keep-alive connections, each sending its next request when it has its
answer. Written on asyncio protocols because the usual clients cost more than the server under test.
"""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence

import msgspec


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What a run came to. `latencies` in seconds, ascending."""

    latencies: list[float]
    failures: int
    seconds: float

    @property
    def calls(self) -> int:
        """That were answered."""
        return len(self.latencies)

    @property
    def per_second(self) -> float:
        """Calls per second."""
        return self.calls / self.seconds

    @property
    def p50_ms(self) -> float:
        """The median."""
        return percentile(self.latencies, 0.50) * 1_000

    @property
    def p99_ms(self) -> float:
        """Of a hundred calls, one took longer."""
        return percentile(self.latencies, 0.99) * 1_000

    def __add__(self, other: "Result") -> "Result":
        """Two runs of the same, one after the other."""
        return Result(
            latencies=sorted(self.latencies + other.latencies),
            failures=self.failures + other.failures,
            seconds=self.seconds + other.seconds,
        )


class _Connection(asyncio.Protocol):
    """One keep-alive connection in a closed loop."""

    def __init__(self, requests: Iterator[bytes], deadline: float, done: asyncio.Future[None]) -> None:
        self._requests = requests
        self._deadline = deadline
        self._done = done
        self._buffer = b""
        self._sent_at = 0.0
        self.latencies: list[float] = []
        self.failures = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]  # TCP gives a Transport
        self._next()

    def _next(self) -> None:
        now = time.perf_counter()
        if now >= self._deadline:
            self._finish()
            return
        self._sent_at = now
        self._transport.write(next(self._requests))

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head_end = self._buffer.find(b"\r\n\r\n")
        if head_end < 0:
            return
        if len(self._buffer) < head_end + 4 + _content_length(self._buffer[:head_end]):
            return
        self.latencies.append(time.perf_counter() - self._sent_at)
        self.failures += not self._buffer.startswith(b"HTTP/1.1 2")
        self._buffer = b""
        self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._done.done():
            self.failures += 1
            self._done.set_result(None)

    def _finish(self) -> None:
        if not self._done.done():
            self._done.set_result(None)
        self._transport.close()


def _content_length(head: bytes) -> int:
    lower = head.lower()
    start = lower.find(b"content-length:")
    if start < 0:
        return 0
    return int(lower[start + 15 : lower.find(b"\r\n", start) if b"\r\n" in lower[start:] else len(lower)])


def http_post(path: str, body: bytes, *, key: str, wait_seconds: int = 0) -> bytes:
    """One request, ready to be written; with `wait_seconds` the answer comes after the alerts' commit."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: bench\r\nX-API-Key: {key}\r\n"
        f"Content-Type: application/json\r\nPrefer: wait={wait_seconds}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def http_get(path: str, *, key: str) -> bytes:
    """One request, ready to be written."""
    return f"GET {path} HTTP/1.1\r\nHost: bench\r\nX-API-Key: {key}\r\n\r\n".encode()


async def closed_loop(
    port: int | Sequence[int], requests: Callable[[int], Iterator[bytes]], *, connections: int, seconds: float
) -> Result:
    """Runs `connections` loops for a while, dealt out to the ports; `requests(n)` gives the n-th its requests."""
    ports = [port] if isinstance(port, int) else port
    loop = asyncio.get_running_loop()
    started = time.perf_counter()
    deadline = started + seconds
    running: list[tuple[_Connection, asyncio.Future[None]]] = []
    for number in range(connections):
        done: asyncio.Future[None] = loop.create_future()
        connection = _Connection(requests(number), deadline, done)
        await loop.create_connection(lambda made=connection: made, "127.0.0.1", ports[number % len(ports)])
        running.append((connection, done))
    await asyncio.wait_for(asyncio.gather(*(done for _c, done in running)), seconds + 30)
    return summarise([each for each, _done in running], time.perf_counter() - started)


async def paced(port: int, requests: Iterator[bytes], *, per_second: int, seconds: float) -> int:
    """Sends at a fixed pace over 16 connections without waiting for answers; returns how many were sent.

    A request is taken from `requests` at the moment when it is due.
    """
    lanes = [await asyncio.open_connection("127.0.0.1", port) for _ in range(16)]
    drains = [asyncio.create_task(_discard(reader)) for reader, _writer in lanes]
    started = time.perf_counter()
    sent = 0
    while sent / per_second < seconds:
        await asyncio.sleep(max(0.0, started + sent / per_second - time.perf_counter()))
        request = next(requests, None)
        if request is None:
            break
        lanes[sent % len(lanes)][1].write(request)
        sent += 1
    await asyncio.sleep(1.0)
    for _reader, writer in lanes:
        writer.close()
    await asyncio.gather(*drains, return_exceptions=True)
    return sent


async def _discard(reader: asyncio.StreamReader) -> None:
    while await reader.read(65_536):
        pass


def summarise(connections: list[_Connection], seconds: float) -> Result:
    """Over all connections."""
    return Result(
        latencies=sorted(value for each in connections for value in each.latencies),
        failures=sum(each.failures for each in connections),
        seconds=seconds,
    )


def percentile(ordered: list[float], share: float) -> float:
    """Nearest rank; 0 of nothing."""
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0
