"""Consumer loops on a real NATS server, and what they say became of events."""

import asyncio
from contextlib import asynccontextmanager

import msgspec
import pytest

from nightowl_common.bus import Bus, Message
from nightowl_common.cache import Cache
from nightowl_common.ids import new_id
from nightowl_contracts import AlertsReceived, BatchHandled, encode_event, subjects
from nightowl_contracts.topology import ENRICHMENT, EVENTS, INGEST, Header
from nightowl_enrichment.handlers.intake import Enricher
from nightowl_enrichment.handlers.matching import Matcher
from nightowl_enrichment.settings import Settings


class Pipeline:
    """Publishes events and waits for what enrichment says became of them."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._replies: dict[object, asyncio.Future[BatchHandled]] = {}
        self._subject = subjects.reply(str(new_id()))

    async def listen(self) -> None:
        """Hears what becomes of events."""
        await self._bus.listen(self._subject, self._on_reply)

    async def _on_reply(self, body: bytes) -> None:
        told = msgspec.json.decode(body, type=BatchHandled)
        waiting = self._replies.get(told.event_id)
        if waiting is not None and not waiting.done():
            waiting.set_result(told)

    async def publish(self, event: AlertsReceived, *, message_id: str | None = None) -> asyncio.Future[BatchHandled]:
        """Stores an event; the future is what became of it."""
        future = self._replies.setdefault(event.id, asyncio.get_running_loop().create_future())
        if future.done():
            future = self._replies[event.id] = asyncio.get_running_loop().create_future()
        batch = event.data
        await self._bus.publish(
            Message(
                stream=INGEST.name,
                subject=subjects.ingest(event.tenant),
                id=message_id or str(event.id),
                body=encode_event(event),
                headers={
                    Header.EVENT_ID: str(event.id),
                    Header.ALERTS: str(len(batch.alerts) + len(batch.rejected)),
                    Header.REPLY_TO: self._subject,
                },
            )
        )
        return future

    async def handle(self, event: AlertsReceived, *, message_id: str | None = None) -> list[str]:
        """Stores an event and waits for its dispositions."""
        told = await asyncio.wait_for(await self.publish(event, message_id=message_id), 20)
        return [each.disposition for each in told.outcomes]


@pytest.fixture(autouse=True)
async def nothing_waiting(bus) -> None:
    """Consumers take everything that is on their streams: what other tests left there shall not be among it."""
    for stream in (INGEST, EVENTS):
        await bus.jetstream.purge_stream(stream.name)


@pytest.fixture
async def pipeline(bus):
    made = Pipeline(bus)
    await made.listen()
    return made


@pytest.fixture
def settings() -> Settings:
    return Settings(database_url="", nats_url="", redis_url="redis://127.0.0.1:1", max_attempts=2)


@pytest.fixture
def matcher(settings) -> Matcher:
    return Matcher(cache=Cache(settings.redis_url), settings=settings)


@pytest.fixture
def enrichers(bus, outbox, settings, matcher):
    """Runs consumer loops, as the service does."""

    @asynccontextmanager
    async def run(*, count: int = 1):
        stop = asyncio.Event()
        loops = [
            asyncio.create_task(
                bus.consume(
                    ENRICHMENT,
                    Enricher(outbox=outbox, bus=bus, settings=settings, matcher=matcher).on_messages,
                    stop=stop,
                    beat=lambda: None,
                    batch=50,
                )
            )
            for _ in range(count)
        ]
        yield
        stop.set()
        await asyncio.gather(*loops)

    return run


@pytest.fixture
async def enriching(enrichers):
    async with enrichers():
        yield
