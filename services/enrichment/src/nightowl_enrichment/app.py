"""Composition root: the only place that makes connections and loops, and that closes them."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

from litestar import Litestar

from nightowl_common import inbox
from nightowl_common.bus import Bus
from nightowl_common.cache import Cache
from nightowl_common.db import Database
from nightowl_common.health import Health, Heartbeat, bus_check, consumer_check, database_check
from nightowl_common.loops import Loops
from nightowl_common.outbox import Outbox
from nightowl_common.serve import end_process_when_bus_closes, require_ready
from nightowl_common.web import RequestLog, exception_handlers, health_routes
from nightowl_contracts.topology import ENRICHMENT, KNOWLEDGE
from nightowl_enrichment.handlers import heartbeats
from nightowl_enrichment.handlers.intake import Enricher
from nightowl_enrichment.handlers.learning import Learner
from nightowl_enrichment.handlers.matching import Matcher
from nightowl_enrichment.handlers.spooled import SpoolTaker
from nightowl_enrichment.jobs import (
    PARTITIONS_SECONDS,
    UNREAD_EVERY_SECONDS,
    HeartbeatWatch,
    run_consumer,
    run_learning,
    tell_if_unread,
)
from nightowl_enrichment.settings import Settings


def build(settings: Settings) -> Litestar:
    """The service. Connects when it starts, not before."""
    health = Health()

    @asynccontextmanager
    async def running(_app: Litestar) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            await _start(settings, health, stack)
            yield

    return Litestar(
        route_handlers=health_routes(health),
        lifespan=[running],
        middleware=[RequestLog()],
        exception_handlers=exception_handlers(),
        openapi_config=None,
        logging_config=None,
    )


async def _start(settings: Settings, health: Health, stack: AsyncExitStack) -> None:  # long: the wiring, in order
    database = await Database.connect(
        settings.database_url, size=settings.database_pool_size, service="enrichment", keeps_plans=True
    )
    stack.push_async_callback(database.close)
    bus = await Bus.connect(settings.nats_url, service="enrichment", on_closed=end_process_when_bus_closes)
    stack.push_async_callback(bus.close)
    await require_ready(database, bus)
    outbox = Outbox(database, bus)
    stack.push_async_callback(outbox.close)
    loops, heartbeat = Loops(), Heartbeat()
    stack.push_async_callback(loops.close)
    health.add("database", database_check(database))
    health.add("bus", bus_check(bus))
    health.add("consumer", consumer_check(bus, ENRICHMENT))
    health.add("consuming", heartbeat.check)
    cache = Cache(settings.redis_url)
    stack.push_async_callback(cache.close)
    matcher = Matcher(cache=cache, settings=settings)
    enricher = Enricher(outbox=outbox, bus=bus, settings=settings, matcher=matcher)
    taker = SpoolTaker(outbox=outbox, bus=bus, enricher=enricher, settings=settings)
    learner = Learner(outbox=outbox, bus=bus, settings=settings)
    miss = partial(heartbeats.miss, matcher=matcher)
    watch = HeartbeatWatch(outbox=outbox, database=database, bus=bus, settings=settings, miss=miss)
    consume = partial(run_consumer, bus, enricher.on_messages, batch=settings.batch_size, heartbeat=heartbeat)
    await inbox.keep_partitions(database)
    loops.start("consume_ingest", partial(consume, stop=loops.stop))
    loops.start("consume_resolved", partial(run_learning, bus, learner.on_messages, stop=loops.stop))
    loops.start("watch_heartbeats", partial(watch.run, stop=loops.stop))
    loops.every("take_spooled", settings.spool_seconds, taker.take)
    loops.every("pass_on_spooled", settings.spool_seconds, taker.pass_on)
    loops.every("tell_if_unread", UNREAD_EVERY_SECONDS, partial(tell_if_unread, bus))
    _sweep(loops, settings, database=database, outbox=outbox, bus=bus)


def _sweep(loops: Loops, settings: Settings, *, database: Database, outbox: Outbox, bus: Bus) -> None:
    """What is looked after now and then."""
    loops.every("tenants", settings.sweep_seconds, database.tenants)
    loops.every("keep_inbox_partitions", PARTITIONS_SECONDS, partial(inbox.keep_partitions, database))
    loops.every("sweep_outbox", settings.sweep_seconds, outbox.sweep)
    loops.every("restore_consumer", settings.sweep_seconds, partial(bus.restore_if_missing, ENRICHMENT))
    loops.every("restore_knowledge", settings.sweep_seconds, partial(bus.restore_if_missing, KNOWLEDGE))
