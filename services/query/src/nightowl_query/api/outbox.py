"""What would have been sent, and what could not be read; the outbox as a page for a browser."""

from typing import Annotated, Any
from uuid import UUID

from litestar import MediaType, Request, Response, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from nightowl_auth import Principal, requires
from nightowl_common.db import Database
from nightowl_query.api.edge import base_url, problems, read
from nightowl_query.api.pages import OutboxView, headers, render_outbox
from nightowl_query.api.paging import HIGHEST, PAGING, Paging, cut
from nightowl_query.api.tables import TableOperation, answer_table
from nightowl_query.model import OutboxPage, RejectedPayloadPage
from nightowl_query.store import alerts as alert_store
from nightowl_query.store import outbox as store
from nightowl_query.store.alert_filters import AlertFilter, Place, arguments_of, bound_of

OPEN = AlertFilter(statuses=("firing", "acknowledged", "investigating"))
ROWS_ON_PAGE = 50

OfAlert = Annotated[
    str | None, QueryParameter(description="Only pages of this alert.", schema_extra={"format": "uuid"})
]


@get(
    "/outbox", operation_id="listOutbox", tags=["Deliveries"],
    summary="List pages that would have been sent, newest first",
    guards=[requires("readonly")], responses=problems(422), dependencies=PAGING, operation_class=TableOperation,
)  # fmt: skip
async def list_outbox(
    request: Request[Any, Any, Any],
    principal: NamedDependency[Principal],
    database: NamedDependency[Database],
    paging: NamedDependency[Paging],
    alert_id: OfAlert = None,
) -> Response[OutboxPage]:
    """Pages over channels without a provider: written here instead of being sent."""
    of = read(alert_id, UUID, field="alert_id")
    async with database.tenant_tx(principal.tenant) as tx:
        found = await cut(
            paging,
            lambda limit: store.list_outbox(tx, of, below=paging.below, limit=limit),
            count=lambda: store.count_outbox(tx, of),
        )
    page = OutboxPage(items=found.items, next_cursor=found.next_cursor, total=found.total)
    return answer_table(request, page, page.items)


@get(
    "/rejected-payloads", operation_id="listRejectedPayloads", tags=["Alerts"],
    summary="List alerts that could not be read, newest first",
    guards=[requires("readonly")], responses=problems(422), dependencies=PAGING, operation_class=TableOperation,
)  # fmt: skip
async def list_rejected_payloads(
    request: Request[Any, Any, Any],
    principal: NamedDependency[Principal],
    database: NamedDependency[Database],
    paging: NamedDependency[Paging],
) -> Response[RejectedPayloadPage]:
    """Alerts inside accepted calls that could not be read, each with the field and the reason."""
    async with database.tenant_tx(principal.tenant) as tx:
        found = await cut(
            paging,
            lambda limit: store.list_rejected(tx, below=paging.below, limit=limit),
            count=lambda: store.count_rejected(tx),
        )
    page = RejectedPayloadPage(items=found.items, next_cursor=found.next_cursor, total=found.total)
    return answer_table(request, page, page.items)


@get("/outbox", media_type=MediaType.HTML, guards=[requires("readonly")])
async def show_outbox(
    request: Request[Any, Any, Any], principal: NamedDependency[Principal], database: NamedDependency[Database]
) -> Response[str]:
    """The open alerts and the newest unsent pages, for a browser."""
    paging = Paging(limit=ROWS_ON_PAGE, after=None)
    async with database.tenant_tx(principal.tenant) as tx:
        arguments = await arguments_of(tx, OPEN)
        alerts = await cut(
            paging,
            lambda limit: alert_store.list_alerts(tx, OPEN, arguments, below=Place(id=HIGHEST), limit=limit),
            count=lambda: alert_store.count_alerts(tx, arguments, limit=bound_of(OPEN)),
        )
        entries = await cut(
            paging,
            lambda limit: store.list_outbox(tx, None, below=HIGHEST, limit=limit),
            count=lambda: store.count_outbox(tx, None),
        )
        now = await tx.now()
    view = OutboxView(
        tenant=principal.tenant,
        base_url=base_url(request),
        now=now,
        alerts=alerts.items,
        alert_count=alerts.total,
        entries=entries.items,
        entry_count=entries.total,
    )
    return Response(render_outbox(view), media_type=MediaType.HTML, headers=headers())


HANDLERS = [list_outbox, list_rejected_payloads]
PAGE_HANDLERS = [show_outbox]
