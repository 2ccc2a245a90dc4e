"""Signing in with a password, signing out, and who one is."""

from typing import Annotated, Any

from litestar import Request, Response, get, post
from litestar.datastructures import Cookie
from litestar.di import NamedDependency
from litestar.openapi.spec.enums import OpenAPIType
from litestar.params import JSONBody, QueryParameter

from nightowl_alerting.store import insert_audit
from nightowl_auth import (
    CsrfError,
    LocalAdmin,
    NewSession,
    Principal,
    SessionRules,
    Sessions,
    begin_session,
    csrf_token,
    end_session,
    end_sessions_of,
    end_sessions_of_admin,
    hash_in_thread,
    load_admin,
    lock_admin,
    note_failure,
    note_success,
    require_good_password,
    requires,
    set_password,
    verify_password,
)
from nightowl_common import clock
from nightowl_common.db import Database, Tx
from nightowl_common.outbox import Outbox
from nightowl_contracts import Actor
from nightowl_query.api.edge import problems, read
from nightowl_query.api.preferences import load_kept
from nightowl_query.engine.preferences import read_preferences
from nightowl_query.model.signing_in import Me, PasswordChange, SessionNeededError, SignIn, SignInRefusedError

TAGS = ["Signing in"]
REFUSAL_SECONDS = 1.0
"""A refusal takes so long, whatever its reason: neither names nor lock-outs can be told from its time."""

Everywhere = Annotated[
    str | None,
    QueryParameter(description="All sessions of the caller.", schema_extra={"type": OpenAPIType.BOOLEAN}),
]


@post(
    "/auth/login", operation_id="signIn", tags=TAGS, summary="Sign in with a password", responses=problems(413, 422),
    status_code=200, exclude_from_auth=True,
)  # fmt: skip
async def sign_in(
    request: Request[Any, Any, Any],
    data: JSONBody[SignIn],
    database: NamedDependency[Database],
    outbox: NamedDependency[Outbox],
    sessions: NamedDependency[Sessions],
) -> Response[Me]:
    """Sets a cookie that scripts cannot read; another site cannot ask for that.

    After five wrong passwords in a row nobody gets in for 15 minutes, not even with the right one.
    """
    if request.headers.get("sec-fetch-site") == "cross-site":
        raise CsrfError
    started = clock.monotonic_seconds()
    _limit(request)
    async with database.global_tx() as tx:
        admin = await load_admin(tx, data.tenant, data.username)
    is_right = await verify_password(None if admin is None else admin.password_hash, data.password)
    if admin is not None:
        async with outbox.tenant_tx(admin.tenant) as tx:
            begun = await _decide(tx, admin, sessions.rules, is_right=is_right)
            if begun is not None:
                await end_session(tx, request.cookies.get(sessions.rules.cookie, ""))
                return _welcome(admin, begun, sessions.rules, must_change=admin.must_change)
    await clock.sleep(max(0.0, REFUSAL_SECONDS - (clock.monotonic_seconds() - started)))
    raise SignInRefusedError


@post(
    "/auth/password", operation_id="changePassword", tags=TAGS, summary="Change one's password",
    guards=[requires("readonly", before_change=True)], responses=problems(413, 422), status_code=200,
)  # fmt: skip
async def change_password(
    data: JSONBody[PasswordChange],
    principal: NamedDependency[Principal],
    outbox: NamedDependency[Outbox],
    sessions: NamedDependency[Sessions],
) -> Response[Me]:
    """Ends all sessions of the caller and begins a new one: there is another cookie in the answer."""
    if principal.local_admin_id is None:
        raise SessionNeededError
    require_good_password(data.new, username=principal.name, current=data.current)
    async with outbox.tenant_tx(principal.tenant) as tx:
        admin = await lock_admin(tx, principal.local_admin_id)
    is_right = admin is not None and await verify_password(admin.password_hash, data.current)
    hashed = await hash_in_thread(data.new)
    if admin is not None:
        async with outbox.tenant_tx(principal.tenant) as tx:
            begun = await _decide(tx, admin, sessions.rules, is_right=is_right, new_hash=hashed)
            if begun is not None:
                return _welcome(admin, begun, sessions.rules, must_change=False)
    raise SignInRefusedError


