"""Codes that prove contact methods."""

from uuid import UUID

import msgspec

from nightowl_common.db import Tx, load_queries
from nightowl_query.model.contact_codes import CODE_HOURS, MAX_TRIES, SentCodes, WaitingCode
from nightowl_query.model.contacts import ContactMethod

SQL = load_queries(__package__, "contact_codes.sql")


async def lock_address(tx: Tx, address: str) -> None:
    """Others who ask for a code to the address wait until the transaction ends."""
    await tx.execute(SQL["lock_address"], address)


async def count_codes(tx: Tx, user_id: UUID, address: str) -> SentCodes:
    """What went to the person and, whoever asked for it, to the address in the last hours."""
    [row] = await tx.fetch(SQL["count_codes"], user_id, address, CODE_HOURS)
    return msgspec.convert(dict(row), SentCodes)


async def take_try(tx: Tx, user_id: UUID, method: ContactMethod) -> WaitingCode | None:
    """One try less for the newest code; None: no code waits for this address, or all tries were taken."""
    row = await tx.fetchrow(SQL["take_try"], user_id, method.id, method.kind, method.address, MAX_TRIES)
    return None if row is None else msgspec.convert(dict(row), WaitingCode)


async def verify_method(tx: Tx, page_id: UUID) -> bool:
    """The contact method of a code is verified and its revision rises. False: the code was used, or it has changed."""
    return await tx.fetchval(SQL["verify_method"], page_id) is not None
