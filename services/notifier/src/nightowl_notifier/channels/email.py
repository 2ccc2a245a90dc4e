"""Mail over SMTP: text and HTML, with a link behind which the page can be acknowledged.

Headers come from the standard library's email package and HTML from a tree, so that alert text can neither end a
header nor be markup. Message ids come from the delivery: a repeat stands under the mail that it repeats.
"""

import asyncio
import socket
from collections.abc import Mapping
from contextlib import suppress
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime
from typing import Literal
from xml.etree import ElementTree as ET

import aiosmtplib
import msgspec

from nightowl_alerting.paging import AttemptResult, Failed, FailureReason, Sent, Unclear
from nightowl_common import clock
from nightowl_common.guarded import GuardedClient, RefusedTargetError, UnresolvedError
from nightowl_notifier.channels.links import PageLinks
from nightowl_notifier.channels.text import cut, footing, heading, lines, one_line, told_fields
from nightowl_notifier.model import CannotTell, LookUp, OutgoingPage

PROVIDER = "smtp"
SUBJECT_CHARACTERS = 150
DESCRIPTION_CHARACTERS = 4_000
FIELD_CHARACTERS = 500
FIELDS = 30
QUIT_SECONDS = 0.5
TRY_AGAIN_SECONDS = 30.0
"""After 421, where a mail server cannot say for how long it wants to be left alone."""

ABOUT_LINK = "Opens a page with a button. Opening it changes nothing; the button acknowledges."

_NOT_OFFERED = (aiosmtplib.SMTPException, aiosmtplib.SMTPNotSupported)
"""Encryption or a way to sign in; the library raises its base class itself for these."""

_NOT_NOW = 421
_FOR_GOOD = 500


class Server(msgspec.Struct, frozen=True, kw_only=True):
    """The mail server that takes our mail, and the sender's address. Times in seconds."""

    host: str
    port: int
    security: Literal["starttls", "tls", "plain"]
    user: str | None
    password: str | None
    sender: str
    timeout_seconds: float


class Email:
    """One connection per mail: a page waits for no other, and a broken one breaks nothing else."""

    def __init__(self, server: Server, *, links: PageLinks, guard: GuardedClient | None = None) -> None:
        """With a guard, the server is one that a tenant has chosen, and must not point at what is ours."""
        self._server = server
        self._links = links
        self._guard = guard

    @property
    def name(self) -> str:
        """SMTP."""
        return PROVIDER

    async def send(self, page: OutgoingPage) -> AttemptResult:
        """Hands the mail over once."""
        to = read_address(page.address)
        if to is None:
            return _failed(FailureReason.BAD_ADDRESS, "not an ASCII mail address")
        sender = Address("NightOwl", addr_spec=self._server.sender)
        message = compose(page, to=to, sender=sender, link=None if page.is_test else self._links.url_for(page))
        try:
            client = self._client(await self._connection())
        except RefusedTargetError as error:
            return _failed(FailureReason.NOT_CONFIGURED, f"mail server refused: {error}")
        except UnresolvedError as error:
            return _failed(FailureReason.UNAVAILABLE, f"no address: {error}", is_permanent=False)
        except OSError as error:
            return classify(error, has_begun=False)
        return await self._hand_over(client, message, to.addr_spec)

    async def _hand_over(self, client: aiosmtplib.SMTP, message: EmailMessage, to: str) -> AttemptResult:
        """Until its text has begun to go out, nothing was taken. It does not begin when half of the time is over."""
        has_begun = False
        try:
            async with asyncio.timeout(self._server.timeout_seconds):
                async with asyncio.timeout(self._server.timeout_seconds / 2):
                    await client.connect()
                    await client.mail(self._server.sender)
                    await client.rcpt(to)
                has_begun = True
                answer = await client.data(message.as_bytes())
        except (aiosmtplib.SMTPException, OSError) as error:  # a TimeoutError is an OSError
            return classify(error, has_begun=has_begun)
        finally:
            await _leave(client)
        told = cut(one_line(answer.message), 100)
        return Sent(provider=PROVIDER, provider_id=str(message["Message-ID"]), detail=told)

    async def find(self, _page: OutgoingPage) -> LookUp:
        """A mail server cannot be asked."""
        return CannotTell(detail="a mail server cannot be asked")

    async def _connection(self) -> socket.socket | None:
        server = self._server
        return None if self._guard is None else await self._guard.connect(server.host, server.port)

    def _client(self, made: socket.socket | None) -> aiosmtplib.SMTP:
        server = self._server
        return aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port if made is None else None,
            sock=made,
            username=server.user,
            password=server.password,
            use_tls=server.security == "tls",
            start_tls=server.security == "starttls",
            local_hostname=server.sender.rpartition("@")[2],
            timeout=server.timeout_seconds,
        )


async def _leave(client: aiosmtplib.SMTP) -> None:
    """Says goodbye. What became of the mail is known by now, so it does not matter how that goes."""
    if client.is_connected:
        with suppress(aiosmtplib.SMTPException, OSError):
            await client.quit(timeout=QUIT_SECONDS)
    client.close()


