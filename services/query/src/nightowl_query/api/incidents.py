"""Incidents: what is known about problems, and what helped."""

from typing import Annotated, Any, Literal
from uuid import UUID

from litestar import Request, Response, delete, get, post, put
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from nightowl_alerting.knowledge import changes, store
from nightowl_alerting.knowledge.model import Incident, IncidentContent, MergeOrder, Removal
from nightowl_alerting.knowledge.patterns import text_of, try_pattern
from nightowl_alerting.knowledge.searching import read_excerpt, split_words
from nightowl_alerting.knowledge.store import Excerpt, IncidentFilter, Ranked, StoredPattern
from nightowl_auth import Principal, requires
from nightowl_common.db import Database
from nightowl_common.outbox import Outbox
from nightowl_contracts import Severity
from nightowl_query.api.edge import ETAG, MAX_CONTENT_BYTES, IfMatch, etag, problems, require_revision, text, texts
from nightowl_query.api.paging import PAGING, Paging, cut
from nightowl_query.api.tables import TableOperation, answer_table
from nightowl_query.model.knowledge import (
    CountedResolutionPage,
    Highlight,
    HistoryPage,
    IncidentPage,
    PatternMatch,
    PatternReport,
    PatternTrial,
    SearchHit,
    SearchPage,
    SimilarIncident,
    SimilarPage,
)
from nightowl_query.store import resolutions

Limit = Annotated[int, QueryParameter(ge=1, le=50, description="Hits at most.")]
State = Literal["active", "archived", "merged"]
TAGS = ["Knowledge"]
MAX_PATTERN_MATCHES = 100


def provide_filter(
    severity: FromQuery[list[Severity] | None] = None,
    category: FromQuery[list[str] | None] = None,
    service: FromQuery[list[str] | None] = None,
    tags: FromQuery[list[str] | None] = None,
    status: FromQuery[list[State] | None] = None,
) -> IncidentFilter:
    """For `Provide`. Repeated parameters are alternatives; without `status`, active ones.

    Raises:
        InvalidError: a text cannot be in the database.
    """
    return IncidentFilter(
        severities=severity,
        categories=texts(category, field="category"),
        services=texts(service, field="service"),
        tags=texts(tags, field="tags"),
        statuses=status or ["active"],
    )


@post(
    "/incidents", operation_id="createIncident", tags=TAGS, summary="Write an incident",
    guards=[requires("engineer")], responses=problems(409, 413, 422), response_headers=[ETAG],
    request_max_body_size=MAX_CONTENT_BYTES,
)  # fmt: skip
async def create_incident(
    data: JSONBody[IncidentContent], principal: NamedDependency[Principal], outbox: NamedDependency[Outbox]
) -> Response[Incident]:
    """From now on an alert with one of its fingerprints shows it. A fingerprint belongs to one incident at most."""
    async with outbox.tenant_tx(principal.tenant) as tx:
        return _answer(await changes.create_incident(tx, principal, data), status=201)


@get(
    "/incidents", operation_id="listIncidents", tags=TAGS, summary="List incidents, newest first",
    guards=[requires("readonly")], responses=problems(422), operation_class=TableOperation,
    dependencies={**PAGING, "wanted": Provide(provide_filter, sync_to_thread=False)},
)  # fmt: skip
async def list_incidents(
    request: Request[Any, Any, Any],
    principal: NamedDependency[Principal],
    database: NamedDependency[Database],
    wanted: NamedDependency[IncidentFilter],
    paging: NamedDependency[Paging],
) -> Response[IncidentPage]:
    """Filters combine; a repeated parameter means any of its values. Without `status`, active incidents alone."""
    async with database.tenant_tx(principal.tenant) as tx:
        found = await cut(
            paging,
            lambda limit: store.list_incidents(tx, wanted, below=paging.below, limit=limit),
            count=lambda: store.count_incidents(tx, wanted),
        )
    page = IncidentPage(items=found.items, next_cursor=found.next_cursor, total=found.total)
    return answer_table(request, page, page.items)


