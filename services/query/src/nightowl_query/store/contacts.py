"""Contact methods and notification rules."""

from uuid import UUID

import asyncpg
import msgspec

from nightowl_alerting.calm.model import QuietHours
from nightowl_common.db import Tx, load_queries
from nightowl_contracts import Actor
from nightowl_query.model.contacts import (
    ContactContent,
    ContactMethod,
    ContactMethodNotFoundError,
    ContactMethodTakenError,
    PagePurpose,
    RulesContent,
    RuleStep,
    TestPage,
    UserNotFoundError,
)

SQL = load_queries(__package__, "contacts.sql")


class StoredRules(msgspec.Struct, frozen=True, kw_only=True):
    """A person's rules; revision 0: none were ever written."""

    high: list[RuleStep] = []
    low: list[RuleStep] = []
    quiet_hours: QuietHours | None = None
    revision: int = 0


async def require_user(tx: Tx, user_id: UUID) -> None:
    """Does nothing when there is such a person.

    Raises:
        UserNotFoundError: there is none.
    """
    if not await tx.fetchval(SQL["user_exists"], user_id):
        raise UserNotFoundError


async def lock_user(tx: Tx, user_id: UUID) -> None:
    """Other writers of the person's contact methods and rules wait until the transaction ends.

    Raises:
        UserNotFoundError: there is none.
    """
    if await tx.fetchval(SQL["lock_user"], user_id) is None:
        raise UserNotFoundError


async def list_methods(tx: Tx, user_id: UUID) -> list[ContactMethod]:
    """By kind and position."""
    return [msgspec.convert(dict(row), ContactMethod) for row in await tx.fetch(SQL["list_methods"], user_id)]


async def load_method(tx: Tx, user_id: UUID, method_id: UUID) -> ContactMethod:
    """One contact method of a person.

    Raises:
        ContactMethodNotFoundError: there is none.
    """
    row = await tx.fetchrow(SQL["load_method"], user_id, method_id)
    if row is None:
        raise ContactMethodNotFoundError
    return msgspec.convert(dict(row), ContactMethod)


async def insert_method(
    tx: Tx, user_id: UUID, method_id: UUID, content: ContactContent, *, is_verified: bool
) -> None:  # fmt: skip
    """A new contact method.

    Raises:
        ContactMethodTakenError: the person has it already.
    """
    try:
        await tx.execute(
            SQL["insert_method"], method_id, user_id, content.kind, content.address, content.position, is_verified
        )
    except asyncpg.UniqueViolationError as error:
        raise ContactMethodTakenError from error


async def update_method(
    tx: Tx, user_id: UUID, method_id: UUID, content: ContactContent, *, is_verified: bool
) -> None:  # fmt: skip
    """New content; the revision rises.

    Raises:
        ContactMethodTakenError: the person has it already.
    """
    try:
        await tx.execute(
            SQL["update_method"], user_id, method_id, content.kind, content.address, content.position, is_verified
        )
    except asyncpg.UniqueViolationError as error:
        raise ContactMethodTakenError from error


async def save_browser(tx: Tx, user_id: UUID, method_id: UUID, address: str) -> UUID:
    """The contact method of a browser, verified: the given id, or the one that it has already."""
    found: UUID = await tx.fetchval(SQL["save_browser"], method_id, user_id, address)
    return found


async def delete_method(tx: Tx, user_id: UUID, method_id: UUID) -> None:
    """Gone; what is owed already goes to where it was owed."""
    await tx.execute(SQL["delete_method"], user_id, method_id)


async def count_test_pages(tx: Tx, user_id: UUID, *, minutes: int) -> int:
    """How many test pages went to a person in the last minutes."""
    count: int = await tx.fetchval(SQL["count_test_pages"], user_id, minutes)
    return count


async def insert_test_page(
    tx: Tx, user_id: UUID, page_id: UUID, method: ContactMethod, *, asked_by: Actor, purpose: PagePurpose
) -> None:
    """A page that the notifier shall send. Ends the person's older ones that the tenant does not keep any longer.

    A browser's address is a secret: its contact method stands for it.
    """
    address = str(method.id) if method.kind == "push" else method.address
    await tx.execute(
        SQL["insert_test_page"], page_id, user_id, method.id, method.kind, address, asked_by, purpose
    )  # fmt: skip


async def list_test_pages(tx: Tx, user_id: UUID, method_id: UUID) -> list[TestPage]:
    """The newest over a contact method, newest first."""
    rows = await tx.fetch(SQL["list_test_pages"], user_id, method_id)
    return [msgspec.convert(dict(row), TestPage) for row in rows]


async def load_rules(tx: Tx, user_id: UUID) -> StoredRules:
    """A person's rules."""
    row = await tx.fetchrow(SQL["load_rules"], user_id)
    return StoredRules() if row is None else msgspec.convert(dict(row), StoredRules)


async def load_timezone(tx: Tx, user_id: UUID) -> str:
    """The zone of a person's clock."""
    zone: str = await tx.fetchval(SQL["load_timezone"], user_id)
    return zone


async def upsert_rules(tx: Tx, user_id: UUID, content: RulesContent) -> None:
    """New rules; the revision rises."""
    await tx.execute(SQL["upsert_rules"], user_id, content.high, content.low, content.quiet_hours)
