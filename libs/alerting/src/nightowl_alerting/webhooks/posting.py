"""Events that are owed to subscriptions: written once, posted at least once, asked for again.

Nothing here opens a connection: `claim` and `finish` are the two ends of a post outside of any transaction.
"""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from nightowl_alerting.paging import NOTIFIER
from nightowl_alerting.store import insert_audit
from nightowl_alerting.webhooks import store
from nightowl_alerting.webhooks.deciding import (
    alert_id_of,
    decide,
    has_filter,
    passes,
    type_of,
    wanting,
    why_not_to_post,
)
from nightowl_alerting.webhooks.model import (
    PING,
    Again,
    Answered,
    ClaimedDelivery,
    Done,
    EndSubscription,
    GiveUp,
    Move,
    NewDelivery,
    Ping,
    PingTarget,
    PostResult,
    Refused,
    StoredDelivery,
    Unclear,
    Unreachable,
    WebhookReason,
)
from nightowl_common.db import Tx
from nightowl_common.ids import new_id
from nightowl_contracts import Actor, AnyEvent, ChangedSubscription, SubscriptionChanged, encode_event


async def owe(tx: Tx, tenant: str, events: Sequence[AnyEvent]) -> int:
    """Writes what a tenant's subscriptions want of some events; returns how many posts were not owed before."""
    subscriptions = await store.lock_enabled_subscriptions(tx)
    pairs = [(event, each) for event in events for each in wanting(subscriptions, event)]
    asked = {alert_id_of(event) for event, each in pairs if has_filter(each)}
    facts = await store.load_alert_facts(tx, [each for each in asked if each is not None])
    wanted = [
        NewDelivery(
            id=new_id(),
            subscription_id=each.id,
            event_id=event.id,
            event_type=type_of(event),
            body=encode_event(event).decode(),
        )
        for event, each in pairs
        if passes(each, event, facts)
    ]
    return len(await store.insert_deliveries(tx, tenant, wanted))


async def ping(tx: Tx, tenant: str, subscription_id: UUID, *, name: str, actor: Actor) -> UUID:
    """Owes a subscription, enabled or not, a post that tells of nothing; returns the delivery's id."""
    told = PingTarget(subscription_id=subscription_id, name=name)
    body = Ping(id=new_id(), tenant=tenant, at=await tx.now(), actor=actor, data=told)
    delivery = NewDelivery(
        id=new_id(),
        subscription_id=subscription_id,
        event_id=body.id,
        event_type=PING,
        body=msgspec.json.encode(body).decode(),
    )
    await store.insert_deliveries(tx, tenant, [delivery])
    return delivery.id


async def replay(tx: Tx, tenant: str, original: StoredDelivery) -> UUID:
    """Owes the same body again, to a subscription that is locked; returns the new delivery's id."""
    delivery = NewDelivery(
        id=new_id(),
        subscription_id=original.subscription_id,
        event_id=original.event_id,
        event_type=original.event_type,
        body=original.body,
        replay=await store.load_next_replay(tx, original),
        original_id=original.id,
    )
    await store.insert_deliveries(tx, tenant, [delivery])
    return delivery.id


async def claim(tx: Tx, tenant: str, subscription_id: UUID, *, lease_seconds: float) -> ClaimedDelivery | None:
    """The right to post what is due next; None when nothing is. A lost attempt is marked unclear."""
    claimed = await store.claim_next(tx, tenant, subscription_id, lease_seconds=lease_seconds)
    if claimed is not None and claimed.was_lost:
        detail = "nothing was recorded before the lease ended"
        await store.insert_attempt(
            tx, claimed.id, claimed.token - 1, outcome="unclear", status_code=None, detail=detail
        )
    return claimed


async def drop_if_void(tx: Tx, claimed: ClaimedDelivery) -> bool:
    """Ends a claim that is not to be posted; whether it was one."""
    reason = why_not_to_post(attempts=claimed.attempts, event_type=claimed.event_type, is_enabled=claimed.is_enabled)
    if reason is not None:
        await store.settle(tx, claimed, status="failed", status_code=None, reason=reason)
    return reason is not None


async def finish(tx: Tx, tenant: str, claimed: ClaimedDelivery, result: PostResult) -> Move | None:
    """Records what a post came to and does what follows. None when it was fenced off, which leaves only a trace."""
    is_enabled = await store.lock_subscription(tx, claimed.subscription_id)
    if is_enabled is None:
        return None
    move = decide(result, attempts=claimed.attempts, event_type=claimed.event_type, is_enabled=is_enabled)
    is_ours = await _apply(tx, tenant, claimed, move, status_code=_status_of(result))
    outcome = _outcome_of(result) if is_ours else "late"
    await store.insert_attempt(
        tx, claimed.id, claimed.token, outcome=outcome, status_code=_status_of(result), detail=_detail_of(result)
    )
    return move if is_ours else None


async def _apply(tx: Tx, tenant: str, claimed: ClaimedDelivery, move: Move, *, status_code: int | None) -> bool:
    match move:
        case Done():
            return await store.settle(tx, claimed, status="sent", status_code=status_code, reason=None)
        case Again(seconds=seconds, reason=reason, holds_all=holds_all):
            is_ours = await store.requeue(
                tx, tenant, claimed, status_code=status_code, reason=reason, wait_seconds=seconds
            )
            if holds_all:
                await store.hold(tx, tenant, claimed.subscription_id, seconds=seconds)
            return is_ours
        case GiveUp(reason=reason):
            return await store.settle(tx, claimed, status="failed", status_code=status_code, reason=reason)
        case EndSubscription():
            is_ours = await store.settle(
                tx, claimed, status="failed", status_code=status_code, reason=WebhookReason.GONE
            )
            if is_ours:
                await _end(tx, tenant, claimed.subscription_id)
            return is_ours


async def _end(tx: Tx, tenant: str, subscription_id: UUID) -> None:
    ended = await store.end_subscription(tx, subscription_id)
    if ended is None:
        return
    await store.stop(tx, subscription_id, reason=WebhookReason.GONE)
    await insert_audit(
        tx, NOTIFIER, action="gone", entity="webhook_subscription", entity_id=subscription_id,
        changes={"name": ended.name, "is_enabled": [True, False], "status_code": 410},
    )  # fmt: skip
    told = ChangedSubscription(subscription_id=subscription_id, revision=ended.revision, name=ended.name, change="gone")
    tx.emit(SubscriptionChanged(id=new_id(), tenant=tenant, at=await tx.now(), actor=NOTIFIER, data=told))


def _status_of(result: PostResult) -> int | None:
    return result.status if isinstance(result, Answered) else None


def _outcome_of(result: PostResult) -> str:
    match result:
        case Answered(status=status):
            return "sent" if 200 <= status < 300 else "failed"  # noqa: PLR2004  # 2xx
        case Unclear():
            return "unclear"
        case Unreachable() | Refused():
            return "failed"


def _detail_of(result: PostResult) -> str:
    return str(result.status) if isinstance(result, Answered) else result.detail
