"""A mail server that keeps what it takes, as its readers see it. It speaks plain SMTP and offers no TLS."""

import asyncio
import re
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any, Self, assert_never
from weakref import WeakKeyDictionary

from aiosmtpd.handlers import Sink
from aiosmtpd.smtp import SMTP, Envelope, Session

from nightowl_common import clock
from nightowl_testkit.fakes.provider import Recorder
from nightowl_testkit.fakes.script import (
    DroppedReply,
    ErrorAfterAccept,
    ErrorBeforeAccept,
    LateCallback,
    Normal,
    RateLimited,
    Received,
    Refused,
    Slow,
    find_delivery_id,
    is_marked_repeat,
)

_LINK = re.compile(r"https?://\S+/p/\S+")


class FakeMail(Recorder):
    """A relay that knows every address. A step of 500 is an answer of 451: that a mail was not taken, is an answer."""

    name = "mail"

    def __init__(self, *, port: int | None = None) -> None:
        super().__init__(port=port)
        self.sender = "nightowl@nightowl.example"
        self._server: asyncio.Server | None = None
        self._since = WeakKeyDictionary[SMTP, float]()

    @property
    def environment(self) -> dict[str, str]:
        """The notifier's settings that point it here."""
        return {
            "NIGHTOWL_SMTP_HOST": "127.0.0.1",
            "NIGHTOWL_SMTP_PORT": str(self.port),
            "NIGHTOWL_SMTP_SECURITY": "plain",
            "NIGHTOWL_MAIL_FROM": self.sender,
        }

    async def __aenter__(self) -> Self:
        self._server = await asyncio.get_running_loop().create_server(self._meet, "127.0.0.1", self.port)
        return self

    def _meet(self) -> SMTP:
        """Somebody has connected; how long they wait for the answer to a mail counts from now."""
        server = SMTP(_Handler(self), hostname="fake.example", enable_SMTPUTF8=False)
        self._since[server] = clock.monotonic_seconds()
        return server

    async def __aexit__(self, *_error: object) -> None:
        self.clear()
        if self._server is not None:
            self._server.close()

    async def answer_recipient(self, to: str) -> str:
        """What the server says to a recipient."""
        step = self._script.peek(_seen(EmailMessage(), to=to))
        match step:
            case Refused(code):
                self._script.take(_seen(EmailMessage(), to=to))
                return f"{code} no"
            case RateLimited():
                self._script.take(_seen(EmailMessage(), to=to))
                return "421 4.7.0 later"
            case _:
                return "250 OK"

    async def answer_mail(self, server: SMTP, content: bytes, to: str) -> str:
        """What the server says to a mail; keeps it when it takes it."""
        message = message_from_bytes(content, policy=default)
        seen = _seen(message, to=to)
        step = self._script.take(seen)
        match step:
            case ErrorBeforeAccept():
                return "451 4.3.0 not now"
            case Normal() | Slow() | ErrorAfterAccept() | DroppedReply():
                await self._record(seen)
                answer = await self._reply(server, step)
                self._note_answer(seen, server.transport, since=self._since[server], is_plain=True)
                return answer
            case LateCallback() | RateLimited() | Refused():
                raise ValueError(f"a mail server does not do {step} at this point")
            case _:
                assert_never(step)

    async def _reply(self, server: SMTP, step: Normal | Slow | ErrorAfterAccept | DroppedReply) -> str:
        match step:
            case Slow(seconds):
                await clock.sleep(seconds)
            case ErrorAfterAccept():
                return "451 4.3.0 not now"
            case DroppedReply():
                assert isinstance(server.transport, asyncio.WriteTransport)
                server.transport.abort()
            case Normal():
                pass
        return "250 2.0.0 OK: queued"


class _Handler(Sink):
    """aiosmtpd's callbacks."""

    def __init__(self, fake: FakeMail) -> None:
        super().__init__()
        self._fake = fake

    async def handle_RCPT(  # noqa: N802  # the library's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """A recipient is named."""
        answer = await self._fake.answer_recipient(address)
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
            envelope.rcpt_options.extend(options)
        return answer

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802  # the library's name
        """A mail has come."""
        assert isinstance(envelope.content, bytes)
        return await self._fake.answer_mail(server, envelope.content, envelope.rcpt_tos[0])


def link_in(received: Received) -> str:
    """The link in a mail.

    Raises:
        AssertionError: there is none.
    """
    found = _LINK.search(received.text)
    assert found is not None, f"no link in {received.text!r}"
    return found.group()


def _seen(message: EmailMessage, *, to: str) -> Received:
    subject = str(message["Subject"] or "")
    return Received(
        at=clock.utc_now(),
        channel="email",
        to=to,
        text=f"{subject}\n{_part(message, 'plain')}",
        provider_id=str(message["Message-ID"]),
        delivery_id=find_delivery_id(message["X-NightOwl-Delivery"]),
        is_repeat=is_marked_repeat(subject),
        raw={"headers": [(name, str(value)) for name, value in message.items()], "html": _part(message, "html")},
    )


def _part(message: EmailMessage, kind: str) -> str:
    part: Any = message.get_body(preferencelist=(kind,)) if message.items() else None
    return "" if part is None else str(part.get_content()).replace("\r\n", "\n")
