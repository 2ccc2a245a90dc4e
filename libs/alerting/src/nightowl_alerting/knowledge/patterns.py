"""Regular expressions of people, run by RE2: time is linear in the text whatever the expression is."""

from collections.abc import Sequence

import msgspec
import re2

from nightowl_alerting.knowledge.model import PatternResult, Span
from nightowl_common.errors import FieldProblem, InvalidError

MAX_SPANS = 50
_OPTIONS = re2.Options()
_OPTIONS.max_mem = 1 << 20
_OPTIONS.log_errors = False


def text_of(payload: object) -> str:
    """What patterns are tried against: a text as it is, anything else as JSON."""
    return payload if isinstance(payload, str) else msgspec.json.encode(payload).decode()


def try_pattern(pattern: str, text: str) -> PatternResult:
    """Where a pattern fits, at most `MAX_SPANS` places."""
    try:
        compiled = re2.compile(pattern, options=_OPTIONS)
    except re2.error as error:
        return PatternResult(pattern=pattern, error=_words(error), spans=[])
    spans: list[Span] = []
    for found in compiled.finditer(text):
        spans.append(Span(start=found.start(), end=found.end()))
        if len(spans) == MAX_SPANS:
            break
    return PatternResult(pattern=pattern, error=None, spans=spans)


def require_patterns(patterns: Sequence[str], *, field: str) -> None:
    """Returns when all can be compiled.

    Raises:
        InvalidError: names those that cannot, and why.
    """
    results = [try_pattern(each, "") for each in patterns]
    bad = [
        FieldProblem(field=f"{field}[{index}]", reason=each.error)
        for index, each in enumerate(results)
        if each.error is not None
    ]
    if bad:
        raise InvalidError("A pattern is not a regular expression (RE2).", fields=bad)


def _words(error: Exception) -> str:
    given = error.args[0] if error.args else ""
    return given.decode(errors="replace") if isinstance(given, bytes) else str(given)
