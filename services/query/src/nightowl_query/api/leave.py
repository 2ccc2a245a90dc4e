"""When people are away. Everybody writes their own leave; managers write anybody's."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from nightowl_alerting.knowledge.model import Removal
from nightowl_alerting.store import insert_audit
from nightowl_auth import Principal, requires
from nightowl_common.db import Database, Tx
from nightowl_common.errors import FieldProblem, InvalidError
from nightowl_common.ids import new_id
from nightowl_common.outbox import Outbox
from nightowl_contracts import LeaveChanged, LeaveSummary
from nightowl_oncall import UnknownZoneError
from nightowl_query.api.edge import problems, read
from nightowl_query.api.paging import PAGING, Paging, cut
from nightowl_query.api.repeats import IdempotencyKey, once
from nightowl_query.api.roster_changes import require_own
from nightowl_query.api.schedules import RANGE, Range
from nightowl_query.api.tables import TableOperation, answer_table
from nightowl_query.engine.calendars import AwayEvent, read_leave
from nightowl_query.engine.rosters import check_span
from nightowl_query.model.duties import Leave, LeaveContent, LeaveImport, LeavePage
from nightowl_query.store import duties as store
from nightowl_query.store.duties import LeaveFilter

TAGS = ["On call"]
MAX_CALENDAR_BYTES = 256 * 1024


@get(
    "/leave", operation_id="listLeave", tags=TAGS, summary="Who is away", guards=[requires("readonly")],
    responses=problems(422), dependencies={**PAGING, **RANGE}, operation_class=TableOperation,
)  # fmt: skip
async def list_leave(
    request: Request[Any, Any, Any],
    principal: NamedDependency[Principal],
    database: NamedDependency[Database],
    paging: NamedDependency[Paging],
    asked: NamedDependency[Range],
    user_id: Annotated[str | None, QueryParameter(schema_extra={"format": "uuid"})] = None,
) -> Response[LeavePage]:
    """Newest first; `from` and `to` let through what touches that span."""
    wanted = LeaveFilter(user_id=read(user_id, UUID, field="user_id"), start=asked.start, end=asked.end)
    async with database.tenant_tx(principal.tenant) as tx:
        found = await cut(
            paging,
            lambda limit: store.list_leave(tx, wanted, below=paging.below, limit=limit),
            count=lambda: store.count_leave(tx, wanted),
        )
    page = LeavePage(items=found.items, next_cursor=found.next_cursor, total=found.total)
    return answer_table(request, page, page.items)


@get(
    "/users/{user_id:uuid}/leave", operation_id="listLeaveOfUser", tags=TAGS, summary="When somebody is away",
    guards=[requires("readonly")], responses=problems(404, 422), dependencies=PAGING, operation_class=TableOperation,
)  # fmt: skip
async def list_leave_of_user(
    request: Request[Any, Any, Any],
    user_id: FromPath[UUID],
    principal: NamedDependency[Principal],
    database: NamedDependency[Database],
    paging: NamedDependency[Paging],
) -> Response[LeavePage]:
    """Newest first."""
    wanted = LeaveFilter(user_id=user_id)
    async with database.tenant_tx(principal.tenant) as tx:
        await store.load_user(tx, user_id)
        found = await cut(
            paging,
            lambda limit: store.list_leave(tx, wanted, below=paging.below, limit=limit),
            count=lambda: store.count_leave(tx, wanted),
        )
    page = LeavePage(items=found.items, next_cursor=found.next_cursor, total=found.total)
    return answer_table(request, page, page.items)


@post(
    "/users/{user_id:uuid}/leave", operation_id="addLeave", tags=TAGS, summary="Somebody is away",
    guards=[requires("engineer")], responses=problems(404, 409, 413, 422),
)  # fmt: skip
async def add_leave(
    user_id: FromPath[UUID],
    data: JSONBody[LeaveContent],
    principal: NamedDependency[Principal],
    outbox: NamedDependency[Outbox],
    key: IdempotencyKey = None,
) -> Leave:
    """From now on rotations and pins pass them over in that span; overrides do not."""
    require_own(principal, [user_id])
    check_span(data.starts_at, data.ends_at, names=("$.starts_at", "$.ends_at"))
    event = AwayEvent(uid="", starts_at=data.starts_at, ends_at=data.ends_at, note=data.note)
    async with outbox.tenant_tx(principal.tenant) as tx:

        async def act() -> Leave:
            await store.load_user(tx, user_id)
            return await _add(tx, principal, user_id, event)

        return await once(tx, key, principal, route=f"addLeave {user_id}", asked=data, act=act, kind=Leave)


@delete(
    "/users/{user_id:uuid}/leave/{leave_id:uuid}", operation_id="removeLeave", tags=TAGS,
    summary="Somebody is not away after all", guards=[requires("engineer")], responses=problems(404), status_code=200,
)  # fmt: skip
async def remove_leave(
    user_id: FromPath[UUID],
    leave_id: FromPath[UUID],
    principal: NamedDependency[Principal],
    outbox: NamedDependency[Outbox],
) -> Removal:
    """What was believed until now stays known."""
    require_own(principal, [user_id])
    async with outbox.tenant_tx(principal.tenant) as tx:
        await _withdraw(tx, principal, await store.lock_leave(tx, user_id, leave_id))
    return Removal(outcome="deleted")


@post(
    "/users/{user_id:uuid}/leave/import", operation_id="importLeave", tags=TAGS, status_code=200,
    summary="Take in a leave calendar (text/calendar)", guards=[requires("engineer")],
    responses=problems(404, 413, 422), request_max_body_size=MAX_CALENDAR_BYTES,
)  # fmt: skip
async def import_leave(
    request: Request[Any, Any, Any],
    user_id: FromPath[UUID],
    principal: NamedDependency[Principal],
    outbox: NamedDependency[Outbox],
) -> LeaveImport:
    """The body is the calendar (RFC 5545), at most 256 KiB and 1,000 events. All or nothing.

    Each event is leave. One that was taken in before (by its UID) is replaced, a cancelled one withdrawn; a second run
    changes nothing. What is no longer in the calendar stays.
    """
    require_own(principal, [user_id])
    body = await request.body()
    async with outbox.tenant_tx(principal.tenant) as tx:
        person = await store.load_user(tx, user_id)
        await store.lock_user(tx, user_id)
        try:
            events = read_leave(body, zone=person.timezone)
        except UnknownZoneError as error:
            raise InvalidError(fields=[FieldProblem(field="$", reason=f"this person's zone: {error}")]) from error
        known = await store.lock_imported_leave(tx, user_id, [each.uid for each in events])
        counts = {"created": 0, "updated": 0, "unchanged": 0, "withdrawn": 0, "skipped": 0}
        for event in events:
            counts[await _take_in(tx, principal, user_id, event, known.get(event.uid))] += 1
    return LeaveImport(**counts)


HANDLERS = [list_leave, list_leave_of_user, add_leave, remove_leave, import_leave]


async def _take_in(tx: Tx, who: Principal, user_id: UUID, event: AwayEvent, known: Leave | None) -> str:
    if event.is_cancelled:
        if known is None:
            return "skipped"
        await _withdraw(tx, who, known)
        return "withdrawn"
    if known is None:
        await _add(tx, who, user_id, event)
        return "created"
    if (known.starts_at, known.ends_at, known.note) == (event.starts_at, event.ends_at, event.note):
        return "unchanged"
    await _withdraw(tx, who, known)
    await _add(tx, who, user_id, event)
    return "updated"


async def _add(tx: Tx, who: Principal, user_id: UUID, event: AwayEvent) -> Leave:
    made = new_id()
    content = LeaveContent(starts_at=event.starts_at, ends_at=event.ends_at, note=event.note)
    await store.insert_leave(tx, made, user_id, content, calendar_uid=event.uid or None)
    leave = await store.lock_leave(tx, user_id, made)
    await _tell(tx, who, leave, action="added")
    return leave


async def _withdraw(tx: Tx, who: Principal, leave: Leave) -> None:
    await store.withdraw_leave(tx, leave.id)
    await _tell(tx, who, leave, action="withdrawn")


async def _tell(tx: Tx, who: Principal, leave: Leave, *, action: str) -> None:
    changes: dict[str, object] = {
        "user_id": leave.user.id, "starts_at": leave.starts_at, "ends_at": leave.ends_at, "note": leave.note,
    }  # fmt: skip
    await insert_audit(tx, who.actor, action=action, entity="leave", entity_id=leave.id, changes=changes)
    summary = LeaveSummary(
        leave_id=leave.id,
        user_id=leave.user.id,
        starts_at=leave.starts_at,
        ends_at=leave.ends_at,
        is_withdrawn=action == "withdrawn",
    )
    tx.emit(LeaveChanged(id=new_id(), tenant=who.tenant, at=await tx.now(), actor=who.actor, data=summary))
