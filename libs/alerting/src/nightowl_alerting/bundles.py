"""Many pages, one message: who goes out with whom, and what becomes of all of them when that message is settled.

One delivery leads: its id goes to the provider, its row has the fencing token. The others follow: they are on their way
exactly as long as it is, and are settled in its commit. So a crash, a look-up and a callback mean for the whole bundle
what they mean for a single page.
"""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from nightowl_alerting import store
from nightowl_alerting.calm import store as calm
from nightowl_alerting.calm.limits import go_out, is_bound, limits_of, longest_window, must_wait
from nightowl_alerting.calm.model import Alone, Standing, Together, Turn, Wait
from nightowl_alerting.model import Claim, Entry
from nightowl_alerting.paging import NOTIFIER, FailureReason
from nightowl_common.db import Tx
from nightowl_common.ids import new_id
from nightowl_contracts import DeliveryFailed, DeliverySent, DeliverySummary

MAX_FOLLOWERS = 500
"""What goes out with one message, at most; the rest goes with the next."""

BEHIND_SECONDS = 5
"""A follower's timer is due so long after its leader's, which settles both."""


async def claim(tx: Tx, delivery_id: UUID, *, lease_seconds: float) -> Claim | None:
    """The right to send a page whose turn it is, with all that goes out with it; None: it must wait, or is not owed."""
    turn = await _turn(tx, delivery_id)
    match turn:
        case None:
            return None
        case Wait(until=until):
            await _hold(tx, delivery_id, turn, until=until)
            return None
    leader = await store.claim_delivery(tx, delivery_id, lease_seconds=lease_seconds)
    if leader is None or not isinstance(turn, Together):
        return leader
    folded = await calm.claim_followers(tx, delivery_id, turn.others, lease_until=leader.lease_until)
    due_at = leader.lease_until + timedelta(seconds=BEHIND_SECONDS)
    await calm.postpone_timers(tx, [each.delivery_id for each in folded], due_at=due_at)
    return msgspec.structs.replace(leader, bundle=folded)


async def _turn(tx: Tx, delivery_id: UUID) -> Turn | None:
    page = await calm.load_standing(tx, delivery_id)
    if page is None:
        return None
    if not is_bound(page.severity):
        return Alone()
    wait = await _wait(tx, page)  # in a storm most pages must, and need not stand in line to learn it
    if wait is not None:
        return wait
    await calm.lock_turns(tx, page)
    wait = await _wait(tx, page)
    if wait is not None:
        return wait
    if not page.is_held and not await calm.has_held(tx, page):
        return Alone()
    return go_out(page, waiting=await calm.lock_behind(tx, page, delivery_id, limit=MAX_FOLLOWERS))


async def _wait(tx: Tx, page: Standing) -> Wait | None:
    window = longest_window(limits_of(page.channel, page.page_limits))
    return must_wait(page, told=await calm.load_told(tx, page, window=window), now=await tx.now())


async def _hold(tx: Tx, delivery_id: UUID, turn: Wait, *, until: datetime) -> None:
    state = await store.load_delivery_state(tx, delivery_id)
    assert state is not None, "its turn has just come"
    await calm.hold_delivery(tx, delivery_id, turn)
    await calm.postpone_timers(tx, [delivery_id], due_at=until)
    if turn.is_brief:
        return
    evidence: dict[str, object] = {"delivery_id": str(delivery_id), "why": turn.why, "until": until.isoformat()}
    await store.insert_entries(tx, [(state.alert_id, Entry(kind="page_held", actor=NOTIFIER, evidence=evidence))])


async def follow_sent(
    tx: Tx, tenant: str, leader: DeliverySummary, *, now: datetime, trace: str | None
) -> int:  # fmt: skip
    """Settles as sent what went out with a page that was; returns how many. `trace` is the message's."""
    provider = leader.provider or ""
    settled = await calm.settle_followers_sent(
        tx, leader.delivery_id, provider=provider, provider_id=leader.provider_id, detail=_together(leader.delivery_id)
    )
    await _tell(tx, "page_sent", settled)
    for each in settled:
        tx.emit(DeliverySent(id=new_id(), tenant=tenant, at=now, actor=NOTIFIER, trace=trace, data=each))
    return len(settled)


async def follow_failed(
    tx: Tx, tenant: str, leader: DeliverySummary, *, reason: FailureReason, now: datetime
) -> list[DeliverySummary]:  # fmt: skip
    """Settles as failed what went out with a page that has failed for good; the caller fails each of them over."""
    provider = leader.provider or ""
    await calm.insert_follower_attempts(
        tx, leader.delivery_id, outcome="failed", provider=provider, reason=reason, detail=_together(leader.delivery_id)
    )
    settled = await calm.settle_followers_failed(tx, leader.delivery_id, provider=provider, reason=reason)
    await _tell(tx, "page_failed", settled)
    for each in settled:
        tx.emit(DeliveryFailed(id=new_id(), tenant=tenant, at=now, actor=NOTIFIER, data=each))
    return settled


async def follow_unclear(tx: Tx, leader_id: UUID, *, until: datetime, provider: str) -> None:
    """What went out with a page that waits for proof waits for it too."""
    followers = await calm.settle_followers_unclear(tx, leader_id, lease_until=until, provider=provider)
    await calm.postpone_timers(tx, followers, due_at=until + timedelta(seconds=BEHIND_SECONDS))


async def follow_again(
    tx: Tx, leader_id: UUID, *, provider: str, reason: FailureReason, is_repeat: bool, not_before: datetime
) -> None:  # fmt: skip
    """What went out with a page that is sent again is queued again, and goes out with it or with the next message."""
    followers = await calm.settle_followers_again(
        tx, leader_id, provider=provider, reason=reason, is_repeat=is_repeat, not_before=not_before
    )
    await calm.postpone_timers(tx, followers, due_at=not_before + timedelta(seconds=BEHIND_SECONDS))


def _together(leader_id: UUID) -> str:
    return f"in one message with {leader_id}"


async def _tell(tx: Tx, kind: str, settled: list[DeliverySummary]) -> None:
    await store.delete_timers(tx, "delivery", [each.delivery_id for each in settled])
    entries = [
        (each.alert_id, Entry(kind=kind, actor=NOTIFIER, evidence={**evidence_of(each), "bundled_with": len(settled)}))
        for each in settled
    ]
    await store.insert_entries(tx, entries)


def evidence_of(page: DeliverySummary) -> dict[str, object]:
    """What the timeline tells of a page as it stands."""
    told: dict[str, object] = {
        "delivery_id": str(page.delivery_id),
        "recipient": page.recipient,
        "channel": page.channel,
        "attempt": page.attempts,
        "provider": page.provider,
        "provider_id": page.provider_id,
        "reason": page.reason,
        "is_repeat": page.is_repeat,
    }
    return told if page.bundled_into is None else {**told, "bundled_into": str(page.bundled_into)}
