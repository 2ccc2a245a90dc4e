"""The Litestar side: a dependency that gives a handler its `Principal`, and a guard that refuses.

A route needs `guards=[requires("engineer")]`; routes without authentication carry none and are few.
"""

import hmac
from typing import Any
from uuid import UUID

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from litestar.types import Guard

from nightowl_auth.keys import jwt_from_headers, key_from_headers
from nightowl_auth.limits import RateLimiter
from nightowl_auth.oidc.bearer import BearerTokens
from nightowl_auth.principal import Principal, Role
from nightowl_auth.ring import KeyRing
from nightowl_auth.sessions import Sessions, csrf_token
from nightowl_common.db import Database, UnknownTenantError
from nightowl_common.errors import ForbiddenError, UnauthenticatedError

Connection = ASGIConnection[Any, Any, Any, Any]

CSRF_HEADER = "x-csrf-token"
DEV_HEADER = "x-tenant-slug"
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class CsrfError(ForbiddenError):
    """Calls by cookie that change something must send `X-CSRF-Token`; `GET /api/v1/auth/me` tells it."""

    code = "csrf"


class PasswordChangeNeededError(ForbiddenError):
    """The first password opens nothing but its own change: `POST /api/v1/auth/password`."""

    code = "password_change_needed"


async def authenticate(connection: Connection) -> Principal:
    """The caller: by cookie, else bearer (key or JWT), `X-API-Key` or Basic, else (in development) `X-Tenant-Slug`.

    A cookie that is over is passed over, since browsers send it long after; a key that is not valid is not.

    Raises:
        UnauthenticatedError: none of them, or not a valid one.
        CsrfError: by cookie, to change something, without the token that goes with it.
        TransientError: it cannot be checked at this moment.
    """
    principal = await _by_session(connection)
    if principal is not None:
        return principal
    token = jwt_from_headers(connection.headers.get)
    if token is not None:
        return await _by_jwt(connection, token)
    raw = key_from_headers(connection.headers.get)
    if raw is not None:
        ring: KeyRing = connection.app.state.key_ring
        return await ring.verify(raw)
    return await _by_dev_header(connection)


def requires(role: Role, *, before_change: bool = False) -> Guard:
    """Lets callers of at least this role through and notes who they are.

    `before_change`: also those whose password was chosen for them.

    Raises (per request):
        UnauthenticatedError: 401.
        ForbiddenError: 403.
        TooManyCallsError: 429, as often as it is called, refused or not.
    """

    async def guard(connection: Connection, _handler: BaseRouteHandler) -> None:
        principal = await authenticate(connection)
        limiter: RateLimiter | None = connection.app.state.get("limiter")
        if limiter is not None:
            limiter.take(principal.tenant, principal.key_id)
        if not principal.may(role):
            has = principal.role if principal.scope == "full" else f"the scope {principal.scope} only"
            raise ForbiddenError(f"This needs the role {role}; the caller has {has}.")
        if principal.must_change_password and not before_change:
            raise PasswordChangeNeededError
        connection.scope.setdefault("state", {}).update(principal=principal, tenant=principal.tenant)

    guard.required_role = role  # type: ignore[attr-defined]  # read by the permission table
    return guard


def principal_of(request: Request[Any, Any, Any]) -> Principal:
    """For `Provide`: the caller that the guard noted."""
    principal: Principal | None = request.scope.get("state", {}).get("principal")
    if principal is None:
        raise UnauthenticatedError
    return principal


async def _by_session(connection: Connection) -> Principal | None:
    sessions: Sessions | None = connection.app.state.get("sessions")
    token = None if sessions is None else connection.cookies.get(sessions.rules.cookie)
    if sessions is None or token is None:
        return None
    session = await sessions.find(token)
    if session is None:
        return None
    if str(connection.scope.get("method")) not in _SAFE_METHODS:
        sent = connection.headers.get(CSRF_HEADER) or ""
        if not hmac.compare_digest(sent.encode(), csrf_token(token).encode()):
            raise CsrfError
    return session.principal


async def _by_jwt(connection: Connection, token: str) -> Principal:
    """Where the service takes them; elsewhere a JWT is a bad key."""
    tokens: BearerTokens | None = connection.app.state.get("bearer_tokens")
    if tokens is None:
        raise UnauthenticatedError
    return await tokens.verify(token)


async def _by_dev_header(connection: Connection) -> Principal:
    """Whoever says so, where the installation was started for development."""
    slug = connection.headers.get(DEV_HEADER)
    if slug is None or not connection.app.state.get("dev_login", False):
        raise UnauthenticatedError
    database: Database = connection.app.state.database
    try:
        await database.require_tenant(slug)
    except UnknownTenantError as error:
        raise UnauthenticatedError from error
    return Principal(tenant=slug, key_id=UUID(int=0), role="admin", name="development", via="dev")
