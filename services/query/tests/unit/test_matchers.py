"""Which label matchers may be stored."""

import pytest

from nightowl_common.errors import InvalidError
from nightowl_query.engine.matchers import require_matchers
from nightowl_query.model.heartbeats import LabelMatcher


def matchers(*given: tuple[str, str, str]) -> list[LabelMatcher]:
    return [LabelMatcher(name=name, op=op, value=value) for name, op, value in given]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "given",
    [("alertname", "=", "Watchdog"), ("alertname", "=~", "Watch.+"), ("alertname", "!=", ""), ("a", "!~", "|x")],
)
def test_one_matcher_that_needs_its_label_is_enough(given: tuple[str, str, str]) -> None:
    """Whatever its operator is, and whatever the others say."""
    require_matchers(matchers(("cluster", "!=", "test"), given), field="$.matchers")


@pytest.mark.parametrize("given", [("a", "=", ""), ("a", "!=", "x"), ("a", "=~", ".*"), ("a", "!~", "x")])
def test_matchers_that_could_swallow_every_alert_are_refused(given: tuple[str, str, str]) -> None:
    """A missing label fits each of them."""
    with pytest.raises(InvalidError) as caught:
        require_matchers(matchers(given), field="$.matchers")

    assert [each.field for each in caught.value.fields] == ["$.matchers"]


def test_a_pattern_that_is_none_is_named() -> None:
    """By its place."""
    with pytest.raises(InvalidError) as caught:
        require_matchers(matchers(("a", "=", "x"), ("b", "=~", "(")), field="$.matchers")

    assert [each.field for each in caught.value.fields] == ["$.matchers[1].value"]


def test_no_matchers_are_fine() -> None:
    """Such a heartbeat is heard of by its name alone."""
    require_matchers([], field="$.matchers")
