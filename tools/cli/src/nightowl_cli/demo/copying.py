"""Rows into the tables of a tenant that nobody uses yet, by COPY.

The audit log comes in slices of one transaction each: its trigger chains every row, and one head that was written
thousands of times in one transaction would be read through all its versions.
"""

from typing import Any, TypeAlias

import asyncpg
import msgspec

from nightowl_cli.demo.rows import Row, Rows
from nightowl_sql import schema_of

Connection: TypeAlias = "asyncpg.Connection[Any]"

ORDER = (
    "users", "contact_methods", "notification_rules", "rosters", "roster_members", "roster_overrides", "roster_pins",
    "roster_swaps", "roster_revisions", "roster_handoffs", "leave", "escalation_policies", "escalation_policy_versions",
    "services", "routes", "silences", "maintenance_windows", "inhibition_rules", "grouping_rules", "heartbeats",
    "saved_views", "runbooks", "incidents", "incident_fingerprints", "incident_history", "alert_groups", "alerts",
    "alert_payloads", "alert_timeline", "escalation_events", "deliveries", "delivery_attempts", "incident_resolutions",
    "alert_votes",
)  # fmt: skip
"""What refers to another table comes after it."""

AUDIT_SLICE = 250


async def copy_tables(connection: Connection, tenant: str, rows: Rows) -> None:
    """Every table but the audit log, in the caller's transaction; timers and configuration are the caller's."""
    for table in ORDER:
        await _copy(connection, tenant, table, rows.tables.get(table, []))


async def copy_audit(connection: Connection, tenant: str, rows: Rows) -> None:
    """The audit log, in the order of time, a transaction per slice."""
    log = sorted(rows.tables.get("audit_log", []), key=lambda row: str(row["id"]))
    for start in range(0, len(log), AUDIT_SLICE):
        await _copy(connection, tenant, "audit_log", log[start : start + AUDIT_SLICE])


async def _copy(connection: Connection, tenant: str, table: str, rows: list[Row]) -> None:
    """Rows of one table. A row need not say every column, but all that say the same ones go together."""
    documents = await _documents(connection, tenant, table)
    by_columns: dict[tuple[str, ...], list[tuple[object, ...]]] = {}
    for row in rows:
        values = tuple(_json(value) if name in documents else value for name, value in row.items())
        by_columns.setdefault(tuple(row), []).append(values)
    for columns, records in by_columns.items():
        await connection.copy_records_to_table(
            table, schema_name=schema_of(tenant), columns=list(columns), records=records
        )  # fmt: skip


async def _documents(connection: Connection, tenant: str, table: str) -> set[str]:
    found = await connection.fetch(
        """SELECT attname FROM pg_catalog.pg_attribute
        WHERE attrelid = format('%I.%I', $1::text, $2::text)::regclass AND atttypid = 'jsonb'::regtype""",
        schema_of(tenant), table,
    )  # fmt: skip
    return {row["attname"] for row in found}


def _json(value: object) -> str | None:
    return None if value is None else msgspec.json.encode(value).decode()
