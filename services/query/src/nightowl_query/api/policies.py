"""Escalation policies: made, listed, changed, rolled back, archived."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from nightowl_alerting.knowledge.model import Removal
from nightowl_auth import Principal, requires
from nightowl_common.db import Database
from nightowl_common.outbox import Outbox
from nightowl_query.api import policy_changes as changes
from nightowl_query.api.edge import ETAG, IfMatch, etag, problems, require_revision, words
from nightowl_query.api.paging import PAGING, Paging, cut, encode_cursor
from nightowl_query.api.repeats import IdempotencyKey, once
from nightowl_query.api.tables import TableOperation, answer_table
from nightowl_query.engine.policies import content_of
from nightowl_query.model import PolicyNotFoundError
from nightowl_query.model.policies import (
    PolicyContent,
    PolicyDetail,
    PolicyPage,
    PolicyVersion,
    PolicyVersionPage,
)
from nightowl_query.store import policies as store

TAGS = ["Escalation"]
_LAST_VERSION = 2**31 - 1


@post(
    "/policies", operation_id="createPolicy", tags=TAGS, summary="Make an escalation policy",
    guards=[requires("manager")], responses=problems(409, 413, 422), response_headers=[ETAG],
)  # fmt: skip
async def create_policy(
    data: JSONBody[PolicyContent],
    principal: NamedDependency[Principal],
    outbox: NamedDependency[Outbox],
    key: IdempotencyKey = None,
) -> Response[PolicyDetail]:
    """422 names each target that is not there, and refuses what reaches nobody at all. `warnings` tell the rest."""
    async with outbox.tenant_tx(principal.tenant) as tx:

        async def act() -> PolicyDetail:
            return await changes.create_policy(tx, principal, data)

        made = await once(tx, key, principal, route="policies", asked=data, act=act, kind=PolicyDetail)
    return _answer(made, status=201)


@get(
    "/policies", operation_id="listPolicies", tags=TAGS, summary="List escalation policies",
    guards=[requires("readonly")], responses=problems(422), dependencies=PAGING, operation_class=TableOperation,
)  # fmt: skip
async def list_policies(
    request: Request[Any, Any, Any],
    principal: NamedDependency[Principal],
    database: NamedDependency[Database],
    paging: NamedDependency[Paging],
    q: Annotated[str | None, QueryParameter(description="Parts of the name or the description: all of them.")] = None,
) -> Response[PolicyPage]:
    """Each in its current version; a running alert keeps the version that it started with."""
    wanted = words(q, field="q")
    async with database.tenant_tx(principal.tenant) as tx:
        found = await cut(
            paging,
            lambda limit: store.list_policies(tx, wanted, below=paging.below, limit=limit),
            count=lambda: store.count_policies(tx, wanted),
        )
    page = PolicyPage(items=found.items, next_cursor=found.next_cursor, total=found.total)
    return answer_table(request, page, page.items)


@get(
    "/policies/{policy_id:uuid}", operation_id="getPolicy", tags=TAGS, summary="One escalation policy",
    guards=[requires("readonly")], responses=problems(404), response_headers=[ETAG],
)  # fmt: skip
async def get_policy(
    policy_id: FromPath[UUID], principal: NamedDependency[Principal], database: NamedDependency[Database]
) -> Response[PolicyDetail]:
    """Its current version, what uses it, and what would go wrong within 14 days. The `ETag` is the version."""
    async with database.tenant_tx(principal.tenant) as tx:
        return _answer(await changes.load_detail(tx, policy_id))


@put(
    "/policies/{policy_id:uuid}", operation_id="updatePolicy", tags=TAGS, summary="Write a new version of a policy",
    guards=[requires("manager")], responses=problems(404, 409, 412, 413, 422), response_headers=[ETAG],
)  # fmt: skip
async def update_policy(
    policy_id: FromPath[UUID],
    data: JSONBody[PolicyContent],
    principal: NamedDependency[Principal],
    outbox: NamedDependency[Outbox],
    if_match: IfMatch = None,
) -> Response[PolicyDetail]:
    """Takes the whole content. New alerts escalate by it; running ones keep the version they started with."""
    async with outbox.tenant_tx(principal.tenant) as tx:
        before = await store.lock_policy(tx, policy_id)
        require_revision(if_match, before.version)
        return _answer(await changes.update_policy(tx, principal, before, data))


@delete(
    "/policies/{policy_id:uuid}", operation_id="deletePolicy", tags=TAGS, summary="Delete a policy",
    guards=[requires("manager")], responses=problems(404, 409, 412), status_code=200,
)  # fmt: skip
async def delete_policy(
    policy_id: FromPath[UUID],
    principal: NamedDependency[Principal],
    outbox: NamedDependency[Outbox],
    if_match: IfMatch = None,
) -> Removal:
    """Not while a service, a route or the tenant's default names it. Alerts that run under it go on."""
    async with outbox.tenant_tx(principal.tenant) as tx:
        before = await store.lock_policy(tx, policy_id)
        require_revision(if_match, before.version)
        await changes.archive_policy(tx, principal, before)
    return Removal(outcome="archived")


