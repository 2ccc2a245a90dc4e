"""The HTTP edge that all services share: problem+json, request ids, health and metrics routes.

Every error answer is `application/problem+json` (RFC 9457) with a stable `code`, the request id and, for bad
input, the fields. Litestar's own errors are given the same form.
"""

import re
from collections.abc import Sequence
from typing import Any

import msgspec
from litestar import MediaType, Request, Response, get
from litestar.enums import ScopeType
from litestar.exceptions import HTTPException, ValidationException
from litestar.handlers import HTTPRouteHandler
from litestar.middleware import ASGIMiddleware
from litestar.openapi.datastructures import ResponseSpec
from litestar.status_codes import HTTP_500_INTERNAL_SERVER_ERROR
from litestar.types import (
    ASGIApp,
    BeforeMessageSendHookHandler,
    ExceptionHandlersMap,
    HTTPScope,
    LifeSpanReceive,
    LifeSpanScope,
    LifeSpanSend,
    Message,
    Receive,
    Scope,
    Send,
)

from nightowl_common import clock
from nightowl_common.errors import FieldProblem, InvalidError, NightOwlError
from nightowl_common.health import Health
from nightowl_common.ids import new_id
from nightowl_common.logs import get_logger
from nightowl_common.telemetry import CONTENT_TYPE_LATEST, given_trace, scrape, span
from nightowl_common.telemetry.metrics import REQUEST_SECONDS, UNEXPECTED_ERRORS

log = get_logger(__name__)

PROBLEM_TYPE = "application/problem+json"

_TITLES = {
    400: "Malformed request",
    401: "Unauthenticated",
    403: "Forbidden",
    404: "Not found",
    405: "Method not allowed",
    409: "Conflict",
    412: "Changed in the meantime",
    413: "Too large",
    415: "Unsupported media type",
    422: "Invalid input",
    429: "Too many calls",
    500: "Internal error",
    503: "Unavailable, try again",
}
_CODES = {404: "not_found", 405: "method_not_allowed", 413: "too_large", 415: "unsupported_media_type"}
_NAMED = re.compile(r"(?:missing required|contains unknown) field `(?P<name>[^`]+)`")
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
RETRY_AFTER_SECONDS = 5
_BASIC, _BEARER = 'Basic realm="NightOwl", charset="UTF-8"', 'Bearer realm="NightOwl"'
_QUIET = frozenset({"/healthz", "/readyz", "/metrics"})
"""Asked every few seconds by machines; a line each would bury the rest."""


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """RFC 9457 problem details. `code` is stable and for programs; `detail` is for people."""

    title: str
    status: int
    code: str
    detail: str
    request_id: str
    errors: list[FieldProblem] = []


_SAFE_HEADERS = {
    b"content-security-policy": b"default-src 'none'; frame-ancestors 'none'",
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
    b"cache-control": b"no-store",
}
"""On each answer that says nothing else: no page of ours is framed, no answer is guessed at or kept."""

_ONLY_TLS = b"max-age=31536000"


def safe_headers(*, public_url: str | None) -> BeforeMessageSendHookHandler:
    """For `Litestar(before_send=[…])`: the headers that browsers need on every answer, errors included.

    With https in `public_url`, browsers are told to come by TLS alone from then on.
    """
    added = dict(_SAFE_HEADERS)
    if public_url is not None and public_url.startswith("https://"):
        added[b"strict-transport-security"] = _ONLY_TLS

    async def add(message: Message, _scope: Scope) -> None:
        if message["type"] == "http.response.start":
            there = {name.lower() for name, _ in message["headers"]}
            missing = [(name, value) for name, value in added.items() if name not in there]
            message["headers"] = [*message["headers"], *missing]

    return add


def problem(error: NightOwlError, request_id: str) -> Problem:
    """The answer's body for one of our errors. What went wrong inside is logged, not told."""
    if not error.is_told:
        log.warning("request_refused", code=error.code, error=error.detail, request_id=request_id)
    return Problem(
        title=_TITLES.get(error.status, "Error"),
        status=error.status,
        code=error.code,
        detail=error.detail if error.is_told else error.default_detail(),
        request_id=request_id,
        errors=error.fields,
    )


def problem_headers(error: NightOwlError, *, is_for_script: bool = False) -> dict[str, str]:
    """Headers that belong to an error: how to authenticate, when to come again.

    A page's own script asks the person itself; offered Basic, the browser would open its window for a password.
    """
    if error.retry_after_seconds is not None:
        return {"Retry-After": str(error.retry_after_seconds)}
    match error.status:
        case 401:
            return {"WWW-Authenticate": _BEARER if is_for_script else _BASIC}
        case 503:
            return {"Retry-After": str(RETRY_AFTER_SECONDS)}
        case _:
            return {}


