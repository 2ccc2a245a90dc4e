"""Whose turn it is: one typed function per query."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from nightowl_alerting.calm.model import Behind, Standing, Told, Wait
from nightowl_alerting.model import Folded, Owed, Timer
from nightowl_common.db import Tx, load_queries
from nightowl_contracts import DeliverySummary

SQL = load_queries(__package__)


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """A page that waits to be sent, as long as nobody has claimed it."""

    alert_id: UUID
    cycle: int
    step: int
    recipient: str
    due_at: datetime
    is_critical: bool


async def load_due_deliveries(tx: Tx, *, is_critical: bool, limit: int) -> list[Timer]:
    """Due timers of pages of critical alerts, or of all others; not locked."""
    rows = await tx.fetch(SQL["load_due_critical" if is_critical else "load_due_ordinary"], limit)
    return [msgspec.convert(dict(row), Timer) for row in rows]


async def owes_later(tx: Tx, page: Owed) -> bool:
    """Whether the step of a page owes its recipient another page later."""
    return bool(await tx.fetchval(SQL["owes_later"], page.alert_id, page.cycle, page.step, page.recipient))


async def load_late(tx: Tx, delivery_ids: Sequence[UUID], *, seconds: float, limit: int) -> list[UUID]:
    """Of some pages those that are still queued so long after they were to go out, the latest first."""
    return [row["id"] for row in await tx.fetch(SQL["load_late"], list(delivery_ids), seconds, limit)]


async def load_waiting(tx: Tx, delivery_id: UUID) -> Waiting | None:
    """A queued page; None when it is not queued, must still wait, or is needed no more."""
    row = await tx.fetchrow(SQL["load_waiting"], delivery_id)
    return None if row is None else msgspec.convert(dict(row), Waiting)


async def load_standing(tx: Tx, delivery_id: UUID) -> Standing | None:
    """What the turn of a queued page depends on; None when it is not queued, must still wait, or is needed no more."""
    row = await tx.fetchrow(SQL["load_standing"], delivery_id)
    return None if row is None else msgspec.convert(dict(row), Standing)


async def lock_turns(tx: Tx, page: Standing) -> None:
    """Other turns of the recipient over the channel wait until the transaction ends."""
    await tx.execute(SQL["lock_turns"], page.recipient, page.channel)


async def load_told(tx: Tx, page: Standing, *, window: timedelta) -> Told:
    """Messages to the page's recipient over its channel within a window."""
    found = [row["at"] for row in await tx.fetch(SQL["load_told"], page.recipient, page.channel, window)]
    sent = [at for at in found if at is not None]
    return Told(sent=sent, in_flight=len(found) - len(sent))


async def lock_behind(tx: Tx, page: Standing, delivery_id: UUID, *, limit: int) -> list[Behind]:
    """What else waits for the page's address and may go out now, locked."""
    rows = await tx.fetch(SQL["lock_behind"], page.recipient, page.channel, page.address, delivery_id, limit)
    return [msgspec.convert(dict(row), Behind) for row in rows]


async def has_held(tx: Tx, page: Standing) -> bool:
    """Whether anything is held for the page's recipient over its channel."""
    return bool(await tx.fetchval(SQL["has_held"], page.recipient, page.channel))


async def hold_delivery(tx: Tx, delivery_id: UUID, wait: Wait) -> None:
    """A queued page waits."""
    await tx.execute(SQL["hold_delivery"], delivery_id, wait.until, wait.why, wait.is_brief)


async def claim_followers(
    tx: Tx, leader_id: UUID, delivery_ids: Sequence[UUID], *, lease_until: datetime
) -> list[Folded]:  # fmt: skip
    """Locked pages that go out with the leader's message."""
    rows = await tx.fetch(SQL["claim_followers"], list(delivery_ids), leader_id, lease_until)
    return sorted((msgspec.convert(dict(row), Folded) for row in rows), key=lambda each: each.delivery_id)


async def load_followers(tx: Tx, leader_id: UUID) -> list[UUID]:
    """Pages that went out with the leader's message."""
    return [row["id"] for row in await tx.fetch(SQL["load_followers"], leader_id)]


async def list_follower_alerts(tx: Tx, leader_id: UUID) -> list[UUID]:
    """The alerts of the pages that are on their way with the leader's message."""
    return [row["alert_id"] for row in await tx.fetch(SQL["list_follower_alerts"], leader_id)]


async def insert_follower_attempts(
    tx: Tx, leader_id: UUID, *, outcome: str, provider: str, reason: str, detail: str
) -> None:  # fmt: skip
    """What the leader's attempt came to, for all that are on their way with it."""
    await tx.execute(
        SQL["insert_follower_attempts"], leader_id, outcome, provider, reason, detail
    )  # fmt: skip


async def settle_followers_sent(
    tx: Tx, leader_id: UUID, *, provider: str, provider_id: str | None, detail: str
) -> list[DeliverySummary]:  # fmt: skip
    """Sent, as the leader, with an attempt each."""
    rows = await tx.fetch(SQL["settle_followers_sent"], leader_id, provider, provider_id, detail)
    return [msgspec.convert(dict(row), DeliverySummary) for row in rows]


async def settle_followers_failed(tx: Tx, leader_id: UUID, *, provider: str, reason: str) -> list[DeliverySummary]:
    """Failed for good, as the leader."""
    rows = await tx.fetch(SQL["settle_followers_failed"], leader_id, provider, reason)
    return [msgspec.convert(dict(row), DeliverySummary) for row in rows]


async def settle_followers_unclear(tx: Tx, leader_id: UUID, *, lease_until: datetime, provider: str) -> list[UUID]:
    """Waiting for proof, as the leader."""
    return [row["id"] for row in await tx.fetch(SQL["settle_followers_unclear"], leader_id, lease_until, provider)]


async def settle_followers_again(
    tx: Tx, leader_id: UUID, *, provider: str, reason: str, is_repeat: bool, not_before: datetime
) -> list[UUID]:  # fmt: skip
    """Back in the queue, as the leader."""
    rows = await tx.fetch(SQL["settle_followers_again"], leader_id, provider, reason, is_repeat, not_before)
    return [row["id"] for row in rows]


async def free_follower(tx: Tx, delivery_id: UUID) -> None:
    """Back in the queue, marked as a repeat, because its leader is gone."""
    await tx.execute(SQL["free_follower"], delivery_id)


async def postpone_timers(tx: Tx, delivery_ids: Sequence[UUID], *, due_at: datetime) -> None:
    """Pages are due at another time."""
    if delivery_ids:
        await tx.execute(SQL["postpone_timers"], sorted(delivery_ids), due_at)


async def free_held(tx: Tx, alert_ids: Sequence[UUID], *, is_critical: bool) -> None:
    """What was held for alerts that have become worse goes out now."""
    if alert_ids:
        await tx.execute(SQL["free_held"], sorted(alert_ids), is_critical)


async def hasten_timers(tx: Tx, delivery_ids: Sequence[UUID]) -> None:
    """The due loop takes queued pages at once; one that must still wait is left alone."""
    await tx.execute(SQL["hasten_timers"], list(delivery_ids))
