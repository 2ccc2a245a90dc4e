"""The words of a test page, with a code and without, as each channel has them."""

from datetime import UTC, datetime
from uuid import UUID
from xml.etree import ElementTree as ET

import pytest

from nightowl_notifier import model
from nightowl_notifier.channels.slack_card import notice
from nightowl_notifier.channels.sms import sms_text
from nightowl_notifier.channels.testing import as_page, make_code
from nightowl_notifier.channels.voice import first_words

CODE = "042817"
ONE_SMS = 160


def a_test(code: str | None = None) -> model.OutgoingPage:
    page = model.TestPage(
        id=UUID(int=7), user_id=UUID(int=8), channel="sms", address="+4915550000001",
        purpose="test" if code is None else "code", created_at=datetime(2026, 3, 2, tzinfo=UTC),
    )  # fmt: skip
    return as_page("acme", page, code=code)


def test_a_code_is_six_digits_with_zeros_in_front():
    """Each digit comes in each place: it is no number."""
    codes = [make_code() for _ in range(1_000)]

    assert all(len(each) == len(CODE) and each.isdecimal() and each.isascii() for each in codes)
    assert [len({each[place] for each in codes}) for place in range(len(CODE))] == [10] * len(CODE)


def test_a_code_fits_one_text_message_and_comes_first():
    """So that the preview on a locked screen shows it."""
    text = sms_text(a_test(CODE))

    assert text.startswith(f"NightOwl: {CODE} is your code.")
    assert len(text) <= ONE_SMS


@pytest.mark.parametrize("code", [None, CODE])
def test_a_call_asks_nothing(code):
    """Said and hung up, also where an answer could come back."""
    root = ET.fromstring(first_words(a_test(code), answer_url="https://owl.example/x"))

    assert [each.tag for each in root.iter()] == ["Response", "Say", "Hangup"]


def test_a_call_says_a_code_twice_digit_by_digit():
    """A number would be read as thousands."""
    said = ET.fromstring(first_words(a_test(CODE), answer_url=None)).findtext("Say")

    assert said.count("0, 4, 2, 8, 1, 7") == 2
    assert CODE not in said


@pytest.mark.parametrize("code", [None, CODE])
def test_in_slack_nothing_can_be_pressed(code):
    """There is no alert behind it."""
    message = notice(a_test(code))

    assert {each["type"] for each in message.blocks} == {"section", "context"}
    assert (code or "test page") in message.text
