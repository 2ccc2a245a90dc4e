"""What hostile alert text becomes in each channel: text, and nothing but text."""

import json
from datetime import UTC, datetime
from email import message_from_bytes
from email.headerregistry import Address
from email.policy import default
from html.parser import HTMLParser
from uuid import UUID
from xml.etree import ElementTree as ET

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightowl_notifier.channels.email import compose, read_address, thread_headers
from nightowl_notifier.channels.mattermost import markdown
from nightowl_notifier.channels.segments import segments
from nightowl_notifier.channels.slack import card_of, shown_as
from nightowl_notifier.channels.slack_card import render
from nightowl_notifier.channels.sms import SEGMENTS, sms_text
from nightowl_notifier.channels.teams import card
from nightowl_notifier.channels.voice import first_words
from nightowl_notifier.channels.webhook import sign, signed_post
from nightowl_notifier.model import Endpoint, OutgoingPage

ALICE, OWL = Address(addr_spec="alice@example.org"), Address("NightOwl", addr_spec="owl@owl.example")
LINK = "https://owl.example/p/acme.x.ack.y"
HOSTILE = {
    "mention": "<!channel> <@U123> @here @channel @all",
    "link": "<https://evil.example|click> [click](https://evil.example) https://evil.example",
    "long": "x" * 10_000,
    "many entities": "&<>" * 4_000,
    "emoji": "🔥👩‍🚒 disk",
    "right to left": "\u202egnp.exe\u202c \u2067\u05d0\u05d1\u2069",
    "twiml": '</Say></Gather><Dial>+1900</Dial><Redirect method="GET">http://evil.example</Redirect>',
    "html": "</title><script>alert(1)</script><img src=x onerror=alert(1)><form action=//evil.example>",
    "header": "down\r\nBcc: everyone@example.org\r\n\r\nbody",
    "control": "\x07\x1b[31mred\x1b[0m\u0085\u2028next",
    "markdown": "`code` **bold** ~~gone~~ # head | table |",
}


def a_page(text: str = "Disk full", **changes) -> OutgoingPage:
    usual = {
        "tenant": "acme", "delivery_id": UUID(int=7), "alert_id": UUID(int=8), "channel": "email", "recipient": "user:x",
        "address": "alice@example.org", "is_repeat": False, "age_seconds": 0.0, "severity": "critical", "title": text,
        "description": text, "source": "generic", "labels": {text[:200]: text},
        "first_fired_at": datetime(2026, 1, 1, tzinfo=UTC), "occurrence_count": 1,
    }  # fmt: skip
    return OutgoingPage(**{**usual, **changes})


def mail(page: OutgoingPage):
    return message_from_bytes(compose(page, to=ALICE, sender=OWL, link=LINK).as_bytes(), policy=default)


