"""`nightowl streams`."""

import rich_click as click

from nightowl_cli.connections import nats
from nightowl_common.streams import Drift, apply_topology, diff_topology, restore_consumer
from nightowl_contracts.topology import ENRICHMENT


async def apply(*, replicas: int) -> int:
    """Makes the broker right and tells what differed."""
    async with nats() as client:
        drifts = await apply_topology(client.jetstream(), replicas=replicas)
    for drift in drifts:
        click.echo(f"applied {_line(drift)}")
    if not drifts:
        click.echo("nothing to change")
    return 0


async def diff() -> int:
    """1 when the broker differs."""
    async with nats() as client:
        drifts = await diff_topology(client.jetstream())
    for drift in drifts:
        click.echo(_line(drift))
    return 1 if drifts else 0


async def rewind() -> int:
    """Makes enrichment's consumer anew: what the inbox does not know is handled, all else only acknowledged."""
    async with nats() as client:
        js = client.jetstream()
        await js.delete_consumer(ENRICHMENT.stream, ENRICHMENT.name)
        await restore_consumer(js, ENRICHMENT)
        waiting = (await js.consumer_info(ENRICHMENT.stream, ENRICHMENT.name)).num_pending
    click.echo(f"{waiting} messages of the last 71 h are read again; what was handled is only acknowledged")
    return 0


def _line(drift: Drift) -> str:
    what = f"{drift.name}.{drift.field}" if drift.field else drift.name
    return f"{what}: wanted {drift.wanted}, found {drift.found}"
