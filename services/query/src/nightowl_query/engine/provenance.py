"""Where each field of an alert came from in what the sender wrote, and by which rule. Pure.

Ingest keeps an alert's own text and not how it was read, which would cost every alert something. So this is found out
again when somebody asks: the places where each source has its fields, looked up in the text that is kept. A contract
test reads every golden payload with ingest and finds each of its fields here.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec

from nightowl_alerting.model import Alert
from nightowl_auth import CompiledMapping, MappingError, compile_mapping
from nightowl_contracts import Severity
from nightowl_contracts.ingest import SEVERITY_WORDS
from nightowl_query.model.explanation import FieldProvenance, SendingKey
from nightowl_query.model.intake import RawPayload, RawPayloads

MAX_FOUND = 300
"""Characters of what the sender wrote that are told beside its place; the whole is in the raw payload."""

Places = Mapping[str, Sequence[str]]
Call = Literal["opening", "latest"]

_SEVERITY_OF = {word: severity for severity, words in SEVERITY_WORDS.items() for word in words}
_NAMES = {
    "generic": "a generic payload",
    "alertmanager": "Alertmanager",
    "grafana": "Grafana",
    "keep": "Keep",
    "signoz": "SigNoz",
}
_ELSEWHERE = "not in the alert's own text: from the call around it, or the source's default"

_HASHED = {"title": "title", "name": "title", "labels": "labels"}
"""A word of a fingerprint's rule → the field that it hashes."""

_JOINED = frozenset({"labels", "annotations", "fingerprint", "agent"})
"""Fields that are made of all their places; the others are what the first place gives that has something."""

_UPDATED = ("title", "severity", "description", "annotations")
"""Fields that every call about an open alert says anew."""

_ALERTMANAGER: Places = {
    "title": ("labels.alertname", "annotations.summary"),
    "severity": ("labels.severity",),
    "description": ("annotations.description", "annotations.summary"),
    "labels": ("labels",),
    "annotations": ("annotations",),
    "starts_at": ("startsAt",),
    "generator_url": ("generatorURL",),
    "fingerprint": ("fingerprint",),
}
_GRAFANA: Places = {
    **_ALERTMANAGER,
    "annotations": ("annotations", "dashboardURL", "panelURL", "silenceURL", "imageURL", "valueString"),
}
_GRAFANA_STATE: Places = {**_GRAFANA, "title": ("labels.rulename", "labels.alertname")}
_STATE_NAMES = ("DatasourceNoData", "DatasourceError")
"""Under these names Grafana reports that a rule cannot be evaluated; the rule's own name is a label then."""

_GRAFANA_LEGACY: Places = {
    "title": ("ruleName",),
    "severity": ("tags.severity",),
    "description": ("message",),
    "labels": ("tags", "ruleName"),
    "annotations": ("state", "imageUrl", "evalMatches"),
    "generator_url": ("ruleUrl",),
    "fingerprint": ("orgId", "ruleId"),
}
_KEEP: Places = {
    "title": ("name",),
    "severity": ("severity",),
    "description": ("description", "message"),
    "labels": ("labels", "service", "environment", "source"),
    "annotations": ("status", "severity", "providerType", "imageUrl", "note"),
    "starts_at": ("startedAt", "firingStartTime", "lastReceived"),
    "generator_url": ("url",),
    "fingerprint": ("fingerprint",),
}
_GENERIC: Places = {
    "title": ("title", "name", "alertname", "summary"),
    "severity": ("severity",),
    "description": ("description", "message"),
    "labels": ("labels", "source"),
    "annotations": ("annotations",),
    "starts_at": ("starts_at", "startsAt"),
    "generator_url": ("generator_url", "url"),
    "fingerprint": ("fingerprint",),
    "agent": ("agent_metadata",),
}
_MAPPED_AS = {"generator_url": "url"}
"""What a key's mapping calls a field, where that is another name."""


def find_provenance(
    alert: Alert,
    payloads: RawPayloads,
    *,
    fingerprint_rule: str | None,
    key: SendingKey | None,
    words: Mapping[str, Severity],
) -> list[FieldProvenance]:
    """The provenance of each field that the alert has; of one whose text is gone or was cut there is none.

    `words` are the tenant's own for severities, `key` the one that the opening call came with.
    """
    opening = _Text.of(payloads.opening, key, call="opening")
    latest = _Text.of(payloads.latest, key, call="latest") if alert.occurrence_count > 1 else None
    found = []
    for field in _fields(alert):
        text = latest or opening if field in _UPDATED else opening
        if text is not None:
            found.append(_with_rule(text.find(field), alert, text, fingerprint_rule=fingerprint_rule, words=words))
    return found


def _fields(alert: Alert) -> list[str]:
    always = {"severity", "fingerprint"}
    return [name for name in _GENERIC if name in always or getattr(alert, name) not in (None, {})]