def classify(error: Exception, *, has_begun: bool) -> Failed | Unclear:
    """What an error means for the page. An answer of any kind but yes means that the mail was not taken."""
    detail = type(error).__name__
    match error:
        case aiosmtplib.SMTPResponseException(code=code):
            return _after_answer(error, code, detail=f"{detail} {code}")
        case _ if type(error) in _NOT_OFFERED:
            return _failed(FailureReason.REJECTED, f"{detail}: the server does not offer what is asked of it")
        case _ if has_begun:
            return Unclear(provider=PROVIDER, detail=f"no answer: {detail}")
        case _:
            return _failed(FailureReason.UNAVAILABLE, f"before the mail was handed over: {detail}", is_permanent=False)


def _after_answer(error: Exception, code: int, *, detail: str) -> Failed:
    if code == _NOT_NOW:
        return _failed(FailureReason.RATE_LIMITED, detail, is_permanent=False, retry_after_seconds=TRY_AGAIN_SECONDS)
    if code < _FOR_GOOD or isinstance(error, aiosmtplib.SMTPConnectError):
        return _failed(FailureReason.UNAVAILABLE, detail, is_permanent=False)
    match error:
        case aiosmtplib.SMTPAuthenticationError():
            return _failed(FailureReason.UNAUTHORIZED, detail)
        case aiosmtplib.SMTPRecipientRefused():
            return _failed(FailureReason.BAD_ADDRESS, detail)
        case _:
            return _failed(FailureReason.REJECTED, detail)


def _failed(
    reason: FailureReason, detail: str, *, is_permanent: bool = True, retry_after_seconds: float | None = None
) -> Failed:  # fmt: skip
    return Failed(
        provider=PROVIDER,
        reason=reason,
        is_permanent=is_permanent,
        detail=detail,
        retry_after_seconds=retry_after_seconds,
    )


def read_address(text: str) -> Address | None:
    """A mail address in ASCII; None for anything else."""
    try:
        address = Address(addr_spec=text)
    except (ValueError, IndexError, HeaderParseError):  # all three are raised by the parser of addresses
        return None
    return address if text.isascii() and address.username and address.domain else None


def compose(page: OutgoingPage, *, to: Address, sender: Address, link: str | None) -> EmailMessage:
    """The mail."""
    message = EmailMessage(policy=SMTP_POLICY)
    message["Subject"] = heading(page) + cut(one_line(page.title), SUBJECT_CHARACTERS)
    message["From"], message["To"] = sender, to
    message["Date"] = format_datetime(clock.utc_now())
    for name, value in thread_headers(page, domain=sender.domain).items():
        message[name] = value
    message["Auto-Submitted"] = "auto-generated"
    message["X-NightOwl-Delivery"] = str(page.delivery_id)
    message.set_content(text_part(page, link=link))
    message.add_alternative(html_part(page, link=link), subtype="html")
    return message


def thread_headers(page: OutgoingPage, *, domain: str) -> dict[str, str]:
    """All mails about an alert are one thread; a repeat answers the mail that it repeats."""
    first, alert = f"<{page.delivery_id}@{domain}>", f"<alert.{page.alert_id}@{domain}>"
    if page.is_repeat:
        own = f"<{page.delivery_id}.repeat@{domain}>"
        return {"Message-ID": own, "In-Reply-To": first, "References": f"{alert} {first}"}
    return {"Message-ID": first, "References": alert}


def text_part(page: OutgoingPage, *, link: str | None) -> str:
    """The mail as plain text."""
    parts = [heading(page) + one_line(page.title)[:DESCRIPTION_CHARACTERS]]
    parts += [_description(page)] if page.description else []
    parts.append("\n".join(f"{name}: {value}" for name, value in _fields(page).items()))
    parts += [f"Acknowledge: {link}\n{ABOUT_LINK}"] if link else []
    return "\n\n".join([*parts, f"-- \n{footing(page)}"]) + "\n"


def html_part(page: OutgoingPage, *, link: str | None) -> str:
    """The mail as HTML, made as a tree: text stays text."""
    root = ET.Element("html")
    body = ET.SubElement(root, "body")
    ET.SubElement(body, "h2").text = heading(page) + one_line(page.title)[:DESCRIPTION_CHARACTERS]
    if page.description:
        ET.SubElement(body, "pre", style="white-space: pre-wrap; font: inherit").text = _description(page)
    table = ET.SubElement(body, "table")
    for name, value in _fields(page).items():
        row = ET.SubElement(table, "tr")
        ET.SubElement(row, "th", align="left").text = name
        ET.SubElement(row, "td").text = value
    if link:
        ET.SubElement(ET.SubElement(body, "p"), "a", href=link).text = "Acknowledge"
        ET.SubElement(body, "p").text = ABOUT_LINK
    ET.SubElement(body, "p").text = footing(page)
    return "<!doctype html>" + ET.tostring(root, encoding="unicode", method="html")


def _description(page: OutgoingPage) -> str:
    return cut(lines(page.description or ""), DESCRIPTION_CHARACTERS)


def _fields(page: OutgoingPage) -> Mapping[str, str]:
    shown = list(told_fields(page).items())[:FIELDS]
    return {cut(one_line(name), FIELD_CHARACTERS): cut(one_line(value), FIELD_CHARACTERS) for name, value in shown}
