"""Saved views: filters of the alert list, one's own and those of the team."""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from nightowl_alerting.store import insert_audit
from nightowl_auth import Principal, requires
from nightowl_common.db import Database, Tx
from nightowl_common.errors import FieldProblem, InvalidError
from nightowl_common.ids import new_id
from nightowl_common.outbox import Outbox
from nightowl_query.api.edge import ETAG, IfMatch, etag, problems, require_revision
from nightowl_query.api.paging import PAGING, Paging, cut
from nightowl_query.api.tables import TableOperation, answer_table
from nightowl_query.model.saved_views import (
    MAX_QUERY_BYTES,
    MAX_VIEWS,
    NotYourViewError,
    PrivateViewNeedsPersonError,
    SavedView,
    SavedViewContent,
    SavedViewPage,
    SharingNotAllowedError,
    TooManyViewsError,
)
from nightowl_query.store import saved_views as store

TAGS = ["Alerts"]


@post(
    "/saved-views", operation_id="createSavedView", tags=TAGS, summary="Keep a filter under a name",
    guards=[requires("readonly")], responses=problems(409, 413, 422), response_headers=[ETAG],
)  # fmt: skip
async def create_saved_view(
    data: JSONBody[SavedViewContent], principal: NamedDependency[Principal], outbox: NamedDependency[Outbox]
) -> Response[SavedView]:
    """Private ones are people's; shared ones are made by engineers and above. At most 100 each."""
    owner = principal.person_id
    _require_allowed(principal, data)
    async with outbox.tenant_tx(principal.tenant) as tx:
        if await store.lock_count_of(tx, owner) >= MAX_VIEWS:
            raise TooManyViewsError
        made = new_id()
        await store.insert_view(tx, owner, made, data)
        await _audit(tx, principal, made, action="created", changes=_difference(None, data))
        return _answer(await store.load_view(tx, owner, made), status=201)


@get(
    "/saved-views", operation_id="listSavedViews", tags=TAGS, summary="List saved views, newest first",
    guards=[requires("readonly")], responses=problems(422), dependencies=PAGING, operation_class=TableOperation,
)  # fmt: skip
async def list_saved_views(
    request: Request[Any, Any, Any],
    principal: NamedDependency[Principal],
    database: NamedDependency[Database],
    paging: NamedDependency[Paging],
) -> Response[SavedViewPage]:
    """The caller's own and those that are shared. `Accept: text/csv` gives CSV."""
    viewer = principal.person_id
    async with database.tenant_tx(principal.tenant) as tx:
        found = await cut(
            paging,
            lambda limit: store.list_views(tx, viewer, below=paging.below, limit=limit),
            count=lambda: store.count_views(tx, viewer),
        )
    page = SavedViewPage(items=found.items, next_cursor=found.next_cursor, total=found.total)
    return answer_table(request, page, page.items)


@get(
    "/saved-views/{view_id:uuid}", operation_id="getSavedView", tags=TAGS, summary="One saved view",
    guards=[requires("readonly")], responses=problems(404), response_headers=[ETAG],
)  # fmt: skip
async def get_saved_view(
    view_id: FromPath[UUID], principal: NamedDependency[Principal], database: NamedDependency[Database]
) -> Response[SavedView]:
    """Another person's own is not there, for admins neither."""
    async with database.tenant_tx(principal.tenant) as tx:
        return _answer(await store.load_view(tx, principal.person_id, view_id))


@put(
    "/saved-views/{view_id:uuid}", operation_id="updateSavedView", tags=TAGS, summary="Change a saved view",
    guards=[requires("readonly")], responses=problems(404, 412, 413, 422), response_headers=[ETAG],
)  # fmt: skip
async def update_saved_view(
    view_id: FromPath[UUID],
    data: JSONBody[SavedViewContent],
    principal: NamedDependency[Principal],
    outbox: NamedDependency[Outbox],
    if_match: IfMatch = None,
) -> Response[SavedView]:
    """Takes the whole content. By its owner or an admin; only its owner makes it private again."""
    async with outbox.tenant_tx(principal.tenant) as tx:
        before = await store.lock_view(tx, principal.person_id, view_id)
        _require_theirs(principal, before)
        _require_allowed(principal, data)
        if not data.is_shared and not _is_owner(principal, before):
            raise NotYourViewError
        require_revision(if_match, before.revision)
        changes = _difference(before, data)
        if changes:
            await store.update_view(tx, view_id, data)
            await _audit(tx, principal, view_id, action="updated", changes=changes)
        return _answer(await store.load_view(tx, principal.person_id, view_id))


@delete(
    "/saved-views/{view_id:uuid}", operation_id="deleteSavedView", tags=TAGS, summary="Delete a saved view",
    guards=[requires("readonly")], responses=problems(404, 412), status_code=204,
)  # fmt: skip
async def delete_saved_view(
    view_id: FromPath[UUID],
    principal: NamedDependency[Principal],
    outbox: NamedDependency[Outbox],
    if_match: IfMatch = None,
) -> None:
    """By its owner or an admin."""
    async with outbox.tenant_tx(principal.tenant) as tx:
        before = await store.lock_view(tx, principal.person_id, view_id)
        _require_theirs(principal, before)
        require_revision(if_match, before.revision)
        await store.delete_view(tx, view_id)
        await _audit(tx, principal, view_id, action="deleted", changes={"name": [before.name, None]})


HANDLERS = [create_saved_view, list_saved_views, get_saved_view, update_saved_view, delete_saved_view]


def _is_owner(who: Principal, view: SavedView) -> bool:
    return view.owner is not None and view.owner.id == who.person_id


def _require_theirs(who: Principal, view: SavedView) -> None:
    """Raises:
    NotYourViewError: it is shared by somebody else, and the caller is no admin.
    """
    if not _is_owner(who, view) and not who.may("admin"):
        raise NotYourViewError


def _require_allowed(who: Principal, content: SavedViewContent) -> None:
    """Raises:
    InvalidError: its query is too large.
    SharingNotAllowedError, PrivateViewNeedsPersonError: the caller may not have such a view.
    """
    if len(msgspec.json.encode(content.query)) > MAX_QUERY_BYTES:
        raise InvalidError(fields=[FieldProblem(field="$.query", reason=f"at most {MAX_QUERY_BYTES} bytes as JSON")])
    if content.is_shared and not who.may("engineer"):
        raise SharingNotAllowedError
    if not content.is_shared and who.person_id is None:
        raise PrivateViewNeedsPersonError


def _difference(before: SavedView | None, after: SavedViewContent) -> dict[str, object]:
    """Field → [before, after], of the fields that differ."""
    pairs = {name: [getattr(before, name, None), getattr(after, name)] for name in after.__struct_fields__}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


async def _audit(tx: Tx, who: Principal, view_id: UUID, *, action: str, changes: dict[str, object]) -> None:
    await insert_audit(tx, who.actor, action=action, entity="saved_view", entity_id=view_id, changes=changes)


def _answer(view: SavedView, *, status: int = 200) -> Response[SavedView]:
    return Response(view, status_code=status, headers={"ETag": etag(view.revision)})
