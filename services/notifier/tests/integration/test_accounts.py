"""A tenant's pages travel over its own provider accounts, and nobody else's requests reach its pages."""

import secrets

import pytest

from nightowl_alerting.credentials import SmtpCredentials, TwilioCredentials, save_credentials
from nightowl_alerting.sealing import MasterKeys, make_master_key
from nightowl_contracts import Actor
from nightowl_notifier.channels.text import short_code
from nightowl_testkit.fakes import Refused

pytestmark = pytest.mark.integration

ADMIN = Actor(kind="user", id="admin", name="Admin")
KEY = make_master_key("accounts")


@pytest.fixture
def environment(environment):
    """The notifier can open what is sealed here."""
    return {**environment, "NIGHTOWL_MASTER_KEYS": KEY, "NIGHTOWL_CALLBACK_SECRET": secrets.token_hex(20)}


@pytest.fixture
def gives(outbox):
    """Stores credentials of a scene's tenant."""

    async def give(scene, kind, content, *, key=KEY):
        async with outbox.tenant_tx(scene.tenant) as tx:
            await save_credentials(tx, scene.tenant, kind, content, MasterKeys.parse(key), actor=ADMIN)

    return give


@pytest.fixture
def an_account(fake_twilio, gives):
    """Gives a scene's tenant a Twilio account; returns its credentials."""

    async def make(scene, **changes):
        given = {
            "account_sid": f"AC{secrets.token_hex(16)}",
            "auth_token": secrets.token_hex(16),
            "from_number": f"+1666{secrets.randbelow(10**7):07d}",
        }
        made = TwilioCredentials(**{**given, **changes})
        fake_twilio.accounts[made.account_sid] = made.auth_token
        await gives(scene, "twilio", made)
        return made

    return make


async def paged(scene, fake_twilio, channel="sms"):
    """A page that went out; returns the person, the delivery and what they received."""
    person = await scene.person()
    delivery_id = await scene.owe_one(person.over(channel))
    await scene.until(delivery_id, "sent")
    [received] = await fake_twilio.wait_for(lambda each: each.to == person.phone)
    return person, delivery_id, received


async def test_a_page_travels_over_the_tenants_own_account(scene, neighbour, served, fake_twilio, an_account):
    """And its neighbour's over the installation's."""
    own = await an_account(scene)

    _, _, ours = await paged(scene, fake_twilio)
    _, _, theirs = await paged(neighbour, fake_twilio)

    assert (ours.raw["From"], theirs.raw["From"]) == (own.from_number, fake_twilio.sender)


async def test_a_number_that_twilio_refuses_is_replaced_by_the_second(scene, served, fake_twilio, an_account):
    """In the same attempt: nobody waits for another."""
    own = await an_account(scene, second_number="+16667654321")
    fake_twilio.script(Refused("21606"), when=lambda each: each.raw["From"] == own.from_number)

    _, delivery_id, received = await paged(scene, fake_twilio)

    assert received.raw["From"] == "+16667654321"
    assert await scene.outcomes(delivery_id) == ["sent"]


async def test_who_has_opted_out_is_not_texted_from_the_second_number(scene, served, fake_twilio, an_account):
    """What stands against the recipient, no other number may get around."""
    await an_account(scene, second_number="+16667654321")
    person = await scene.person()
    fake_twilio.script(Refused("21610"), when=lambda each: each.to == person.phone, forever=True)

    delivery_id = await scene.owe_one(person.over("sms"))
    failed = await scene.until(delivery_id, "failed")

    assert failed["reason"] == "opted_out"
    assert [each for each in fake_twilio.received if each.to == person.phone and each.channel == "sms"] == []


async def test_a_callback_counts_when_the_tenants_own_account_signed_it(
    scene, neighbour, served, fake_twilio, an_account
):
    """The neighbour's signature opens nothing, though it is a genuine one."""
    await an_account(scene)
    theirs = await an_account(neighbour)
    _, delivery_id, received = await paged(scene, fake_twilio)
    url = fake_twilio._callback_urls[received.provider_id]
    fields = {"MessageSid": received.provider_id, "MessageStatus": "delivered"}

    refused, _ = await fake_twilio._post(url, fields, account=theirs.account_sid)
    still = await scene.delivery(delivery_id)
    taken = await fake_twilio.call_back(received, "delivered")

    assert (refused, still["status"]) == (403, "sent")
    assert taken == 204
    assert (await scene.delivery(delivery_id))["status"] == "delivered"


