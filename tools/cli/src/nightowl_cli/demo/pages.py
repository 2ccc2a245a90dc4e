"""What became of the pages of the play: sent, proved by a receipt, tried again, or no longer needed."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from nightowl_alerting.bundles import evidence_of
from nightowl_alerting.model import Alert, Delivery, Entry
from nightowl_alerting.paging import FALLBACK_CHANNELS, NOTIFIER, RETRY_SECONDS, FailureReason
from nightowl_alerting.targets.model import Staff
from nightowl_cli.demo.rows import Rows
from nightowl_contracts import Actor, DeliverySummary

PROVIDERS = {"slack_dm": "slack", "slack_channel": "slack", "sms": "twilio", "phone": "twilio", "email": "smtp"}
TWILIO = Actor(kind="provider", id="twilio", name="twilio")

_TRIED_AGAIN = 0.02
_UNANSWERED = 0.12


class Owed(msgspec.Struct, frozen=True, kw_only=True):
    """A page, when it is to be sent, and how long its provider takes to take it."""

    delivery: Delivery
    created_at: datetime
    sends_at: datetime


class Post:
    """The notifier of the play: pages wait here until they are sent or no longer needed."""

    def __init__(self, rows: Rows, chance: random.Random, staff: Staff) -> None:
        self._rows = rows
        self._staff = staff
        self._chance = chance
        self._owed: list[Owed] = []

    def owe(self, deliveries: Sequence[Delivery], *, at: datetime) -> None:
        """Pages of a step."""
        for each in deliveries:
            late = timedelta(seconds=0.2 + self._chance.lognormvariate(-0.7, 0.5))
            self._owed.append(Owed(delivery=each, created_at=at, sends_at=max(at, each.not_before) + late))

    def settle(self, alert: Alert, *, stopped_at: datetime) -> None:
        """Whatever was to be sent before the alert was taken is sent; the rest is superseded."""
        waiting, self._owed = self._owed, []
        for each in waiting:  # grows while calls that nobody takes hand over to the next contact method
            if each.sends_at > stopped_at:
                self._write(each, status="superseded", settled_at=stopped_at)
                continue
            failed_at = self._send(each, alert)
            if failed_at is not None and failed_at < stopped_at:
                waiting += self._fail_over(each, waiting, failed_at)

    def _fail_over(self, failed: Owed, others: Sequence[Owed], at: datetime) -> list[Owed]:
        page = failed.delivery
        step = (page.recipient, page.cycle, page.step)
        used = {o.delivery.channel for o in others if (o.delivery.recipient, o.delivery.cycle, o.delivery.step) == step}
        addresses = self._staff.people[UUID(page.recipient.removeprefix("user:"))].contact_methods
        left = [channel for channel in FALLBACK_CHANNELS if channel in addresses and channel not in used]
        return [
            Owed(
                delivery=msgspec.structs.replace(
                    page, id=self._rows.id(at), channel=channel, address=addresses[channel], not_before=at
                ),
                created_at=at,
                sends_at=at + timedelta(seconds=0.6),
            )
            for channel in left[:1]
        ]

    def _send(self, owed: Owed, alert: Alert) -> datetime | None:
        """Sent, with its receipt; when it has failed after all, the instant of that."""
        attempts, at = 1, owed.sends_at
        provider = PROVIDERS[owed.delivery.channel]
        if self._chance.random() < _TRIED_AGAIN:
            self._attempt(owed, 1, "failed", at, reason=FailureReason.UNAVAILABLE, detail="HTTP 503")
            told = self._summary(owed, "queued", attempts=1, reason=FailureReason.UNAVAILABLE)
            evidence = {**evidence_of(told), "detail": "HTTP 503", "again_in_seconds": RETRY_SECONDS[0]}
            self._rows.entry(alert.id, at, Entry(kind="page_delayed", actor=NOTIFIER, evidence=evidence))
            attempts, at = 2, at + timedelta(seconds=RETRY_SECONDS[0] + 0.4)
        provider_id = self._provider_id(provider, owed.delivery.channel, at)
        self._attempt(owed, attempts, "sent", at, provider_id=provider_id)
        sent = self._summary(owed, "sent", attempts=attempts, provider_id=provider_id)
        self._rows.entry(
            alert.id, at, Entry(kind="page_sent", actor=NOTIFIER, evidence={**evidence_of(sent), "detail": None})
        )  # fmt: skip
        status, word, settled = "sent", None, at
        if provider == "twilio":
            status, word, settled = self._receipt(owed, alert, sent, at)
        self._write(
            owed, status=status, settled_at=settled, attempts=attempts, provider=provider, provider_id=provider_id,
            provider_status=word, sent_at=at, reason=FailureReason.UNAVAILABLE if status == "failed" else None,
        )  # fmt: skip
        return settled if status == "failed" else None

    def _receipt(self, owed: Owed, alert: Alert, sent: DeliverySummary, at: datetime) -> tuple[str, str, datetime]:
        """What Twilio says some seconds later. A call may ring unheard; the text that went with it did not."""
        later = at + timedelta(seconds=self._chance.uniform(1.5, 9))
        if owed.delivery.channel == "sms":
            status, word = "delivered", "delivered"
        elif self._chance.random() < _UNANSWERED:
            status, word, later = "failed", "no-answer", at + timedelta(seconds=31)
        else:
            status, word, later = "delivered", "completed", at + timedelta(seconds=self._chance.uniform(14, 40))
        told = msgspec.structs.replace(sent, status=status)
        evidence = {**evidence_of(told), "told": word, "detail": None}
        self._rows.entry(alert.id, later, Entry(kind=f"page_{status}", actor=TWILIO, evidence=evidence))
        return status, word, later

    def _provider_id(self, provider: str, channel: str, at: datetime) -> str:
        if provider == "slack":
            return f"{at.timestamp():.6f}"
        if provider == "twilio":
            return f"{'CA' if channel == 'phone' else 'SM'}{self._chance.getrandbits(128):032x}"
        return f"<{self._chance.getrandbits(96):024x}@example.com>"

    def _summary(
        self, owed: Owed, status: str, *, attempts: int, provider_id: str | None = None, reason: str | None = None
    ) -> DeliverySummary:
        page = owed.delivery
        return DeliverySummary(
            delivery_id=page.id, alert_id=page.alert_id, cycle=page.cycle, step=page.step, recipient=page.recipient,
            channel=page.channel, status=status, attempts=attempts, provider=PROVIDERS[page.channel],
            provider_id=provider_id, reason=reason,
        )  # fmt: skip

    def _attempt(
        self, owed: Owed, token: int, outcome: str, at: datetime, *, provider_id: str | None = None,
        reason: str | None = None, detail: str | None = None,
    ) -> None:  # fmt: skip
        self._rows.add(
            "delivery_attempts", delivery_id=owed.delivery.id, token=token, outcome=outcome,
            provider=PROVIDERS[owed.delivery.channel], provider_id=provider_id, reason=reason, detail=detail,
            finished_at=at,
        )  # fmt: skip

    def _write(self, owed: Owed, *, status: str, settled_at: datetime, attempts: int = 0, **more: object) -> None:
        page = owed.delivery
        self._rows.add(
            "deliveries", id=page.id, alert_id=page.alert_id, episode=page.episode, cycle=page.cycle, step=page.step,
            recipient=page.recipient, channel=page.channel, address=page.address,
            escalation_version=page.escalation_version,
            status=status, attempts=attempts, token=attempts, not_before=page.not_before, due_at=page.not_before,
            created_at=owed.created_at, settled_at=settled_at, **more,
        )  # fmt: skip
