"""Tenants, for those who run the installation. No role of a tenant opens this, and it opens no tenant."""

from typing import Annotated

from litestar import Response, get, post, put
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, JSONBody, QueryParameter

from nightowl_alerting.store import insert_audit
from nightowl_alerting.suspension import resume_tenant, suspend_tenant
from nightowl_auth import (
    TenantLimits,
    hash_in_thread,
    insert_admin,
    insert_key,
    make_key,
    make_password,
)
from nightowl_auth.platform import Operator, operator_of, requires_platform
from nightowl_common.db import Database, Tx
from nightowl_common.errors import FieldProblem
from nightowl_common.outbox import Outbox
from nightowl_query.api.edge import problems
from nightowl_query.api.paging import MAX_LIMIT
from nightowl_query.model import BadCursorError
from nightowl_query.model.tenants import CreatedTenant, LimitsContent, NewTenant, SlugTakenError, Tenant, TenantPage
from nightowl_query.store import tenants as store
from nightowl_sql import TenantError, TenantExistsError, schema_of

TAGS = ["Platform"]
FIRST_ADMIN = "admin"
OPERATOR = {"operator": Provide(operator_of, sync_to_thread=False)}

Limit = Annotated[int, QueryParameter(ge=1, le=MAX_LIMIT, description="Rows per page.")]
Cursor = Annotated[str | None, QueryParameter(description="`next_cursor` of the page before.")]


@get(
    "/admin/tenants", operation_id="listTenants", tags=TAGS, summary="List all tenants, by slug",
    guards=[requires_platform()], responses=problems(422),
)  # fmt: skip
async def list_tenants(database: NamedDependency[Database], limit: Limit = 50, cursor: Cursor = None) -> TenantPage:
    """With what each may; nothing of what is inside."""
    if cursor is not None and not _is_slug(cursor):
        raise BadCursorError(fields=[FieldProblem(field="cursor", reason="take it unchanged from next_cursor")])
    async with database.global_tx() as tx:
        found = await store.list_tenants(tx, above=cursor or "", limit=limit + 1)
        total = await store.count_tenants(tx)
    items = found[:limit]
    return TenantPage(items=items, next_cursor=items[-1].slug if len(found) > limit else None, total=total)


@post(
    "/admin/tenants", operation_id="createTenant", tags=TAGS, summary="Make a tenant with its first admin",
    guards=[requires_platform()], responses=problems(409, 413, 422), dependencies=OPERATOR,
)  # fmt: skip
async def create_tenant(
    data: JSONBody[NewTenant], operator: NamedDependency[Operator], database: NamedDependency[Database]
) -> Response[CreatedTenant]:
    """Schema, first key and first local admin in one commit. Key and password are told this once."""
    key, password = make_key(), make_password()
    hashed = await hash_in_thread(password)

    async def equip(tx: Tx) -> Tenant:
        await insert_key(tx, key, tenant=data.slug, role="admin", description="first key")
        await insert_admin(tx, tenant=data.slug, username=FIRST_ADMIN, password_hash=hashed)
        await tx.enter_tenant(data.slug)
        await insert_audit(tx, operator.actor, action="created", entity="tenant", entity_id=None, changes={})
        return await store.lock_tenant(tx, data.slug)

    try:
        tenant = await database.create_tenant(data.slug, data.name or data.slug, equip=equip)
    except TenantExistsError as error:
        raise SlugTakenError from error
    made = CreatedTenant(tenant=tenant, key=key.raw, username=FIRST_ADMIN, password=password)
    return Response(made, status_code=201, headers={"Cache-Control": "no-store"})


@post(
    "/admin/tenants/{slug:str}/suspend", operation_id="suspendTenant", tags=TAGS, summary="Suspend a tenant",
    guards=[requires_platform()], responses=problems(404), status_code=200, dependencies=OPERATOR,
)  # fmt: skip
async def suspend(slug: FromPath[str], operator: NamedDependency[Operator], outbox: NamedDependency[Outbox]) -> Tenant:
    """Its timers wait from the commit on, its calls are refused within 5 s. Nothing happens to one that is."""
    async with outbox.tenant_tx(slug) as tx:
        await suspend_tenant(tx, slug, operator.actor)
        return await store.lock_tenant(tx, slug)


@post(
    "/admin/tenants/{slug:str}/resume", operation_id="resumeTenant", tags=TAGS, summary="Let a tenant go on",
    guards=[requires_platform()], responses=problems(404), status_code=200, dependencies=OPERATOR,
)  # fmt: skip
async def resume(slug: FromPath[str], operator: NamedDependency[Operator], outbox: NamedDependency[Outbox]) -> Tenant:
    """What is overdue is due at once. Nothing happens to one that is active."""
    async with outbox.tenant_tx(slug) as tx:
        await resume_tenant(tx, slug, operator.actor)
        return await store.lock_tenant(tx, slug)


@put(
    "/admin/tenants/{slug:str}/limits", operation_id="setTenantLimits", tags=TAGS, summary="Set what a tenant may",
    guards=[requires_platform()], responses=problems(404, 413, 422), dependencies=OPERATOR,
)  # fmt: skip
async def set_limits(
    slug: FromPath[str],
    data: JSONBody[LimitsContent],
    operator: NamedDependency[Operator],
    outbox: NamedDependency[Outbox],
) -> Tenant:
    """Replaces its own limits; what is left out is as the installation says. In force within 5 s."""
    async with outbox.tenant_tx(slug) as tx:
        before = await store.lock_tenant(tx, slug)
        changes: dict[str, object] = {
            name: [getattr(before.limits, name), getattr(data, name)]
            for name in TenantLimits.__struct_fields__
            if getattr(before.limits, name) != getattr(data, name)
        }
        if changes:
            await store.update_limits(tx, slug, data)
            await insert_audit(
                tx, operator.actor, action="updated", entity="tenant", entity_id=None, changes=changes
            )  # fmt: skip
        return await store.lock_tenant(tx, slug)


HANDLERS = [list_tenants, create_tenant, suspend, resume, set_limits]


def _is_slug(text: str) -> bool:
    try:
        schema_of(text)
    except TenantError:
        return False
    return True
