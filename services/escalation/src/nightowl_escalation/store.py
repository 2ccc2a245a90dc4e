"""Escalation's own SQL: shifts that change hands, and how much waits. Alerts, timers and pages are the kernel's."""

from uuid import UUID

import msgspec

from nightowl_common.db import Tx, load_queries
from nightowl_escalation.model import CanaryAge, Handover, LastWarning, Overdue, Queues

SQL = load_queries(__package__)


async def load_roster_names(tx: Tx) -> dict[UUID, str]:
    """Every roster."""
    return {row["id"]: row["name"] for row in await tx.fetch(SQL["load_roster_names"])}


async def insert_handoff(tx: Tx, roster_id: UUID, handover: Handover) -> bool:
    """Whether this transaction is the one that tells of it."""
    told = await tx.fetchval(
        SQL["insert_handoff"], roster_id, handover.boundary_at, handover.outgoing_id, handover.incoming_id
    )
    return bool(told)


async def delete_old_handoffs(tx: Tx) -> None:
    """What is told of for longer than a year."""
    await tx.execute(SQL["delete_old_handoffs"])


async def lock_roster_or_skip(tx: Tx, roster_id: UUID) -> bool:
    """The right to judge a roster, until the transaction ends; false when somebody else is at it."""
    return await tx.fetchval(SQL["lock_roster_or_skip"], roster_id) is not None


async def load_last_warning(tx: Tx, fingerprint: str) -> LastWarning | None:
    """The newest warning about a roster."""
    row = await tx.fetchrow(SQL["load_last_warning"], fingerprint)
    return None if row is None else msgspec.convert(dict(row), LastWarning)


async def load_queues(tx: Tx) -> Queues:
    """What waits to be published, of all tenants."""
    row = await tx.fetchrow(SQL["load_queues"])
    assert row is not None
    return msgspec.convert(dict(row), Queues)


async def load_overdue(tx: Tx) -> dict[str, Overdue]:
    """What is due and not paid, by kind of timer, of all tenants; a kind without any is not there."""
    return {row["kind"]: msgspec.convert(dict(row), Overdue) for row in await tx.fetch(SQL["load_overdue"])}


async def load_pending_by_tenant(tx: Tx) -> dict[str, int]:
    """How many alerts of each tenant are escalating, those with the most first."""
    return {row["tenant"]: row["alerts"] for row in await tx.fetch(SQL["load_pending_by_tenant"])}


async def load_canary(tx: Tx) -> CanaryAge | None:
    """How long ago the canary came through; None when the installation has none."""
    row = await tx.fetchrow(SQL["load_canary"])
    return None if row is None else msgspec.convert(dict(row), CanaryAge)
