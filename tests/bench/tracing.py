"""What spans cost ingest: none, all, one in a hundred, and all of them to a collector that is not there.

They take turns on the same machine, because what else runs there changes by the second; and the cost is told in the
processor's time of the ingest process, threads included, which what else runs there changes little.
"""

import itertools
import os
from collections.abc import Mapping
from pathlib import Path
from statistics import median

import msgspec
from aiohttp import web
from load import Result, closed_loop, http_post
from rows import WEBHOOK, Row, payload

from nightowl_cli.supervisor import Supervised, Supervisor
from nightowl_embedded import free_port
from nightowl_testkit.fakes.served import Served

TURNS = 5
CONNECTIONS = 16


async def measure(key: str, *, seconds: float, logs: Path, environment: Mapping[str, str]) -> list[Row]:
    """Processor time of one ingest process per call with one alert, the median of five turns."""
    async with Sink() as sink:
        there = f"http://127.0.0.1:{sink.port}"
        nowhere = f"http://127.0.0.1:{free_port()}"
        variants = {
            "no spans": {},
            "all": {"OTEL_EXPORTER_OTLP_ENDPOINT": there},
            "1 %": {"OTEL_EXPORTER_OTLP_ENDPOINT": there, "NIGHTOWL_TRACE_RATIO": "0.01"},
            "all, no collector": {"OTEL_EXPORTER_OTLP_ENDPOINT": nowhere},
        }
        running = {
            name: Supervisor(("ingest",), logs=logs / name.replace(" ", "-"), environment={**environment, **own})
            for name, own in variants.items()
        }
        try:
            for each in running.values():
                await each.start()
            taken = await _take_turns(running, key, seconds=seconds)
        finally:
            for each in running.values():
                await each.stop()
    base = median(each.cpu_us for each in taken["no spans"])
    return [_row(name, turns, base) for name, turns in taken.items()]


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """One variant's turn."""

    result: Result
    cpu_us: float


async def _take_turns(running: Mapping[str, Supervisor], key: str, *, seconds: float) -> dict[str, list[Turn]]:
    request = http_post(WEBHOOK, payload(1), key=key)
    taken: dict[str, list[Turn]] = {name: [] for name in running}
    for _ in range(TURNS):
        for name, each in running.items():
            service = each.services[0]
            before = _cpu_seconds(service)
            result = await closed_loop(
                service.port, lambda _n: itertools.repeat(request), connections=CONNECTIONS, seconds=seconds / TURNS
            )
            taken[name].append(Turn(result=result, cpu_us=1e6 * (_cpu_seconds(service) - before) / result.calls))
    return taken


def _cpu_seconds(service: Supervised) -> float:
    assert service.process is not None
    fields = Path(f"/proc/{service.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")  # of the user and of the system


def _row(name: str, turns: list[Turn], base: float) -> Row:
    cost = median(each.cpu_us for each in turns)
    rate = median(each.result.per_second for each in turns)
    p99 = median(each.result.p99_ms for each in turns)
    failed = sum(each.result.failures for each in turns)
    return Row(
        what=f"ingest, spans: {name}",
        value=cost,
        unit="µs CPU",
        target="",
        ceiling=base,
        note=f"{rate:,.0f} calls/s, p99 {p99:.1f} ms{f', {failed} FAILED' if failed else ''}",
    )


class Sink(Served):
    """Takes spans and looks at none of them."""

    def __init__(self) -> None:
        self.port = free_port()

    def _routes(self) -> web.Application:
        application = web.Application()
        application.router.add_post("/v1/traces", self._take)
        return application

    async def _take(self, request: web.Request) -> web.Response:
        await request.read()
        return web.Response(content_type="application/x-protobuf")
