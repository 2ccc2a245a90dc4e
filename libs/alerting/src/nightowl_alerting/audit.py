"""Whether the audit log is what was written: a walk along its chain."""

from typing import Any
from uuid import UUID

import msgspec

from nightowl_common.db import Tx, load_queries

SQL = load_queries(__package__, "audit.sql")

PART = 2_000
"""Rows of one statement."""


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """A place in a chain: a row's number and hash. Kept elsewhere, it shows later that nothing before it changed."""

    seq: int
    hash: bytes

    def __str__(self) -> str:
        return f"{self.seq}:{self.hash.hex()}"


class Break(msgspec.Struct, frozen=True, kw_only=True):
    """The first row that does not fit. `seq` is where it should be, or None for a row outside the chain."""

    seq: int | None
    id: UUID | None
    reason: str


class Intact(msgspec.Struct, frozen=True, kw_only=True):
    """Every row fits. `rows` were looked at, up to `head`."""

    rows: int
    head: Mark


class _Walk(msgspec.Struct, kw_only=True):
    at: Mark
    known: Mark | None
    rows: int = 0


async def verify_chain(tx: Tx, *, known: Mark | None = None) -> Intact | Break:
    """Walks the tenant's whole chain, in a transaction that has asked nothing yet.

    `known` is a mark from an earlier run: without one, a chain that was made anew from some row on looks intact.
    """
    await tx.execute(SQL["freeze_snapshot"])
    row = await tx.fetchrow(SQL["load_audit_head"])
    if row is None:
        return Break(seq=None, id=None, reason="the head of the chain is gone")
    anchor = Mark(seq=row["anchor_seq"], hash=row["anchor_hash"])
    head = Mark(seq=row["seq"], hash=row["hash"])
    walk = _Walk(at=anchor, known=known)
    broken = await _find_stray(tx, anchor) or await _walk(tx, walk) or await _check_anchor(tx, anchor)
    if broken is not None:
        return broken
    if walk.at != head:
        first = min(walk.at.seq, head.seq) + 1
        return Break(seq=first, id=None, reason=f"the chain ends at {walk.at.seq}, and its head says {head.seq}")
    if known is not None and known.seq > head.seq:
        return Break(seq=head.seq + 1, id=None, reason=f"rows up to {known.seq} were there once")
    return Intact(rows=walk.rows, head=head)


async def _walk(tx: Tx, walk: _Walk) -> Break | None:
    while part := await tx.fetch(SQL["load_audit_links"], walk.at.seq, walk.at.hash, PART):
        for row in part:
            broken = _check_link(walk, row["id"], row["seq"], row["hash"], row["expected"])
            if broken is not None:
                return broken
    return None


def _check_link(walk: _Walk, row_id: UUID, seq: int, found: bytes | None, expected: bytes | None) -> Break | None:
    if seq != walk.at.seq + 1:
        return Break(seq=walk.at.seq + 1, id=None, reason="is missing")
    if found is None or found != expected:
        return Break(seq=seq, id=row_id, reason="is not what was written, or does not follow the row before it")
    walk.at = Mark(seq=seq, hash=found)
    walk.rows += 1
    if walk.known is not None and walk.known.seq == seq and walk.known.hash != found:
        return Break(seq=seq, id=row_id, reason="is not the row that was there when it was marked")
    return None


async def _find_stray(tx: Tx, anchor: Mark) -> Break | None:
    row = await tx.fetchrow(SQL["find_unchained_audit"], anchor.seq)
    if row is None:
        return None
    return Break(seq=row["seq"], id=row["id"], reason="is outside the chain")


async def _check_anchor(tx: Tx, anchor: Mark) -> Break | None:
    """Old rows are removed by retention alone, which says so in the chain."""
    told: dict[str, Any] | None = await tx.fetchval(SQL["load_last_trim"])
    through = Mark(seq=0, hash=b"") if told is None else Mark(seq=told["through"], hash=bytes.fromhex(told["hash"]))
    if through == anchor:
        return None
    return Break(seq=anchor.seq, id=None, reason=f"rows up to here are gone, and the chain says up to {through.seq}")
