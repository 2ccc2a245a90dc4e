"""The Litestar side: a dependency that gives a handler its `Principal`, and a guard that refuses.

A route needs `guards=[requires("engineer")]`; routes without authentication carry none and are few.
"""

from typing import Any

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from litestar.types import Guard

from nightowl_auth.keys import key_from_headers
from nightowl_auth.principal import Principal, Role
from nightowl_auth.ring import KeyRing
from nightowl_common.errors import ForbiddenError, UnauthenticatedError


async def authenticate(connection: ASGIConnection[Any, Any, Any, Any]) -> Principal:
    """The caller, verified against the `key_ring` in the application's state.

    Raises:
        UnauthenticatedError: no key, or not a valid one.
    """
    raw = key_from_headers(connection.headers.get)
    if raw is None:
        raise UnauthenticatedError
    ring: KeyRing = connection.app.state.key_ring
    return await ring.verify(raw)


def requires(role: Role) -> Guard:
    """Lets callers of at least this role through and notes who they are.

    Raises (per request):
        UnauthenticatedError: 401.
        ForbiddenError: 403.
    """

    async def guard(connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler) -> None:
        principal = await authenticate(connection)
        if not principal.may(role):
            has = principal.role if principal.scope == "full" else f"the scope {principal.scope} only"
            raise ForbiddenError(f"This needs the role {role}; the caller has {has}.")
        connection.scope.setdefault("state", {})["principal"] = principal

    guard.required_role = role  # type: ignore[attr-defined]  # read by the permission table
    return guard


def principal_of(request: Request[Any, Any, Any]) -> Principal:
    """For `Provide`: the caller that the guard noted."""
    principal: Principal | None = request.scope.get("state", {}).get("principal")
    if principal is None:
        raise UnauthenticatedError
    return principal
