"""Callback addresses: what we sign is what we believe."""

from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest

from nightowl_common.settings import Secret
from nightowl_notifier.channels.callbacks import STATUS_PATH, Callbacks, Reference
from nightowl_notifier.model import OutgoingPage

PAGE = OutgoingPage(
    tenant="acme", delivery_id=UUID(int=7), alert_id=UUID(int=8), channel="sms", recipient="user:x",
    address="+15551234567", is_repeat=False, age_seconds=0.0, severity="critical", title="Disk full", description=None,
    source="generic", labels={}, first_fired_at=datetime(2026, 1, 1, tzinfo=UTC), occurrence_count=1,
)  # fmt: skip
TOKEN = Secret("token")


def callbacks(**changes) -> Callbacks:
    return Callbacks(**{"public_url": "https://owl.example/", "auth_token": TOKEN, "secret": None, **changes})


def signed_by(maker: Callbacks) -> str:
    return parse_qs(urlsplit(maker.url_for(STATUS_PATH, PAGE)).query)["d"][0]


@pytest.mark.parametrize("secret", [None, Secret("own")])
def test_our_own_address_is_read_back(secret):
    """With a key of its own, and with the derived one."""
    ours = callbacks(secret=secret)

    assert ours.url_for(STATUS_PATH, PAGE).startswith("https://owl.example/api/v1/twilio/status?d=acme.")
    assert ours.read(signed_by(ours)) == Reference(tenant="acme", delivery_id=PAGE.delivery_id)


@pytest.mark.parametrize("text", ["", ".", "acme", "acme.x.y", f"acme.{UUID(int=7)}.", "ä.ö.ü", "a" * 5_000])
def test_anything_else_is_not_ours(text):
    """Whatever somebody makes up."""
    assert callbacks().read(text) is None


@pytest.mark.parametrize("place", range(0, 60, 7))
def test_a_changed_address_is_not_ours(place):
    """One character is enough."""
    signed = signed_by(callbacks())
    changed = signed[:place] + ("0" if signed[place] != "0" else "1") + signed[place + 1 :]

    assert callbacks().read(changed) is None


def test_another_key_does_not_open_it():
    """Nor does the auth token itself, used as a key."""
    signed = signed_by(callbacks())

    assert callbacks(secret=Secret("other")).read(signed) is None
    assert callbacks(secret=TOKEN).read(signed) is None


def test_without_a_public_address_or_a_token_nothing_is_signed_or_believed():
    """Fails closed."""
    assert callbacks(public_url=None).url_for(STATUS_PATH, PAGE) is None
    assert callbacks(auth_token=None).url_for(STATUS_PATH, PAGE) is None
    assert callbacks(auth_token=None).read("") is None
    assert not callbacks(public_url=None).is_from_twilio(
        STATUS_PATH, query="", form={}, signature="x", auth_token=TOKEN
    )
    assert not callbacks().is_from_twilio(STATUS_PATH, query="", form={}, signature=None, auth_token=TOKEN)
