"""`nightowl ledger check`: the conservation rules over all tenants."""

import asyncio
from collections.abc import Collection

import rich_click as click

from nightowl_alerting.ledger import Finding, lost_messages, received_parts, unaccounted
from nightowl_cli.connections import database, nats
from nightowl_common.bus import Bus


async def check() -> int:
    """Prints each finding; 1 when there is any, and nothing at all when there is none."""
    findings = 0
    async with nats() as client, database() as opened:
        bus = Bus(client, client.jetstream(), asyncio.Event())
        for tenant in sorted(await opened.tenants()):
            async for part in received_parts(bus, tenant):
                async with opened.tenant_tx(tenant) as tx:
                    found = await lost_messages(tx, part)
                findings += _print(tenant, found.values())
            async with opened.tenant_tx(tenant) as tx:
                findings += _print(tenant, await unaccounted(tx, tenant, ()))
    return 1 if findings else 0


def _print(tenant: str, findings: Collection[Finding]) -> int:
    for each in findings:
        click.echo(f"{tenant}\trule {each.rule}\t{each.subject}\t{each.detail}")
    return len(findings)
