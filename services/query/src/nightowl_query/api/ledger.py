"""The ledger: the proof that nothing accepted is unaccounted for."""

import asyncio

import msgspec
from litestar import get
from litestar.di import NamedDependency

from nightowl_alerting import ledger
from nightowl_alerting.ledger import Checked, Finding
from nightowl_auth import Principal, requires
from nightowl_common.bus import Bus
from nightowl_common.db import Database
from nightowl_query.api.edge import problems
from nightowl_query.telemetry import LEDGER_FINDINGS

_one_at_a_time = asyncio.Semaphore(1)
"""Reading three days of messages back is heavy; callers wait for each other."""


class LedgerReport(msgspec.Struct, frozen=True, kw_only=True):
    """No findings: everything accepted in the last 72 h is accounted for."""

    findings: list[Finding]
    checked: Checked


@get(
    "/ledger/unaccounted", operation_id="listUnaccounted", tags=["System"],
    summary="Everything accepted that is not accounted for; must be empty",
    guards=[requires("readonly")], responses=problems(),
)  # fmt: skip
async def list_unaccounted(
    principal: NamedDependency[Principal], database: NamedDependency[Database], bus: NamedDependency[Bus]
) -> LedgerReport:
    """Compares what was received in the last 72 h with what became of it, and what is owed with its timers."""
    async with _one_at_a_time:
        lost: list[Finding] = []
        messages = 0
        async for part in ledger.received_parts(bus, principal.tenant):
            messages += len(part)
            async with database.tenant_tx(principal.tenant) as tx:
                found = await ledger.lost_messages(tx, part)
            lost += found.values()
        async with database.tenant_tx(principal.tenant) as tx:
            findings = [*lost, *await ledger.unaccounted(tx, principal.tenant, ())]
            checked = await ledger.count_checked(tx, messages)
    for finding in findings:
        LEDGER_FINDINGS.labels(str(finding.rule)).inc()
    return LedgerReport(findings=findings, checked=checked)


HANDLERS = [list_unaccounted]
