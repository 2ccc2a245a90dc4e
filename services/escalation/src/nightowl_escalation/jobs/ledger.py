"""The ledger, checked all the time: a tenant after the other, over what was received in the last hour.

The whole of the last 72 h is checked by `nightowl ledger check` and by the API.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from nightowl_alerting.ledger import Finding, ReceivedMessage, unaccounted
from nightowl_common import clock
from nightowl_common.bus import Bus
from nightowl_common.db import Database, UnknownTenantError
from nightowl_common.logs import get_logger
from nightowl_contracts import subjects
from nightowl_contracts.topology import INGEST
from nightowl_escalation import telemetry

log = get_logger(__name__)

BACK = timedelta(hours=1)
RULES = ("1", "2", "3")


class LedgerWatch:
    """Looks at one tenant at a time. Any number of these may run: they only read."""

    def __init__(self, *, database: Database, bus: Bus) -> None:
        self._database = database
        self._bus = bus
        self._waiting: list[str] = []
        self._found: dict[str, Sequence[Finding]] = {}

    async def look(self) -> Sequence[Finding]:
        """Checks the next tenant; after the last one comes the first again. Returns what it found there."""
        if not self._waiting:
            self._waiting = sorted(await self._database.tenants(), reverse=True)
            self._found = {tenant: self._found[tenant] for tenant in self._waiting if tenant in self._found}
        if not self._waiting:
            return ()
        tenant = self._waiting.pop()
        try:
            findings = self._found[tenant] = await self._check(tenant)
        except UnknownTenantError:
            return ()  # it was dropped while it waited for its turn
        telemetry.LEDGER_TENANTS.inc()
        self._show()
        for finding in findings:
            log.error("ledger_finding", tenant=tenant, rule=finding.rule, about=finding.subject, detail=finding.detail)
        return findings

    async def _check(self, tenant: str) -> Sequence[Finding]:
        scanned = await self._bus.scan(INGEST, subject=subjects.ingest(tenant), since=clock.utc_now() - BACK)
        received = [ReceivedMessage.from_scan(each) for each in scanned]
        async with self._database.tenant_tx(tenant) as tx:
            return await unaccounted(tx, tenant, received)

    def _show(self) -> None:
        counts = Counter(str(finding.rule) for found in self._found.values() for finding in found)
        for rule in RULES:
            telemetry.LEDGER_OPEN.labels(rule).set(counts[rule])
