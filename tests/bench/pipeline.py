"""Ingest and what stands behind it: calls and alerts per second, and the time until the row is there."""

import itertools
import time
from collections.abc import Iterator
from functools import partial, reduce
from operator import add
from uuid import uuid4

import ceilings
import cost
import msgspec
from bench import Bench
from figures import Row
from load import Result, closed_loop, http_post, paced

WEBHOOK = "/api/v1/webhooks/alertmanager"
TURNS = 4

FULL = 120
"""Calls of ten alerts in the pipeline at a time, each answered after its commit: two transactions of 500 alerts, and what
is on its way to them. With fewer, enrichment waits for the next calls, and they for enrichment.
"""


def fresh_numbers() -> Iterator[int]:
    """Numbers that no other run of this bench has used."""
    return itertools.count(time.time_ns() & ((1 << 60) - 1))


def payload(alerts: int, *, fingerprints: Iterator[int] | None = None, severity: str = "warning") -> bytes:
    """An Alertmanager v4 payload of about 1.1 kB for one alert. With `fingerprints`, every alert is a new problem."""
    items = []
    for _ in range(alerts):
        labels = {
            "alertname": "HighErrorRate", "severity": severity, "service": "payments", "namespace": "payments",
            "cluster": "prod-eu-1", "pod": "payments-6f7d9c8b5-x2x7k", "instance": "10.2.3.4:9090", "job": "kubernetes-pods",
        }  # fmt: skip
        item: dict[str, object] = {
            "status": "firing", "labels": labels, "startsAt": "2026-11-23T03:00:00.000Z",
            "endsAt": "0001-01-01T00:00:00Z", "generatorURL": "http://prometheus.example/graph?g0.expr=rate",
            "annotations": {"summary": "More than 5 % of requests fail", "description": "x" * 300},
            "fingerprint": uuid4().hex[:16] if fingerprints is None else f"{next(fingerprints):016x}",
        }  # fmt: skip
        items.append(item)
    return msgspec.json.encode(
        {"version": "4", "groupKey": "{}:{}", "status": "firing", "receiver": "nightowl", "alerts": items}
    )


async def _ingest(bench: Bench, *, alerts: int) -> list[Row]:
    """Calls per second of one process with the PubAck awaited, beside the least that an ingest can be.

    The two take turns, because what else runs on the machine changes by the second.
    """
    body = payload(alerts)
    seconds = bench.sizes.seconds / TURNS
    ours, bare, costs, least = [], [], [], []

    async def run(port: int, path: str) -> Result:
        request = http_post(path, body, key=bench.keys[0])
        return await closed_loop(port, lambda _n: itertools.repeat(request), connections=64, seconds=seconds)

    async with ceilings.bare_asgi(bench.stack.nats.url) as (port, pid):
        for _ in range(TURNS):
            before = cost.read({"bare": pid})
            bare.append(await run(port, "/"))
            least.append(before.each(cost.read({"bare": pid}), bare[-1].calls * alerts)["bare"])
            used = bench.use()
            ours.append(await run(bench.port("ingest"), WEBHOOK))
            costs.append(used.each(bench.use(), ours[-1].calls * alerts))
    return _compared(reduce(add, ours), reduce(add, bare), alerts, _mean(costs), sum(least) / TURNS)


def _mean(costs: list[dict[str, float]]) -> dict[str, float]:
    return {name: sum(each[name] for each in costs) / len(costs) for name in costs[0]}


def _compared(ours: Result, bare: Result, alerts: int, costs: dict[str, float], least: float) -> list[Row]:
    name = f"ingest, {alerts} alert{'s' if alerts > 1 else ''} per call"
    rate, p99, share = (5_500, 15, 0.5) if alerts == 1 else (35_000, 50, None)
    note = f"p50 {ours.p50_ms:.1f} ms, 64 connections; ceiling: bare ASGI publish, CPU µs each {least:,.0f}"
    return [
        Row(
            what=name, value=ours.per_second * alerts, unit="alerts/s", least=rate, least_share=share, note=note,
            ceiling=bare.per_second * alerts, costs=costs, failures=ours.failures + bare.failures,
        ),
        Row(what=f"{name}, p99", value=ours.p99_ms, unit="ms", most=p99, note=f"bare: {bare.p99_ms:.1f} ms"),
    ]  # fmt: skip


