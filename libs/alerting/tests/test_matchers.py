"""Matchers, tried as Alertmanager tries them: pure tests."""

import re
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightowl_alerting.model import BadMatcherError
from nightowl_alerting.noise.matchers import (
    first_misfit,
    fits,
    require_matchers,
    require_narrow,
    required_labels,
    subject_of,
)
from nightowl_alerting.noise.model import Matcher

SUBJECT = subject_of({"job": "db", "instance": "db-3"}, severity="critical", source="grafana", title="Disk full")


def a_matcher(name: str, op: str, value: str) -> Matcher:
    return Matcher(name=name, op=op, value=value)


@pytest.mark.parametrize(
    ("name", "op", "value", "is_fit"),
    [
        ("job", "=", "db", True),
        ("job", "=", "web", False),
        ("job", "!=", "web", True),
        ("instance", "=~", "db-[0-9]", True),
        ("instance", "=~", "db", False),  # a pattern fits the whole value
        ("instance", "!~", "web-.*", True),
        ("missing", "=", "", True),  # a missing label is empty
        ("missing", "=~", ".*", True),
        ("missing", "!=", "", False),
        ("@severity", "=~", "major|critical", True),
        ("@source", "=", "grafana", True),
        ("@title", "=~", "Disk .*", True),
    ],
)
def test_a_matcher_fits_as_in_alertmanager(name, op, value, is_fit):
    """Whole values, missing labels empty, and the alert's own fields by their `@` names."""
    assert fits([a_matcher(name, op, value)], SUBJECT) is is_fit


def test_all_must_fit_and_none_fits_all():
    """The first one that does not is named."""
    wrong = a_matcher("job", "=", "web")

    assert fits([], SUBJECT)
    assert first_misfit([a_matcher("instance", "=", "db-3"), wrong], SUBJECT) == wrong


@pytest.mark.parametrize(
    ("matcher", "field"),
    [
        (a_matcher("job", "=~", "("), "$.matchers[0].value"),
        (a_matcher("job", "=~", r"(a)\1"), "$.matchers[0].value"),  # RE2 has no back references
        (a_matcher("@owner", "=", "x"), "$.matchers[0].name"),
    ],
)
def test_what_cannot_be_tried_is_refused_by_field(matcher, field):
    """Before it is stored, not when somebody is to be paged."""
    with pytest.raises(BadMatcherError) as refused:
        require_matchers([matcher], field="$.matchers")

    assert refused.value.fields[0].field == field


@pytest.mark.parametrize(
    "narrow",
    [("alertname", "=", "Watchdog"), ("alertname", "=~", "Watch.+"), ("alertname", "!=", ""), ("a", "!~", "|x")],
)
def test_one_matcher_that_needs_its_label_is_enough(narrow):
    """Whatever its operator is, and whatever the others say."""
    require_narrow([a_matcher("cluster", "!=", "test"), a_matcher(*narrow)], field="$.matchers")


@pytest.mark.parametrize("wide", [("a", "=", ""), ("a", "!=", "x"), ("a", "=~", ".*"), ("a", "!~", "x")])
def test_matchers_that_could_swallow_every_alert_are_refused(wide):
    """A missing label fits each of them."""
    with pytest.raises(BadMatcherError) as refused:
        require_narrow([a_matcher(*wide)], field="$.matchers")

    assert [each.field for each in refused.value.fields] == ["$.matchers"]


def test_an_index_is_asked_only_for_labels_that_must_be_there():
    """Equalities with a value; not the alert's own fields, and not what may be missing."""
    matchers = [
        a_matcher("a", "=", "1"),
        a_matcher("b", "=", ""),
        a_matcher("@source", "=", "x"),
        a_matcher("c", "=~", "1"),
    ]

    assert required_labels(matchers) == {"a": "1"}


@given(value=st.text(max_size=50), pattern=st.text(max_size=20))
def test_equal_and_not_equal_are_opposites_whatever_the_text(value, pattern):
    """For values and for patterns, unreadable ones too."""
    subject = {"x": value}

    assert fits([a_matcher("x", "=", pattern)], subject) != fits([a_matcher("x", "!=", pattern)], subject)
    assert fits([a_matcher("x", "=~", pattern)], subject) != fits([a_matcher("x", "!~", pattern)], subject)


@pytest.mark.parametrize("pattern", ["(.{0,1000}a?)*", "(a|b)*(.|a|b){800}", "(.*.{900}b?)*"])
def test_a_pattern_that_is_too_much_for_a_value_does_not_fit(pattern):
    """Processes are shared by all tenants: no pattern of one may hold up the others for seconds."""
    value = "".join(Random(1).choices("ab", k=65_536))

    assert fits([a_matcher("a", "=~", pattern)], {"a": value[:1_000]})
    assert not fits([a_matcher("a", "=~", pattern)], {"a": value})
    assert fits([a_matcher("a", "=~", ".*"), a_matcher("a", "=~", "[ab]+(x|y|z)?")], {"a": value})


parts = st.recursive(
    st.sampled_from(["a", "b", "é", ".", "[ab]", "[^a]", "\\.", "\\d", "x?"]),
    lambda inner: (
        st.builds("({}|{})".format, inner, inner)
        | st.builds("{}{}".format, inner, inner)
        | st.builds("({}){}".format, inner, st.sampled_from(["*", "+", "?", "{2}", "{1,3}"]))
    ),
    max_leaves=8,
)


@given(parts, st.text(alphabet="abéx.1\n", max_size=8), st.sampled_from(["=", "!=", "=~", "!~"]))
def test_a_matcher_says_what_a_naive_reading_of_it_says(pattern, value, op):
    """Against Python's own regular expressions and comparisons."""
    naive = {"=": value == pattern, "=~": re.fullmatch(pattern, value) is not None}
    naive |= {"!=": not naive["="], "!~": not naive["=~"]}

    assert fits([a_matcher("a", op, pattern)], {"a": value}) == naive[op]


@given(st.text(max_size=200))
def test_any_text_is_a_pattern_or_refused(text):
    """What is refused is named, and fits nothing."""
    matcher = a_matcher("a", "=~", text)
    try:
        require_matchers([matcher], field="$")
    except BadMatcherError:
        assert not fits([matcher], {"a": text})
    fits([matcher], {"a": "x" * 1_000})


some_matchers = st.lists(
    st.builds(
        a_matcher, st.sampled_from(["a", "b", "@title"]), st.sampled_from(["=", "!=", "=~", "!~"]),
        st.sampled_from(["", "x", "y", "x|y", ".*"]),
    ),
    max_size=4,
)  # fmt: skip


@given(some_matchers, st.dictionaries(st.sampled_from(["a", "b"]), st.sampled_from(["", "x", "y"])))
def test_an_index_never_misses_what_fits(matchers, labels):
    """Whatever fits all matchers has the labels that an index is asked for."""
    subject = subject_of(labels, severity="major", source="s", title="x")

    if fits(matchers, subject):
        assert required_labels(matchers).items() <= labels.items()
