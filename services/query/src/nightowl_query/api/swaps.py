"""Swaps: somebody asks a colleague to take a shift, and maybe takes one in return. Accepting writes the overrides."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from nightowl_auth import Principal, requires
from nightowl_common.db import Database, Tx
from nightowl_common.errors import FieldProblem, InvalidError
from nightowl_common.ids import new_id
from nightowl_common.outbox import Outbox
from nightowl_oncall import UnknownZoneError, shifts_between
from nightowl_query.api import roster_changes as changes
from nightowl_query.api.edge import problems
from nightowl_query.api.paging import PAGING, Paging, cut
from nightowl_query.api.repeats import IdempotencyKey, once
from nightowl_query.api.roster_changes import Note, changing, require_own, require_people
from nightowl_query.api.schedules import UnusableZoneError, load_library
from nightowl_query.api.tables import TableOperation, answer_table
from nightowl_query.engine.rosters import check_span
from nightowl_query.model.duties import (
    NotYoursError,
    Swap,
    SwapOpenError,
    SwapOrder,
    SwapOutdatedError,
    SwapPage,
    SwapSettledError,
)
from nightowl_query.model.rosters import OverrideContent
from nightowl_query.store import duties as store
from nightowl_query.store import rosters

TAGS = ["On call"]
Status = Literal["open", "accepted", "declined", "withdrawn"]


@get(
    "/rosters/{roster_id:uuid}/swaps", operation_id="listSwaps", tags=TAGS, summary="Swap requests of a roster",
    guards=[requires("readonly")], responses=problems(404, 422), dependencies=PAGING, operation_class=TableOperation,
)  # fmt: skip
async def list_swaps(
    request: Request[Any, Any, Any],
    roster_id: FromPath[UUID],
    principal: NamedDependency[Principal],
    database: NamedDependency[Database],
    paging: NamedDependency[Paging],
    status: FromQuery[list[Status] | None] = None,
) -> Response[SwapPage]:
    """Newest first; a repeated `status` means any of them."""
    async with database.tenant_tx(principal.tenant) as tx:
        await rosters.load_roster(tx, roster_id)
        found = await cut(
            paging,
            lambda limit: store.list_swaps(tx, roster_id, status, below=paging.below, limit=limit),
            count=lambda: store.count_swaps(tx, roster_id, status),
        )
    page = SwapPage(items=found.items, next_cursor=found.next_cursor, total=found.total)
    return answer_table(request, page, page.items)


@post(
    "/rosters/{roster_id:uuid}/swaps", operation_id="requestSwap", tags=TAGS, summary="Ask a colleague to take a shift",
    guards=[requires("engineer")], responses=problems(404, 409, 413, 422),
)  # fmt: skip
async def request_swap(
    roster_id: FromPath[UUID],
    data: JSONBody[SwapOrder],
    principal: NamedDependency[Principal],
    outbox: NamedDependency[Outbox],
    key: IdempotencyKey = None,
) -> Swap:
    """What is given must be the caller's own shift, and what is taken the colleague's; parts of shifts are fine.

    It needs a key that belongs to a person. Nothing changes until the colleague accepts.
    """
    requester_id = principal.user_id
    if requester_id is None:
        raise NotYoursError("A swap is asked for by a person; this key belongs to none.")
    _check_order(data, requester_id)
    async with outbox.tenant_tx(principal.tenant) as tx:

        async def act() -> Swap:
            return await _request(tx, principal, roster_id, requester_id, data)

        return await once(tx, key, principal, route=f"requestSwap {roster_id}", asked=data, act=act, kind=Swap)


@post(
    "/rosters/{roster_id:uuid}/swaps/{swap_id:uuid}/accept", operation_id="acceptSwap", tags=TAGS, status_code=200,
    summary="Take the shift", guards=[requires("engineer")], responses=problems(404, 409),
)  # fmt: skip
async def accept_swap(
    roster_id: FromPath[UUID],
    swap_id: FromPath[UUID],
    principal: NamedDependency[Principal],
    outbox: NamedDependency[Outbox],
) -> Swap:
    """By the colleague or a manager. The shifts must still be theirs; the overrides are written in the same commit."""
    async with outbox.tenant_tx(principal.tenant) as tx:
        async with changing(tx, principal, roster_id, change="swaps", action="swap_accepted") as note:
            swap = await store.load_swap(tx, roster_id, swap_id)
            require_own(principal, [swap.colleague.id])
            await store.settle_swap(tx, swap_id, "accepted", by=principal.user_id)
            overrides = await _overrides(tx, swap)
            for override in overrides:
                await rosters.insert_override(tx, roster_id, new_id(), override)
            note.tell(swap_id=swap_id, overrides=overrides)
        return await store.load_swap(tx, roster_id, swap_id)


@post(
    "/rosters/{roster_id:uuid}/swaps/{swap_id:uuid}/decline", operation_id="declineSwap", tags=TAGS, status_code=200,
    summary="Do not take the shift", guards=[requires("engineer")], responses=problems(404, 409),
)  # fmt: skip
async def decline_swap(
    roster_id: FromPath[UUID],
    swap_id: FromPath[UUID],
    principal: NamedDependency[Principal],
    outbox: NamedDependency[Outbox],
) -> Swap:
    """By the colleague or a manager."""
    return await _settle(outbox, principal, roster_id, swap_id, "declined")


@post(
    "/rosters/{roster_id:uuid}/swaps/{swap_id:uuid}/withdraw", operation_id="withdrawSwap", tags=TAGS, status_code=200,
    summary="Take a request back", guards=[requires("engineer")], responses=problems(404, 409),
)  # fmt: skip
async def withdraw_swap(
    roster_id: FromPath[UUID],
    swap_id: FromPath[UUID],
    principal: NamedDependency[Principal],
    outbox: NamedDependency[Outbox],
) -> Swap:
    """By whoever asked, or a manager."""
    return await _settle(outbox, principal, roster_id, swap_id, "withdrawn")


@post(
    "/rosters/{roster_id:uuid}/swaps/{swap_id:uuid}/seen", operation_id="seeSwap", tags=TAGS, status_code=200,
    summary="Know the answer to a request", guards=[requires("readonly")], responses=problems(404, 409),
)  # fmt: skip
async def see_swap(
    roster_id: FromPath[UUID],
    swap_id: FromPath[UUID],
    principal: NamedDependency[Principal],
    outbox: NamedDependency[Outbox],
) -> Swap:
    """By whoever asked: it leaves their first page. Idempotent; an open request has no answer yet (409)."""
    async with outbox.tenant_tx(principal.tenant) as tx:
        swap = await store.load_swap(tx, roster_id, swap_id)
        if swap.requester.id != principal.user_id:
            raise NotYoursError
        if swap.status == "open":
            raise SwapOpenError
        await store.see_swap(tx, swap_id)
    return swap


HANDLERS = [list_swaps, request_swap, accept_swap, decline_swap, withdraw_swap, see_swap]


async def _request(tx: Tx, who: Principal, roster_id: UUID, requester_id: UUID, order: SwapOrder) -> Swap:
    roster = await rosters.lock_roster(tx, roster_id)
    await require_people(tx, {"$.colleague_id": order.colleague_id})
    await _require_shift(tx, roster_id, requester_id, order.gives_from, order.gives_until, field="$.gives_from")
    if order.takes_from is not None and order.takes_until is not None:
        taken = order.takes_from, order.takes_until
        await _require_shift(tx, roster_id, order.colleague_id, *taken, field="$.takes_from")
    made = new_id()
    await store.insert_swap(tx, roster_id, made, requester_id, order)
    note = Note("swaps", "swap_requested")
    note.tell(swap_id=made, colleague_id=order.colleague_id)
    await changes.tell(tx, who, roster_id, note, revision=roster.revision, name=roster.name)
    return await store.load_swap(tx, roster_id, made)


def _check_order(order: SwapOrder, requester_id: UUID) -> None:
    check_span(order.gives_from, order.gives_until, names=("$.gives_from", "$.gives_until"))
    if (order.takes_from is None) != (order.takes_until is None):
        raise InvalidError(fields=[FieldProblem(field="$.takes_from", reason="both ends of what is taken, or none")])
    if order.takes_from is not None and order.takes_until is not None:
        check_span(order.takes_from, order.takes_until, names=("$.takes_from", "$.takes_until"))
    if order.colleague_id == requester_id:
        raise InvalidError(fields=[FieldProblem(field="$.colleague_id", reason="is whoever asks")])


async def _settle(outbox: Outbox, who: Principal, roster_id: UUID, swap_id: UUID, status: Status) -> Swap:
    async with outbox.tenant_tx(who.tenant) as tx:
        roster = await rosters.lock_roster(tx, roster_id)
        swap = await store.load_swap(tx, roster_id, swap_id)
        require_own(who, [swap.colleague.id if status == "declined" else swap.requester.id])
        await store.settle_swap(tx, swap_id, status, by=who.user_id)
        note = Note("swaps", f"swap_{status}")
        note.tell(swap_id=swap_id)
        await changes.tell(tx, who, roster_id, note, revision=roster.revision, name=roster.name)
        return await store.load_swap(tx, roster_id, swap_id)


async def _overrides(tx: Tx, swap: Swap) -> list[OverrideContent]:
    if swap.status != "open":
        raise SwapSettledError
    spans = [(swap.requester, swap.colleague, swap.gives_from, swap.gives_until)]
    if swap.takes_from is not None and swap.takes_until is not None:
        spans.append((swap.colleague, swap.requester, swap.takes_from, swap.takes_until))
    overrides = []
    for giver, taker, start, end in spans:
        is_there = await rosters.find_active(tx, [taker.id])
        if not is_there or not await _has_shift(tx, swap.roster_id, giver.id, start, end):
            raise SwapOutdatedError
        reason = f"Swap with {giver.display_name}"
        overrides.append(OverrideContent(user_id=taker.id, starts_at=start, ends_at=end, reason=reason))
    return overrides


async def _require_shift(tx: Tx, roster_id: UUID, user_id: UUID, start: datetime, end: datetime, *, field: str) -> None:
    if not await _has_shift(tx, roster_id, user_id, start, end):
        raise InvalidError(fields=[FieldProblem(field=field, reason="not this person's shift, or it is over")])


async def _has_shift(tx: Tx, roster_id: UUID, user_id: UUID, start: datetime, end: datetime) -> bool:
    """Whether all that is on call in a span is this person, on this very roster, and it is not over."""
    library = await load_library(tx, roster_id, start=start, end=end)
    try:
        shifts = shifts_between(library.book, roster_id, start, end)
    except UnknownZoneError as error:
        raise UnusableZoneError(str(error)) from error
    is_theirs = all((each.user_id, each.roster_id) == (user_id, roster_id) for each in shifts)
    return bool(shifts) and is_theirs and end > await tx.now()
