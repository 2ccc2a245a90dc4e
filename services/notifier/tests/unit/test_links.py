"""Links in mails: what we sign is what we believe, for one purpose."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from nightowl_common.settings import Secret
from nightowl_notifier.channels.callbacks import STATUS_PATH, Callbacks, Reference
from nightowl_notifier.channels.links import PageLinks
from nightowl_notifier.model import OutgoingPage

PAGE = OutgoingPage(
    tenant="acme", delivery_id=UUID(int=7), alert_id=UUID(int=8), channel="email", recipient="user:x",
    address="alice@example.org", is_repeat=False, age_seconds=0.0, severity="critical", title="Disk full",
    description=None, source="generic", labels={}, first_fired_at=datetime(2026, 1, 1, tzinfo=UTC), occurrence_count=1,
)  # fmt: skip


def links(**changes) -> PageLinks:
    return PageLinks(**{"public_url": "https://owl.example/", "auth_token": None, "secret": Secret("key"), **changes})


def token_by(maker: PageLinks) -> str:
    return maker.url_for(PAGE).removeprefix("https://owl.example/p/")


def test_our_own_link_is_read_back():
    """It names tenant, delivery and purpose."""
    assert links().read(token_by(links())) == Reference(tenant="acme", delivery_id=PAGE.delivery_id)


@pytest.mark.parametrize("place", range(0, 75, 9))
def test_a_changed_link_is_not_ours(place):
    """One character is enough."""
    token = token_by(links())
    changed = token[:place] + ("0" if token[place] != "0" else "1") + token[place + 1 :]

    assert links().read(changed) is None


@pytest.mark.parametrize("text", ["", ".", "acme", "acme.x.ack.y", "ä.ö.ü.ß", "a" * 5_000])
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
    assert UUID(token_by(links()).split(".")[1]) == PAGE.delivery_id
