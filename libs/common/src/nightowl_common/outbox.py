"""The outbox: what a transaction wants to tell leaves after its commit, and never without it.

All messages of a transaction are one row (a bundle), published right after the commit and deleted after the
last PubAck, together with what was published meanwhile: a commit for each would cost as much as what it follows.
A crash in between leaves the row, which a sweeper publishes again under the same ids; a message that goes out
twice is told apart by its id. The claim uses SKIP LOCKED and never a cursor: ids become visible out of order.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from uuid import UUID

import msgspec

from nightowl_common import clock
from nightowl_common.bus import Bus, BusUnavailableError, Message
from nightowl_common.db import Database, DatabaseUnavailableError, Record, Tx, load_queries
from nightowl_common.logs import get_logger
from nightowl_common.telemetry import SWEEPER_REPAIRS
from nightowl_contracts import AnyEvent, PageRequested, encode_event, subjects, topology

log = get_logger(__name__)
SQL = load_queries(__package__, "outbox.sql")

MAX_BUNDLES_IN_FLIGHT = 16
GATHER_SECONDS = 0.2
"""What is published within it is deleted together; far below the age at which a sweeper takes a bundle for left."""


class _Stored(msgspec.Struct, frozen=True, kw_only=True):
    """A message inside a bundle's row; the body is JSON itself, so it is kept readable."""

    stream: str
    subject: str
    id: str
    body: msgspec.Raw
    headers: dict[str, str] = {}


_stored = msgspec.json.Decoder(list[_Stored])


class Outbox:
    """Transactions whose emitted events are published after commit."""

    def __init__(self, database: Database, bus: Bus) -> None:
        self._database = database
        self._bus = bus
        self._room = asyncio.Semaphore(MAX_BUNDLES_IN_FLIGHT)
        self._publishing: set[asyncio.Task[None]] = set()
        self._published: list[UUID] = []
        self._deleting: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def tenant_tx(self, slug: str) -> AsyncIterator[Tx]:
        """`Database.tenant_tx`, with an outbox."""
        async with self._database.tenant_tx(slug) as tx:
            yield tx
            bundle = await self._store(tx)
        await self._send(bundle)

    @asynccontextmanager
    async def global_tx(self) -> AsyncIterator[Tx]:
        """`Database.global_tx`, with an outbox."""
        async with self._database.global_tx() as tx:
            yield tx
            bundle = await self._store(tx)
        await self._send(bundle)

    async def require_tenant(self, slug: str) -> None:
        """For `global_tx` with `Tx.enter_tenant`.

        Raises:
            UnknownTenantError: not in the registry.
        """
        await self._database.require_tenant(slug)

    async def keep(self, tx: Tx, messages: Sequence[Message]) -> None:
        """Owes messages to the bus for which nobody waits: published within some seconds after the commit."""
        if messages:
            await _insert(tx, messages)

    async def sweep(self) -> int:
        """Publishes bundles that are still there after 5 s; returns how many. One that fails stays, the rest go on."""
        swept = 0
        while self._bus.is_connected:
            async with self._database.global_tx() as tx:
                rows = await tx.fetch(SQL["claim_stale_bundles"])
                published = [row["id"] for row in rows if await self._is_published(row)]
                await tx.execute(SQL["delete_bundles"], published)
            swept += len(published)
            if not published:
                break
        if swept:
            SWEEPER_REPAIRS.labels("outbox").inc(swept)
        return swept

    async def _is_published(self, row: Record) -> bool:
        try:
            await self._bus.publish_all([_message(each) for each in _stored.decode(row["messages"])])
        except BusUnavailableError as error:
            log.warning("bundle_not_published", bundle=str(row["id"]), error=error.detail)
            return False
        return True

    async def close(self) -> None:
        """Waits for publishing in hand; what fails is swept later by any process."""
        await asyncio.gather(*self._publishing, return_exceptions=True)
        if self._deleting is not None:
            await self._deleting

    async def _store(self, tx: Tx) -> "_Bundle | None":
        if not tx.emitted:
            return None
        messages = [_to_message(event) for event in tx.emitted]
        return _Bundle(id=await _insert(tx, messages), messages=messages)

    async def _send(self, bundle: "_Bundle | None") -> None:
        if bundle is None or not self._bus.is_connected:
            return
        await self._room.acquire()
        task = asyncio.create_task(self._publish(bundle))
        self._publishing.add(task)
        task.add_done_callback(self._publishing.discard)
        task.add_done_callback(lambda _task: self._room.release())

    async def _publish(self, bundle: "_Bundle") -> None:
        try:
            await self._bus.publish_all(bundle.messages)
        except BusUnavailableError as error:
            log.warning("outbox_left_for_sweeper", error=error.detail)
            return
        self._published.append(bundle.id)
        if self._deleting is None:
            self._deleting = asyncio.create_task(self._delete_published())

    async def _delete_published(self) -> None:
        """Until nothing is left that was published: one commit for what gathers while the last one runs."""
        try:
            while self._published:
                await clock.sleep(GATHER_SECONDS)
                ids, self._published = self._published, []
                async with self._database.global_tx() as tx:
                    await tx.execute(SQL["delete_bundles"], ids)
        except DatabaseUnavailableError as error:
            log.warning("outbox_left_for_sweeper", error=error.detail)
        finally:
            self._deleting = None


class _Bundle(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    messages: list[Message]


async def _insert(tx: Tx, messages: Sequence[Message]) -> UUID:
    stored = [
        _Stored(stream=m.stream, subject=m.subject, id=m.id, body=msgspec.Raw(m.body), headers=m.headers)
        for m in messages
    ]
    row_id: UUID = await tx.fetchval(SQL["insert_bundle"], msgspec.json.encode(stored).decode())
    return row_id


def _to_message(event: AnyEvent) -> Message:
    tag = str(event.__struct_config__.tag)
    if isinstance(event, PageRequested):
        subject = subjects.page(event.tenant, event.data.channel, is_critical=event.data.is_critical)
        stream = topology.PAGES.name
    else:
        stream, subject = topology.EVENTS.name, subjects.event(event.tenant, tag)
    event_id = str(event.id)
    headers = {topology.Header.EVENT_ID: event_id}
    if event.trace is not None:
        headers[topology.Header.TRACE] = event.trace
    return Message(stream=stream, subject=subject, id=event_id, body=encode_event(event), headers=headers)


def _message(stored: _Stored) -> Message:
    return Message(
        stream=stored.stream,
        subject=stored.subject,
        id=stored.id,
        body=bytes(stored.body),
        headers=stored.headers,
    )
