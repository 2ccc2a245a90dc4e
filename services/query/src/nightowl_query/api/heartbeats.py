"""Heartbeats: who must be heard of every so often. A beat itself is ingest's: `POST /api/v1/heartbeats/{name}`."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from nightowl_alerting import heartbeats as rules
from nightowl_alerting import lifecycle
from nightowl_alerting import store as kernel
from nightowl_alerting.heartbeats import Heartbeat as Watch
from nightowl_alerting.noise.matchers import require_matchers, require_narrow
from nightowl_auth import Principal, requires
from nightowl_common.db import Database, Tx
from nightowl_common.ids import new_id
from nightowl_common.outbox import Outbox
from nightowl_query.api.edge import ETAG, IfMatch, etag, problems, require_revision
from nightowl_query.api.paging import PAGING, Paging, cut
from nightowl_query.api.tables import TableOperation, answer_table
from nightowl_query.model.heartbeats import (
    Heartbeat,
    HeartbeatContent,
    HeartbeatNotFoundError,
    HeartbeatPage,
    HeartbeatRemoval,
    HeartbeatStatus,
    NewHeartbeat,
)
from nightowl_query.store import heartbeats as store

Status = Annotated[list[HeartbeatStatus] | None, QueryParameter(description="Repeated: any of them.")]
TAGS = ["Heartbeats"]


@post(
    "/heartbeats", operation_id="createHeartbeat", tags=TAGS, summary="Watch for a heartbeat",
    guards=[requires("manager")], responses=problems(409, 413, 422), response_headers=[ETAG],
)  # fmt: skip
async def create_heartbeat(
    data: JSONBody[NewHeartbeat], principal: NamedDependency[Principal], outbox: NamedDependency[Outbox]
) -> Response[Heartbeat]:
    """It waits for its first beat: before that nothing is missed."""
    _require_beats(data)
    async with outbox.tenant_tx(principal.tenant) as tx:
        made = new_id()
        await store.insert_heartbeat(tx, made, data)
        await _audit(tx, principal, made, action="created", changes={"name": [None, data.name]})
        return _answer(await store.load_heartbeat(tx, data.name), status=201)


@get(
    "/heartbeats", operation_id="listHeartbeats", tags=TAGS, summary="List heartbeats, newest first",
    guards=[requires("readonly")], responses=problems(422), dependencies=PAGING, operation_class=TableOperation,
)  # fmt: skip
async def list_heartbeats(
    request: Request[Any, Any, Any],
    principal: NamedDependency[Principal],
    database: NamedDependency[Database],
    paging: NamedDependency[Paging],
    status: Status = None,
) -> Response[HeartbeatPage]:
    """With how they stand."""
    async with database.tenant_tx(principal.tenant) as tx:
        found = await cut(
            paging,
            lambda limit: store.list_heartbeats(tx, status, below=paging.below, limit=limit),
            count=lambda: store.count_heartbeats(tx, status),
        )
    page = HeartbeatPage(items=found.items, next_cursor=found.next_cursor, total=found.total)
    return answer_table(request, page, page.items)


@get(
    "/heartbeats/{name:str}", operation_id="getHeartbeat", tags=TAGS, summary="One heartbeat",
    guards=[requires("readonly")], responses=problems(404), response_headers=[ETAG],
)  # fmt: skip
async def get_heartbeat(
    name: FromPath[str], principal: NamedDependency[Principal], database: NamedDependency[Database]
) -> Response[Heartbeat]:
    """The `ETag` is the revision that `If-Match` takes."""
    async with database.tenant_tx(principal.tenant) as tx:
        return _answer(await store.load_heartbeat(tx, _known(name)))


@put(
    "/heartbeats/{name:str}", operation_id="updateHeartbeat", tags=TAGS, summary="Change a heartbeat",
    guards=[requires("manager")], responses=problems(404, 412, 413, 422), response_headers=[ETAG],
)  # fmt: skip
async def update_heartbeat(
    name: FromPath[str],
    data: JSONBody[HeartbeatContent],
    principal: NamedDependency[Principal],
    outbox: NamedDependency[Outbox],
    if_match: IfMatch = None,
) -> Response[Heartbeat]:
    """Takes the whole content. The deadline is counted from the last beat; disabling ends the open alert of a miss."""
    _require_beats(data)
    async with outbox.tenant_tx(principal.tenant) as tx:
        before = await store.lock_heartbeat(tx, _known(name))
        require_revision(if_match, before.revision)
        changes = _difference(before.content, data)
        if changes:
            await _change(tx, principal, before.watch, data)
            await _audit(tx, principal, before.watch.id, action="updated", changes=changes)
        return _answer(await store.load_heartbeat(tx, before.watch.name))


@delete(
    "/heartbeats/{name:str}", operation_id="deleteHeartbeat", tags=TAGS, summary="Stop watching for a heartbeat",
    guards=[requires("manager")], responses=problems(404, 412), status_code=200,
)  # fmt: skip
async def delete_heartbeat(
    name: FromPath[str],
    principal: NamedDependency[Principal],
    outbox: NamedDependency[Outbox],
    if_match: IfMatch = None,
) -> HeartbeatRemoval:
    """An open alert of a miss is resolved with it: nothing else could end it any more."""
    async with outbox.tenant_tx(principal.tenant) as tx:
        before = await store.lock_heartbeat(tx, _known(name))
        require_revision(if_match, before.revision)
        resolved = await _end_alert(tx, principal, before.watch, why="was deleted")
        await kernel.delete_timers(tx, "heartbeat", [before.watch.id])
        await store.delete_heartbeat(tx, before.watch.id)
        await _audit(tx, principal, before.watch.id, action="deleted", changes={"name": [before.watch.name, None]})
    return HeartbeatRemoval(name=before.watch.name, resolved_alert_id=resolved)


HANDLERS = [create_heartbeat, list_heartbeats, get_heartbeat, update_heartbeat, delete_heartbeat]


def _require_beats(content: HeartbeatContent) -> None:
    """Without the second rule a heartbeat could swallow every alert."""
    if content.matchers is not None:
        require_matchers(content.matchers, field="$.matchers")
        require_narrow(content.matchers, field="$.matchers")


async def _change(tx: Tx, who: Principal, before: Watch, content: HeartbeatContent) -> None:
    defined = msgspec.structs.replace(
        before,
        description=content.description,
        interval_seconds=content.interval_seconds,
        grace_seconds=content.grace_seconds,
        severity=content.severity,
        labels=content.labels,
        is_enabled=content.is_enabled,
    )
    after = rules.change(before, defined, now=await tx.now())
    if not after.is_enabled:
        await _end_alert(tx, who, before, why="was disabled")
    await store.update_heartbeat(tx, content, after)
    timer = rules.timer_of(after, who.tenant)
    if timer is None:
        await kernel.delete_timers(tx, "heartbeat", [after.id])
    else:
        await kernel.upsert_timers(tx, [timer])


async def _end_alert(tx: Tx, who: Principal, watch: Watch, *, why: str) -> UUID | None:
    alert_id = await kernel.load_open_alert_id(tx, rules.fingerprint_of(watch.name))
    if alert_id is not None:
        resolution = f"The heartbeat {watch.name} {why}."
        await lifecycle.resolve(tx, who.tenant, alert_id, who.actor, resolution=resolution)
    return alert_id


def _difference(before: HeartbeatContent, after: HeartbeatContent) -> dict[str, object]:
    """Field → [before, after], of the fields that differ."""
    pairs = {name: [getattr(before, name), getattr(after, name)] for name in HeartbeatContent.__struct_fields__}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


async def _audit(tx: Tx, who: Principal, entity_id: UUID, *, action: str, changes: dict[str, object]) -> None:
    await kernel.insert_audit(
        tx, who.actor, action=action, entity="heartbeat", entity_id=entity_id, changes=changes
    )  # fmt: skip


def _known(name: str) -> str:
    """A name from a path, which Postgres can look up.

    Raises:
        HeartbeatNotFoundError: nothing can have it.
    """
    if "\x00" in name:
        raise HeartbeatNotFoundError
    return name


def _answer(heartbeat: Heartbeat, *, status: int = 200) -> Response[Heartbeat]:
    return Response(heartbeat, status_code=status, headers={"ETag": etag(heartbeat.revision)})
