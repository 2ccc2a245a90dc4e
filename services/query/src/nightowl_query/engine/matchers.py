"""Label matchers that may be stored: patterns that compile, and not all alerts at once. Pure."""

from collections.abc import Sequence

import re2

from nightowl_common.errors import FieldProblem, InvalidError
from nightowl_query.engine.patterns import try_pattern
from nightowl_query.model.heartbeats import LabelMatcher


def require_matchers(matchers: Sequence[LabelMatcher], *, field: str) -> None:
    """Returns when all patterns compile, and at least one matcher needs a label to be there.

    Raises:
        InvalidError: names what is wrong. Without the second rule a heartbeat could swallow every alert.
    """
    bad = [
        FieldProblem(field=f"{field}[{index}].value", reason=error)
        for index, each in enumerate(matchers)
        if each.op in {"=~", "!~"} and (error := try_pattern(each.value, "").error) is not None
    ]
    if bad:
        raise InvalidError("A pattern is not a regular expression (RE2).", fields=bad)
    if matchers and all(_fits_nothing(each) for each in matchers):
        problem = FieldProblem(field=field, reason="at least one must need its label to be there")
        raise InvalidError(fields=[problem])


def _fits_nothing(matcher: LabelMatcher) -> bool:
    """Whether a missing label fits."""
    match matcher.op:
        case "=":
            return not matcher.value
        case "!=":
            return bool(matcher.value)
        case "=~":
            return re2.fullmatch(matcher.value, "") is not None
        case "!~":
            return re2.fullmatch(matcher.value, "") is None
