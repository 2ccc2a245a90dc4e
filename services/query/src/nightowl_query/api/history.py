"""A policy tried on the alerts that were, compared with the version in force."""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from litestar import post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from nightowl_alerting.model import Policy as KernelPolicy
from nightowl_alerting.targets import store as targets
from nightowl_alerting.targets.parsing import rosters_of
from nightowl_alerting.targets.timetable import Timetable
from nightowl_auth import Principal, requires
from nightowl_common.db import Database, Tx
from nightowl_common.errors import FieldProblem, InvalidError
from nightowl_query.api import policy_changes as changes
from nightowl_query.api.edge import problems
from nightowl_query.api.paging import HIGHEST
from nightowl_query.engine import policies as rules
from nightowl_query.engine.history import Comparison
from nightowl_query.model import Policy
from nightowl_query.model.history import MAX_ALERTS, HistoryRequest, HistoryRun
from nightowl_query.store import ladders as store
from nightowl_query.store import policies

PART = 250
"""Alerts between two reads: other requests are served in between."""


@post(
    "/policies/{policy_id:uuid}/dry-run/history", operation_id="dryRunHistory", tags=["Escalation"], status_code=200,
    summary="What a draft would have sent for the alerts that were", guards=[requires("readonly")],
    responses=problems(404, 413, 422),
)  # fmt: skip
async def dry_run_history(
    policy_id: FromPath[UUID],
    data: JSONBody[HistoryRequest],
    principal: NamedDependency[Principal],
    database: NamedDependency[Database],
) -> HistoryRun:
    """On a virtual clock, by the engine that pages, against the version in force. Real acknowledgements stop both."""
    async with database.tenant_tx(principal.tenant) as tx:
        found = msgspec.convert(dict(await policies.load_policy(tx, policy_id)), Policy)
        current = rules.to_kernel(found, policy_id=policy_id, version=found.version)
        candidate = await _candidate(tx, policy_id, data)
        now = await tx.now()
        since = now - timedelta(days=data.days)
        comparison = await _prepare(tx, current, candidate, since=since, until=now)
        is_exact = await _feed(tx, comparison, policy_id, since=since)
    return HistoryRun(
        policy_id=policy_id,
        current_version=found.version,
        candidate_version=data.version,
        since=since,
        until=now,
        alerts=comparison.alerts,
        is_exact=is_exact,
        current=comparison.current.totals(),
        candidate=comparison.candidate.totals(),
        people=comparison.people(),
        response=comparison.response(),
        changed=comparison.changed,
        changed_total=comparison.changed_total,
    )


HANDLERS = [dry_run_history]


async def _candidate(tx: Tx, policy_id: UUID, data: HistoryRequest) -> KernelPolicy:
    if (data.policy is None) == (data.version is None):
        raise InvalidError(fields=[FieldProblem(field="$.policy", reason="either `policy` or `version`")])
    if data.policy is not None:
        await changes.require_known(tx, data.policy)
        return rules.to_kernel(data.policy, policy_id=policy_id, version=0)
    old = await policies.load_version(tx, policy_id, data.version or 0)
    return rules.to_kernel(old, policy_id=policy_id, version=old.version)


async def _prepare(
    tx: Tx, current: KernelPolicy, candidate: KernelPolicy, *, since: datetime, until: datetime
) -> Comparison:  # fmt: skip
    roster_ids = rosters_of(current) | rosters_of(candidate)
    book = await targets.load_book(tx, roster_ids, start=since, end=until)
    timetable = Timetable(book, roster_ids, start=since, end=until)
    return Comparison(current, candidate, staff=await targets.load_staff(tx), timetable=timetable)


async def _feed(tx: Tx, comparison: Comparison, policy_id: UUID, *, since: datetime) -> bool:
    """Runs the newest alerts through a comparison, part by part; whether these were all."""
    below = HIGHEST
    while comparison.alerts < MAX_ALERTS:
        wanted = min(PART, MAX_ALERTS - comparison.alerts)
        part = await store.list_past_alerts(tx, policy_id, since=since, below=below, limit=wanted)
        comparison.add(part)
        if len(part) < wanted:
            return True
        below = part[-1].alert.id
    return not await store.list_past_alerts(tx, policy_id, since=since, below=below, limit=1)
