"""Mail over a real SMTP server, and the page behind its link over real HTTP."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime

import aiohttp
import pytest

from nightowl_alerting.paging import Failed, FailureReason
from nightowl_common import clock
from nightowl_common.ids import new_id
from nightowl_notifier.channels import email
from nightowl_notifier.channels.links import PageLinks
from nightowl_notifier.model import OutgoingPage
from nightowl_testkit.fakes import DroppedReply, Refused
from nightowl_testkit.fakes.mail import link_in

pytestmark = pytest.mark.integration

HOSTILE = "</h1><script>alert(1)</script><form action=//evil.example>"


async def mailed(scene, fake_mail, **alert):
    person = await scene.person()
    [delivery_id] = await scene.owe(person.over("email"), alert=await scene.alert(**alert))
    [mail] = await fake_mail.wait_for(lambda received: received.delivery_id == delivery_id)
    return person, delivery_id, mail


async def ask(method, url, **more):
    async with aiohttp.ClientSession() as session, session.request(method, url, **more) as answer:
        return answer.status, await answer.text(), dict(answer.headers)


async def test_a_mail_has_the_alert_and_a_link(scene, served, fake_mail):
    """As text and as HTML, from us, to the person, in a thread of its alert."""
    person, delivery_id, mail = await mailed(scene, fake_mail, title="Disk full", description="90 %\nand rising")

    row = await scene.until(delivery_id, "sent")
    headers = dict(mail.raw["headers"])
    assert mail.to.casefold() == person.email.casefold()
    assert mail.text.startswith("[CRITICAL] Disk full\n")
    assert "90 %\nand rising" in mail.text.replace("\r\n", "\n")
    assert link_in(mail) in mail.raw["html"]
    assert headers["References"] == f"<alert.{row['alert_id']}@nightowl.example>"
    assert row["provider_id"] == headers["Message-ID"] == f"<{delivery_id}@nightowl.example>"
    assert headers["Auto-Submitted"] == "auto-generated"


async def test_opening_the_link_changes_nothing_and_the_button_acknowledges(scene, served, fake_mail):
    """A mail scanner wakes nobody and puts nobody to sleep."""
    person, delivery_id, mail = await mailed(scene, fake_mail, title=HOSTILE)
    link = link_in(mail)

    fresh = await scene.alert_of(delivery_id)
    looked = [await ask(method, link) for method in ("GET", "GET", "HEAD")]
    before = await scene.alert_of(delivery_id)
    status, text, _ = await ask("POST", link)
    after = await scene.alert_of(delivery_id)

    assert [status for status, _, _ in looked[:2]] == [200, 200]
    assert '<form method="post"><button type="submit">Acknowledge</button></form>' in looked[0][1]
    assert (before["status"], before["version"]) == ("firing", fresh["version"])
    assert (status, "Acknowledged. The escalation has stopped." in text) == (200, True)
    assert (after["status"], after["acknowledged_by"]["name"]) == ("acknowledged", person.name)
    assert await scene.escalation_due(after["id"]) is None
    assert "<script>" not in looked[0][1] + text


async def test_the_page_keeps_browsers_to_itself(scene, served, fake_mail):
    """No script, no frame, no cache, no trace of the address elsewhere."""
    _, _, mail = await mailed(scene, fake_mail)

    _, _, headers = await ask("GET", link_in(mail))

    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert (headers["Referrer-Policy"], headers["Cache-Control"]) == ("no-referrer", "no-store")
    assert headers["Content-Type"].startswith("text/html")


async def test_pressing_twice_says_who_has_it(scene, served, fake_mail):
    """And there is no button any more."""
    person, _, mail = await mailed(scene, fake_mail)
    await ask("POST", link_in(mail))

    for method in ("POST", "GET"):
        status, text, _ = await ask(method, link_in(mail))
        assert status == 200
        assert f"acknowledged already, by {person.name}" in text
        assert "<form" not in text


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_an_expired_link_says_so_and_does_nothing(scene, served, fake_mail, method):
    """By the database's clock, from when the page was queued."""
    _, delivery_id, mail = await mailed(scene, fake_mail)
    await scene.rows(
        "UPDATE deliveries SET created_at = created_at - interval '241 minutes' WHERE id = $1 RETURNING id", delivery_id
    )

    status, text, _ = await ask(method, link_in(mail))

    assert (status, "has expired" in text) == (410, True)
    assert (await scene.alert_of(delivery_id))["status"] == "firing"


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("change", ["mac", "tenant", "delivery", "purpose", "nonsense"])
async def test_a_forged_link_says_so_and_does_nothing(scene, neighbour, served, fake_mail, method, change):
    """A link of one delivery opens no other, in no other tenant."""
    _, delivery_id, mail = await mailed(scene, fake_mail)
    _, other_id, _ = await mailed(neighbour, fake_mail)
    tenant, signed = link_in(mail).rpartition("/")[2].split(".")
    packed = urlsafe_b64decode(f"{signed}==")
    forged = {
        "mac": f"{tenant}.{_pack(packed[:16] + bytes(12))}",
        "tenant": f"{neighbour.tenant}.{signed}",
        "delivery": f"{tenant}.{_pack(other_id.bytes + packed[16:])}",
        "purpose": f"{tenant}.{delivery_id.hex}.resolve.{packed[16:].hex()}",
        "nonsense": "x",
    }[change]

    status, text, _ = await ask(method, f"{served}/p/{forged}")

    assert (status, "This link is not valid." in text) == (404, True)
    assert (await scene.alert_of(delivery_id))["status"] == "firing"
    assert (await neighbour.alert_of(other_id))["status"] == "firing"


