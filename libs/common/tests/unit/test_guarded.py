"""Which addresses somebody may make us call."""

from ipaddress import ip_address

import pytest

from nightowl_common.guarded import (
    GuardedClient,
    RefusedTargetError,
    UnresolvedError,
    is_global_unicast,
    is_private_host,
)

OURS = [
    "127.0.0.1", "127.8.8.8", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
    "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1", "::", "::1", "fe80::1",
    "fc00::1", "fd12::1", "fec0::1", "ff02::1", "2001:db8::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
    "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2002:a00:1::", "64:ff9b:1::1", "100::1", "::7f00:1",
    "2001:0:7f00:1:0:0:f5ff:fffe",
]  # fmt: skip
PUBLIC = ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "64:ff9b::808:808", "::ffff:8.8.8.8", "2002:808:808::"]


@pytest.mark.parametrize("text", OURS)
def test_what_is_not_somebodys_public_address_is_refused(text):
    """Also by what an IPv6 address carries inside."""
    assert not is_global_unicast(ip_address(text))


@pytest.mark.parametrize("text", PUBLIC)
def test_public_addresses_are_public(text):
    """In every form."""
    assert is_global_unicast(ip_address(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [("10.0.0.1", True), ("127.0.0.1", True), ("fd12::1", True), ("169.254.169.254", False), ("fe80::1", False),
     ("::ffff:169.254.169.254", False), ("0.0.0.0", False), ("224.0.0.1", False)],
)  # fmt: skip
def test_a_listed_name_may_be_private_but_never_link_local(text, expected):
    """Metadata services live there."""
    assert is_private_host(ip_address(text)) is expected


def client(*answers: list[str], hosts=()) -> tuple[GuardedClient, list[str]]:
    asked: list[str] = []

    async def resolve(host, _port):
        asked.append(host)
        return answers[min(len(asked), len(answers)) - 1]

    return GuardedClient(hosts=frozenset(hosts), resolve=resolve, timeout_seconds=0.5), asked


@pytest.mark.parametrize(
    "url",
    ["http://example.org/", "ftp://example.org/", "https://user:pass@example.org/", "https://", "https:///x", "nonsense",
     "https://127.0.0.1/", "https://[::1]/", "https://169.254.169.254/latest", "https://2130706433/", "https://127.1/",
     "https://0177.0.0.1/", "https://10.0.0.1:8443/", "https://[::ffff:127.0.0.1]/", "file:///etc/passwd",
     "https://127.0.0.1./"],
)  # fmt: skip
async def test_such_a_url_is_refused_before_anything_is_asked(url):
    """No look-up, no connection."""
    guarded, asked = client(["8.8.8.8"])

    with pytest.raises(RefusedTargetError):
        await guarded.post(url, body=b"{}", headers={})

    assert asked == []


@pytest.mark.parametrize("addresses", [["127.0.0.1"], ["8.8.8.8", "10.0.0.1"], ["8.8.8.8", "::1"], ["169.254.169.254"]])
async def test_every_address_of_a_name_must_be_public(addresses):
    """One that is not is enough."""
    guarded, asked = client(addresses)

    with pytest.raises(RefusedTargetError):
        await guarded.post("https://example.org/", body=b"{}", headers={})

    assert asked == ["example.org"]


async def test_a_listed_name_is_not_let_to_metadata():
    """Being listed is for one's own hosts."""
    guarded, _ = client(["169.254.169.254"], hosts=["chat.example"])

    with pytest.raises(RefusedTargetError):
        await guarded.post("http://chat.example/", body=b"{}", headers={})


async def test_a_name_without_an_address_is_said_so():
    """It may have one later."""
    guarded, _ = client([])

    with pytest.raises(UnresolvedError):
        await guarded.post("https://example.org/", body=b"{}", headers={})