ingest = partial(_ingest, alerts=1)
ingest10 = partial(_ingest, alerts=10)


class Flow(msgspec.Struct, frozen=True, kw_only=True):
    """What went through the pipeline."""

    per_second: float
    costs: dict[str, float]
    failures: int


async def flow(bench: Bench, *, tenants: int = 1) -> Flow:
    """Unique alerts, from the webhook to the committed row, ten per call, load on the same cores."""
    await bench.until_idle()
    fresh, port = fresh_numbers(), bench.port("ingest")

    def requests(number: int) -> Iterator[bytes]:
        key = bench.keys[number % tenants]
        while True:
            yield http_post(WEBHOOK, payload(10, fingerprints=fresh), key=key, wait_seconds=10)

    kept = await _count_alerts(bench)
    started, before = time.perf_counter(), bench.use()
    sent = await closed_loop(port, requests, connections=FULL, seconds=bench.sizes.seconds)
    await bench.until_idle()
    taken, after = time.perf_counter() - started, bench.use()
    alerts = await _count_alerts(bench) - kept
    return Flow(per_second=alerts / taken, costs=before.each(after, alerts), failures=sent.failures)


async def _pipeline(bench: Bench, *, tenants: int, least: float) -> list[Row]:
    done = await flow(bench, tenants=tenants)
    raw = await ceilings.batch_insert(bench.database_url)
    what = f"whole pipeline, unique fingerprints, {tenants} tenant{'s' if tenants > 1 else ''}"
    return [
        Row(
            what=what, value=done.per_second, unit="alerts/s", least=least, ceiling=raw, costs=done.costs,
            failures=done.failures, note="10 per call; ceiling: batched insert",
        )
    ]  # fmt: skip


pipeline = partial(_pipeline, tenants=1, least=8_000)
pipeline20 = partial(_pipeline, tenants=20, least=6_000)


async def latency(bench: Bench) -> list[Row]:
    """From the webhook's receipt to the commit of the row, as Postgres noted it, at a pace of 1,000 alerts per second."""
    await bench.until_idle()
    fresh = fresh_numbers()
    requests = (http_post(WEBHOOK, payload(1, fingerprints=fresh), key=bench.keys[0]) for _ in itertools.count())
    async with bench.sql() as connection:
        since = await connection.fetchval("SELECT clock_timestamp()")
        before = bench.use()
        sent = await paced(bench.port("ingest"), requests, per_second=1_000, seconds=bench.sizes.seconds)
        await bench.until_idle()
        costs = before.each(bench.use(), sent)
        p50, p99 = await connection.fetchval(_LATENCY, since)
    what = "POST to the committed row, 1,000 alerts/s paced"
    return [
        Row(what=f"{what}, p50", value=p50, unit="ms", most=5, costs=costs, note=f"{sent:,} alerts"),
        Row(what=f"{what}, p99", value=p99, unit="ms", most=25),
    ]


_LATENCY = """
SELECT percentile_cont(ARRAY[0.5, 0.99]) WITHIN GROUP (
    ORDER BY 1000 * extract(epoch FROM pg_xact_commit_timestamp(xmin) - (evidence ->> 'received_at')::timestamptz)
) FROM tenant_bench0.alert_timeline WHERE kind = 'opened' AND at > $1
"""


async def _count_alerts(bench: Bench) -> int:
    async with bench.sql() as connection:
        counts = [
            await connection.fetchval(f'SELECT count(*) FROM "tenant_bench{number}".alerts')
            for number in range(len(bench.keys))
        ]
    return sum(counts)
