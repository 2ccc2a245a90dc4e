"""Endpoints that pages are posted to: webhooks, Mattermost and Teams. Addresses and secrets are never shown again."""

import base64
import secrets
from typing import Any
from uuid import UUID

from litestar import Request, Response, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from nightowl_alerting.store import insert_audit
from nightowl_auth import Principal, requires
from nightowl_common.db import Database, Tx
from nightowl_common.errors import FieldProblem, InvalidError
from nightowl_common.ids import new_id
from nightowl_common.outbox import Outbox
from nightowl_query.api.edge import ETAG, IfMatch, etag, problems, require_revision
from nightowl_query.api.paging import PAGING, Paging, cut
from nightowl_query.api.tables import TableOperation, answer_table
from nightowl_query.model.endpoints import (
    Endpoint,
    EndpointChange,
    EndpointInUseError,
    EndpointPage,
    EndpointRemoval,
    EndpointSecret,
    MadeEndpoint,
    NewEndpoint,
)
from nightowl_query.store import endpoints as store

TAGS = ["Endpoints"]
SECRET_BYTES = 32


@post(
    "/endpoints", operation_id="createEndpoint", tags=TAGS, summary="Add an endpoint", guards=[requires("manager")],
    responses=problems(409, 413, 422), response_headers=[ETAG],
)  # fmt: skip
async def create_endpoint(
    data: JSONBody[NewEndpoint], principal: NamedDependency[Principal], outbox: NamedDependency[Outbox]
) -> Response[MadeEndpoint]:
    """A webhook's secret is made here and shown this once."""
    made, secret = new_id(), _new_secret() if data.kind == "webhook" else None
    async with outbox.tenant_tx(principal.tenant) as tx:
        await store.insert_endpoint(tx, made, data, secret=secret)
        endpoint = await store.load_endpoint(tx, made)
        await _audit(tx, principal, made, action="created", changes=_told(endpoint))
    answer = MadeEndpoint(endpoint=endpoint, secret=secret)
    return Response(answer, status_code=201, headers={"ETag": etag(endpoint.revision), "Cache-Control": "no-store"})


@get(
    "/endpoints", operation_id="listEndpoints", tags=TAGS, summary="List endpoints, newest first",
    guards=[requires("readonly")], responses=problems(422), dependencies=PAGING, operation_class=TableOperation,
)  # fmt: skip
async def list_endpoints(
    request: Request[Any, Any, Any],
    principal: NamedDependency[Principal],
    database: NamedDependency[Database],
    paging: NamedDependency[Paging],
) -> Response[EndpointPage]:
    """Addresses without their paths."""
    async with database.tenant_tx(principal.tenant) as tx:
        found = await cut(
            paging,
            lambda limit: store.list_endpoints(tx, below=paging.below, limit=limit),
            count=lambda: store.count_endpoints(tx),
        )
    page = EndpointPage(items=found.items, next_cursor=found.next_cursor, total=found.total)
    return answer_table(request, page, page.items)


@get(
    "/endpoints/{endpoint_id:uuid}", operation_id="getEndpoint", tags=TAGS, summary="One endpoint",
    guards=[requires("readonly")], responses=problems(404), response_headers=[ETAG],
)  # fmt: skip
async def get_endpoint(
    endpoint_id: FromPath[UUID], principal: NamedDependency[Principal], database: NamedDependency[Database]
) -> Response[Endpoint]:
    """The `ETag` is the revision that `If-Match` takes."""
    async with database.tenant_tx(principal.tenant) as tx:
        return _answer(await store.load_endpoint(tx, endpoint_id))


@put(
    "/endpoints/{endpoint_id:uuid}", operation_id="updateEndpoint", tags=TAGS, summary="Change an endpoint",
    guards=[requires("manager")], responses=problems(404, 409, 412, 413, 422), response_headers=[ETAG],
)  # fmt: skip
async def update_endpoint(
    endpoint_id: FromPath[UUID],
    data: JSONBody[EndpointChange],
    principal: NamedDependency[Principal],
    outbox: NamedDependency[Outbox],
    if_match: IfMatch = None,
) -> Response[Endpoint]:
    """In force for the next page. Its kind stays."""
    async with outbox.tenant_tx(principal.tenant) as tx:
        before = await store.lock_endpoint(tx, endpoint_id)
        require_revision(if_match, before.revision)
        await store.update_endpoint(tx, endpoint_id, data)
        after = await store.load_endpoint(tx, endpoint_id)
        changes = {"name": [before.name, after.name], "origin": [before.origin, after.origin]}
        await _audit(tx, principal, endpoint_id, action="updated", changes={**changes, "has_new_url": bool(data.url)})
    return _answer(after)


@post(
    "/endpoints/{endpoint_id:uuid}/secret", operation_id="renewEndpointSecret", tags=TAGS, status_code=200,
    summary="Give a webhook a new secret", guards=[requires("manager")], responses=problems(404, 422),
)  # fmt: skip
async def renew_secret(
    endpoint_id: FromPath[UUID], principal: NamedDependency[Principal], outbox: NamedDependency[Outbox]
) -> Response[EndpointSecret]:
    """Shown this once, and used from the next page on."""
    secret = _new_secret()
    async with outbox.tenant_tx(principal.tenant) as tx:
        endpoint = await store.lock_endpoint(tx, endpoint_id)
        if endpoint.kind != "webhook":
            raise InvalidError(fields=[FieldProblem(field="kind", reason="only a webhook has a secret")])
        await store.update_endpoint_secret(tx, endpoint_id, secret)
        await _audit(tx, principal, endpoint_id, action="renewed_secret", changes={"name": endpoint.name})
    return Response(EndpointSecret(secret=secret), headers={"Cache-Control": "no-store"})


@delete(
    "/endpoints/{endpoint_id:uuid}", operation_id="deleteEndpoint", tags=TAGS, summary="Delete an endpoint",
    guards=[requires("manager")], responses=problems(404, 409, 412), status_code=200,
)  # fmt: skip
async def delete_endpoint(
    endpoint_id: FromPath[UUID],
    principal: NamedDependency[Principal],
    outbox: NamedDependency[Outbox],
    if_match: IfMatch = None,
) -> EndpointRemoval:
    """Refused while a policy pages it or a webhook subscription posts to it. Pages that are on their way to it fail."""
    async with outbox.tenant_tx(principal.tenant) as tx:
        before = await store.lock_endpoint(tx, endpoint_id)
        require_revision(if_match, before.revision)
        if await store.endpoint_is_in_use(tx, endpoint_id):
            raise EndpointInUseError
        await store.delete_endpoint(tx, endpoint_id)
        await _audit(tx, principal, endpoint_id, action="deleted", changes=_told(before))
    return EndpointRemoval()


HANDLERS = [create_endpoint, list_endpoints, get_endpoint, update_endpoint, renew_secret, delete_endpoint]


async def _audit(tx: Tx, who: Principal, endpoint_id: UUID, *, action: str, changes: dict[str, object]) -> None:
    await insert_audit(tx, who.actor, action=action, entity="endpoint", entity_id=endpoint_id, changes=changes)


def _told(endpoint: Endpoint) -> dict[str, object]:
    return {"name": endpoint.name, "kind": endpoint.kind, "origin": endpoint.origin}


def _new_secret() -> str:
    """After the Standard Webhooks convention: `whsec_` and base64."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def _answer(endpoint: Endpoint) -> Response[Endpoint]:
    return Response(endpoint, headers={"ETag": etag(endpoint.revision)})
