"""What many tenants cost: making them, a migration over all with one that fails in the middle, the list, and a request.

Requests are measured over ten tenants and over all, on the same processes.
"""

import asyncio
import itertools
import time
from collections.abc import Collection, Iterator

import asyncpg
from bench import Bench
from figures import Row
from growth import SERVICES, quiet
from load import Result, closed_loop, http_get, http_post
from pipeline import WEBHOOK, payload

from nightowl_auth import insert_key, make_key
from nightowl_auth.platform import insert_platform_key, make_platform_key
from nightowl_common.db import Database
from nightowl_sql import Migration, create_tenant, load_migrations, migrate, runner

FEW = 10
JOBS = 4
CONNECTIONS = 4


def slug_of(number: int) -> str:
    return f"many{number:05}"


async def tenants(bench: Bench) -> list[Row]:
    """All rows, with nothing else running."""
    count, url = bench.sizes.tenants, bench.database_url
    await bench.need(*SERVICES)
    await bench.until_rest()
    idle_before = await quiet(bench)
    await bench.stop()
    figures = [await _make(url, count), *await _migrate(url, count)]
    keys, platform_key = await _keys(url, count)
    await bench.need(*SERVICES)
    await bench.until_rest()
    idle_after = await quiet(bench)
    figures.append(_idle_row(idle_before, idle_after, count))
    await bench.need("ingest", "query")
    figures.append(await _list(bench, platform_key))
    for name, port, make in (
        ("list alerts", bench.port("query"), _get_alerts),
        ("ingest one", bench.port("ingest"), lambda key: http_post(WEBHOOK, payload(1), key=key)),
    ):
        few = await _run(port, [make(key) for key in keys[:FEW]], bench.sizes.seconds)
        many = await _run(port, [make(key) for key in keys], bench.sizes.seconds)
        figures.append(_row(name, few, many, count))
    return figures


def _idle_row(before: dict[str, float], after: dict[str, float], tenants: int) -> Row:
    note = ", ".join(f"{name} {cost:.1f} (before {before.get(name, 0.0):.1f})" for name, cost in after.items())
    return Row(
        what=f"tenants: all loops over {tenants:,} more, idle (ceiling: before)", value=sum(after.values()),
        unit="CPU ms/s", ceiling=sum(before.values()), note=note,
    )  # fmt: skip


async def _make(url: str, tenants: int) -> Row:
    waiting = iter(range(tenants))

    async def work() -> None:
        connection = await asyncpg.connect(url)
        for number in waiting:
            await create_tenant(connection, slug=slug_of(number), name="Many")
        await connection.close()

    started = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(JOBS)))
    taken = time.perf_counter() - started
    note = f"{tenants:,} in {taken:.1f} s over {JOBS} connections"
    return Row(what="tenants: making one", value=taken / tenants * 1000, unit="ms", note=note)


async def _migrate(url: str, tenants: int) -> list[Row]:
    """A migration more, for this run alone; the tenant in the middle has a table of that name already."""
    known = load_migrations("tenant")
    more = Migration(
        version=len(known) + 1, phase="pre", name="9999_pre_bench.sql", checksum="bench",
        sql="CREATE TABLE bench_note (id uuid PRIMARY KEY); ALTER TABLE alerts ADD COLUMN bench_note text;",
    )  # fmt: skip
    connections = [await asyncpg.connect(url) for _ in range(JOBS)]
    first, *workers = connections
    rows = [await _timed_migration(first, workers, "nothing to do", expected=())]
    middle = slug_of(tenants // 2)
    await first.execute(f'CREATE TABLE "tenant_{middle}".bench_note (id integer)')
    original = runner.load_migrations
    runner.load_migrations = lambda scope: [*known, more] if scope == "tenant" else original(scope)
    try:
        rows.append(
            await _timed_migration(first, workers, "one more, failing for one in the middle", expected={middle})
        )
        await first.execute(f'DROP TABLE "tenant_{middle}".bench_note')
        rows.append(await _timed_migration(first, workers, "resumed", expected=()))
    finally:
        runner.load_migrations = original
        for each in connections:
            await each.close()
    return rows


async def _timed_migration(
    first: "asyncpg.Connection[asyncpg.Record]",
    workers: list["asyncpg.Connection[asyncpg.Record]"],
    what: str,
    *,
    expected: Collection[str],
) -> Row:
    started = time.perf_counter()
    report = await migrate(first, workers=workers)
    taken = time.perf_counter() - started
    assert set(report.failed) == set(expected), report.failed
    note = f"{report.tenants:,} tenants, {len(report.steps):,} applied, {len(report.failed)} failed"
    return Row(what=f"tenants: migrating, {what}", value=taken, unit="s", note=note)


async def _keys(url: str, tenants: int) -> tuple[list[str], str]:
    keys, operator = [make_key() for _ in range(tenants)], make_platform_key()
    database = await Database.connect(url, size=2, service="bench")
    async with database.global_tx() as tx:
        for number, key in enumerate(keys):
            await insert_key(tx, key, tenant=slug_of(number), role="admin", description="bench")
        await insert_platform_key(tx, operator, description="bench")
    await database.close()
    return [key.raw for key in keys], operator.raw


async def _list(bench: Bench, key: str) -> Row:
    request = http_get("/api/v1/admin/tenants?limit=200", key=key)
    result = await closed_loop(
        bench.port("query"), lambda _n: itertools.repeat(request), connections=1, seconds=bench.sizes.read_seconds
    )
    note = f"200 of {bench.sizes.tenants:,}; p50 {result.p50_ms:.1f} ms"
    return Row(
        what="tenants: a page of the list, p99", value=result.p99_ms, unit="ms", note=note, failures=result.failures
    )


def _get_alerts(key: str) -> bytes:
    return http_get("/api/v1/alerts", key=key)


async def _run(port: int, requests: list[bytes], seconds: float) -> Result:
    """Each connection goes round through all tenants, from a place of its own."""

    def of(number: int) -> Iterator[bytes]:
        start = number * len(requests) // CONNECTIONS
        return itertools.cycle([*requests[start:], *requests[:start]])

    await closed_loop(port, of, connections=CONNECTIONS, seconds=min(1.0, seconds))
    return await closed_loop(port, of, connections=CONNECTIONS, seconds=seconds)


def _row(name: str, few: Result, many: Result, tenants: int) -> Row:
    note = f"p50 {many.p50_ms:.1f}, p99 {many.p99_ms:.1f} ms; over {FEW}: p50 {few.p50_ms:.1f}, p99 {few.p99_ms:.1f} ms"
    return Row(
        what=f"tenants: {name}, over {tenants:,} (ceiling: over {FEW})", value=many.per_second, unit="calls/s",
        ceiling=few.per_second, note=note, failures=few.failures + many.failures,
    )  # fmt: skip
