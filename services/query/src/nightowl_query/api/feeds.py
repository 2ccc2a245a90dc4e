"""Calendars: rosters and people's shifts as iCalendar, for callers with a key and for subscriptions with a token."""

import asyncio
import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, delete, get, post
from litestar.connection import ASGIConnection
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, QueryParameter

from nightowl_alerting.knowledge.model import Removal
from nightowl_alerting.store import insert_audit
from nightowl_auth import Principal, requires
from nightowl_common.db import Database, Tx, UnknownTenantError
from nightowl_common.errors import UnauthenticatedError
from nightowl_common.ids import new_id
from nightowl_common.outbox import Outbox
from nightowl_oncall import UnknownZoneError
from nightowl_query.api.edge import base_url, problems
from nightowl_query.api.paging import PAGING, Paging, cut
from nightowl_query.api.roster_changes import require_own
from nightowl_query.api.schedules import RANGE, Range, UnusableZoneError, load_library
from nightowl_query.engine.calendars import Duty, whole_shifts, write_calendar
from nightowl_query.engine.rosters import check_span
from nightowl_query.model.duties import Feed, FeedPage, NewFeed
from nightowl_query.store import books, rosters
from nightowl_query.store import duties as store
from nightowl_query.store.duties import FeedFilter

TAGS = ["On call"]
CALENDAR_TYPE = "text/calendar"
PAST, AHEAD = timedelta(days=30), timedelta(days=180)
CALENDAR = ResponseSpec(str, description="RFC 5545.", media_type=CALENDAR_TYPE, generate_examples=False)
_MAX_TOKEN = 200

Token = Annotated[str | None, QueryParameter(description="A feed's token, in place of an API key.")]


