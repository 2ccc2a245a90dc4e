"""Whose word about a caller's address counts."""

import pytest

from nightowl_common.web import TrustedProxies


async def seen(count, *forwarded, proto=None):
    """What the application is told, with the peer 10.0.0.1."""
    told = {}

    async def app(scope, receive, send):
        told.update(scope)

    headers = [(b"x-forwarded-for", each.encode()) for each in forwarded]
    headers += [(b"x-forwarded-proto", proto.encode())] if proto else []
    scope = {"type": "http", "client": ("10.0.0.1", 5), "scheme": "http", "headers": headers}
    await TrustedProxies(app, count=count)(scope, None, None)
    return told["client"][0], told["scheme"]


@pytest.mark.parametrize(
    ("count", "forwarded", "address"),
    [
        (0, ["203.0.113.9"], "10.0.0.1"),
        (1, [], "10.0.0.1"),
        (1, ["203.0.113.9"], "203.0.113.9"),
        (1, ["1.1.1.1, 203.0.113.9"], "203.0.113.9"),
        (2, ["1.1.1.1, 203.0.113.9, 10.0.0.7"], "203.0.113.9"),
        (1, ["1.1.1.1", "203.0.113.9"], "203.0.113.9"),
        (3, ["203.0.113.9, 10.0.0.7"], "10.0.0.1"),
        (1, ["203.0.113.9, "], "10.0.0.1"),
    ],
)
async def test_an_address_is_taken_so_many_places_from_the_right(count, forwarded, address):
    """What is left of it, the caller may have made up; with fewer entries than proxies the peer counts."""
    assert (await seen(count, *forwarded))[0] == address


async def test_a_scheme_is_believed_from_a_proxy_alone():
    """And only one that there is."""
    assert (await seen(1, "203.0.113.9", proto="https"))[1] == "https"
    assert (await seen(0, proto="https"))[1] == "http"
    assert (await seen(1, proto="gopher"))[1] == "http"
