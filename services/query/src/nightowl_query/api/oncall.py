"""Escalation policies and people, for reading."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from nightowl_auth import Principal, requires
from nightowl_common.db import Database
from nightowl_query.api.edge import problems
from nightowl_query.api.paging import PAGING, Paging, cut
from nightowl_query.api.tables import TableOperation, answer_table
from nightowl_query.model import (
    Policy,
    PolicyNotFoundError,
    PolicyPage,
    UserPage,
)
from nightowl_query.store import oncall as store


@get(
    "/escalation-policies", operation_id="listPolicies", tags=["On call"], summary="List escalation policies",
    guards=[requires("readonly")], responses=problems(422), dependencies=PAGING, operation_class=TableOperation,
)  # fmt: skip
async def list_policies(
    request: Request[Any, Any, Any],
    principal: NamedDependency[Principal],
    database: NamedDependency[Database],
    paging: NamedDependency[Paging],
) -> Response[PolicyPage]:
    """Each in its current version; a running alert keeps the version that it started with."""
    async with database.tenant_tx(principal.tenant) as tx:
        found = await cut(
            paging,
            lambda limit: store.list_policies(tx, below=paging.below, limit=limit),
            count=lambda: store.count_policies(tx),
        )
    page = PolicyPage(items=found.items, next_cursor=found.next_cursor, total=found.total)
    return answer_table(request, page, page.items)


@get(
    "/escalation-policies/{policy_id:uuid}", operation_id="getPolicy", tags=["On call"],
    summary="One escalation policy, its current version", guards=[requires("readonly")], responses=problems(404),
)  # fmt: skip
async def get_policy(
    policy_id: FromPath[UUID], principal: NamedDependency[Principal], database: NamedDependency[Database]
) -> Policy:
    """Its tiers in the order in which they are paged."""
    async with database.tenant_tx(principal.tenant) as tx:
        policy = await store.load_policy(tx, policy_id)
    if policy is None:
        raise PolicyNotFoundError
    return policy


@get(
    "/users", operation_id="listUsers", tags=["People"], summary="List people",
    guards=[requires("readonly")], responses=problems(422), dependencies=PAGING, operation_class=TableOperation,
)  # fmt: skip
async def list_users(
    request: Request[Any, Any, Any],
    principal: NamedDependency[Principal],
    database: NamedDependency[Database],
    paging: NamedDependency[Paging],
) -> Response[UserPage]:
    """The people of the tenant, those who left included."""
    async with database.tenant_tx(principal.tenant) as tx:
        found = await cut(
            paging,
            lambda limit: store.list_users(tx, below=paging.below, limit=limit),
            count=lambda: store.count_users(tx),
        )
    page = UserPage(items=found.items, next_cursor=found.next_cursor, total=found.total)
    return answer_table(request, page, page.items)


HANDLERS = [list_policies, get_policy, list_users]
