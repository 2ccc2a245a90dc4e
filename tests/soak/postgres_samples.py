"""What Postgres tells: connections, transactions, rows alive and dead, sizes, and how late timers were."""

import re

from installation import Installation

_CONNECTIONS = """
SELECT application_name AS app, count(*) AS connections FROM pg_stat_activity
WHERE backend_type = 'client backend' AND application_name LIKE 'nightowl-%' GROUP BY 1
"""
_OLDEST = """
SELECT coalesce(max(extract(epoch FROM clock_timestamp() - xact_start)), 0)::double precision FROM pg_stat_activity
WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
"""
_TABLES = """
SELECT CASE WHEN schemaname = 'public' THEN 'public' ELSE 'tenant' END AS place, relname AS name,
    sum(n_live_tup)::bigint AS live, sum(n_dead_tup)::bigint AS dead, sum(pg_total_relation_size(relid))::bigint AS bytes
FROM pg_stat_user_tables GROUP BY 1, 2
"""
_LATENESS = """
SELECT percentile_cont(ARRAY[0.5, 0.99]) WITHIN GROUP (ORDER BY 1000 * extract(epoch FROM fired_at - due_at)) AS late
FROM escalation_events WHERE fired_at > public.clock_now() - interval '10 seconds'
"""
_ROWS = "SELECT count(*) AS alerts, count(*) FILTER (WHERE status <> 'resolved') AS open FROM alerts"
_PARTITION = re.compile(r"^inbox_\d{10}$")


class Postgres:
    """Looks with connections of the soak's own, which are not counted as anybody's."""

    def __init__(self, house: Installation) -> None:
        self._house = house

    async def look(self) -> dict[str, float]:
        """By series."""
        told: dict[str, float] = {}
        async with self._house.database.global_tx() as tx:
            for row in await tx.fetch(_CONNECTIONS):
                told[f"connections.{row['app']}"] = row["connections"]
            told["postgres.oldest_transaction_s"] = await tx.fetchval(_OLDEST)
            tables = await tx.fetch(_TABLES)
            told["postgres.bytes"] = await tx.fetchval("SELECT pg_database_size(current_database())")
        told.pop("connections.nightowl-soak", None)
        told["postgres.inbox_partitions"] = sum(1 for row in tables if _PARTITION.match(row["name"]))
        for row in tables:
            name = "inbox" if row["name"].startswith("inbox_") else row["name"]
            for what in ("live", "dead", "bytes"):
                series = f"table.{row['place']}.{name}.{what}"
                told[series] = told.get(series, 0.0) + float(row[what])
        return told | await self._look_at_tenants()

    async def _look_at_tenants(self) -> dict[str, float]:
        told: dict[str, float] = {"alerts.rows": 0.0, "alerts.open": 0.0}
        for tenancy in self._house.tenants:
            async with self._house.database.tenant_tx(tenancy.slug) as tx:
                late = await tx.fetchval(_LATENESS)
                rows = await tx.fetchrow(_ROWS)
            told["alerts.rows"] += rows["alerts"]
            told["alerts.open"] += rows["open"]
            if late is not None:
                told["timers.late_p50_ms"] = max(told.get("timers.late_p50_ms", 0.0), float(late[0]))
                told["timers.late_p99_ms"] = max(told.get("timers.late_p99_ms", 0.0), float(late[1]))
        return told
