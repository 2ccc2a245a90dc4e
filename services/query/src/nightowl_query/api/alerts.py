"""Alerts: list, detail, timeline, pages, acknowledge, resolve."""

from collections.abc import Sequence
from typing import Annotated, Any, cast
from uuid import UUID

from litestar import Request, Response, get, patch
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, JSONBody, QueryParameter

from nightowl_alerting import lifecycle
from nightowl_alerting.model import AlertNotFoundError
from nightowl_alerting.store import lock_alert
from nightowl_auth import Principal, requires
from nightowl_common.db import Database, Record, Tx
from nightowl_common.outbox import Outbox
from nightowl_query.api.edge import ETAG, IfMatch, etag, problems, require_revision
from nightowl_query.api.filters import Sort, decode_place, encode_place, provide_filter
from nightowl_query.api.paging import HIGHEST, MAX_LIMIT, PAGING, Paging, cut, decode_cursor, encode_cursor
from nightowl_query.api.tables import TableOperation, answer_table, wants_table
from nightowl_query.model import Alert, AlertDetail, AlertPage, DeliveryPage, Facets, Resolution, TimelinePage
from nightowl_query.model.alerts import ShownPage, SimilarAlertPage
from nightowl_query.store import alerts as store
from nightowl_query.store import facets, likeness
from nightowl_query.store.alert_filters import EVERYTHING, AlertFilter, Place, arguments_of, bound_of
from nightowl_query.store.shown import ShownAlerts
from nightowl_query.store.totals import Totals

FLAPPING_EPISODES = 5
"""In 24 hours. Fewer can be one deploy that went wrong twice, or a noon and a midnight job; five times in a day the
problem comes back by itself, and another acknowledgement will not end it."""

SHOWN = ShownAlerts()

WANTED = {"wanted": Provide(provide_filter, sync_to_thread=False)}


@get(
    "/alerts", operation_id="listAlerts", tags=["Alerts"], summary="List alerts, newest or most urgent first",
    guards=[requires("readonly")], responses=problems(422), operation_class=TableOperation, dependencies=WANTED,
)  # fmt: skip
async def list_alerts(
    request: Request[Any, Any, Any],
    principal: NamedDependency[Principal],
    database: NamedDependency[Database],
    wanted: NamedDependency[AlertFilter],
    totals: NamedDependency[Totals],
    limit: Annotated[int, QueryParameter(ge=1, le=MAX_LIMIT, description="Rows per page.")] = 50,
    cursor: Annotated[str | None, QueryParameter(description="`next_cursor` of the page before.")] = None,
    sort: Annotated[
        Sort,
        QueryParameter(
            description="`urgent`: firing, snoozed, acknowledged, investigating, resolved; by severity in each."
        ),
    ] = "newest",
) -> Response[AlertPage]:
    """Filters combine; a repeated parameter means any of its values. `Accept: text/csv` gives CSV."""
    place = decode_place(cursor) if sort == "urgent" else Place(id=HIGHEST if cursor is None else decode_cursor(cursor))
    is_plain = wanted == EVERYTHING and sort == "newest"
    async with database.tenant_tx(principal.tenant, plans_once=is_plain, plans_for_values=not is_plain) as tx:
        page = await page_of_alerts(
            tx, totals, principal.tenant, wanted, limit=limit, below=place, is_first=cursor is None, sort=sort
        )
    return answer_alerts(request, page)


@get(
    "/alerts/facets", operation_id="listAlertFacets", tags=["Alerts"], summary="Count alerts by their values",
    guards=[requires("readonly")], responses=problems(422), dependencies=WANTED,
)  # fmt: skip
async def list_alert_facets(
    principal: NamedDependency[Principal],
    database: NamedDependency[Database],
    wanted: NamedDependency[AlertFilter],
) -> Facets:
    """How many alerts have which value, for each facet under the filters of the list on the others."""
    async with database.tenant_tx(principal.tenant, plans_for_values=True) as tx:
        return await facets.list_facets(tx, wanted)


