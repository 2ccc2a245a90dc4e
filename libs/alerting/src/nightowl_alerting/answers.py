"""What somebody answers to a page, wherever: the alert is found by its delivery, and the command is applied.

Who has the delivery's address speaks for its recipient. Answering twice changes nothing: an alert that is taken stays
taken, and a page can only escalate the tier that it belongs to, so a doubled answer never skips one.
"""

from typing import Literal
from uuid import UUID

import msgspec

from nightowl_alerting import commands, lifecycle, sending, store
from nightowl_alerting.actions import Acknowledge, EscalateNow
from nightowl_alerting.model import TIMED, Alert
from nightowl_alerting.store import AnsweredPage
from nightowl_common.db import Tx
from nightowl_contracts import Actor

Word = Literal["acknowledge", "escalate"]


class Taken(msgspec.Struct, frozen=True, kw_only=True, tag="taken"):
    """Acknowledged by this answer: timers and unsent pages are gone in the same commit."""


class TakenBefore(msgspec.Struct, frozen=True, kw_only=True, tag="taken_before"):
    """Somebody has it already."""

    by: str


class Escalated(msgspec.Struct, frozen=True, kw_only=True, tag="escalated"):
    """The next tier is due now."""


class EscalatedBefore(msgspec.Struct, frozen=True, kw_only=True, tag="escalated_before"):
    """The tier of this page has had its time: later ones are paged already."""


class NobodyLeft(msgspec.Struct, frozen=True, kw_only=True, tag="nobody_left"):
    """No tier is pending."""


class Over(msgspec.Struct, frozen=True, kw_only=True, tag="over"):
    """The alert is resolved."""


class Unknown(msgspec.Struct, frozen=True, kw_only=True, tag="unknown"):
    """There is no such page any more."""


Answer = Taken | TakenBefore | Escalated | EscalatedBefore | NobodyLeft | Over | Unknown


async def answer(
    tx: Tx, tenant: str, delivery_id: UUID, word: Word, *, provider: str, over: str, by: Actor | None = None
) -> Answer:  # fmt: skip
    """Applies an answer in the recipient's name, or of who is known to answer (`by`). Idempotent.

    `over` is told on the timeline ("by phone").
    """
    page = await store.load_answered_page(tx, delivery_id)
    if page is None:
        return Unknown()
    alert, _ = await lifecycle.locked(tx, page.alert_id)
    if alert.status == "resolved":
        return Over()
    if alert.status != "firing":
        return TakenBefore(by="somebody" if alert.acknowledged_by is None else alert.acknowledged_by.name)
    if word == "acknowledge":
        await commands.apply(tx, tenant, alert.id, by or _actor(page, provider), Acknowledge(reason=f"answered {over}"))
        return Taken()
    return await _escalate(tx, tenant, alert, page, actor=by or _actor(page, provider), over=over)


async def prove(tx: Tx, tenant: str, delivery_id: UUID, *, provider: str, provider_id: str) -> None:
    """Somebody answers, so the page has arrived: an unclear send is settled by it."""
    word = "answered"
    await sending.apply_callback(
        tx, tenant, delivery_id, provider=provider, provider_id=provider_id, word=word, detail="somebody answered"
    )


async def _escalate(tx: Tx, tenant: str, alert: Alert, page: AnsweredPage, *, actor: Actor, over: str) -> Answer:
    if alert.escalation_state not in TIMED:
        return NobodyLeft()
    if (page.cycle, page.step) != (alert.cycle, alert.tier - 1):
        return EscalatedBefore()
    await commands.apply(tx, tenant, alert.id, actor, EscalateNow(reason=f"answered {over}"))
    return Escalated()


def _actor(page: AnsweredPage, provider: str) -> Actor:
    """The person; for a page to a room, the provider."""
    kind, _, ref = page.recipient.partition(":")
    if kind == "user" and page.person is not None:
        return Actor(kind="user", id=ref, name=page.person)
    return Actor(kind="provider", id=provider, name=f"{provider} ({page.recipient})")
