"""Grafana: unified alerting (its webhook, version "1") and the legacy form of Grafana 8 and older, known by shape.

Unified: like Alertmanager's, with links and values that become annotations. Legacy: one call is one rule; its tags
become labels. State words: `ok`, `normal`, `resolved`, `inactive` and `paused` end the alert (a paused rule would never
say `ok`), `no_data` and every other word fires: better a page too many.
"""

from datetime import datetime

import msgspec

from nightowl_common.errors import FieldProblem, InvalidError
from nightowl_contracts import AlertStatus, ReceivedAlert
from nightowl_ingest.engine.alertmanager import NAMELESS, describe
from nightowl_ingest.engine.decoding import check_count, clean, decode_envelope, read_items
from nightowl_ingest.engine.normalize import (
    SENDERS,
    SENDERS_OR_LABELS,
    Json,
    check_labels,
    check_pairs,
    check_text,
    check_title,
    resolve_fingerprint,
    resolve_moment,
    text_of,
    texts_of,
)
from nightowl_ingest.engine.severity import resolve_severity
from nightowl_ingest.model import Limits, Reading

ENDED = frozenset({"ok", "normal", "resolved", "inactive", "paused"})

LEGACY = SENDERS._replace(made="Grafana: hash of the organisation and the rule")

_STATE_NAMES = ("DatasourceNoData", "DatasourceError")
"""Names under which Grafana reports that a rule itself cannot be evaluated; the rule's name is a label then."""


