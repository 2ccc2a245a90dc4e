"""Who is, was and will be on call: questions about rosters. Nothing is changed here."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from nightowl_auth import Principal, requires
from nightowl_common.db import Database, Tx
from nightowl_oncall import OnCall, on_call_at
from nightowl_query.api.edge import moment, problems
from nightowl_query.model import OnCallNow, Person, RosterNotFoundError, RosterVersion
from nightowl_query.store import books
from nightowl_query.store.books import Library

TAGS = ["On call"]
At = Annotated[datetime | None, QueryParameter(description="The instant asked about (RFC 3339); now by default.")]
KnownAt = Annotated[
    datetime | None, QueryParameter(description="Answer from what was known at that instant (RFC 3339), not from now.")
]


@get(
    "/rosters/{roster_id:uuid}/oncall", operation_id="getOnCall", tags=TAGS,
    summary="Who is on call, now or at an instant", guards=[requires("readonly")], responses=problems(404, 422),
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
    asked, known = moment(at, field="at"), moment(known_at, field="known_at")
    async with database.tenant_tx(principal.tenant) as tx:
        when = asked or await tx.now()
        library = await _library(tx, roster_id, when, known_at=known)
        answer = on_call_at(library.book, roster_id, when)
        people = await books.load_people(tx, [answer.primary, answer.secondary, *answer.skipped])
    return _told(answer, library, people, roster_id=roster_id, at=when, known_at=known)


HANDLERS = [get_on_call]


async def _library(tx: Tx, roster_id: UUID, at: datetime, *, known_at: datetime | None) -> Library:
    if known_at is None:
        library = await books.load_library(tx, [roster_id], start=at, end=at)
    else:
        library = await books.load_known_library(tx, roster_id, start=at, end=at, known_at=known_at)
    if roster_id not in library.book.rosters:
        raise RosterNotFoundError
    return library


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
