"""`nightowl tenant`."""

import rich_click as click

from nightowl_auth import insert_key, make_key
from nightowl_cli.connections import database, postgres
from nightowl_sql import create_tenant, list_tenants


async def create(slug: str, *, name: str) -> int:
    """A tenant with its schema, and its first key."""
    async with postgres() as connection:
        await create_tenant(connection, slug=slug, name=name)
    key = make_key()
    async with database() as opened, opened.global_tx() as tx:
        await insert_key(tx, key, tenant=slug, role="admin", description="first key")
    click.echo(f"tenant {slug} is ready\nadmin API key (shown once): {key.raw}")
    return 0


async def show() -> int:
    """All tenants, a line each."""
    async with postgres() as connection:
        for row in await list_tenants(connection):
            click.echo(f"{row['slug']}\t{row['status']}\t{row['created_at']:%Y-%m-%d}\t{row['name']}")
    return 0
