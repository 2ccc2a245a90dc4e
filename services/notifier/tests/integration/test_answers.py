"""Answers by phone and by text message, over real HTTP, signed as Twilio signs them."""

import pytest
from litestar.testing import AsyncTestClient
from twilio.request_validator import RequestValidator

from nightowl_common.db import DatabaseUnavailableError
from nightowl_common.settings import load_settings
from nightowl_notifier.app import build
from nightowl_notifier.channels.text import short_code
from nightowl_notifier.settings import Settings
from nightowl_testkit.fakes import DroppedReply

pytestmark = pytest.mark.integration

HOSTILE = 'Disk </Say><Dial>+1900</Dial> & "full"\x07\x1b[31m 🔥 \u202eevil\u202c ' + "x" * 10_000


async def called(scene, fake_twilio, *steps, person=None, **alert):
    person = person or await scene.person()
    fake_twilio.script(*steps, when=lambda received: received.to == person.phone)
    [delivery_id] = await scene.owe(person.over("phone"), alert=await scene.alert(**alert))
    return person, delivery_id, await call_with(fake_twilio, delivery_id)


async def call_with(fake_twilio, delivery_id):
    [call] = await fake_twilio.wait_for(lambda received: received.delivery_id == delivery_id)
    return call


async def texted(scene, fake_twilio, *, person=None, **alert):
    person = person or await scene.person()
    [delivery_id] = await scene.owe(person.over("sms"), alert=await scene.alert(**alert))
    await scene.until(delivery_id, "sent", "delivered")
    return person, delivery_id


async def test_a_call_says_what_is_wrong_and_asks(scene, served, fake_twilio):
    """Severity, title, and what the keys mean."""
    _, delivery_id, call = await called(scene, fake_twilio, title="Disk full on db1")

    assert call.channel == "phone"
    assert call.text.startswith("NightOwl: critical alert. Disk full on db1. Press 1")
    assert (await scene.until(delivery_id, "sent"))["provider_id"] == call.provider_id


async def test_hostile_text_is_only_ever_spoken(scene, served, fake_twilio):
    """Markup is no TwiML, control characters and symbols are gone, and it ends."""
    _, _, call = await called(scene, fake_twilio, title=HOSTILE)

    assert "<Dial>" not in str(call.raw["Twiml"])
    assert 'Disk </Say><Dial>+1900</Dial> & "full"' in call.text
    assert not set("\x07\x1b🔥\u202e") & set(call.text)
    assert len(call.raw["Twiml"]) < 4_000


@pytest.mark.parametrize("how", ["1", "acknowledge", "One."])
async def test_one_acknowledges_in_the_persons_name(scene, served, fake_twilio, how):
    """The timer and what is unsent are gone in the same commit."""
    person, delivery_id, call = await called(scene, fake_twilio)
    await scene.until(delivery_id, "sent")

    heard = await (fake_twilio.press(call, how) if how == "1" else fake_twilio.speak(call, how))

    alert = await scene.alert_of(delivery_id)
    assert heard.words == "Acknowledged. The escalation has stopped."
    assert heard.answer_url is None
    assert (alert["status"], alert["acknowledged_by"]["name"]) == ("acknowledged", person.name)
    assert alert["acknowledged_by"]["kind"] == "user"
    assert await scene.escalation_due(alert["id"]) is None
    assert (await scene.delivery(delivery_id))["status"] == "delivered"


async def test_two_pages_the_next_tier_at_once_and_only_once(scene, served, fake_twilio):
    """A second press, or the same request again, skips nobody."""
    _, delivery_id, call = await called(scene, fake_twilio)
    alert = await scene.alert_of(delivery_id)

    heard = await fake_twilio.press(call, "2")

    assert heard.words == "Escalated. The next tier is paged now."
    assert await scene.escalation_due(alert["id"]) <= await scene.now()
    await scene.rows("UPDATE alerts SET tier = 2 WHERE id = $1 RETURNING id", alert["id"])  # what escalation does then
    again = await replay(fake_twilio, call, "2")
    assert "The next tier was paged already." in again


