"""Whether a provider takes a tenant's credentials, in its own words. Nothing is sent to anybody.

Slack and Twilio have fixed addresses. A mail server's is the tenant's choice, so it is resolved once, every address
must be public or its host listed by the operator, and the connection goes to that very address: nobody looks around
inside with this.
"""

import asyncio
import socket
import ssl
from urllib.parse import quote

import aiohttp
import aiosmtplib
import msgspec
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from nightowl_alerting.credentials import SlackCredentials, SmtpCredentials, TwilioCredentials
from nightowl_common.guarded import GuardedClient, RefusedTargetError, UnresolvedError

TIMEOUT_SECONDS = 8
MAX_SAID = 300

_NOT_OFFERED = (aiosmtplib.SMTPException, aiosmtplib.SMTPNotSupported)
"""Encryption or a way to sign in; the library raises its base class itself for these."""

_REFUSED = frozenset({401, 403, 404})
_OK = 200


Probed = SlackCredentials | TwilioCredentials | SmtpCredentials


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the provider takes the credentials, and what it said, in plain words."""

    works: bool
    said: str


class Places(msgspec.Struct, frozen=True, kw_only=True):
    """Where providers are, and which hosts may be private (lower case)."""

    slack_url: str
    twilio_url: str
    hosts: frozenset[str]


async def probe(credentials: Probed, places: Places) -> Verdict:
    """Asks the provider; whatever it does is a verdict."""
    match credentials:
        case SlackCredentials():
            verdict = await _probe_slack(credentials, places.slack_url)
        case TwilioCredentials():
            verdict = await _probe_twilio(credentials, places.twilio_url)
        case SmtpCredentials():
            verdict = await _probe_smtp(credentials, places.hosts)
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
    guard = GuardedClient(hosts=hosts, timeout_seconds=TIMEOUT_SECONDS)
    try:
        async with asyncio.timeout(TIMEOUT_SECONDS):
            return await _greet(credentials, await guard.connect(credentials.host, credentials.port))
    except RefusedTargetError:
        said = "The mail server is not at a public address; the operator may list its host in NIGHTOWL_WEBHOOK_HOSTS."
    except UnresolvedError as error:
        said = f"The mail server's name has no address: {error}"
    except aiosmtplib.SMTPAuthenticationError as error:
        said = f"The mail server refused the name or the password ({error.code})."
    except ssl.SSLError as error:
        said = f"The mail server's certificate or encryption is not good: {error.reason or type(error).__name__}"
    except (aiosmtplib.SMTPException, OSError) as error:  # a TimeoutError is an OSError
        is_missing = type(error) in _NOT_OFFERED
        said = (
            "The mail server does not offer what is asked of it: STARTTLS, or signing in."
            if is_missing
            else f"The mail server did not answer as one: {type(error).__name__}"
        )
    return Verdict(works=False, said=said)


async def _greet(credentials: SmtpCredentials, made: socket.socket) -> Verdict:
    """EHLO, encryption and signing in. Says goodbye; no mail is sent."""
    client = aiosmtplib.SMTP(
        hostname=credentials.host,
        sock=made,
        username=credentials.username,
        password=credentials.password,
        use_tls=credentials.security == "tls",
        start_tls=credentials.security == "starttls",
        timeout=TIMEOUT_SECONDS,
    )
    async with client:
        await client.ehlo()
    if credentials.username is None:
        return Verdict(works=True, said="The mail server greets us; nobody signs in.")
    return Verdict(works=True, said="The mail server let us sign in.")


def _plain(text: str) -> str:
    return "".join(each if each.isprintable() else " " for each in text)[:MAX_SAID]
