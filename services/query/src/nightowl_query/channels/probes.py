"""Whether a provider takes a tenant's credentials, in its own words. Nothing is sent to anybody.

Slack and Twilio have fixed addresses. A mail server's is the tenant's choice, so it is resolved once, every address
must be public or its host listed by the operator, and the connection goes to that very address: nobody looks around
inside with this.
"""

import asyncio
import smtplib
import socket
import ssl
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any, assert_never
from urllib.parse import quote

import aiohttp
import msgspec
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from nightowl_alerting.credentials import AnyCredentials, SlackCredentials, SmtpCredentials, TwilioCredentials

TIMEOUT_SECONDS = 8
MAX_SAID = 300

_GLOBAL_UNICAST = IPv6Network("2000::/3")
_REFUSED = frozenset({401, 403, 404})
_OK = 200


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the provider takes the credentials, and what it said, in plain words."""

    works: bool
    said: str


class Places(msgspec.Struct, frozen=True, kw_only=True):
    """Where providers are, and which hosts may be private (lower case)."""

    slack_url: str
    twilio_url: str
    hosts: frozenset[str]


class _PrivateError(Exception):
    """The mail server is not at a public address."""


async def probe(credentials: AnyCredentials, places: Places) -> Verdict:
    """Asks the provider; whatever it does is a verdict."""
    match credentials:
        case SlackCredentials():
            verdict = await _probe_slack(credentials, places.slack_url)
        case TwilioCredentials():
            verdict = await _probe_twilio(credentials, places.twilio_url)
        case SmtpCredentials():
            verdict = await _probe_smtp(credentials, places.hosts)
        case _:
            assert_never(credentials)
    return msgspec.structs.replace(verdict, said=_plain(verdict.said))


async def _probe_slack(credentials: SlackCredentials, base_url: str) -> Verdict:
    client = AsyncWebClient(
        token=credentials.bot_token, base_url=base_url, timeout=TIMEOUT_SECONDS, retry_handlers=[]
    )  # fmt: skip
    try:
        told = await client.auth_test()
    except SlackApiError as error:
        return Verdict(
            works=False, said=f"Slack refused the bot token: {error.response.get('error', 'no reason given')}"
        )
    except (SlackClientError, aiohttp.ClientError, TimeoutError) as error:
        return Verdict(works=False, said=f"Slack did not answer: {type(error).__name__}")
    who, where = told.get("user", "the bot"), told.get("team", "a workspace")
    return Verdict(
        works=True, said=f"Slack knows the bot as {who} in {where}. The signing secret cannot be asked about."
    )


async def _probe_twilio(credentials: TwilioCredentials, base_url: str) -> Verdict:
    if ":" in credentials.account_sid:  # which no sign-in of this kind can hold
        return Verdict(works=False, said="Twilio refused the account or its token: it is none.")
    shown = aiohttp.encode_basic_auth(credentials.account_sid, credentials.auth_token)
    url = f"{base_url.rstrip('/')}/2010-04-01/Accounts/{quote(credentials.account_sid, safe='')}.json"
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT_SECONDS)) as session,
            session.get(url, headers={"Authorization": shown}, allow_redirects=False) as answer,
        ):
            if answer.status in _REFUSED:
                return Verdict(works=False, said=f"Twilio refused the account or its token ({answer.status}).")
            if answer.status != _OK:
                return Verdict(works=False, said=f"Twilio answered {answer.status}.")
            told = msgspec.json.decode(await answer.read(), type=dict)
    except (aiohttp.ClientError, TimeoutError, msgspec.DecodeError) as error:
        return Verdict(works=False, said=f"Twilio did not answer: {type(error).__name__}")
    status = told.get("status")
    return Verdict(works=status == "active", said=f"Twilio knows the account, which is {status}.")


async def _probe_smtp(credentials: SmtpCredentials, hosts: frozenset[str]) -> Verdict:
    try:
        address = await _address_of(credentials.host, credentials.port, hosts)
        return await asyncio.to_thread(_greet, credentials, address)
    except _PrivateError:
        said = "The mail server is not at a public address; the operator may list its host in NIGHTOWL_WEBHOOK_HOSTS."
    except smtplib.SMTPAuthenticationError as error:
        said = f"The mail server refused the name or the password ({error.smtp_code})."
    except smtplib.SMTPNotSupportedError:
        said = "The mail server does not offer what is asked of it: STARTTLS, or signing in."
    except ssl.SSLError as error:
        said = f"The mail server's certificate or encryption is not good: {error.reason or type(error).__name__}"
    except (smtplib.SMTPException, OSError, UnicodeError) as error:  # a TimeoutError is an OSError
        said = f"The mail server did not answer as one: {type(error).__name__}"
    return Verdict(works=False, said=said)


def _greet(credentials: SmtpCredentials, address: str) -> Verdict:
    """EHLO, encryption and signing in, in a thread. Says goodbye; no mail is sent."""
    context = ssl.create_default_context()
    kind = _Tls if credentials.security == "tls" else _Plain
    with kind(address, context) as client:
        client.connect(credentials.host, credentials.port)
        client.ehlo()
        if credentials.security == "starttls":
            client.starttls(context=context)
            client.ehlo()
        if credentials.username is not None and credentials.password is not None:
            client.login(credentials.username, credentials.password)
            return Verdict(works=True, said="The mail server let us sign in.")
        return Verdict(works=True, said="The mail server greets us; nobody signs in.")


class _Plain(smtplib.SMTP):
    """Connects to an address that was checked, whatever the name means by now."""

    def __init__(self, address: str, _context: ssl.SSLContext) -> None:
        self._address = address
        super().__init__(timeout=TIMEOUT_SECONDS)

    def connect(self, host: str = "", port: int = 0, source_address: Any = None) -> tuple[int, bytes]:
        """By the address, under the host's name."""
        self._host = host
        return super().connect(host, port, source_address)

    def _get_socket(self, _host: str, port: int, timeout: float) -> socket.socket:
        return socket.create_connection((self._address, port), timeout)


class _Tls(_Plain):
    """The same, encrypted from the first byte; the certificate is checked for the name."""

    def __init__(self, address: str, context: ssl.SSLContext) -> None:
        self._context = context
        super().__init__(address, context)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return self._context.wrap_socket(super()._get_socket(host, port, timeout), server_hostname=host)


async def _address_of(host: str, port: int, hosts: frozenset[str]) -> str:
    """Raises:
    _PrivateError: one of its addresses is none that may be called.
    OSError: it has none.
    """
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(TIMEOUT_SECONDS):
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [ip_address(each[4][0]) for each in found]
    is_listed = host.lower() in hosts
    if not all(_is_public(each) or (is_listed and not each.is_link_local) for each in addresses):
        raise _PrivateError
    return str(addresses[0])


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv4Address):
        return address.is_global and not address.is_multicast and not address.is_reserved
    carries_another = address.ipv4_mapped or address.sixtofour or address.teredo
    return not carries_another and address in _GLOBAL_UNICAST and address.is_global


def _plain(text: str) -> str:
    return "".join(each if each.isprintable() else " " for each in text)[:MAX_SAID]
