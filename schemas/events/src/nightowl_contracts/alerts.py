"""Events about one alert: `nightowl.event.<tenant>.alert.<verb>`, written by libs/alerting alone."""

from datetime import datetime
from uuid import UUID

import msgspec

from nightowl_contracts.envelope import Envelope
from nightowl_contracts.ingest import Severity


class AlertSummary(msgspec.Struct, frozen=True, kw_only=True):
    """The alert as it stands after the event.

    `version` rises with every change: a reader that holds a higher one ignores the event.
    """

    alert_id: UUID
    fingerprint: str
    episode: int
    version: int
    status: str
    severity: Severity
    title: str
    source: str
    occurrence_count: int
    first_fired_at: datetime
    last_fired_at: datetime
    service_id: UUID | None = None


class AlertOpened(Envelope, frozen=True, kw_only=True, tag="alert.opened.v1"):
    """A problem that was not open before, or a re-fire after a resolve (a new episode)."""

    data: AlertSummary


class AlertRepeated(Envelope, frozen=True, kw_only=True, tag="alert.repeated.v1"):
    """The open alert was seen again; one event may stand for several repeats (`occurrence_count`)."""

    data: AlertSummary


class AlertAcknowledged(Envelope, frozen=True, kw_only=True, tag="alert.acknowledged.v1"):
    """Somebody took it: paging has stopped."""

    data: AlertSummary


class AlertResolved(Envelope, frozen=True, kw_only=True, tag="alert.resolved.v1"):
    """It is over, by the source, a person or an agent (`actor`)."""

    data: AlertSummary


class EscalationStep(msgspec.Struct, frozen=True, kw_only=True):
    """A tier that was reached: `cycle` and `tier` count from 0; `recipients` are the people and channels paged."""

    alert: AlertSummary
    cycle: int
    tier: int
    recipients: list[str]
    due_at: datetime


class AlertEscalated(Envelope, frozen=True, kw_only=True, tag="alert.escalated.v1"):
    """A tier was paged."""

    data: EscalationStep


class AlertExhausted(Envelope, frozen=True, kw_only=True, tag="alert.exhausted.v1"):
    """The last tier of the last cycle passed without an acknowledgement."""

    data: AlertSummary


class AlertInvestigating(Envelope, frozen=True, kw_only=True, tag="alert.investigating.v1"):
    """Somebody works on it."""

    data: AlertSummary


class AlertUnacknowledged(Envelope, frozen=True, kw_only=True, tag="alert.unacknowledged.v1"):
    """Whoever had it gave it back: it is firing, and the escalation starts anew."""

    data: AlertSummary


class AlertReopened(Envelope, frozen=True, kw_only=True, tag="alert.reopened.v1"):
    """It was not over: the same episode is firing again."""

    data: AlertSummary


class SnoozedAlert(msgspec.Struct, frozen=True, kw_only=True):
    """Nothing pages before `until`."""

    alert: AlertSummary
    until: datetime


class AlertSnoozed(Envelope, frozen=True, kw_only=True, tag="alert.snoozed.v1"):
    """Paging pauses until a time."""

    data: SnoozedAlert


class AlertUnsnoozed(Envelope, frozen=True, kw_only=True, tag="alert.unsnoozed.v1"):
    """A snooze ran out and the alert was judged again. An acknowledgement or a resolve has its own event instead."""

    data: AlertSummary


class AssignedAlert(msgspec.Struct, frozen=True, kw_only=True):
    """Who is asked to look after it; None: nobody any more."""

    alert: AlertSummary
    assignee_id: UUID | None = None


class AlertAssigned(Envelope, frozen=True, kw_only=True, tag="alert.assigned.v1"):
    """Somebody is asked to look after it. Paging goes on."""

    data: AssignedAlert


class CommentedAlert(msgspec.Struct, frozen=True, kw_only=True):
    """Words that were added to the timeline."""

    alert: AlertSummary
    text: str


class AlertCommented(Envelope, frozen=True, kw_only=True, tag="alert.commented.v1"):
    """Somebody wrote something about it."""

    data: CommentedAlert


class GroupedAlert(msgspec.Struct, frozen=True, kw_only=True):
    """The group that an alert has joined."""

    alert: AlertSummary
    group_id: UUID


class AlertGrouped(Envelope, frozen=True, kw_only=True, tag="alert.grouped.v1"):
    """It belongs to a group from now on."""

    data: GroupedAlert


class SuppressedAlert(msgspec.Struct, frozen=True, kw_only=True):
    """What keeps a due tier from paging: `kind` is silence, maintenance_window, inhibition or group.

    It ends at `until`, or with the alert `inhibitor_id`.
    """

    alert: AlertSummary
    kind: str
    rule_id: UUID
    name: str
    until: datetime | None = None
    inhibitor_id: UUID | None = None


class AlertSuppressed(Envelope, frozen=True, kw_only=True, tag="alert.suppressed.v1"):
    """Its pages are muted. Its state goes on, and it is judged again when the mute ends."""

    data: SuppressedAlert


class AlertUnsuppressed(Envelope, frozen=True, kw_only=True, tag="alert.unsuppressed.v1"):
    """The mute is over and it pages."""

    data: AlertSummary