@get(
    "/incidents/search", operation_id="searchIncidents", tags=TAGS, summary="Search incidents, best first",
    guards=[requires("readonly")], responses=problems(422),
)  # fmt: skip
async def search_incidents(
    principal: NamedDependency[Principal],
    database: NamedDependency[Database],
    q: Annotated[str, QueryParameter(description='Words; "a phrase"; -without; a or b. The last may be cut short.')],
    limit: Limit = 20,
) -> SearchPage:
    """Title counts most, then symptoms, patterns and tags, then cause and solution, then services and clusters."""
    words = split_words(text(q, field="q") or "")
    async with database.tenant_tx(principal.tenant) as tx:
        read = await store.read_words(tx, words.whole, words.begun)
        found = [] if read is None else await store.search_incidents(tx, read, limit=limit)
        incidents = await store.load_incidents(tx, [each.id for each in found])
        excerpts = [] if read is None else await store.load_excerpts(tx, [each.id for each in found], read)
    total = found[0].total if found else 0
    hits = _hits(found, incidents, excerpts)
    return SearchPage(items=hits, next_cursor=None, total=total, is_total_capped=total >= store.MAX_CANDIDATES)


@get(
    "/incidents/fingerprint/{fingerprint:str}", operation_id="getIncidentByFingerprint", tags=TAGS,
    summary="The incident that answers for a fingerprint", guards=[requires("readonly")], responses=problems(404, 422),
    response_headers=[ETAG],
)  # fmt: skip
async def get_by_fingerprint(
    fingerprint: FromPath[str], principal: NamedDependency[Principal], database: NamedDependency[Database]
) -> Response[Incident]:
    """One at most."""
    asked = text(fingerprint, field="fingerprint") or ""
    async with database.tenant_tx(principal.tenant) as tx:
        return _answer(await store.load_by_fingerprint(tx, asked))


@get(
    "/incidents/{incident_id:uuid}", operation_id="getIncident", tags=TAGS, summary="One incident",
    guards=[requires("readonly")], responses=problems(404), response_headers=[ETAG],
)  # fmt: skip
async def get_incident(
    incident_id: FromPath[UUID], principal: NamedDependency[Principal], database: NamedDependency[Database]
) -> Response[Incident]:
    """A merged one is found by its old id, and names the one that answers in its place."""
    async with database.tenant_tx(principal.tenant) as tx:
        return _answer(await store.load_incident(tx, incident_id))


@put(
    "/incidents/{incident_id:uuid}", operation_id="updateIncident", tags=TAGS, summary="Change an incident",
    guards=[requires("engineer")], responses=problems(404, 409, 412, 413, 422), response_headers=[ETAG],
    request_max_body_size=MAX_CONTENT_BYTES,
)  # fmt: skip
async def update_incident(
    incident_id: FromPath[UUID],
    data: JSONBody[IncidentContent],
    principal: NamedDependency[Principal],
    outbox: NamedDependency[Outbox],
    if_match: IfMatch = None,
) -> Response[Incident]:
    """Takes the whole content. An archived incident that is saved is active again."""
    async with outbox.tenant_tx(principal.tenant) as tx:
        before = await store.lock_incident(tx, incident_id)
        require_revision(if_match, before.revision)
        return _answer(await changes.update_incident(tx, principal, before, data))


@delete(
    "/incidents/{incident_id:uuid}", operation_id="removeIncident", tags=TAGS, summary="Delete or archive an incident",
    guards=[requires("manager")], responses=problems(404, 409, 412), status_code=200,
)  # fmt: skip
async def remove_incident(
    incident_id: FromPath[UUID],
    principal: NamedDependency[Principal],
    outbox: NamedDependency[Outbox],
    if_match: IfMatch = None,
) -> Removal:
    """Archived when an alert, a statistic or a merged incident refers to it, else deleted."""
    async with outbox.tenant_tx(principal.tenant) as tx:
        before = await store.lock_for_removal(tx, incident_id)
        require_revision(if_match, before.revision)
        return await changes.remove_incident(tx, principal, before)


@post(
    "/incidents/{incident_id:uuid}/merge", operation_id="mergeIncidents", tags=TAGS, status_code=200,
    summary="Make another incident part of this one",
    guards=[requires("manager")], responses=problems(404, 409, 412, 413, 422), response_headers=[ETAG],
)  # fmt: skip
async def merge_incidents(
    incident_id: FromPath[UUID],
    data: JSONBody[MergeOrder],
    principal: NamedDependency[Principal],
    outbox: NamedDependency[Outbox],
    if_match: IfMatch = None,
) -> Response[Incident]:
    """Lists are united, linked alerts move, statistics add up; the source stays as merged, under its old id."""
    async with outbox.tenant_tx(principal.tenant) as tx:
        target, source = await store.lock_pair(tx, incident_id, data.source_id)
        require_revision(if_match, target.revision)
        return _answer(await changes.merge_incidents(tx, principal, incident_id, data, target=target, source=source))