class _Text:
    """An alert's own text that can be read, with where its source has its fields."""

    def __init__(self, value: dict[str, Any], source: str, mapping: CompiledMapping, call: Call) -> None:
        self.source = source
        self._value = value
        self._call: Call = call
        self._places = _places_of(source, value)
        self._mapping = mapping.expressions if source == "generic" else {}
        self._mapped: dict[str, Any] = {}
        self._by_key = "by the key's mapping"
        if self._mapping:
            try:
                self._mapped = mapping.fields_of(value)
            except MappingError as error:
                self._by_key += f", which fails by now: {error}"

    @classmethod
    def of(cls, payload: RawPayload | None, key: SendingKey | None, *, call: Call) -> "_Text | None":
        """None: there is none, it was cut, or it is no object."""
        if payload is None or payload.is_cut:
            return None
        try:
            value = msgspec.json.decode(payload.raw)
        except (msgspec.DecodeError, RecursionError):
            return None
        mapping = compile_mapping({} if key is None else key.mapping)
        return cls(value, payload.source, mapping, call) if isinstance(value, dict) else None

    def find(self, field: str) -> FieldProvenance:
        """Where a field has something, and what is there."""
        expression = self._mapping.get(_MAPPED_AS.get(field, field))
        if expression is not None:
            found = _shown(self._mapped.get(_MAPPED_AS.get(field, field)))
            return FieldProvenance(field=field, call=self._call, places=[expression], rule=self._by_key, found=found)
        there = [(path, value) for path in self._places.get(field, ()) if _is_there(value := _at(self._value, path))]
        kept = there if self._is_joined(field) else there[:1]
        return FieldProvenance(
            field=field,
            call=self._call,
            places=[f"$.{path}" for path, _ in kept],
            rule=f"as {_NAMES.get(self.source, self.source)} has it" if kept else _ELSEWHERE,
            found=_shown(kept[0][1]) if len(kept) == 1 else None,
        )

    def _is_joined(self, field: str) -> bool:
        """Whether it is made of all its places, or is what the first place has."""
        return field in _JOINED or (field == "description" and self._places[field][0].startswith("annotations."))


def _with_rule(
    one: FieldProvenance, alert: Alert, text: _Text, *, fingerprint_rule: str | None, words: Mapping[str, Severity]
) -> FieldProvenance:
    match one.field:
        case "severity":
            rule = _severity_rule(alert.severity, one.found, words, is_keeps=text.source == "keep")
            return msgspec.structs.replace(one, rule=rule)
        case "fingerprint":
            made_of = dict.fromkeys(field for word, field in _HASHED.items() if word in (fingerprint_rule or ""))
            rule = fingerprint_rule or "its rule was not recorded"
            if not made_of:
                return msgspec.structs.replace(one, rule=rule)
            places = [place for field in made_of for place in text.find(field).places]
            return msgspec.structs.replace(one, rule=rule, places=places, found=None)
        case _:
            return one


def _severity_rule(severity: Severity, found: str | None, words: Mapping[str, Severity], *, is_keeps: bool) -> str:
    """By which rule the sender's word became the severity."""
    word = (found or "").strip().lower()
    known = _SEVERITY_OF.get(word)
    if not word:
        return _without_word(severity, is_keeps=is_keeps)
    if words.get(word) == severity:
        return f"“{word}” is one of this tenant's own words for {severity}"
    if is_keeps:
        return f"“{word}” on Keep's own scale; what Keep holds back is at most a warning"
    if known == severity:
        return f"“{word}” is a known word for {severity}"
    if known is None and severity == "major":
        return f"“{word}” is no word that is known: major, so that somebody is paged"
    return f"“{word}” meant {severity} when it came; the words have changed since"


def _without_word(severity: Severity, *, is_keeps: bool) -> str:
    if is_keeps:
        return f"no word for it: {severity}, as in Keep"
    if severity == "warning":
        return "no word for it in the alert's own text: warning"
    return "not in the alert's own text: from what the call says of all its alerts"


def _places_of(source: str, value: Mapping[str, Any]) -> Places:
    match source:
        case "alertmanager" | "signoz":
            return _ALERTMANAGER
        case "grafana":
            if "ruleName" in value:
                return _GRAFANA_LEGACY
            return _GRAFANA_STATE if _at(value, "labels.alertname") in _STATE_NAMES else _GRAFANA
        case "keep":
            return _KEEP
        case _:
            return _GENERIC


def _at(value: object, path: str) -> object:
    for step in path.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    return value


def _is_there(value: object) -> bool:
    """Readers take an empty text, null and an empty object for nothing."""
    return value is not None and value not in ("", {}, [])


def _shown(value: object) -> str | None:
    """A text as it is, other values as JSON, cut to what is told."""
    if value is None:
        return None
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return text if len(text) <= MAX_FOUND else f"{text[:MAX_FOUND]}…"
