"""What is owed to whom, and what an attempt's result means. Pure: ids and time are arguments."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

import msgspec

from nightowl_alerting.model import TIMED, Alert, Change, Claim, Delivery, Entry, Mute, Policy, Recipient, Verb
from nightowl_contracts import Actor

RETRY_SECONDS = (2, 4, 8, 15, 15, 30, 30, 60)
"""Waits between attempts after temporary failures; after the last, the next contact method is used."""

MAX_UNCLEAR_ATTEMPTS = 3
"""One first send and at most two marked repeats: beyond that, ringing again tells nobody anything new."""

CALLBACK_WAIT_SECONDS = 15
"""How long a provider's callback may take to prove an unclear send before we look it up or send again."""

PATIENCE_SECONDS = 60
CRITICAL_PATIENCE_SECONDS = 30
"""From when a page was to go out until the person's next contact method is used, if they have one."""

LONGEST_ATTEMPT_SECONDS = 11
"""What a provider that hangs costs, at the notifier's default time-out: no attempt begins that may end too late."""

HAND_OVER_STEP = 1_000
"""Steps from here on are pages to a person to whom the alert was handed over: beside the tiers, which are fewer."""

FALLBACK_CHANNELS = ("slack_dm", "sms", "phone", "push", "email")
"""In this order the next contact method is tried when a channel fails for good.

A push service takes messages also for a browser that is closed, so what rings surely stands before it.
"""


class FailureReason(StrEnum):
    """Why a page did not go out: a closed list, in the database, in events and as the metric's label."""

    BAD_ADDRESS = "bad_address"
    OPTED_OUT = "opted_out"
    UNAUTHORIZED = "unauthorized"
    NOT_CONFIGURED = "not_configured"
    REJECTED = "rejected"
    RATE_LIMITED = "rate_limited"
    UNAVAILABLE = "unavailable"
    UNCLEAR = "unclear"


class Page(msgspec.Struct, frozen=True, kw_only=True, tag="page"):
    """Page this tier now; the next is due `timeout_minutes` after the page, not after the due time."""

    cycle: int
    tier: int
    next_due_at: datetime


class Exhaust(msgspec.Struct, frozen=True, kw_only=True, tag="exhaust"):
    """The last tier of the last cycle has had its time: tell the admins and stop."""


class Drop(msgspec.Struct, frozen=True, kw_only=True, tag="drop"):
    """The timer is void: what was owed has been stopped or changed."""


Decision = Page | Exhaust | Drop


def decide_escalation(alert: Alert, policy: Policy, *, timer_version: int, now: datetime) -> Decision:
    """What a due escalation timer means for an alert as it stands now."""
    if alert.escalation_state not in TIMED or alert.escalation_version != timer_version:
        return Drop()
    cycle, tier = alert.cycle, alert.tier
    if tier >= len(policy.tiers):
        cycle, tier = cycle + 1, 0
    if cycle - alert.first_cycle > policy.repeat_count:
        return Exhaust()
    return Page(cycle=cycle, tier=tier, next_due_at=now + timedelta(minutes=policy.tiers[tier].timeout_minutes))


def page_tier(
    alert: Alert,
    decision: Page,
    recipients: Sequence[Recipient],
    *,
    evidence: dict[str, object],
    due_at: datetime,
    now: datetime,
) -> Change:
    """The alert after a tier was paged. With nobody to page, the next tier is due at once."""
    heard, unmuted, verbs = _unmuted(alert)
    after = msgspec.structs.replace(heard, cycle=decision.cycle, tier=decision.tier + 1, version=alert.version + 1)
    entry = Entry(
        kind="escalated" if recipients else "nobody_to_page",
        actor=ENGINE,
        evidence={
            "cycle": decision.cycle,
            "tier": decision.tier,
            "due_at": due_at.isoformat(),
            "late_ms": max(0, round((now - due_at).total_seconds() * 1000)),
            "recipients": [_told(each) for each in recipients],
            **evidence,
        },
    )
    next_due = decision.next_due_at if recipients else now
    return Change(before=alert, after=after, actor=ENGINE, entries=[*unmuted, entry], verbs=verbs, due_at=next_due)


