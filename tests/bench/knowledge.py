"""The knowledge base at its full size: what it costs the pipeline, and how fast it is searched."""

import itertools
from urllib.parse import quote

import asyncpg
import rows
from load import closed_loop
from rows import Bench, Row

from nightowl_cli.supervisor import Supervisor

INCIDENTS = 100_000
TERMS = {"narrow": "w77x31", "common": "service", "common prefix": "serv", "two words": "latency timeout"}

_FILL = """
INSERT INTO tenant_bench0.incidents (title, severity, fingerprints, services, tags, symptoms, solution, resolution_count)
SELECT 'Problem w' || n % 997 || 'x' || n % 101 || ' ' || (ARRAY['latency', 'errors', 'memory', 'disk'])[1 + n % 4]
    || ' ' || (ARRAY['timeout', 'failure', 'requests', 'pressure'])[1 + n / 4 % 4],
    'major', ARRAY['known-' || n], ARRAY['svc-' || n % 50], ARRAY['tag' || n % 200],
    'The service answers slowly and ' || md5(n::text) || ' is in the log', 'Restart part ' || n % 500, n * 7919 % 1000
FROM generate_series(1, $1::integer) AS n
"""
_CLAIM = """
INSERT INTO tenant_bench0.incident_fingerprints SELECT fingerprints[1], id FROM tenant_bench0.incidents
"""


async def fill(bench: Bench) -> None:
    """100,000 incidents for the first tenant."""
    connection = await asyncpg.connect(bench.database_url)
    try:
        if await connection.fetchval("SELECT count(*) FROM tenant_bench0.incidents") < INCIDENTS:
            await connection.execute(_FILL, INCIDENTS)
            await connection.execute(_CLAIM)
            await connection.execute("UPDATE tenant_bench0.tenant_config SET knowledge_version = knowledge_version + 1")
            await connection.execute("VACUUM ANALYZE tenant_bench0.incidents")
            await connection.execute("VACUUM ANALYZE tenant_bench0.incident_fingerprints")
    finally:
        await connection.close()


async def enrichment(bench: Bench) -> list[Row]:
    """The pipeline with a full knowledge base beside the same without one, one tenant."""
    [without] = await rows.pipeline(bench, tenants=1, target="")
    await fill(bench)
    [with_it] = await rows.pipeline(bench, tenants=1, target="")
    return [
        Row(
            what=f"whole pipeline with {INCIDENTS:,} incidents, 1 tenant",
            value=with_it.value,
            unit="alerts/s",
            target="≥ 70 % of the rate with none",
            ceiling=without.value,
            note="ceiling: the same with none",
        )
    ]


async def search(bench: Bench, *, query: Supervisor) -> list[Row]:
    """Knowledge search over HTTP, by one client and by sixteen."""
    await fill(bench)
    await query.start()
    try:
        return [row for name, words in TERMS.items() for row in await _search(bench, query, name, words)]
    finally:
        await query.stop()


async def _search(bench: Bench, query: Supervisor, name: str, words: str) -> list[Row]:
    path = f"/api/v1/incidents/search?limit=20&q={quote(words)}"
    request = f"GET {path} HTTP/1.1\r\nHost: bench\r\nX-API-Key: {bench.keys[0]}\r\n\r\n".encode()
    figures = []
    for connections, target in ((1, "≤ 25"), (16, "≤ 100")):
        done = await closed_loop(
            query.services[0].port, lambda _n: itertools.repeat(request), connections=connections, seconds=bench.seconds
        )
        note = f"{done.per_second:,.0f} searches/s" + (f"; {done.failures} FAILED" if done.failures else "")
        what = f"search {INCIDENTS:,}, {name} term, {connections} at once, p99"
        figures.append(Row(what=what, value=done.p99_ms, unit="ms", target=target, note=note))
    return figures
