"""How long a tenant keeps what is over. Each call removes a slice in the caller's transaction, and any number may run.

The audit log is cut at its beginning only, and the cut is a row of the chain itself, so the rest stays verifiable.
"""

from uuid import UUID

import msgspec

from nightowl_alerting.store import insert_audit
from nightowl_common.db import Tx, load_queries
from nightowl_contracts import Actor

SQL = load_queries(__package__, "retention.sql")


class Keeping(msgspec.Struct, frozen=True, kw_only=True):
    """For how many days; None: for ever."""

    alerts: int | None
    payloads: int | None
    deliveries: int | None
    audit: int | None


async def load_keeping(tx: Tx) -> Keeping:
    """What the tenant has decided."""
    row = await tx.fetchrow(SQL["load_keeping"])
    assert row is not None, "a migration has made the one row"
    return msgspec.convert(dict(row), Keeping)


async def remove_alerts(tx: Tx, *, days: int, limit: int) -> int:
    """Alerts that were resolved longer ago, with all that is theirs; returns how many."""
    return _count(await tx.execute(SQL["remove_alerts"], days, limit))


async def remove_payloads(tx: Tx, *, days: int, limit: int) -> int:
    """Payloads of alerts that were resolved longer ago, and refused ones that came longer ago; returns how many."""
    refused = _count(await tx.execute(SQL["remove_rejected"], days, limit))
    alert_ids = await _pass_resolved(tx, "payloads", days=days, limit=limit)
    return refused + _count(await tx.execute(SQL["remove_payloads"], alert_ids))


async def remove_deliveries(tx: Tx, *, days: int, limit: int) -> int:
    """Deliveries of alerts that were resolved longer ago, and events that were posted longer ago; returns how many.

    Only what is settled, with its attempts.
    """
    posts = _count(await tx.execute(SQL["remove_webhook_deliveries"], days, limit))
    alert_ids = await _pass_resolved(tx, "deliveries", days=days, limit=limit)
    await tx.execute(SQL["remove_outbox_pages"], alert_ids)
    return posts + _count(await tx.execute(SQL["remove_deliveries"], alert_ids))


async def trim_audit(tx: Tx, *, days: int, limit: int, actor: Actor) -> int:
    """The oldest rows of the audit log, up to the first that is younger; returns how many.

    The first row that stays must follow the last that went: its hash is the anchor, which a row of the chain tells too.
    """
    anchor: int | None = await tx.fetchval(SQL["lock_audit_head"])
    cut = None if anchor is None else await tx.fetchrow(SQL["find_audit_cut"], anchor, days, limit)
    if cut is None:
        return 0
    removed = _count(await tx.execute(SQL["remove_audit"], cut["seq"]))
    await tx.execute(SQL["move_anchor"], cut["seq"], cut["hash"])
    told: dict[str, object] = {"through": cut["seq"], "hash": cut["hash"].hex(), "rows": removed, "days": days}
    await insert_audit(tx, actor, action="trimmed", entity="audit_log", entity_id=None, changes=told)
    return removed


async def _pass_resolved(tx: Tx, kind: str, *, days: int, limit: int) -> list[UUID]:
    """The next alerts that were resolved longer ago, and the mark behind them; none while somebody else is at it."""
    mark = await tx.fetchrow(SQL["lock_mark"], kind)
    if mark is None:
        return []
    rows = await tx.fetch(SQL["load_resolved_after"], mark["resolved_at"], mark["alert_id"], days, limit)
    if rows:
        await tx.execute(SQL["move_mark"], kind, rows[-1]["resolved_at"], rows[-1]["id"])
    return [row["id"] for row in rows]


def _count(tag: str) -> int:
    return int(tag.rpartition(" ")[2])