@post(
    "/auth/logout", operation_id="signOut", tags=TAGS, summary="Sign out",
    guards=[requires("readonly", before_change=True)], responses=problems(422), status_code=204,
)  # fmt: skip
async def sign_out(
    request: Request[Any, Any, Any],
    principal: NamedDependency[Principal],
    outbox: NamedDependency[Outbox],
    sessions: NamedDependency[Sessions],
    everywhere: Everywhere = None,
) -> Response[None]:
    """The session is over at once here and within 5 s everywhere. With a key in place of a cookie: 403."""
    is_everywhere = read(everywhere, bool, field="everywhere") or False
    if principal.via != "session":
        raise SessionNeededError
    token = request.cookies[sessions.rules.cookie]
    async with outbox.tenant_tx(principal.tenant) as tx:
        await end_session(tx, token)
        if is_everywhere and principal.user_id is not None:
            await end_sessions_of(tx, principal.user_id, tenant=principal.tenant)
        elif is_everywhere and principal.local_admin_id is not None:
            await end_sessions_of_admin(tx, principal.local_admin_id)
    sessions.forget(token)
    return Response(None, status_code=204, cookies=[session_cookie(sessions.rules, "", max_age=0)])


@get(
    "/auth/me", operation_id="getMe", tags=TAGS, summary="Who the caller is",
    guards=[requires("readonly", before_change=True)], responses=problems(404),
)  # fmt: skip
async def get_me(
    request: Request[Any, Any, Any],
    principal: NamedDependency[Principal],
    database: NamedDependency[Database],
    sessions: NamedDependency[Sessions],
) -> Response[Me]:
    """By whichever way they came in, with what they prefer; with a cookie, the token that goes with it."""
    kept = await load_kept(database, principal)
    token = request.cookies.get(sessions.rules.cookie) if principal.via == "session" else None
    session = None if token is None else await sessions.find(token)
    me = Me(
        tenant=principal.tenant,
        name=principal.name,
        role=principal.role,
        via=principal.via,
        user_id=principal.user_id,
        must_change_password=principal.must_change_password,
        csrf_token=None if token is None else csrf_token(token),
        expires_at=None if session is None else session.expires_at,
        timezone=kept.timezone,
        preferences=read_preferences(kept.preferences),
    )
    return Response(me, headers={"Cache-Control": "no-store"})


HANDLERS = [sign_in, change_password, sign_out, get_me]


def _limit(request: Request[Any, Any, Any]) -> None:
    """Raises:
    TooManyCallsError: too many attempts from this address.
    """
    if request.client is not None:
        request.app.state.sign_ins.take(request.client.host)


async def _decide(
    tx: Tx, seen: LocalAdmin, rules: SessionRules, *, is_right: bool, new_hash: str | None = None
) -> NewSession | None:
    """Under the admin's lock: counts, locks out, or lets in (with another password, if there is one)."""
    admin = await lock_admin(tx, seen.id)
    if admin is None or admin.is_locked(await tx.now()):
        return None
    if not is_right or admin.password_hash != seen.password_hash:
        is_out = await note_failure(tx, admin)
        await _audit(tx, admin, "locked_out" if is_out else "sign_in_refused")
        return None
    if new_hash is None:
        await note_success(tx, admin)
        await _audit(tx, admin, "signed_in")
    else:
        await set_password(tx, admin.id, new_hash, must_change=False)
        await _audit(tx, admin, "changed_password")
    return await begin_session(tx, rules, tenant=admin.tenant, local_admin_id=admin.id)


async def _audit(tx: Tx, admin: LocalAdmin, action: str) -> None:
    actor = Actor(kind="user", id=str(admin.id), name=admin.username)
    await insert_audit(tx, actor, action=action, entity="local_admin", entity_id=admin.id, changes={})


def _welcome(admin: LocalAdmin, begun: NewSession, rules: SessionRules, *, must_change: bool) -> Response[Me]:
    me = Me(
        tenant=admin.tenant,
        name=admin.username,
        role="admin",
        via="session",
        user_id=None,
        must_change_password=must_change,
        csrf_token=csrf_token(begun.token),
        expires_at=begun.expires_at,
    )
    cookie = session_cookie(rules, begun.token, max_age=int(rules.lifetime.total_seconds()))
    return Response(me, cookies=[cookie], headers={"Cache-Control": "no-store"})


def session_cookie(rules: SessionRules, token: str, *, max_age: int) -> Cookie:
    """The session's cookie; `max_age` 0 takes it back."""
    return Cookie(
        key=rules.cookie, value=token, path="/", max_age=max_age, secure=rules.is_secure, httponly=True, samesite="lax"
    )  # fmt: skip
