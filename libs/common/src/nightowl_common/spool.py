"""The spool: accepted calls that JetStream could not take. Ingest puts them there, enrichment takes them from there.

A row is deleted in the commit of its effects, or after the stream has its message. So it is durable until then,
whichever process dies.
"""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from nightowl_common.bus import Message
from nightowl_common.db import Tx, load_queries
from nightowl_contracts import subjects
from nightowl_contracts.topology import INGEST, Header

SQL = load_queries(__package__, "spool.sql")


class IngestMessage(msgspec.Struct, frozen=True, kw_only=True):
    """One message for the INGEST stream, in the form that the spool keeps.

    `message_id` is the broker's deduplication key, `event_id` the consumers'. `alerts` counts the items that
    will need a disposition, rejected ones included.
    """

    message_id: str
    tenant: str
    event_id: UUID
    alerts: int
    body: bytes
    trace: str | None

    def for_bus(self, *, reply_to: str | None = None) -> Message:
        """The message to publish; `reply_to` is the core-NATS subject where outcomes are awaited."""
        headers = {Header.EVENT_ID: str(self.event_id), Header.ALERTS: str(self.alerts)}
        if self.trace is not None:
            headers[Header.TRACE] = self.trace
        if reply_to is not None:
            headers[Header.REPLY_TO] = reply_to
        return Message(
            stream=INGEST.name,
            subject=subjects.ingest(self.tenant),
            id=self.message_id,
            body=self.body,
            headers=headers,
        )


async def insert(tx: Tx, messages: Sequence[IngestMessage]) -> None:
    """Keeps messages under their own ids."""
    await tx.executemany(
        SQL["insert_spooled"], [(m.message_id, m.tenant, m.event_id, m.alerts, m.body, m.trace) for m in messages]
    )


async def claim(
    tx: Tx, *, count: int, alerts: int, size_bytes: int, without: Sequence[str] = ()
) -> list[IngestMessage]:
    """The oldest messages that nobody else has in hand, locked until the transaction ends; `without` names others."""
    rows = await tx.fetch(SQL["claim_spooled"], count, size_bytes, alerts, list(without))
    return [msgspec.convert(dict(row), IngestMessage) for row in rows]


async def lock(tx: Tx, message_ids: Sequence[str]) -> list[IngestMessage]:
    """Those of the messages that nobody else has in hand, oldest first, locked until the transaction ends."""
    rows = await tx.fetch(SQL["lock_spooled"], list(message_ids))
    return [msgspec.convert(dict(row), IngestMessage) for row in rows]


async def find(tx: Tx, message_ids: Sequence[str]) -> set[str]:
    """Those of the messages that are still there, whoever has them in hand."""
    return {row["message_id"] for row in await tx.fetch(SQL["find_spooled"], list(message_ids))}


async def delete(tx: Tx, message_ids: Sequence[str]) -> None:
    """Forgets messages that this transaction has locked."""
    await tx.execute(SQL["delete_spooled"], list(message_ids))


async def load_tenants(tx: Tx) -> set[str]:
    """Tenants with accepted calls that wait here."""
    return {row["tenant"] for row in await tx.fetch(SQL["load_spooled_tenants"])}
