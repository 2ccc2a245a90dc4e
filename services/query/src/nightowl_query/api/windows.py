"""Maintenance windows: planned work that pages nobody."""

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
from nightowl_query.engine.rules import with_occurrences
from nightowl_query.model.rules import MaintenanceWindow, MaintenanceWindowContent, MaintenanceWindowPage, RuleRemoval
from nightowl_query.store import rules as store


@post(
    "/maintenance-windows", operation_id="createMaintenanceWindow", tags=TAGS,
    summary="Make a maintenance window", guards=[requires("manager")],
    responses=problems(409, 413, 422), response_headers=[ETAG],
)  # fmt: skip
async def create_maintenance_window(
    data: JSONBody[MaintenanceWindowContent], principal: NamedDependency[Principal], outbox: NamedDependency[Outbox]
) -> Response[MaintenanceWindow]:
    """A start is wall-clock time in the window's zone: it recurs at the same time of day across clock changes."""
    async with outbox.tenant_tx(principal.tenant) as tx:
        made = await create_rule(tx, principal, MaintenanceWindow, data)
        return answer_rule(with_occurrences(made, await tx.now()), status=201)


@get(
    "/maintenance-windows", operation_id="listMaintenanceWindows", tags=TAGS,
    summary="List maintenance windows, newest first",
    guards=[requires("readonly")], responses=problems(422), operation_class=TableOperation, dependencies=PAGING,
)  # fmt: skip
async def list_maintenance_windows(
    request: Request[Any, Any, Any],
    principal: NamedDependency[Principal],
    database: NamedDependency[Database],
    paging: NamedDependency[Paging],
) -> Response[MaintenanceWindowPage]:
    """Each with whether it is open and its next five starts. `Accept: text/csv` gives CSV."""
    async with database.tenant_tx(principal.tenant) as tx:
        found = await cut(
            paging,
            lambda limit: store.list_rules(tx, MaintenanceWindow, below=paging.below, limit=limit),
            count=lambda: store.count_rules(tx, MaintenanceWindow),
        )
        now = await tx.now()
    items = [with_occurrences(each, now) for each in found.items]
    page = MaintenanceWindowPage(items=items, next_cursor=found.next_cursor, total=found.total)
    return answer_table(request, page, page.items)


@get(
    "/maintenance-windows/{rule_id:uuid}", operation_id="getMaintenanceWindow", tags=TAGS,
    summary="One maintenance window",
    guards=[requires("readonly")], responses=problems(404), response_headers=[ETAG],
)  # fmt: skip
async def get_maintenance_window(
    rule_id: FromPath[UUID], principal: NamedDependency[Principal], database: NamedDependency[Database]
) -> Response[MaintenanceWindow]:
    """The `ETag` is the revision that `If-Match` takes."""
    async with database.tenant_tx(principal.tenant) as tx:
        found = await store.load_rule(tx, MaintenanceWindow, rule_id)
        return answer_rule(with_occurrences(found, await tx.now()))


@put(
    "/maintenance-windows/{rule_id:uuid}", operation_id="updateMaintenanceWindow", tags=TAGS,
    summary="Change a maintenance window",
    guards=[requires("manager")], responses=problems(404, 409, 412, 413, 422), response_headers=[ETAG],
)  # fmt: skip
async def update_maintenance_window(
    rule_id: FromPath[UUID],
    data: JSONBody[MaintenanceWindowContent],
    principal: NamedDependency[Principal],
    outbox: NamedDependency[Outbox],
    if_match: IfMatch = None,
) -> Response[MaintenanceWindow]:
    """Takes the whole content. What is muted is judged again at once."""
    async with outbox.tenant_tx(principal.tenant) as tx:
        before = await store.lock_rule(tx, MaintenanceWindow, rule_id)
        require_revision(if_match, before.revision)
        after = await update_rule(tx, principal, before, data)
        return answer_rule(with_occurrences(after, await tx.now()))


@delete(
    "/maintenance-windows/{rule_id:uuid}", operation_id="deleteMaintenanceWindow", tags=TAGS,
    summary="Delete a maintenance window",
    guards=[requires("manager")], responses=problems(404, 412), status_code=200,
)  # fmt: skip
async def delete_maintenance_window(
    rule_id: FromPath[UUID],
    principal: NamedDependency[Principal],
    outbox: NamedDependency[Outbox],
    if_match: IfMatch = None,
) -> RuleRemoval:
    """What it muted is judged again at once."""
    async with outbox.tenant_tx(principal.tenant) as tx:
        before = await store.lock_rule(tx, MaintenanceWindow, rule_id)
        require_revision(if_match, before.revision)
        await delete_rule(tx, principal, before)
    return RuleRemoval()


HANDLERS = [
    create_maintenance_window,
    list_maintenance_windows,
    get_maintenance_window,
    update_maintenance_window,
    delete_maintenance_window,
]
