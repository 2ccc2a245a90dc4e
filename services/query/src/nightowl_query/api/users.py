"""People: who they are, what they may, and what happens when they leave."""

from collections.abc import Sequence
from uuid import UUID

import msgspec
from litestar import Response, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from nightowl_alerting.store import insert_audit
from nightowl_auth import Principal, end_sessions_of, lower_keys_of, requires, revoke_keys_of
from nightowl_common.db import Database, Tx
from nightowl_common.errors import FieldProblem, InvalidError
from nightowl_common.ids import new_id
from nightowl_common.outbox import Outbox
from nightowl_query.api.edge import ETAG, IfMatch, etag, problems, require_revision
from nightowl_query.api.roster_changes import require_own
from nightowl_query.engine.rosters import check_zone
from nightowl_query.model.identity import (
    ADMIN_ONLY,
    MAX_PREFERENCES_BYTES,
    AdminOnlyError,
    Deactivation,
    LastAdminError,
    UserChange,
    UserDetail,
    UserNew,
)
from nightowl_query.store import users as store

TAGS = ["People"]


@post(
    "/users", operation_id="createUser", tags=TAGS, summary="Add a person", guards=[requires("admin")],
    responses=problems(409, 413, 422), response_headers=[ETAG],
)  # fmt: skip
async def create_user(
    data: JSONBody[UserNew], principal: NamedDependency[Principal], outbox: NamedDependency[Outbox]
) -> Response[UserDetail]:
    """They can be on call at once, and sign in as soon as they have a token or an `external_id`."""
    _require_sense(data.timezone, data.preferences)
    async with outbox.tenant_tx(principal.tenant) as tx:
        made = new_id()
        await store.insert_user(tx, made, data)
        content = msgspec.structs.asdict(data).items()
        told: dict[str, object] = {name: [None, value] for name, value in content if name != "preferences"}
        await _audit(tx, principal, made, action="created", changes=told)
        return _answer(await store.load_user(tx, made), status=201)


@get(
    "/users/{user_id:uuid}", operation_id="getUser", tags=TAGS, summary="One person",
    guards=[requires("readonly")], responses=problems(404), response_headers=[ETAG],
)  # fmt: skip
async def get_user(
    user_id: FromPath[UUID], principal: NamedDependency[Principal], database: NamedDependency[Database]
) -> Response[UserDetail]:
    """The `ETag` is the revision that `If-Match` takes."""
    async with database.tenant_tx(principal.tenant) as tx:
        return _answer(await store.load_user(tx, user_id))


@patch(
    "/users/{user_id:uuid}", operation_id="changeUser", tags=TAGS, summary="Change a person",
    guards=[requires("readonly")], responses=problems(404, 409, 412, 413, 422), response_headers=[ETAG],
)  # fmt: skip
async def change_user(
    user_id: FromPath[UUID],
    data: JSONBody[UserChange],
    principal: NamedDependency[Principal],
    outbox: NamedDependency[Outbox],
    if_match: IfMatch = None,
) -> Response[UserDetail]:
    """By themself or a manager; e-mail, role and external id by an admin. A lower role lowers their keys in 5 s."""
    wanted = {name: value for name, value in msgspec.structs.asdict(data).items() if value is not msgspec.UNSET}
    async with outbox.tenant_tx(principal.tenant) as tx:
        admins = await store.lock_admins(tx) if "role" in wanted else []
        before = await store.lock_user(tx, user_id)
        require_own(principal, [user_id])
        require_revision(if_match, before.revision)
        after = msgspec.structs.replace(before, **wanted)
        changes = _difference(before, after)
        if not principal.may("admin") and changes.keys() & set(ADMIN_ONLY):
            raise AdminOnlyError
        if changes:
            _require_sense(after.timezone, after.preferences)
            _require_admin_left(before, after, admins)
            await store.update_user(tx, after)
            await lower_keys_of(tx, user_id, tenant=principal.tenant, role=after.role)
            await _audit(tx, principal, user_id, action="updated", changes=changes)
        return _answer(await store.load_user(tx, user_id))


