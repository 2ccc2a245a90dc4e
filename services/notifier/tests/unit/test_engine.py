"""What somebody meant: keys, spoken words, texts, and which page."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightowl_common.ids import new_id
from nightowl_notifier.channels.text import short_code
from nightowl_notifier.engine import read_reply, select_page, word_in_call
from nightowl_notifier.model import Chosen, CodeNeeded, NothingOpen, PhonePage, Reply, UnknownCode


def a_page(number: int, **changes) -> PhonePage:
    usual = {
        "tenant": "acme", "delivery_id": UUID(int=number), "alert_id": UUID(int=1_000 + number),
        "code": short_code(UUID(int=number)), "title": "Disk full", "is_open": True,
    }  # fmt: skip
    return PhonePage(**{**usual, **changes})


@pytest.mark.parametrize(
    ("digits", "speech", "word"),
    [
        ("1", "", "acknowledge"),
        ("2", "", "escalate"),
        ("3", "", None),
        ("11", "", None),
        ("", "Acknowledge.", "acknowledge"),
        ("", "ONE!", "acknowledge"),
        ("", " escalate ", "escalate"),
        ("", "press one to leave a message", None),
        ("", "do not acknowledge", None),
        ("", "", None),
        ("3", "acknowledge", None),
    ],
)
def test_only_a_whole_answer_counts_in_a_call(digits, speech, word):
    """A key wins over what was said beside it."""
    assert word_in_call(digits=digits, speech=speech) == word


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        ("ACK", Reply(word="acknowledge", code=None)),
        ("ack.", Reply(word="acknowledge", code=None)),
        ("1", Reply(word="acknowledge", code=None)),
        ("Esc", Reply(word="escalate", code=None)),
        ("2", Reply(word="escalate", code=None)),
        ("ack 0ABCDEF", Reply(word="acknowledge", code="0ABCDEF")),
        ("ACK (ref 0abcdef)", Reply(word="acknowledge", code="0ABCDEF")),
        ("esc: ref oabcdil", Reply(word="escalate", code="0ABCD11")),
        ("ACK 123", None),
        ("ACK 0ABCDEF now", None),
        ("NACK", None),
        ("do not ack", None),
        ("", None),
        ("ACK 0ABCDEF 0ABCDEG", None),
    ],
)
def test_a_text_is_read_as_a_whole(text, reply):
    """Case, brackets and letters that look like digits do not matter; anything more is no answer."""
    assert read_reply(text) == reply


@given(st.text(max_size=60))
def test_any_text_can_be_read(text):
    """Whatever comes, it is an answer or it is none."""
    reply = read_reply(text)

    assert reply is None or reply.word in {"acknowledge", "escalate"}


@given(st.sampled_from(["ACK", "ESC"]))
def test_the_code_in_a_text_of_ours_is_understood(word):
    """As it stands there, with its brackets."""
    code = short_code(new_id())

    assert read_reply(f"{word} (ref {code})").code == code


def test_one_open_alert_is_meant_however_often_it_was_paged():
    """By its newest page."""
    pages = [a_page(3, alert_id=UUID(int=9)), a_page(2, is_open=False), a_page(1, alert_id=UUID(int=9))]

    assert select_page(pages, None) == Chosen(page=pages[0])


@pytest.mark.parametrize("other", [{}, {"tenant": "other", "alert_id": UUID(int=1_001)}])
def test_several_open_alerts_are_never_guessed(other):
    """Neither within a tenant nor across tenants, not even under one id."""
    pages = [a_page(2, **other), a_page(1)]

    assert select_page(pages, None) == CodeNeeded(pages=pages)


def test_a_code_names_its_page_open_or_not():
    """What is over is said, not denied."""
    pages = [a_page(2), a_page(1, is_open=False)]

    assert select_page(pages, short_code(UUID(int=1))) == Chosen(page=pages[1])
    assert select_page(pages, short_code(UUID(int=7))) == UnknownCode()
    assert select_page([pages[0], a_page(3, code=pages[0].code)], pages[0].code) == UnknownCode()


def test_nothing_open_is_said():
    """All taken, or nothing at all."""
    assert select_page([a_page(1, is_open=False)], None) == NothingOpen()
    assert select_page([], None) == NothingOpen()