@get(
    "/alerts/{alert_id:uuid}", operation_id="getAlert", tags=["Alerts"], summary="One alert",
    guards=[requires("readonly")], responses=problems(404), response_headers=[ETAG],
)  # fmt: skip
async def get_alert(
    alert_id: FromPath[UUID], principal: NamedDependency[Principal], database: NamedDependency[Database]
) -> Response[AlertDetail]:
    """With the recent past of its problem. The `ETag` is the revision that `If-Match` takes."""
    async with database.tenant_tx(principal.tenant) as tx:
        detail = await store.load_detail(tx, alert_id, flapping=FLAPPING_EPISODES)
    if detail is None:
        raise AlertNotFoundError
    return Response(detail, headers={"ETag": etag(detail.version)})


@get(
    "/alerts/{alert_id:uuid}/timeline", operation_id="listTimeline", tags=["Alerts"],
    summary="Everything that was decided about an alert, oldest first",
    guards=[requires("readonly")], responses=problems(404, 422), dependencies=PAGING, operation_class=TableOperation,
)  # fmt: skip
async def list_timeline(
    request: Request[Any, Any, Any],
    alert_id: FromPath[UUID],
    principal: NamedDependency[Principal],
    database: NamedDependency[Database],
    paging: NamedDependency[Paging],
) -> Response[TimelinePage]:
    """Append-only: each entry says who did what, when, and on what evidence."""
    async with database.tenant_tx(principal.tenant) as tx:
        await _require(tx, alert_id)
        found = await cut(
            paging,
            lambda limit: store.list_entries(tx, alert_id, above=paging.above, limit=limit),
            count=lambda: store.count_entries(tx, alert_id),
        )
    page = TimelinePage(items=found.items, next_cursor=found.next_cursor, total=found.total)
    return answer_table(request, page, page.items)


@get(
    "/alerts/{alert_id:uuid}/deliveries", operation_id="listDeliveries", tags=["Alerts"],
    summary="The pages of an alert with every attempt, oldest first",
    guards=[requires("readonly")], responses=problems(404, 422), dependencies=PAGING, operation_class=TableOperation,
)  # fmt: skip
async def list_deliveries(
    request: Request[Any, Any, Any],
    alert_id: FromPath[UUID],
    principal: NamedDependency[Principal],
    database: NamedDependency[Database],
    paging: NamedDependency[Paging],
) -> Response[DeliveryPage]:
    """One delivery per recipient, channel and step; each lists what every attempt to send it came to."""
    async with database.tenant_tx(principal.tenant) as tx:
        await _require(tx, alert_id)
        found = await cut(
            paging,
            lambda limit: store.list_deliveries(tx, alert_id, above=paging.above, limit=limit),
            count=lambda: store.count_deliveries(tx, alert_id),
        )
    page = DeliveryPage(items=found.items, next_cursor=found.next_cursor, total=found.total)
    return answer_table(request, page, page.items)


@get(
    "/alerts/{alert_id:uuid}/similar", operation_id="listSimilarAlerts", tags=["Alerts"],
    summary="Alerts of other problems that are like an alert", guards=[requires("readonly")], responses=problems(404),
)  # fmt: skip
async def list_similar_alerts(
    alert_id: FromPath[UUID], principal: NamedDependency[Principal], database: NamedDependency[Database]
) -> SimilarAlertPage:
    """Those that share its service, its name or what is known for it; `shares` says which. The newest of each problem.

    Looked for among what is open or came lately, and what its incident was counted for last; not in all that was kept.
    """
    async with database.tenant_tx(principal.tenant) as tx:
        await _require(tx, alert_id)
        items = await likeness.list_similar(tx, alert_id)
    return SimilarAlertPage(items=items, next_cursor=None, total=len(items))


@patch(
    "/alerts/{alert_id:uuid}/acknowledge", operation_id="acknowledgeAlert", tags=["Alerts"],
    summary="Take an alert: paging stops in the same commit",
    guards=[requires("engineer")], responses=problems(404, 409, 412), response_headers=[ETAG],
)  # fmt: skip
async def acknowledge_alert(
    alert_id: FromPath[UUID],
    principal: NamedDependency[Principal],
    outbox: NamedDependency[Outbox],
    if_match: IfMatch = None,
) -> Response[Alert]:
    """The next tier is cancelled and unsent pages are called back in the same commit. Idempotent."""
    async with outbox.tenant_tx(principal.tenant) as tx:
        await require_unchanged(tx, alert_id, if_match)
        await lifecycle.acknowledge(tx, principal.tenant, alert_id, principal.actor)
        return answer(await load_alert(tx, alert_id))