@post(
    "/users/{user_id:uuid}/deactivate", operation_id="deactivateUser", tags=TAGS, summary="A person leaves",
    guards=[requires("admin")], responses=problems(404, 409), status_code=200,
)  # fmt: skip
async def deactivate_user(
    user_id: FromPath[UUID], principal: NamedDependency[Principal], outbox: NamedDependency[Outbox]
) -> Deactivation:
    """Nobody pages them any more; their keys, feeds and sessions are over within 5 s. What was theirs is kept."""
    async with outbox.tenant_tx(principal.tenant) as tx:
        admins = await store.lock_admins(tx)
        before = await store.lock_user(tx, user_id)
        after = msgspec.structs.replace(before, is_active=False)
        _require_admin_left(before, after, admins)
        if before.is_active:
            await store.update_user(tx, after)
        keys = await revoke_keys_of(tx, user_id, tenant=principal.tenant)
        feeds = await store.revoke_feeds(tx, user_id)
        sessions = await end_sessions_of(tx, user_id, tenant=principal.tenant)
        told: dict[str, object] = {"revoked_keys": keys, "revoked_feeds": feeds, "ended_sessions": sessions}
        if before.is_active:
            await _audit(tx, principal, user_id, action="deactivated", changes=told)
        return Deactivation(
            user=await store.load_user(tx, user_id),
            revoked_keys=keys,
            revoked_feeds=feeds,
            ended_sessions=sessions,
            used_by=await store.list_uses(tx, user_id),
        )


@post(
    "/users/{user_id:uuid}/reactivate", operation_id="reactivateUser", tags=TAGS, summary="A person comes back",
    guards=[requires("admin")], responses=problems(404), status_code=200, response_headers=[ETAG],
)  # fmt: skip
async def reactivate_user(
    user_id: FromPath[UUID], principal: NamedDependency[Principal], outbox: NamedDependency[Outbox]
) -> Response[UserDetail]:
    """They are on their rosters again. Keys stay revoked: they get new ones."""
    async with outbox.tenant_tx(principal.tenant) as tx:
        before = await store.lock_user(tx, user_id)
        if not before.is_active:
            await store.update_user(tx, msgspec.structs.replace(before, is_active=True))
            await _audit(tx, principal, user_id, action="reactivated", changes={})
        return _answer(await store.load_user(tx, user_id))


HANDLERS = [create_user, get_user, change_user, deactivate_user, reactivate_user]


def _difference(before: UserDetail, after: UserDetail) -> dict[str, object]:
    """Field → before and after; of preferences only that they have changed."""
    changes: dict[str, object] = {
        name: [getattr(before, name), getattr(after, name)]
        for name in before.__struct_fields__
        if getattr(before, name) != getattr(after, name)
    }
    return {**changes, "preferences": "replaced"} if "preferences" in changes else changes


def _require_sense(timezone: str, preferences: dict[str, object]) -> None:
    """Raises:
    InvalidError: no such time zone, or preferences that are too large or cannot be stored.
    """
    wrong = check_zone(timezone, "$")
    encoded = msgspec.json.encode(preferences)
    if len(encoded) > MAX_PREFERENCES_BYTES or b"\\u0000" in encoded:
        reason = f"at most {MAX_PREFERENCES_BYTES} bytes as JSON, without NUL"
        wrong.append(FieldProblem(field="$.preferences", reason=reason))
    if wrong:
        raise InvalidError(fields=wrong)


def _require_admin_left(before: UserDetail, after: UserDetail, admins: Sequence[UUID]) -> None:
    """Raises:
    LastAdminError: after this change nobody would be an active admin.
    """
    is_removed = before.id in admins and not (after.role == "admin" and after.is_active)
    if is_removed and list(admins) == [before.id]:
        raise LastAdminError


async def _audit(tx: Tx, who: Principal, user_id: UUID, *, action: str, changes: dict[str, object]) -> None:
    await insert_audit(tx, who.actor, action=action, entity="user", entity_id=user_id, changes=changes)


def _answer(user: UserDetail, *, status: int = 200) -> Response[UserDetail]:
    return Response(user, status_code=status, headers={"ETag": etag(user.revision)})
