"""Runbooks, the templates that come with NightOwl, and the knowledge base as one JSON document."""

from collections.abc import AsyncIterator
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, delete, get, post, put
from litestar.di import NamedDependency, Provide
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec.enums import OpenAPIType
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from litestar.response import Stream

from nightowl_alerting.knowledge import changes
from nightowl_alerting.knowledge import store as knowledge
from nightowl_alerting.knowledge.merging import content_of
from nightowl_alerting.knowledge.model import Incident, IncidentContent, Removal
from nightowl_alerting.store import insert_audit
from nightowl_auth import Principal, requires
from nightowl_common.db import Database, Tx
from nightowl_common.ids import new_id
from nightowl_common.outbox import Outbox
from nightowl_query.api.edge import (
    ETAG,
    MAX_CONTENT_BYTES,
    IfMatch,
    etag,
    problems,
    read,
    require_revision,
    texts,
    words,
)
from nightowl_query.api.paging import HIGHEST, LOWEST, PAGING, Paging, cut
from nightowl_query.api.tables import TableOperation, answer_table
from nightowl_query.api.templates import built_in_templates
from nightowl_query.model.knowledge import (
    ImportedIncident,
    ImportedRunbook,
    ImportReport,
    KnowledgeExport,
    KnowledgeImport,
    Runbook,
    RunbookContent,
    RunbookPage,
    RunbookTemplate,
    TemplatePage,
)
from nightowl_query.store import runbooks as store
from nightowl_query.store.runbooks import RunbookFilter

TAGS = ["Knowledge"]
MAX_IMPORT_BYTES = 16 * 1024 * 1024
PART = 200
EXPORTED = ResponseSpec(KnowledgeExport, description="Done.", generate_examples=False)
OWN_TEMPLATES = 500


def provide_filter(
    category: FromQuery[list[str] | None] = None,
    tags: FromQuery[list[str] | None] = None,
    is_template: Annotated[str | None, QueryParameter(schema_extra={"type": OpenAPIType.BOOLEAN})] = None,
    q: Annotated[str | None, QueryParameter(description="Parts of title, category or tags: all of them.")] = None,
) -> RunbookFilter:
    """For `Provide`. Repeated parameters are alternatives.

    Raises:
        InvalidError: a text cannot be in the database, or `is_template` is neither true nor false.
    """
    return RunbookFilter(
        categories=texts(category, field="category"),
        tags=texts(tags, field="tags"),
        is_template=read(is_template, bool, field="is_template"),
        words=words(q, field="q"),
    )


@post(
    "/runbooks", operation_id="createRunbook", tags=TAGS, summary="Write a runbook", guards=[requires("engineer")],
    responses=problems(413, 422), response_headers=[ETAG], request_max_body_size=MAX_CONTENT_BYTES,
)  # fmt: skip
async def create_runbook(
    data: JSONBody[RunbookContent], principal: NamedDependency[Principal], outbox: NamedDependency[Outbox]
) -> Response[Runbook]:
    """In markdown."""
    async with outbox.tenant_tx(principal.tenant) as tx:
        made = new_id()
        await store.insert_runbook(tx, made, data)
        await _audit(tx, principal, made, action="created", title=data.title)
        return _answer(await store.load_runbook(tx, made), status=201)


@get(
    "/runbooks", operation_id="listRunbooks", tags=TAGS, summary="List runbooks, newest first",
    guards=[requires("readonly")], responses=problems(422), operation_class=TableOperation,
    dependencies={**PAGING, "wanted": Provide(provide_filter, sync_to_thread=False)},
)  # fmt: skip
async def list_runbooks(
    request: Request[Any, Any, Any],
    principal: NamedDependency[Principal],
    database: NamedDependency[Database],
    wanted: NamedDependency[RunbookFilter],
    paging: NamedDependency[Paging],
) -> Response[RunbookPage]:
    """Filters combine; a repeated parameter means any of its values."""
    async with database.tenant_tx(principal.tenant) as tx:
        found = await cut(
            paging,
            lambda limit: store.list_runbooks(tx, wanted, below=paging.below, limit=limit),
            count=lambda: store.count_runbooks(tx, wanted),
        )
    page = RunbookPage(items=found.items, next_cursor=found.next_cursor, total=found.total)
    return answer_table(request, page, page.items)


