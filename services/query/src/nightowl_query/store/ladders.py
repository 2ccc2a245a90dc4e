"""What an alert's escalation is told from."""

from datetime import datetime
from uuid import UUID

import msgspec

from nightowl_alerting.model import Alert, AlertNotFoundError
from nightowl_common.db import Tx, load_queries
from nightowl_query.model.history import PastAlert
from nightowl_query.model.ladders import PastRung, ToldPage

SQL = load_queries(__package__, "ladders.sql")


class Climber(msgspec.Struct, frozen=True, kw_only=True):
    """An alert, as far as its escalation goes, and when its next tier is due."""

    alert: Alert
    due_at: datetime | None
    policy_name: str | None


async def load_climber(tx: Tx, alert_id: UUID) -> Climber:
    """One alert.

    Raises:
        AlertNotFoundError: there is none.
    """
    row = await tx.fetchrow(SQL["load_climber"], alert_id)
    if row is None:
        raise AlertNotFoundError
    return Climber(alert=msgspec.convert(dict(row), Alert), due_at=row["due_at"], policy_name=row["policy_name"])


async def list_steps(tx: Tx, alert_id: UUID) -> list[PastRung]:
    """The steps of an alert that have fired, in order, each with its pages."""
    pages: dict[tuple[int, int], list[ToldPage]] = {}
    for row in await tx.fetch(SQL["list_pages"], alert_id):
        pages.setdefault((row["cycle"], row["step"]), []).append(msgspec.convert(dict(row), ToldPage))
    return [
        msgspec.convert({**dict(row), "pages": pages.get((row["cycle"], row["tier"]), [])}, PastRung)
        for row in await tx.fetch(SQL["list_steps"], alert_id)
    ]


async def list_past_alerts(tx: Tx, policy_id: UUID, *, since: datetime, below: UUID, limit: int) -> list[PastAlert]:
    """Alerts that opened under a policy since an instant, with an id below a bound, newest first."""
    rows = await tx.fetch(SQL["list_past_alerts"], policy_id, since, below, limit)
    return [
        PastAlert(
            alert=msgspec.convert(dict(row), Alert), stopped_at=row["stopped_at"], responder_id=row["responder_id"]
        )
        for row in rows
    ]
