"""The first page in one call. Nothing is changed here."""

import asyncio
from datetime import datetime, timedelta
from uuid import UUID

from litestar import get
from litestar.di import NamedDependency

from nightowl_alerting.targets import store as targets
from nightowl_alerting.targets.model import Staff
from nightowl_alerting.targets.timetable import Timetable
from nightowl_auth import Principal, requires
from nightowl_common.db import Database, Tx
from nightowl_query.api.edge import problems
from nightowl_query.engine import now as engine
from nightowl_query.model.duties import SwapOfMine
from nightowl_query.model.now import HourOfSource, LastTestPage, Lead, MyDuty, Now, OnCallSeat, PagedAlert
from nightowl_query.store import books, duties, insight
from nightowl_query.store import now as store
from nightowl_query.store.books import Library
from nightowl_query.store.insight import Span

SEEN = timedelta(days=60)
"""So far ahead a seat's end and the next person are looked for."""

GAPS, WEEK = timedelta(days=14), timedelta(days=7)


@get(
    "/now", operation_id="getNow", tags=["System"], summary="Everything for the first page",
    guards=[requires("readonly")], responses=problems(),
)  # fmt: skip
async def get_now(principal: NamedDependency[Principal], database: NamedDependency[Database]) -> Now:
    """Who is paged, what burns, who is on call; for managers and admins, how the week was and what is not covered."""
    user_id = principal.user_id
    async with database.tenant_tx(principal.tenant) as tx:
        now = await tx.now()
        paged, paged_total = await _paged(tx, user_id)
        burning = await store.list_burning(tx)
        week = await store.measure_week(tx)
        staff = await targets.load_staff(tx)
        library = await books.load_library(tx, None, start=now, end=now + SEEN)
        on_call, duty = await _on_call(tx, library, staff, now=now, user_id=user_id)
        lead = await _lead(tx, library, staff, week, now=now) if principal.may("manager") else None
        swaps, tested = await _own(tx, user_id)
    return Now(
        now=now,
        paged_to_me=paged,
        paged_total=paged_total,
        burning=burning,
        on_call=on_call,
        my_duty=duty,
        swaps=swaps,
        arrivals=engine.arrivals(week),
        mtta_seconds=engine.time_to_acknowledge(week),
        mttr_seconds=engine.time_to_resolve(week),
        lead=lead,
        last_test_page=tested,
    )


HANDLERS = [get_now]


async def _paged(tx: Tx, user_id: UUID | None) -> tuple[list[PagedAlert], int]:
    return ([], 0) if user_id is None else await store.list_paged(tx, user_id)


async def _own(tx: Tx, user_id: UUID | None) -> tuple[list[SwapOfMine], LastTestPage | None]:
    if user_id is None:
        return [], None
    return await duties.list_swaps_of(tx, user_id), await store.load_last_test_page(tx, user_id)


async def _on_call(
    tx: Tx, library: Library, staff: Staff, *, now: datetime, user_id: UUID | None
) -> tuple[list[OnCallSeat], MyDuty | None]:
    timetable = await _timetable(library, start=now, end=now + SEEN)
    found = engine.tenures(library.names, timetable)
    people = library.persons
    primaries = [each.primary for each in found.values() if each.primary is not None]
    verified = await store.find_verified(tx, primaries)
    zones = {roster_id: each.timezone for roster_id, each in library.book.rosters.items()}
    seats = engine.seats(found, library.names, people, zones=zones, staff=staff, verified=verified)
    return seats, engine.my_duty(found, library.names, people, user_id)


async def _lead(tx: Tx, library: Library, staff: Staff, week: list[HourOfSource], *, now: datetime) -> Lead:
    timetable = await _timetable(library, start=now, end=now + GAPS)
    paged = await insight.list_page_times(tx, Span(start=now - WEEK, end=now, zone="UTC"))
    return Lead(
        people=await asyncio.to_thread(engine.page_loads, paged),
        gaps=engine.gaps(library.names, timetable, staff),
        noisiest_sources=engine.noisiest(week),
    )


async def _timetable(library: Library, *, start: datetime, end: datetime) -> Timetable:
    """In a thread, so that many rosters keep nobody else waiting."""
    rosters = library.book.rosters
    return await asyncio.to_thread(Timetable, library.book, rosters, start=start, end=end)
