"""The alert list at scale: a million alerts in one tenant, every filter through the HTTP API, one state change."""

import itertools
import time

import asyncpg
import filling
from bench import Bench
from figures import Row
from filling import SCHEMA
from load import Result, closed_loop, http_get, percentile

from nightowl_query.api.paging import encode_cursor
from nightowl_testkit.client import ApiClient

CHANGES = 200

FILTERS = {
    "everything, newest first": "",
    "everything, most urgent first": "?sort=urgent",
    "a page in the middle": "?cursor={middle}",
    "firing": "?status=firing",
    "open, most urgent first": "?status=firing&status=acknowledged&status=investigating&sort=urgent",
    "critical": "?severity=critical",
    "resolved warnings": "?status=resolved&severity=warning",
    "a common source": "?source=alertmanager",
    "a rare source": "?source=keep",
    "two services": "?service=svc-7&service=svc-8",
    "one service, one severity": "?service=svc-7&severity=critical",
    "an owner": "?owner=team-3",
    "a fingerprint": "?fingerprint=fp-4242",
    "a rare label": "?label=pod%3Dpod-77",
    "a common label": "?label=env%3Dprod",
    "a label pattern": "?label=pod%3D~pod-7.",
    "a rare word": "?q=db-77",
    "a common word": "?q=latency",
    "a prefix": "?q=laten",
    "what is muted": "?muted=true",
    "an assignee": "?assignee=00000000-0000-7000-8000-000000000001",
    "an hour long ago": "?after={from_time}&before={to_time}",
    "a source, a word and a severity": "?source=generic&q=latency&severity=info",
}
FACETS = {"facets of everything": "", "facets of what is open": "?status=firing", "facets of a word": "?q=latency"}

_FIRING = f'SELECT id FROM "{SCHEMA}".alerts WHERE status = $1 ORDER BY id DESC LIMIT {CHANGES}'


async def listing(bench: Bench) -> list[Row]:
    """p99 of every filter alone, beside sixteen at once; one acknowledgement after the other."""
    alerts, incidents = bench.sizes.at(bench.sizes.steps - 1)
    await filling.fill(bench, alerts=alerts, incidents=incidents)
    async with bench.sql() as connection:
        values = await _values(connection, alerts)
        ids = [row["id"] for row in await connection.fetch(_FIRING, "firing")]
    paths = {f"list: {name}": f"/api/v1/alerts{query}" for name, query in FILTERS.items()}
    paths |= {name: f"/api/v1/alerts/facets{query}" for name, query in FACETS.items()}
    figures = [await _filter(bench, name, path.format(**values)) for name, path in paths.items()]
    return [*figures, await _state_change(bench, ids)]


async def _values(connection: "asyncpg.Connection[asyncpg.Record]", alerts: int) -> dict[str, str]:
    row = await connection.fetchrow(
        f'SELECT id, first_fired_at FROM "{SCHEMA}".alerts WHERE fingerprint = $1', f"fp-{alerts // 2}"
    )
    assert row is not None
    end = await connection.fetchval("SELECT $1::timestamptz + interval '1 hour'", row["first_fired_at"])
    times = {"from_time": row["first_fired_at"], "to_time": end}
    return {
        "middle": encode_cursor(row["id"]),
        **{name: at.strftime("%Y-%m-%dT%H:%M:%SZ") for name, at in times.items()},
    }


async def _filter(bench: Bench, name: str, path: str) -> Row:
    request = http_get(path, key=bench.grown_key)

    async def run(connections: int, seconds: float) -> Result:
        return await closed_loop(
            bench.port("query"), lambda _n: itertools.repeat(request), connections=connections, seconds=seconds
        )

    await run(1, 0.1)
    before = bench.use()
    alone = await run(1, bench.sizes.read_seconds)
    costs = before.each(bench.use(), alone.calls)
    crowd = await run(16, bench.sizes.read_seconds)
    note = f"p50 {alone.p50_ms:.1f} ms; 16 at once: p99 {crowd.p99_ms:.0f} ms, {crowd.per_second:.0f} calls/s"
    return Row(
        what=f"{name}, p99", value=alone.p99_ms, unit="ms", most=50, note=note, costs=costs,
        failures=alone.failures + crowd.failures,
    )  # fmt: skip


async def _state_change(bench: Bench, ids: list[object]) -> Row:
    url = f"http://127.0.0.1:{bench.port('query')}"
    taken = []
    before = bench.use()
    async with ApiClient(ingest_url=url, query_url=url, key=bench.grown_key) as client:
        for alert_id in ids:
            started = time.perf_counter()
            await client.acknowledge(alert_id)  # type: ignore[arg-type]  # a UUID from the database
            taken.append(time.perf_counter() - started)
    costs = before.each(bench.use(), len(ids))
    taken.sort()
    return Row(
        what="one acknowledgement, p99", value=percentile(taken, 0.99) * 1000, unit="ms", most=20, costs=costs,
        note=f"p50 {percentile(taken, 0.5) * 1000:.1f} ms over {len(ids)}",
    )  # fmt: skip
