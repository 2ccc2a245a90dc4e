"""`nightowl dlq`: what could not be handled, and handing it back after the reason is mended."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import rich_click as click

from nightowl_cli.connections import database, nats
from nightowl_common import dead_letters, inbox
from nightowl_common.bus import Bus
from nightowl_contracts.topology import DLQ


async def show() -> int:
    """A line each: sequence, where from, size, reason."""
    async with _bus() as bus:
        letters = await dead_letters.find(bus)
    for each in letters:
        click.echo(f"{each.sequence}\t{each.subject} {each.place}\t{each.size_bytes} bytes\t{each.reason}")
    if not letters:
        click.echo("no dead letters")
    return 0


async def replay(sequence: int | None) -> int:
    """One dead letter, or all."""
    async with _bus() as bus:
        wanted = [sequence] if sequence is not None else [each.sequence for each in await dead_letters.find(bus)]
        replayed = [number for number in wanted if await _replay_one(bus, number)]
    if not replayed:
        click.echo("no such dead letter" if sequence is not None else "no dead letters")
    return 0 if replayed or sequence is None else 1


async def _replay_one(bus: Bus, sequence: int) -> bool:
    """False when there is none of that number."""
    found = await dead_letters.load(bus, sequence)
    if found is None:
        return False
    letter, message = found
    if letter.event_id is not None:
        async with database() as opened, opened.global_tx() as tx:
            await inbox.forget_rejection(tx, letter.event_id)
    await dead_letters.hand_back(bus, letter, message)
    click.echo(f"replayed {sequence}")
    return True


@asynccontextmanager
async def _bus() -> AsyncIterator[Bus]:
    """The services' own way to the broker.

    Raises:
        click.ClickException: it does not answer.
        nats.js.errors.NotFoundError: it is not prepared.
    """
    async with nats() as client:
        js = client.jetstream()
        await js.stream_info(DLQ.name)
        yield Bus(client, js, asyncio.Event())
