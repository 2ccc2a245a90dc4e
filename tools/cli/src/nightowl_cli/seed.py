"""`nightowl seed`: the development tenant."""

import rich_click as click

from nightowl_cli.connections import database, postgres
from nightowl_common.db import load_queries
from nightowl_sql import TenantExistsError, create_tenant

SQL = load_queries(__package__, "seed.sql")

TENANT = "acme"
DEV_KEY = "ow_dev_seed_key_do_not_use_in_production"

_STEPS = (
    "seed_users",
    "seed_roster",
    "seed_members",
    "seed_policy",
    "seed_policy_version",
    "seed_services",
    "seed_config",
)


async def seed() -> int:
    """Creates the tenant, and fills it if nobody has made anything in it; ensures its key and its admin."""
    from nightowl_auth import insert_key, make_key  # noqa: PLC0415  (much, and `up` seeds when it starts first)
    from nightowl_cli.tenants import FIRST_ADMIN, add_admin  # noqa: PLC0415  (as above)

    async with postgres() as connection:
        try:
            await create_tenant(connection, slug=TENANT, name="Acme")
        except TenantExistsError:
            click.echo(f"tenant {TENANT} is there already")
    async with database() as opened:
        async with opened.tenant_tx(TENANT) as tx:
            if await tx.fetchval(SQL["is_untouched"]):
                for step in _STEPS:
                    await tx.execute(SQL[step])
            else:
                click.echo("somebody has made something in it, so its people, rosters and rules stay as they are")
        async with opened.global_tx() as tx:
            await insert_key(tx, make_key(DEV_KEY), tenant=TENANT, role="admin", description="development key")
            first = await add_admin(tx, TENANT, FIRST_ADMIN)
    if first is not None:
        click.echo(f"sign in as {FIRST_ADMIN} with the password (shown once, to be changed at once): {first}")
    click.echo(f"tenant {TENANT} is ready, API key {DEV_KEY}")
    return 0
