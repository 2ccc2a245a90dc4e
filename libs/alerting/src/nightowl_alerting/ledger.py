"""The ledger: proves, for one tenant, that nothing accepted is unaccounted for.

Rule 1: every received message has as many dispositions as alerts. Rule 2: every alert that shall escalate, muted or
not, has its one timer, every snoozed one has the timer that ends the snooze, and no other alert has either; every
heartbeat that is awaited has its timer, and no other has one. Rule 3: every page that is owed has its timer, in time,
and no settled page has one; every event that a subscription is owed has its timer, and no settled one has; what is
owed to a thread has its timer. Whatever breaks a rule is a finding; the ledger only reads and repairs nothing.
"""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from nightowl_common.bus import Bus, ScannedMessage
from nightowl_common.db import Tx, load_queries
from nightowl_common.ids import id_at
from nightowl_contracts import subjects
from nightowl_contracts.topology import ENRICHMENT, INGEST, Header

SQL = load_queries(__package__, "ledger.sql")

GRACE_SECONDS = 10.0
"""A message that was stored more recently may still be on its way."""

SPOOL_SECONDS = 60.0
"""A spooled call older than this, with the bus up, is stuck."""

OVERDUE_SECONDS = 60.0
"""A page's timer that is due for longer than this is not being paid."""


class ReceivedMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message on INGEST, and how many dispositions it must have."""

    event_id: UUID
    alerts: int
    sequence: int
    stored_at: datetime

    @classmethod
    def from_scan(cls, message: ScannedMessage) -> "ReceivedMessage":
        """What its headers say; one without them is known by an id made from its place, as where it is buried."""
        try:
            event_id, alerts = UUID(message.headers[Header.EVENT_ID]), int(message.headers[Header.ALERTS])
        except (KeyError, ValueError):
            event_id, alerts = id_at(message.stored_at, message.sequence), 1
        return cls(event_id=event_id, alerts=alerts, sequence=message.sequence, stored_at=message.stored_at)


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One broken rule: what it is about (a message, an alert, a delivery or a timer) and what is wrong with it."""

    rule: Literal[1, 2, 3]
    subject: str
    detail: str


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """How much was looked at: messages on the bus, open alerts, unsettled deliveries."""

    messages: int
    alerts: int
    deliveries: int


async def unaccounted(tx: Tx, tenant: str, received: Sequence[ReceivedMessage]) -> list[Finding]:
    """Everything that breaks a rule, by rule. Scan the bus before the transaction begins, not the other way round."""
    return [
        *await _check_messages(tx, tenant, received),
        *await _check_escalations(tx, tenant),
        *await _check_heartbeats(tx, tenant),
        *await _check_deliveries(tx, tenant),
        *await _check_webhooks(tx, tenant),
        *await _check_posts(tx),
    ]


async def count_checked(tx: Tx, messages: int) -> Checked:
    """How much was looked at, beside so many messages."""
    row = await tx.fetchrow(SQL["count_owed"])
    assert row is not None
    return Checked(messages=messages, alerts=row["alerts"], deliveries=row["deliveries"])


async def received_parts(
    bus: Bus, tenant: str, *, since: datetime | None = None
) -> AsyncIterator[list[ReceivedMessage]]:
    """What a tenant was sent since then (72 h ago), oldest first, a part at a time. Raises as `Bus.scan_parts`."""
    async for part in bus.scan_parts(INGEST, subject=subjects.ingest(tenant), since=since):
        yield [ReceivedMessage.from_scan(each) for each in part]


async def lost_messages(tx: Tx, received: Sequence[ReceivedMessage]) -> dict[UUID, Finding]:
    """Those of the messages that break rule 1, by their events; any part of what was received may be asked about."""
    if not received:
        return {}
    ids = [each.event_id for each in received]
    rows = await tx.fetch(
        SQL["load_lost_messages"],
        ids,
        [each.alerts for each in received],
        [each.sequence for each in received],
        [each.stored_at for each in received],
        ENRICHMENT.name,
        min(ids),
        max(ids),
        GRACE_SECONDS,
    )
    return {
        row["event_id"]: Finding(
            rule=1,
            subject=f"event {row['event_id']}",
            detail=f"message {row['sequence']}: {row['alerts']} alerts, {row['found']} dispositions",
        )
        for row in rows
    }


