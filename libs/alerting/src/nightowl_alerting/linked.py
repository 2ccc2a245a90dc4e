"""What the page behind a link shows: a page, its alert as it stands, and what is known of the problem."""

from datetime import datetime
from uuid import UUID

import msgspec

from nightowl_alerting.model import Alert
from nightowl_common.db import Tx, load_queries

SQL = load_queries(__package__, "linked.sql")


class KnownFix(msgspec.Struct, frozen=True, kw_only=True):
    """The incident that answers for an alert. Texts are cut to what a page could show."""

    incident_id: UUID
    title: str
    cause: str
    solution: str
    runbook_id: UUID | None = None
    runbook: str | None = None


class LinkedPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page and its alert as they stand. `person` is the recipient's name, if it is one, and `timezone` their clock.

    `cluster` and `namespace` are the alert's own, else those of its service.
    `due_at` is when the next tier is due, `followers` how many other pages went out with this one's message.
    """

    alert: Alert
    recipient: str
    channel: str
    is_repeat: bool
    created_at: datetime
    followers: int
    person: str | None
    timezone: str | None
    service: str | None
    cluster: str | None
    namespace: str | None
    due_at: datetime | None
    fix: KnownFix | None


async def load_linked_page(tx: Tx, delivery_id: UUID) -> LinkedPage | None:
    """One page with all that its link shows; None when there is no such page any more."""
    row = await tx.fetchrow(SQL["load_linked_page"], delivery_id)
    if row is None:
        return None
    fields = dict(row)
    return msgspec.convert({**fields, "alert": msgspec.convert(fields, Alert)}, LinkedPage)
