"""CSV."""

import csv
import io
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightowl_query.api.tables import cell, to_csv


class _Item(msgspec.Struct):
    text: str
    at: datetime | None = None


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\nx", '=HYPERLINK("http://x")'])
def test_text_cannot_become_a_formula(text: str) -> None:
    """A cell that a spreadsheet would calculate is led by an apostrophe."""
    assert cell(text) == f"'{text}"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("disk full", "disk full"),
        (None, ""),
        (-3, "-3"),
        (True, "true"),
        ({"a": "b"}, '{"a":"b"}'),
        (datetime(2026, 3, 1, 12, tzinfo=UTC), "2026-03-01T12:00:00+00:00"),
    ],
)
def test_values_keep_their_form(value: object, expected: str) -> None:
    """Numbers stay numbers, nothing is an empty cell, structures are JSON."""
    assert cell(value) == expected


def test_lines_end_as_the_standard_says() -> None:
    """RFC 4180: CR LF after every line, quotes doubled, a header line first."""
    text = to_csv(["text", "at"], [_Item('say "hi", twice'), _Item("two\nlines")])

    assert text == 'text,at\r\n"say ""hi"", twice",\r\n"two\nlines",\r\n'


@given(st.lists(st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))))
def test_any_text_survives(texts: list[str]) -> None:
    """A reader of CSV gets back what was written, but for the apostrophe of the defused ones."""
    written = to_csv(["text"], [_Item(each) for each in texts])

    read = [row[0] if row else "" for row in csv.reader(io.StringIO(written, newline=""))]

    assert read == ["text", *(cell(each) for each in texts)]
