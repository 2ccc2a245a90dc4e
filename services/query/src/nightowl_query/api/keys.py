"""API keys: how the calls made with them are signed and read."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from nightowl_alerting.knowledge.model import Removal
from nightowl_alerting.store import insert_audit
from nightowl_auth import (
    ROLES,
    KeyNotFoundError,
    Principal,
    Role,
    check_mapping,
    count_keys,
    insert_key,
    list_keys,
    load_mapping,
    lock_key,
    lock_new_key,
    make_key,
    requires,
    revoke_key,
    update_mapping,
    update_webhook_secret,
)
from nightowl_common.db import Database, Tx
from nightowl_common.errors import FieldProblem, InvalidError
from nightowl_common.outbox import Outbox
from nightowl_query.api.edge import moment, problems
from nightowl_query.api.paging import PAGING, Paging, cut
from nightowl_query.api.roster_changes import require_people
from nightowl_query.api.tables import TableOperation, answer_table
from nightowl_query.model import ApiKey, ApiKeyPage, KeyMapping, WebhookSecret
from nightowl_query.model.identity import AboveYouError, CreatedKey, NewApiKey, NewToken, PersonNeededError
from nightowl_query.store.users import load_user


@get(
    "/api-keys", operation_id="listApiKeys", tags=["Keys"], summary="List API keys, newest first",
    guards=[requires("manager")], responses=problems(422), dependencies=PAGING, operation_class=TableOperation,
)  # fmt: skip
async def list_api_keys(
    request: Request[Any, Any, Any],
    principal: NamedDependency[Principal],
    database: NamedDependency[Database],
    paging: NamedDependency[Paging],
) -> Response[ApiKeyPage]:
    """Without those that are revoked. A key itself is shown once, when it is made."""
    tenant = principal.tenant
    async with database.tenant_tx(tenant) as tx:
        found = await cut(
            paging,
            lambda limit: _load_page(tx, tenant, paging, limit),
            count=lambda: count_keys(tx, tenant),
        )
    page = ApiKeyPage(items=found.items, next_cursor=found.next_cursor, total=found.total)
    return answer_table(request, page, page.items)


@get(
    "/api-keys/{key_id:uuid}/mapping", operation_id="getKeyMapping", tags=["Keys"],
    summary="How generic payloads of a key are read", guards=[requires("manager")], responses=problems(404),
)  # fmt: skip
async def get_key_mapping(
    key_id: FromPath[UUID], principal: NamedDependency[Principal], database: NamedDependency[Database]
) -> KeyMapping:
    """Field → JMESPath expression."""
    async with database.tenant_tx(principal.tenant) as tx:
        return KeyMapping(mapping=await load_mapping(tx, key_id, tenant=principal.tenant))


@put(
    "/api-keys/{key_id:uuid}/mapping", operation_id="putKeyMapping", tags=["Keys"],
    summary="Say how generic payloads of a key are read", guards=[requires("manager")],
    responses=problems(404, 413, 422),
)  # fmt: skip
async def put_key_mapping(
    key_id: FromPath[UUID],
    principal: NamedDependency[Principal],
    outbox: NamedDependency[Outbox],
    data: JSONBody[KeyMapping],
) -> KeyMapping:
    """In force within 5 s. Try it first: `POST /api/v1/webhooks/generic/test` takes a payload and a mapping."""
    check_mapping(data.mapping)
    async with outbox.tenant_tx(principal.tenant) as tx:
        before = await load_mapping(tx, key_id, tenant=principal.tenant)
        await update_mapping(tx, key_id, tenant=principal.tenant, mapping=data.mapping)
        await insert_audit(
            tx, principal.actor, action="update_mapping", entity="api_key", entity_id=key_id,
            changes={"mapping": [before, data.mapping]},
        )  # fmt: skip
    return data


@put(
    "/api-keys/{key_id:uuid}/webhook-secret", operation_id="putWebhookSecret", tags=["Keys"], status_code=204,
    summary="Have a key's webhook calls signed", guards=[requires("manager")], responses=problems(404, 413, 422),
)  # fmt: skip
async def put_webhook_secret(
    key_id: FromPath[UUID],
    principal: NamedDependency[Principal],
    outbox: NamedDependency[Outbox],
    data: JSONBody[WebhookSecret],
) -> None:
    """From then on (within 5 s) unsigned calls with the key are refused. The secret is never shown again."""
    async with outbox.tenant_tx(principal.tenant) as tx:
        await update_webhook_secret(tx, key_id, tenant=principal.tenant, secret=data.secret)
        await insert_audit(
            tx, principal.actor, action="update_webhook_secret", entity="api_key", entity_id=key_id,
            changes={"is_signed": data.secret is not None},
        )  # fmt: skip


@post(
    "/api-keys", operation_id="createApiKey", tags=["Keys"], summary="Make an API key", guards=[requires("manager")],
    responses=problems(413, 422),
)  # fmt: skip
async def create_api_key(
    data: JSONBody[NewApiKey], principal: NamedDependency[Principal], outbox: NamedDependency[Outbox]
) -> Response[CreatedKey]:
    """`key` is shown this once. Its role is at most the caller's, and at most that of the person whose it is."""
    role: Role = "readonly" if data.scope == "ingest" else data.role or "engineer"
    if data.scope == "ingest" and data.role is not None:
        raise InvalidError(fields=[FieldProblem(field="$.role", reason="a key that may only send has none")])
    async with outbox.tenant_tx(principal.tenant) as tx:
        if data.user_id is not None:
            await require_people(tx, {"$.user_id": data.user_id})
            _require_below((await load_user(tx, data.user_id)).role, role)
        return await _make(tx, principal, data, role=role, user_id=data.user_id, expires_at=data.expires_at)


