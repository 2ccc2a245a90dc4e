"""API keys: how the calls made with them are signed and read."""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from nightowl_alerting.store import insert_audit
from nightowl_auth import (
    Principal,
    check_mapping,
    count_keys,
    list_keys,
    load_mapping,
    requires,
    update_mapping,
    update_webhook_secret,
)
from nightowl_common.db import Database, Tx
from nightowl_common.outbox import Outbox
from nightowl_query.api.edge import problems
from nightowl_query.api.paging import PAGING, Paging, cut
from nightowl_query.api.tables import TableOperation, answer_table
from nightowl_query.model import ApiKey, ApiKeyPage, KeyMapping, WebhookSecret


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


HANDLERS = [list_api_keys, get_key_mapping, put_key_mapping, put_webhook_secret]


async def _load_page(tx: Tx, tenant: str, paging: Paging, limit: int) -> list[ApiKey]:
    rows = await list_keys(tx, tenant, below=paging.below, limit=limit)
    return [msgspec.convert(dict(row), ApiKey) for row in rows]