@get(
    "/policies/{policy_id:uuid}/versions", operation_id="listPolicyVersions", tags=TAGS,
    summary="Versions of a policy, newest first", guards=[requires("readonly")], responses=problems(404, 422),
    dependencies=PAGING, operation_class=TableOperation,
)  # fmt: skip
async def list_versions(
    request: Request[Any, Any, Any],
    policy_id: FromPath[UUID],
    principal: NamedDependency[Principal],
    database: NamedDependency[Database],
    paging: NamedDependency[Paging],
) -> Response[PolicyVersionPage]:
    """Who wrote each, and when. None of them ever changes."""
    below = _LAST_VERSION if paging.after is None else min(paging.after.int, _LAST_VERSION)
    async with database.tenant_tx(principal.tenant) as tx:
        found = await store.list_versions(tx, policy_id, below=below, limit=paging.limit + 1)
        total = await store.count_versions(tx, policy_id)
    if not total:
        raise PolicyNotFoundError
    items, has_more = found[: paging.limit], len(found) > paging.limit
    cursor = encode_cursor(UUID(int=items[-1].version)) if has_more else None
    return answer_table(request, PolicyVersionPage(items=items, next_cursor=cursor, total=total), items)


@get(
    "/policies/{policy_id:uuid}/versions/{version:int}", operation_id="getPolicyVersion", tags=TAGS,
    summary="One version of a policy", guards=[requires("readonly")], responses=problems(404),
)  # fmt: skip
async def get_version(
    policy_id: FromPath[UUID],
    version: FromPath[int],
    principal: NamedDependency[Principal],
    database: NamedDependency[Database],
) -> PolicyVersion:
    """As it was written."""
    async with database.tenant_tx(principal.tenant) as tx:
        return await store.load_version(tx, policy_id, _version(version))


@post(
    "/policies/{policy_id:uuid}/versions/{version:int}/rollback", operation_id="rollBackPolicy", tags=TAGS,
    summary="Write an old version again, as a new one", guards=[requires("manager")], status_code=200,
    responses=problems(404, 409, 412, 422), response_headers=[ETAG],
)  # fmt: skip
async def roll_back(
    policy_id: FromPath[UUID],
    version: FromPath[int],
    principal: NamedDependency[Principal],
    outbox: NamedDependency[Outbox],
    if_match: IfMatch = None,
) -> Response[PolicyDetail]:
    """Its tiers, repeats, roster and lead; the name stays. 422 when somebody whom it names has left."""
    async with outbox.tenant_tx(principal.tenant) as tx:
        before = await store.lock_policy(tx, policy_id)
        require_revision(if_match, before.version)
        old = await store.load_version(tx, policy_id, _version(version))
        content = content_of(old, name=before.name, description=before.description)
        return _answer(await changes.update_policy(tx, principal, before, content, back_to=old.version))


HANDLERS = [
    create_policy, list_policies, get_policy, update_policy, delete_policy, list_versions, get_version, roll_back,
]  # fmt: skip


def _version(given: int) -> int:
    return max(0, min(given, _LAST_VERSION))


def _answer(policy: PolicyDetail, *, status: int = 200) -> Response[PolicyDetail]:
    return Response(policy, status_code=status, headers={"ETag": etag(policy.version)})
