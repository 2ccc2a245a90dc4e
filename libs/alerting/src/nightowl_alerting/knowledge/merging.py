"""Two incidents become one, and what a change changed."""

from collections.abc import Mapping, Sequence
from typing import Any, get_args

import msgspec

from nightowl_alerting.knowledge.model import Choice, Incident, IncidentContent, MergeConflictError, MergeField
from nightowl_common.errors import FieldProblem

CONTENT: tuple[str, ...] = tuple(field.name for field in msgspec.structs.fields(IncidentContent))
_LISTS = ("fingerprints", "tags", "services", "clusters", "namespaces", "error_patterns")
_TEXTS = ("symptoms", "root_cause", "solution")


def content_of(incident: Incident) -> IncidentContent:
    """The part of an incident that people write."""
    return IncidentContent(**{name: getattr(incident, name) for name in CONTENT})


def diff(before: IncidentContent | None, after: IncidentContent) -> dict[str, object]:
    """Field → [before, after], of the fields that differ."""
    pairs = {name: [None if before is None else getattr(before, name), getattr(after, name)] for name in CONTENT}
    empty: tuple[object, ...] = (None, "", [])
    return {
        name: pair
        for name, pair in pairs.items()
        if (pair[0] != pair[1] if before is not None else pair[1] not in empty)
    }


def merge(target: Incident, source: Incident, choices: Mapping[MergeField, Choice]) -> IncidentContent:
    """The content of the one that is left: united lists, chosen texts.

    Raises:
        MergeConflictError: both have a text of their own and nothing was chosen.
    """
    undecided = [
        FieldProblem(field=f"$.choices.{name}", reason="both have one: target, source or both")
        for name in _TEXTS
        if name not in choices and _differ(getattr(target, name), getattr(source, name))
    ]
    if undecided:
        raise MergeConflictError(fields=undecided)
    fields: dict[str, Any] = {name: _choose(target, source, name, choices.get(name)) for name in get_args(MergeField)}
    fields |= {name: united(getattr(target, name), getattr(source, name)) for name in _LISTS}
    return IncidentContent(**fields)


def united(first: Sequence[str], second: Sequence[str]) -> list[str]:
    """Everything of both, once, in order."""
    return list(dict.fromkeys([*first, *second]))


def merged_average(target: Incident, source: Incident) -> float | None:
    """Minutes to resolve, over the alerts of both."""
    known = [
        (each.avg_resolution_mins, each.resolution_count)
        for each in (target, source)
        if each.avg_resolution_mins is not None and each.resolution_count > 0
    ]
    count = sum(number for _, number in known)
    return None if count == 0 else sum(average * number for average, number in known) / count


def _differ(first: str, second: str) -> bool:
    return bool(first) and bool(second) and first != second


def _choose(target: Incident, source: Incident, name: str, choice: Choice | None) -> object:
    ours, theirs = getattr(target, name), getattr(source, name)
    match choice:
        case "source":
            return theirs
        case "both" if name in _TEXTS:
            return "\n\n".join(text for text in united([ours], [theirs]) if text)
        case "target":
            return ours
        case _:
            return ours or theirs
