"""Dry runs: who would be told, by the code that tells. And an alert's ladder: who was told, and what comes next."""

from datetime import datetime
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from nightowl_alerting.model import Policy as KernelPolicy
from nightowl_alerting.targets import store as targets
from nightowl_alerting.targets.ahead import look_ahead
from nightowl_alerting.targets.parsing import rosters_of
from nightowl_alerting.targets.simulate import climb
from nightowl_alerting.targets.timetable import Timetable
from nightowl_auth import Principal, requires
from nightowl_common.db import Database, Tx
from nightowl_query.api import policy_changes as changes
from nightowl_query.api.edge import moment, problems
from nightowl_query.engine import ladders as engine
from nightowl_query.engine import policies as rules
from nightowl_query.model import Policy, PolicyNotFoundError
from nightowl_query.model.ladders import (
    DraftRunRequest,
    DryRun,
    DryRunRequest,
    Ladder,
    PastRungPage,
    Rung,
)
from nightowl_query.store import ladders as store
from nightowl_query.store import policies
from nightowl_query.store.ladders import Climber

TAGS = ["Escalation"]
NOW = DryRunRequest()


@post(
    "/policies/{policy_id:uuid}/dry-run", operation_id="dryRunPolicy", tags=TAGS, status_code=200,
    summary="Who would be told, and when, if nobody acknowledged", guards=[requires("readonly")],
    responses=problems(404, 413, 422),
)  # fmt: skip
async def dry_run(
    policy_id: FromPath[UUID],
    principal: NamedDependency[Principal],
    database: NamedDependency[Database],
    data: JSONBody[DryRunRequest | None] = None,
) -> DryRun:
    """Names for that instant, channels by each person's rules, minute marks. The body may be empty: critical, now."""
    async with database.tenant_tx(principal.tenant) as tx:
        found = msgspec.convert(dict(await policies.load_policy(tx, policy_id)), Policy)
        policy = rules.to_kernel(found, policy_id=policy_id, version=found.version)
        run = await _dry_run(tx, policy, data or NOW)
    return msgspec.structs.replace(run, policy_id=policy_id, version=found.version)


@post(
    "/policies/dry-run", operation_id="dryRunDraft", tags=TAGS, status_code=200,
    summary="The same for a policy that is not written yet", guards=[requires("readonly")],
    responses=problems(413, 422),
)  # fmt: skip
async def dry_run_draft(
    data: JSONBody[DraftRunRequest], principal: NamedDependency[Principal], database: NamedDependency[Database]
) -> DryRun:
    """What could not be written is refused; what reaches nobody is shown with its warnings."""
    policy = rules.to_kernel(data.policy, policy_id=UUID(int=0), version=0)
    async with database.tenant_tx(principal.tenant) as tx:
        await changes.require_known(tx, data.policy)
        return await _dry_run(tx, policy, data)


@get(
    "/alerts/{alert_id:uuid}/escalation", operation_id="getAlertEscalation", tags=["Alerts"],
    summary="An alert's ladder: who was told, and what comes next", guards=[requires("readonly")],
    responses=problems(404),
)  # fmt: skip
async def get_ladder(
    alert_id: FromPath[UUID], principal: NamedDependency[Principal], database: NamedDependency[Database]
) -> Ladder:
    """Each step with when it was due and when it fired; each coming one with the people whom it would page."""
    async with database.tenant_tx(principal.tenant) as tx:
        climber = await store.load_climber(tx, alert_id)
        past = await store.list_steps(tx, alert_id)
        rungs, is_cut = await _coming(tx, climber)
        now = await tx.now()
    alert = climber.alert
    return Ladder(
        alert_id=alert_id,
        policy_id=alert.policy_id,
        policy_name=climber.policy_name,
        policy_version=alert.policy_version,
        state=alert.escalation_state,
        reason=alert.escalation_reason,
        now=now,
        past=past,
        next=rungs,
        is_cut=is_cut,
    )


@get(
    "/policies/{policy_id:uuid}/events/{alert_id:uuid}", operation_id="listPolicyEvents", tags=TAGS,
    summary="What a policy did about one alert", guards=[requires("readonly")], responses=problems(404),
)  # fmt: skip
async def list_events(
    policy_id: FromPath[UUID],
    alert_id: FromPath[UUID],
    principal: NamedDependency[Principal],
    database: NamedDependency[Database],
) -> PastRungPage:
    """Each step once per cycle, with when it was due and when it fired. 404 when the alert is under another policy."""
    async with database.tenant_tx(principal.tenant) as tx:
        climber = await store.load_climber(tx, alert_id)
        if climber.alert.policy_id != policy_id:
            raise PolicyNotFoundError
        items = await store.list_steps(tx, alert_id)
    return PastRungPage(items=items, next_cursor=None, total=len(items))


HANDLERS = [dry_run, dry_run_draft, get_ladder, list_events]


async def _dry_run(tx: Tx, policy: KernelPolicy, asked: DryRunRequest) -> DryRun:
    at = moment(asked.at, field="at") or await tx.now()
    timetable = await _timetable(tx, policy, at)
    staff = await targets.load_staff(tx)
    alert = engine.an_alert_under(policy, severity=asked.severity, at=at)
    climbed = climb(alert, policy, staff=staff, duty_at=lambda when: timetable.duty(policy, when), start=at)
    rungs, is_cut = engine.to_rungs(climbed, staff=staff, severity=asked.severity, start=at)
    return DryRun(
        policy_id=None,
        version=None,
        at=at,
        severity=asked.severity,
        rungs=rungs,
        is_cut=is_cut,
        warnings=rules.warnings_of(await changes.load_outlook(tx, policy)),
    )


async def _coming(tx: Tx, climber: Climber) -> tuple[list[Rung], bool]:
    ahead = await look_ahead(tx, climber.alert, due_at=climber.due_at, span=engine.LONGEST)
    if ahead is None:
        return [], False
    return engine.to_rungs(ahead.rungs, staff=ahead.staff, severity=climber.alert.severity, start=await tx.now())


async def _timetable(tx: Tx, policy: KernelPolicy, start: datetime) -> Timetable:
    end = start + engine.LONGEST
    roster_ids = rosters_of(policy)
    book = await targets.load_book(tx, roster_ids, start=start, end=end)
    return Timetable(book, roster_ids, start=start, end=end)