async def test_an_acknowledgement_that_comes_again_says_who_has_it(scene, served, fake_twilio):
    """Twilio may ask twice; the alert is taken once."""
    person, delivery_id, call = await called(scene, fake_twilio)
    await fake_twilio.press(call, "1")

    again = await replay(fake_twilio, call, "1")

    assert f"acknowledged already, by {person.name}" in again
    kinds = [
        row["kind"]
        for row in await scene.rows(
            "SELECT kind FROM alert_timeline WHERE alert_id = $1", (await scene.alert_of(delivery_id))["id"]
        )
    ]
    assert kinds.count("acknowledged") == 1


async def replay(fake_twilio, call, digits):
    """The first answer of a call once more, as a doubled request."""
    url = call.raw["Twiml"].split('action="')[1].split('"')[0].replace("&amp;", "&")
    _, body = await fake_twilio._post(url, {"CallSid": call.provider_id, "Digits": digits})
    return body


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"digits": "7"}, "That key means nothing here."),
        ({"digits": ""}, "NightOwl: critical alert. Disk full."),
        ({"speech": "hello"}, "That was not understood."),
        ({"speech": "to leave a message press one after the tone"}, "That was not understood."),
    ],
)
async def test_what_is_no_answer_is_asked_again_and_never_for_ever(scene, served, fake_twilio, answer, said):
    """A mailbox acknowledges nothing, whatever it says; after four turns the call ends."""
    _, delivery_id, call = await called(scene, fake_twilio)

    async def once():
        if "speech" in answer:
            return await fake_twilio.speak(call, answer["speech"])
        return await fake_twilio.press(call, answer["digits"])

    heard = [await once() for _ in range(4)]

    assert heard[0].words.startswith(said)
    assert "Press 1" in heard[0].words
    assert [each.answer_url is None for each in heard] == [False, False, False, True]
    assert heard[3].words == "No answer was given. The escalation goes on. Goodbye."
    assert (await scene.alert_of(delivery_id))["status"] == "firing"


async def test_an_answer_proves_a_call_whose_creation_was_unclear(scene, served, fake_twilio):
    """Who presses a key has been called: no second call."""
    _, delivery_id, call = await called(scene, fake_twilio, DroppedReply())

    await fake_twilio.press(call, "3")

    row = await scene.until(delivery_id, "delivered")
    assert not row["is_repeat"]


@pytest.mark.parametrize(("word", "status"), [("completed", "delivered"), ("no-answer", "failed"), ("busy", "failed")])
async def test_the_end_of_a_call_decides_whether_the_next_method_is_used(scene, served, fake_twilio, word, status):
    """Answered is delivered; a call that nobody takes has failed."""
    _, delivery_id, call = await called(scene, fake_twilio)
    await scene.until(delivery_id, "sent")

    assert await fake_twilio.call_back(call, "ringing") == 204
    assert await fake_twilio.call_back(call, word) == 204

    row = await scene.delivery(delivery_id)
    assert (row["status"], row["provider_status"]) == (status, word)


async def test_while_the_database_is_away_the_question_is_asked_again(scene, served, fake_twilio, monkeypatch):
    """The person hears that nothing was recorded, and may press again."""
    _, delivery_id, call = await called(scene, fake_twilio)

    async def fail(*_args, **_more):
        raise DatabaseUnavailableError

    with monkeypatch.context() as patch:
        patch.setattr("nightowl_alerting.answers.answer", fail)
        heard = await fake_twilio.press(call, "1")
    after = await fake_twilio.press(call, "1")

    assert heard.words.startswith("This could not be recorded just now.")
    assert after.words.startswith("Acknowledged.")
    assert (await scene.alert_of(delivery_id))["status"] == "acknowledged"


async def test_ack_by_text_takes_the_one_open_alert(scene, served, fake_twilio):
    """No code is needed when there is nothing to confuse; the number decides whose page it is."""
    person, delivery_id = await texted(scene, fake_twilio, title="Disk full")

    told = await fake_twilio.text(f"{served}/api/v1/twilio/sms", person.phone, " ack! ")

    alert = await scene.alert_of(delivery_id)
    assert told == ["Acknowledged. The escalation has stopped. (Disk full)"]
    assert (alert["status"], alert["acknowledged_by"]["name"]) == ("acknowledged", person.name)


