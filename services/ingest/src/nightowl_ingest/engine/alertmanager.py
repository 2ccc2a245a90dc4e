"""Alertmanager's webhook, version 4. SigNoz sends the same and is told apart by its labels (see `signoz`).

Each alert's own status counts, since a group may mix firing and resolved. The title is the `alertname` label.
Severity: the alert's `severity` label, else the group's common one; for unknown and missing words see `severity`.
"""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from nightowl_contracts import AlertStatus, ReceivedAlert
from nightowl_ingest.engine import signoz
from nightowl_ingest.engine.decoding import (
    NUL,
    UNREADABLE,
    check_count,
    clean,
    decode_envelope,
    keep_raw,
    read_items,
)
from nightowl_ingest.engine.normalize import (
    SENDERS_OR_LABELS,
    check_names,
    check_pairs,
    check_text,
    check_title,
    resolve_fingerprint,
    resolve_moment,
)
from nightowl_ingest.engine.severity import resolve_severity
from nightowl_ingest.model import Limits, Reading

NAMELESS = "(alert without a name)"


class AlertmanagerAlert(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One alert of a group. `endsAt` is Go's zero time while it fires."""

    labels: dict[str, str]
    annotations: dict[str, str] | None = None
    status: AlertStatus | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    generator_url: str | None = msgspec.field(name="generatorURL", default=None)
    fingerprint: str | None = None


class _Group(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    status: str | None = None
    common_labels: dict[str, str] | None = None
    truncated_alerts: int = 0


class AlertmanagerPayload(_Group, frozen=True, kw_only=True, rename="camel"):
    """A notification: alerts that Alertmanager grouped together. Other fields are allowed and not used."""

    alerts: list[AlertmanagerAlert]


class _Unread(_Group, frozen=True, kw_only=True, rename="camel"):
    alerts: list[msgspec.Raw]


_unread = msgspec.json.Decoder(_Unread)
_alerts = msgspec.json.Decoder(AlertmanagerAlert)


def read(body: bytes, limits: Limits) -> Reading:
    """The alerts of a notification.

    Raises:
        MalformedError: not JSON.
        InvalidError: a field around the alerts is missing or of a wrong type.
        TooManyAlertsError: more alerts than allowed.
    """
    if NUL not in body:
        try:
            return _read_whole(body, limits)
        except UNREADABLE:
            pass  # the slow way below finds out what is wrong, and keeps what is not
    return _read_one_by_one(clean(body), limits)


def _read_whole(body: bytes, limits: Limits) -> Reading:
    group = _unread.decode(body)
    check_count(len(group.alerts), limits)
    is_large = len(body) > limits.max_value_length
    alerts = [
        _normalise(_alerts.decode(item), group, index=index, limits=limits, is_large=is_large, raw=keep_raw(item))
        for index, item in enumerate(group.alerts)
    ]
    return Reading(alerts=alerts, truncated=group.truncated_alerts, source=_sender(alerts))


def _read_one_by_one(body: bytes, limits: Limits) -> Reading:
    group = decode_envelope(body, _unread)
    check_count(len(group.alerts), limits)

    def read_one(item: msgspec.Raw, index: int) -> ReceivedAlert:
        return _normalise(_alerts.decode(item), group, index=index, limits=limits, is_large=True)

    reading = read_items(group.alerts, "$.alerts[{}]", read_one=read_one)
    return msgspec.structs.replace(reading, truncated=group.truncated_alerts, source=_sender(reading.alerts))


def _sender(alerts: Sequence[ReceivedAlert]) -> str | None:
    """SigNoz, when every alert is one of its own."""
    return signoz.NAME if alerts and all(signoz.is_from(each.labels) for each in alerts) else None


def _normalise(
    alert: AlertmanagerAlert,
    group: _Group,
    *,
    index: int,
    limits: Limits,
    is_large: bool,
    raw: tuple[str | None, bool] = (None, False),
) -> ReceivedAlert:
    """`is_large` is false when the whole body is too small to hold a text beyond the limits."""
    labels, annotations = alert.labels, alert.annotations or {}
    if is_large or len(labels) > limits.max_labels or len(annotations) > limits.max_labels:
        _check_bounds(alert, limits)
    check_names(labels, "$.labels")
    severity = labels.get("severity") or (group.common_labels or {}).get("severity")
    fingerprint, rule = _fingerprint(alert, labels)
    return ReceivedAlert(
        index=index,
        fingerprint=fingerprint,
        status=alert.status or ("resolved" if group.status == "resolved" else "firing"),
        severity=resolve_severity(severity, limits.severity_words),
        title=check_title(labels.get("alertname") or annotations.get("summary") or NAMELESS, limits),
        description=describe(annotations),
        labels=labels,
        annotations=annotations,
        starts_at=resolve_moment(alert.starts_at, "$.startsAt"),
        ends_at=resolve_moment(alert.ends_at, "$.endsAt"),
        generator_url=alert.generator_url or None,
        raw=raw[0],
        raw_is_cut=raw[1],
        fingerprint_rule=rule,
    )


def _fingerprint(alert: AlertmanagerAlert, labels: dict[str, str]) -> tuple[str, str]:
    if signoz.is_from(labels):
        return signoz.fingerprint(labels)
    return resolve_fingerprint(alert.fingerprint, labels, rules=SENDERS_OR_LABELS)


def describe(annotations: dict[str, str]) -> str | None:
    """Summary and description, a paragraph each."""
    summary, description = annotations.get("summary"), annotations.get("description")
    if summary and description and summary != description:
        return f"{summary}\n\n{description}"
    return description or summary or None


def _check_bounds(alert: AlertmanagerAlert, limits: Limits) -> None:
    check_pairs(alert.labels, "$.labels", limits)
    check_pairs(alert.annotations or {}, "$.annotations", limits)
    check_text(alert.generator_url, "$.generatorURL", limits)