class Tags(HTMLParser):
    """Collects what a mail program would act on."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, list]] = []

    def handle_starttag(self, tag, attrs) -> None:
        """A tag begins."""
        self.seen.append((tag, attrs))


@pytest.fixture(params=HOSTILE.values(), ids=HOSTILE.keys())
def page(request):
    return a_page(request.param)


def test_a_mail_has_its_own_headers_and_its_own_markup_only(page):
    """Whatever the text says: no further header, no tag of the sender, one link."""
    message = mail(page)
    tags = Tags()
    tags.feed(message.get_body(("html",)).get_content())

    assert sorted(message.keys()) == sorted(mail(a_page()).keys())
    assert message["To"].addresses[0].addr_spec == "alice@example.org"
    assert len(message["Subject"]) < 200
    assert {tag for tag, _ in tags.seen} == {"html", "body", "h2", "pre", "table", "tr", "th", "td", "p", "a"}
    assert [attrs for tag, attrs in tags.seen if tag == "a"] == [[("href", LINK)]]
    assert len(message.as_bytes()) < 100_000


def test_a_call_says_it_and_does_nothing_else(page):
    """TwiML has one question and one voice."""
    root = ET.fromstring(first_words(page, answer_url="https://owl.example/x?d=1&n=2"))

    assert [each.tag for each in root.iter()] == ["Response", "Gather", "Say"]
    assert root.find("Gather").get("action") == "https://owl.example/x?d=1&n=2"
    assert len(root.find("Gather/Say").text) < 500


@pytest.mark.parametrize("link", [None, LINK])
def test_a_text_message_is_a_short_line_with_its_link_and_code(page, link):
    """Whatever of the title was cut."""
    text = sms_text(page, link=link)

    assert segments(text) <= SEGMENTS
    assert text.endswith("(ref 0000007)")
    assert text.splitlines()[1:] == ([] if link is None else [link, "(ref 0000007)"])
    assert text.splitlines()[0].isprintable()


def test_slack_gets_no_markup_of_the_sender(page):
    """No bracket is left that could mention or link."""
    message = render(card_of(page), shown_as(page, open_url="https://owl.example/alerts/x"))
    shown = json.dumps(message.blocks) + message.text

    assert not {"<", ">"} & set(shown)
    assert len(shown) < 30_000


def test_mattermost_gets_no_markup_of_the_sender(page):
    """Every sign of markdown stands behind a backslash, and no name stands behind an @."""
    text = markdown(page)
    bare = text.replace("\\\\", "").removeprefix("**")

    assert "@here" not in text
    assert "@channel" not in text
    assert "<!channel>" not in text
    assert "://" not in text
    assert "&lt" not in text
    assert "](" not in bare.replace("\\]", "").replace("\\(", "")
    assert len(text) < 16_000


def test_mattermost_shows_ordinary_text_as_it_is():
    """Nothing but the signs of markdown gets a backslash."""
    text = markdown(a_page("Disk /var at 95 % on db1: 5 GB left"))

    assert text.startswith("**\\[CRITICAL\\] Disk /var at 95 % on db1: 5 GB left**\n")


def test_teams_gets_text_runs_only(page):
    """Text runs know no markup, and the card stays below what Teams takes."""
    message = card(page)
    blocks = message["attachments"][0]["content"]["body"]

    assert {block["type"] for block in blocks} == {"RichTextBlock"}
    assert {run["type"] for block in blocks for run in block["inlines"]} == {"TextRun"}
    assert len(msgspec.json.encode(message)) < 28_000


def test_a_webhook_gets_the_text_as_it_came_in_json(page):
    """Whoever shows it escapes it; JSON keeps it one value."""
    post = signed_post(page, Endpoint(kind="webhook", url="https://x.example", secret="s"))

    body = json.loads(post.body)
    assert (body["title"], body["type"], body["delivery_id"]) == (page.title, "page.v1", str(page.delivery_id))
    assert "\n" not in str(post.headers)


@given(st.text(max_size=300))
def test_any_text_makes_a_mail_that_can_be_read_back(text):
    """Surrogates, controls, anything."""
    message = mail(a_page(text.encode("utf-8", "ignore").decode()))

    assert message.defects == []
    assert message["X-NightOwl-Delivery"] == str(UUID(int=7))


def test_a_repeat_answers_the_mail_that_it_repeats():
    """With an id of its own, in the alert's thread, and marked."""
    first, again = (thread_headers(a_page(is_repeat=each), domain="owl.example") for each in (False, True))

    assert again["In-Reply-To"] == first["Message-ID"]
    assert again["Message-ID"] != first["Message-ID"]
    assert first["References"] in again["References"]
    assert mail(a_page(is_repeat=True))["Subject"].startswith("REPEAT: [CRITICAL]")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "alice",
        "alice@",
        "@example.org",
        "a@b\r\nBcc: c@d",
        "a@b, c@d",
        "älice@example.org",
        "<a@b>",
        "a b@c",
        "a@b\x00",
    ],
)
def test_what_is_no_mail_address_is_none(text):
    """Nothing of it reaches a header or the server."""
    assert read_address(text) is None


def test_a_mail_without_a_link_asks_for_nothing():
    """As without a public address."""
    message = compose(a_page(), to=ALICE, sender=OWL, link=None).as_string()

    assert "Acknowledge" not in message
    assert "href" not in message


def test_the_signature_is_that_of_the_convention():
    """The example of the Standard Webhooks specification."""
    signature = sign(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        message_id="msg_p5jXN8AQM9LWM0D4loKWxJek",
        timestamp="1614265330",
        body=b'{"test": 2432232314}',
    )

    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
