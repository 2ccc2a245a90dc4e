"""API keys: their shape, and how they are found in a request."""

import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightowl_auth import key_from_headers, make_key
from nightowl_auth.keys import MAX_LENGTH, PREFIX_LENGTH

KEY = make_key().raw
OTHER = make_key().raw


def find(**headers):
    """The key in a request with these headers."""
    return key_from_headers({name.replace("_", "-"): value for name, value in headers.items()}.get)


def basic(password, user="alertmanager"):
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def test_a_key_has_a_public_prefix_and_a_long_secret():
    """Twelve characters to find it by, and 256 bits that nobody can guess."""
    for _ in range(200):
        key = make_key()

        assert key.raw.startswith("ow_")
        assert key.raw.isascii()
        assert key.prefix == key.raw[:PREFIX_LENGTH]
        assert len(key.prefix) == 12
        secret = key.raw[PREFIX_LENGTH:]
        assert len(base64.urlsafe_b64decode(secret + "=")) * 8 >= 256
        assert len(key.raw) <= MAX_LENGTH


def test_no_two_keys_are_the_same():
    """Neither in their secrets nor, but for chance, in their prefixes."""
    keys = [make_key() for _ in range(1_000)]

    assert len({each.raw for each in keys}) == len({each.raw[PREFIX_LENGTH:] for each in keys}) == 1_000
    assert len({each.prefix for each in keys}) > 990


def test_only_the_hash_of_the_whole_key_is_stored():
    """SHA-256, 32 bytes."""
    key = make_key()

    assert key.key_hash == hashlib.sha256(key.raw.encode()).digest()
    assert make_key(key.raw) == key


def test_a_new_key_does_not_show_its_secret():
    """However it is printed."""
    key = make_key()
    secret = key.raw[PREFIX_LENGTH:]

    for shown in (repr(key), str(key), f"{key}", repr([key])):
        assert secret not in shown
        assert key.prefix in shown


@pytest.mark.parametrize(
    "headers",
    [
        {"x_api_key": KEY},
        {"authorization": f"Bearer {KEY}"},
        {"authorization": f"bearer  {KEY} "},
        {"authorization": basic(KEY)},
        {"authorization": basic(KEY, user="")},
        {"authorization": basic(KEY).replace("Basic", "BASIC")},
    ],
)
def test_a_key_is_found_where_senders_can_put_it(headers):
    """A header of our own, a bearer token, or the password of Basic authentication."""
    assert find(**headers) == KEY


def test_a_bearer_token_comes_first_and_basic_last():
    """A bad one is not passed over."""
    assert find(x_api_key=KEY, authorization=f"Bearer {OTHER}") == OTHER
    assert find(x_api_key=KEY, authorization="Bearer short") is None
    assert find(x_api_key=KEY, authorization=basic(OTHER)) == KEY
    assert find(x_api_key="", authorization=basic(OTHER)) is None


def test_a_password_may_hold_colons():
    """The user's name ends at the first."""
    key = f"{KEY}:with:colons"

    assert find(authorization=basic(key)) == key


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x_api_key": ""},
        {"x_api_key": KEY[:PREFIX_LENGTH]},
        {"x_api_key": KEY + "x" * MAX_LENGTH},
        {"authorization": ""},
        {"authorization": "Bearer"},
        {"authorization": "Bearer "},
        {"authorization": KEY},
        {"authorization": f"Digest {KEY}"},
        {"authorization": "Basic"},
        {"authorization": "Basic !!!"},
        {"authorization": "Basic YQ"},
        {"authorization": "Basic ünläut"},
        {"authorization": "Basic " + base64.b64encode(b"\xff\xfe" * 20).decode()},
        {"authorization": "Basic " + base64.b64encode(KEY.encode()).decode()},
        {"authorization": basic("")},
        {"authorization": basic("x" * (MAX_LENGTH + 1))},
    ],
)
def test_what_is_no_key_is_not_found(headers):
    """Too short, too long, garbage, another scheme: no error, no key."""
    assert find(**headers) is None


@pytest.mark.parametrize("strange", ["\x00", "\n", "é", "\u2028", "\x7f"])
def test_a_key_that_we_cannot_have_made_is_not_looked_up(strange):
    """The database would refuse some of these, and that would look like a fault of ours."""
    assert find(authorization=basic(strange + KEY)) is None
    assert find(authorization=basic(KEY + strange)) is None
    assert find(x_api_key=KEY[:5] + strange + KEY[5:]) is None


@given(st.text(max_size=300), st.text(max_size=300))
def test_any_headers_give_a_plain_key_or_none(own, authorization):
    """Never an error."""
    for found in (find(x_api_key=own), find(authorization=authorization), find(authorization=f"Basic {authorization}")):
        assert found is None or (PREFIX_LENGTH < len(found) <= MAX_LENGTH and found.isascii() and found.isprintable())


@given(st.binary(max_size=300))
def test_any_basic_credentials_give_a_plain_key_or_none(credentials):
    """Whatever bytes they decode to."""
    found = find(authorization="Basic " + base64.b64encode(credentials).decode())

    assert found is None or (PREFIX_LENGTH < len(found) <= MAX_LENGTH and found.isascii() and found.isprintable())
