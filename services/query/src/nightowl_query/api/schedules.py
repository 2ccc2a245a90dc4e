"""Who is, was and will be on call: questions about rosters. Nothing is changed here.

Long spans are reckoned in a thread, so that they keep nobody else waiting.
"""

import asyncio
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, QueryParameter

from nightowl_auth import Principal, requires
from nightowl_common.db import Database, Tx
from nightowl_common.errors import ConflictError
from nightowl_oncall import (
    HORIZON,
    Book,
    OnCall,
    UnknownZoneError,
    spans_between,
    to_shifts,
)
from nightowl_query.api.edge import INSTANT, instant, problems
from nightowl_query.api.tables import TableOperation, answer_table
from nightowl_query.engine import rosters as rules
from nightowl_query.engine import schedules as engine
from nightowl_query.engine.answers import Answers
from nightowl_query.model import OnCallNow, Person, RosterNotFoundError, RosterVersion
from nightowl_query.model.schedules import (
    CoveragePage,
    HistoryOfShifts,
    RosterCoverage,
    SchedulePage,
)
from nightowl_query.store import books
from nightowl_query.store.books import Library

TAGS = ["On call"]
HISTORY = 10
MAX_REVISIONS = 200
"""So many changes of what was known are followed back for a history; before them it is as it was then."""

COVERAGE_DAYS = 92
_DEFAULT_DAYS = 28

At = Annotated[
    str | None,
    QueryParameter(description="The instant asked about (RFC 3339); now by default.", schema_extra=INSTANT),
]
KnownAt = Annotated[
    str | None,
    QueryParameter(
        description="Answer from what was known at that instant (RFC 3339), not from now.", schema_extra=INSTANT
    ),
]
From = Annotated[str | None, QueryParameter(name="from", description="RFC 3339; now by default.", schema_extra=INSTANT)]
To = Annotated[
    str | None,
    QueryParameter(name="to", description="RFC 3339, not included; 28 days later by default.", schema_extra=INSTANT),
]


ANSWERS = Answers()


class UnusableZoneError(ConflictError):
    """The time zone of a roster does not exist; set another one."""

    code = "unusable_zone"


class Range(msgspec.Struct, frozen=True, kw_only=True):
    """What a question is about; None: not said."""

    start: datetime | None
    end: datetime | None

    def around(self, now: datetime, *, longest: timedelta = rules.LONGEST_SPAN) -> tuple[datetime, datetime]:
        """[start, end), filled in.

        Raises:
            InvalidError: the end is not after the start, or too far from it.
        """
        start = self.start or now
        end = self.end or start + timedelta(days=_DEFAULT_DAYS)
        rules.check_span(start, end, names=("from", "to"), longest=longest)
        return start, end


def provide_range(start: From = None, end: To = None) -> Range:
    """For `Provide`.

    Raises:
        InvalidError: an instant that cannot be meant.
    """
    return Range(start=instant(start, field="from"), end=instant(end, field="to"))


RANGE = {"asked": Provide(provide_range, sync_to_thread=False)}


@get(
    "/rosters/{roster_id:uuid}/oncall", operation_id="getOnCall", tags=TAGS,
    summary="Who is on call, now or at an instant", guards=[requires("readonly")], responses=problems(404, 409, 422),
)  # fmt: skip
async def get_on_call(
    roster_id: FromPath[UUID],
    principal: NamedDependency[Principal],
    database: NamedDependency[Database],
    at: At = None,
    known_at: KnownAt = None,
) -> OnCallNow:
    """Override, else pin, else rotation without those who are away; outside active hours the linked roster.

    `unassigned`: nobody is. The answer holds from `starts_at` until `ends_at`.
    """
    asked, known = instant(at, field="at"), instant(known_at, field="known_at")
    async with database.tenant_tx(principal.tenant) as tx:
        if known is None:
            library = await load_library(tx, roster_id, start=asked, end=asked)
        else:
            start = asked or await tx.now()
            library = await books.load_known_library(tx, roster_id, start=start, end=start, known_at=known)
            _require(library, roster_id)
        when = asked or library.at
        answer = _judge(library, roster_id, when)
        people = library.persons
        if known is not None:
            people = await books.load_people(tx, [answer.primary, answer.secondary, *answer.skipped])
    return _told(answer, library, people, roster_id=roster_id, at=when, known_at=known)


