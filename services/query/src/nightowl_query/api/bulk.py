"""Bulk actions: one change for many alerts, as a job that the server works on."""

from typing import Annotated, Literal
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from nightowl_alerting.actions import AnyCommand
from nightowl_alerting.model import Timer
from nightowl_alerting.store import upsert_timers
from nightowl_auth import Principal, requires
from nightowl_common.db import Database, Tx
from nightowl_common.errors import FieldProblem, InvalidError
from nightowl_common.ids import new_id
from nightowl_common.outbox import Outbox
from nightowl_query.api.edge import problems
from nightowl_query.api.filters import WantedAlerts
from nightowl_query.api.repeats import IdempotencyKey, once
from nightowl_query.model import BulkJob, BulkJobNotFoundError
from nightowl_query.store import alerts as alert_store
from nightowl_query.store import bulk as store

MAX_ALERTS = 10_000
MAX_BODY_BYTES = 1024 * 1024

Action = Literal[
    "acknowledge", "investigate", "unacknowledge", "resolve", "reopen", "snooze", "assign", "comment", "escalate"
]


class BulkRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to do with which alerts: `ids`, or a `filter` as of now.

    `arguments` are those of the single action: `until` of snooze, `assignee_id` of assign, `resolution` of resolve,
    `text` of comment, `reason` of any.
    """

    action: Action
    arguments: dict[str, object] = {}
    ids: Annotated[list[UUID], msgspec.Meta(min_length=1, max_length=MAX_ALERTS)] | None = None
    filter: WantedAlerts | None = None


@post(
    "/alerts/bulk", operation_id="startBulkJob", tags=["Alerts"], summary="Do one thing to many alerts",
    guards=[requires("engineer")], responses=problems(409, 413, 422), status_code=202,
    request_max_body_size=MAX_BODY_BYTES,
)  # fmt: skip
async def start_bulk_job(
    principal: NamedDependency[Principal],
    outbox: NamedDependency[Outbox],
    data: JSONBody[BulkRequest],
    key: IdempotencyKey = None,
) -> BulkJob:
    """Answers the job at once; ask for its progress. Each alert succeeds or fails by itself. At most 10,000 alerts."""
    command = _command(data)
    async with outbox.tenant_tx(principal.tenant) as tx:

        async def act() -> BulkJob:
            return await start_job(tx, principal, command, await _alert_ids(tx, data))

        return await once(tx, key, principal, route="alerts/bulk", asked=data, act=act, kind=BulkJob)


@get(
    "/alerts/bulk/{job_id:uuid}", operation_id="getBulkJob", tags=["Alerts"], summary="How far a bulk job is",
    guards=[requires("readonly")], responses=problems(404),
)  # fmt: skip
async def get_bulk_job(
    job_id: FromPath[UUID], principal: NamedDependency[Principal], database: NamedDependency[Database]
) -> BulkJob:
    """Counts, and every alert that refused, with the reason."""
    async with database.tenant_tx(principal.tenant) as tx:
        return await _load(tx, job_id)


HANDLERS = [start_bulk_job, get_bulk_job]


async def start_job(tx: Tx, principal: Principal, command: AnyCommand, alert_ids: list[UUID]) -> BulkJob:
    """A job that does one thing to some alerts, in this order; without any it is over at once."""
    job_id = new_id()
    await store.insert_job(tx, job_id, principal.actor, command, alert_ids=alert_ids)
    if alert_ids:
        timer = Timer(kind="bulk", ref=job_id, tenant=principal.tenant, version=0, due_at=await tx.now())
        await upsert_timers(tx, [timer])
    return await _load(tx, job_id)


async def _load(tx: Tx, job_id: UUID) -> BulkJob:
    job = await store.load_job(tx, job_id)
    if job is None:
        raise BulkJobNotFoundError
    return job


def _command(request: BulkRequest) -> AnyCommand:
    try:
        command: AnyCommand = msgspec.convert({**request.arguments, "action": request.action}, AnyCommand)
    except msgspec.ValidationError as error:
        raise InvalidError(fields=[FieldProblem(field="arguments", reason=str(error))]) from error
    return command


async def _alert_ids(tx: Tx, request: BulkRequest) -> list[UUID]:
    match request.ids, request.filter:
        case list() as ids, None:
            return list(dict.fromkeys(ids))
        case None, WantedAlerts() as wanted:
            found = await alert_store.list_alert_ids(tx, wanted.to_filter(), limit=MAX_ALERTS + 1)
        case _:
            raise InvalidError(fields=[FieldProblem(field="ids", reason="either ids or filter")])
    if len(found) > MAX_ALERTS:
        raise InvalidError(fields=[FieldProblem(field="filter", reason=f"lets more than {MAX_ALERTS} alerts through")])
    return found
