"""What spans cost ingest: none, all, one in a hundred, and all of them to a collector that is not there; and its log.

They take turns on the same machine, because what else runs there changes by the second; and the cost is told in the
processor's time of the ingest process, threads included, which what else runs there changes little.
"""

import itertools
from contextlib import AsyncExitStack
from statistics import median

import msgspec
from aiohttp import web
from bench import Bench
from figures import Row
from load import Result, closed_loop, http_post
from pipeline import WEBHOOK, payload

from nightowl_embedded import free_port
from nightowl_testkit.fakes.served import Served

TURNS = 5
CONNECTIONS = 16


async def tracing(bench: Bench) -> list[Row]:
    """Processor time of one ingest process per call with one alert, the median of five turns; and what logging costs."""
    async with Sink() as sink, AsyncExitStack() as running:
        there = f"http://127.0.0.1:{sink.port}"
        nowhere = f"http://127.0.0.1:{free_port()}"
        variants = {
            "no spans": {},
            "all": {"OTEL_EXPORTER_OTLP_ENDPOINT": there},
            "1 %": {"OTEL_EXPORTER_OTLP_ENDPOINT": there, "NIGHTOWL_TRACE_RATIO": "0.01"},
            "all, no collector": {"OTEL_EXPORTER_OTLP_ENDPOINT": nowhere},
            "no spans, a log line per call": {"NIGHTOWL_LOG_LEVEL": "info"},
        }
        for name, own in variants.items():
            process = bench.process("ingest", logs=f"tracing-{name.replace(' ', '-')}", **own)
            await running.enter_async_context(bench.also(name, process))
        taken = await _take_turns(bench, list(variants))
    base = median(each.cpu_us for each in taken["no spans"])
    return [_row(name, turns, base) for name, turns in taken.items()]


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """One variant's turn."""

    result: Result
    cpu_us: float


async def _take_turns(bench: Bench, names: list[str]) -> dict[str, list[Turn]]:
    request = http_post(WEBHOOK, payload(1), key=bench.keys[0])
    taken: dict[str, list[Turn]] = {name: [] for name in names}
    for _ in range(TURNS):
        for name in names:
            before = bench.use()
            result = await closed_loop(
                bench.port(name), lambda _n: itertools.repeat(request), connections=CONNECTIONS,
                seconds=bench.sizes.seconds / TURNS,
            )  # fmt: skip
            taken[name].append(Turn(result=result, cpu_us=before.each(bench.use(), result.calls)[name]))
    return taken


def _row(name: str, turns: list[Turn], base: float) -> Row:
    cost = median(each.cpu_us for each in turns)
    rate = median(each.result.per_second for each in turns)
    p99 = median(each.result.p99_ms for each in turns)
    return Row(
        what=f"ingest, spans: {name}", value=cost, unit="µs CPU", ceiling=base, note=f"{rate:,.0f} calls/s, p99 {p99:.1f} ms",
        failures=sum(each.result.failures for each in turns),
    )  # fmt: skip


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
