"""Insight: what a span of time was like, whole as JSON and each table as CSV. Nothing is changed here.

What is reckoned over many pages is reckoned in a thread, so that it keeps nobody else waiting.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Annotated

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency, Provide
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import QueryParameter

from nightowl_auth import Principal, requires
from nightowl_common.db import Database, Tx
from nightowl_common.errors import FieldProblem, InvalidError
from nightowl_oncall import UnknownZoneError, zone_of
from nightowl_query.api.edge import INSTANT, instant, problems
from nightowl_query.api.schedules import Range
from nightowl_query.api.tables import CSV_TYPE, to_csv
from nightowl_query.engine import insight as engine
from nightowl_query.engine import rosters as rules
from nightowl_query.model.insight import (
    MAX_ROWS,
    CoverageDay,
    Insight,
    PersonOnCall,
    RepeatOffender,
    ResponseTime,
    TierLateness,
    UnmatchedTitle,
    VolumeDay,
)
from nightowl_query.store import books
from nightowl_query.store import insight as store
from nightowl_query.store.insight import Span

TAGS = ["Insight"]
LONGEST = timedelta(days=92)
USUAL = timedelta(days=28)
CSV = ResponseSpec(str, description="RFC 4180.", media_type=CSV_TYPE, generate_examples=False)

From = Annotated[
    str | None,
    QueryParameter(name="from", description="RFC 3339; 28 days before `to` by default.", schema_extra=INSTANT),
]
To = Annotated[
    str | None, QueryParameter(name="to", description="RFC 3339, not included; now by default.", schema_extra=INSTANT)
]
Zone = Annotated[
    str, QueryParameter(max_length=64, description="Whose days are told: a time zone of the IANA database.")
]


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What a question is about."""

    range: Range
    zone: str

    async def span(self, tx: Tx) -> Span:
        """The span, filled in.

        Raises:
            InvalidError: the end is not after the start, or more than 92 days after it.
        """
        end = self.range.end or await tx.now()
        start = self.range.start or end - USUAL
        rules.check_span(start, end, names=("from", "to"), longest=LONGEST)
        return Span(start=start, end=end, zone=self.zone)


def provide_asked(start: From = None, end: To = None, zone: Zone = "UTC") -> Asked:
    """For `Provide`.

    Raises:
        InvalidError: an instant that cannot be meant, or a zone that does not exist.
    """
    try:
        zone_of(zone)
    except UnknownZoneError as error:
        raise InvalidError(fields=[FieldProblem(field="zone", reason=f"no time zone is called {zone}")]) from error
    return Asked(range=Range(start=instant(start, field="from"), end=instant(end, field="to")), zone=zone)


ASKED = {"asked": Provide(provide_asked, sync_to_thread=False)}


@get(
    "/insight", operation_id="getInsight", tags=TAGS, summary="What a span of time was like",
    guards=[requires("readonly")], responses=problems(422), dependencies=ASKED,
)  # fmt: skip
async def get_insight(
    principal: NamedDependency[Principal], database: NamedDependency[Database], asked: NamedDependency[Asked]
) -> Insight:
    """[from, to), at most 92 days: volume, response, repeat offenders, load, lateness and what knowledge covers."""
    async with database.tenant_tx(principal.tenant) as tx:
        span = await asked.span(tx)
        days = engine.days_of(span.start, span.end, span.zone)
        tallies = await store.tally_alerts(tx, span)
        load, lateness = await _load(tx, span), await store.list_lateness(tx, span)
        offenders, unmatched = await store.list_offenders(tx, span), await store.list_unmatched(tx, span)
    seen = (
        sum(each.alerts for each in tallies if each.day is None and each.severity is None),
        sum(each.pages for each in load),
        sum(each.count for each in lateness),
    )
    return Insight(
        starts_at=span.start,
        ends_at=span.end,
        zone=span.zone,
        is_exact=max(seen) < MAX_ROWS,
        volume=engine.volume(tallies, days),
        mtta=engine.response(tallies, "acknowledge"),
        mttr=engine.response(tallies, "resolve"),
        repeat_offenders=offenders,
        on_call_load=load,
        lateness=lateness,
        knowledge_coverage=engine.coverage(tallies, days),
        unmatched_titles=unmatched,
    )


async def _load(tx: Tx, span: Span) -> list[PersonOnCall]:
    paged = await store.list_page_times(tx, span)
    library = await books.load_library(tx, None, start=span.start, end=span.end)
    people = library.persons
    hours = await asyncio.to_thread(engine.hours_on_call, library.book, start=span.start, end=span.end)
    return await asyncio.to_thread(engine.loads, paged, hours, people)


async def _volume(tx: Tx, span: Span) -> list[VolumeDay]:
    return engine.volume(await store.tally_alerts(tx, span), engine.days_of(span.start, span.end, span.zone))


async def _mtta(tx: Tx, span: Span) -> list[ResponseTime]:
    return engine.response(await store.tally_alerts(tx, span), "acknowledge")


async def _mttr(tx: Tx, span: Span) -> list[ResponseTime]:
    return engine.response(await store.tally_alerts(tx, span), "resolve")


async def _coverage(tx: Tx, span: Span) -> list[CoverageDay]:
    return engine.coverage(await store.tally_alerts(tx, span), engine.days_of(span.start, span.end, span.zone))


def _table(
    name: str, row: type[msgspec.Struct], read: Callable[[Tx, Span], Awaitable[Sequence[msgspec.Struct]]]
) -> HTTPRouteHandler:
    """The operation that answers one table as CSV."""

    @get(
        f"/insight/{name}.csv", operation_id=f"getInsight{name.title().replace('_', '')}", tags=TAGS,
        summary=f"The table {name} of the insight, as CSV",
        description="The same span and the same rows as in `GET /insight`, with one line of headings (RFC 4180).",
        guards=[requires("readonly")], dependencies=ASKED, media_type=CSV_TYPE, responses={200: CSV, **problems(422)},
    )  # fmt: skip
    async def get_table(
        principal: NamedDependency[Principal], database: NamedDependency[Database], asked: NamedDependency[Asked]
    ) -> Response[str]:
        async with database.tenant_tx(principal.tenant) as tx:
            items = await read(tx, await asked.span(tx))
        headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
        text = to_csv(row.__struct_fields__, items)
        return Response(text, media_type=f"{CSV_TYPE}; header=present", headers=headers)

    return get_table


HANDLERS = [
    get_insight,
    _table("volume", VolumeDay, _volume),
    _table("mtta", ResponseTime, _mtta),
    _table("mttr", ResponseTime, _mttr),
    _table("repeat_offenders", RepeatOffender, store.list_offenders),
    _table("on_call_load", PersonOnCall, _load),
    _table("lateness", TierLateness, store.list_lateness),
    _table("knowledge_coverage", CoverageDay, _coverage),
    _table("unmatched_titles", UnmatchedTitle, store.list_unmatched),
]
