"""Pages on their way: claimed, sent, proved, repeated, handed to the next contact method.

Whoever finds a delivery's timer due asks `next_step` what to do. A claim carries a fencing token; a holder that was
fenced off can only leave a trace. Locks are taken in the order of all writers: alert, delivery, timer.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import msgspec

from nightowl_alerting import bundles, lifecycle, paging, store
from nightowl_alerting.bundles import evidence_of
from nightowl_alerting.calm.store import (
    free_follower,
    list_follower_alerts,
    load_followers,
    load_waiting,
    postpone_timers,
)
from nightowl_alerting.cards import store as cards
from nightowl_alerting.failover import fail_over, seconds_left
from nightowl_alerting.model import Claim, DeliveryState, Entry, Timer
from nightowl_alerting.obligations import RE_HINT_SECONDS, emit_hint
from nightowl_alerting.paging import (
    NOTIFIER,
    AttemptResult,
    Failed,
    FailureReason,
    GiveUp,
    Sent,
    SentPage,
    TryAgain,
    Unclear,
    WaitForProof,
)
from nightowl_common.db import Tx
from nightowl_common.ids import new_id
from nightowl_contracts import Actor, DeliveryDelivered, DeliveryFailed, DeliverySent, DeliverySummary

_CALLBACK_EVENTS: dict[str, type[DeliverySent | DeliveryDelivered | DeliveryFailed]] = {
    "sent": DeliverySent,
    "delivered": DeliveryDelivered,
    "failed": DeliveryFailed,
}
NextStep = Literal["send", "find_out", "wait", "nothing"]


async def next_step(tx: Tx, tenant: str, delivery_id: UUID) -> NextStep:
    """What a due timer asks of its delivery; a page that is no longer needed is superseded here."""
    state = await store.load_delivery_state(tx, delivery_id)
    if state is None or state.status not in {"queued", "sending"}:
        await store.delete_timers(tx, "delivery", [delivery_id])
        return "nothing"
    if state.status == "sending" and state.bundled_into is not None:
        await _follow(tx, delivery_id, state)
        return "nothing"
    now = await tx.now()
    if state.status == "sending":
        return "find_out" if state.lease_until is not None and state.lease_until <= now else "wait"
    if not state.still_needed:
        await supersede(tx, tenant, delivery_id, token=None, detail="no longer needed when its turn came")
        return "nothing"
    if state.not_before > now:
        await postpone_timers(tx, [delivery_id], due_at=state.not_before)
        return "nothing"
    return "send"


async def _follow(tx: Tx, delivery_id: UUID, state: DeliveryState) -> None:
    """A page that is on its way with another one's message is settled with that one, and never by itself."""
    if state.leader_until is None:
        await free_follower(tx, delivery_id)
        await store.postpone_timer(tx, "delivery", delivery_id, seconds=0)
    else:
        due_at = max(state.leader_until, await tx.now()) + timedelta(seconds=bundles.BEHIND_SECONDS)
        await postpone_timers(tx, [delivery_id], due_at=due_at)


async def claim(tx: Tx, tenant: str, delivery_id: UUID, *, lease_seconds: float) -> Claim | None:
    """The right to send, with the timer set to the lease's end; None when it must wait or there is nothing to send."""
    claimed = await bundles.claim(tx, delivery_id, lease_seconds=lease_seconds)
    if claimed is None:
        return None
    await _set_timer(tx, tenant, claimed, claimed.lease_until)
    [complete] = await _with_boards(tx, [claimed])
    return complete


async def claim_critical(
    tx: Tx, tenant: str, delivery_ids: Sequence[UUID], *, lease_seconds: float
) -> tuple[list[Claim], list[UUID]]:  # fmt: skip
    """The right to send, as `claim` gives it, those of some pages that no limit can hold: their alerts are critical.

    Beside it those that are still queued and must be claimed by themselves: others than critical ones, and what
    somebody else is changing at this moment, for whom `claim` waits.
    """
    claimed = await store.claim_critical_deliveries(tx, tenant, delivery_ids, lease_seconds=lease_seconds)
    others = set(delivery_ids) - {each.delivery_id for each in claimed}
    left = await store.list_queued(tx, sorted(others)) if others else []
    return await _with_boards(tx, claimed), left