def _told(page: Recipient) -> str:
    later = f" after {page.delay_minutes} min" if page.delay_minutes else ""
    return f"{page.recipient} over {page.channel}{later}"


def mute(alert: Alert, by: Mute, *, due_at: datetime) -> Change | None:
    """The alert while its due tier is muted, judged again at `due_at`. None when this very mute stood before."""
    if alert.muted_by == by:
        return None
    until = "" if by.until is None else f" until {by.until.isoformat(timespec='seconds')}"
    after = msgspec.structs.replace(
        alert,
        escalation_state="muted",
        escalation_reason=f"muted by {by.kind.replace('_', ' ')} “{by.name}”{until}",
        muted_by=by,
        version=alert.version + 1,
    )
    entry = Entry(kind="muted", actor=ENGINE, evidence={"by": by, "cycle": alert.cycle, "tier": alert.tier})
    return Change(before=alert, after=after, actor=ENGINE, entries=[entry], verbs=["suppressed"], due_at=due_at)


def _unmuted(alert: Alert) -> tuple[Alert, list[Entry], list[Verb]]:
    """The alert without its mute, with what is told of that."""
    if alert.muted_by is None:
        return alert, [], []
    reason = f"policy version {alert.policy_version}"
    heard = msgspec.structs.replace(alert, escalation_state="pending", escalation_reason=reason, muted_by=None)
    return heard, [Entry(kind="unmuted", actor=ENGINE, evidence={"was": alert.muted_by})], ["unsuppressed"]


def exhaust(alert: Alert, *, told: Sequence[Recipient]) -> Change:
    """The alert after its policy has run out of tiers and cycles."""
    untold = "" if told else "; there was no admin to tell"
    heard, unmuted, verbs = _unmuted(alert)
    after = msgspec.structs.replace(
        heard,
        escalation_state="exhausted",
        escalation_reason=f"every tier of every cycle has had its turn and nobody acknowledged{untold}",
        version=alert.version + 1,
    )
    entry = Entry(kind="exhausted", actor=ENGINE, evidence={"told": [f"{r.recipient} over {r.channel}" for r in told]})
    return Change(before=alert, after=after, actor=ENGINE, entries=[*unmuted, entry], verbs=[*verbs, "exhausted"])


def plan_deliveries(
    alert: Alert, recipients: Sequence[Recipient], *, cycle: int, step: int, ids: Sequence[UUID], now: datetime
) -> list[Delivery]:
    """One delivery per recipient and channel, with the given ids."""
    return [
        Delivery(
            id=new_id,
            alert_id=alert.id,
            episode=alert.episode,
            cycle=cycle,
            step=step,
            recipient=each.recipient,
            channel=each.channel,
            address=each.address,
            escalation_version=alert.escalation_version,
            not_before=now + timedelta(minutes=each.delay_minutes),
        )
        for new_id, each in zip(ids, recipients, strict=True)
    ]


class Sent(msgspec.Struct, frozen=True, kw_only=True, tag="sent"):
    """The provider took it. `found` says that a look-up, not this attempt's answer, proved it.

    Of a message that can be edited, `shown` is the digest of what it shows, `thread_ts` the message that it answers.
    """

    provider: str
    provider_id: str | None = None
    detail: str | None = None
    found: bool = False
    shown: str | None = None
    thread_ts: str | None = None


class SentPage(msgspec.Struct, frozen=True, kw_only=True):
    """A claimed page that the provider took. `trace` is what its event belongs to; None: what the task is at."""

    claim: Claim
    sent: Sent
    trace: str | None = None


class Failed(msgspec.Struct, frozen=True, kw_only=True, tag="failed"):
    """The provider surely did not take it. `retry_after_seconds` is the provider's own wish."""

    provider: str
    reason: FailureReason
    is_permanent: bool
    detail: str | None = None
    retry_after_seconds: float | None = None


class Unclear(msgspec.Struct, frozen=True, kw_only=True, tag="unclear"):
    """Nobody can say: the request may have been taken, but no answer came."""

    provider: str
    detail: str | None = None


