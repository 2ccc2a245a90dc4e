"""What all handlers share: dependencies, documented problems, times and revisions in requests."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, TypeVar
from uuid import UUID

import msgspec
from litestar import Litestar, Request
from litestar.datastructures import ResponseHeader, State
from litestar.di import Provide
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import HeaderParameter
from litestar.routes import HTTPRoute

from nightowl_alerting.sealing import MasterKeys
from nightowl_auth import Principal, Sessions, principal_of
from nightowl_common.bus import Bus
from nightowl_common.cache import Cache
from nightowl_common.db import Database
from nightowl_common.errors import FieldProblem, InvalidError, StaleRevisionError
from nightowl_common.outbox import Outbox
from nightowl_common.web import PROBLEM_TYPE, Problem
from nightowl_query.channels.probes import Places
from nightowl_query.store.totals import Totals

FIRST_YEAR, LAST_YEAR = 1970, 2199
"""Times outside are a mistake, and zone arithmetic would overflow on the last of them."""

MAX_TEXT = 1_000

MAX_CONTENT_BYTES = 4 * 1024 * 1024
"""Holds the largest incident or runbook that its own limits allow, however its characters are escaped."""

INSTANT = {"format": "date-time"}
"""For `schema_extra`, with `read`."""

ReadT = TypeVar("ReadT", datetime, UUID, bool)

IfMatch = Annotated[str | None, HeaderParameter(name="If-Match", description="The ETag that was read; else 412.")]
ETAG = ResponseHeader(name="ETag", value='"1"', description="The revision, for `If-Match`.", documentation_only=True)

_READING = frozenset({"GET", "HEAD", "OPTIONS"})

_WORDS = {
    400: "The request cannot be read.",
    401: "No valid session, token or API key.",
    403: "The caller's role does not allow this, `X-CSRF-Token` is missing, or the tenant is suspended.",
    404: "There is no such thing, or it belongs to another tenant.",
    409: "Its state does not allow this.",
    412: "It has changed since the revision in `If-Match`.",
    413: "The body is too large.",
    422: "A parameter or field is not valid; `errors` says which.",
    429: "Too often in a short time; `Retry-After`, where there is one, says when to come again.",
    503: "Not possible at this moment; try again.",
}


def problems(*statuses: int) -> Mapping[int, ResponseSpec]:
    """For `responses=`: the error answers of an operation. What every operation can answer is included."""
    return {
        status: ResponseSpec(Problem, description=_WORDS[status], media_type=PROBLEM_TYPE, generate_examples=False)
        for status in sorted({400, 401, 403, 429, 503, *statuses})
    }


def _database(state: State) -> Database:
    database: Database = state.database
    return database


def _outbox(state: State) -> Outbox:
    outbox: Outbox = state.outbox
    return outbox


def _bus(state: State) -> Bus:
    bus: Bus = state.bus
    return bus


def _cache(state: State) -> Cache:
    cache: Cache = state.cache
    return cache


def _sessions(state: State) -> Sessions:
    sessions: Sessions = state.sessions
    return sessions


def _master_keys(state: State) -> MasterKeys:
    master_keys: MasterKeys = state.master_keys
    return master_keys


def _places(state: State) -> Places:
    places: Places = state.places
    return places


def _totals(state: State) -> Totals:
    totals: Totals = state.totals
    return totals


DEPENDENCIES = {
    "totals": Provide(_totals, sync_to_thread=False),
    "places": Provide(_places, sync_to_thread=False),
    "master_keys": Provide(_master_keys, sync_to_thread=False),
    "principal": Provide(principal_of, sync_to_thread=False),
    "database": Provide(_database, sync_to_thread=False),
    "outbox": Provide(_outbox, sync_to_thread=False),
    "bus": Provide(_bus, sync_to_thread=False),
    "cache": Provide(_cache, sync_to_thread=False),
    "sessions": Provide(_sessions, sync_to_thread=False),
}


def provide_in_turn(app: Litestar) -> Litestar:
    """Has what handlers depend on provided one after the other.

    Litestar makes a task for each dependency of a call, in a group of their own. Ours wait for nothing, and that group
    cost more than all of them.
    """
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            for _handler, model in route.route_handler_map.values():
                model.dependency_batches = [{each} for batch in model.dependency_batches for each in batch]
    return app


async def refuse_suspended(request: Request[Any, Any, Any]) -> None:
    """For `Litestar(before_request=…)`: a suspended tenant is read-only.

    Raises:
        TenantSuspendedError: the call is more than reading.
    """
    principal: Principal | None = request.scope.get("state", {}).get("principal")
    if principal is not None and request.method not in _READING:
        request.app.state.database.require_active(principal.tenant)


def read(value: str | None, kind: type[ReadT], *, field: str) -> ReadT | None:
    """A query parameter that is no text. Litestar alone would take `null` for absent, and a number for a time.

    Raises:
        InvalidError: it cannot be read as that.
    """
    try:
        return None if value is None else msgspec.convert(value, kind, strict=kind is not bool)
    except msgspec.ValidationError as error:
        raise InvalidError(fields=[FieldProblem(field=field, reason=str(error))]) from error


def moment(value: datetime | None, *, field: str) -> datetime | None:
    """A time from a request.

    Raises:
        InvalidError: it has no offset, or its year cannot be meant.
    """
    if value is None:
        return None
    if value.tzinfo is None:
        raise InvalidError(fields=[FieldProblem(field=field, reason="needs an offset, such as Z or %2B01:00")])
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise InvalidError(fields=[FieldProblem(field=field, reason=f"a year from {FIRST_YEAR} to {LAST_YEAR}")])
    return value


def instant(value: str | None, *, field: str) -> datetime | None:
    """A time that is a query parameter.

    Raises:
        InvalidError: it is none, it has no offset, or its year cannot be meant.
    """
    return moment(read(value, datetime, field=field), field=field)


def text(value: str | None, *, field: str) -> str | None:
    """A text from a request.

    Raises:
        InvalidError: too long, or with the one character that Postgres cannot store.
    """
    if value is not None and ("\x00" in value or len(value) > MAX_TEXT):
        raise InvalidError(
            fields=[FieldProblem(field=field, reason=f"at most {MAX_TEXT} characters, none of them NUL")]
        )
    return value


def words(value: str | None, *, field: str) -> list[str]:
    """The words of a search from a request, each of which must be found; none: everything fits.

    Raises:
        InvalidError: too long, or with the one character that Postgres cannot store.
    """
    return (text(value, field=field) or "").split()


def texts(values: Sequence[str] | None, *, field: str) -> Sequence[str] | None:
    """Several texts from a request, each like `text`.

    Raises:
        InvalidError: one of them is not valid.
    """
    for each in values or ():
        text(each, field=field)
    return values


def etag(version: int) -> str:
    """The entity tag of a revision."""
    return f'"{version}"'


def require_revision(if_match: str | None, version: int) -> None:
    """Does nothing when the caller named no revision, or the current one (RFC 9110, section 13.1.1).

    Raises:
        StaleRevisionError: the caller has seen an older one.
    """
    if if_match is None or if_match.strip() == "*":
        return
    if etag(version) not in [each.strip() for each in if_match.split(",")]:
        raise StaleRevisionError


def base_url(request: Request[Any, Any, Any]) -> str:
    """Where browsers reach us, without a slash at the end: as it is configured, else as the caller did."""
    configured: str = request.app.state.get("public_url") or str(request.base_url)
    return configured.rstrip("/")
