"""`nightowl tenant`."""

import rich_click as click

from nightowl_auth import (
    hash_password,
    insert_admin,
    insert_key,
    load_admin,
    make_key,
    make_password,
    set_password,
)
from nightowl_cli.connections import database, postgres
from nightowl_common.db import Tx
from nightowl_sql import create_tenant, list_tenants

FIRST_ADMIN = "admin"


async def create(slug: str, *, name: str) -> int:
    """A tenant with its schema, and its first key."""
    async with postgres() as connection:
        await create_tenant(connection, slug=slug, name=name)
    key = make_key()
    async with database() as opened, opened.global_tx() as tx:
        await insert_key(tx, key, tenant=slug, role="admin", description="first key")
        first = await add_admin(tx, slug, FIRST_ADMIN)
    click.echo(f"tenant {slug} is ready\nadmin API key (shown once): {key.raw}")
    if first is not None:
        click.echo(f"sign in as {FIRST_ADMIN} with the password (shown once, to be changed at once): {first}")
    return 0


async def add_admin(tx: Tx, slug: str, username: str) -> str | None:
    """A local admin's first password; None when there is such an admin already, who is left alone."""
    password = make_password()
    is_new = await insert_admin(tx, tenant=slug, username=username, password_hash=hash_password(password))
    return password if is_new else None


async def reset_password(slug: str, *, username: str) -> int:
    """A new first password for a local admin, who is made if need be. Ends their sessions and a lock-out."""
    password = make_password()
    async with database() as opened:
        await opened.require_tenant(slug)
        async with opened.global_tx() as tx:
            admin = await load_admin(tx, slug, username)
            if admin is None:
                await insert_admin(tx, tenant=slug, username=username, password_hash=hash_password(password))
            else:
                await set_password(tx, admin.id, hash_password(password), must_change=True)
    click.echo(f"sign in to {slug} as {username} with the password (shown once, to be changed at once): {password}")
    return 0


async def show() -> int:
    """All tenants, a line each."""
    async with postgres() as connection:
        for row in await list_tenants(connection):
            click.echo(f"{row['slug']}\t{row['status']}\t{row['created_at']:%Y-%m-%d}\t{row['name']}")
    return 0