@delete(
    "/api-keys/{key_id:uuid}", operation_id="revokeApiKey", tags=["Keys"], summary="Revoke an API key",
    guards=[requires("manager")], responses=problems(404), status_code=200,
)  # fmt: skip
async def revoke_api_key(
    key_id: FromPath[UUID], principal: NamedDependency[Principal], outbox: NamedDependency[Outbox]
) -> Removal:
    """It stops working within 5 s, everywhere. A key of a higher role than the caller's is not theirs to revoke."""
    async with outbox.tenant_tx(principal.tenant) as tx:
        key = await lock_key(tx, key_id, tenant=principal.tenant)
        if not principal.may(key["role"]):
            raise AboveYouError
        await _revoke(tx, principal, key_id)
    return Removal(outcome="deleted")


@post(
    "/tokens", operation_id="createToken", tags=["Keys"], summary="Make a personal token",
    guards=[requires("readonly")], responses=problems(413, 422),
)  # fmt: skip
async def create_token(
    data: JSONBody[NewToken], principal: NamedDependency[Principal], outbox: NamedDependency[Outbox]
) -> Response[CreatedKey]:
    """An API key of the caller's own. One that is made with another token, or with a JWT, does not outlive that."""
    user_id = _person(principal)
    async with outbox.tenant_tx(principal.tenant) as tx:
        expires_at = moment(data.expires_at, field="$.expires_at")
        if principal.via == "key":
            parent = await lock_key(tx, principal.key_id, tenant=principal.tenant)
            expires_at = min((each for each in (expires_at, parent["expires_at"]) if each is not None), default=None)
        elif principal.expires_at is not None:
            expires_at = min(expires_at or principal.expires_at, principal.expires_at)
        return await _make(
            tx, principal, data, role=data.role or principal.role, user_id=user_id, expires_at=expires_at
        )


