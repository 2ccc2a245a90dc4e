"""Mappings: what can be stored, and that nothing which can be stored gets out of hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightowl_auth import MappingError, check_mapping, compile_mapping
from nightowl_common.errors import InvalidError


@pytest.mark.parametrize(
    "expression",
    ["", "  ", "[", "a b", "foo(@)", "abs(", "a" * 501, "a\x00", "[@,@][]|" * 7 + "@", "(" * 249 + "a"],
)
def test_what_is_wrong_cannot_be_stored(expression):
    """The field is named, with the reason."""
    with pytest.raises(InvalidError) as refused:
        check_mapping({"title": "fine", "severity": expression})

    [problem] = refused.value.fields
    assert problem.field == "$.mapping.severity"
    assert problem.reason


def test_only_known_fields_can_be_mapped():
    """The reason says which."""
    with pytest.raises(InvalidError) as refused:
        check_mapping({"colour": "a"})

    assert "fingerprint" in refused.value.fields[0].reason


def test_null_is_left_out():
    """An expression that finds nothing says nothing."""
    assert compile_mapping({"title": "a", "url": "b"}).fields_of({"a": "x"}) == {"title": "x"}


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("abs(@)", "text"),
        ("join(@.s, @.l)", {"s": "x" * 100_000, "l": ["y"] * 100_000}),
        ("to_string([to_string([to_string([to_string([@])])])])", '"' * 50_000),
        ("@", "x" * 300_000),
        ("&a", {}),
        ("a[::0]", {"a": [1]}),
        ("sort(@)", [1, "a"]),
    ],
)
def test_what_fails_or_gives_too_much_is_one_error(expression, value):
    """One that rejects this alert and no other."""
    with pytest.raises(MappingError, match="title"):
        compile_mapping({"title": expression}).fields_of(value)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
)
expressions = st.lists(
    st.sampled_from(["@", "a", "b", ".", "[*]", "[]", "[0]", "|", "[?a]", "{a: a}", "[@, a]", "to_string(@)", "keys(@)",
                     "max(@)", "sort_by(@, &a)", "*", " || ", " == ", "`1`", "'x'", "[::2]", "length(@)"]),
    min_size=1, max_size=8,
).map("".join)  # fmt: skip


@given(expressions, json_values)
def test_whatever_is_stored_gives_a_value_or_the_one_error(expression, value):
    """On any payload."""
    try:
        mapping = compile_mapping({"title": expression, "alerts": expression})
    except InvalidError:
        return
    try:
        mapping.alerts_of(value)
        mapping.fields_of(value)
    except MappingError:
        return