AttemptResult = Sent | Failed | Unclear


class Done(msgspec.Struct, frozen=True, kw_only=True, tag="done"):
    """Settled as sent."""


class TryAgain(msgspec.Struct, frozen=True, kw_only=True, tag="again"):
    """Back in the queue, due after a wait."""

    seconds: float


class WaitForProof(msgspec.Struct, frozen=True, kw_only=True, tag="proof"):
    """Stay unsettled: a callback may prove it; after the wait, look up or repeat."""

    seconds: float


class GiveUp(msgspec.Struct, frozen=True, kw_only=True, tag="give_up"):
    """Settled as failed: use the next contact method."""

    reason: FailureReason


NextMove = Done | TryAgain | WaitForProof | GiveUp


def patience_left(*, is_critical: bool, due_at: datetime, now: datetime) -> float:
    """Seconds until the next contact method is to be used; negative when that was before `now`."""
    patience = CRITICAL_PATIENCE_SECONDS if is_critical else PATIENCE_SECONDS
    return patience - (now - due_at).total_seconds()


def is_too_late(seconds: float, *, seconds_left: float | None) -> bool:
    """Whether an attempt that begins in so many seconds may end after the next contact method is to be used.

    `seconds_left` is None when there is no other one: then it is never too late.
    """
    return seconds_left is not None and seconds + LONGEST_ATTEMPT_SECONDS > seconds_left


def decide_after_attempt(
    result: AttemptResult, *, attempts: int, unclear_attempts: int, seconds_left: float | None = None
) -> NextMove:
    """What an attempt's result means; `attempts` and `unclear_attempts` count this one.

    `seconds_left` is the time until the next contact method is to be used, None when the recipient has no other one.
    """
    match result:
        case Sent():
            return Done()
        case Unclear() if unclear_attempts >= MAX_UNCLEAR_ATTEMPTS:
            return GiveUp(reason=FailureReason.UNCLEAR)
        case Unclear():
            return WaitForProof(seconds=_proof_seconds(seconds_left))
        case Failed(is_permanent=True, reason=reason):
            return GiveUp(reason=reason)
        case Failed(reason=reason) if attempts > len(RETRY_SECONDS):
            return GiveUp(reason=reason)
        case Failed(reason=reason, retry_after_seconds=asked):
            wait = RETRY_SECONDS[attempts - 1] if asked is None else asked
            return GiveUp(reason=reason) if is_too_late(wait, seconds_left=seconds_left) else TryAgain(seconds=wait)


def _proof_seconds(seconds_left: float | None) -> float:
    """As long as a callback may take, less when the time that is left shall do for the look-up too; at least 1 s."""
    if seconds_left is None:
        return CALLBACK_WAIT_SECONDS
    return max(1.0, min(CALLBACK_WAIT_SECONDS, seconds_left - LONGEST_ATTEMPT_SECONDS))


ENGINE = Actor(kind="service", id="escalation", name="escalation")
NOTIFIER = Actor(kind="service", id="notifier", name="notifier")

_RANK = {"queued": 0, "sending": 0, "sent": 1, "failed": 2, "delivered": 3}
_PROVIDER_WORDS = {
    "accepted": "sent",
    "queued": "sent",
    "scheduled": "sent",
    "sending": "sent",
    "sent": "sent",
    "initiated": "sent",
    "ringing": "sent",
    "undelivered": "failed",
    "failed": "failed",
    "busy": "failed",
    "no-answer": "failed",
    "canceled": "failed",
    "answered": "delivered",
    "in-progress": "delivered",
    "completed": "delivered",
    "delivered": "delivered",
    "read": "delivered",
}


def status_after_callback(current: str, provider_word: str) -> str | None:
    """The delivery's new status after a provider's callback, or None when it changes nothing.

    Callbacks come late, twice and out of order: a status only ever moves up in rank
    (Twilio's words for messages and calls; sent < failed < delivered). A call that nobody takes has failed.
    """
    told = _PROVIDER_WORDS.get(provider_word)
    if told is None or current == "superseded" or _RANK[told] <= _RANK[current]:
        return None
    return told