def request_id_of(given: str | None) -> str:
    """The caller's `X-Request-ID` if it is harmless, else a new one."""
    return given if given is not None and _REQUEST_ID.fullmatch(given) else str(new_id())


def exception_handlers() -> ExceptionHandlersMap:
    """For `Litestar(exception_handlers=…)`."""
    return {NightOwlError: _on_our_error, HTTPException: _on_litestar_error, Exception: _on_unexpected}


def _on_our_error(request: Request[Any, Any, Any], error: NightOwlError) -> Response[Problem]:
    is_for_script = request.headers.get("sec-fetch-mode", "navigate") != "navigate"
    headers = problem_headers(error, is_for_script=is_for_script)
    return _answer(request, problem(error, _request_id(request)), headers=headers)


def _on_litestar_error(request: Request[Any, Any, Any], error: HTTPException) -> Response[Problem]:
    if error.status_code == HTTP_500_INTERNAL_SERVER_ERROR:
        return _on_unexpected(request, error)
    status = 422 if isinstance(error, ValidationException) else error.status_code
    body = Problem(
        title=_TITLES.get(status, "Error"),
        status=status,
        code=_CODES.get(status, "invalid" if status in {400, 422} else "error"),
        detail=_detail(error),
        request_id=_request_id(request),
        errors=_fields(error),
    )
    return _answer(request, body, headers=dict(error.headers or {}))


def _answer(request: Request[Any, Any, Any], body: Problem, *, headers: dict[str, str]) -> Response[Problem]:
    if "request_id" not in request.scope.get("state", {}):  # no route matched, so no `RequestLog` adds it
        headers = {**headers, "X-Request-ID": body.request_id}
    return Response(body, status_code=body.status, media_type=PROBLEM_TYPE, headers=headers)


def _on_unexpected(request: Request[Any, Any, Any], error: Exception) -> Response[Problem]:
    UNEXPECTED_ERRORS.inc()
    log.error("request_failed", path=request.url.path, exc_info=error)
    return _on_our_error(request, NightOwlError("Something went wrong inside; the request id finds it in the logs."))


def _detail(error: HTTPException) -> str:
    return error.detail.split(" for ")[0] if isinstance(error, ValidationException) else error.detail


def _fields(error: HTTPException) -> list[FieldProblem]:
    extra: object = getattr(error, "extra", None)
    if not isinstance(extra, Sequence) or isinstance(extra, str):
        return []
    return [
        FieldProblem(field=str(each.get("key", "$")), reason=str(each.get("message", "invalid")))
        for each in extra
        if isinstance(each, dict)
    ]


def _request_id(request: Request[Any, Any, Any]) -> str:
    value: str = request.scope.get("state", {}).get("request_id") or request_id_of(request.headers.get("x-request-id"))
    return value


class StrictRequest(Request[Any, Any, Any]):
    """For `Litestar(request_class=…)`: a JSON body is read as exactly the type that its handler takes.

    Litestar alone reads leniently, as it must read a query string: 0 for false, "null" for null, a number for a time.
    """

    async def json(self) -> Any:
        """The body as the handler's type.

        Raises:
            InvalidError: JSON of another shape; says where.
        """
        wanted = self.route_handler.parsed_data_field
        if wanted is None:
            return await super().json()
        try:
            return msgspec.json.decode(await self.body(), type=wanted.annotation)
        except msgspec.ValidationError as error:
            raise InvalidError(fields=[_locate(error)]) from error
        except (msgspec.DecodeError, UnicodeDecodeError):
            return await super().json()  # which says what is wrong with JSON that is none


def _locate(error: msgspec.ValidationError) -> FieldProblem:
    reason, _, place = str(error).partition(" - at `")
    named = _NAMED.search(reason)
    path = place.removesuffix("`") or "$"
    return FieldProblem(field=path if named is None else f"{path}.{named['name']}", reason=reason)


