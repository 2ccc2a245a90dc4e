"""Page links: what we sign is what we believe, for one purpose."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from nightowl_common.ids import new_id
from nightowl_common.settings import Secret
from nightowl_notifier.channels.callbacks import STATUS_PATH, Callbacks, Reference
from nightowl_notifier.channels.links import PageLinks
from nightowl_notifier.channels.segments import is_gsm
from nightowl_notifier.model import OutgoingPage


def a_page(**changes) -> OutgoingPage:
    usual = {
        "tenant": "acme", "delivery_id": UUID(int=7), "alert_id": UUID(int=8), "channel": "email",
        "recipient": "user:x", "address": "alice@example.org", "is_repeat": False, "age_seconds": 0.0,
        "severity": "critical", "title": "Disk full", "description": None, "source": "generic", "labels": {},
        "first_fired_at": datetime(2026, 1, 1, tzinfo=UTC), "occurrence_count": 1,
    }  # fmt: skip
    return OutgoingPage(**{**usual, **changes})


PAGE = a_page()


def links(**changes) -> PageLinks:
    return PageLinks(**{"public_url": "https://owl.example/", "auth_token": None, "secret": Secret("key"), **changes})


def token_by(maker: PageLinks) -> str:
    return maker.url_for(PAGE).removeprefix("https://owl.example/p/")


def test_our_own_link_is_read_back():
    """It names tenant, delivery and purpose."""
    assert links().read(token_by(links())) == Reference(tenant="acme", delivery_id=PAGE.delivery_id)


OLD = "acme.00000000000000000000000000000007.ack.1fa0dd386b54c7f9b3bcf63962930282"
"""What an older notifier made of PAGE under the same key."""


def test_a_link_of_an_older_notifier_still_holds():
    """During an upgrade, and in mails that are out."""
    assert links().read(OLD) == Reference(tenant="acme", delivery_id=PAGE.delivery_id)
    assert links(secret=Secret("other")).read(OLD) is None


def test_a_link_is_short_and_ends_in_a_letter():
    """It costs a text message 43 characters behind the address, and no phone cuts off its end as punctuation."""
    tokens = [links().token_for(a_page(delivery_id=new_id())) for _ in range(2_000)]

    assert {len(each) for each in tokens} == {len("acme.") + 38}
    assert all(each[-1] in "AQgw" for each in tokens)
    assert all(is_gsm(each) for each in tokens)
    assert all(links().read(each) is not None for each in tokens)


@pytest.mark.parametrize("whole", [OLD, "short"])
def test_a_changed_link_is_not_ours(whole):
    """One character is enough, and so is one more."""
    token = token_by(links()) if whole == "short" else whole
    changed = [
        token[:place] + ("0" if token[place] != "0" else "1") + token[place + 1 :] for place in range(len(token))
    ]

    assert [
        each for each in [*changed, f"{token}=", f"{token}A", token[:-1], token.upper()] if links().read(each)
    ] == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "acme",
        "acme.",
        "acme.x.ack.y",
        "ä.ö.ü.ß",
        "a" * 5_000,
        "acme." + "A" * 38,
        f"{OLD[:-1]}\ud800",
        "a.\x00",
    ],
)
def test_anything_else_is_not_ours(text):
    """Whatever somebody makes up."""
    assert links().read(text) is None


def test_a_callback_is_no_link_and_a_link_no_callback():
    """The same secret, for two purposes."""
    callbacks = Callbacks(public_url="https://owl.example", auth_token=None, secret=Secret("key"))
    signed = callbacks.url_for(STATUS_PATH, PAGE).partition("?d=")[2]

    assert links().read(signed) is None
    assert callbacks.read(token_by(links())) is None


def test_without_a_secret_or_an_address_there_are_no_links():
    """Fails closed."""
    assert links(public_url=None).url_for(PAGE) is None
    assert links(secret=None).url_for(PAGE) is None
    assert links(secret=None).read(token_by(links())) is None
    assert links(secret=Secret("other")).read(token_by(links())) is None
    assert links(secret=None, auth_token=Secret("token")).url_for(PAGE) is not None
    assert links(public_url=None).token_for(PAGE) is not None


def test_a_test_page_has_no_link():
    """There is nothing to acknowledge."""
    assert links().url_for(a_page(is_test=True)) is None
    assert links().token_for(a_page(is_test=True)) is None


def test_the_front_end_is_found_where_the_public_address_is_known():
    """The alert; the list for a message that tells of many; the settings for a test."""
    assert links(secret=None).alert_url(PAGE) == f"https://owl.example/alerts/{PAGE.alert_id}"
    assert links().alert_url(a_page(is_bundle=True)) == "https://owl.example/alerts"
    assert links().alert_url(a_page(is_test=True)) == "https://owl.example/settings?tab=reach"
    assert links(public_url=None).alert_url(PAGE) is None
