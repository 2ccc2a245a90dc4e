"""A suspended tenant takes in, pages and changes nothing. What it owes waits, and is paid when it is resumed.

Every look for due timers passes its timers over (queries.sql), the edges refuse its calls. So nothing is rewritten when
it is suspended, and nothing can be forgotten when it is resumed.
"""

from nightowl_alerting.model import Timer
from nightowl_alerting.store import insert_audit, upsert_timers
from nightowl_common.db import Tx, load_queries
from nightowl_contracts import Actor

SQL = load_queries(__package__, "suspension.sql")


async def suspend_tenant(tx: Tx, tenant: str, actor: Actor) -> bool:
    """No timer of it is paid from this commit on, its calls are refused within 5 s; false: it is suspended already."""
    return await _change(tx, tenant, actor, status="suspended")


async def resume_tenant(tx: Tx, tenant: str, actor: Actor) -> bool:
    """What is overdue is due at once, and heartbeats have their whole time again; false: it is active already."""
    if not await _change(tx, tenant, actor, status="active"):
        return False
    awaited = await tx.fetch(SQL["give_heartbeats_anew"])
    await upsert_timers(
        tx,
        [Timer(kind="heartbeat", ref=row["id"], tenant=tenant, version=0, due_at=row["due_at"]) for row in awaited],
    )
    return True


async def _change(tx: Tx, tenant: str, actor: Actor, *, status: str) -> bool:
    if await tx.execute(SQL["change_status"], tenant, status) != "UPDATE 1":
        return False
    before = "active" if status == "suspended" else "suspended"
    await insert_audit(
        tx, actor, action="updated", entity="tenant", entity_id=None, changes={"status": [before, status]}
    )  # fmt: skip
    return True
