"""`nightowl dlq`: what could not be handled, and handing it back after the reason is mended.

Replay: forget the rejection, publish the original bytes, delete the dead letter, in this order. A crash in between
leaves the dead letter, and replaying it again changes nothing that was handled.
"""

from collections.abc import AsyncIterator
from uuid import UUID

import rich_click as click
from nats.js import JetStreamContext
from nats.js.api import RawStreamMsg
from nats.js.errors import NotFoundError

from nightowl_cli.connections import nats, postgres
from nightowl_common.db import load_queries
from nightowl_contracts.topology import DLQ, Header

SQL = load_queries(__package__, "dead_letters.sql")


async def show() -> int:
    """A line each: sequence, where from, size, reason."""
    count = 0
    async with nats() as client:
        async for message in _all(client.jetstream()):
            headers = message.headers or {}
            origin, reason = headers.get(Header.ORIGIN, "?"), headers.get(Header.REASON, "?")
            click.echo(f"{message.seq}\t{origin}\t{len(message.data or b'')} bytes\t{reason}")
            count += 1
    if not count:
        click.echo("no dead letters")
    return 0


async def replay(sequence: int | None) -> int:
    """One dead letter, or all."""
    async with nats() as client:
        js = client.jetstream()
        messages = [each async for each in _all(js) if sequence is None or each.seq == sequence]
        for message in messages:
            await _replay_one(js, message)
            click.echo(f"replayed {message.seq}")
    if not messages:
        click.echo("no such dead letter" if sequence is not None else "no dead letters")
    return 0 if messages or sequence is None else 1


async def _replay_one(js: JetStreamContext, message: RawStreamMsg) -> None:
    headers = dict(message.headers or {})
    subject, _, _sequence = headers.pop(Header.ORIGIN).partition(" ")
    headers.pop(Header.REASON, None)
    stream = (message.subject or "").rpartition(".")[2]
    event_id = headers.get(Header.EVENT_ID)
    if event_id is not None:
        async with postgres() as connection:
            await connection.execute(SQL["forget_rejection"], UUID(event_id))
    headers[Header.MESSAGE_ID] = f"dlq:{message.seq}"
    # bus: a tool that runs once; the PubAck is awaited
    await js.publish(subject, message.data or b"", stream=stream, headers=headers, timeout=5)
    await js.delete_msg(DLQ.name, message.seq or 0)


async def _all(js: JetStreamContext) -> AsyncIterator[RawStreamMsg]:
    state = (await js.stream_info(DLQ.name)).state
    for sequence in range(max(1, state.first_seq), state.last_seq + 1):
        try:
            yield await js.get_msg(DLQ.name, sequence)
        except NotFoundError:
            continue  # deleted by an earlier replay
