"""What people look at all day, sixteen of them at once, and the pages that gather much: /now and /insight."""

import itertools

import filling
from bench import GROWN, ROSTER, Bench
from figures import Row
from load import Result, closed_loop, http_get

CONNECTIONS = 16
GO = {"list": 1_047, "detail": 2_373, "on-call": 2_049}
"""Requests per second of the Go original: one process on two cores, the load on the same."""


async def _paths(bench: Bench) -> dict[str, str]:
    alerts, incidents = bench.sizes.at(0)
    await filling.fill(bench, alerts=alerts, incidents=incidents)
    async with bench.sql() as connection:
        alert_id = await connection.fetchval(
            f"SELECT id FROM tenant_{GROWN}.alerts WHERE status = 'firing' ORDER BY id DESC LIMIT 1"
        )
    return {
        "list": "/api/v1/alerts",
        "detail": f"/api/v1/alerts/{alert_id}",
        "on-call": f"/api/v1/rosters/{ROSTER}/oncall",
        "now": "/api/v1/now",
        "insight, 28 days": "/api/v1/insight",
    }


async def reads(bench: Bench) -> list[Row]:
    """Rates and p99 of one process and of two, at the size that the first step of growth has."""
    paths = await _paths(bench)
    figures = []
    for name, path in paths.items():
        alone, costs = await _run(bench, ["query"], path, connections=1)
        most = 10 if name == "on-call" else None
        note = f"p50 {alone.p50_ms:.1f} ms; {bench.filled:,} alerts"
        what = "on-call now, p99" if name == "on-call" else f"{name}, p99"
        figures.append(
            Row(what=what, value=alone.p99_ms, unit="ms", most=most, note=note, costs=costs, failures=alone.failures)
        )
    async with bench.also("query-2", bench.process("query", logs="second")):
        for name, least in GO.items():
            for processes in (["query"], ["query", "query-2"]):
                done, costs = await _run(bench, processes, paths[name], connections=CONNECTIONS)
                figures += _crowd(name, done, costs, processes=len(processes), least=least)
    return figures


def _crowd(name: str, done: Result, costs: dict[str, float], *, processes: int, least: int) -> list[Row]:
    what = f"{name}, {CONNECTIONS} at once, {processes} process{'es' if processes > 1 else ''}"
    note = f"p50 {done.p50_ms:.1f} ms"
    return [
        Row(
            what=what, value=done.per_second, unit="req/s", least=least, note=note, costs=costs, failures=done.failures
        ),
        Row(what=f"{what}, p99", value=done.p99_ms, unit="ms", most=25),
    ]  # fmt: skip


async def _run(bench: Bench, processes: list[str], path: str, *, connections: int) -> tuple[Result, dict[str, float]]:
    request = http_get(path, key=bench.grown_key)
    ports = [bench.port(each) for each in processes]
    seconds = bench.sizes.read_seconds * 2
    await closed_loop(ports, lambda _n: itertools.repeat(request), connections=connections, seconds=0.3)
    before = bench.use()
    done = await closed_loop(ports, lambda _n: itertools.repeat(request), connections=connections, seconds=seconds)
    return done, before.each(bench.use(), done.calls)
