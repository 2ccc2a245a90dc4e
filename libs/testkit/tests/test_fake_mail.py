"""The fake mail server, asked by a plain client."""

from email.message import EmailMessage
from uuid import uuid4

import aiosmtplib
import pytest

from nightowl_testkit.fakes import (
    DroppedReply,
    ErrorAfterAccept,
    ErrorBeforeAccept,
    FakeMail,
    RateLimited,
    Refused,
    Slow,
)
from nightowl_testkit.fakes.mail import link_in


async def send(fake: FakeMail, *, subject: str = "Disk full", to: str = "bob@example.org", timeout: float = 1) -> str:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = fake.sender, to, subject
    message["Message-ID"], message["X-NightOwl-Delivery"] = "<a@b>", str(uuid4())
    message.set_content("Acknowledge: https://owl.example/p/token\n")
    message.add_alternative("<p>hello</p>", subtype="html")
    _, answer = await aiosmtplib.send(message, hostname="127.0.0.1", port=fake.port, timeout=timeout, start_tls=False)
    return answer


async def test_a_mail_is_kept_as_its_reader_sees_it(fake_mail: FakeMail) -> None:
    """Subject and text, both parts, the link, and what travels unseen."""
    await send(fake_mail)

    [mail] = await fake_mail.wait_for(1)
    assert (mail.channel, mail.to, mail.provider_id) == ("email", "bob@example.org", "<a@b>")
    assert mail.text.startswith("Disk full\n")
    assert link_in(mail) == "https://owl.example/p/token"
    assert mail.raw["html"] == "<p>hello</p>\n"
    assert mail.delivery_id is not None
    assert not mail.is_repeat


async def test_a_marked_repeat_is_seen(fake_mail: FakeMail) -> None:
    """By its subject, as a person sees it."""
    await send(fake_mail, subject="REPEAT: [CRITICAL] Disk full")

    assert (await fake_mail.wait_for(1))[0].is_repeat


@pytest.mark.parametrize(
    ("step", "error", "code"),
    [
        (Refused("550"), aiosmtplib.SMTPRecipientsRefused, None),
        (RateLimited(5), aiosmtplib.SMTPRecipientsRefused, None),
        (ErrorBeforeAccept(), aiosmtplib.SMTPDataError, 451),
    ],
)
async def test_what_is_not_taken_is_not_kept(
    fake_mail: FakeMail, step: Refused | RateLimited | ErrorBeforeAccept, error: type[Exception], code: int | None
) -> None:  # fmt: skip
    """And the next one is taken again."""
    fake_mail.script(step)

    with pytest.raises(error) as caught:
        await send(fake_mail)
    assert fake_mail.received == []
    assert code is None or getattr(caught.value, "code", None) == code

    await send(fake_mail)
    assert len(fake_mail.received) == 1


@pytest.mark.parametrize(
    ("step", "error"),
    [
        (ErrorAfterAccept(), aiosmtplib.SMTPDataError),
        (DroppedReply(), aiosmtplib.SMTPServerDisconnected),
        (Slow(0.6), aiosmtplib.SMTPReadTimeoutError),
    ],
)
async def test_what_is_taken_and_not_said_is_kept(
    fake_mail: FakeMail, step: ErrorAfterAccept | DroppedReply | Slow, error: type[Exception]
) -> None:  # fmt: skip
    """The person has it, whatever the sender was told."""
    fake_mail.script(step)

    with pytest.raises(error):
        await send(fake_mail, timeout=0.3)

    assert len(await fake_mail.wait_for(1)) == 1