async def _check_messages(tx: Tx, tenant: str, received: Sequence[ReceivedMessage]) -> list[Finding]:
    spooled = [
        Finding(rule=1, subject=f"spooled call {row['message_id']}", detail=_late("waiting", row["age_seconds"]))
        for row in await tx.fetch(SQL["load_stuck_spool"], tenant, SPOOL_SECONDS)
    ]
    return [*(await lost_messages(tx, received)).values(), *spooled]


async def _check_escalations(tx: Tx, tenant: str) -> list[Finding]:
    return [
        Finding(rule=2, subject=f"{row['kind']} timer of {row['ref']}", detail=_stray("alert", row["escalation_state"]))
        if row["id"] is None
        else Finding(
            rule=2, subject=f"alert {row['id']}", detail=_timer_problem(row["escalation_state"], row["timer_version"])
        )
        for row in await tx.fetch(SQL["load_escalations_amiss"], tenant)
    ]


async def _check_heartbeats(tx: Tx, tenant: str) -> list[Finding]:
    missing = [
        Finding(rule=2, subject=f"heartbeat {row['id']}", detail=_deadline_problem(row["due_at"]))
        for row in await tx.fetch(SQL["load_heartbeats_without_timer"])
    ]
    stray = [
        Finding(rule=2, subject=f"heartbeat timer of {row['ref']}", detail=_unawaited(is_known=row["is_known"]))
        for row in await tx.fetch(SQL["load_stray_heartbeat_timers"], tenant)
    ]
    return [*missing, *stray]


async def _check_posts(tx: Tx) -> list[Finding]:
    return [
        Finding(rule=3, subject=f"posts of alert {row['alert_id']}", detail="owed to a thread without a timer")
        for row in await tx.fetch(SQL["load_posts_without_timer"])
    ]


async def _check_deliveries(tx: Tx, tenant: str) -> list[Finding]:
    missing = [
        Finding(
            rule=3,
            subject=f"delivery {row['id']}",
            detail=f"{row['status']}, "
            + ("no timer" if row["overdue_seconds"] is None else _late("timer overdue", row["overdue_seconds"])),
        )
        for row in await tx.fetch(SQL["load_deliveries_without_timer"], OVERDUE_SECONDS)
    ]
    stray = [
        Finding(rule=3, subject=f"delivery timer of {row['ref']}", detail=_stray("delivery", row["status"]))
        for row in await tx.fetch(SQL["load_stray_delivery_timers"], tenant)
    ]
    return [*missing, *stray]


async def _check_webhooks(tx: Tx, tenant: str) -> list[Finding]:
    missing = [
        Finding(rule=3, subject=f"webhook delivery {row['id']}", detail=f"{row['status']}, no timer")
        for row in await tx.fetch(SQL["load_webhooks_without_timer"])
    ]
    stray = [
        Finding(rule=3, subject=f"webhook timer of {row['ref']}", detail=_stray("webhook delivery", row["status"]))
        for row in await tx.fetch(SQL["load_stray_webhook_timers"], tenant)
    ]
    return [*missing, *stray]


def _timer_problem(state: str, timer_version: int | None) -> str:
    if timer_version is not None:
        return f"its timer is of version {timer_version}"
    return "is snoozed, nothing ends it" if state == "snoozed" else "shall escalate, has no timer"


def _stray(kind: str, state: str | None) -> str:
    return f"there is no such {kind}" if state is None else f"the {kind} is {state}"


def _deadline_problem(due_at: datetime | None) -> str:
    return "is awaited, has no timer" if due_at is None else "its timer is of an older beat"


def _unawaited(*, is_known: bool) -> str:
    return "the heartbeat is not awaited" if is_known else "there is no such heartbeat"


def _late(what: str, seconds: float) -> str:
    return f"{what} for {seconds:.0f} s"