async def _with_boards(tx: Tx, claims: Sequence[Claim]) -> list[Claim]:
    boards = await cards.load_boards(tx, claims)
    return [msgspec.structs.replace(each, board=boards.get(each.delivery_id)) for each in claims]


async def claim_unclear(tx: Tx, tenant: str, delivery_id: UUID, *, lease_seconds: float) -> Claim | None:
    """The right to find out, with the timer set to the lease's end; None when somebody else has it."""
    claimed = await store.claim_unclear_delivery(tx, delivery_id, lease_seconds=lease_seconds)
    if claimed is not None:
        await _set_timer(tx, tenant, claimed, claimed.lease_until)
    return claimed


async def finish_attempt(tx: Tx, tenant: str, claim: Claim, result: AttemptResult) -> None:
    """Records what an attempt came to and does what follows. A holder that was fenced off only leaves a trace."""
    if isinstance(result, Sent):
        await finish_sent(tx, tenant, [SentPage(claim=claim, sent=result)])
        return
    now = await tx.now()
    unclear_attempts = claim.unclear_attempts + isinstance(result, Unclear)
    left = await seconds_left(tx, claim, now=now)
    move = paging.decide_after_attempt(
        result, attempts=claim.attempts, unclear_attempts=unclear_attempts, seconds_left=left
    )
    match move:
        case TryAgain(seconds=seconds):
            settled = await _settle_again(tx, tenant, claim, result, now=now, seconds=seconds)
        case WaitForProof(seconds=seconds):
            settled = await _settle_unclear(tx, tenant, claim, result, now=now, seconds=seconds)
        case GiveUp(reason=reason):
            settled = await _settle_failed(tx, tenant, claim, result, reason=reason, now=now)
    await _record(tx, claim, result, is_late=settled is None)


async def finish_sent(tx: Tx, tenant: str, pages: Sequence[SentPage]) -> None:
    """Records that the provider took some pages. A holder that was fenced off only leaves a trace."""
    settled = {each.delivery_id: each for each in await store.settle_sent(tx, [_attempt(each) for each in pages])}
    entries = []
    for page in pages:
        summary = settled.get(page.claim.delivery_id)
        if summary is None:
            continue
        now = summary.sent_at or await tx.now()
        others = 0
        if page.claim.bundle or page.sent.found:  # what a look-up found may have been claimed by a process that is gone
            others = await bundles.follow_sent(tx, tenant, summary, now=now, trace=page.trace)
        bundled = {"bundled_with": others} if others else {}
        entries.append(_line(page.claim, "page_sent", {**evidence_of(summary), "detail": page.sent.detail, **bundled}))
        tx.emit(DeliverySent(id=new_id(), tenant=tenant, at=now, actor=NOTIFIER, trace=page.trace, data=summary))
    await store.insert_entries(tx, entries)
    alone = [each for each in pages if not each.claim.bundle]  # a message for many is no alert's own
    await cards.note_sent(tx, tenant, alone)


def _attempt(page: SentPage) -> store.SentAttempt:
    sent = page.sent
    return store.SentAttempt(
        delivery_id=page.claim.delivery_id, token=page.claim.token, outcome="found" if sent.found else "sent",
        provider=sent.provider, provider_id=sent.provider_id, detail=sent.detail,
    )  # fmt: skip


async def repeat(tx: Tx, tenant: str, claim: Claim, *, provider: str) -> None:
    """Sends again a page of which nobody can say whether it arrived, marked as a repeat; or gives up.

    That is after too many, and when the provider left it unclear for so long that the next contact method is to be
    used. What only our own process left unclear says nothing against the provider.
    """
    now = await tx.now()
    left = await seconds_left(tx, claim, now=now) if claim.was_unclear else None
    if claim.unclear_attempts + 1 >= paging.MAX_UNCLEAR_ATTEMPTS or paging.is_too_late(0, seconds_left=left):
        result = Failed(provider=provider, reason=FailureReason.UNCLEAR, is_permanent=True)
        await _settle_failed(tx, tenant, claim, result, reason=FailureReason.UNCLEAR, now=now)
        return
    again = await store.settle_queued_again(
        tx, claim, provider=provider, reason=FailureReason.UNCLEAR, is_repeat=True, wait_seconds=0
    )
    if again is None:
        return
    await bundles.follow_again(
        tx, claim.delivery_id, provider=provider, reason=FailureReason.UNCLEAR, is_repeat=True, not_before=now
    )
    await _set_timer(tx, tenant, claim, now + timedelta(seconds=RE_HINT_SECONDS))
    await _note(tx, claim, "page_repeats", {"reason": "nobody can say whether the last attempt arrived"})
    emit_hint(tx, tenant, claim.delivery_id, channel=claim.channel, is_critical=claim.is_critical, now=now)


