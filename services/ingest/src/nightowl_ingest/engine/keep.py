"""Keep's alerts (AlertDto): one, a list, `{"alert": …}` or `{"alerts": […]}`, since users write the body in a workflow.

Status: `resolved`, and an alert that Keep has deleted, end the alert; every other word fires. Four of them, and a
dismissed alert, say that somebody or something in Keep holds it back: `acknowledged`, `suppressed`, `maintenance`,
`pending`. Such an alert is open here too, because a mute must never hide that something is broken, but its severity is
at most `warning`, which does not page; when Keep says `firing` again, the severity rises and the alert is judged anew.
What Keep said stays in the annotations `keep_status` and `keep_severity`. Unknown severities are `info`, as in Keep.
"""

import hashlib
from collections.abc import Mapping

import msgspec

from nightowl_contracts import AlertStatus, ReceivedAlert, Severity
from nightowl_ingest.engine.decoding import check_count, clean, decode_envelope, read_items
from nightowl_ingest.engine.normalize import (
    ItemError,
    Json,
    check_labels,
    check_pairs,
    check_text,
    check_title,
    read_moment,
    resolve_fingerprint,
    text_of,
    texts_of,
)
from nightowl_ingest.model import Limits, Reading

HELD_BACK = frozenset({"acknowledged", "suppressed", "maintenance", "pending"})
ENDED = frozenset({"resolved", "ok"})

_SEVERITIES: dict[str, Severity] = {
    "critical": "critical", "high": "major", "warning": "warning", "info": "info", "low": "info",
    "5": "critical", "4": "major", "3": "warning", "2": "info", "1": "info",
}  # fmt: skip
_UNNAMED_ENVIRONMENTS = frozenset({"", "undefined", "unknown"})

MADE_OF_NAME = "Keep: hash of the name"

Moment = str | int | float | None


class KeepAlert(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """An alert as Keep has it; extra keys are allowed. Times are ISO 8601 or Unix seconds (or milliseconds)."""

    name: str | None = None
    status: str | None = None
    severity: str | int | None = None
    last_received: Moment = None
    firing_start_time: Moment = None
    started_at: Moment = None
    environment: str | None = None
    service: str | None = None
    source: list[str] | str | None = None
    message: str | None = None
    description: str | None = None
    url: str | None = None
    image_url: str | None = None
    note: str | None = None
    labels: dict[str, Json] | None = None
    fingerprint: str | None = None
    deleted: bool | None = None
    dismissed: bool | None = None
    provider_type: str | None = None


class _Unread(msgspec.Struct, frozen=True, kw_only=True):
    alert: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    alerts: list[msgspec.Raw] | msgspec.UnsetType = msgspec.UNSET


_unread = msgspec.json.Decoder(_Unread | list[msgspec.Raw])
_alerts = msgspec.json.Decoder(KeepAlert)


def read(body: bytes, limits: Limits) -> Reading:
    """The alerts of a call.

    Raises:
        MalformedError: not JSON.
        InvalidError: neither an object nor a list of them.
        TooManyAlertsError: more alerts than allowed.
    """
    body = clean(body)
    match decode_envelope(body, _unread):
        case list() as items:
            path = "$[{}]"
        case _Unread(alerts=list() as items):
            path = "$.alerts[{}]"
        case _Unread(alert=msgspec.Raw() as item):
            items, path = [item], "$.alert"
        case _:
            items, path = [msgspec.Raw(body)], "$"
    check_count(len(items), limits)
    return read_items(
        items, path, read_one=lambda item, index: _normalise(_alerts.decode(item), index=index, limits=limits)
    )


def _normalise(alert: KeepAlert, *, index: int, limits: Limits) -> ReceivedAlert:
    if not alert.name or not alert.name.strip():
        raise ItemError("$.name", "required")
    labels, annotations = _labels(alert), _annotations(alert)
    description = alert.description or alert.message or None
    check_labels(labels, "$.labels", limits)
    check_pairs(annotations, "$", limits)
    check_text(description, "$.description", limits)
    check_text(alert.url, "$.url", limits)
    status = _status(alert)
    started = alert.started_at or alert.firing_start_time or (None if status == "resolved" else alert.last_received)
    fingerprint, rule = _fingerprint(alert.fingerprint, alert.name)
    return ReceivedAlert(
        index=index,
        fingerprint=fingerprint,
        fingerprint_rule=rule,
        status=status,
        severity=_severity(alert, limits.severity_words),
        title=check_title(alert.name, limits),
        description=description,
        labels=labels,
        annotations=annotations,
        starts_at=read_moment(started, "$.startedAt"),
        ends_at=read_moment(alert.last_received, "$.lastReceived") if status == "resolved" else None,
        generator_url=alert.url or None,
    )


def _fingerprint(given: str | None, name: str) -> tuple[str, str]:
    """Keep's own; without one, what Keep makes of an alert that has none."""
    if given:
        return resolve_fingerprint(given, {})
    return hashlib.sha256(name.encode()).hexdigest(), MADE_OF_NAME


def _status(alert: KeepAlert) -> AlertStatus:
    return "resolved" if alert.deleted or _word(alert.status) in ENDED else "firing"


def _severity(alert: KeepAlert, own: Mapping[str, Severity]) -> Severity:
    word = _word(text_of(alert.severity))
    severity = own.get(word) or _SEVERITIES.get(word, "info")
    is_held = alert.dismissed or _word(alert.status) in HELD_BACK
    return "warning" if is_held and severity in {"major", "critical"} else severity


def _labels(alert: KeepAlert) -> dict[str, str]:
    """Keep's labels, and those of its own fields that say where the alert belongs."""
    labels = texts_of(alert.labels)
    sources = [alert.source] if isinstance(alert.source, str) else alert.source or []
    environment = "" if _word(alert.environment) in _UNNAMED_ENVIRONMENTS else alert.environment
    own = {"service": alert.service, "environment": environment, "source": ",".join(sources)}
    return {**{name: value for name, value in own.items() if value}, **labels}


def _annotations(alert: KeepAlert) -> dict[str, str]:
    given = {
        "keep_status": alert.status,
        "keep_severity": text_of(alert.severity),
        "keep_provider": alert.provider_type,
        "image_url": alert.image_url,
        "note": alert.note,
    }
    return {name: value for name, value in given.items() if value}


def _word(text: str | None) -> str:
    return (text or "").strip().lower()
