"""How the load of a roster is shared: what was carried, what is planned, and who was woken. Nothing is changed here."""

import asyncio
from uuid import UUID

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath

from nightowl_auth import Principal, requires
from nightowl_common.db import Database
from nightowl_oncall import to_shifts
from nightowl_query.api.edge import problems
from nightowl_query.api.schedules import RANGE, TAGS, Range, judged_spans, load_library
from nightowl_query.engine import schedules as engine
from nightowl_query.model.schedules import Fairness
from nightowl_query.store import insight
from nightowl_query.store.insight import Span


@get(
    "/rosters/{roster_id:uuid}/fairness", operation_id="getFairness", tags=TAGS, summary="How the load is shared",
    guards=[requires("readonly")], responses=problems(404, 409, 422), dependencies=RANGE,
)  # fmt: skip
async def get_fairness(
    roster_id: FromPath[UUID],
    principal: NamedDependency[Principal],
    database: NamedDependency[Database],
    asked: NamedDependency[Range],
) -> Fairness:
    """[from, to), at most 366 days. Shifts, hours, nights and weekends of each person; past and planned apart.

    With the pages that each one got while on call here.
    """
    async with database.tenant_tx(principal.tenant) as tx:
        now = await tx.now()
        start, end = asked.around(now)
        split = min(max(start, now), end)
        library = await load_library(tx, roster_id, start=start, end=end)
        people = library.persons
        paged = await insight.list_page_times(tx, Span(start=start, end=split, zone="UTC")) if start < split else []
    parts = (start, split), (split, end)
    spans = [await asyncio.to_thread(judged_spans, library.book, roster_id, *part) for part in parts]
    past, planned = (to_shifts(each) for each in spans)
    return Fairness(
        roster_id=roster_id,
        starts_at=start,
        split_at=split,
        ends_at=end,
        past=engine.tell_loads(past, people),
        planned=engine.tell_loads(planned, people),
        pages=await asyncio.to_thread(engine.tell_pages, past, paged),
    )


HANDLERS = [get_fairness]