@get(
    "/incidents/{incident_id:uuid}/history", operation_id="listIncidentHistory", tags=TAGS,
    summary="What changed, newest first", guards=[requires("readonly")], responses=problems(404),
)  # fmt: skip
async def list_history(
    incident_id: FromPath[UUID], principal: NamedDependency[Principal], database: NamedDependency[Database]
) -> HistoryPage:
    """Field by field, before and after."""
    async with database.tenant_tx(principal.tenant) as tx:
        await store.load_incident(tx, incident_id)
        entries = await store.list_history(tx, incident_id)
    return HistoryPage(items=entries, next_cursor=None, total=len(entries))


@get(
    "/incidents/{incident_id:uuid}/similar", operation_id="listSimilarIncidents", tags=TAGS,
    summary="Incidents about something alike", guards=[requires("readonly")], responses=problems(404, 422),
)  # fmt: skip
async def list_similar(
    incident_id: FromPath[UUID],
    principal: NamedDependency[Principal],
    database: NamedDependency[Database],
    limit: Limit = 10,
) -> SimilarPage:
    """Those that share words with its title, the most alike first."""
    async with database.tenant_tx(principal.tenant) as tx:
        await store.load_incident(tx, incident_id)
        words = await store.read_title(tx, incident_id)
        found = [] if words is None else await store.search_incidents(tx, words, limit=limit, other_than=incident_id)
        by_id = {each.id: each for each in await store.load_incidents(tx, [each.id for each in found])}
    items = [SimilarIncident(incident=by_id[each.id], rank=each.rank) for each in found]
    return SimilarPage(items=items, next_cursor=None, total=len(items))


@get(
    "/incidents/{incident_id:uuid}/resolutions", operation_id="listResolutions", tags=TAGS,
    summary="The alerts that an incident was counted for last", guards=[requires("readonly")],
    responses=problems(404, 422),
)  # fmt: skip
async def list_resolutions(
    incident_id: FromPath[UUID],
    principal: NamedDependency[Principal],
    database: NamedDependency[Database],
    limit: Limit = 3,
) -> CountedResolutionPage:
    """When, who ended it, how long it took, and what they wrote. Of a merged incident: none, the other one has them."""
    async with database.tenant_tx(principal.tenant) as tx:
        await store.load_incident(tx, incident_id)
        items = await resolutions.list_resolutions(tx, incident_id, limit=limit)
    return CountedResolutionPage(items=items, next_cursor=None, total=len(items))


@post(
    "/incidents/patterns/test", operation_id="testPatterns", tags=TAGS, status_code=200,
    summary="Try error patterns against a payload", guards=[requires("readonly")], responses=problems(413, 422),
)  # fmt: skip
async def check_patterns(
    data: JSONBody[PatternTrial], principal: NamedDependency[Principal], database: NamedDependency[Database]
) -> PatternReport:
    """RE2 expressions: time is linear in the payload. Nothing is stored."""
    tried = text_of(data.payload)
    async with database.tenant_tx(principal.tenant) as tx:
        stored = await store.list_patterns(tx)
    results = [try_pattern(each, tried) for each in data.patterns]
    return PatternReport(text=tried, results=results, incidents=_fitting(stored, tried))


HANDLERS = [
    create_incident, list_incidents, search_incidents, get_by_fingerprint, get_incident, update_incident,
    remove_incident, merge_incidents, list_history, list_similar, list_resolutions, check_patterns,
]  # fmt: skip


def _answer(incident: Incident, *, status: int = 200) -> Response[Incident]:
    return Response(incident, status_code=status, headers={"ETag": etag(incident.revision)})


def _hits(found: list[Ranked], incidents: list[Incident], excerpts: list[Excerpt]) -> list[SearchHit]:
    by_id = {each.id: each for each in incidents}
    highlights: dict[UUID, list[Highlight]] = {}
    for excerpt in excerpts:
        plain, spans = read_excerpt(excerpt.marked)
        if spans:
            lit = Highlight(field=excerpt.field, text=plain, spans=spans)  # type: ignore[arg-type]  # from our SQL
            highlights.setdefault(excerpt.id, []).append(lit)
    return [
        SearchHit(incident=by_id[each.id], rank=each.rank, highlights=highlights.get(each.id, [])) for each in found
    ]


def _fitting(stored: list[StoredPattern], tried: str) -> list[PatternMatch]:
    fitting = (each for each in stored if try_pattern(each.pattern, tried).spans)
    matches = [PatternMatch(incident_id=each.id, title=each.title, pattern=each.pattern) for each in fitting]
    return matches[:MAX_PATTERN_MATCHES]
