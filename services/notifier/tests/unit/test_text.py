"""Words of a page: escaping, cutting, short codes."""

from datetime import UTC, datetime
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.models.blocks import Block

from nightowl_common.ids import new_id
from nightowl_notifier.channels.segments import segments
from nightowl_notifier.channels.slack import card_of, shown_as
from nightowl_notifier.channels.slack_card import FIELDS, TEXT_CHARACTERS, Rendered, escape, render
from nightowl_notifier.channels.sms import SEGMENTS, sms_text
from nightowl_notifier.channels.text import as_written, cut, one_line, reference, short_code
from nightowl_notifier.model import OutgoingPage

TEXT = st.text(max_size=400)


def a_page(**changes) -> OutgoingPage:
    usual = {
        "tenant": "acme", "delivery_id": UUID(int=7), "alert_id": UUID(int=8), "channel": "sms", "recipient": "user:x",
        "address": "+15551234567", "is_repeat": False, "age_seconds": 0.0, "severity": "critical", "title": "Disk full",
        "description": None, "source": "generic", "labels": {}, "first_fired_at": datetime(2026, 1, 1, tzinfo=UTC),
        "occurrence_count": 1,
    }  # fmt: skip
    return OutgoingPage(**{**usual, **changes})


def slack_message(**changes) -> Rendered:
    page = a_page(**changes)
    return render(card_of(page), shown_as(page, open_url=None))


def unescape(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


@given(TEXT)
def test_escaped_text_can_be_read_back_and_mentions_nobody(text):
    """No angle bracket is left, so neither a mention nor a hidden link can be."""
    escaped = escape(text, 10_000)

    assert unescape(escaped) == text
    assert "<" not in escaped
    assert ">" not in escaped


@given(TEXT, st.integers(1, 60))
def test_escaping_keeps_the_limit_and_never_cuts_an_entity(text, limit):
    """A cut text is the start of the whole one."""
    escaped = escape(text, limit)

    assert len(escaped) <= limit
    assert text.startswith(unescape(escaped.removesuffix("…"))) or unescape(escaped) == text


@given(TEXT, st.integers(1, 60))
def test_cutting_keeps_the_limit(text, limit):
    """With an ellipsis where something is missing."""
    assert len(cut(text, limit)) <= limit
    assert cut(text, limit) == text or cut(text, limit).endswith("…")


@given(TEXT)
def test_one_line_has_no_control_characters(text):
    """Neither line breaks nor marks that turn text around."""
    assert not any(each in one_line(text) for each in "\n\r\t\x00\u202e\u200b")


@given(TEXT, st.booleans(), st.sampled_from(["info", "warning", "major", "critical"]), st.booleans())
def test_a_text_message_fits_and_names_its_delivery(title, is_repeat, severity, has_link):
    """However long the title is, link and reference are whole."""
    page = a_page(title=title, is_repeat=is_repeat, severity=severity, delivery_id=new_id())
    link = f"https://{'owl.' * 20}example/p/acme.{'x' * 38}" if has_link else None

    text = sms_text(page, link=link)

    assert segments(text) <= SEGMENTS
    assert link is None or f"\n{link}\n" in text
    assert text.endswith(reference(page.delivery_id))
    assert text.startswith("REPEAT: ") == is_repeat
    assert f"[{severity.upper()}]" in text


def test_commands_keep_their_spaces_and_lines():
    """What is copied from a page is what was written, without what nobody sees."""
    written = "\n\r\nkubectl  get pods\\\n\t-n   payments \x07\n\n    - a: \u202e1\n"

    assert as_written(written) == "kubectl  get pods\\\n\t-n   payments\n\n    - a: 1"


def test_short_codes_are_short_readable_and_differ():
    """Seven characters without look-alikes; 20,000 deliveries made in a row share none."""
    codes = {short_code(new_id()) for _ in range(20_000)}

    assert len(codes) >= 19_990
    assert all(len(code) == 7 and not set(code) & set("ILOU") for code in codes)


def test_a_short_code_is_the_same_every_time():
    """A look-up computes it anew."""
    fixed = UUID("018f3e3e-7b3a-7c3a-8c3a-1234567890ab")

    assert short_code(fixed) == short_code(fixed) == reference(fixed)[5:-1]


def test_a_repeat_says_so_first():
    """The reader must know before the rest."""
    assert slack_message(is_repeat=True).text.startswith("REPEAT: [CRITICAL] Disk full")


@given(TEXT, st.text(max_size=9_000), st.dictionaries(st.text(max_size=80), st.text(max_size=3_000), max_size=30))
def test_slack_blocks_are_valid_whatever_the_alert_says(title, description, labels):
    """The SDK's own validation runs on every block, and nothing is a mention."""
    blocks = slack_message(title=title, description=description, labels=labels, occurrence_count=3).blocks

    rendered = [Block.parse(each).to_dict() for each in blocks]
    fields = next(block["fields"] for block in rendered if "fields" in block)
    assert len(fields) <= FIELDS
    assert all(len(field["text"]) <= 2_000 for field in fields)
    assert all(
        block["text"]["text"] and len(block["text"]["text"]) <= TEXT_CHARACTERS for block in rendered if "text" in block
    )
    assert not any("<" in str(text) for text in _texts(rendered))


def _texts(blocks):
    for block in blocks:
        yield from [block["text"]["text"]] if "text" in block else []
        yield from (each["text"] for each in [*block.get("fields", []), *block.get("elements", [])])
