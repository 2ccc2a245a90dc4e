"""Twilio's status callbacks over real HTTP, signed as Twilio signs them."""

import aiohttp
import pytest
from litestar.testing import AsyncTestClient
from twilio.request_validator import RequestValidator

from nightowl_common.settings import load_settings
from nightowl_notifier.app import build
from nightowl_notifier.settings import Settings
from nightowl_testkit.fakes import DroppedReply, LateCallback

pytestmark = pytest.mark.integration

PATH = "/api/v1/twilio/status"


async def sent_text(scene, fake_twilio, *steps):
    person = await scene.person()
    fake_twilio.script(*steps, when=lambda received: received.to == person.phone)
    delivery_id = await scene.owe_one(person.over("sms"))
    [message] = await fake_twilio.wait_for(lambda received: received.to == person.phone)
    return delivery_id, message


async def test_a_callback_marks_the_page_delivered(scene, served, fake_twilio):
    """What the carrier confirms is on the delivery."""
    delivery_id, message = await sent_text(scene, fake_twilio)
    await scene.until(delivery_id, "sent")

    answered = await fake_twilio.call_back(message, "delivered")

    row = await scene.delivery(delivery_id)
    assert answered == 204
    assert (row["status"], row["provider_status"]) == ("delivered", "delivered")
    assert "page_delivered" in await scene.timeline(delivery_id)


async def test_a_callback_proves_a_send_whose_answer_was_lost(scene, served, fake_twilio):
    """No look-up and no repeat are needed."""
    delivery_id, _ = await sent_text(scene, fake_twilio, DroppedReply(LateCallback(0.3, "delivered")))

    row = await scene.until(delivery_id, "delivered")

    assert not row["is_repeat"]
    assert await scene.timer(delivery_id) is None
    assert len(await fake_twilio.wait_for(1)) == 1


async def test_late_and_doubled_callbacks_change_nothing(scene, served, fake_twilio):
    """A status only rises in rank."""
    delivery_id, message = await sent_text(scene, fake_twilio)
    await scene.until(delivery_id, "sent")

    answers = [await fake_twilio.call_back(message, word) for word in ("delivered", "sent", "delivered", "odd")]

    assert answers == [204, 204, 204, 204]
    assert (await scene.delivery(delivery_id))["status"] == "delivered"
    assert (await scene.timeline(delivery_id)).count("page_delivered") == 1


async def test_a_callback_of_failure_fails_over(scene, served, fake_twilio, fake_slack):
    """The carrier could not deliver: the next contact method is used."""
    person = await scene.person()
    delivery_id = await scene.owe_one(person.over("sms"))
    [message] = await fake_twilio.wait_for(lambda received: received.to == person.phone)
    await scene.until(delivery_id, "sent")

    await fake_twilio.call_back(message, "undelivered")

    await fake_slack.wait_for(lambda received: received.to == person.slack)
    assert (await scene.delivery(delivery_id))["status"] == "failed"


@pytest.mark.parametrize("change", ["signature", "no signature", "host", "body", "delivery", "query"])
async def test_a_forged_callback_is_refused(scene, served, fake_twilio, change):
    """Both proofs must hold, and the Host header proves nothing."""
    delivery_id, message = await sent_text(scene, fake_twilio)
    await scene.until(delivery_id, "sent")
    url, fields = str(message.raw["StatusCallback"]), {"MessageSid": message.provider_id, "MessageStatus": "failed"}
    if change == "delivery":  # signed by Twilio, but not one of our addresses
        other = await scene.owe_one((await scene.person()).over("sms"))
        url = url.replace(str(delivery_id), str(other))
    signed = url.replace(served, "http://evil.example") if change == "host" else url
    signature = RequestValidator(fake_twilio.auth_token).compute_signature(signed, fields)
    headers = {"X-Twilio-Signature": "nonsense" if change == "signature" else signature}
    headers |= {"Host": "evil.example"} if change == "host" else {}
    if change == "no signature":
        headers = {}
    body = {**fields, "MessageStatus": "undelivered"} if change == "body" else fields
    url += "&more=1" if change == "query" else ""

    status = await post(url, body, headers)

    assert status == 403
    assert (await scene.delivery(delivery_id))["status"] == "sent"


@pytest.mark.parametrize("missing", ["TWILIO", "NIGHTOWL_PUBLIC_URL"])
async def test_without_a_secret_or_an_address_every_callback_is_refused(servers, fake_twilio, missing):
    """What cannot be verified is not believed."""
    full = {**servers.environment, **fake_twilio.environment, "NIGHTOWL_PUBLIC_URL": "http://public.example"}
    app = build(load_settings(Settings, {key: value for key, value in full.items() if not key.startswith(missing)}))
    fields = {"MessageStatus": "delivered"}
    signature = RequestValidator(fake_twilio.auth_token).compute_signature(f"http://public.example{PATH}", fields)

    async with AsyncTestClient(app) as client:
        answer = await client.post(PATH, data=fields, headers={"X-Twilio-Signature": signature})

    assert answer.status_code == 403
    assert answer.json()["code"] == "bad_signature"


async def test_an_oversized_body_is_refused(servers, fake_twilio):
    """The cap is enforced before anything is parsed."""
    app = build(load_settings(Settings, {**servers.environment, **fake_twilio.environment}))

    async with AsyncTestClient(app) as client:
        answer = await client.post(PATH, content=b"a=" + b"x" * 100_000)

    assert answer.status_code == 413


async def test_health_says_what_works(served):
    """Ready means: database, bus, every consumer, hints and the due loop."""
    async with aiohttp.ClientSession() as session, session.get(f"{served}/readyz") as answer:
        assert answer.status == 200
        assert await answer.json() == {"status": "ready", "failing": {}}


async def post(url: str, fields: dict, headers: dict) -> int:
    async with aiohttp.ClientSession() as session, session.post(url, data=fields, headers=headers) as answer:
        return answer.status