async def reads_calendar(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Lets through who may read, and whoever has the token of this very calendar.

    Raises:
        UnauthenticatedError: neither a key nor such a token.
        ForbiddenError: the key's role does not allow reading.
    """
    token = connection.query_params.get("token")
    if token is None:
        await requires("readonly")(connection, handler)  # type: ignore[misc]  # the guard is a coroutine function
        return
    principal, feed = await _open(connection.app.state.database, token)
    wanted = connection.path_params
    if (feed.roster_id, feed.user_id) != (wanted.get("roster_id"), wanted.get("user_id")):
        raise UnauthenticatedError
    connection.scope.setdefault("state", {})["principal"] = principal


reads_calendar.required_role = "readonly"  # type: ignore[attr-defined]  # read by the permission table


@get(
    "/rosters/{roster_id:uuid}/export.ics", operation_id="exportRoster", tags=TAGS, summary="A roster as a calendar",
    guards=[reads_calendar], responses={**problems(404, 409, 422), 200: CALENDAR}, dependencies=RANGE,
    media_type=CALENDAR_TYPE,
)  # fmt: skip
async def export_roster(
    roster_id: FromPath[UUID],
    principal: NamedDependency[Principal],
    database: NamedDependency[Database],
    asked: NamedDependency[Range],
    token: Token = None,  # noqa: ARG001  # the guard has read it; here it is documented
) -> Response[bytes]:
    """One event per shift that touches [from, to), in UTC; by default from 30 days back to 180 days ahead."""
    async with database.tenant_tx(principal.tenant) as tx:
        now = await tx.now()
        start, end = _window(asked, now)
        library = await load_library(tx, roster_id, start=start, end=end)
        people = library.persons
    try:
        shifts = await asyncio.to_thread(whole_shifts, library.book, roster_id, start=start, end=end)
    except UnknownZoneError as error:
        raise UnusableZoneError(str(error)) from error
    name = library.names[roster_id]
    duties = [Duty(roster_name=name, asked=roster_id, shift=each) for each in shifts]
    return _answer(write_calendar(f"On call: {name}", duties, people, now=now))


@get(
    "/users/{user_id:uuid}/export.ics", operation_id="exportUserShifts", tags=TAGS,
    summary="Somebody's shifts on all rosters as a calendar", guards=[reads_calendar],
    responses={**problems(404, 422), 200: CALENDAR}, dependencies=RANGE, media_type=CALENDAR_TYPE,
)  # fmt: skip
async def export_user(
    user_id: FromPath[UUID],
    principal: NamedDependency[Principal],
    database: NamedDependency[Database],
    asked: NamedDependency[Range],
    token: Token = None,  # noqa: ARG001  # the guard has read it; here it is documented
) -> Response[bytes]:
    """As a roster's. A shift is told once, by its own roster, also where others link to that."""
    async with database.tenant_tx(principal.tenant) as tx:
        now = await tx.now()
        start, end = _window(asked, now)
        person = await store.load_user(tx, user_id)
        library = await books.load_library(tx, None, start=start, end=end)
        people = library.persons
    duties: list[Duty] = []
    for roster_id, roster in library.book.rosters.items():
        if user_id in roster.people:
            duties += await asyncio.to_thread(_duties_of, library, roster_id, user_id, start, end)
    duties.sort(key=lambda each: (each.shift.starts_at, each.roster_name))
    return _answer(write_calendar(f"On call: {person.display_name}", duties, people, now=now))


@post(
    "/rosters/{roster_id:uuid}/feeds", operation_id="createRosterFeed", tags=TAGS,
    summary="An address for calendar programs to subscribe to a roster", guards=[requires("engineer")],
    responses=problems(404),
)  # fmt: skip
async def create_roster_feed(
    request: Request[Any, Any, Any],
    roster_id: FromPath[UUID],
    principal: NamedDependency[Principal],
    outbox: NamedDependency[Outbox],
) -> NewFeed:
    """The token is shown this once. Whoever has the address can read this calendar until it is revoked."""
    async with outbox.tenant_tx(principal.tenant) as tx:
        await rosters.lock_roster(tx, roster_id)
        return await _make(tx, request, principal, FeedFilter(roster_id=roster_id))


@post(
    "/users/{user_id:uuid}/feeds", operation_id="createUserFeed", tags=TAGS,
    summary="An address for calendar programs to subscribe to somebody's shifts", guards=[requires("engineer")],
    responses=problems(404),
)  # fmt: skip
async def create_user_feed(
    request: Request[Any, Any, Any],
    user_id: FromPath[UUID],
    principal: NamedDependency[Principal],
    outbox: NamedDependency[Outbox],
) -> NewFeed:
    """By that person or a manager. The token is shown this once."""
    require_own(principal, [user_id])
    async with outbox.tenant_tx(principal.tenant) as tx:
        await store.load_user(tx, user_id)
        return await _make(tx, request, principal, FeedFilter(user_id=user_id))


@get(
    "/feeds", operation_id="listFeeds", tags=TAGS, summary="Calendar feeds", guards=[requires("manager")],
    responses=problems(422), dependencies=PAGING,
)  # fmt: skip
async def list_feeds(
    principal: NamedDependency[Principal], database: NamedDependency[Database], paging: NamedDependency[Paging]
) -> FeedPage:
    """Newest first, revoked ones included. No tokens."""
    wanted = FeedFilter()
    async with database.tenant_tx(principal.tenant) as tx:
        found = await cut(
            paging,
            lambda limit: store.list_feeds(tx, wanted, below=paging.below, limit=limit),
            count=lambda: store.count_feeds(tx, wanted),
        )
    return FeedPage(items=found.items, next_cursor=found.next_cursor, total=found.total)


@delete(
    "/feeds/{feed_id:uuid}", operation_id="revokeFeed", tags=TAGS, summary="Revoke a calendar feed",
    guards=[requires("engineer")], responses=problems(404), status_code=200,
)  # fmt: skip
async def revoke_feed(
    feed_id: FromPath[UUID], principal: NamedDependency[Principal], outbox: NamedDependency[Outbox]
) -> Removal:
    """A person's by themself, any by a manager. The address answers 401 from now on."""
    async with outbox.tenant_tx(principal.tenant) as tx:
        feed = await store.load_feed(tx, feed_id)
        require_own(principal, [] if feed.user_id is None else [feed.user_id])
        await store.revoke_feed(tx, feed_id)
        await insert_audit(tx, principal.actor, action="revoked", entity="feed", entity_id=feed_id, changes={})
    return Removal(outcome="deleted")


HANDLERS = [
    export_roster, export_user, create_roster_feed, create_user_feed, list_feeds, revoke_feed,
]  # fmt: skip


async def _open(database: Database, token: str) -> tuple[Principal, Feed]:
    """Who holds a feed's token, and the feed. The token begins with the tenant's slug."""
    tenant, _, secret = token.partition(".")
    if not secret or len(token) > _MAX_TOKEN or not token.isascii() or not token.isprintable():
        raise UnauthenticatedError
    try:
        async with database.tenant_tx(tenant) as tx:
            feed = await store.find_feed_by_token(tx, tenant, _hash(token))
    except UnknownTenantError as error:
        raise UnauthenticatedError from error
    if feed is None:
        raise UnauthenticatedError
    return Principal(tenant=tenant, key_id=feed.id, role="readonly", name="calendar feed"), feed


async def _make(tx: Tx, request: Request[Any, Any, Any], who: Principal, wanted: FeedFilter) -> NewFeed:
    token = f"{who.tenant}.{secrets.token_urlsafe(32)}"
    made = new_id()
    await store.insert_feed(tx, made, _hash(token), wanted)
    feed = await store.load_feed(tx, made)
    told: dict[str, object] = {"roster_id": feed.roster_id, "user_id": feed.user_id}
    await insert_audit(tx, who.actor, action="created", entity="feed", entity_id=made, changes=told)
    path = f"users/{feed.user_id}" if feed.roster_id is None else f"rosters/{feed.roster_id}"
    return NewFeed(
        id=feed.id,
        roster_id=feed.roster_id,
        user_id=feed.user_id,
        created_at=feed.created_at,
        revoked_at=None,
        token=token,
        url=f"{base_url(request)}/api/v1/{path}/export.ics?token={token}",
    )


def _duties_of(
    library: books.Library, roster_id: UUID, user_id: UUID, start: datetime, end: datetime
) -> Sequence[Duty]:
    try:
        shifts = whole_shifts(library.book, roster_id, start=start, end=end)
    except UnknownZoneError:  # the roster is named by /rosters/coverage; it must not hide the others
        return []
    name = library.names[roster_id]
    return [
        Duty(roster_name=name, asked=roster_id, shift=each)
        for each in shifts
        if (each.user_id, each.roster_id) == (user_id, roster_id)
    ]


def _window(asked: Range, now: datetime) -> tuple[datetime, datetime]:
    start = asked.start or now - PAST
    end = asked.end or now + AHEAD
    check_span(start, end, names=("from", "to"))
    return start, end


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _answer(body: bytes) -> Response[bytes]:
    headers = {"Content-Disposition": 'inline; filename="on-call.ics"', "Cache-Control": "private, max-age=300"}
    return Response(body, media_type=f"{CALENDAR_TYPE}; charset=utf-8", headers=headers)
