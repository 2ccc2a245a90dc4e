"""Alertmanager's matchers, tried on an alert. Pure.

Patterns are RE2: linear in the value, whatever they are. But the factor is the size of the pattern's program, and a
thousand characters can make 40,000 steps, so a pattern is too much for a very long value and does not fit it.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache

import re2

from nightowl_alerting.model import BadMatcherError
from nightowl_alerting.noise.model import Matcher, Subject
from nightowl_common.errors import FieldProblem

MAX_MATCHERS = 20
MAX_STEPS = 50_000_000
"""Of one pattern on one value, at worst: a few tenths of a second. Usual patterns come to a thousandth of it."""

_OPTIONS = re2.Options()
_OPTIONS.log_errors = False
_OPTIONS.max_mem = 1 << 20


def subject_of(labels: Mapping[str, str], *, severity: str, source: str, title: str) -> Subject:
    """What matchers see of an alert."""
    return {**labels, "@severity": severity, "@source": source, "@title": title}


def fits(matchers: Sequence[Matcher], subject: Subject) -> bool:
    """Whether every matcher fits; none at all fit everything."""
    return first_misfit(matchers, subject) is None


def first_misfit(matchers: Sequence[Matcher], subject: Subject) -> Matcher | None:
    """The first matcher that does not fit, for explanations."""
    return next((each for each in matchers if not _fits_one(each, subject.get(each.name, ""))), None)


def required_labels(matchers: Sequence[Matcher]) -> dict[str, str]:
    """Labels that every alert that fits must have, for an index to use."""
    return {each.name: each.value for each in matchers if each.op == "=" and each.value and each.name[0] != "@"}


def require_matchers(matchers: Sequence[Matcher], *, field: str) -> None:
    """Returns when all can be tried.

    Raises:
        BadMatcherError: too many, a pattern that is none, or a name that starts with `@` and is no field.
    """
    if len(matchers) > MAX_MATCHERS:
        raise BadMatcherError(fields=[FieldProblem(field=field, reason=f"at most {MAX_MATCHERS}")])
    for place, each in enumerate(matchers):
        if each.name.startswith("@") and each.name not in {"@severity", "@source", "@title"}:
            problem = FieldProblem(field=f"{field}[{place}].name", reason="@severity, @source, @title or a label")
            raise BadMatcherError(fields=[problem])
        if each.op in {"=~", "!~"} and _pattern(each.value) is None:
            problem = FieldProblem(field=f"{field}[{place}].value", reason="not a regular expression (RE2)")
            raise BadMatcherError(fields=[problem])


def require_narrow(matchers: Sequence[Matcher], *, field: str) -> None:
    """Returns when at least one matcher needs its label to be there, so that not everything fits by accident.

    Raises:
        BadMatcherError: an alert without any label would fit, as Alertmanager refuses it for silences.
    """
    if all(_fits_one(each, "") for each in matchers):
        problem = FieldProblem(field=field, reason="at least one must need its label to be there")
        raise BadMatcherError(fields=[problem])


def _fits_one(matcher: Matcher, value: str) -> bool:
    match matcher.op:
        case "=":
            return value == matcher.value
        case "!=":
            return value != matcher.value
        case "=~":
            return _found(matcher.value, value)
        case "!~":
            return not _found(matcher.value, value)


def _found(pattern: str, value: str) -> bool:
    compiled = _pattern(pattern)
    if compiled is None or compiled.programsize * len(value) > MAX_STEPS:
        return False
    return compiled.fullmatch(value) is not None


@lru_cache(maxsize=4_096)
def _pattern(pattern: str) -> "re2._Regexp | None":
    try:
        return re2.compile(pattern, _OPTIONS)
    except re2.error:
        return None
