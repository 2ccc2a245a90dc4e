"""Issuers, and which tenants a claim's values stand for."""

from collections.abc import Sequence

import msgspec

from nightowl_auth.oidc.model import Issuer
from nightowl_common.db import Record, Tx, load_queries

SQL = load_queries(__package__, "oidc.sql")


async def load_own_issuer(tx: Tx, tenant: str) -> Issuer | None:
    """The issuer that an active tenant has set for itself."""
    row = await tx.fetchrow(SQL["load_own_issuer"], tenant)
    return None if row is None else msgspec.convert(dict(row), Issuer)


async def load_issuers_of_token(tx: Tx, issuer: str, audiences: Sequence[str]) -> list[Issuer]:
    """The tenants' own issuers that a bearer token could be of."""
    rows = await tx.fetch(SQL["load_issuer_of_token"], issuer, list(audiences))
    return [msgspec.convert(dict(row), Issuer) for row in rows]


async def load_tenants_of(tx: Tx, values: Sequence[str]) -> list[str]:
    """The tenants that values of a claim stand for."""
    return [row["tenant"] for row in await tx.fetch(SQL["load_tenants_of_values"], list(values))]


async def load_token_person(tx: Tx, external_id: str) -> Record | None:
    """id, display_name and role of an active person of the entered tenant."""
    return await tx.fetchrow(SQL["load_token_person"], external_id)


async def list_tenant_claims(tx: Tx) -> list[tuple[str, str]]:
    """(tenant, value) of all, in order."""
    return [(row["tenant"], row["value"]) for row in await tx.fetch(SQL["list_tenant_claims"])]


async def insert_tenant_claim(tx: Tx, value: str, *, tenant: str) -> bool:
    """From now on the value stands for this tenant; False when it stands for one already."""
    return await tx.fetchval(SQL["insert_tenant_claim"], value, tenant) is not None


async def delete_tenant_claim(tx: Tx, value: str, *, tenant: str) -> bool:
    """The value stands for nothing any more; False when it did not stand for this tenant."""
    return await tx.execute(SQL["delete_tenant_claim"], value, tenant) == "DELETE 1"