@patch(
    "/alerts/{alert_id:uuid}/resolve", operation_id="resolveAlert", tags=["Alerts"], summary="Say that it is over",
    guards=[requires("engineer")], responses=problems(404, 412, 413, 422), response_headers=[ETAG],
)  # fmt: skip
async def resolve_alert(
    alert_id: FromPath[UUID],
    principal: NamedDependency[Principal],
    outbox: NamedDependency[Outbox],
    data: JSONBody[Resolution | None] = None,
    if_match: IfMatch = None,
) -> Response[Alert]:
    """Ends the alert; if it fires again, that is a new alert. Idempotent. The body may be empty."""
    resolution = None if data is None else data.resolution
    async with outbox.tenant_tx(principal.tenant) as tx:
        await require_unchanged(tx, alert_id, if_match)
        await lifecycle.resolve(tx, principal.tenant, alert_id, principal.actor, resolution=resolution)
        return answer(await load_alert(tx, alert_id))


HANDLERS = [
    list_alerts, list_alert_facets, get_alert, list_timeline, list_deliveries, list_similar_alerts,
    acknowledge_alert, resolve_alert,
]  # fmt: skip


async def page_of_alerts(
    tx: Tx, totals: Totals, tenant: str, wanted: AlertFilter, *, limit: int, below: Place, is_first: bool,
    sort: Sort = "newest",
) -> ShownPage:  # fmt: skip
    """A page of what a filter lets through, from a place on. What fits the first page is not counted.

    Raises:
        BadPatternError: a pattern is not a regular expression.
    """
    arguments: Sequence[object] = ()
    bound, counted = bound_of(wanted), None
    if wanted == EVERYTHING and sort == "newest":
        old, edge = totals.old_part(tenant) or (0, None)
        found, newer = await store.find_newest(tx, below=below.id, limit=limit + 1, since=edge, counted=bound + 1)
        counted = None if edge is None else old + newer
    else:
        arguments = await arguments_of(tx, wanted)
        found = await store.find_alerts(
            tx, wanted, arguments, below=below, by_urgency=sort == "urgent", limit=limit + 1
        )  # fmt: skip
    total, is_exact = len(found), is_first and len(found) <= limit
    if not is_exact and bound > 0:
        if counted is None:
            counted = await totals.count(tx, tenant, wanted, arguments)
        total, is_exact = min(counted, bound), counted <= bound
    last = found[limit - 1] if len(found) > limit else None
    return ShownPage(
        items=await SHOWN.read(tx, tenant, found[:limit]),
        next_cursor=None if last is None else _cursor_after(last, sort),
        total=total,
        total_is_exact=is_exact,
    )


def answer_alerts(request: Request[Any, Any, Any], page: ShownPage) -> Response[AlertPage]:
    """The page in the form that the caller accepts."""
    if wants_table(request):
        whole = page.decoded()
        return answer_table(request, whole, whole.items)
    return cast("Response[AlertPage]", Response(page))


def _cursor_after(last: Record, sort: Sort) -> str:
    return encode_place(last["urgency"], last["id"]) if sort == "urgent" else encode_cursor(last["id"])


async def load_alert(tx: Tx, alert_id: UUID) -> Alert:
    """One alert.

    Raises:
        AlertNotFoundError: there is none.
    """
    alert = await store.load_alert(tx, alert_id)
    if alert is None:
        raise AlertNotFoundError
    return alert


async def _require(tx: Tx, alert_id: UUID) -> None:
    if not await store.alert_exists(tx, alert_id):
        raise AlertNotFoundError


async def require_unchanged(tx: Tx, alert_id: UUID, if_match: str | None) -> None:
    """Locks the alert first: its revision cannot change between this check and the change itself."""
    if if_match is None:
        return
    alert = await lock_alert(tx, alert_id)
    if alert is None:
        raise AlertNotFoundError
    require_revision(if_match, alert.version)


def answer(alert: Alert) -> Response[Alert]:
    """The alert with its revision as `ETag`."""
    return Response(alert, headers={"ETag": etag(alert.version)})
