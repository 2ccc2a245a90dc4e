"""A tenant that is long in use: resolved alerts by the hundred thousand, some open ones with their timers, incidents."""

import asyncpg
import knowledge
from bench import GROWN, PERSON, POLICY, Bench

SCHEMA = f"tenant_{GROWN}"
MANY = 100_000
"""Rows above which it is faster to make indexes of words anew than to add to them."""

_SERVICES = f"""
INSERT INTO "{SCHEMA}".services (name, owner)
SELECT 'svc-' || n, 'team-' || n % 10 FROM generate_series(1, 50) AS n ON CONFLICT DO NOTHING
"""
_ALERTS = f"""
INSERT INTO "{SCHEMA}".alerts (id, fingerprint, episode, status, severity, source, title, description, labels, service_id,
    assignee_id, first_fired_at, last_fired_at, acknowledged_at, resolved_at, policy_id, policy_version,
    escalation_state, escalation_reason)
SELECT uuidv7(n * interval '-30 seconds'), 'fp-' || n, 1, s.status,
    (ARRAY['info', 'warning', 'warning', 'warning', 'major', 'major', 'critical'])[1 + (n * 31) % 7],
    CASE WHEN n % 5000 = 0 THEN 'keep' WHEN n % 3 = 0 THEN 'generic' ELSE 'alertmanager' END,
    (ARRAY['Latency above 2 s', 'Disk nearly full', 'Error rate high', 'Certificate expires'])[1 + n % 4] || ' on db-' || n % 2000,
    'p99 of the last 5 minutes on node ' || n % 300,
    jsonb_build_object('env', CASE WHEN n % 5 = 0 THEN 'stage' ELSE 'prod' END, 'pod', 'pod-' || n % 3000, 'alertname', 'A' || n % 40),
    v.id, CASE WHEN n % 4000 = 0 THEN '{PERSON}'::uuid END,
    f.at, f.at, CASE WHEN s.status = 'acknowledged' THEN f.at END, CASE WHEN s.status = 'resolved' THEN f.at + interval '5 minutes' END,
    CASE WHEN s.status = 'firing' THEN '{POLICY}'::uuid END, CASE WHEN s.status = 'firing' THEN 1 END,
    CASE s.status WHEN 'firing' THEN 'pending' WHEN 'acknowledged' THEN 'stopped' ELSE 'none' END, 'filled'
FROM generate_series($1::integer, $2::integer) AS n
CROSS JOIN LATERAL (SELECT now() - n * interval '30 seconds' AS at) AS f
CROSS JOIN LATERAL (
    SELECT CASE WHEN n % 100 = 1 THEN 'firing' WHEN n % 100 = 2 THEN 'acknowledged' ELSE 'resolved' END AS status
) AS s
LEFT JOIN "{SCHEMA}".services AS v ON v.name = 'svc-' || n % 60
"""
_THEIRS = f"""
WITH added AS (
    SELECT id, status, first_fired_at, episode, substr(fingerprint, 4)::integer AS n FROM "{SCHEMA}".alerts
    WHERE fingerprint LIKE 'fp-%' AND substr(fingerprint, 4)::integer BETWEEN $1 AND $2
), told AS (
    INSERT INTO "{SCHEMA}".alert_timeline (alert_id, id, at, kind, actor)
    SELECT id, uuidv7(n * interval '-30 seconds'), first_fired_at, 'opened', '{{"kind": "source", "id": "bench", "name": "Bench"}}' FROM added
), fired AS (
    INSERT INTO "{SCHEMA}".escalation_events (alert_id, cycle, tier, outcome, recipients, due_at, fired_at)
    SELECT id, 0, 0, 'paged', ARRAY['user:{PERSON}'], first_fired_at, first_fired_at FROM added WHERE n % 10 = 3
), sent AS (
    INSERT INTO "{SCHEMA}".deliveries (id, alert_id, episode, cycle, step, recipient, channel, address, escalation_version,
        status, attempts, not_before, created_at, sent_at, settled_at, due_at)
    SELECT uuidv7(n * interval '-30 seconds'), id, episode, 0, 0, 'user:{PERSON}', 'slack_dm', 'U1', 0,
        'delivered', 1, first_fired_at, first_fired_at, first_fired_at, first_fired_at, first_fired_at
    FROM added WHERE n % 10 = 3
)
INSERT INTO public.timers (kind, ref, tenant, version, due_at)
SELECT 'escalation', id, '{GROWN}', 0, now() + interval '1 day' + n * interval '1 second' FROM added WHERE status = 'firing'
"""


async def fill(bench: Bench, *, alerts: int, incidents: int) -> None:
    """Adds what is missing, older than what is there: 1 % fire with a timer each, 1 % are acknowledged, 10 % were paged."""
    async with bench.sql() as connection:
        await connection.execute(_SERVICES)
        await knowledge.fill(connection, GROWN, incidents)
        if bench.filled < alerts:
            await _fill(connection, bench.filled + 1, alerts)
            bench.filled = alerts


async def _fill(connection: "asyncpg.Connection[asyncpg.Record]", first: int, last: int) -> None:
    indexes = []
    if last - first > MANY:
        indexes = await connection.fetch(
            "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = $1 AND tablename = 'alerts'"
            " AND indexdef LIKE '%USING gin%'",
            SCHEMA,
        )
    for index in indexes:
        await connection.execute(f'DROP INDEX "{SCHEMA}".{index["indexname"]}')
    await connection.execute(_ALERTS, first, last, timeout=1_800)
    await connection.execute(_THEIRS, first, last, timeout=1_800)
    for index in indexes:
        await connection.execute(index["indexdef"], timeout=1_800)
    for table in ("alerts", "alert_timeline", "deliveries", "escalation_events"):
        await connection.execute(f'VACUUM ANALYZE "{SCHEMA}".{table}', timeout=1_800)
    await connection.execute("VACUUM ANALYZE public.timers")
