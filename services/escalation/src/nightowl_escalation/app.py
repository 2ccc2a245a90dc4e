"""Composition root: the only place that makes connections and loops, and that closes them."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

from litestar import Litestar

from nightowl_common.bus import Bus
from nightowl_common.db import Database
from nightowl_common.health import Health, Heartbeat, bus_check, database_check
from nightowl_common.loops import Loops
from nightowl_common.outbox import Outbox
from nightowl_common.serve import end_process_when_bus_closes, require_ready
from nightowl_common.web import RequestLog, exception_handlers, health_routes
from nightowl_contracts.subjects import HINT_TIMERS
from nightowl_escalation.jobs import (
    BacklogGauges,
    LedgerWatch,
    RetentionSweeper,
    ShiftWatch,
    SilenceSweeper,
    TimerWorker,
)
from nightowl_escalation.settings import Settings

CLOSE_SECONDS = 30.0
"""How often silent alerts are looked for; a tenant says in minutes what silence is."""

RETENTION_SECONDS = 30.0
"""How often slices of what is over are removed; a tenant says in days what it keeps."""


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


async def _start(settings: Settings, health: Health, stack: AsyncExitStack) -> None:
    database = await Database.connect(settings.database_url, size=settings.database_pool_size, service="escalation")
    stack.push_async_callback(database.close)
    bus = await Bus.connect(settings.nats_url, service="escalation", on_closed=end_process_when_bus_closes)
    stack.push_async_callback(bus.close)
    await require_ready(database, bus)
    outbox = Outbox(database, bus)
    stack.push_async_callback(outbox.close)
    loops, heartbeat = Loops(), Heartbeat()
    stack.push_async_callback(loops.close)
    health.add("database", database_check(database))
    health.add("bus", bus_check(bus))
    health.add("timers", heartbeat.check)
    worker = TimerWorker(outbox=outbox, database=database, settings=settings)
    await bus.listen(HINT_TIMERS, partial(_wake, worker))
    loops.start("pay_timers", partial(worker.run, stop=loops.stop, heartbeat=heartbeat))
    shifts = ShiftWatch(outbox=outbox, database=database)
    loops.every("tell_handoffs", settings.handoff_seconds, shifts.tell_handoffs)
    loops.every("warn_of_gaps", settings.gap_seconds, shifts.warn_of_gaps)
    loops.every("restore_timers", settings.sweep_seconds, worker.restore_missing)
    loops.every("close_silent", CLOSE_SECONDS, SilenceSweeper(outbox=outbox, database=database).close_silent)
    loops.every("retention", RETENTION_SECONDS, RetentionSweeper(database).remove_old)
    loops.every("sweep_outbox", settings.sweep_seconds, outbox.sweep)
    gauges = BacklogGauges(database=database, bus=bus, tenant_series=settings.tenant_series)
    loops.every("measure_backlog", settings.backlog_seconds, gauges.measure)
    loops.every("look_at_ledger", settings.ledger_seconds, LedgerWatch(database=database, bus=bus).look)


async def _wake(worker: TimerWorker, _body: bytes) -> None:
    worker.wake.set()
