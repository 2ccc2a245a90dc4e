"""Dry runs: what a noise rule would have done to the alerts of the last days."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

import msgspec
from litestar import post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from nightowl_alerting.noise import store as noise
from nightowl_alerting.noise.matchers import require_matchers
from nightowl_alerting.noise.model import GroupingRule, InhibitionRule, MaintenanceWindow, RouteRule
from nightowl_alerting.noise.windows import require_window
from nightowl_auth import Principal, requires
from nightowl_common.db import Database, Tx
from nightowl_common.errors import FieldProblem, InvalidError
from nightowl_query.api.edge import moment, problems
from nightowl_query.engine.rearranging import GroupingRehearsal, Names, RouteRehearsal
from nightowl_query.engine.rehearsing import (
    DRAFT,
    InhibitionRehearsal,
    Rehearsal,
    SilenceRehearsal,
    Span,
    WindowRehearsal,
    place_among,
)
from nightowl_query.model.rehearsal import (
    DryRun,
    GroupingDraft,
    GroupingDryRun,
    GroupingReport,
    InhibitionDraft,
    InhibitionDryRun,
    MuteReport,
    RouteDraft,
    RouteDryRun,
    RouteReport,
    SilenceDraft,
    SilenceDryRun,
    WindowDraft,
    WindowDryRun,
)
from nightowl_query.store import rehearsal as store
from nightowl_query.store.rehearsal import PolicyName, Start

RuleT = TypeVar("RuleT", RouteRule, GroupingRule, InhibitionRule, MaintenanceWindow)


@post(
    "/noise/dry-run", operation_id="dryRunRule", tags=["Noise"], status_code=200,
    summary="What a noise rule would have done to the alerts of the last days",
    guards=[requires("readonly")], responses=problems(413, 422),
)  # fmt: skip
async def dry_run_rule(
    data: JSONBody[DryRun], principal: NamedDependency[Principal], database: NamedDependency[Database]
) -> MuteReport | GroupingReport | RouteReport:
    """Nothing is stored or changed. `kind` says which rule it is; its fields are those of the stored rules.

    The newest 20,000 alerts that opened in the last `days` days are tried; `is_exact` says whether that was all.
    """
    async with database.tenant_tx(principal.tenant) as tx:
        now = await tx.now()
        start = await store.find_start(tx, since=now - timedelta(days=data.days))
        rehearsal = await _prepare(tx, data, start, now=now)
        async for page in store.read_past_alerts(tx, start, until=now):
            for alert in page:
                rehearsal.see(alert)
    return rehearsal.report(Span(since=start.at, until=now, is_exact=start.is_exact))


HANDLERS = [dry_run_rule]


async def _prepare(tx: Tx, asked: DryRun, start: Start, *, now: datetime) -> Rehearsal:
    """The rule on trial.

    Raises:
        InvalidError: it cannot be tried; says which field.
    """
    with _inside_rule():
        match asked:
            case SilenceDryRun(rule=draft):
                return _prepare_silence(draft, now=now)
            case WindowDryRun(rule=draft):
                return _prepare_window(draft, start, now=now)
            case InhibitionDryRun(rule=draft):
                return await _prepare_inhibition(tx, draft, start)
            case GroupingDryRun(rule=draft):
                return await _prepare_grouping(tx, draft)
            case RouteDryRun(rule=draft):
                return await _prepare_route(tx, draft)


@contextmanager
def _inside_rule() -> Iterator[None]:
    """Validators name fields of a rule; here the rule is a field itself."""
    try:
        yield
    except InvalidError as error:
        error.fields = [
            FieldProblem(field=each.field.replace("$.", "$.rule.", 1), reason=each.reason) for each in error.fields
        ]
        raise


def _prepare_silence(draft: SilenceDraft, *, now: datetime) -> Rehearsal:
    require_matchers(draft.matchers, field="$.matchers")
    starts_at, ends_at = moment(draft.starts_at, field="$.starts_at"), moment(draft.ends_at, field="$.ends_at")
    if starts_at is not None and ends_at is not None and ends_at < starts_at:
        raise InvalidError(fields=[FieldProblem(field="$.ends_at", reason="before starts_at")])
    return SilenceRehearsal(draft, now=now)


def _prepare_window(draft: WindowDraft, start: Start, *, now: datetime) -> Rehearsal:
    require_matchers(draft.matchers, field="$.matchers")
    window = _rule(draft, MaintenanceWindow)
    require_window(window)
    moment(window.starts_at.replace(tzinfo=now.tzinfo), field="$.starts_at")
    return WindowRehearsal(window, since=start.at, until=now)


async def _prepare_inhibition(tx: Tx, draft: InhibitionDraft, start: Start) -> Rehearsal:
    require_matchers(draft.source_matchers, field="$.source_matchers")
    require_matchers(draft.target_matchers, field="$.target_matchers")
    return InhibitionRehearsal(_rule(draft, InhibitionRule), earlier=await store.list_open_before(tx, start))


async def _prepare_grouping(tx: Tx, draft: GroupingDraft) -> Rehearsal:
    require_matchers(draft.matchers, field="$.matchers")
    rule = _rule(draft, GroupingRule)
    positions = await store.load_grouping_positions(tx)
    rules = await noise.load_grouping_rules(tx)
    return GroupingRehearsal(place_among(rules, rule, position=draft.position, positions=positions), rule)


async def _prepare_route(tx: Tx, draft: RouteDraft) -> Rehearsal:
    require_matchers(draft.matchers, field="$.matchers")
    today, policies = await noise.load_routing(tx), await store.load_policy_names(tx)
    policy = _require_policy(draft.policy_id, policies)
    services = {each.service_id: name for name, each in today.services.items() if each.service_id is not None}
    if draft.service_id is not None and draft.service_id not in services:
        raise InvalidError(fields=[FieldProblem(field="$.service_id", reason="there is no such service")])
    rule = msgspec.structs.replace(_rule(draft, RouteRule), policy_version=None if policy is None else policy.version)
    positions = await store.load_route_positions(tx)
    routes = place_among(today.routes, rule, position=draft.position, positions=positions)
    names = Names(services=services, policies={policy_id: each.name for policy_id, each in policies.items()})
    return RouteRehearsal(today, msgspec.structs.replace(today, routes=routes), names=names)


def _rule(draft: msgspec.Struct, kind: type[RuleT]) -> RuleT:
    """The draft as the kernel knows rules."""
    fields = {name: getattr(draft, name) for name in draft.__struct_fields__ if name in kind.__struct_fields__}
    return kind(**fields, id=DRAFT)


def _require_policy(policy_id: UUID | None, policies: dict[UUID, PolicyName]) -> PolicyName | None:
    if policy_id is None:
        return None
    if policy_id not in policies:
        raise InvalidError(fields=[FieldProblem(field="$.policy_id", reason="there is no such escalation policy")])
    return policies[policy_id]
