"""Inhibition rules: which open alerts keep which others from paging."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from nightowl_auth import Principal, requires
from nightowl_common.db import Database
from nightowl_common.outbox import Outbox
from nightowl_query.api.edge import ETAG, IfMatch, problems, require_revision
from nightowl_query.api.paging import PAGING, Paging, cut
from nightowl_query.api.rules import TAGS, answer_rule, create_rule, delete_rule, update_rule
from nightowl_query.api.tables import TableOperation, answer_table
from nightowl_query.model.rules import InhibitionRule, InhibitionRuleContent, InhibitionRulePage, RuleRemoval
from nightowl_query.store import rules as store


@post(
    "/inhibition-rules", operation_id="createInhibitionRule", tags=TAGS,
    summary="Make an inhibition rule", guards=[requires("manager")],
    responses=problems(409, 413, 422), response_headers=[ETAG],
)  # fmt: skip
async def create_inhibition_rule(
    data: JSONBody[InhibitionRuleContent], principal: NamedDependency[Principal], outbox: NamedDependency[Outbox]
) -> Response[InhibitionRule]:
    """As in Alertmanager, two alerts that are both source and target do not mute each other."""
    async with outbox.tenant_tx(principal.tenant) as tx:
        made = await create_rule(tx, principal, InhibitionRule, data)
        return answer_rule(made, status=201)


@get(
    "/inhibition-rules", operation_id="listInhibitionRules", tags=TAGS, summary="List inhibition rules, newest first",
    guards=[requires("readonly")], responses=problems(422), operation_class=TableOperation, dependencies=PAGING,
)  # fmt: skip
async def list_inhibition_rules(
    request: Request[Any, Any, Any],
    principal: NamedDependency[Principal],
    database: NamedDependency[Database],
    paging: NamedDependency[Paging],
) -> Response[InhibitionRulePage]:
    """`Accept: text/csv` gives CSV."""
    async with database.tenant_tx(principal.tenant) as tx:
        found = await cut(
            paging,
            lambda limit: store.list_rules(tx, InhibitionRule, below=paging.below, limit=limit),
            count=lambda: store.count_rules(tx, InhibitionRule),
        )
    items = found.items
    page = InhibitionRulePage(items=items, next_cursor=found.next_cursor, total=found.total)
    return answer_table(request, page, page.items)


@get(
    "/inhibition-rules/{rule_id:uuid}", operation_id="getInhibitionRule", tags=TAGS, summary="One inhibition rule",
    guards=[requires("readonly")], responses=problems(404), response_headers=[ETAG],
)  # fmt: skip
async def get_inhibition_rule(
    rule_id: FromPath[UUID], principal: NamedDependency[Principal], database: NamedDependency[Database]
) -> Response[InhibitionRule]:
    """The `ETag` is the revision that `If-Match` takes."""
    async with database.tenant_tx(principal.tenant) as tx:
        found = await store.load_rule(tx, InhibitionRule, rule_id)
        return answer_rule(found)


@put(
    "/inhibition-rules/{rule_id:uuid}", operation_id="updateInhibitionRule", tags=TAGS,
    summary="Change an inhibition rule",
    guards=[requires("manager")], responses=problems(404, 409, 412, 413, 422), response_headers=[ETAG],
)  # fmt: skip
async def update_inhibition_rule(
    rule_id: FromPath[UUID],
    data: JSONBody[InhibitionRuleContent],
    principal: NamedDependency[Principal],
    outbox: NamedDependency[Outbox],
    if_match: IfMatch = None,
) -> Response[InhibitionRule]:
    """Takes the whole content. What is muted is judged again at once."""
    async with outbox.tenant_tx(principal.tenant) as tx:
        before = await store.lock_rule(tx, InhibitionRule, rule_id)
        require_revision(if_match, before.revision)
        after = await update_rule(tx, principal, before, data)
        return answer_rule(after)


@delete(
    "/inhibition-rules/{rule_id:uuid}", operation_id="deleteInhibitionRule", tags=TAGS,
    summary="Delete an inhibition rule",
    guards=[requires("manager")], responses=problems(404, 412), status_code=200,
)  # fmt: skip
async def delete_inhibition_rule(
    rule_id: FromPath[UUID],
    principal: NamedDependency[Principal],
    outbox: NamedDependency[Outbox],
    if_match: IfMatch = None,
) -> RuleRemoval:
    """What it muted is judged again at once."""
    async with outbox.tenant_tx(principal.tenant) as tx:
        before = await store.lock_rule(tx, InhibitionRule, rule_id)
        require_revision(if_match, before.revision)
        await delete_rule(tx, principal, before)
    return RuleRemoval()


HANDLERS = [
    create_inhibition_rule,
    list_inhibition_rules,
    get_inhibition_rule,
    update_inhibition_rule,
    delete_inhibition_rule,
]
