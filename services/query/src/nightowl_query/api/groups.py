"""Groups: alerts that belong together, taken and resolved together."""

from typing import Annotated, Any, Literal
from uuid import UUID

from litestar import Request, Response, get, patch
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, JSONBody, QueryParameter

from nightowl_alerting.actions import Acknowledge, AnyCommand, Resolve
from nightowl_auth import Principal, requires
from nightowl_common.db import Database, Tx
from nightowl_common.outbox import Outbox
from nightowl_query.api.alerts import answer_alerts, page_of_alerts
from nightowl_query.api.bulk import MAX_ALERTS, start_job
from nightowl_query.api.edge import problems, words
from nightowl_query.api.paging import PAGING, Paging, cut
from nightowl_query.api.tables import TableOperation, answer_table
from nightowl_query.model import AlertPage, BulkJob, Resolution
from nightowl_query.model.groups import AlertGroup, AlertGroupPage
from nightowl_query.store import groups as store
from nightowl_query.store.alert_filters import AlertFilter, Place
from nightowl_query.store.groups import GroupFilter
from nightowl_query.store.totals import Totals

TAGS = ["Groups"]


def provide_filter(
    which: Annotated[
        Literal["open", "closed"] | None,
        QueryParameter(name="state", description="`open`: it has an open alert. Without it, all."),
    ] = None,
    rule: Annotated[list[UUID] | None, QueryParameter(description="Ids of grouping rules.")] = None,
    q: Annotated[str | None, QueryParameter(description="Parts of the name: all of them.")] = None,
) -> GroupFilter:
    """For `Provide`. A repeated `rule` means any of them.

    Raises:
        InvalidError: the words cannot be in the database.
    """
    is_open = None if which is None else which == "open"
    return GroupFilter(rules=rule, is_open=is_open, words=words(q, field="q"))


@get(
    "/groups", operation_id="listGroups", tags=TAGS, summary="List groups, newest first",
    guards=[requires("readonly")], responses=problems(422), operation_class=TableOperation,
    dependencies={**PAGING, "wanted": Provide(provide_filter, sync_to_thread=False)},
)  # fmt: skip
async def list_groups(
    request: Request[Any, Any, Any],
    principal: NamedDependency[Principal],
    database: NamedDependency[Database],
    wanted: NamedDependency[GroupFilter],
    paging: NamedDependency[Paging],
) -> Response[AlertGroupPage]:
    """Filters combine; a repeated parameter means any of its values. `Accept: text/csv` gives CSV."""
    async with database.tenant_tx(principal.tenant) as tx:
        found = await cut(
            paging,
            lambda limit: store.list_groups(tx, wanted, below=paging.below, limit=limit),
            count=lambda: store.count_groups(tx, wanted),
        )
    page = AlertGroupPage(items=found.items, next_cursor=found.next_cursor, total=found.total)
    return answer_table(request, page, page.items)


@get(
    "/groups/{group_id:uuid}", operation_id="getGroup", tags=TAGS, summary="One group",
    guards=[requires("readonly")], responses=problems(404),
)  # fmt: skip
async def get_group(
    group_id: FromPath[UUID], principal: NamedDependency[Principal], database: NamedDependency[Database]
) -> AlertGroup:
    """With how many alerts it has in which status, and the one that pages for it."""
    async with database.tenant_tx(principal.tenant) as tx:
        return await store.load_group(tx, group_id)


@get(
    "/groups/{group_id:uuid}/alerts", operation_id="listGroupAlerts", tags=TAGS,
    summary="The alerts of a group, newest first",
    guards=[requires("readonly")], responses=problems(404, 422), dependencies=PAGING, operation_class=TableOperation,
)  # fmt: skip
async def list_group_alerts(
    request: Request[Any, Any, Any],
    group_id: FromPath[UUID],
    principal: NamedDependency[Principal],
    database: NamedDependency[Database],
    totals: NamedDependency[Totals],
    paging: NamedDependency[Paging],
) -> Response[AlertPage]:
    """As the alert list under `group`. `Accept: text/csv` gives CSV."""
    async with database.tenant_tx(principal.tenant) as tx:
        await store.require_group(tx, group_id)
        wanted = AlertFilter(groups=[group_id])
        place = Place(id=paging.below)
        page = await page_of_alerts(
            tx, totals, principal.tenant, wanted, limit=paging.limit, below=place, is_first=paging.after is None
        )
    return answer_alerts(request, page)


@patch(
    "/groups/{group_id:uuid}/acknowledge", operation_id="acknowledgeGroup", tags=TAGS,
    summary="Take every open alert of a group", status_code=202,
    guards=[requires("engineer")], responses=problems(404),
)  # fmt: skip
async def acknowledge_group(
    group_id: FromPath[UUID], principal: NamedDependency[Principal], outbox: NamedDependency[Outbox]
) -> BulkJob:
    """Answers a bulk job at once: ask for its progress. The lead is taken first, since it pages for the others."""
    async with outbox.tenant_tx(principal.tenant) as tx:
        return await start_job(tx, principal, Acknowledge(), await _members(tx, group_id))


@patch(
    "/groups/{group_id:uuid}/resolve", operation_id="resolveGroup", tags=TAGS,
    summary="Say that all of a group is over", status_code=202,
    guards=[requires("engineer")], responses=problems(404, 413, 422),
)  # fmt: skip
async def resolve_group(
    group_id: FromPath[UUID],
    principal: NamedDependency[Principal],
    outbox: NamedDependency[Outbox],
    data: JSONBody[Resolution | None] = None,
) -> BulkJob:
    """Answers a bulk job at once: ask for its progress. The lead is resolved last, or the others would page meanwhile.

    The body may be empty.
    """
    command: AnyCommand = Resolve(resolution=None if data is None else data.resolution)
    async with outbox.tenant_tx(principal.tenant) as tx:
        return await start_job(tx, principal, command, (await _members(tx, group_id))[::-1])


HANDLERS = [list_groups, get_group, list_group_alerts, acknowledge_group, resolve_group]


async def _members(tx: Tx, group_id: UUID) -> list[UUID]:
    await store.require_group(tx, group_id)
    return await store.list_open_members(tx, group_id, limit=MAX_ALERTS)
