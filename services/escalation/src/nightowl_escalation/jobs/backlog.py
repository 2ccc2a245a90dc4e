"""How much waits in the whole installation: the one place that measures it.

Each replica of escalation does, so the figures are there as long as one of them runs; they tell of the installation and
not of the process, so whoever reads them takes the largest and never the sum.
"""

from collections.abc import Mapping, Sequence
from math import nan
from typing import get_args

import msgspec

from nightowl_alerting.model import Timer
from nightowl_common import clock
from nightowl_common.bus import Bus, BusUnavailableError
from nightowl_common.db import Database, DatabaseUnavailableError
from nightowl_common.logs import get_logger
from nightowl_common.telemetry import OTHER_TENANTS
from nightowl_contracts.topology import CONSUMERS, DLQ
from nightowl_escalation import store, telemetry
from nightowl_escalation.model import CanaryAge, Overdue, Queues

log = get_logger(__name__)

TIMER_KINDS: Sequence[str] = next(
    get_args(field.type) for field in msgspec.structs.fields(Timer) if field.name == "kind"
)  # fmt: skip


class BacklogGauges:
    """Sets the gauges. What cannot be asked at this moment is told as unknown, never as it was."""

    def __init__(self, *, database: Database, bus: Bus, tenant_series: int) -> None:
        self._database = database
        self._bus = bus
        self._tenant_series = tenant_series

    async def measure(self) -> None:
        """Once: both halves, of which one may fail."""
        try:
            await self._ask_bus()
        except BusUnavailableError as error:
            telemetry.CONSUMER_LAG.clear()
            telemetry.DEAD_LETTERS_KEPT.set(nan)
            log.warning("bus_not_measured", error=error.detail)
        try:
            await self._ask_database()
        except DatabaseUnavailableError as error:
            _forget_queues()
            telemetry.TIMERS_OVERDUE.clear()
            telemetry.TIMERS_OVERDUE_SECONDS.clear()
            _show_canary(None)
            log.warning("database_not_measured", error=error.detail)

    async def _ask_bus(self) -> None:
        for consumer in CONSUMERS:
            lag = await self._bus.lag(consumer)
            telemetry.CONSUMER_LAG.labels(consumer.name).set(nan if lag is None else lag)
        telemetry.DEAD_LETTERS_KEPT.set(await self._bus.count(DLQ))
        telemetry.BACKLOG_MEASURED.labels("bus").set(clock.utc_now().timestamp())

    async def _ask_database(self) -> None:
        async with self._database.global_tx() as tx:
            queues = await store.load_queues(tx)
            overdue = await store.load_overdue(tx)
            pending = await store.load_pending_by_tenant(tx) if self._tenant_series else {}
            canary = await store.load_canary(tx)
        _show_queues(queues)
        _show_overdue(overdue)
        _show_tenants(pending, at_most=self._tenant_series)
        _show_canary(canary)
        telemetry.BACKLOG_MEASURED.labels("database").set(clock.utc_now().timestamp())


def _show_queues(queues: Queues) -> None:
    telemetry.OUTBOX_BUNDLES.set(queues.outbox_bundles)
    telemetry.OUTBOX_AGE_SECONDS.set(queues.outbox_seconds)
    telemetry.SPOOL_CALLS.set(queues.spool_calls)
    telemetry.SPOOL_AGE_SECONDS.set(queues.spool_seconds)


def _forget_queues() -> None:
    for gauge in (
        telemetry.OUTBOX_BUNDLES, telemetry.OUTBOX_AGE_SECONDS, telemetry.SPOOL_CALLS, telemetry.SPOOL_AGE_SECONDS
    ):  # fmt: skip
        gauge.set(nan)


def _show_canary(canary: CanaryAge | None) -> None:
    telemetry.CANARY_AGE_SECONDS.set(nan if canary is None else canary.age_seconds)
    round_trip = None if canary is None else canary.round_trip_seconds
    telemetry.CANARY_ROUND_TRIP_SECONDS.set(nan if round_trip is None else round_trip)


def _show_overdue(overdue: Mapping[str, Overdue]) -> None:
    for kind in TIMER_KINDS:
        found = overdue.get(kind, Overdue(timers=0, seconds=0.0))
        telemetry.TIMERS_OVERDUE.labels(kind).set(found.timers)
        telemetry.TIMERS_OVERDUE_SECONDS.labels(kind).set(found.seconds)


def _show_tenants(pending: Mapping[str, int], *, at_most: int) -> None:
    """The busiest tenants by name, the others together. Who has nothing pending any more has no series."""
    telemetry.TENANT_ESCALATIONS.clear()
    ranked = list(pending.items())
    for tenant, alerts in ranked[:at_most]:
        telemetry.TENANT_ESCALATIONS.labels(tenant).set(alerts)
    if len(ranked) > at_most > 0:
        telemetry.TENANT_ESCALATIONS.labels(OTHER_TENANTS).set(sum(alerts for _tenant, alerts in ranked[at_most:]))
