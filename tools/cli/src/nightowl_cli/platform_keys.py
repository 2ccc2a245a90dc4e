"""`nightowl platform-key`."""

import rich_click as click

from nightowl_auth.platform import insert_platform_key, list_platform_keys, make_platform_key, revoke_platform_key
from nightowl_cli.connections import database


async def create(description: str) -> int:
    """A new key, shown once."""
    key = make_platform_key()
    async with database() as opened, opened.global_tx() as tx:
        await insert_platform_key(tx, key, description=description)
    click.echo(f"platform key (shown once): {key.raw}")
    return 0


async def show() -> int:
    """Those that work."""
    async with database() as opened, opened.global_tx() as tx:
        for row in await list_platform_keys(tx):
            click.echo(f"{row['prefix']}  {row['created_at']:%Y-%m-%d}  {row['description']}")
    return 0


async def revoke(prefix: str) -> int:
    """It is over at once; exit code 1 when there is none."""
    async with database() as opened, opened.global_tx() as tx:
        was_there = await revoke_platform_key(tx, prefix)
    click.echo(f"{prefix} is revoked" if was_there else f"no platform key begins with {prefix}")
    return 0 if was_there else 1
