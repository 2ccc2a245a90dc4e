"""The rows of the table: each measures one promise and returns figures with their unit, target and ceiling."""

import asyncio
import itertools
import time
from collections.abc import Iterator
from uuid import uuid4

import asyncpg
import ceilings
import msgspec
from load import Result, closed_loop, http_post, paced

from nightowl_cli.supervisor import Supervisor
from nightowl_common.bus import Bus
from nightowl_contracts.topology import ENRICHMENT

WEBHOOK = "/api/v1/webhooks/alertmanager"


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the table. `ceiling` is what this machine can do at best, in the same unit."""

    what: str
    value: float
    unit: str
    target: str
    ceiling: float | None = None
    note: str = ""

    @property
    def share(self) -> float | None:
        """Of the ceiling."""
        return None if not self.ceiling else self.value / self.ceiling


class Bench(msgspec.Struct, frozen=True, kw_only=True):
    """What the rows work on."""

    database_url: str
    nats_url: str
    bus: Bus
    ingest: Supervisor
    keys: list[str]
    seconds: float

    @property
    def port(self) -> int:
        """Where ingest listens."""
        return self.ingest.services[0].port


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


async def ingest(bench: Bench, *, alerts: int, target: str) -> list[Row]:
    """Calls per second of one process with the PubAck awaited, beside the least that an ingest can be."""
    body = payload(alerts)
    bare = await ceilings.bare_asgi(bench.nats_url, body, seconds=bench.seconds, connections=64)
    request = http_post(WEBHOOK, body, key=bench.keys[0])
    ours = await closed_loop(bench.port, lambda _n: itertools.repeat(request), connections=64, seconds=bench.seconds)
    name = f"ingest, {alerts} alert{'s' if alerts > 1 else ''} per call"
    return [
        Row(
            what=name, value=ours.per_second, unit="calls/s", target=target, ceiling=bare.per_second, note=_failed(ours)
        ),
        Row(what=f"{name}, p99", value=ours.p99_ms, unit="ms", target="", ceiling=bare.p99_ms),
    ]


async def pipeline(bench: Bench, *, tenants: int, target: str) -> list[Row]:
    """Unique alerts per second from the webhook to the committed row, load on the same cores."""
    await until_idle(bench)
    fresh = itertools.count(time.time_ns() & ((1 << 60) - 1))
    port = bench.port

    def requests(number: int) -> Iterator[bytes]:
        key = bench.keys[number % tenants]
        while True:
            yield http_post(WEBHOOK, payload(10, fingerprints=fresh), key=key, wait_seconds=10)

    before = await count_alerts(bench)
    started = time.perf_counter()
    sent = await closed_loop(port, requests, connections=60, seconds=bench.seconds)
    await until_idle(bench)
    rate = (await count_alerts(bench) - before) / (time.perf_counter() - started)
    raw = await ceilings.batch_insert(bench.database_url)
    what = f"whole pipeline, unique fingerprints, {tenants} tenant{'s' if tenants > 1 else ''}"
    note = f"10 per call; ceiling: bare batched insert{_failed(sent)}"
    return [Row(what=what, value=rate, unit="alerts/s", target=target, ceiling=raw, note=note)]


async def latency(bench: Bench) -> list[Row]:
    """From the webhook's receipt to the commit, at a pace of 1,000 alerts per second."""
    await until_idle(bench)
    fresh = itertools.count(time.time_ns() & ((1 << 60) - 1))
    requests = (http_post(WEBHOOK, payload(1, fingerprints=fresh), key=bench.keys[0]) for _ in itertools.count())
    connection = await asyncpg.connect(bench.database_url)
    try:
        since = await connection.fetchval("SELECT clock_timestamp()")
        await paced(bench.port, requests, per_second=1_000, seconds=bench.seconds)
        await until_idle(bench)
        p50, p99 = await connection.fetchval(
            """SELECT percentile_cont(ARRAY[0.5, 0.99]) WITHIN GROUP (ORDER BY 1000 * extract(epoch FROM first_fired_at
                - (t.evidence ->> 'received_at')::timestamptz)) FROM tenant_bench0.alerts AS a
                JOIN tenant_bench0.alert_timeline AS t ON t.alert_id = a.id AND t.kind = 'opened'
                WHERE a.first_fired_at > $1""",
            since,
        )
    finally:
        await connection.close()
    what = "POST to the row's transaction, 1,000 alerts/s paced"
    return [
        Row(what=f"{what}, p50", value=p50, unit="ms", target="≤ 5"),
        Row(what=f"{what}, p99", value=p99, unit="ms", target="≤ 25"),
    ]