class GrafanaAlert(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One alert of unified alerting. `endsAt` is Go's zero time while it fires; `values` may be null."""

    labels: dict[str, str]
    annotations: dict[str, str] | None = None
    status: str | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    generator_url: str | None = msgspec.field(name="generatorURL", default=None)
    fingerprint: str | None = None
    silence_url: str | None = msgspec.field(name="silenceURL", default=None)
    dashboard_url: str | None = msgspec.field(name="dashboardURL", default=None)
    panel_url: str | None = msgspec.field(name="panelURL", default=None)
    image_url: str | None = msgspec.field(name="imageURL", default=None)
    value_string: str | None = None


class GrafanaMatch(msgspec.Struct, frozen=True, kw_only=True):
    """A series that a legacy rule found."""

    metric: str | None = None
    value: float | None = None


class _Common(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    status: str | None = None
    common_labels: dict[str, str] | None = None
    truncated_alerts: int = 0


class GrafanaPayload(_Common, frozen=True, kw_only=True, rename="camel"):
    """A notification of unified alerting. Other fields are allowed and not used."""

    alerts: list[GrafanaAlert]


class GrafanaLegacyPayload(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A legacy notification: one rule. `state` is alerting, ok, no_data, pending or paused."""

    rule_name: str
    state: str
    rule_id: int | str | None = None
    org_id: int | str | None = None
    rule_url: str | None = None
    message: str | None = None
    image_url: str | None = None
    eval_matches: list[GrafanaMatch] | None = None
    tags: dict[str, Json] | None = None


class _Unread(_Common, frozen=True, kw_only=True, rename="camel"):
    alerts: list[msgspec.Raw] | msgspec.UnsetType = msgspec.UNSET
    rule_name: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


_unread = msgspec.json.Decoder(_Unread)
_alerts = msgspec.json.Decoder(GrafanaAlert)
_legacy = msgspec.json.Decoder(GrafanaLegacyPayload)


def read(body: bytes, limits: Limits) -> Reading:
    """The alerts of a notification.

    Raises:
        MalformedError: not JSON.
        InvalidError: neither of the two forms, or a field around the alerts is of a wrong type.
        TooManyAlertsError: more alerts than allowed.
    """
    body = clean(body)
    group = decode_envelope(body, _unread)
    if isinstance(group.alerts, list):
        check_count(len(group.alerts), limits)
        reading = read_items(
            group.alerts,
            "$.alerts[{}]",
            read_one=lambda item, index: _normalise(_alerts.decode(item), group, index=index, limits=limits),
        )
        return msgspec.structs.replace(reading, truncated=group.truncated_alerts)
    if group.rule_name is msgspec.UNSET:
        raise InvalidError(fields=[FieldProblem(field="$", reason="neither `alerts` nor `ruleName` is there")])
    return read_items(
        [msgspec.Raw(body)],
        "$",
        read_one=lambda item, index: _normalise_legacy(_legacy.decode(item), index=index, limits=limits),
    )


def _normalise(alert: GrafanaAlert, group: _Common, *, index: int, limits: Limits) -> ReceivedAlert:
    annotations = {**_links(alert), **(alert.annotations or {})}
    check_labels(alert.labels, "$.labels", limits)
    check_pairs(annotations, "$.annotations", limits)
    check_text(alert.generator_url, "$.generatorURL", limits)
    fingerprint, rule = resolve_fingerprint(alert.fingerprint, alert.labels, rules=SENDERS_OR_LABELS)
    return ReceivedAlert(
        index=index,
        fingerprint=fingerprint,
        fingerprint_rule=rule,
        status=status_of(alert.status or group.status),
        severity=resolve_severity(
            alert.labels.get("severity") or (group.common_labels or {}).get("severity"), limits.severity_words
        ),
        title=check_title(_title(alert.labels, annotations), limits),
        description=describe(annotations),
        labels=alert.labels,
        annotations=annotations,
        starts_at=resolve_moment(alert.starts_at, "$.startsAt"),
        ends_at=resolve_moment(alert.ends_at, "$.endsAt"),
        generator_url=alert.generator_url or None,
    )


def _title(labels: dict[str, str], annotations: dict[str, str]) -> str:
    name, rule = labels.get("alertname"), labels.get("rulename")
    if name in _STATE_NAMES and rule:
        return f"{rule} ({name})"
    return name or annotations.get("summary") or NAMELESS


def _links(alert: GrafanaAlert) -> dict[str, str]:
    links = {
        "dashboard_url": alert.dashboard_url,
        "panel_url": alert.panel_url,
        "silence_url": alert.silence_url,
        "image_url": alert.image_url,
        "value_string": alert.value_string,
    }
    return {name: value for name, value in links.items() if value}


def _normalise_legacy(alert: GrafanaLegacyPayload, *, index: int, limits: Limits) -> ReceivedAlert:
    labels = texts_of(alert.tags)
    labels.setdefault("alertname", alert.rule_name)
    annotations = _legacy_annotations(alert)
    check_labels(labels, "$.tags", limits)
    check_pairs(annotations, "$.evalMatches", limits)
    check_text(alert.message, "$.message", limits)
    check_text(alert.rule_url, "$.ruleUrl", limits)
    key = {"org": text_of(alert.org_id), "rule": text_of(alert.rule_id or alert.rule_name)}
    fingerprint, rule = resolve_fingerprint(None, key, title="grafana legacy rule", rules=LEGACY)
    return ReceivedAlert(
        index=index,
        fingerprint=fingerprint,
        fingerprint_rule=rule,
        status=status_of(alert.state),
        severity=resolve_severity(labels.get("severity"), limits.severity_words),
        title=check_title(alert.rule_name.strip() or NAMELESS, limits),
        description=alert.message or None,
        labels=labels,
        annotations=annotations,
        generator_url=alert.rule_url or None,
    )


def _legacy_annotations(alert: GrafanaLegacyPayload) -> dict[str, str]:
    annotations = {"grafana_state": alert.state}
    if alert.image_url:
        annotations["image_url"] = alert.image_url
    if alert.eval_matches:
        found = [f"{each.metric or 'value'}: {_figure(each.value)}" for each in alert.eval_matches]
        annotations["value_string"] = "\n".join(found)
    return annotations


def status_of(word: str | None) -> AlertStatus:
    """Ours for a state word of Grafana's, in any case of letters."""
    return "resolved" if (word or "").strip().lower() in ENDED else "firing"


def _figure(value: float | None) -> str:
    return "no value" if value is None else text_of(value)
