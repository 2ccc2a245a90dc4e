"""Endpoints: one typed function per query."""

from uuid import UUID

import asyncpg
import msgspec

from nightowl_common.db import Record, Tx, load_queries
from nightowl_query.model.endpoints import (
    Endpoint,
    EndpointChange,
    EndpointNameTakenError,
    EndpointNotFoundError,
    NewEndpoint,
)

SQL = load_queries(__package__, "endpoints.sql")


async def list_endpoints(tx: Tx, *, below: UUID, limit: int) -> list[Endpoint]:
    """Endpoints with an id below a bound, newest first."""
    return [_endpoint(row) for row in await tx.fetch(SQL["list_endpoints"], below, limit)]


async def count_endpoints(tx: Tx) -> int:
    """How many there are."""
    count: int = await tx.fetchval(SQL["count_endpoints"])
    return count


async def load_endpoint(tx: Tx, endpoint_id: UUID) -> Endpoint:
    """One endpoint.

    Raises:
        EndpointNotFoundError: there is none.
    """
    return _found(await tx.fetchrow(SQL["load_endpoint"], endpoint_id))


async def lock_endpoint(tx: Tx, endpoint_id: UUID) -> Endpoint:
    """One endpoint, locked until the transaction ends.

    Raises:
        EndpointNotFoundError: there is none.
    """
    return _found(await tx.fetchrow(SQL["lock_endpoint"], endpoint_id))


async def insert_endpoint(tx: Tx, endpoint_id: UUID, new: NewEndpoint, *, secret: str | None) -> None:
    """A new endpoint.

    Raises:
        EndpointNameTakenError: another one is called so.
    """
    try:
        await tx.execute(SQL["insert_endpoint"], endpoint_id, new.name, new.kind, new.url, secret)
    except asyncpg.UniqueViolationError as error:
        raise EndpointNameTakenError from error


async def update_endpoint(tx: Tx, endpoint_id: UUID, change: EndpointChange) -> None:
    """A new name, and a new address if there is one; the revision rises.

    Raises:
        EndpointNameTakenError: another one is called so.
    """
    try:
        await tx.execute(SQL["update_endpoint"], endpoint_id, change.name, change.url)
    except asyncpg.UniqueViolationError as error:
        raise EndpointNameTakenError from error


async def update_endpoint_secret(tx: Tx, endpoint_id: UUID, secret: str) -> None:
    """What is posted from now on is signed with this; the revision rises."""
    await tx.execute(SQL["update_endpoint_secret"], endpoint_id, secret)


async def endpoint_is_in_use(tx: Tx, endpoint_id: UUID) -> bool:
    """Whether a tier of a policy or a webhook subscription names it."""
    return bool(await tx.fetchval(SQL["endpoint_is_in_use"], f"endpoint:{endpoint_id}"))


async def delete_endpoint(tx: Tx, endpoint_id: UUID) -> None:
    """Gone; its pages that are on their way fail."""
    await tx.execute(SQL["delete_endpoint"], endpoint_id)


def _endpoint(row: Record) -> Endpoint:
    return msgspec.convert(dict(row), Endpoint)


def _found(row: Record | None) -> Endpoint:
    if row is None:
        raise EndpointNotFoundError
    return _endpoint(row)