@get(
    "/runbooks/templates", operation_id="listRunbookTemplates", tags=TAGS, summary="Runbooks to start from",
    guards=[requires("readonly")], responses=problems(),
)  # fmt: skip
async def list_templates(principal: NamedDependency[Principal], database: NamedDependency[Database]) -> TemplatePage:
    """For common Kubernetes failures, and the tenant's own."""
    wanted = RunbookFilter(is_template=True)
    async with database.tenant_tx(principal.tenant) as tx:
        own = await store.list_runbooks(tx, wanted, below=HIGHEST, limit=OWN_TEMPLATES)
    items = [*built_in_templates(), *(_template(each) for each in own)]
    return TemplatePage(items=items, next_cursor=None, total=len(items))


@get(
    "/runbooks/{runbook_id:uuid}", operation_id="getRunbook", tags=TAGS, summary="One runbook",
    guards=[requires("readonly")], responses=problems(404), response_headers=[ETAG],
)  # fmt: skip
async def get_runbook(
    runbook_id: FromPath[UUID], principal: NamedDependency[Principal], database: NamedDependency[Database]
) -> Response[Runbook]:
    """The `ETag` is the revision that `If-Match` takes."""
    async with database.tenant_tx(principal.tenant) as tx:
        return _answer(await store.load_runbook(tx, runbook_id))


@put(
    "/runbooks/{runbook_id:uuid}", operation_id="updateRunbook", tags=TAGS, summary="Change a runbook",
    guards=[requires("engineer")], responses=problems(404, 412, 413, 422), response_headers=[ETAG],
    request_max_body_size=MAX_CONTENT_BYTES,
)  # fmt: skip
async def update_runbook(
    runbook_id: FromPath[UUID],
    data: JSONBody[RunbookContent],
    principal: NamedDependency[Principal],
    outbox: NamedDependency[Outbox],
    if_match: IfMatch = None,
) -> Response[Runbook]:
    """Takes the whole content."""
    async with outbox.tenant_tx(principal.tenant) as tx:
        before = await store.lock_runbook(tx, runbook_id)
        require_revision(if_match, before.revision)
        await store.update_runbook(tx, runbook_id, data)
        await _audit(tx, principal, runbook_id, action="updated", title=data.title)
        return _answer(await store.load_runbook(tx, runbook_id))


@delete(
    "/runbooks/{runbook_id:uuid}", operation_id="deleteRunbook", tags=TAGS, summary="Delete a runbook",
    guards=[requires("manager")], responses=problems(404, 412), status_code=200,
)  # fmt: skip
async def delete_runbook(
    runbook_id: FromPath[UUID],
    principal: NamedDependency[Principal],
    outbox: NamedDependency[Outbox],
    if_match: IfMatch = None,
) -> Removal:
    """Incidents that name it lose the link."""
    async with outbox.tenant_tx(principal.tenant) as tx:
        before = await store.lock_runbook(tx, runbook_id)
        require_revision(if_match, before.revision)
        await store.delete_runbook(tx, runbook_id)
        await _audit(tx, principal, runbook_id, action="deleted", title=before.title)
    return Removal(outcome="deleted")


@get(
    "/incidents/export", operation_id="exportKnowledge", tags=TAGS, summary="The knowledge base as one JSON document",
    guards=[requires("readonly")], responses={**problems(), 200: EXPORTED}, media_type="application/json",
)  # fmt: skip
async def export_knowledge(principal: NamedDependency[Principal], database: NamedDependency[Database]) -> Stream:
    """Runbooks and incidents without those that are merged; what `POST /incidents/import` takes."""
    headers = {"Content-Disposition": 'attachment; filename="nightowl-knowledge.json"'}
    return Stream(_document(database, principal.tenant), media_type="application/json", headers=headers)


