"""`nightowl tenant claim`: which tenant a value of the installation's tenant claim stands for."""

import rich_click as click

from nightowl_alerting.store import insert_audit
from nightowl_auth.oidc import delete_tenant_claim, insert_tenant_claim, list_tenant_claims
from nightowl_cli.connections import database
from nightowl_cli.tenants import OPERATOR

MAX_VALUE = 500


async def show() -> int:
    """All of them, a line each."""
    async with database() as opened, opened.global_tx() as tx:
        for tenant, value in await list_tenant_claims(tx):
            click.echo(f"{tenant}\t{value}")
    return 0


async def add(slug: str, value: str) -> int:
    """Whoever's token has the value belongs to the tenant from now on; refused when it stands for one."""
    if not value.isprintable() or not 0 < len(value) <= MAX_VALUE:
        raise click.ClickException(f"a value has 1 to {MAX_VALUE} printable characters")
    async with database() as opened, opened.tenant_tx(slug) as tx:
        is_new = await insert_tenant_claim(tx, value, tenant=slug)
        if is_new:
            changes: dict[str, object] = {"claim": [None, value]}
            await insert_audit(tx, OPERATOR, action="updated", entity="sign_in", entity_id=None, changes=changes)
    if not is_new:
        raise click.ClickException(f"{value} stands for a tenant already; `nightowl tenant claims` says for which")
    click.echo(f"{value} stands for {slug}")
    return 0


async def remove(slug: str, value: str) -> int:
    """Nobody comes in by it any more; sessions that are there go on."""
    async with database() as opened, opened.tenant_tx(slug) as tx:
        is_gone = await delete_tenant_claim(tx, value, tenant=slug)
        if is_gone:
            changes: dict[str, object] = {"claim": [value, None]}
            await insert_audit(tx, OPERATOR, action="updated", entity="sign_in", entity_id=None, changes=changes)
    if not is_gone:
        raise click.ClickException(f"{value} does not stand for {slug}")
    click.echo(f"{value} stands for nothing now")
    return 0
