"""Silences: what pages nobody until an instant. Engineers may make and end them."""

from typing import Annotated, Any, Literal
from uuid import UUID

from litestar import Request, Response, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from nightowl_auth import Principal, requires
from nightowl_common.db import Database, Tx
from nightowl_common.outbox import Outbox
from nightowl_query.api.edge import ETAG, IfMatch, moment, problems, require_revision
from nightowl_query.api.paging import PAGING, Paging, cut
from nightowl_query.api.rules import TAGS, answer_rule, create_rule, end_silence, update_rule
from nightowl_query.api.tables import TableOperation, answer_table
from nightowl_query.engine.rules import count_matching, settle_times
from nightowl_query.model.rules import Silence, SilenceContent, SilencePage
from nightowl_query.store import alerts as alert_store
from nightowl_query.store import rules as store

State = Literal["active", "pending", "expired"]

TRIED = 1_000
"""So many open alerts are tried on silences at most, the newest."""


@post(
    "/silences", operation_id="createSilence", tags=TAGS, summary="Silence alerts until an instant",
    guards=[requires("engineer")], responses=problems(409, 413, 422), response_headers=[ETAG],
)  # fmt: skip
async def create_silence(
    data: JSONBody[SilenceContent], principal: NamedDependency[Principal], outbox: NamedDependency[Outbox]
) -> Response[Silence]:
    """Alerts that fit page nobody, and go on otherwise; when it ends, what still fires is judged again and pages."""
    _require_years(data)
    async with outbox.tenant_tx(principal.tenant) as tx:
        made = await create_rule(tx, principal, Silence, settle_times(data, None, await tx.now()))
        return answer_rule(await _counted(tx, made), status=201)


@get(
    "/silences", operation_id="listSilences", tags=TAGS, summary="List silences, newest first",
    guards=[requires("readonly")], responses=problems(422), operation_class=TableOperation, dependencies=PAGING,
)  # fmt: skip
async def list_silences(
    request: Request[Any, Any, Any],
    principal: NamedDependency[Principal],
    database: NamedDependency[Database],
    paging: NamedDependency[Paging],
    states: Annotated[list[State] | None, QueryParameter(name="state", description="Without it, all.")] = None,
) -> Response[SilencePage]:
    """Those that stand say how many open alerts they fit right now. `Accept: text/csv` gives CSV."""
    async with database.tenant_tx(principal.tenant) as tx:
        found = await cut(
            paging,
            lambda limit: store.list_silences(tx, states, below=paging.below, limit=limit),
            count=lambda: store.count_silences(tx, states),
        )
        items = await _count_all(tx, found.items)
    page = SilencePage(items=items, next_cursor=found.next_cursor, total=found.total)
    return answer_table(request, page, page.items)


@get(
    "/silences/{rule_id:uuid}", operation_id="getSilence", tags=TAGS, summary="One silence",
    guards=[requires("readonly")], responses=problems(404), response_headers=[ETAG],
)  # fmt: skip
async def get_silence(
    rule_id: FromPath[UUID], principal: NamedDependency[Principal], database: NamedDependency[Database]
) -> Response[Silence]:
    """The `ETag` is the revision that `If-Match` takes."""
    async with database.tenant_tx(principal.tenant) as tx:
        return answer_rule(await _counted(tx, await store.load_rule(tx, Silence, rule_id)))


@put(
    "/silences/{rule_id:uuid}", operation_id="updateSilence", tags=TAGS, summary="Change a silence",
    guards=[requires("engineer")], responses=problems(404, 409, 412, 413, 422), response_headers=[ETAG],
)  # fmt: skip
async def update_silence(
    rule_id: FromPath[UUID],
    data: JSONBody[SilenceContent],
    principal: NamedDependency[Principal],
    outbox: NamedDependency[Outbox],
    if_match: IfMatch = None,
) -> Response[Silence]:
    """Takes the whole content; one that stands may be moved, one that is over may not (409)."""
    _require_years(data)
    async with outbox.tenant_tx(principal.tenant) as tx:
        before = await store.lock_rule(tx, Silence, rule_id)
        require_revision(if_match, before.revision)
        after = await update_rule(tx, principal, before, settle_times(data, before, await tx.now()))
        return answer_rule(await _counted(tx, after))


@delete(
    "/silences/{rule_id:uuid}", operation_id="endSilence", tags=TAGS, summary="End a silence now",
    guards=[requires("engineer")], responses=problems(404, 412), status_code=200, response_headers=[ETAG],
)  # fmt: skip
async def end_silence_now(
    rule_id: FromPath[UUID],
    principal: NamedDependency[Principal],
    outbox: NamedDependency[Outbox],
    if_match: IfMatch = None,
) -> Response[Silence]:
    """What it muted is judged again at once. The silence is kept, expired. Idempotent."""
    async with outbox.tenant_tx(principal.tenant) as tx:
        before = await store.lock_rule(tx, Silence, rule_id)
        require_revision(if_match, before.revision)
        return answer_rule(await end_silence(tx, principal, before))


HANDLERS = [create_silence, list_silences, get_silence, update_silence, end_silence_now]


def _require_years(content: SilenceContent) -> None:
    moment(content.starts_at, field="$.starts_at")
    moment(content.ends_at, field="$.ends_at")


async def _counted(tx: Tx, silence: Silence) -> Silence:
    [counted] = await _count_all(tx, [silence])
    return counted


async def _count_all(tx: Tx, silences: list[Silence]) -> list[Silence]:
    """The silences with how many open alerts each fits: the alerts are read once, the newest `TRIED`."""
    if all(each.state == "expired" for each in silences):
        return silences
    found = await alert_store.list_open_subjects(tx, limit=TRIED + 1)
    return list(count_matching(silences, found[:TRIED], is_all=len(found) <= TRIED))