async def test_several_open_alerts_need_the_code(scene, served, fake_twilio):
    """Which one is for the person to say, and it is said how."""
    person, first = await texted(scene, fake_twilio, title="One")
    _, second = await texted(scene, fake_twilio, person=person, title="Two")
    url = f"{served}/api/v1/twilio/sms"

    asked = await fake_twilio.text(url, person.phone, "ESC")
    told = await fake_twilio.text(url, person.phone, f"ack (ref {short_code(first).lower()})")

    assert asked == [f"2 alerts are open. Reply ESC {short_code(second)} for Two; ESC {short_code(first)} for One"]
    assert told == ["Acknowledged. The escalation has stopped. (One)"]
    assert (await scene.alert_of(second))["status"] == "firing"
    assert (await fake_twilio.text(url, person.phone, "ACK"))[0].endswith("(Two)")


async def test_one_number_in_two_tenants_is_never_guessed(scene, neighbour, served, fake_twilio):
    """The newest is not the one that is meant."""
    person, here = await texted(scene, fake_twilio, title="Here")
    twin = await neighbour.person(phone=person.phone)
    _, there = await texted(neighbour, fake_twilio, person=twin, title="There")
    url = f"{served}/api/v1/twilio/sms"

    [asked] = await fake_twilio.text(url, person.phone, "ACK")
    [told] = await fake_twilio.text(url, person.phone, f"ACK {short_code(there)}")

    assert asked.startswith("2 alerts are open.")
    assert told.endswith("(There)")
    assert (await scene.alert_of(here))["status"] == "firing"
    assert (await neighbour.alert_of(there))["status"] == "acknowledged"


@pytest.mark.parametrize("owner", ["foreign", "nobody"])
async def test_a_code_opens_only_pages_of_its_own_number(scene, served, fake_twilio, owner):
    """Who has seen somebody's text cannot answer it from another phone."""
    _, delivery_id = await texted(scene, fake_twilio)
    number = (await texted(scene, fake_twilio))[0].phone if owner == "foreign" else "+15550000001"

    told = await fake_twilio.text(f"{served}/api/v1/twilio/sms", number, f"ACK {short_code(delivery_id)}")

    assert told == ["No page to this number has that code."]
    assert (await scene.alert_of(delivery_id))["status"] == "firing"


async def test_a_second_ack_says_who_has_it_and_a_text_that_is_no_answer_is_answered_once(scene, served, fake_twilio):
    """Short ones get the instructions; long ones are machines, and get nothing."""
    person, delivery_id = await texted(scene, fake_twilio)
    url = f"{served}/api/v1/twilio/sms"
    await fake_twilio.text(url, person.phone, "ACK")

    assert await fake_twilio.text(url, person.phone, "ACK") == ["No page to this number is waiting for an answer."]
    [again] = await fake_twilio.text(url, person.phone, f"ACK {short_code(delivery_id)}")
    assert again.startswith(f"This was acknowledged already, by {person.name}.")
    [told] = await fake_twilio.text(url, person.phone, "what?")
    assert told.startswith("Reply ACK")
    assert await fake_twilio.text(url, person.phone, "I am driving and will read your message later on.") == []


@pytest.mark.parametrize("path", ["/api/v1/twilio/voice", "/api/v1/twilio/sms"])
@pytest.mark.parametrize("missing", ["TWILIO", "NIGHTOWL_PUBLIC_URL", "signature"])
async def test_an_answer_that_nobody_signed_is_refused(servers, fake_twilio, path, missing):
    """Also where it cannot be checked."""
    full = {**servers.environment, **fake_twilio.environment, "NIGHTOWL_PUBLIC_URL": "http://public.example"}
    app = build(load_settings(Settings, {key: value for key, value in full.items() if not key.startswith(missing)}))
    fields = {"From": "+15551234567", "Body": "ACK", "Digits": "1"}
    signature = RequestValidator(fake_twilio.auth_token).compute_signature(f"http://public.example{path}", fields)
    headers = {} if missing == "signature" else {"X-Twilio-Signature": signature}

    async with AsyncTestClient(app) as client:
        answer = await client.post(path, data=fields, headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (403, "bad_signature")


async def test_a_signed_voice_request_without_our_address_is_refused(scene, served, fake_twilio):
    """Twilio's signature alone names no delivery."""
    status, _ = await fake_twilio._post(f"{served}/api/v1/twilio/voice?d=acme.nothing", {"Digits": "1"})

    assert status == 403
