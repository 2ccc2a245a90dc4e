"""The end of what tenants no longer keep, a slice at a time."""

from collections.abc import Awaitable, Callable
from functools import partial

from nightowl_alerting import paging, retention
from nightowl_common.db import Database
from nightowl_common.errors import TransientError
from nightowl_common.logs import get_logger
from nightowl_escalation import telemetry
from nightowl_escalation.jobs.timers import TenantRounds

log = get_logger(__name__)

ROWS_PER_SLICE = 200
"""What retention removes of one kind in one transaction."""


class RetentionSweeper:
    """Removes what is over for longer than its tenant keeps it, a slice per kind and sweep. Any number may run."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._rounds = TenantRounds()

    async def remove_old(self) -> int:
        """Looks at `TENANTS_PER_SWEEP` tenants; returns how many rows it removed. One that fails stops no other."""
        removed = 0
        for tenant in self._rounds.next_part(sorted(await self._database.tenants())):
            try:
                removed += await self._remove_in(tenant)
            except TransientError:
                raise
            except Exception:
                log.exception("retention_failed", tenant=tenant)
        return removed

    async def _remove_in(self, tenant: str) -> int:
        async with self._database.tenant_tx(tenant) as tx:
            keeping = await retention.load_keeping(tx)
        jobs: list[tuple[str, int | None, Callable[..., Awaitable[int]]]] = [
            ("alerts", keeping.alerts, retention.remove_alerts),
            ("payloads", keeping.payloads, retention.remove_payloads),
            ("deliveries", keeping.deliveries, retention.remove_deliveries),
            ("audit", keeping.audit, partial(retention.trim_audit, actor=paging.ENGINE)),
        ]
        total = 0
        for kind, days, remove in jobs:
            if days is not None:
                async with self._database.tenant_tx(tenant) as tx:
                    removed = await remove(tx, days=days, limit=ROWS_PER_SLICE)
                telemetry.REMOVED.labels(kind).inc(removed)
                total += removed
        return total
