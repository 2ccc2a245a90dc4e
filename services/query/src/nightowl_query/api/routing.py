"""Routes: where alerts belong, who is paged for them, and from which severity on."""

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
from nightowl_query.model.rules import Route, RouteContent, RoutePage, RuleOrder, RuleRemoval
from nightowl_query.store import rules as store


@post(
    "/routes", operation_id="createRoute", tags=TAGS, summary="Make a route", guards=[requires("manager")],
    responses=problems(409, 413, 422), response_headers=[ETAG],
)  # fmt: skip
async def create_route(
    data: JSONBody[RouteContent], principal: NamedDependency[Principal], outbox: NamedDependency[Outbox]
) -> Response[Route]:
    """In force for alerts that open from 2 s later on. A service or policy that is not there is refused."""
    async with outbox.tenant_tx(principal.tenant) as tx:
        made = await create_rule(tx, principal, Route, data)
        return answer_rule(made, status=201)


@get(
    "/routes", operation_id="listRoutes", tags=TAGS, summary="List routes, in their order",
    guards=[requires("readonly")], responses=problems(422), operation_class=TableOperation, dependencies=PLACE_PAGING,
)  # fmt: skip
async def list_routes(
    request: Request[Any, Any, Any],
    principal: NamedDependency[Principal],
    database: NamedDependency[Database],
    paging: NamedDependency[PlacePaging],
) -> Response[RoutePage]:
    """In the order in which they are read. `Accept: text/csv` gives CSV."""
    async with database.tenant_tx(principal.tenant) as tx:
        found = await cut_in_order(
            paging,
            lambda limit: store.list_in_order(tx, Route, after=paging.start, limit=limit),
            count=lambda: store.count_rules(tx, Route),
        )
    items = found.items
    page = RoutePage(items=items, next_cursor=found.next_cursor, total=found.total)
    return answer_table(request, page, page.items)


@get(
    "/routes/{rule_id:uuid}", operation_id="getRoute", tags=TAGS, summary="One route",
    guards=[requires("readonly")], responses=problems(404), response_headers=[ETAG],
)  # fmt: skip
async def get_route(
    rule_id: FromPath[UUID], principal: NamedDependency[Principal], database: NamedDependency[Database]
) -> Response[Route]:
    """The `ETag` is the revision that `If-Match` takes."""
    async with database.tenant_tx(principal.tenant) as tx:
        found = await store.load_rule(tx, Route, rule_id)
        return answer_rule(found)


@put(
    "/routes/{rule_id:uuid}", operation_id="updateRoute", tags=TAGS, summary="Change a route",
    guards=[requires("manager")], responses=problems(404, 409, 412, 413, 422), response_headers=[ETAG],
)  # fmt: skip
async def update_route(
    rule_id: FromPath[UUID],
    data: JSONBody[RouteContent],
    principal: NamedDependency[Principal],
    outbox: NamedDependency[Outbox],
    if_match: IfMatch = None,
) -> Response[Route]:
    """Takes the whole content; without `position` it stays where it is. Open alerts keep what their route said."""
    async with outbox.tenant_tx(principal.tenant) as tx:
        before = await store.lock_rule(tx, Route, rule_id)
        require_revision(if_match, before.revision)
        after = await update_rule(tx, principal, before, data)
        return answer_rule(after)


@delete(
    "/routes/{rule_id:uuid}", operation_id="deleteRoute", tags=TAGS, summary="Delete a route",
    guards=[requires("manager")], responses=problems(404, 412), status_code=200,
)  # fmt: skip
async def delete_route(
    rule_id: FromPath[UUID],
    principal: NamedDependency[Principal],
    outbox: NamedDependency[Outbox],
    if_match: IfMatch = None,
) -> RuleRemoval:
    """Open alerts keep what it said."""
    async with outbox.tenant_tx(principal.tenant) as tx:
        before = await store.lock_rule(tx, Route, rule_id)
        require_revision(if_match, before.revision)
        await delete_rule(tx, principal, before)
    return RuleRemoval()


@post(
    "/routes/reorder", operation_id="reorderRoutes", tags=TAGS, summary="Put all routes into an order", status_code=200,
    guards=[requires("manager")], responses=problems(409, 413, 422),
)  # fmt: skip
async def reorder_routes(
    data: JSONBody[RuleOrder], principal: NamedDependency[Principal], outbox: NamedDependency[Outbox]
) -> RoutePage:
    """All or nothing, in one commit: the ids of all that there are, each once; 409 when one has come or gone since.

    Answers all of them.
    """
    async with outbox.tenant_tx(principal.tenant) as tx:
        await reorder_rules(tx, principal, Route, data.ids)
        items = await store.lock_all_in_order(tx, Route)
    return RoutePage(items=items, next_cursor=None, total=len(items))


HANDLERS = [create_route, list_routes, get_route, update_route, delete_route, reorder_routes]
