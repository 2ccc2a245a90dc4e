"""The generic webhook: an alert as a plain object, a list of them, or `{"alerts": […]}`.

For scripts and agents. Only a title is required; several common spellings are understood. Severity: for unknown and
missing words see `severity`. An unknown status word rejects the alert, because guessing wrong would close it.
"""

from datetime import datetime
from typing import Annotated

import msgspec

from nightowl_contracts import AgentReport, AlertStatus, ReceivedAlert
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
    SENDERS,
    FingerprintRules,
    ItemError,
    check_labels,
    check_name,
    check_pairs,
    check_text,
    check_title,
    resolve_fingerprint,
    resolve_moment,
    texts_of,
)
from nightowl_ingest.engine.severity import resolve_severity
from nightowl_ingest.model import Limits, Reading

Scalar = str | int | float | bool | None

_STATUSES: dict[str, AlertStatus] = {
    **dict.fromkeys(("firing", "alerting", "alert", "open", "problem", "triggered", "active"), "firing"),
    **dict.fromkeys(("resolved", "ok", "closed", "recovered", "normal"), "resolved"),
}


class GenericAgent(msgspec.Struct, frozen=True, kw_only=True):
    """What a program that handles alerts reports about its own work. `confidence` is between 0 and 1."""

    agent_id: str
    action_taken: str | None = None
    action_result: str | None = None
    auto_resolved: bool = False
    confidence: Annotated[float, msgspec.Meta(ge=0, le=1)] | None = None


class GenericAlert(msgspec.Struct, frozen=True, kw_only=True):
    """One alert. The title may also be called name, alertname or summary; labels may be numbers and booleans.

    `source` is where the sender has it from, and becomes a label.
    """

    title: str | None = None
    name: str | None = None
    alertname: str | None = None
    summary: str | None = None
    status: str | None = None
    severity: str | int | None = None
    fingerprint: str | None = None
    description: str | None = None
    message: str | None = None
    labels: dict[str, Scalar] | None = None
    annotations: dict[str, Scalar] | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    starts_at_camel: datetime | None = msgspec.field(name="startsAt", default=None)
    ends_at_camel: datetime | None = msgspec.field(name="endsAt", default=None)
    url: str | None = None
    generator_url: str | None = None
    source: str | None = None
    agent_metadata: GenericAgent | None = None


class GenericAlerts(msgspec.Struct, frozen=True, kw_only=True):
    """Several alerts."""

    alerts: list[GenericAlert]


class _Unread(msgspec.Struct, frozen=True, kw_only=True):
    alerts: list[msgspec.Raw] | msgspec.UnsetType = msgspec.UNSET


_unread = msgspec.json.Decoder(_Unread | list[msgspec.Raw])
_alerts = msgspec.json.Decoder(GenericAlert)


def read(body: bytes, limits: Limits) -> Reading:
    """The alerts of a call.

    Raises:
        MalformedError: not JSON.
        InvalidError: neither an object nor a list of them.
        TooManyAlertsError: more alerts than allowed.
    """
    if NUL not in body:
        try:
            return _read_whole(body, limits)
        except UNREADABLE:
            pass  # the slow way below finds out what is wrong, and keeps what is not
    return _read_one_by_one(clean(body), limits)


def _read_whole(body: bytes, limits: Limits) -> Reading:
    items, _path = _items(_unread.decode(body), body)
    check_count(len(items), limits)
    alerts = [
        normalise(_alerts.decode(item), index=index, limits=limits, raw=keep_raw(item))
        for index, item in enumerate(items)
    ]
    return Reading(alerts=alerts)


def _read_one_by_one(body: bytes, limits: Limits) -> Reading:
    items, path = items_of(body)
    check_count(len(items), limits)
    return read_items(
        items, path, read_one=lambda item, index: normalise(_alerts.decode(item), index=index, limits=limits)
    )


def items_of(body: bytes) -> tuple[list[msgspec.Raw], str]:
    """The alerts of a clean body, unread, and where they are, with `{}` for their number.

    Raises:
        MalformedError: not JSON.
        InvalidError: neither an object nor a list of them.
    """
    return _items(decode_envelope(body, _unread), body)


def _items(envelope: _Unread | list[msgspec.Raw], body: bytes) -> tuple[list[msgspec.Raw], str]:
    match envelope:
        case list() as items:
            return items, "$[{}]"
        case _Unread(alerts=list() as items):
            return items, "$.alerts[{}]"
        case _:
            return [msgspec.Raw(body)], "$"


def normalise(  # long: a field per line
    alert: GenericAlert,
    *,
    index: int,
    limits: Limits,
    raw: tuple[str | None, bool] = (None, False),
    rules: FingerprintRules = SENDERS,
) -> ReceivedAlert:
    """The alert in our words; `rules` names where its fingerprint comes from.

    Raises:
        ItemError: it has no title, an unknown status, or something too long.
    """
    labels, annotations = _labels(alert), texts_of(alert.annotations)
    description = alert.description or alert.message or None
    generator_url = alert.generator_url or alert.url or None
    check_labels(labels, "$.labels", limits)
    check_pairs(annotations, "$.annotations", limits)
    check_text(description, "$.description", limits)
    check_text(generator_url, "$.url", limits)
    title = check_title(_title(alert), limits)
    fingerprint, rule = resolve_fingerprint(alert.fingerprint, labels, title=title, rules=rules)
    return ReceivedAlert(
        index=index,
        fingerprint=fingerprint,
        fingerprint_rule=rule,
        status=_status(alert.status),
        severity=resolve_severity(None if alert.severity is None else str(alert.severity), limits.severity_words),
        title=title,
        description=description,
        labels=labels,
        annotations=annotations,
        starts_at=resolve_moment(alert.starts_at or alert.starts_at_camel, "$.starts_at"),
        ends_at=resolve_moment(alert.ends_at or alert.ends_at_camel, "$.ends_at"),
        generator_url=generator_url,
        agent=_agent(alert.agent_metadata, limits),
        raw=raw[0],
        raw_is_cut=raw[1],
    )


def _labels(alert: GenericAlert) -> dict[str, str]:
    labels = texts_of(alert.labels)
    if alert.source:
        labels.setdefault("source", alert.source)
    return labels


def _title(alert: GenericAlert) -> str:
    for text in (alert.title, alert.name, alert.alertname, alert.summary):
        if text and text.strip():
            return text
    raise ItemError("$.title", "required")


def _status(word: str | None) -> AlertStatus:
    if not word:
        return "firing"
    found = _STATUSES.get(word.strip().lower())
    if found is None:
        raise ItemError("$.status", f"unknown word {word[:40]!r}; say firing or resolved")
    return found


def _agent(agent: GenericAgent | None, limits: Limits) -> AgentReport | None:
    if agent is None:
        return None
    check_name(agent.agent_id, "$.agent_metadata.agent_id")
    for name in ("action_taken", "action_result"):
        check_text(getattr(agent, name), f"$.agent_metadata.{name}", limits)
    return AgentReport(
        agent_id=agent.agent_id,
        action_taken=agent.action_taken,
        action_result=agent.action_result,
        auto_resolved=agent.auto_resolved,
        confidence=agent.confidence,
    )
