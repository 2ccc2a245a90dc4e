"""The ledger, checked all the time: a tenant after the other, over what was received in the last hour.

A message that was found in order stays so, because the inbox forgets nothing for 72 h. So the first look at a tenant
reads an hour, and each later one what has come since, and what was lost then: its cost follows what comes in, and not
how much there is. The whole of the last 72 h is checked by `nightowl ledger check` and by the API.
"""

from collections import Counter
from collections.abc import AsyncIterator, Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from nightowl_alerting.ledger import Finding, ReceivedMessage, lost_messages, received_parts, unaccounted
from nightowl_common import clock
from nightowl_common.bus import Bus
from nightowl_common.db import Database, UnknownTenantError
from nightowl_common.logs import get_logger
from nightowl_escalation import telemetry

log = get_logger(__name__)

BACK = timedelta(hours=1)
AGAIN = timedelta(seconds=60)
"""So much of what was read is read once more: the ledger does not judge what has just come."""
RULES = ("1", "2", "3")


class _Page(msgspec.Struct, frozen=True, kw_only=True):
    """How far a tenant's messages were read, and those of them that are lost."""

    since: datetime
    lost: dict[UUID, ReceivedMessage] = {}


class LedgerWatch:
    """Looks at one tenant at a time. Any number of these may run: they only read."""

    def __init__(self, *, database: Database, bus: Bus) -> None:
        self._database = database
        self._bus = bus
        self._waiting: list[str] = []
        self._found: dict[str, Sequence[Finding]] = {}
        self._pages: dict[str, _Page] = {}

    async def look(self) -> Sequence[Finding]:
        """Checks the next tenant; after the last one comes the first again. Returns what it found there."""
        if not self._waiting:
            self._waiting = sorted(await self._database.tenants(), reverse=True)
            self._found = {tenant: self._found[tenant] for tenant in self._waiting if tenant in self._found}
            self._pages = {tenant: self._pages[tenant] for tenant in self._waiting if tenant in self._pages}
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
        back = clock.utc_now() - BACK
        page = self._pages.get(tenant) or _Page(since=back)
        findings: dict[UUID, Finding] = {}
        lost: dict[UUID, ReceivedMessage] = {}
        newest = since = max(page.since, back)
        async for part in self._read(tenant, page.lost.values(), since=since):
            async with self._database.tenant_tx(tenant) as tx:
                found = await lost_messages(tx, part)
            findings |= found
            lost |= {each.event_id: each for each in part if each.event_id in found and each.stored_at > back}
            newest = max(newest, part[-1].stored_at)
        async with self._database.tenant_tx(tenant) as tx:
            others = await unaccounted(tx, tenant, ())
        self._pages[tenant] = _Page(since=max(since, newest - AGAIN), lost=lost)
        return [*findings.values(), *others]

    async def _read(
        self, tenant: str, lost: Collection[ReceivedMessage], *, since: datetime
    ) -> AsyncIterator[list[ReceivedMessage]]:
        if lost:
            yield list(lost)
        async for part in received_parts(self._bus, tenant, since=since):
            yield part

    def _show(self) -> None:
        counts = Counter(str(finding.rule) for found in self._found.values() for finding in found)
        for rule in RULES:
            telemetry.LEDGER_OPEN.labels(rule).set(counts[rule])
