"""HTTP to addresses that somebody else chooses, kept away from what is ours.

A name is resolved once. Every address that it has must be global unicast, and the connection goes to one of exactly
these, so that a name that means something else a moment later gains nothing. The certificate is checked for the name.
No redirects, five seconds, 64 KiB of answer. Hosts that the operator lists may also be private, and without TLS.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Mapping, Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

import aiohttp
import msgspec
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from nightowl_common import clock

TIMEOUT_SECONDS = 5.0
MAX_ANSWER_BYTES = 64 * 1024
HTTPS_PORT, HTTP_PORT = 443, 80

Address = IPv4Address | IPv6Address
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""The addresses of a name, as text. Raises OSError when it has none."""

_GLOBAL_UNICAST = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")
_READ_BYTES = 16 * 1024


class RefusedTargetError(Exception):
    """The address is none that may be called; the message says why, without the address."""


class UnresolvedError(Exception):
    """The name has no address at this moment."""


class HttpAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody else's server said, cut at 64 KiB. Never shown to a tenant."""

    status: int
    headers: Mapping[str, str]
    body: bytes


async def resolve_by_system(host: str, port: int) -> Sequence[str]:
    """What the system's resolver says."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(each[4][0]) for each in found]


class GuardedClient:
    """`hosts` are names and literal addresses, in lower case, that may be private and without TLS."""

    def __init__(
        self,
        *,
        hosts: frozenset[str],
        resolve: Resolve = resolve_by_system,
        timeout_seconds: float = TIMEOUT_SECONDS,
    ) -> None:
        self._hosts = hosts
        self._resolve = resolve
        self._timeout_seconds = timeout_seconds

    async def post(self, url: str, *, body: bytes, headers: Mapping[str, str]) -> HttpAnswer:
        """One request, on a connection of its own.

        Raises:
            RefusedTargetError: nothing was sent, and nothing will be.
            UnresolvedError: nothing was sent.
            aiohttp.ClientError: as for any request.
            TimeoutError: five seconds are over.
        """
        return await self._ask("POST", url, body=body, headers=headers)

    async def get(self, url: str, *, headers: Mapping[str, str]) -> HttpAnswer:
        """As `post`, without a body."""
        return await self._ask("GET", url, body=None, headers=headers)

    async def _ask(self, method: str, url: str, *, body: bytes | None, headers: Mapping[str, str]) -> HttpAnswer:
        started = clock.monotonic_seconds()
        target = _read(url)
        addresses = await self._check(target)
        left = max(0.01, self._timeout_seconds - (clock.monotonic_seconds() - started))
        connector = aiohttp.TCPConnector(
            resolver=_Checked(addresses), socket_factory=_factory_for(addresses), use_dns_cache=False, force_close=True
        )
        async with (
            aiohttp.ClientSession(
                connector=connector,
                timeout=aiohttp.ClientTimeout(total=left),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
            ) as session,
            session.request(method, target, data=body, headers=_own_headers(headers), allow_redirects=False) as answer,
        ):
            return HttpAnswer(status=answer.status, headers=dict(answer.headers), body=await _read_some(answer))

    async def connect(self, host: str, port: int) -> socket.socket:
        """A connection for another protocol, under the same rules; whether it is encrypted is for that to see to.

        Raises:
            RefusedTargetError: none was made.
            UnresolvedError: none was made.
            OSError: none could be made in time.
        """
        loop = asyncio.get_running_loop()
        failure: OSError = ConnectionError("no address")
        async with asyncio.timeout(self._timeout_seconds):
            for address in _in_order(await self._allowed(host.lower(), port)):
                made = socket.socket(socket.AF_INET if address.version == 4 else socket.AF_INET6)  # noqa: PLR2004
                made.setblocking(False)
                try:
                    await loop.sock_connect(made, (str(address), port))
                except OSError as error:
                    made.close()
                    failure = error
                except BaseException:
                    made.close()
                    raise
                else:
                    return made
        raise failure

    async def _check(self, target: URL) -> frozenset[Address]:
        """All addresses of the target's host, each of them allowed."""
        host = (target.host or "").lower()
        if target.scheme != "https" and host not in self._hosts:
            raise RefusedTargetError("not https")
        return await self._allowed(host, target.port or HTTPS_PORT)

    async def _allowed(self, host: str, port: int) -> frozenset[Address]:
        is_listed = host in self._hosts
        literal = _literal(host)
        if literal is not None:
            addresses, is_allowed = frozenset({literal}), is_listed or is_global_unicast(literal)
        else:
            addresses = await self._addresses_of(host, port)
            is_allowed = all(is_global_unicast(each) or (is_listed and is_private_host(each)) for each in addresses)
        if not is_allowed:
            raise RefusedTargetError("not a public address")
        return addresses

    async def _addresses_of(self, host: str, port: int) -> frozenset[Address]:
        try:
            async with asyncio.timeout(self._timeout_seconds):
                found = await self._resolve(host, port)
        except (OSError, UnicodeError) as error:  # a TimeoutError is an OSError
            raise UnresolvedError(type(error).__name__) from error
        if not found:
            raise UnresolvedError("no address")
        return frozenset(ip_address(each) for each in found)


