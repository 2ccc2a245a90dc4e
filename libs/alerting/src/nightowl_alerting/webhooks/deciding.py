"""Which subscriptions want an event, and what an answer means for its delivery. Pure."""

import re
from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from nightowl_alerting.model import SEVERITY_RANK
from nightowl_alerting.noise.matchers import fits, subject_of
from nightowl_alerting.webhooks.model import (
    PING,
    Again,
    AlertFacts,
    Answered,
    Done,
    EndSubscription,
    GiveUp,
    Move,
    PostResult,
    Refused,
    Subscription,
    Unclear,
    Unreachable,
    WebhookReason,
)
from nightowl_contracts import AlertSummary, AnyEvent, DeliverySummary, event_types

RETRY_SECONDS = (5, 30, 120, 600, 3_600, 10_800, 21_600)
"""Waits after the attempts that failed, about ten hours together; after the last there is no more."""

NOT_OFFERED = frozenset({"alerts.received", "page.requested"})
"""What services say to each other about their own work."""

_PATTERN = re.compile(r"\*|[a-z]+\.(?:\*|[a-z_]+)")
_OK, _REDIRECTION, _GONE, _TOO_MANY = 200, 300, 410, 429


def type_of(event: AnyEvent) -> str:
    """The event's type without its version: `alert.opened`."""
    return str(event.__struct_config__.tag).rpartition(".")[0]


def offered_types() -> list[str]:
    """Every event type that can be subscribed to, sorted."""
    return sorted({tag.rpartition(".")[0] for tag in event_types()} - NOT_OFFERED)


def is_offered(pattern: str) -> bool:
    """Whether a pattern (`alert.opened`, `alert.*`, `*`) can fit anything."""
    return _PATTERN.fullmatch(pattern) is not None and any(fits_type(pattern, each) for each in offered_types())


def fits_type(pattern: str, event_type: str) -> bool:
    """Whether a pattern means a type."""
    noun, _, verb = pattern.partition(".")
    return pattern in {"*", event_type} or (verb == "*" and event_type.partition(".")[0] == noun)


def wanting(subscriptions: Sequence[Subscription], event: AnyEvent) -> list[Subscription]:
    """Those whose types an event is of; it must have happened since they were made or enabled."""
    event_type = type_of(event)
    if event_type in NOT_OFFERED:
        return []
    return [
        each
        for each in subscriptions
        if each.active_from <= event.at and any(fits_type(pattern, event_type) for pattern in each.event_types)
    ]


def has_filter(subscription: Subscription) -> bool:
    """Whether it asks what alert an event is about."""
    return bool(subscription.matchers) or subscription.min_severity is not None


def alert_id_of(event: AnyEvent) -> UUID | None:
    """The alert that an event is about, if it is about one."""
    if isinstance(event.data, DeliverySummary):
        return event.data.alert_id
    summary = _summary_of(event)
    return None if summary is None else summary.alert_id


def passes(subscription: Subscription, event: AnyEvent, facts: Mapping[UUID, AlertFacts]) -> bool:
    """Whether a subscription's filter lets an event through. One about no alert passes; of a lost alert, none does.

    Severity, source and title are those in the event where it has them, the labels are the alert's.
    """
    alert_id = alert_id_of(event)
    if alert_id is None or not has_filter(subscription):
        return True
    alert = facts.get(alert_id)
    if alert is None:
        return False
    summary = _summary_of(event)
    if summary is not None:
        alert = msgspec.structs.replace(alert, severity=summary.severity, source=summary.source, title=summary.title)
    floor = subscription.min_severity or "info"
    subject = subject_of(alert.labels, severity=alert.severity, source=alert.source, title=alert.title)
    return SEVERITY_RANK[alert.severity] >= SEVERITY_RANK[floor] and fits(subscription.matchers, subject)


def decide(result: PostResult, *, attempts: int, event_type: str, is_enabled: bool) -> Move:
    """What follows from an attempt; `attempts` counts it. A trial is tried once."""
    match result:
        case Answered(status=status) if _OK <= status < _REDIRECTION:
            return Done()
        case Answered(status=status) if status == _GONE:
            return EndSubscription()
        case Refused():
            return GiveUp(reason=WebhookReason.REFUSED)
        case _ if attempts > len(RETRY_SECONDS) or event_type == PING:
            return GiveUp(reason=reason_of(result))
        case _ if not is_enabled:
            return GiveUp(reason=WebhookReason.DISABLED)
        case Answered(status=status, retry_after_seconds=seconds) if status == _TOO_MANY:
            return Again(seconds=seconds, reason=WebhookReason.RATE_LIMITED, holds_all=True)
        case _:
            return Again(seconds=RETRY_SECONDS[attempts - 1], reason=reason_of(result))


def why_not_to_post(*, attempts: int, event_type: str, is_enabled: bool) -> WebhookReason | None:
    """Why a claimed delivery is not posted after all: disabled (but for a trial), or lost on its way too often."""
    if not is_enabled and event_type != PING:
        return WebhookReason.DISABLED
    most = 1 if event_type == PING else len(RETRY_SECONDS) + 1
    return WebhookReason.UNCLEAR if attempts > most else None


def reason_of(result: PostResult) -> WebhookReason:
    """Why a result is not a success."""
    match result:
        case Answered(status=status):
            return WebhookReason.RATE_LIMITED if status == _TOO_MANY else WebhookReason.REJECTED
        case Unreachable():
            return WebhookReason.UNAVAILABLE
        case Unclear():
            return WebhookReason.UNCLEAR
        case Refused():
            return WebhookReason.REFUSED


def _summary_of(event: AnyEvent) -> AlertSummary | None:
    nested = getattr(event.data, "alert", event.data)
    return nested if isinstance(nested, AlertSummary) else None
