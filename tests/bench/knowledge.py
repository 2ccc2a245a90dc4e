"""The knowledge base at its full size: what it costs the pipeline, and how fast it is searched."""

import itertools
from urllib.parse import quote

import asyncpg
from bench import Bench
from figures import Row
from load import closed_loop, http_get
from pipeline import flow

TERMS = {"narrow": "w77x31", "common": "service", "common prefix": "serv", "two words": "latency timeout"}

_FILL = """
INSERT INTO "{schema}".incidents (title, severity, fingerprints, services, tags, symptoms, solution, resolution_count)
SELECT 'Problem w' || n % 997 || 'x' || n % 101 || ' ' || (ARRAY['latency', 'errors', 'memory', 'disk'])[1 + n % 4]
    || ' ' || (ARRAY['timeout', 'failure', 'requests', 'pressure'])[1 + n / 4 % 4],
    'major', ARRAY['known-' || n], ARRAY['svc-' || n % 50], ARRAY['tag' || n % 200],
    'The service answers slowly and ' || md5(n::text) || ' is in the log', 'Restart part ' || n % 500, n * 7919 % 1000
FROM generate_series($1::integer, $2::integer) AS n
"""
_CLAIM = """
INSERT INTO "{schema}".incident_fingerprints SELECT fingerprints[1], id FROM "{schema}".incidents ON CONFLICT DO NOTHING
"""


async def fill(connection: "asyncpg.Connection[asyncpg.Record]", tenant: str, incidents: int) -> None:
    """So many incidents for a tenant; those that are there stay."""
    schema = f"tenant_{tenant}"
    have = await connection.fetchval(f'SELECT count(*) FROM "{schema}".incidents')
    if have < incidents:
        await connection.execute(_FILL.format(schema=schema), have + 1, incidents, timeout=600)
        await connection.execute(_CLAIM.format(schema=schema), timeout=600)
        await connection.execute(f'UPDATE "{schema}".tenant_config SET knowledge_version = knowledge_version + 1')
        await connection.execute(f'VACUUM ANALYZE "{schema}".incidents', timeout=600)
        await connection.execute(f'VACUUM ANALYZE "{schema}".incident_fingerprints')


async def enrichment(bench: Bench) -> list[Row]:
    """The pipeline of a tenant with a full knowledge base beside the same of one without, measured just before."""
    without = await flow(bench)
    async with bench.sql() as connection:
        await fill(connection, "bench0", bench.sizes.incidents)
    full = await flow(bench)
    note = f"ceiling: the same with none; there, CPU µs each: enrichment {without.costs['enrichment']:,.0f}, postgres {without.costs['postgres']:,.0f}"
    return [
        Row(
            what=f"whole pipeline with {bench.sizes.incidents:,} incidents, 1 tenant", value=full.per_second,
            unit="alerts/s", least_share=0.7, ceiling=without.per_second, costs=full.costs,
            failures=full.failures + without.failures, note=note,
        )
    ]  # fmt: skip


async def search(bench: Bench) -> list[Row]:
    """Knowledge search over HTTP, by one client and by sixteen."""
    async with bench.sql() as connection:
        await fill(connection, "bench0", bench.sizes.incidents)
    return [row for name, words in TERMS.items() for row in await _search(bench, name, words)]


async def _search(bench: Bench, name: str, words: str) -> list[Row]:
    request = http_get(f"/api/v1/incidents/search?limit=20&q={quote(words)}", key=bench.keys[0])
    figures = []
    for connections, most in ((1, 25), (16, 100)):
        before = bench.use()
        done = await closed_loop(
            bench.port("query"), lambda _n: itertools.repeat(request), connections=connections,
            seconds=bench.sizes.read_seconds * 2,
        )  # fmt: skip
        costs = before.each(bench.use(), done.calls)
        what = f"search {bench.sizes.incidents:,}, {name} term, {connections} at once, p99"
        note = f"p50 {done.p50_ms:.1f} ms, {done.per_second:,.0f} searches/s"
        figures.append(
            Row(what=what, value=done.p99_ms, unit="ms", most=most, note=note, costs=costs, failures=done.failures)
        )
    return figures
