"""Bulk jobs: worked in slices by whichever replica is free, resumed by another one after a crash.

A job that is not finished has a timer. Claiming it moves it by a lease; a slice gives it back at once, a worker that
died does not, and then it is due again when the lease is over. Each alert is a transaction of its own, which holds the
outcome as well: so every alert is changed once, even where two workers overlap.
"""

import asyncio
from uuid import UUID

import msgspec

from nightowl_alerting import commands
from nightowl_alerting import store as kernel
from nightowl_alerting.actions import AnyCommand
from nightowl_alerting.model import Timer
from nightowl_common import clock
from nightowl_common.db import Database
from nightowl_common.errors import NightOwlError, TransientError
from nightowl_common.logs import get_logger
from nightowl_common.outbox import Outbox
from nightowl_query import telemetry
from nightowl_query.store import bulk as store
from nightowl_query.store.bulk import Item, Work

log = get_logger(__name__)

SLICE = 100
LEASE_SECONDS = 30.0
AGAIN_SECONDS = 1.0
POLL_SECONDS = 0.25


class BulkWorker:
    """Works on bulk jobs of all tenants. Any number of these may run side by side."""

    def __init__(self, *, outbox: Outbox, database: Database, lease_seconds: float = LEASE_SECONDS) -> None:
        self._outbox = outbox
        self._database = database
        self._lease_seconds = lease_seconds

    async def run(self, *, stop: asyncio.Event) -> None:
        """Until told to stop: a slice of what is due, else a short sleep."""
        while not stop.is_set():
            if not await self.run_slice(stop=stop):
                await clock.wait_for_event(stop, POLL_SECONDS)

    async def run_slice(self, *, stop: asyncio.Event) -> bool:
        """Works on up to `SLICE` alerts of one job; false when no job is due."""
        timer = await self._claim()
        if timer is None:
            return False
        try:
            await self._work(timer, stop=stop)
        except TransientError:
            await self._give_back(timer, seconds=AGAIN_SECONDS)
            raise
        return True

    async def _claim(self) -> Timer | None:
        async with self._database.global_tx() as tx:
            timers = await kernel.claim_due_timers(tx, "bulk", limit=1)
            for timer in timers:
                await kernel.postpone_timer(tx, "bulk", timer.ref, seconds=self._lease_seconds)
        return timers[0] if timers else None

    async def _work(self, timer: Timer, *, stop: asyncio.Event) -> None:
        async with self._database.tenant_tx(timer.tenant) as tx:
            work = await store.load_work(tx, timer.ref)
            items = [] if work is None else await store.load_open_items(tx, timer.ref, limit=SLICE)
        for item in items:
            if work is None or stop.is_set():
                break
            await self._apply(timer.tenant, timer.ref, item, work)
        await self._finish_or_give_back(timer)

    async def _finish_or_give_back(self, timer: Timer) -> None:
        async with self._database.tenant_tx(timer.tenant) as tx:
            if await store.finish_job(tx, timer.ref) or await store.load_work(tx, timer.ref) is None:
                await kernel.delete_timers(tx, "bulk", [timer.ref])
                return
        await self._give_back(timer, seconds=0)

    async def _give_back(self, timer: Timer, *, seconds: float) -> None:
        async with self._database.global_tx() as tx:
            await kernel.postpone_timer(tx, "bulk", timer.ref, seconds=seconds)

    async def _apply(self, tenant: str, job_id: UUID, item: Item, work: Work) -> None:
        try:
            async with self._outbox.tenant_tx(tenant) as tx:
                if not await store.lock_item(tx, job_id, item.position):
                    return
                command = msgspec.convert(work.command, AnyCommand)
                await commands.apply(tx, tenant, item.alert_id, work.actor, command)
                await store.mark_done(tx, job_id, item.position)
            telemetry.BULK_ALERTS.labels("done").inc()
        except TransientError:
            raise
        except NightOwlError as error:
            await self._fail(tenant, job_id, item, code=error.code, reason=error.detail)
        except Exception:
            log.exception("bulk_item_failed", tenant=tenant, job_id=str(job_id), alert_id=str(item.alert_id))
            await self._fail(tenant, job_id, item, code=NightOwlError.code, reason="Something went wrong inside.")

    async def _fail(self, tenant: str, job_id: UUID, item: Item, *, code: str, reason: str) -> None:
        telemetry.BULK_ALERTS.labels("failed").inc()
        async with self._database.tenant_tx(tenant) as tx:
            await store.mark_failed(tx, job_id, item.position, code=code, reason=reason)
