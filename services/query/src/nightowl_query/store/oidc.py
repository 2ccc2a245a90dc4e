"""Departures to identity providers, the tenant's own issuer, and whom a provider's person is here."""

from datetime import timedelta
from uuid import UUID

import asyncpg
import msgspec

from nightowl_common.db import Database, Record, Tx, load_queries
from nightowl_contracts import Actor
from nightowl_query.model.oidc import AudienceTakenError, Departure, IssuerContent, IssuerState, Known

SQL = load_queries(__package__, "oidc.sql")

DEPARTURE_LASTS = timedelta(minutes=10)


async def insert_departure(tx: Tx, departure: Departure, *, state_hash: bytes, browser_hash: bytes) -> None:
    """The browser goes to its provider, and has ten minutes."""
    await tx.execute(
        SQL["insert_departure"], state_hash, browser_hash, departure.tenant, departure.is_own, departure.issuer,
        departure.return_to, DEPARTURE_LASTS,
    )  # fmt: skip


async def take_departure(tx: Tx, *, state_hash: bytes, browser_hash: bytes, of_trial: bool) -> Departure | None:
    """The browser is back: the departure, which is over with this. None: there is none of this kind and browser."""
    row = await tx.fetchrow(SQL["take_departure"], state_hash, browser_hash, of_trial)
    return None if row is None else msgspec.convert(dict(row), Departure)


async def is_trial(tx: Tx, *, state_hash: bytes, browser_hash: bytes) -> bool:
    """Whether the browser went away to try signing in."""
    found: bool = await tx.fetchval(SQL["is_trial"], state_hash, browser_hash)
    return found


async def sweep_departures(database: Database) -> None:
    """Removes departures that have taken too long.

    Raises:
        DatabaseUnavailableError: the next sweep does it.
    """
    async with database.global_tx() as tx:
        await tx.execute(SQL["delete_old_departures"])


async def find_by_external_id(tx: Tx, external_id: str) -> Known | None:
    """The person with this external id, locked until the transaction ends."""
    row = await tx.fetchrow(SQL["find_by_external_id"], external_id)
    return None if row is None else msgspec.convert(dict(row), Known)


async def find_by_email(tx: Tx, email: str) -> list[Known]:
    """Up to two people with this address, in capitals or not, locked until the transaction ends."""
    return [msgspec.convert(dict(row), Known) for row in await tx.fetch(SQL["find_by_email"], email)]


async def admit_user(tx: Tx, user_id: UUID, *, external_id: str, role: str) -> bool:
    """Whether that has changed the person; the revision rises if so."""
    return await tx.execute(SQL["admit_user"], user_id, external_id, role) == "UPDATE 1"


async def load_issuer(tx: Tx, tenant: str) -> IssuerState:
    """The tenant's own issuer, without its secret."""
    return _state(await tx.fetchrow(SQL["load_issuer"], tenant))


async def lock_issuer(tx: Tx, tenant: str) -> IssuerState:
    """The tenant's own issuer, locked until the transaction ends if there is one."""
    return _state(await tx.fetchrow(SQL["lock_issuer"], tenant))


async def save_issuer(tx: Tx, tenant: str, content: IssuerContent, *, actor: Actor) -> None:
    """Replaces the tenant's own issuer; the revision rises.

    Raises:
        AudienceTakenError: another tenant has this issuer with this audience.
    """
    try:
        await tx.execute(
            SQL["save_issuer"], tenant, content.issuer, content.client_id, content.audience, content.role_claim,
            content.roles, content.default_role, content.email_domains, content.trusts_email, content.creates_users,
            actor,
        )  # fmt: skip
    except asyncpg.UniqueViolationError as error:
        raise AudienceTakenError from error


async def delete_issuer(tx: Tx, tenant: str) -> None:
    """The installation's is used from now on, if there is one."""
    await tx.execute(SQL["delete_issuer"], tenant)


def _state(row: Record | None) -> IssuerState:
    return IssuerState(is_set=False) if row is None else msgspec.convert({**dict(row), "is_set": True}, IssuerState)
