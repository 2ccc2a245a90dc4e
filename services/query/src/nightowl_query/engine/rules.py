"""Noise rules: whether they can be meant, what a change changed, and what they come to at an instant. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

import msgspec

from nightowl_alerting.noise import model as noise
from nightowl_alerting.noise.grouping import require_key
from nightowl_alerting.noise.matchers import fits, require_matchers, require_narrow, subject_of
from nightowl_alerting.noise.model import OpenAlert
from nightowl_alerting.noise.windows import Occurrence, occurrence_at, occurrences, require_window
from nightowl_common.errors import FieldProblem, InvalidError
from nightowl_query.model.rules import (
    GroupingRuleContent,
    InhibitionRuleContent,
    MaintenanceWindow,
    MaintenanceWindowContent,
    RouteContent,
    Rule,
    Silence,
    SilenceContent,
    SilenceExpiredError,
)

RuleT = TypeVar("RuleT", bound=Rule)

LONGEST_SILENCE = timedelta(days=366)
NEXT = 5
_HORIZONS = (timedelta(days=40), timedelta(days=400), timedelta(days=3_653))
_FIELDS = frozenset({"@severity", "@source", "@title"})
_NOBODY = UUID(int=0)


def require_rule(content: msgspec.Struct) -> None:
    """Returns when a rule can be tried on alerts. Times of silences are looked at by `settle_times`.

    Raises:
        InvalidError: it cannot be meant; says which field.
    """
    match content:
        case RouteContent():
            require_matchers(content.matchers, field="$.matchers")
        case SilenceContent():
            require_matchers(content.matchers, field="$.matchers")
            require_narrow(content.matchers, field="$.matchers")
        case MaintenanceWindowContent():
            require_matchers(content.matchers, field="$.matchers")
            require_narrow(content.matchers, field="$.matchers")
            require_window(_to_window(_NOBODY, content))
        case InhibitionRuleContent():
            require_matchers(content.source_matchers, field="$.source_matchers")
            require_matchers(content.target_matchers, field="$.target_matchers")
            _require_labels(content.equal, field="$.equal")
        case GroupingRuleContent():
            require_matchers(content.matchers, field="$.matchers")
            _require_labels(content.group_by, field="$.group_by")
            require_key(content.group_by, field="$.group_by")
        case _:
            raise TypeError(type(content).__name__)


def settle_times(content: SilenceContent, before: Silence | None, now: datetime) -> SilenceContent:
    """The content with the start that it comes to. A start in the past is now, or what it was when it stood already.

    Raises:
        SilenceExpiredError: it is over.
        InvalidError: it would end before it begins or in the past, or last too long.
    """
    if before is not None and before.state == "expired":
        raise SilenceExpiredError
    usual = now if before is None else before.starts_at
    starts_at = usual if content.starts_at is None else content.starts_at
    if starts_at < now:
        starts_at = before.starts_at if before is not None and before.state == "active" else now
    if content.ends_at <= max(starts_at, now):
        raise _bad("$.ends_at", "after starts_at, and in the future")
    if content.ends_at - starts_at > LONGEST_SILENCE:
        raise _bad("$.ends_at", f"at most {LONGEST_SILENCE.days} days after starts_at")
    return msgspec.structs.replace(content, starts_at=starts_at)


def differs(before: Rule, content: msgspec.Struct) -> bool:
    """Whether a content says anything else than a rule. A position that is left open is where it is."""
    return any(
        getattr(content, name) != getattr(before, name)
        for name in content.__struct_fields__
        if not (name == "position" and getattr(content, name) is None)
    )


def diff(before: RuleT | None, after: RuleT | None) -> dict[str, object]:
    """Field → [before, after] of the fields that differ, among those that people write."""
    some = after if before is None else before
    assert some is not None
    pairs: dict[str, list[Any]] = {
        name: [getattr(before, name, None), getattr(after, name, None)] for name in some.CONTENT.__struct_fields__
    }
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def name_of(rule: Rule) -> str:
    """What a rule is called in events: its name, or a silence's comment."""
    name: str = rule.comment if isinstance(rule, Silence) else getattr(rule, "name", "")
    return name


def count_matching(silences: Iterable[Silence], alerts: Sequence[OpenAlert], *, is_all: bool) -> Iterator[Silence]:
    """The silences with how many of the alerts each fits; `is_all`: there are no more alerts than these."""
    subjects = [subject_of(each.labels, severity=each.severity, source=each.source, title=each.title)
                for each in alerts]  # fmt: skip
    for silence in silences:
        if silence.state == "expired":
            yield silence
            continue
        count = sum(fits(silence.matchers, subject) for subject in subjects)
        yield msgspec.structs.replace(silence, matching=count, matching_is_exact=is_all)


def with_occurrences(window: MaintenanceWindow, now: datetime) -> MaintenanceWindow:
    """The window with whether it is open, and its next starts."""
    if not window.is_enabled:
        return window
    computable = _to_window(window.id, window)
    return msgspec.structs.replace(
        window,
        is_open=occurrence_at(computable, now) is not None,
        next_occurrences=_next_occurrences(computable, now),
    )


def _next_occurrences(window: noise.MaintenanceWindow, now: datetime) -> list[Occurrence]:
    """The soonest ones that begin after an instant, looked for ever farther ahead."""
    found: list[Occurrence] = []
    for horizon in _HORIZONS:
        found = [each for each in occurrences(window, since=now, until=now + horizon) if each.starts_at > now]
        if len(found) >= NEXT:
            break
    return found[:NEXT]


def _to_window(rule_id: UUID, window: MaintenanceWindow | MaintenanceWindowContent) -> noise.MaintenanceWindow:
    return noise.MaintenanceWindow(
        id=rule_id,
        name=window.name,
        matchers=window.matchers,
        timezone=window.timezone,
        starts_at=window.starts_at,
        duration_minutes=window.duration_minutes,
        rrule=window.rrule,
    )


def _require_labels(names: Sequence[str], *, field: str) -> None:
    for place, name in enumerate(names):
        if name.startswith("@") and name not in _FIELDS:
            raise _bad(f"{field}[{place}]", "@severity, @source, @title or a label")
        if name in names[:place]:
            raise _bad(f"{field}[{place}]", "each once")


def _bad(field: str, reason: str) -> InvalidError:
    return InvalidError(fields=[FieldProblem(field=field, reason=reason)])
