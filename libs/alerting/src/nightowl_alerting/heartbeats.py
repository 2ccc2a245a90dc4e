"""What a beat, and the lack of one, mean. Pure: ids and time are arguments.

A heartbeat that was never heard of waits for its first beat. From then on each beat moves the deadline; when it passes,
the heartbeat is missed and an alert opens; the next beat that is in time again resolves it.
"""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from nightowl_alerting.model import Timer
from nightowl_alerting.transitions import Received
from nightowl_contracts import ReceivedAlert, Severity

SOURCE = "heartbeat"
LABEL = "heartbeat"
"""The label that names the heartbeat on its alert."""


class Heartbeat(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who must be heard of, and how it stands. `due_at` is None while nothing is awaited."""

    id: UUID
    name: str
    description: str
    interval_seconds: int
    grace_seconds: int
    severity: Severity
    labels: dict[str, str]
    is_enabled: bool
    last_beat_at: datetime | None = None
    due_at: datetime | None = None
    missed_at: datetime | None = None

    @property
    def patience(self) -> timedelta:
        """How long after a beat the next one is awaited."""
        return timedelta(seconds=self.interval_seconds + self.grace_seconds)


class Old(msgspec.Struct, frozen=True):
    """Something at least as new was heard before: the beat changes nothing."""


class Noted(msgspec.Struct, frozen=True, kw_only=True):
    """The beat is remembered, and nothing else: the heartbeat is disabled, or stays missed (the beat came too late)."""

    after: Heartbeat


class InTime(msgspec.Struct, frozen=True, kw_only=True):
    """The deadline moves. It may have passed all the same, when the beat was long on its way."""

    after: Heartbeat


class Returned(msgspec.Struct, frozen=True, kw_only=True):
    """It was missed and is heard of again: its alert is over."""

    after: Heartbeat


Heard = Old | Noted | InTime | Returned


class Settled(msgspec.Struct, frozen=True):
    """Nothing is awaited: the timer is void."""


class Awaited(msgspec.Struct, frozen=True, kw_only=True):
    """The deadline is later than the timer said."""

    due_at: datetime


class Missed(msgspec.Struct, frozen=True, kw_only=True):
    """Nothing was heard in time: an alert opens."""

    after: Heartbeat
    alert: ReceivedAlert


Judged = Settled | Awaited | Missed


def fingerprint_of(name: str) -> str:
    """The fingerprint of the alert that a miss opens."""
    return f"heartbeat:{name}"


def hear(heartbeat: Heartbeat, *, at: datetime, now: datetime) -> Heard:
    """What a beat of a moment means."""
    if heartbeat.last_beat_at is not None and at <= heartbeat.last_beat_at:
        return Old()
    due_at = at + heartbeat.patience
    after = msgspec.structs.replace(heartbeat, last_beat_at=at)
    if not heartbeat.is_enabled or (heartbeat.missed_at is not None and due_at <= now):
        return Noted(after=after)
    after = msgspec.structs.replace(after, due_at=due_at, missed_at=None)
    return InTime(after=after) if heartbeat.missed_at is None else Returned(after=after)


def judge(heartbeat: Heartbeat | None, *, now: datetime) -> Judged:
    """What a due timer means for its heartbeat; None: there is no such heartbeat any more."""
    if heartbeat is None or heartbeat.due_at is None:
        return Settled()
    if heartbeat.due_at > now:
        return Awaited(due_at=heartbeat.due_at)
    after = msgspec.structs.replace(heartbeat, due_at=None, missed_at=now)
    return Missed(after=after, alert=_missed_alert(heartbeat))


def change(before: Heartbeat, after: Heartbeat, *, now: datetime) -> Heartbeat:
    """The new definition with what is awaited under it.

    Counted from the last beat; from now when it was disabled. A missed one stays missed until it is heard of, or until
    it is disabled.
    """
    if not after.is_enabled or before.last_beat_at is None:
        return msgspec.structs.replace(after, last_beat_at=before.last_beat_at, due_at=None, missed_at=None)
    start = before.last_beat_at if before.is_enabled else now
    return msgspec.structs.replace(
        after,
        last_beat_at=before.last_beat_at,
        missed_at=before.missed_at,
        due_at=None if before.missed_at is not None else start + after.patience,
    )


def timer_of(heartbeat: Heartbeat, tenant: str) -> Timer | None:
    """The timer that stands for what is awaited, if anything is."""
    if heartbeat.due_at is None:
        return None
    return Timer(kind="heartbeat", ref=heartbeat.id, tenant=tenant, version=0, due_at=heartbeat.due_at)


def returned_alert(heartbeat: Heartbeat) -> ReceivedAlert:
    """The end of the alert that the miss has opened."""
    return ReceivedAlert(
        index=0,
        fingerprint=fingerprint_of(heartbeat.name),
        status="resolved",
        severity=heartbeat.severity,
        title=_title(heartbeat),
        ends_at=heartbeat.last_beat_at,
    )


def as_received(heartbeat: Heartbeat, alert: ReceivedAlert, *, new_id: UUID, at: datetime) -> Received:
    """A miss as something that was received: no call stands behind it, so the heartbeat's id is its receipt."""
    return Received(alert=alert, source=SOURCE, receipt_id=heartbeat.id, new_id=new_id, at=at)


def _missed_alert(heartbeat: Heartbeat) -> ReceivedAlert:
    last = "" if heartbeat.last_beat_at is None else f" since {heartbeat.last_beat_at.isoformat(timespec='seconds')}"
    expected = f"every {heartbeat.interval_seconds} s, with {heartbeat.grace_seconds} s of grace"
    told = f"Nothing was heard{last}. A beat is expected {expected}."
    return ReceivedAlert(
        index=0,
        fingerprint=fingerprint_of(heartbeat.name),
        status="firing",
        severity=heartbeat.severity,
        title=_title(heartbeat),
        description=f"{told}\n\n{heartbeat.description}" if heartbeat.description else told,
        labels={**heartbeat.labels, LABEL: heartbeat.name},
        starts_at=heartbeat.due_at,
    )


def _title(heartbeat: Heartbeat) -> str:
    return f"No heartbeat from {heartbeat.name}"
