"""`nightowl tenant`."""

from pathlib import Path

import rich_click as click

from nightowl_alerting.suspension import resume_tenant, suspend_tenant
from nightowl_auth import (
    hash_password,
    insert_admin,
    insert_key,
    load_admin,
    make_key,
    make_password,
    set_password,
)
from nightowl_cli.bundles import export_tenant, import_tenant
from nightowl_cli.connections import database, nats, postgres
from nightowl_cli.settings import ExportSettings
from nightowl_common.db import Tx
from nightowl_common.settings import load_settings
from nightowl_contracts import Actor, topology
from nightowl_sql import create_tenant, drop_tenant, list_tenants

OPERATOR = Actor(kind="service", id="nightowl", name="operator")
"""Who acts by the command line: the audit log cannot know more."""

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


async def suspend(slug: str) -> int:
    """Its timers wait and its calls are refused, until it is resumed."""
    async with database() as opened, opened.tenant_tx(slug) as tx:
        changed = await suspend_tenant(tx, slug, OPERATOR)
    click.echo(f"tenant {slug} is suspended" if changed else f"tenant {slug} was suspended already")
    return 0


async def resume(slug: str) -> int:
    """What it owes is paid from now on."""
    async with database() as opened, opened.tenant_tx(slug) as tx:
        changed = await resume_tenant(tx, slug, OPERATOR)
    click.echo(f"tenant {slug} is active" if changed else f"tenant {slug} was active already")
    return 0


async def drop(slug: str) -> int:
    """Removes the tenant from the database, and its messages from the broker."""
    async with nats() as client, postgres() as connection:
        await drop_tenant(connection, slug=slug)
        jetstream = client.jetstream()
        for stream in topology.STREAMS:
            for subject in (f"nightowl.*.{slug}", f"nightowl.*.{slug}.>"):
                await jetstream.purge_stream(stream.name, subject=subject)
    click.echo(f"tenant {slug} is gone")
    return 0


async def export(slug: str, path: Path) -> int:
    """Writes the tenant into a file."""
    key = load_settings(ExportSettings).export_key
    async with postgres() as connection:
        manifest = await export_tenant(connection, slug, path, key)
    rows = sum(each.rows for each in [*manifest.tables, *manifest.shared])
    click.echo(f"tenant {slug}: {rows} rows of {len(manifest.tables)} tables in {path}")
    click.echo("left out: provider credentials, what reaches people's browsers, and what a key's calls are signed with")
    for prefix in manifest.left_out_keys:
        click.echo(f"left out: API key {prefix}…, whose calls are signed; make another")
    return 0


async def take_in(path: Path, *, slug: str | None) -> int:
    """Makes the tenant from a file; it is suspended."""
    key = load_settings(ExportSettings).export_key
    async with postgres() as connection:
        manifest = await import_tenant(connection, path, key, slug=slug)
    name = slug or manifest.slug
    click.echo(f"tenant {name} is here, as of {manifest.made_at}, and suspended; `nightowl tenant resume {name}`")
    return 0


async def show() -> int:
    """All tenants, a line each."""
    async with postgres() as connection:
        for row in await list_tenants(connection):
            click.echo(f"{row['slug']}\t{row['status']}\t{row['created_at']:%Y-%m-%d}\t{row['name']}")
    return 0