async def test_a_key_in_a_call_of_the_tenants_own_account_acknowledges(scene, served, fake_twilio, an_account):
    """As over the installation's."""
    await an_account(scene)
    _, delivery_id, call = await paged(scene, fake_twilio, "phone")

    heard = await fake_twilio.press(call, "1")

    assert heard.words.startswith("Acknowledged.")
    assert (await scene.alert_of(delivery_id))["status"] == "acknowledged"


async def test_a_reply_counts_at_the_number_that_paged(scene, neighbour, served, fake_twilio, an_account):
    """At another tenant's number and at the installation's, the same person's code means nothing."""
    ours, theirs = await an_account(scene), await an_account(neighbour)
    person, delivery_id, _ = await paged(scene, fake_twilio)
    url, words = f"{served}/api/v1/twilio/sms", f"ACK {short_code(delivery_id)}"

    at_theirs = await fake_twilio.text(url, person.phone, words, to=theirs.from_number, account=theirs.account_sid)
    at_shared = await fake_twilio.text(url, person.phone, words)
    still = (await scene.alert_of(delivery_id))["status"]
    [at_ours] = await fake_twilio.text(url, person.phone, words, to=ours.from_number, account=ours.account_sid)

    assert at_theirs == at_shared == ["No page to this number has that code."]
    assert still == "firing"
    assert at_ours.startswith("Acknowledged.")


async def test_who_claims_a_number_of_somebody_else_gains_nothing(scene, neighbour, served, fake_twilio, an_account):
    """The number is a claim; the signature decides."""
    ours = await an_account(scene)
    thief = await an_account(neighbour, from_number=ours.from_number)
    person, delivery_id, _ = await paged(scene, fake_twilio)
    url, words = f"{served}/api/v1/twilio/sms", f"ACK {short_code(delivery_id)}"

    stolen = await fake_twilio.text(url, person.phone, words, to=ours.from_number, account=thief.account_sid)
    [told] = await fake_twilio.text(url, person.phone, words, to=ours.from_number, account=ours.account_sid)

    assert stolen == ["No page to this number has that code."]
    assert told.startswith("Acknowledged.")


async def test_an_account_that_cannot_be_opened_fails_over_and_lends_no_other(scene, notifier, fake_twilio, gives):
    """The installation's account never speaks for a tenant that has its own."""
    own = TwilioCredentials(account_sid="AC1", auth_token="token-of-the-tenant", from_number="+16660000001")
    await gives(scene, "twilio", own, key=make_master_key("lost"))
    person = await scene.person()
    await notifier()

    delivery_id = await scene.owe_one(person.over("sms"))
    failed = await scene.until(delivery_id, "failed")

    assert failed["reason"] == "not_configured"
    assert [each for each in fake_twilio.received if each.to == person.phone] == []
    others = await scene.rows("SELECT channel FROM deliveries WHERE alert_id = $1", failed["alert_id"])
    assert {each["channel"] for each in others} > {"sms"}


@pytest.mark.parametrize("hosts", ["127.0.0.1", ""])
async def test_a_mail_server_that_a_tenant_chose_must_be_a_public_one(scene, notifier, fake_mail, gives, hosts):
    """Or on the operator's list of hosts; else nothing is connected to."""
    own = SmtpCredentials(host="127.0.0.1", port=fake_mail.port, security="none", from_address="own@acme.example")
    await gives(scene, "smtp", own)
    person = await scene.person()
    await notifier(NIGHTOWL_WEBHOOK_HOSTS=hosts)

    delivery_id = await scene.owe_one(person.over("email"))
    settled = await scene.until(delivery_id, "sent", "failed")
    mails = [each for each in fake_mail.received if each.to == person.email]

    if hosts:
        assert [dict(each.raw["headers"])["From"] for each in mails] == ["NightOwl <own@acme.example>"]
    else:
        assert (settled["status"], settled["reason"], mails) == ("failed", "not_configured", [])
