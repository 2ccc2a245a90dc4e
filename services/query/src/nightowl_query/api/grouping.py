"""Grouping rules: which alerts belong together."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from nightowl_auth import Principal, requires
from nightowl_common.db import Database
from nightowl_common.outbox import Outbox
from nightowl_query.api.edge import ETAG, IfMatch, problems, require_revision
from nightowl_query.api.paging import PLACE_PAGING, PlacePaging, cut_in_order
from nightowl_query.api.rules import TAGS, answer_rule, create_rule, delete_rule, reorder_rules, update_rule
from nightowl_query.api.tables import TableOperation, answer_table
from nightowl_query.model.rules import GroupingRule, GroupingRuleContent, GroupingRulePage, RuleOrder, RuleRemoval
from nightowl_query.store import rules as store


@post(
    "/grouping-rules", operation_id="createGroupingRule", tags=TAGS,
    summary="Make a grouping rule", guards=[requires("manager")],
    responses=problems(409, 413, 422), response_headers=[ETAG],
)  # fmt: skip
async def create_grouping_rule(
    data: JSONBody[GroupingRuleContent], principal: NamedDependency[Principal], outbox: NamedDependency[Outbox]
) -> Response[GroupingRule]:
    """In force for alerts that open from 2 s later on; open ones join when a group with a threshold begins."""
    async with outbox.tenant_tx(principal.tenant) as tx:
        made = await create_rule(tx, principal, GroupingRule, data)
        return answer_rule(made, status=201)


@get(
    "/grouping-rules", operation_id="listGroupingRules", tags=TAGS, summary="List grouping rules, in their order",
    guards=[requires("readonly")], responses=problems(422), operation_class=TableOperation, dependencies=PLACE_PAGING,
)  # fmt: skip
async def list_grouping_rules(
    request: Request[Any, Any, Any],
    principal: NamedDependency[Principal],
    database: NamedDependency[Database],
    paging: NamedDependency[PlacePaging],
) -> Response[GroupingRulePage]:
    """In the order in which they are read. `Accept: text/csv` gives CSV."""
    async with database.tenant_tx(principal.tenant) as tx:
        found = await cut_in_order(
            paging,
            lambda limit: store.list_in_order(tx, GroupingRule, after=paging.start, limit=limit),
            count=lambda: store.count_rules(tx, GroupingRule),
        )
    items = found.items
    page = GroupingRulePage(items=items, next_cursor=found.next_cursor, total=found.total)
    return answer_table(request, page, page.items)


@get(
    "/grouping-rules/{rule_id:uuid}", operation_id="getGroupingRule", tags=TAGS, summary="One grouping rule",
    guards=[requires("readonly")], responses=problems(404), response_headers=[ETAG],
)  # fmt: skip
async def get_grouping_rule(
    rule_id: FromPath[UUID], principal: NamedDependency[Principal], database: NamedDependency[Database]
) -> Response[GroupingRule]:
    """The `ETag` is the revision that `If-Match` takes."""
    async with database.tenant_tx(principal.tenant) as tx:
        found = await store.load_rule(tx, GroupingRule, rule_id)
        return answer_rule(found)


@put(
    "/grouping-rules/{rule_id:uuid}", operation_id="updateGroupingRule", tags=TAGS, summary="Change a grouping rule",
    guards=[requires("manager")], responses=problems(404, 409, 412, 413, 422), response_headers=[ETAG],
)  # fmt: skip
async def update_grouping_rule(
    rule_id: FromPath[UUID],
    data: JSONBody[GroupingRuleContent],
    principal: NamedDependency[Principal],
    outbox: NamedDependency[Outbox],
    if_match: IfMatch = None,
) -> Response[GroupingRule]:
    """Takes the whole content; without `position` it stays where it is. Groups that have begun keep what they said."""
    async with outbox.tenant_tx(principal.tenant) as tx:
        before = await store.lock_rule(tx, GroupingRule, rule_id)
        require_revision(if_match, before.revision)
        after = await update_rule(tx, principal, before, data)
        return answer_rule(after)


@delete(
    "/grouping-rules/{rule_id:uuid}", operation_id="deleteGroupingRule", tags=TAGS, summary="Delete a grouping rule",
    guards=[requires("manager")], responses=problems(404, 412), status_code=200,
)  # fmt: skip
async def delete_grouping_rule(
    rule_id: FromPath[UUID],
    principal: NamedDependency[Principal],
    outbox: NamedDependency[Outbox],
    if_match: IfMatch = None,
) -> RuleRemoval:
    """Groups that it made stay, and take no more alerts."""
    async with outbox.tenant_tx(principal.tenant) as tx:
        before = await store.lock_rule(tx, GroupingRule, rule_id)
        require_revision(if_match, before.revision)
        await delete_rule(tx, principal, before)
    return RuleRemoval()


@post(
    "/grouping-rules/reorder", operation_id="reorderGroupingRules", tags=TAGS,
    summary="Put all grouping rules into an order", status_code=200,
    guards=[requires("manager")], responses=problems(409, 413, 422),
)  # fmt: skip
async def reorder_grouping_rules(
    data: JSONBody[RuleOrder], principal: NamedDependency[Principal], outbox: NamedDependency[Outbox]
) -> GroupingRulePage:
    """All or nothing, in one commit: the ids of all that there are, each once; 409 when one has come or gone since.

    Answers all of them.
    """
    async with outbox.tenant_tx(principal.tenant) as tx:
        await reorder_rules(tx, principal, GroupingRule, data.ids)
        items = await store.lock_all_in_order(tx, GroupingRule)
    return GroupingRulePage(items=items, next_cursor=None, total=len(items))


HANDLERS = [
    create_grouping_rule,
    list_grouping_rules,
    get_grouping_rule,
    update_grouping_rule,
    delete_grouping_rule,
    reorder_grouping_rules,
]