def _pack(signed: bytes) -> str:
    return urlsafe_b64encode(signed).decode().rstrip("=")


async def test_an_unclear_mail_that_is_answered_has_arrived(scene, served, fake_mail):
    """Who presses has it: no repeat."""
    person = await scene.person()
    fake_mail.script(DroppedReply(), when=lambda received: received.to.casefold() == person.email.casefold())
    delivery_id = await scene.owe_one(person.over("email"))
    [mail] = await fake_mail.wait_for(lambda received: received.delivery_id == delivery_id)

    await ask("POST", link_in(mail))

    assert (await scene.until(delivery_id, "delivered"))["is_repeat"] is False


async def test_a_dead_mailbox_fails_for_good(scene, served, fake_mail):
    """Trying again would change nothing."""
    person = await scene.person()
    fake_mail.script(Refused("550"), when=lambda received: received.to.casefold() == person.email.casefold())

    row = await scene.until(await scene.owe_one(person.over("email")), "failed")

    assert row["reason"] == "bad_address"


@pytest.mark.parametrize(("security", "seconds"), [("starttls", 10.0), ("tls", 0.6)])
async def test_a_server_without_tls_gets_no_mail_and_no_password(fake_mail, security, seconds):
    """What was asked for is not given up silently."""
    server = email.Server(
        host="127.0.0.1", port=fake_mail.port, security=security, user="owl", password="secret",
        sender=fake_mail.sender, timeout_seconds=seconds,
    )  # fmt: skip
    channel = email.Email(server, links=PageLinks(public_url=None, auth_token=None, secret=None))

    result = await channel.send(a_page())

    assert isinstance(result, Failed)
    assert fake_mail.received == []
    if security == "starttls":
        assert (result.reason, result.is_permanent) == (FailureReason.REJECTED, True)


async def test_a_mail_is_not_begun_when_half_of_the_time_is_over(fake_mail, monkeypatch):
    """It was surely not taken, and is tried again unmarked; later, nobody would know."""
    answer = fake_mail.answer_recipient

    async def answer_late(to: str) -> str:
        await clock.sleep(0.4)
        return await answer(to)

    monkeypatch.setattr(fake_mail, "answer_recipient", answer_late)
    server = email.Server(
        host="127.0.0.1", port=fake_mail.port, security="plain", user=None, password=None, sender=fake_mail.sender,
        timeout_seconds=0.6,
    )  # fmt: skip
    channel = email.Email(server, links=PageLinks(public_url=None, auth_token=None, secret=None))

    result = await channel.send(a_page())

    assert isinstance(result, Failed)
    assert (result.reason, result.is_permanent) == (FailureReason.UNAVAILABLE, False)
    assert fake_mail.received == []


def a_page():
    return OutgoingPage(
        tenant="acme", delivery_id=new_id(), alert_id=new_id(), channel="email", recipient="user:x",
        address="alice@example.org", is_repeat=False, age_seconds=5.0, severity="critical", title="Disk full",
        description=None, source="generic", labels={}, first_fired_at=datetime(2026, 1, 1, tzinfo=UTC),
        occurrence_count=1,
    )  # fmt: skip