@get(
    "/rosters/{roster_id:uuid}/oncall/history", operation_id="getOnCallHistory", tags=TAGS,
    summary="The last ten shifts, as they were in force", guards=[requires("readonly")],
    responses=problems(404, 409, 422), operation_class=TableOperation,
)  # fmt: skip
async def get_history(
    request: Request[Any, Any, Any],
    roster_id: FromPath[UUID],
    principal: NamedDependency[Principal],
    database: NamedDependency[Database],
) -> Response[HistoryOfShifts]:
    """Each instant is answered from what was known at that very instant: later changes rewrite nothing."""
    async with database.tenant_tx(principal.tenant) as tx:
        now = await tx.now()
        library = await load_library(tx, roster_id, start=now, end=now)
        found = to_shifts(await _in_force(tx, library, roster_id, before=now))[::-1][:HISTORY]
        people = await books.load_people(tx, [user for each in found for user in (each.user_id, *each.skipped)])
    page = HistoryOfShifts(items=engine.tell_shifts(found, people), next_cursor=None, total=len(found))
    return answer_table(request, page, page.items)


@get(
    "/rosters/{roster_id:uuid}/schedule", operation_id="getSchedule", tags=TAGS,
    summary="The shifts over a span of time, and the spans with nobody", guards=[requires("readonly")],
    responses=problems(404, 409, 422), operation_class=TableOperation, dependencies=RANGE,
)  # fmt: skip
async def get_schedule(
    request: Request[Any, Any, Any],
    roster_id: FromPath[UUID],
    principal: NamedDependency[Principal],
    database: NamedDependency[Database],
    asked: NamedDependency[Range],
) -> Response[SchedulePage]:
    """[from, to), at most 366 days; shifts are cut at its ends."""
    async with database.tenant_tx(principal.tenant) as tx:
        start, end = asked.around(await tx.now())
        library = await load_library(tx, roster_id, start=start, end=end)
        people = library.persons
    spans = await asyncio.to_thread(judged_spans, library.book, roster_id, start, end)
    items = engine.tell_shifts(to_shifts(spans), people)
    page = SchedulePage(
        roster_id=roster_id,
        timezone=library.book.rosters[roster_id].timezone,
        starts_at=start,
        ends_at=end,
        items=items,
        uncovered=engine.tell_uncovered(spans),
        next_cursor=None,
        total=len(items),
    )
    return answer_table(request, page, page.items)


@get(
    "/rosters/coverage", operation_id="getCoverage", tags=TAGS, summary="All rosters and their gaps",
    guards=[requires("readonly")], responses=problems(422), operation_class=TableOperation, dependencies=RANGE,
)  # fmt: skip
async def get_coverage(
    request: Request[Any, Any, Any],
    principal: NamedDependency[Principal],
    database: NamedDependency[Database],
    asked: NamedDependency[Range],
) -> Response[CoveragePage]:
    """[from, to), at most 92 days. A roster whose zone does not exist is named, and hides no other."""
    async with database.tenant_tx(principal.tenant) as tx:
        start, end = asked.around(await tx.now(), longest=timedelta(days=COVERAGE_DAYS))
        library = await books.load_library(tx, None, start=start, end=end)
        people = library.persons
    items = [await asyncio.to_thread(_coverage, library, each, people, start, end) for each in library.names]
    page = CoveragePage(starts_at=start, ends_at=end, items=items, next_cursor=None, total=len(items))
    return answer_table(request, page, page.items)


