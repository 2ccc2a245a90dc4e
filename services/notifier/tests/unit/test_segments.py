"""What a text message costs: counted as networks count it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightowl_notifier.channels.segments import fill, is_gsm, segments

AROUND = "[CRITICAL] ", "\nhttps://owl.example/p/acme.AAAAAAAAAAAAAAAAAAAABx-g3ThrVMf5s7z2OQ\n(ref 0000007)"
ANY = st.text(st.characters(exclude_categories=["Cs"]), max_size=500)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("é" * 160, 1),  # in the alphabet
        ("[" * 80, 1),  # two septets each
        ("[" * 81, 2),
        ("a" * 152 + "[" * 77, 3),  # an escaped character is not split: one septet of the first segment stays free
        ("ś" * 70, 1),
        ("ś" * 71, 2),
        ("a" * 70 + "…", 2),  # one character is enough
        ("🔥" * 35, 1),
        ("🔥" * 67, 3),  # nor is a pair: 33 in each
    ],
)
def test_segments_are_counted_as_they_are_sent(text, count):
    """GSM-7 with its extensions and UCS-2 with its pairs, alone and joined."""
    assert segments(text) == count


@given(ANY, st.integers(2, 5))
def test_what_stands_around_a_text_is_never_cut(text, most):
    """And the whole costs no more than it may."""
    before, after = AROUND

    made = fill(before, text, after, most=most)

    assert segments(made) <= most
    assert made.startswith(before)
    assert made.endswith(after)
    told = made[len(before) : -len(after)]
    assert told == text or text.startswith(told.removesuffix("...").removesuffix("…"))


@given(ANY)
def test_as_much_is_told_as_fits(text):
    """One character more would cost another segment, or was the last."""
    made = fill("", text, "", most=2)

    kept = len(made.removesuffix("...").removesuffix("…")) if made != text else len(text)
    longer = text[: kept + 1]
    assert made == text or segments(longer + ("..." if is_gsm(longer) else "…")) > 2


def test_dots_do_not_double_the_price():
    """An ellipsis is no character of GSM-7."""
    made = fill("", "a" * 1_000, "", most=2)

    assert (made, is_gsm(made)) == ("a" * 303 + "...", True)


def test_a_message_whose_frame_is_too_long_keeps_it():
    """A link that is cut is worth nothing."""
    assert fill("[CRITICAL] ", "Disk full", "x" * 600, most=3) == "[CRITICAL] ..." + "x" * 600