def is_global_unicast(address: Address) -> bool:
    """Whether it is somebody's public address, also by what it carries inside (mapped, 6to4, Teredo, NAT64)."""
    if isinstance(address, IPv4Address):
        return address.is_global and not address.is_multicast and not address.is_reserved
    inner = _inner_addresses(address)
    if inner:
        return all(is_global_unicast(each) for each in inner)
    return address in _GLOBAL_UNICAST and address.is_global


def is_private_host(address: Address) -> bool:
    """Whether it is a host of the operator's own: private or loopback, never link-local (metadata services)."""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    plain = mapped or address
    is_one_host = not (plain.is_link_local or plain.is_multicast or plain.is_unspecified)
    return is_one_host and (plain.is_private or plain.is_loopback)


def _inner_addresses(address: IPv6Address) -> list[IPv4Address]:
    if address in _NAT64:
        return [IPv4Address(address.packed[-4:])]
    inner = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    return [each for each in inner if each is not None]


def _literal(host: str) -> Address | None:
    """The address that a host is; None for a name.

    Raises:
        RefusedTargetError: a number that only some programs read as an address (`127.1`, `2130706433`).
    """
    try:
        return ip_address(host)
    except ValueError:
        if not host or host.rstrip(".").rpartition(".")[2].isdigit() or ":" in host:
            raise RefusedTargetError("not a host") from None
        return None


def _read(url: str) -> URL:
    try:
        target = URL(url)
    except ValueError as error:
        raise RefusedTargetError("not a URL") from error
    if target.user is not None or target.password is not None or target.scheme not in {"http", "https"}:
        raise RefusedTargetError("not a plain web address")
    return target


class _Checked(AbstractResolver):
    """Says what has been checked, whatever it is asked: there is no second look at the name."""

    def __init__(self, addresses: frozenset[Address]) -> None:
        self._addresses = addresses

    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_INET,  # noqa: ARG002  # the interface's
    ) -> list[ResolveResult]:
        """The checked addresses."""
        return [
            ResolveResult(
                hostname=host,
                host=str(each),
                port=port,
                family=socket.AF_INET if each.version == 4 else socket.AF_INET6,  # noqa: PLR2004
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for each in _in_order(self._addresses)
        ]

    async def close(self) -> None:
        """Holds nothing."""


def _in_order(addresses: frozenset[Address]) -> list[Address]:
    return sorted(addresses, key=lambda each: (each.version, each.packed))


def _factory_for(addresses: frozenset[Address]) -> Callable[..., socket.socket]:
    """Makes sockets to the checked addresses only: the last gate, whatever the client has made of the host."""

    def make(found: tuple[int, int, int, str, tuple[object, ...]]) -> socket.socket:
        family, kind, protocol, _, target = found
        if ip_address(str(target[0])) not in addresses:
            raise RefusedTargetError("not the address that was checked")
        return socket.socket(family=family, type=kind, proto=protocol)

    return make


def _own_headers(headers: Mapping[str, str]) -> dict[str, str]:
    return {"User-Agent": "NightOwl", "Accept-Encoding": "identity", **headers}


async def _read_some(answer: aiohttp.ClientResponse) -> bytes:
    """The answer's body as far as it comes. The status alone says what became of the request."""
    read = bytearray()
    try:
        while len(read) < MAX_ANSWER_BYTES and (part := await answer.content.read(_READ_BYTES)):
            read += part
    except (aiohttp.ClientError, TimeoutError):
        pass
    return bytes(read[:MAX_ANSWER_BYTES])