HANDLERS = [get_on_call, get_history, get_schedule, get_coverage]


async def load_library(
    tx: Tx, roster_id: UUID, *, start: datetime | None, end: datetime | None, linked: UUID | None = None
) -> Library:
    """A roster with those that it links to, or is to link to.

    Raises:
        RosterNotFoundError: there is no such roster.
    """
    wanted = [roster_id] if linked is None else [roster_id, linked]
    library = await books.load_library(tx, wanted, start=start, end=end)
    _require(library, roster_id)
    return library


def _require(library: Library, roster_id: UUID) -> None:
    if roster_id not in library.book.rosters:
        raise RosterNotFoundError


def _judge(library: Library, roster_id: UUID, at: datetime) -> OnCall:
    try:
        return ANSWERS.on_call_at(library.book, roster_id, at, text=library.text)
    except UnknownZoneError as error:
        raise UnusableZoneError(str(error)) from error


def judged_spans(book: Book, roster_id: UUID, start: datetime, end: datetime) -> list[OnCall]:
    """Who is on call over [start, end).

    Raises:
        UnusableZoneError: the zone of a roster does not exist.
    """
    try:
        return spans_between(book, roster_id, start, end)
    except UnknownZoneError as error:
        raise UnusableZoneError(str(error)) from error


async def _in_force(tx: Tx, library: Library, roster_id: UUID, *, before: datetime) -> list[OnCall]:
    """The spans before an instant, back to more than enough shifts, each from what was known at its time.

    What was before the roster was known is as it was first known.
    """
    horizon = before - HORIZON
    times = await books.list_changes(tx, library, before=before, after=horizon, limit=MAX_REVISIONS)
    spans: list[OnCall] = []
    book, until = library.book, before
    for known_at in [*times, horizon]:
        oldest = known_at == horizon
        as_of = until - timedelta(microseconds=1) if oldest else known_at
        known = await books.load_known_library(tx, roster_id, start=known_at, end=until, known_at=as_of)
        book = known.book if roster_id in known.book.rosters else book
        while until > known_at:
            start = max(known_at, until - timedelta(days=_DEFAULT_DAYS))
            spans = [*judged_spans(book, roster_id, start, until), *spans]
            until = start
            if len(to_shifts(spans)) > HISTORY:
                return spans
    return spans


def _coverage(
    library: Library, roster_id: UUID, people: dict[UUID, Person], start: datetime, end: datetime
) -> RosterCoverage:
    try:
        return engine.tell_coverage(library.book, roster_id, library.names[roster_id], people, start=start, end=end)
    except UnknownZoneError as error:
        return RosterCoverage(
            roster_id=roster_id, name=library.names[roster_id], timezone=library.book.rosters[roster_id].timezone,
            covered_hours=0, gap_hours=0, unassigned_hours=0, shifts=[], uncovered=[], problem=str(error),
        )  # fmt: skip


def _told(
    answer: OnCall, library: Library, people: dict[UUID, Person], *, roster_id: UUID, at: datetime,
    known_at: datetime | None,
) -> OnCallNow:  # fmt: skip
    return OnCallNow(
        roster_id=roster_id,
        roster_name=library.names[roster_id],
        timezone=library.book.rosters[roster_id].timezone,
        at=at,
        known_at=known_at,
        source=answer.source,
        reason=answer.reason,
        primary=None if answer.primary is None else people[answer.primary],
        secondary=None if answer.secondary is None else people[answer.secondary],
        starts_at=answer.starts_at,
        ends_at=answer.ends_at,
        answered_by=answer.roster_id,
        turn=answer.turn,
        override_id=answer.override_id,
        stands_in_for=[people[each] for each in answer.skipped],
        versions=[
            RosterVersion(id=each, name=library.names[each], revision=revision)
            for each, revision in library.revisions.items()
        ],
    )