class RequestLog(ASGIMiddleware):
    """Gives each request an id, writes one line and one measurement for it."""

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Wraps the rest of the application."""
        if scope["type"] != ScopeType.HTTP:
            await next_app(scope, receive, send)
            return
        if scope["path"] in _QUIET:
            await self._handle(scope, receive, send, next_app)
            return
        given = dict(scope["headers"]).get(b"traceparent")
        trace = given_trace(given.decode("latin-1") if given else None)
        with span(scope["method"], trace, kind="server") as request:
            status = await self._handle(scope, receive, send, next_app)
            request.rename(f"{scope['method']} {_template(scope)}")
            request.note(status=status, request_id=scope["state"]["request_id"])

    async def _handle(self, scope: HTTPScope, receive: Receive, send: Send, next_app: ASGIApp) -> int:
        """Answers; returns the status."""
        started = clock.monotonic_seconds()
        given = dict(scope["headers"]).get(b"x-request-id")
        request_id = request_id_of(given.decode("latin-1") if given else None)
        scope.setdefault("state", {})["request_id"] = request_id
        status = 500

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", request_id.encode())]
            await send(message)

        try:
            await next_app(scope, receive, send_with_id)
        finally:
            _tell(scope, status=status, seconds=clock.monotonic_seconds() - started, request_id=request_id)
        return status


def _template(scope: HTTPScope) -> str:
    return str(scope.get("path_template", "unmatched"))


def _tell(scope: HTTPScope, *, status: int, seconds: float, request_id: str) -> None:
    path = _template(scope)
    REQUEST_SECONDS.labels(scope["method"], path, str(status)).observe(seconds)
    if path not in _QUIET:
        milliseconds = round(seconds * 1000, 1)
        client = scope["client"]
        address = None if client is None else client[0]
        log.info(
            "request", method=scope["method"], path=path, status=status, ms=milliseconds, address=address,
            request_id=request_id, tenant=scope["state"].get("tenant"),
        )  # fmt: skip


class TrustedProxies:
    """An ASGI application behind so many proxies: callers have the address and the scheme that those report.

    Only what the nearest `count` proxies appended is read, from the right of `X-Forwarded-For` and
    `X-Forwarded-Proto`; what stands left of it came from the caller and may say anything.
    """

    def __init__(self, app: ASGIApp, *, count: int) -> None:
        self._app = app
        self._count = count

    async def __call__(
        self, scope: Scope | LifeSpanScope, receive: Receive | LifeSpanReceive, send: Send | LifeSpanSend
    ) -> None:
        """Passes the request on."""
        if scope["type"] != "lifespan" and self._count:
            address = _from_right(scope, b"x-forwarded-for", self._count)
            if address is not None:
                scope["client"] = (address, 0)
            scheme = _from_right(scope, b"x-forwarded-proto", 1)
            if scheme in {"http", "https"}:
                scope["scheme"] = scheme
        await self._app(scope, receive, send)  # type: ignore[arg-type]  # whatever came, it goes as it came


def _from_right(scope: Scope, name: bytes, place: int) -> str | None:
    """An entry of a list header, counted from the right and from 1; None when it has fewer, or none there."""
    lines = [value.decode("latin-1") for given, value in scope["headers"] if given == name]
    entries = [each.strip() for line in lines for each in line.split(",")]
    return (entries[-place] or None) if 0 < place <= len(entries) else None


class Readiness(msgspec.Struct, frozen=True, kw_only=True):
    """`failing` names each check that fails and says why."""

    status: str
    failing: dict[str, str] = {}


def health_routes(health: Health) -> list[HTTPRouteHandler]:
    """`/healthz`, `/readyz` and `/metrics`, without authentication."""

    @get("/healthz", operation_id="healthz", tags=["System"], summary="The process is alive", sync_to_thread=False)
    def healthz() -> Readiness:
        """Answers as long as the event loop runs; asks nothing else."""
        return Readiness(status="ok")

    @get(
        "/readyz", operation_id="readyz", tags=["System"], summary="The process can do its work",
        responses={503: ResponseSpec(Readiness, description="It cannot; `failing` says why.", generate_examples=False)},
    )  # fmt: skip
    async def readyz() -> Response[Readiness]:
        """Asks what the process depends on."""
        failing = await health.failures()
        if failing:
            return Response(Readiness(status="not ready", failing=failing), status_code=503)
        return Response(Readiness(status="ready"), status_code=200)

    @get(
        "/metrics", operation_id="metrics", tags=["System"], summary="Prometheus metrics",
        media_type=MediaType.TEXT, sync_to_thread=False,
    )  # fmt: skip
    def metrics() -> Response[bytes]:
        """In Prometheus' text format."""
        return Response(scrape(), media_type=CONTENT_TYPE_LATEST)

    return [healthz, readyz, metrics]
