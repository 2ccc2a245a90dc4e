"""How late timers fire: with many pending, and while a worker is killed again and again."""

import asyncio
import itertools
import time

import asyncpg
from bench import Bench
from figures import Row
from load import http_post, paced
from pipeline import WEBHOOK, fresh_numbers, payload

from nightowl_cli.supervisor import Supervisor

PER_SECOND = 200

_PENDING = """
INSERT INTO public.timers (kind, ref, tenant, version, due_at)
SELECT 'escalation', uuidv7(), 'bench0', 0, now() + interval '1 day' + n * interval '1 second'
FROM generate_series(1, $1::integer) AS n
"""
_SETTLE = """
DELETE FROM public.timers WHERE tenant = 'bench0';
UPDATE tenant_bench0.deliveries SET status = 'superseded', settled_at = now() WHERE status = 'queued';
UPDATE tenant_bench0.alerts SET status = 'resolved', resolved_at = now(), escalation_state = 'stopped',
    escalation_reason = 'bench' WHERE status <> 'resolved' AND severity = 'critical';
"""


async def timers(bench: Bench) -> list[Row]:
    """Real alerts, a real policy, the real worker; the pending timers are of no alert and far in the future."""
    sizes = bench.sizes
    async with bench.sql() as connection:
        await connection.execute(_PENDING, sizes.pending)
        await connection.execute("ANALYZE public.timers")
        try:
            since = await connection.fetchval("SELECT clock_timestamp()")
            before = bench.use()
            await _fire(bench, per_second=PER_SECOND, due=sizes.due)
            (p50, p99, _), fired = await _lateness(connection, since, sizes.due)
            costs = before.each(bench.use(), fired)
            look_ms = await _idle_look(connection)
        finally:
            await connection.execute(_SETTLE)
    what = f"timer lateness, {sizes.pending:,} pending, {PER_SECOND} due/s"
    missing = f"{sizes.due - fired} of {sizes.due} did not fire" if fired < sizes.due else ""
    return [
        Row(what=f"{what}, p50", value=p50, unit="ms", note=f"{fired:,} timers", costs=costs, failed=missing),
        Row(what=f"{what}, p99", value=p99, unit="ms", most=100),
        Row(what=f"one idle look at the timers, {sizes.pending:,} pending", value=look_ms, unit="ms"),
    ]


async def kills(bench: Bench) -> list[Row]:
    """One of two workers is killed with SIGKILL as often as it gets ready."""
    due, per_second = bench.sizes.due // 2, 100
    spare = bench.process("escalation", logs="spare")
    stop = asyncio.Event()
    async with bench.sql() as connection:
        await spare.start()
        killing = asyncio.create_task(_kill_again_and_again(spare, stop))
        try:
            since = await connection.fetchval("SELECT clock_timestamp()")
            await _fire(bench, per_second=per_second, due=due)
            (_, p99, worst), fired = await _lateness(connection, since, due)
            twice = await connection.fetchval(_TWICE, since)
        finally:
            stop.set()
            deaths = await killing
            await spare.stop()
            await connection.execute(_SETTLE)
    what = f"timer lateness, {per_second} due/s, one of two workers killed again and again"
    note = f"{fired:,} timers, {deaths} kills, {twice} paid twice"
    wrong = "" if fired == due and not twice else note
    return [
        Row(what=f"{what}, p99", value=p99, unit="ms", most=1_000, note=note, failed=wrong),
        Row(what=f"{what}, worst", value=worst, unit="ms"),
    ]


async def _fire(bench: Bench, *, per_second: int, due: int) -> None:
    fresh = fresh_numbers()
    bodies = (
        http_post(WEBHOOK, payload(1, fingerprints=fresh, severity="critical"), key=bench.keys[0])
        for _ in itertools.count()
    )
    await paced(
        bench.port("ingest"), itertools.islice(bodies, due), per_second=per_second, seconds=60 + due / per_second
    )


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
        row = await connection.fetchrow(_LATE, since)
        if row is not None and row["fired"] >= due:
            break
        await asyncio.sleep(0.1)
    assert row is not None
    assert row["fired"], "no timer fired"
    p50, p99, worst = row["late"]
    return (p50, p99, worst), row["fired"]


async def _idle_look(connection: "asyncpg.Connection[asyncpg.Record]") -> float:
    started = time.perf_counter()
    for _ in range(200):
        await connection.fetch(_LOOK)
    return (time.perf_counter() - started) / 200 * 1000


_TWICE = """
SELECT count(*) - count(DISTINCT alert_id) FROM tenant_bench0.escalation_events
WHERE fired_at > $1 AND tier = 0 AND cycle = 0
"""
_LATE = """
SELECT count(*) AS fired, percentile_cont(ARRAY[0.5, 0.99, 1]) WITHIN GROUP
    (ORDER BY 1000 * extract(epoch FROM fired_at - due_at)) AS late
FROM tenant_bench0.escalation_events WHERE fired_at > $1 AND tier = 0 AND cycle = 0
"""
_LOOK = """
SELECT ref FROM public.timers WHERE kind = 'escalation' AND due_at <= public.clock_now()
ORDER BY due_at LIMIT 100 FOR UPDATE SKIP LOCKED
"""
