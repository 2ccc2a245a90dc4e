"""What follows when a page has failed for good: the person's next contact method, or the next tier."""

from datetime import datetime
from uuid import UUID

from nightowl_alerting import obligations, paging, store
from nightowl_alerting.calm.store import Waiting, owes_later
from nightowl_alerting.model import Alert, Claim, Owed, Recipient
from nightowl_alerting.targets.store import load_person
from nightowl_common.db import Tx
from nightowl_contracts import DeliverySummary


async def seconds_left(tx: Tx, page: Claim | Waiting, *, now: datetime) -> float | None:
    """Until the next contact method is to be used; None when the recipient has no other one. Locks the alert."""
    alert = await store.lock_alert(tx, page.alert_id)
    if alert is None or not _still_wants(alert, page):
        return None
    if not await owes_later(tx, page) and await _next_contact_method(tx, page) is None:
        return None
    return paging.patience_left(is_critical=page.is_critical, due_at=page.due_at, now=now)


async def fail_over(tx: Tx, tenant: str, alert: Alert | None, failed: DeliverySummary, *, now: datetime) -> None:
    """What the step owes the person later, now; else their next contact method; with no hope left, the next tier.

    A page of an earlier step that is known late as failed does not shorten the time of who was paged since.
    """
    if alert is None or not _still_wants(alert, failed):
        return
    if await _bring_forward(tx, tenant, failed, is_critical=alert.severity == "critical", now=now):
        return
    recipient = await _next_contact_method(tx, failed)
    if recipient is not None:
        await obligations.owe(tx, tenant, alert, [recipient], cycle=failed.cycle, step=failed.step, now=now)
    elif _is_last_step(alert, failed) and not await store.step_has_hope(tx, failed):
        await store.pull_timer_forward(tx, failed.alert_id)


def _still_wants(alert: Alert, failed: Owed) -> bool:
    """Whether another page may take the place of the one that failed."""
    if failed.step >= paging.HAND_OVER_STEP:
        return alert.status == "firing" and failed.cycle >= alert.first_cycle
    return alert.escalation_state in {"pending", "exhausted"} and failed.cycle >= alert.first_cycle


def _is_last_step(alert: Alert, failed: DeliverySummary) -> bool:
    """Whether the time until the next tier was given for this step."""
    if failed.step >= paging.HAND_OVER_STEP:
        return failed.recipient == f"user:{alert.assignee_id}"
    return (failed.cycle, failed.step) == (alert.cycle, alert.tier - 1)


async def _bring_forward(
    tx: Tx, tenant: str, failed: DeliverySummary, *, is_critical: bool, now: datetime
) -> bool:  # fmt: skip
    found = await store.pull_delivery_forward(tx, failed)
    if found is None:
        return False
    delivery_id, channel = found
    await store.postpone_timer(tx, "delivery", delivery_id, seconds=obligations.RE_HINT_SECONDS)
    obligations.emit_hint(tx, tenant, delivery_id, channel=channel, is_critical=is_critical, now=now)
    return True


async def _next_contact_method(tx: Tx, failed: Owed) -> Recipient | None:
    kind, _, ref = failed.recipient.partition(":")
    person = await load_person(tx, UUID(ref)) if kind == "user" else None
    if person is None:
        return None
    used = await store.load_used_channels(tx, failed)
    by_channel = person.contact_methods
    for channel in paging.FALLBACK_CHANNELS:
        if channel in by_channel and channel not in used:
            return Recipient(recipient=failed.recipient, channel=channel, address=by_channel[channel])
    return None
