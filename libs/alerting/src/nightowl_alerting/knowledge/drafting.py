"""What an alert says about its problem, in the words of the knowledge base."""

from collections.abc import Iterable

import msgspec

from nightowl_alerting.knowledge.model import MAX_BODY, MAX_LINE, MAX_TITLE, IncidentContent, Promotion, Subject

_SYMPTOMS = ("description", "message", "summary")
"""Annotations that tell what is seen, the fullest first; they stand in for an alert without a description."""


def draft_incident(alert: Subject) -> IncidentContent:
    """The incident that an alert would become. Texts beyond an incident's limits are cut."""
    annotated = (alert.annotations.get(name) for name in _SYMPTOMS)
    return IncidentContent(
        title=alert.title[:MAX_TITLE] or alert.fingerprint,
        severity=alert.severity,
        fingerprints=[alert.fingerprint],
        services=_line(alert.service, alert.labels.get("service")),
        clusters=_line(alert.labels.get("cluster")),
        namespaces=_line(alert.labels.get("namespace")),
        symptoms=_first([alert.description, *annotated])[:MAX_BODY],
        solution=(alert.resolution or "")[:MAX_BODY],
    )


def apply_overrides(draft: IncidentContent, given: Promotion | None) -> IncidentContent:
    """The draft with what somebody has written instead of it."""
    if given is None:
        return draft
    named = {field: getattr(given, field) for field in given.__struct_fields__}
    return msgspec.structs.replace(draft, **{name: each for name, each in named.items() if each is not msgspec.UNSET})


def _line(*candidates: str | None) -> list[str]:
    found = _first(candidates)
    return [found[:MAX_LINE]] if found else []


def _first(candidates: Iterable[str | None]) -> str:
    return next((each for each in candidates if each), "")
