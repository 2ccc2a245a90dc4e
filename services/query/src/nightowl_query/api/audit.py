"""The audit log: who changed what, from where, and who was refused."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.connection import ASGIConnection
from litestar.di import NamedDependency, Provide
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.params import FromQuery, QueryParameter
from litestar.types import ASGIApp, Receive, Scope, Send

from nightowl_alerting.origin import ORIGIN, Origin
from nightowl_alerting.store import insert_audit
from nightowl_auth import Principal, authenticate, requires
from nightowl_common.db import Database
from nightowl_common.errors import ForbiddenError, NightOwlError, UnauthenticatedError
from nightowl_common.logs import get_logger
from nightowl_query.api.edge import INSTANT, instant, problems, read, texts
from nightowl_query.api.paging import PAGING, Paging, cut
from nightowl_query.api.tables import TableOperation, answer_table
from nightowl_query.model.audit import AuditPage
from nightowl_query.store import audit as store
from nightowl_query.store.audit import AuditFilter

log = get_logger(__name__)

COUNTED_TO = 10_000


def provide_filter(
    actor: FromQuery[list[str] | None] = None,
    action: FromQuery[list[str] | None] = None,
    entity: FromQuery[list[str] | None] = None,
    address: FromQuery[list[str] | None] = None,
    entity_id: Annotated[str | None, QueryParameter(schema_extra={"format": "uuid"})] = None,
    after: Annotated[str | None, QueryParameter(schema_extra=INSTANT)] = None,
    before: Annotated[str | None, QueryParameter(schema_extra=INSTANT)] = None,
) -> AuditFilter:
    """For `Provide`. Repeated parameters are alternatives; `actor` is the id of a user, a key or a service.

    Raises:
        InvalidError: a text cannot be in the database, or a time or id cannot be read.
    """
    return AuditFilter(
        actors=texts(actor, field="actor"),
        actions=texts(action, field="action"),
        entities=texts(entity, field="entity"),
        addresses=texts(address, field="address"),
        entity_id=read(entity_id, UUID, field="entity_id"),
        after=instant(after, field="after"),
        before=instant(before, field="before"),
    )


@get(
    "/audit-log", operation_id="listAuditLog", tags=["System"], summary="The audit log, newest first",
    guards=[requires("manager")], responses=problems(422), operation_class=TableOperation,
    dependencies={**PAGING, "wanted": Provide(provide_filter, sync_to_thread=False)},
)  # fmt: skip
async def list_audit_log(
    request: Request[Any, Any, Any],
    principal: NamedDependency[Principal],
    database: NamedDependency[Database],
    wanted: NamedDependency[AuditFilter],
    paging: NamedDependency[Paging],
) -> Response[AuditPage]:
    """Changes and refused attempts. Filters combine; a repeated parameter means any of its values."""
    async with database.tenant_tx(principal.tenant) as tx:
        found = await cut(
            paging,
            lambda limit: store.list_audit(tx, wanted, below=paging.below, limit=limit),
            count=lambda: store.count_audit(tx, wanted, limit=COUNTED_TO + 1),
        )
    page = AuditPage(
        items=found.items,
        next_cursor=found.next_cursor,
        total=min(found.total, COUNTED_TO),
        total_is_exact=found.total <= COUNTED_TO,
    )
    return answer_table(request, page, page.items)


HANDLERS = [list_audit_log]


class CallOrigin(ASGIMiddleware):
    """Tells the audit log where a call comes from. Goes inside `RequestLog`, which gives the request its id."""

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Wraps the rest of the application."""
        if scope["type"] != ScopeType.HTTP:
            await next_app(scope, receive, send)
            return
        client = scope["client"]
        origin = Origin(
            address=None if client is None else client[0], request_id=scope.get("state", {}).get("request_id")
        )  # fmt: skip
        token = ORIGIN.set(origin)
        try:
            await next_app(scope, receive, send)
        finally:
            ORIGIN.reset(token)


async def record_denial(error: Exception, scope: Scope) -> None:
    """For `Litestar(after_exception=…)`: a refused attempt goes into the log, in a transaction of its own.

    When it cannot be written, that is logged and the refusal stands: an attempt is not let through for it.
    """
    if not isinstance(error, ForbiddenError) or scope["type"] != ScopeType.HTTP:
        return
    try:
        await _record_denial(error, ASGIConnection(scope))
    except UnauthenticatedError:
        return  # nobody is known whose attempt it was; who refuses to sign somebody in tells of it
    except NightOwlError as failed:
        log.error("denial_not_recorded", code=failed.code, error=failed.detail)  # noqa: TRY400


async def _record_denial(error: ForbiddenError, connection: ASGIConnection[Any, Any, Any, Any]) -> None:
    who: Principal = connection.scope.get("state", {}).get("principal") or await authenticate(connection)
    told = {
        "method": connection.scope.get("method"),
        "path": str(connection.scope.get("path_template", "")),
        "parameters": {name: str(value) for name, value in connection.path_params.items()},
        "reason": error.detail,
    }
    database: Database = connection.app.state.database
    async with database.tenant_tx(who.tenant) as tx:
        await insert_audit(tx, who.actor, action="denied", entity="operation", entity_id=None, changes=told)
