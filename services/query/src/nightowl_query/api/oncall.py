"""The list of people, for reading."""

from typing import Annotated, Any

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from nightowl_auth import Principal, requires
from nightowl_common.db import Database
from nightowl_query.api.edge import problems, words
from nightowl_query.api.paging import PAGING, Paging, cut
from nightowl_query.api.tables import TableOperation, answer_table
from nightowl_query.model import UserPage
from nightowl_query.store import oncall as store


@get(
    "/users", operation_id="listUsers", tags=["People"], summary="List people",
    guards=[requires("readonly")], responses=problems(422), dependencies=PAGING, operation_class=TableOperation,
)  # fmt: skip
async def list_users(
    request: Request[Any, Any, Any],
    principal: NamedDependency[Principal],
    database: NamedDependency[Database],
    paging: NamedDependency[Paging],
    q: Annotated[str | None, QueryParameter(description="Parts of the name or the mail address: all of them.")] = None,
) -> Response[UserPage]:
    """The people of the tenant, those who left included."""
    wanted = words(q, field="q")
    async with database.tenant_tx(principal.tenant) as tx:
        found = await cut(
            paging,
            lambda limit: store.list_users(tx, wanted, below=paging.below, limit=limit),
            count=lambda: store.count_users(tx, wanted),
        )
    page = UserPage(items=found.items, next_cursor=found.next_cursor, total=found.total)
    return answer_table(request, page, page.items)


HANDLERS = [list_users]
