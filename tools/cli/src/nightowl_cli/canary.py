"""`nightowl canary`: the tenant whose alert proves every minute that pages come through."""

import rich_click as click

from nightowl_auth import insert_key, make_key
from nightowl_cli.connections import database, postgres
from nightowl_cli.settings import CanarySettings
from nightowl_common.db import load_queries
from nightowl_common.settings import load_settings
from nightowl_contracts.canary import CANARY_TENANT
from nightowl_sql import TenantExistsError, create_tenant

SQL = load_queries(__package__, "canary.sql")


async def install() -> int:
    """Makes what is missing, and lets the key of `NIGHTOWL_CANARY_KEY` in. Safe to run again."""
    key = make_key(load_settings(CanarySettings).canary_key.reveal())
    async with postgres() as connection:
        try:
            await create_tenant(connection, slug=CANARY_TENANT, name="Canary", is_ours=True)
        except TenantExistsError:
            click.echo(f"tenant {CANARY_TENANT} is there already")
    async with database() as opened:
        async with opened.tenant_tx(CANARY_TENANT) as tx:
            for step in ("insert_policy", "insert_policy_version", "set_config"):
                await tx.execute(SQL[step])
        async with opened.global_tx() as tx:
            await insert_key(
                tx, key, tenant=CANARY_TENANT, role="engineer", description="canary", scope="ingest"
            )  # fmt: skip
            await tx.execute(SQL["insert_canary"])
    click.echo("the canary is installed; it sings when the notifier has NIGHTOWL_CANARY_URL and NIGHTOWL_CANARY_KEY")
    return 0


async def remove() -> int:
    """No canary any more, and so none that is missed. Its tenant stays."""
    async with database() as opened, opened.global_tx() as tx:
        await tx.execute(SQL["delete_canary"])
    click.echo("there is no canary")
    return 0
