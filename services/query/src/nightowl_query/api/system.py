"""The installation: who you are, how it is doing, which version runs."""

from datetime import datetime
from importlib.metadata import version

from litestar import get
from litestar.datastructures import State
from litestar.di import NamedDependency

from nightowl_auth import Principal, requires
from nightowl_common import clock
from nightowl_common.bus import Bus, BusUnavailableError
from nightowl_common.cache import Cache
from nightowl_common.db import Database
from nightowl_contracts import subjects
from nightowl_contracts.topology import ENRICHMENT, EVENTS, INGEST
from nightowl_query.api.edge import problems
from nightowl_query.model import Ping, SystemState, TriedPeople, Version
from nightowl_query.store import system as store

VERSION = version("nightowl-query")
"""Looked up once: each look reads files, and leaves objects behind that only a garbage collection takes away."""


@get(
    "/ping", operation_id="ping", tags=["System"], summary="Who you are here",
    guards=[requires("readonly")], responses=problems(), sync_to_thread=False,
)  # fmt: skip
def ping(principal: NamedDependency[Principal]) -> Ping:
    """The tenant, role and name that the key stands for."""
    return Ping(tenant=principal.tenant, role=principal.role, name=principal.name)


@get(
    "/version", operation_id="getVersion", tags=["System"], summary="Which version runs",
    guards=[requires("readonly")], responses=problems(), sync_to_thread=False,
)  # fmt: skip
def get_version() -> Version:
    """The version of the package that answers."""
    return Version(version=VERSION)


@get(
    "/status", operation_id="getStatus", tags=["System"], summary="How the installation is doing",
    guards=[requires("readonly")], responses=problems(),
)  # fmt: skip
async def get_status(
    principal: NamedDependency[Principal],
    database: NamedDependency[Database],
    bus: NamedDependency[Bus],
    cache: NamedDependency[Cache],
    state: State,
) -> SystemState:
    """Queues and connections of the installation; the last receipt is of your tenant."""
    async with database.tenant_tx(principal.tenant) as tx:
        started = clock.monotonic_seconds()
        await store.answer(tx)
        latency_seconds = clock.monotonic_seconds() - started
        backlog = await store.load_backlog(tx)
        canary = await store.load_canary(tx)
        newest = await store.load_newest_firing(tx)
    lag, stored_at, listeners = await _ask_bus(bus, principal.tenant)
    return SystemState(
        database_latency_ms=round(latency_seconds * 1000, 3),
        is_bus_connected=bus.is_connected,
        is_cache_up=await cache.is_up(),
        enrichment_lag=lag,
        outbox_age_seconds=backlog.outbox_age_seconds,
        spooled_calls=backlog.spooled_calls,
        overdue_timers=backlog.overdue_timers,
        canary=canary,
        stream_clients=listeners,
        uptime_seconds=round(clock.monotonic_seconds() - state.started_seconds, 1),
        version=VERSION,
        last_alert_received_at=stored_at or newest,
    )


@get(
    "/status/test-pages", operation_id="listTriedPeople", tags=["System"],
    summary="When each person was last sent a test page", guards=[requires("manager")], responses=problems(),
)  # fmt: skip
async def list_tried_people(
    principal: NamedDependency[Principal], database: NamedDependency[Database]
) -> TriedPeople:  # fmt: skip
    """Those who were never tried first: nobody knows whether a page would reach them."""
    async with database.tenant_tx(principal.tenant) as tx:
        return await store.list_tried_people(tx)


HANDLERS = [ping, get_version, get_status, list_tried_people]


async def _ask_bus(bus: Bus, tenant: str) -> tuple[int | None, datetime | None, int | None]:
    """(messages without disposition, last receipt, listeners); what does not come is None, never a guess."""
    try:
        lag, listeners = await bus.lag(ENRICHMENT), await bus.count_passing(EVENTS)
        return lag, await bus.last_stored_at(INGEST, subject=subjects.ingest(tenant)), listeners
    except BusUnavailableError:
        return None, None, None
