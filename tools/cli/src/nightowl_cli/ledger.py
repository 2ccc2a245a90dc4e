"""`nightowl ledger check`: the conservation rules over all tenants."""

import asyncio

import rich_click as click

from nightowl_alerting.ledger import ReceivedMessage, unaccounted
from nightowl_cli.connections import database, nats
from nightowl_common.bus import Bus
from nightowl_contracts import subjects, topology


async def check() -> int:
    """Prints each finding; 1 when there is any, and nothing at all when there is none."""
    findings = 0
    async with nats() as client, database() as opened:
        bus = Bus(client, client.jetstream(), asyncio.Event())
        for tenant in sorted(await opened.tenants()):
            scanned = await bus.scan(topology.INGEST, subject=subjects.ingest(tenant))
            received = [ReceivedMessage.from_scan(each) for each in scanned]
            async with opened.tenant_tx(tenant) as tx:
                for finding in await unaccounted(tx, tenant, received):
                    click.echo(f"{tenant}\trule {finding.rule}\t{finding.subject}\t{finding.detail}")
                    findings += 1
    return 1 if findings else 0
