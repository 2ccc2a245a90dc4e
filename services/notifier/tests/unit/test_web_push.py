"""Messages to browsers: as the RFCs say, to the byte, and readable by nobody else."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import jwt
import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from nightowl_alerting.push.keys import VapidKey, decode, encode, make_vapid_key, read_point
from nightowl_alerting.push.model import Subscription
from nightowl_common.settings import SettingsError
from nightowl_notifier.channels.push import message_of
from nightowl_notifier.channels.web_push import MAX_PLAIN_BYTES, RECORD_BYTES, authorization, encrypt
from nightowl_notifier.model import OutgoingPage
from nightowl_testkit.fakes import FakePush

# RFC 8291, section 5 and appendix A
PLAIN = b"When I grow up, I want to be a watermelon"
OURS = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
SALT = "DGv6ra1nlYgDCS1FRnbzlw"
RECEIVER = Subscription(
    endpoint="https://push.example.net/push/JzLQ3raZJfFBR0aqvOMsLrt54w4rJUsV",
    p256dh="BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
    auth="BTBZMqHH6r4Tts7J_aSIgg",
)
ENCRYPTED = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl"
    "7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def a_page(**changes) -> OutgoingPage:
    given = {
        "tenant": "acme", "delivery_id": UUID(int=7), "alert_id": UUID(int=8), "channel": "push", "recipient": "user:x",
        "address": str(UUID(int=9)), "is_repeat": False, "age_seconds": 0.0, "severity": "critical",
        "title": "high error rate", "description": "5 %", "source": "generic", "labels": {"service": "payments"},
        "first_fired_at": NOW, "occurrence_count": 1,
    }  # fmt: skip
    return OutgoingPage(**{**given, **changes})


def test_the_example_of_the_rfc_comes_out_to_the_byte():
    """With its key and its salt."""
    ours = ec.derive_private_key(int.from_bytes(decode(OURS), "big"), ec.SECP256R1())

    assert encode(encrypt(PLAIN, RECEIVER, ours=ours, salt=decode(SALT))) == ENCRYPTED


def test_only_the_browser_that_is_meant_reads_it_and_no_two_messages_are_alike():
    """Fresh keys each time."""
    service = FakePush()
    browser, other = service.subscribe(), service.subscribe()

    first, second = (encrypt(b"owl", browser.subscription) for _ in range(2))

    assert (browser.read(first), browser.read(second)) == (b"owl", b"owl")
    assert first != second
    with pytest.raises(ValueError, match="not for this browser"):
        other.read(first)


def test_the_longest_message_fills_one_record_and_a_longer_one_is_refused():
    """Push services take no more."""
    browser = FakePush().subscribe()

    longest = encrypt(b"x" * MAX_PLAIN_BYTES, browser.subscription)

    assert len(longest) == RECORD_BYTES
    assert len(browser.read(longest)) == MAX_PLAIN_BYTES
    with pytest.raises(ValueError, match="at most"):
        encrypt(b"x" * (MAX_PLAIN_BYTES + 1), browser.subscription)


def test_a_request_is_signed_for_its_push_service_and_for_less_than_a_day():
    """By the key that the header names."""
    key = VapidKey.parse(make_vapid_key())
    endpoint = "https://push.example.net:8443/push/x"

    header = authorization(key, endpoint=endpoint, contact="mailto:ops@example.org", now=NOW)

    scheme, token, public = header.replace("t=", "").replace("k=", "").replace(",", "").split(" ")
    claims = jwt.decode(
        token, read_point(public), algorithms=["ES256"], audience="https://push.example.net:8443",
        options={"verify_exp": False},
    )  # fmt: skip
    assert (scheme, public, claims["sub"]) == ("vapid", key.public, "mailto:ops@example.org")
    assert NOW < datetime.fromtimestamp(claims["exp"], tz=UTC) < NOW + timedelta(days=1)


@pytest.mark.parametrize(
    "text", ["", "x", "AAAA", encode(bytes(32)), encode(b"\xff" * 32), encode(bytes(33)), "ä" * 43]
)
def test_a_wrong_key_is_refused_without_being_shown(text):
    """Also zero, and what is beyond the curve."""
    with pytest.raises(SettingsError) as refused:
        VapidKey.parse(text)

    assert not text or text not in str(refused.value)


def test_a_notification_says_how_bad_where_and_what():
    """Pages about one alert share a tag, so that a phone shows the newest."""
    told = message_of(a_page(), token="t")

    assert (told.title, told.body, told.open) == (
        "CRITICAL payments: high error rate", "5 %", f"/alerts/{UUID(int=8)}",
    )  # fmt: skip
    assert (told.tag, told.delivery_id, told.token, told.is_urgent) == (UUID(int=8), UUID(int=7), "t", True)
    assert message_of(a_page(labels={}, is_repeat=True), token=None).title == "REPEAT: CRITICAL high error rate"


def test_a_bundle_opens_the_list_and_a_test_page_the_settings():
    """Neither is about one alert."""
    bundle, test = message_of(a_page(is_bundle=True), token="t"), message_of(a_page(is_test=True), token=None)

    assert (bundle.open, bundle.tag) == ("/alerts", UUID(int=7))
    assert (test.open, test.title) == ("/settings?tab=reach", "high error rate")


def test_whatever_an_alert_says_fits_and_loses_control_characters():
    """Four bytes a character, in each of its texts."""
    long = "\N{OWL}\x07" * 10_000
    page = a_page(title=long, description=long, labels={"service": long})

    told = message_of(page, token="t" * 150)

    assert len(msgspec.json.encode(told)) <= MAX_PLAIN_BYTES
    assert "\x07" not in told.title + told.body