@get(
    "/tokens", operation_id="listTokens", tags=["Keys"], summary="List one's own tokens, newest first",
    guards=[requires("readonly")], responses=problems(422), dependencies=PAGING,
)  # fmt: skip
async def list_tokens(
    principal: NamedDependency[Principal], database: NamedDependency[Database], paging: NamedDependency[Paging]
) -> ApiKeyPage:
    """Without those that are revoked."""
    tenant, user_id = principal.tenant, _person(principal)
    async with database.tenant_tx(tenant) as tx:
        found = await cut(
            paging,
            lambda limit: _load_page(tx, tenant, paging, limit, user_id=user_id),
            count=lambda: count_keys(tx, tenant, user_id=user_id),
        )
    return ApiKeyPage(items=found.items, next_cursor=found.next_cursor, total=found.total)


@delete(
    "/tokens/{key_id:uuid}", operation_id="revokeToken", tags=["Keys"], summary="Revoke one of one's own tokens",
    guards=[requires("readonly")], responses=problems(404), status_code=200,
)  # fmt: skip
async def revoke_token(
    key_id: FromPath[UUID], principal: NamedDependency[Principal], outbox: NamedDependency[Outbox]
) -> Removal:
    """It stops working within 5 s. Somebody else's is not there (404)."""
    async with outbox.tenant_tx(principal.tenant) as tx:
        key = await lock_key(tx, key_id, tenant=principal.tenant)
        if principal.user_id is None or key["user_id"] != principal.user_id:
            raise KeyNotFoundError
        await _revoke(tx, principal, key_id)
    return Removal(outcome="deleted")


HANDLERS = [
    list_api_keys, get_key_mapping, put_key_mapping, put_webhook_secret, create_api_key, revoke_api_key, create_token,
    list_tokens, revoke_token,
]  # fmt: skip


def _person(who: Principal) -> UUID:
    """Raises:
    PersonNeededError: the caller is a program.
    """
    if who.user_id is None:
        raise PersonNeededError
    return who.user_id


def _require_below(limit: Role, role: Role) -> None:
    """Raises:
    InvalidError: the role is higher than this one.
    """
    if ROLES[role] > ROLES[limit]:
        raise InvalidError(fields=[FieldProblem(field="$.role", reason=f"at most {limit}")])


async def _make(
    tx: Tx,
    who: Principal,
    wanted: NewApiKey | NewToken,
    *,
    role: Role,
    user_id: UUID | None,
    expires_at: datetime | None,
) -> Response[CreatedKey]:
    _require_below(who.role, role)
    moment(expires_at, field="$.expires_at")
    if expires_at is not None and expires_at <= await tx.now():
        raise InvalidError(fields=[FieldProblem(field="$.expires_at", reason="is not ahead")])
    key, scope = make_key(), wanted.scope if isinstance(wanted, NewApiKey) else "full"
    await insert_key(
        tx, key, tenant=who.tenant, role=role, description=wanted.description, scope=scope, user_id=user_id,
        expires_at=expires_at,
    )  # fmt: skip
    made = await lock_new_key(tx, key, tenant=who.tenant)
    told: dict[str, object] = {"prefix": key.prefix, "role": role, "scope": scope, "user_id": user_id}
    await insert_audit(tx, who.actor, action="created", entity="api_key", entity_id=made["id"], changes=told)
    shown = msgspec.convert({**dict(made), "key": key.raw}, CreatedKey)
    return Response(shown, status_code=201, headers={"Cache-Control": "no-store"})


async def _revoke(tx: Tx, who: Principal, key_id: UUID) -> None:
    await revoke_key(tx, key_id, tenant=who.tenant)
    await insert_audit(tx, who.actor, action="revoked", entity="api_key", entity_id=key_id, changes={})


async def _load_page(tx: Tx, tenant: str, paging: Paging, limit: int, *, user_id: UUID | None = None) -> list[ApiKey]:
    rows = await list_keys(tx, tenant, below=paging.below, limit=limit, user_id=user_id)
    return [msgspec.convert(dict(row), ApiKey) for row in rows]