async def hold(tx: Tx, tenant: str, delivery_id: UUID, *, seconds: float, provider: str, lease_seconds: float) -> bool:
    """A queued page whose provider asked for patience waits so long, which costs it no attempt.

    When that is too late and the recipient has another contact method, it has failed and the other one is used.
    False when the page is not queued: then the hold does not concern it.
    """
    if await load_waiting(tx, delivery_id) is None:
        return False
    if not await give_up_if_late(
        tx, tenant, delivery_id, seconds=seconds, provider=provider, reason=FailureReason.RATE_LIMITED,
        detail=f"the provider asks to wait for {seconds:.0f} s more", lease_seconds=lease_seconds,
    ):  # fmt: skip
        await store.postpone_timer(tx, "delivery", delivery_id, seconds=seconds)
    return True


async def give_up_if_late(
    tx: Tx, tenant: str, delivery_id: UUID, *, seconds: float, provider: str, reason: FailureReason, detail: str,
    lease_seconds: float,
) -> bool:  # fmt: skip
    """Uses the next contact method when an attempt in so many seconds would end too late; false: it is left queued."""
    waiting = await load_waiting(tx, delivery_id)
    left = None if waiting is None else await seconds_left(tx, waiting, now=await tx.now())
    if not paging.is_too_late(seconds, seconds_left=left):
        return False
    claimed = await store.claim_delivery(tx, delivery_id, lease_seconds=lease_seconds)
    if claimed is not None:
        result = Failed(provider=provider, reason=reason, is_permanent=True, detail=detail)
        await finish_attempt(tx, tenant, claimed, result)
    return True


async def supersede(
    tx: Tx, tenant: str, delivery_id: UUID, *, token: int | None, detail: str
) -> DeliverySummary | None:
    """Ends a page that is no longer needed."""
    summary = await store.supersede_delivery(tx, delivery_id, token=token)
    if summary is None:
        return None
    now = await tx.now()
    await store.delete_timers(tx, "delivery", [delivery_id])
    entry = Entry(kind="page_superseded", actor=NOTIFIER, evidence={**evidence_of(summary), "detail": detail})
    await store.insert_entries(tx, [(summary.alert_id, entry)])
    await bundles.follow_again(
        tx,
        delivery_id,
        provider=summary.provider or "none",
        reason=FailureReason.UNCLEAR,
        is_repeat=True,
        not_before=now,
    )
    lifecycle.emit_superseded(tx, tenant, summary, actor=NOTIFIER, now=now)
    return summary


async def apply_callback(
    tx: Tx, tenant: str, delivery_id: UUID, *, provider: str, provider_id: str, word: str, detail: str | None
) -> bool:
    """What the provider reports later, applied by rank; false when it changes nothing (late, doubled, unknown).

    What went out with the page's message has fared as it did.
    """
    followers = await load_followers(tx, delivery_id)
    changed = [
        await _apply_callback(tx, tenant, each, provider=provider, provider_id=provider_id, word=word, detail=detail)
        for each in (delivery_id, *followers)
    ]
    return any(changed)


async def _apply_callback(
    tx: Tx, tenant: str, delivery_id: UUID, *, provider: str, provider_id: str, word: str, detail: str | None
) -> bool:
    state = await store.load_delivery_state(tx, delivery_id)
    alert = None if state is None else await store.lock_alert(tx, state.alert_id)
    current = await store.lock_delivery(tx, delivery_id)
    status = None if current is None else paging.status_after_callback(current.status, word)
    if status is None:
        return False
    now = await tx.now()
    reason = FailureReason.UNAVAILABLE if status == "failed" else None
    summary = await store.apply_callback(
        tx, delivery_id, status=status, provider=provider, provider_id=provider_id, word=word, reason=reason
    )
    if summary is None:
        return False
    await store.delete_timers(tx, "delivery", [delivery_id])
    actor = Actor(kind="provider", id=provider, name=provider)
    entry = Entry(kind=f"page_{status}", actor=actor, evidence={**evidence_of(summary), "told": word, "detail": detail})
    await store.insert_entries(tx, [(summary.alert_id, entry)])
    tx.emit(_CALLBACK_EVENTS[status](id=new_id(), tenant=tenant, at=now, actor=actor, data=summary))
    if status == "failed":
        await fail_over(tx, tenant, alert, summary, now=now)
    return True


