"""Where nobody would be paged in the days ahead, and what a shift hands over. Nothing is changed here."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from nightowl_alerting.targets import store as targets
from nightowl_alerting.targets.model import Staff
from nightowl_alerting.targets.parsing import rosters_of
from nightowl_alerting.targets.reach import Hole as Found
from nightowl_alerting.targets.reach import holes, outlook
from nightowl_alerting.targets.timetable import Timetable
from nightowl_auth import Principal, requires
from nightowl_common.db import Database, Tx
from nightowl_oncall import Shift, shifts_between
from nightowl_query.api.edge import moment, problems
from nightowl_query.engine.history import count_nights
from nightowl_query.engine.policies import warnings_of
from nightowl_query.model import RosterNotFoundError, UserRef
from nightowl_query.model.forecasts import Forecast, Handoff, Hole, PolicyForecast, RosterForecast
from nightowl_query.store import books
from nightowl_query.store import handoffs as store
from nightowl_query.store.books import Library

TAGS = ["On call"]
Days = Annotated[int, QueryParameter(ge=1, le=90, description="How many days ahead.")]
At = Annotated[
    datetime | None,
    QueryParameter(description="The instant at which is handed over (RFC 3339); now by default."),
]
REACH = timedelta(days=60)
_INSTANT = timedelta(microseconds=1)


class _Ahead(msgspec.Struct, frozen=True, kw_only=True):
    library: Library
    timetable: Timetable
    staff: Staff


@get(
    "/rosters/{roster_id:uuid}/forecast", operation_id="getRosterForecast", tags=TAGS,
    summary="When nobody could be paged in the days ahead", guards=[requires("readonly")], responses=problems(404, 422),
)  # fmt: skip
async def get_roster_forecast(
    roster_id: FromPath[UUID],
    principal: NamedDependency[Principal],
    database: NamedDependency[Database],
    days: Days = 14,
) -> RosterForecast:
    """Spans without anybody on call, and spans in which who is on call has no address."""
    async with database.tenant_tx(principal.tenant) as tx:
        ahead = await _look_ahead(tx, [roster_id], days=days)
    if roster_id not in ahead.library.book.rosters:
        raise RosterNotFoundError
    return _roster(ahead, roster_id)


@get(
    "/forecast", operation_id="getForecast", tags=TAGS, summary="The same for all rosters and policies",
    guards=[requires("readonly")], responses=problems(422),
)  # fmt: skip
async def get_forecast(
    principal: NamedDependency[Principal], database: NamedDependency[Database], days: Days = 14
) -> Forecast:
    """Each roster's holes, and each policy's tiers that would reach nobody, so that only admins would be paged."""
    async with database.tenant_tx(principal.tenant) as tx:
        ahead = await _look_ahead(tx, None, days=days)
        policies = await targets.load_current_policies(tx, None)
        names = await store.list_policy_names(tx)
    rosters = [_roster(ahead, roster_id) for roster_id in ahead.library.book.rosters]
    forecasts = [
        PolicyForecast(
            policy_id=policy.policy_id,
            policy_name=names[policy.policy_id],
            warnings=warnings_of(outlook(policy, staff=ahead.staff, timetable=ahead.timetable)),
        )
        for policy in policies
    ]
    is_covered = all(each.is_readable and not each.holes for each in rosters) and not any(
        each.warnings for each in forecasts
    )
    start, end = ahead.timetable.start, ahead.timetable.end
    return Forecast(starts_at=start, ends_at=end, is_covered=is_covered, rosters=rosters, policies=forecasts)


@get(
    "/rosters/{roster_id:uuid}/handoff", operation_id="getHandoff", tags=TAGS, summary="What a shift hands over",
    guards=[requires("readonly")], responses=problems(404, 422),
)  # fmt: skip
async def get_handoff(
    roster_id: FromPath[UUID],
    principal: NamedDependency[Principal],
    database: NamedDependency[Database],
    at: At = None,
) -> Handoff:
    """The shift that ends at the instant, or runs then: what happened in it, what is still open, and who is next."""
    asked = moment(at, field="at")
    async with database.tenant_tx(principal.tenant) as tx:
        when = asked or await tx.now()
        library = await books.load_library(tx, [roster_id], start=when - REACH, end=when + REACH)
        if roster_id not in library.book.rosters:
            raise RosterNotFoundError
        ending, following = _around(library, roster_id, when)
        return await _report(tx, library, roster_id, when, ending=ending, following=following)


HANDLERS = [get_roster_forecast, get_forecast, get_handoff]


async def _look_ahead(tx: Tx, roster_ids: Sequence[UUID] | None, *, days: int) -> _Ahead:
    now = await tx.now()
    end = now + timedelta(days=days)
    library = await books.load_library(tx, roster_ids, start=now, end=end)
    timetable = Timetable(library.book, library.book.rosters, start=now, end=end)
    return _Ahead(library=library, timetable=timetable, staff=await targets.load_staff(tx))


def _roster(ahead: _Ahead, roster_id: UUID) -> RosterForecast:
    found = holes(ahead.timetable.spans(roster_id), staff=ahead.staff)
    return RosterForecast(
        roster_id=roster_id,
        roster_name=ahead.library.names[roster_id],
        starts_at=ahead.timetable.start,
        ends_at=ahead.timetable.end,
        is_readable=roster_id not in ahead.timetable.unreadable,
        holes=[_hole(each, ahead.staff) for each in found],
    )


def _hole(found: Found, staff: Staff) -> Hole:
    person = None if found.user_id is None else staff.people.get(found.user_id)
    user = None if person is None else UserRef(id=person.user_id, display_name=person.name)
    return Hole(kind=found.kind, reason=found.reason, starts_at=found.starts_at, ends_at=found.ends_at, user=user)


def _around(library: Library, roster_id: UUID, at: datetime) -> tuple[Shift | None, Shift | None]:
    """The shift that ends at an instant or runs then, and the one after it."""
    shifts = shifts_between(library.book, roster_id, at - REACH, at + REACH)
    ending = next((each for each in shifts if each.starts_at <= at - _INSTANT < each.ends_at), None)
    after = at if ending is None else ending.ends_at
    return ending, next((each for each in shifts if each.starts_at >= after), None)


async def _report(
    tx: Tx, library: Library, roster_id: UUID, at: datetime, *, ending: Shift | None, following: Shift | None
) -> Handoff:
    policies = [p.policy_id for p in await targets.load_current_policies(tx, None) if roster_id in rosters_of(p)]
    start = at if ending is None else ending.starts_at
    end = at if ending is None else min(at, ending.ends_at)
    counts = await store.count_alerts(tx, policies, start=start, end=end)
    alerts, total = await store.list_open_alerts(tx, policies)
    people = await books.load_people(tx, [each.user_id for each in (ending, following) if each is not None])
    pages = [] if ending is None else await store.list_page_times(tx, ending.user_id, start=start, end=end)
    outgoing = None if ending is None else people[ending.user_id]
    return Handoff(
        roster_id=roster_id,
        roster_name=library.names[roster_id],
        at=at,
        shift_starts_at=None if ending is None else ending.starts_at,
        shift_ends_at=None if ending is None else ending.ends_at,
        outgoing=outgoing,
        incoming=None if following is None else people[following.user_id],
        incoming_starts_at=None if following is None else following.starts_at,
        opened=counts.opened,
        acknowledged=counts.acknowledged,
        resolved=counts.resolved,
        pages=len(pages),
        night_pages=0 if outgoing is None else count_nights(pages, outgoing.timezone),
        open_alerts=alerts,
        open_total=total,
    )
