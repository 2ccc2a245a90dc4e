"""The tenant's settings."""

from uuid import UUID

import msgspec

from nightowl_common.db import Record, Tx, load_queries
from nightowl_query.model.config import TenantConfig

SQL = load_queries(__package__, "config.sql")


async def load_config(tx: Tx, tenant: str) -> TenantConfig:
    """As they stand."""
    return _config(await tx.fetchrow(SQL["load_config"], tenant))


async def lock_config(tx: Tx, tenant: str) -> TenantConfig:
    """As they stand, locked until the transaction ends."""
    return _config(await tx.fetchrow(SQL["lock_config"], tenant))


async def update_config(tx: Tx, tenant: str, config: TenantConfig) -> None:
    """New settings; the revision rises."""
    await tx.execute(
        SQL["update_config"],
        config.auto_close_minutes,
        config.timezone,
        config.default_policy_id,
        config.slack_channel,
        config.keep_alerts_days,
        config.keep_payloads_days,
        config.keep_deliveries_days,
        config.keep_audit_days,
        config.quiet_threads,
        config.page_limits,
    )
    await tx.execute(SQL["update_severity_words"], tenant, config.severity_words)


async def policy_exists(tx: Tx, policy_id: UUID) -> bool:
    """Whether there is such an escalation policy."""
    return bool(await tx.fetchval(SQL["policy_exists"], policy_id))


def _config(row: Record | None) -> TenantConfig:
    assert row is not None, "a migration has made the one row"
    return msgspec.convert(dict(row), TenantConfig)
