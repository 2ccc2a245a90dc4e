"""The only SQL that writes deliveries of subscriptions and their attempts: one typed function per named query."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from nightowl_alerting.model import Timer
from nightowl_alerting.store import delete_timers, upsert_timers
from nightowl_alerting.webhooks.model import (
    AlertFacts,
    ClaimedDelivery,
    NewDelivery,
    StoredDelivery,
    Subscription,
    WebhookReason,
)
from nightowl_common.db import Tx, load_queries

SQL = load_queries(__package__)

KIND: Literal["webhook"] = "webhook"
"""The kind of these obligations' timers."""


class EndedSubscription(msgspec.Struct, frozen=True, kw_only=True):
    """One that was enabled and is not any more."""

    name: str
    revision: int


async def lock_enabled_subscriptions(tx: Tx) -> list[Subscription]:
    """Those that want events; none of them is deleted before the transaction ends."""
    return [msgspec.convert(dict(row), Subscription) for row in await tx.fetch(SQL["lock_enabled_subscriptions"])]


async def load_alert_facts(tx: Tx, alert_ids: Sequence[UUID]) -> dict[UUID, AlertFacts]:
    """Of those alerts that are there."""
    if not alert_ids:
        return {}
    rows = await tx.fetch(SQL["load_alert_facts"], list(alert_ids))
    return {row["id"]: msgspec.convert(dict(row), AlertFacts) for row in rows}


async def insert_deliveries(tx: Tx, tenant: str, deliveries: Sequence[NewDelivery]) -> list[UUID]:
    """Posts that are owed, each with its timer; returns those that were not owed before."""
    if not deliveries:
        return []
    rows = await tx.fetch(SQL["insert_webhook_deliveries"], list(deliveries))
    await _set_timers(tx, tenant, [(row["id"], 0, row["due_at"]) for row in rows])
    return [row["id"] for row in rows]


async def load_due_tenants(tx: Tx) -> list[str]:
    """Tenants that owe a post now, but for suspended ones."""
    return [row["tenant"] for row in await tx.fetch(SQL["load_due_tenants"])]


async def load_due_subscriptions(tx: Tx, *, most: int) -> dict[UUID, int]:
    """Subscription → how many of its posts are due, counted up to `most`."""
    return {row["id"]: row["due"] for row in await tx.fetch(SQL["load_due_subscriptions"], most)}


async def delete_stray_timers(tx: Tx, tenant: str, *, limit: int) -> int:
    """Due timers whose delivery is settled or gone; returns how many."""
    refs = [row["ref"] for row in await tx.fetch(SQL["load_stray_webhook_timers"], tenant, limit)]
    await delete_timers(tx, KIND, refs)
    return len(refs)


async def claim_next(tx: Tx, tenant: str, subscription_id: UUID, *, lease_seconds: float) -> ClaimedDelivery | None:
    """The right to post the oldest due delivery, with its timer set to the lease's end; None when none is due."""
    row = await tx.fetchrow(SQL["claim_webhook_delivery"], subscription_id, lease_seconds, tenant)
    if row is None:
        return None
    claimed = msgspec.convert(dict(row), ClaimedDelivery)
    await _set_timers(tx, tenant, [(claimed.id, claimed.token, claimed.due_at)])
    return claimed


async def lock_subscription(tx: Tx, subscription_id: UUID) -> bool | None:
    """Whether it is enabled; None when it is gone. Locked until the transaction ends."""
    is_enabled: bool | None = await tx.fetchval(SQL["lock_webhook_subscription"], subscription_id)
    return is_enabled


async def settle(
    tx: Tx, claimed: ClaimedDelivery, *, status: str, status_code: int | None, reason: WebhookReason | None
) -> bool:
    """Sent or failed, without a timer; false when the claim is no longer ours (fenced)."""
    query = SQL["settle_webhook_delivery"]
    if await tx.fetchval(query, claimed.id, claimed.token, status, status_code, reason) is None:
        return False
    await delete_timers(tx, KIND, [claimed.id])
    return True


async def requeue(
    tx: Tx,
    tenant: str,
    claimed: ClaimedDelivery,
    *,
    status_code: int | None,
    reason: WebhookReason,
    wait_seconds: float,
) -> bool:
    """Queued again, with its timer; false when the claim is no longer ours (fenced)."""
    query = SQL["requeue_webhook_delivery"]
    due_at = await tx.fetchval(query, claimed.id, claimed.token, status_code, reason, wait_seconds)
    if due_at is None:
        return False
    await _set_timers(tx, tenant, [(claimed.id, claimed.token, due_at)])
    return True


async def hold(tx: Tx, tenant: str, subscription_id: UUID, *, seconds: float) -> None:
    """Nothing that waits for a locked subscription is due sooner."""
    rows = await tx.fetch(SQL["hold_webhook_deliveries"], subscription_id, seconds)
    await _set_timers(tx, tenant, [(row["id"], 0, row["due_at"]) for row in rows])


async def stop(tx: Tx, subscription_id: UUID, *, reason: WebhookReason) -> int:
    """What waits for a locked subscription has failed; returns how many."""
    stopped = [row["id"] for row in await tx.fetch(SQL["stop_webhook_deliveries"], subscription_id, reason)]
    await delete_timers(tx, KIND, stopped)
    return len(stopped)


async def drop_timers(tx: Tx, subscription_id: UUID) -> None:
    """For a locked subscription that is deleted next: nothing is due for it any more."""
    rows = await tx.fetch(SQL["lock_unsettled_webhook_deliveries"], subscription_id)
    await delete_timers(tx, KIND, [row["id"] for row in rows])


async def end_subscription(tx: Tx, subscription_id: UUID) -> EndedSubscription | None:
    """Disabled because its receiver is gone; None when it was disabled before."""
    row = await tx.fetchrow(SQL["end_webhook_subscription"], subscription_id)
    return None if row is None else msgspec.convert(dict(row), EndedSubscription)


async def insert_attempt(
    tx: Tx, delivery_id: UUID, token: int, *, outcome: str, status_code: int | None, detail: str
) -> None:
    """What a post came to."""
    await tx.execute(SQL["insert_webhook_attempt"], delivery_id, token, outcome, status_code, detail)


async def lock_original(tx: Tx, delivery_id: UUID) -> StoredDelivery | None:
    """A delivery whose subscription is locked until the transaction ends; None when there is none."""
    row = await tx.fetchrow(SQL["lock_webhook_original"], delivery_id)
    return None if row is None else msgspec.convert(dict(row), StoredDelivery)


async def load_next_replay(tx: Tx, original: StoredDelivery) -> int:
    """The number of the next replay of an event whose subscription is locked, from 1."""
    replay: int = await tx.fetchval(SQL["load_next_replay"], original.subscription_id, original.event_id)
    return replay


async def restore_timers(tx: Tx, tenant: str) -> int:
    """Gives unsettled deliveries the timer that they should have and have not; returns how many."""
    rows = await tx.fetch(SQL["lock_webhook_deliveries_missing"])
    await _set_timers(tx, tenant, [(row["id"], row["token"], row["due_at"]) for row in rows])
    return len(rows)


async def _set_timers(tx: Tx, tenant: str, due: Sequence[tuple[UUID, int, datetime]]) -> None:
    await upsert_timers(
        tx,
        [Timer(kind=KIND, ref=ref, tenant=tenant, version=version, due_at=due_at) for ref, version, due_at in due],
    )