async def timers(bench: Bench, *, pending: int = 100_000, due: int = 2_000) -> list[Row]:
    """How late timers fire with many pending: real alerts, a real policy, the real worker."""
    connection = await asyncpg.connect(bench.database_url)
    try:
        await connection.execute(
            """INSERT INTO public.timers (kind, ref, tenant, version, due_at)
            SELECT 'escalation', uuidv7(), 'bench0', 0, now() + interval '1 day' + n * interval '1 second'
            FROM generate_series(1, $1::integer) AS n""",
            pending,
        )
        await connection.execute("ANALYZE public.timers")
        fresh = itertools.count(time.time_ns() & ((1 << 60) - 1))
        since = await connection.fetchval("SELECT clock_timestamp()")
        body = (
            http_post(WEBHOOK, payload(1, fingerprints=fresh, severity="critical"), key=bench.keys[0])
            for _ in itertools.count()
        )
        await paced(bench.port, body, per_second=200, seconds=due / 200)
        (p50, p99, _), fired = await _lateness(connection, since, due)
        claim_ms = await _claim_cost(connection)
    finally:
        await connection.execute("DELETE FROM public.timers WHERE due_at > now() + interval '12 hours'")
        await connection.close()
    what = f"timer lateness, {pending:,} pending, 200 due/s"
    return [
        Row(what=f"{what}, p50", value=p50, unit="ms", target="", note=f"{fired} timers"),
        Row(what=f"{what}, p99", value=p99, unit="ms", target="≤ 100"),
        Row(what=f"one idle look at the timers, {pending:,} pending", value=claim_ms, unit="ms", target=""),
    ]


async def kills(bench: Bench, *, spare: Supervisor, due: int = 1_000, per_second: float = 100) -> list[Row]:
    """How late timers fire while one of two workers is killed with SIGKILL as often as it gets ready."""
    stop = asyncio.Event()
    await spare.start()
    killing = asyncio.create_task(_kill_again_and_again(spare, stop))
    connection = await asyncpg.connect(bench.database_url)
    try:
        fresh = itertools.count(time.time_ns() & ((1 << 60) - 1))
        since = await connection.fetchval("SELECT clock_timestamp()")
        body = (
            http_post(WEBHOOK, payload(1, fingerprints=fresh, severity="critical"), key=bench.keys[0])
            for _ in itertools.count()
        )
        await paced(bench.port, body, per_second=per_second, seconds=due / per_second)
        (_, p99, worst), fired = await _lateness(connection, since, due)
        twice = await connection.fetchval(
            """SELECT count(*) - count(DISTINCT alert_id) FROM tenant_bench0.escalation_events
            WHERE fired_at > $1 AND tier = 0 AND cycle = 0""",
            since,
        )
    finally:
        stop.set()
        deaths = await killing
        await connection.close()
        await spare.stop()
    what = f"timer lateness, {per_second:.0f} due/s, one of two workers killed again and again"
    note = f"{fired} timers, {deaths} kills, {twice} paid twice"
    return [
        Row(what=f"{what}, p99", value=p99, unit="ms", target="", note=note),
        Row(what=f"{what}, worst", value=worst, unit="ms", target="≤ 1,000", note=note),
    ]


async def _kill_again_and_again(spare: Supervisor, stop: asyncio.Event) -> int:
    deaths = 0
    while not stop.is_set():
        [worker] = spare.services
        assert worker.process is not None
        worker.process.kill()
        worker.process.wait()
        deaths += 1
        await spare.start()
        await asyncio.sleep(0.5)  # it works for a while, so that the next kill finds it in the middle of something
    return deaths


async def _lateness(
    connection: "asyncpg.Connection[asyncpg.Record]", since: object, due: int
) -> tuple[tuple[float, float, float], int]:
    for _ in range(300):
        row = await connection.fetchrow(
            """SELECT count(*) AS fired, percentile_cont(ARRAY[0.5, 0.99, 1]) WITHIN GROUP
                (ORDER BY 1000 * extract(epoch FROM fired_at - due_at)) AS late
            FROM tenant_bench0.escalation_events WHERE fired_at > $1 AND tier = 0 AND cycle = 0""",
            since,
        )
        if row is not None and row["fired"] >= due:
            break
        await asyncio.sleep(0.1)
    assert row is not None
    p50, p99, worst = row["late"]
    return (p50, p99, worst), row["fired"]


async def _claim_cost(connection: "asyncpg.Connection[asyncpg.Record]") -> float:
    started = time.perf_counter()
    for _ in range(200):
        await connection.fetch(
            """SELECT ref FROM public.timers WHERE kind = 'escalation' AND due_at <= public.clock_now()
            ORDER BY due_at LIMIT 100 FOR UPDATE SKIP LOCKED"""
        )
    return (time.perf_counter() - started) / 200 * 1000


async def until_idle(bench: Bench) -> None:
    """Everything accepted is committed."""
    while await bench.bus.lag(ENRICHMENT):
        await asyncio.sleep(0.02)


async def count_alerts(bench: Bench) -> int:
    """Alerts of all bench tenants."""
    connection = await asyncpg.connect(bench.database_url)
    try:
        return sum(
            [
                await connection.fetchval(f'SELECT count(*) FROM "tenant_bench{n}".alerts')
                for n in range(len(bench.keys))
            ]
        )
    finally:
        await connection.close()


def _failed(result: Result) -> str:
    return f"; {result.failures} FAILED" if result.failures else ""
