"""The alert list at scale: a million alerts in one tenant, every filter through the HTTP API, one state change."""

import asyncio
import itertools
import time

import asyncpg
from load import Result, closed_loop, percentile
from rows import Row

from nightowl_testkit.client import ApiClient

SCHEMA = "tenant_bench0"
TARGET = "≤ 50"

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

_LOAD = f"""
INSERT INTO "{SCHEMA}".services (name, owner)
SELECT 'svc-' || n, 'team-' || n % 10 FROM generate_series(1, 50) AS n ON CONFLICT DO NOTHING;
INSERT INTO "{SCHEMA}".alerts (id, fingerprint, episode, status, severity, source, title, description, labels, service_id,
    assignee_id, first_fired_at, last_fired_at, acknowledged_at, resolved_at, escalation_state, escalation_reason)
SELECT uuidv7((n - $1) * interval '30 seconds'), 'fp-' || n, 1, s.status,
    (ARRAY['info', 'warning', 'warning', 'warning', 'major', 'major', 'critical'])[1 + (n * 31) % 7],
    CASE WHEN n % 5000 = 0 THEN 'keep' WHEN n % 3 = 0 THEN 'generic' ELSE 'alertmanager' END,
    (ARRAY['Latency above 2 s', 'Disk nearly full', 'Error rate high', 'Certificate expires'])[1 + n % 4] || ' on db-' || n % 2000,
    'p99 of the last 5 minutes on node ' || n % 300,
    jsonb_build_object('env', CASE WHEN n % 5 = 0 THEN 'stage' ELSE 'prod' END, 'pod', 'pod-' || n % 3000, 'alertname', 'A' || n % 40),
    v.id, CASE WHEN n % 4000 = 0 THEN '00000000-0000-7000-8000-000000000001'::uuid END,
    f.at, f.at, CASE WHEN s.status = 'acknowledged' THEN f.at END, CASE WHEN s.status = 'resolved' THEN f.at END,
    'none', 'loaded'
FROM generate_series(1, $1::integer) AS n
CROSS JOIN LATERAL (SELECT now() + (n - $1) * interval '30 seconds' AS at) AS f
CROSS JOIN LATERAL (
    SELECT CASE WHEN n % 100 = 1 THEN 'firing' WHEN n % 100 = 2 THEN 'acknowledged' ELSE 'resolved' END AS status
) AS s
LEFT JOIN "{SCHEMA}".services AS v ON v.name = 'svc-' || n % 60
"""


async def load(database_url: str, alerts: int) -> None:
    """Fills the first bench tenant."""
    connection = await asyncpg.connect(database_url)
    try:
        services, rows = _LOAD.strip().split(";\n", 1)
        await connection.execute(services)
        words = await connection.fetch(
            "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = $1 AND indexdef LIKE '%USING gin%'", SCHEMA
        )
        for index in words:  # made anew when all is there, which is much faster and gives the same
            await connection.execute(f'DROP INDEX "{SCHEMA}".{index["indexname"]}')
        await connection.execute(rows, alerts, timeout=1_800)
        for index in words:
            await connection.execute(index["indexdef"], timeout=1_800)
        await connection.execute(f'VACUUM ANALYZE "{SCHEMA}".alerts', timeout=1_800)
    finally:
        await connection.close()


async def measure(database_url: str, port: int, key: str, *, seconds: float, alerts: int) -> list[Row]:
    """p99 of every filter alone and with 16 connections; one acknowledgement after the other."""
    connection = await asyncpg.connect(database_url)
    try:
        values = await _values(connection, alerts)
        ids = await connection.fetch(
            f'SELECT id FROM "{SCHEMA}".alerts WHERE status = $1 ORDER BY id DESC LIMIT 300', "firing"
        )
    finally:
        await connection.close()
    rows = []
    paths = {f"list: {name}": f"/api/v1/alerts{query}" for name, query in FILTERS.items()}
    paths |= {name: f"/api/v1/alerts/facets{query}" for name, query in FACETS.items()}
    for name, path in paths.items():
        rows += await _filter(name, path.format(**values), port, key, seconds=seconds)
    return [*rows, await _state_change(port, key, [row["id"] for row in ids])]


async def _values(connection: "asyncpg.Connection[asyncpg.Record]", alerts: int) -> dict[str, str]:
    from nightowl_query.api.paging import encode_cursor  # noqa: PLC0415  # only this row needs the service

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


async def _filter(name: str, path: str, port: int, key: str, *, seconds: float) -> list[Row]:
    request = f"GET {path} HTTP/1.1\r\nHost: bench\r\nX-API-Key: {key}\r\n\r\n".encode()

    async def run(connections: int, length: float) -> Result:
        return await closed_loop(port, lambda _n: itertools.repeat(request), connections=connections, seconds=length)

    await run(1, 0.2)
    alone, crowd = await run(1, seconds), await run(16, seconds)
    failed = alone.failures + crowd.failures
    note = f"p50 {alone.p50_ms:.1f}; 16 connections: p99 {crowd.p99_ms:.0f} ms, {crowd.per_second:.0f} calls/s"
    return [
        Row(
            what=f"{name}, p99", value=alone.p99_ms, unit="ms", target=TARGET, note=f"{note}{'; FAILED' * bool(failed)}"
        )
    ]


async def _state_change(port: int, key: str, ids: list[object]) -> Row:
    url = f"http://127.0.0.1:{port}"
    taken = []
    async with ApiClient(ingest_url=url, query_url=url, key=key) as client:
        for alert_id in ids:
            started = time.perf_counter()
            await client.acknowledge(alert_id)  # type: ignore[arg-type]  # a UUID from the database
            taken.append(time.perf_counter() - started)
            await asyncio.sleep(0)
    note = f"p50 {percentile(sorted(taken), 0.5) * 1000:.1f}"
    return Row(
        what="one acknowledgement, p99",
        value=percentile(sorted(taken), 0.99) * 1000,
        unit="ms",
        target="≤ 20",
        note=note,
    )