async def _settle_unclear(
    tx: Tx, tenant: str, claim: Claim, result: AttemptResult, *, now: datetime, seconds: float
) -> DeliverySummary | None:
    summary = await store.settle_unclear(tx, claim, provider=result.provider, wait_seconds=seconds)
    until = now + timedelta(seconds=seconds)
    if summary is not None:
        await _set_timer(tx, tenant, claim, until)
        await bundles.follow_unclear(tx, claim.delivery_id, until=until, provider=result.provider)
    return summary


async def _settle_again(
    tx: Tx, tenant: str, claim: Claim, result: AttemptResult, *, now: datetime, seconds: float
) -> DeliverySummary | None:
    reason = result.reason if isinstance(result, Failed) else FailureReason.UNAVAILABLE
    summary = await store.settle_queued_again(
        tx, claim, provider=result.provider, reason=reason, is_repeat=False, wait_seconds=seconds
    )
    if summary is not None:
        due_at = now + timedelta(seconds=seconds)
        await _set_timer(tx, tenant, claim, due_at)
        await bundles.follow_again(
            tx, claim.delivery_id, provider=result.provider, reason=reason, is_repeat=False, not_before=due_at
        )
        evidence = {**evidence_of(summary), "detail": result.detail, "again_in_seconds": seconds}
        await _note(tx, claim, "page_delayed", evidence)
    return summary


async def _settle_failed(
    tx: Tx, tenant: str, claim: Claim, result: AttemptResult, *, reason: FailureReason, now: datetime
) -> DeliverySummary | None:
    alert = await store.lock_alert(tx, claim.alert_id)  # before the delivery: the lock order of all writers
    others = {each: await store.lock_alert(tx, each) for each in await list_follower_alerts(tx, claim.delivery_id)}
    summary = await store.settle_failed(tx, claim, provider=result.provider, reason=reason)
    if summary is None:
        return None
    await store.delete_timers(tx, "delivery", [claim.delivery_id])
    await _note(tx, claim, "page_failed", {**evidence_of(summary), "detail": result.detail})
    tx.emit(DeliveryFailed(id=new_id(), tenant=tenant, at=now, actor=NOTIFIER, data=summary))
    await fail_over(tx, tenant, alert, summary, now=now)
    for each in await bundles.follow_failed(tx, tenant, summary, reason=reason, now=now):
        await fail_over(tx, tenant, others.get(each.alert_id), each, now=now)
    return summary


async def _set_timer(tx: Tx, tenant: str, claim: Claim, due_at: datetime) -> None:
    timer = Timer(
        kind="delivery",
        ref=claim.delivery_id,
        tenant=tenant,
        version=claim.token,
        due_at=due_at,
        is_critical=claim.is_critical,
    )
    await store.upsert_timers(tx, [timer])


async def _note(tx: Tx, claim: Claim, kind: str, evidence: dict[str, object]) -> None:
    await store.insert_entries(tx, [_line(claim, kind, evidence)])


def _line(claim: Claim, kind: str, evidence: dict[str, object]) -> tuple[UUID, Entry]:
    told = {"delivery_id": str(claim.delivery_id), **evidence}
    return claim.alert_id, Entry(kind=kind, actor=NOTIFIER, evidence=told)


async def _record(tx: Tx, claim: Claim, result: Failed | Unclear, *, is_late: bool) -> None:
    outcome, reason = ("failed", result.reason) if isinstance(result, Failed) else ("unclear", FailureReason.UNCLEAR)
    await store.insert_attempt(
        tx,
        claim,
        outcome="late" if is_late else outcome,
        provider=result.provider,
        reason=reason,
        detail=result.detail,
    )