@post(
    "/incidents/import", operation_id="importKnowledge", tags=TAGS, status_code=200, summary="Take in an export",
    guards=[requires("engineer")], responses=problems(409, 413, 422), request_max_body_size=MAX_IMPORT_BYTES,
)  # fmt: skip
async def import_knowledge(
    data: JSONBody[KnowledgeImport], principal: NamedDependency[Principal], outbox: NamedDependency[Outbox]
) -> ImportReport:
    """All or nothing. What has the same id, else a fingerprint in common, is updated; a second run changes nothing."""
    counts = {"created": 0, "updated": 0, "unchanged": 0, "skipped": 0}
    async with outbox.tenant_tx(principal.tenant) as tx:
        for runbook in data.runbooks:
            counts[await _import_runbook(tx, principal, runbook)] += 1
        for incident in data.incidents:
            counts[await _import_incident(tx, principal, incident)] += 1
    return ImportReport(**counts)


HANDLERS = [
    create_runbook, list_runbooks, list_templates, get_runbook, update_runbook, delete_runbook, export_knowledge,
    import_knowledge,
]  # fmt: skip


async def _import_runbook(tx: Tx, who: Principal, item: ImportedRunbook) -> str:
    runbook_id, content = item.id, msgspec.convert(item, RunbookContent, from_attributes=True)
    known = await store.find_runbook(tx, runbook_id)
    if known is None:
        await store.insert_runbook(tx, runbook_id, content)
        await _audit(tx, who, runbook_id, action="created", title=content.title)
        return "created"
    if msgspec.convert(known, RunbookContent, from_attributes=True) == content:
        return "unchanged"
    await store.update_runbook(tx, runbook_id, content)
    await _audit(tx, who, runbook_id, action="updated", title=content.title)
    return "updated"


async def _import_incident(tx: Tx, who: Principal, item: ImportedIncident) -> str:
    content = msgspec.convert(item, IncidentContent, from_attributes=True)
    known = await _find_known(tx, item)
    if known is None:
        await changes.create_incident(tx, who, content, incident_id=item.id, origin="import")
        return "created"
    if known.status == "merged":
        return "skipped"
    if known.status == "active" and content_of(known) == content:
        return "unchanged"
    await changes.update_incident(tx, who, known, content)
    return "updated"


async def _find_known(tx: Tx, item: ImportedIncident) -> Incident | None:
    ids = [] if item.id is None else [item.id]
    owners = await knowledge.find_owners(tx, item.fingerprints)
    found = await knowledge.load_incidents(tx, [*ids, *owners.values()])
    return None if not found else await knowledge.lock_incident(tx, found[0].id)


async def _document(database: Database, tenant: str) -> AsyncIterator[bytes]:
    """The document, piece by piece: `KnowledgeExport`, each piece from a transaction of its own."""
    yield b'{"version":1,"runbooks":['
    async for piece in _joined(_runbooks(database, tenant)):
        yield piece
    yield b'],"incidents":['
    async for piece in _joined(_incidents(database, tenant)):
        yield piece
    yield b"]}"


async def _joined(items: AsyncIterator[Runbook | Incident]) -> AsyncIterator[bytes]:
    comma = b""
    async for item in items:
        yield comma + msgspec.json.encode(item)
        comma = b","


async def _runbooks(database: Database, tenant: str) -> AsyncIterator[Runbook]:
    below: UUID | None = HIGHEST
    while below is not None:
        async with database.tenant_tx(tenant) as tx:
            part = await store.list_runbooks(tx, RunbookFilter(), below=below, limit=PART)
        for each in part:
            yield each
        below = part[-1].id if part else None


async def _incidents(database: Database, tenant: str) -> AsyncIterator[Incident]:
    above: UUID | None = LOWEST
    while above is not None:
        async with database.tenant_tx(tenant) as tx:
            part = await knowledge.list_for_export(tx, above=above, limit=PART)
        for each in part:
            yield each
        above = part[-1].id if part else None


async def _audit(tx: Tx, who: Principal, runbook_id: UUID, *, action: str, title: str) -> None:
    await insert_audit(tx, who.actor, action=action, entity="runbook", entity_id=runbook_id, changes={"title": title})


def _answer(runbook: Runbook, *, status: int = 200) -> Response[Runbook]:
    return Response(runbook, status_code=status, headers={"ETag": etag(runbook.revision)})


def _template(runbook: Runbook) -> RunbookTemplate:
    return RunbookTemplate(
        slug=None,
        runbook_id=runbook.id,
        title=runbook.title,
        category=runbook.category,
        tags=runbook.tags,
        markdown=runbook.markdown,
    )
