"""Test pages: a real message with a receipt, once, and no trace of an alert; some bring a code."""

import asyncio
import re

import pytest

from nightowl_alerting import store
from nightowl_alerting.model import Timer
from nightowl_auth import verify_password
from nightowl_common.ids import new_id
from nightowl_testkit.fakes import DroppedReply, Refused

pytestmark = pytest.mark.integration


def to(address):
    """Fits messages to an address."""
    return lambda received: received.to == address


@pytest.fixture
async def ask(scene, outbox):
    """Asks for a test page as query does; returns its id."""

    async def ask(person, channel, purpose="test"):
        page_id = new_id()
        async with outbox.tenant_tx(scene.tenant) as tx:
            await tx.execute(
                "INSERT INTO test_pages (id, user_id, contact_method_id, channel, address, asked_by, purpose) "
                "VALUES ($1, $2, $1, $3, $4, '{}', $5)",
                page_id, person.id, channel, person.over(channel).address, purpose,
            )  # fmt: skip
            timer = Timer(kind="test_page", ref=page_id, tenant=scene.tenant, version=0, due_at=await tx.now())
            await store.upsert_timers(tx, [timer])
        return page_id

    return ask


async def settled(scene, page_id) -> dict:
    """The page, once something has come of it."""
    async with asyncio.timeout(20):
        while True:
            [row] = await scene.rows("SELECT * FROM test_pages WHERE id = $1", page_id)
            if row["settled_at"] is not None:
                return row
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("channel", ["slack_dm", "sms", "phone", "email"])
async def test_a_test_page_goes_out_over_the_real_provider(
    scene, ask, notifier, fake_slack, fake_twilio, fake_mail, channel
):
    """Once, with the provider's id in the receipt; no alert and no delivery is there."""
    await notifier()
    person = await scene.person()

    row = await settled(scene, await ask(person, channel))

    fake = {"slack_dm": fake_slack, "email": fake_mail}.get(channel, fake_twilio)
    heard = [each.text for each in fake.received if each.to == person.over(channel).address]
    assert (row["status"], row["reason"]) == ("sent", None)
    assert row["provider_id"]
    assert len(heard) == 1
    assert "This is a test page" in heard[0]
    assert await scene.rows("SELECT FROM alerts UNION ALL SELECT FROM deliveries") == []


@pytest.mark.parametrize("channel", ["slack_dm", "sms", "phone", "email"])
async def test_a_code_travels_over_the_channel_and_only_its_hash_stays(
    scene, ask, notifier, fake_slack, fake_twilio, fake_mail, db_clock, channel
):
    """It is good for ten minutes from when it went out; no answer is asked for."""
    await notifier()
    person = await scene.person()
    before = await db_clock.now()

    row = await settled(scene, await ask(person, channel, "code"))

    fake = {"slack_dm": fake_slack, "email": fake_mail}.get(channel, fake_twilio)
    [heard] = [each.text for each in fake.received if each.to == person.over(channel).address]
    [code] = set(re.findall(r"(?:\d, ){5}\d" if channel == "phone" else r"\b\d{6}\b(?= is your code)", heard))
    assert await verify_password(row["code_hash"], code.replace(", ", ""))
    assert row["code_hash"].startswith("$argon2id$")
    assert 600 <= (row["expires_at"] - before).total_seconds() < 660
    assert "cknowledge" not in heard
    assert "nightowl_acknowledge" not in str([each.raw for each in fake.received])


async def test_a_code_that_was_surely_not_sent_proves_nothing(scene, ask, notifier, fake_slack):
    """Its hash is gone with it."""
    await notifier()
    person = await scene.person()
    fake_slack.script(Refused("channel_not_found"), when=to(person.slack))

    row = await settled(scene, await ask(person, "slack_dm", "code"))

    assert (row["status"], row["code_hash"]) == ("failed", None)


async def test_what_the_provider_refuses_is_told(scene, ask, notifier, fake_slack):
    """The reason is that of a real page."""
    await notifier()
    person = await scene.person()
    fake_slack.script(Refused("channel_not_found"), when=to(person.slack))

    row = await settled(scene, await ask(person, "slack_dm"))

    assert (row["status"], row["reason"], row["detail"]) == ("failed", "bad_address", "channel_not_found")


async def test_an_answer_that_was_lost_is_told_and_nothing_is_sent_again(scene, ask, notifier, fake_slack, db_clock):
    """It may have arrived: the person sees for themselves."""
    await notifier()
    person = await scene.person()
    fake_slack.script(DroppedReply(), when=to(person.slack))

    row = await settled(scene, await ask(person, "slack_dm"))
    await db_clock.advance(seconds=60)
    another = await settled(scene, await ask(person, "sms"))

    assert (row["status"], another["status"]) == ("unclear", "sent")
    assert len([each for each in fake_slack.received if each.to == person.slack]) == 1


async def test_a_test_page_of_a_process_that_died_is_unclear(scene, ask, notifier, database, fake_slack, db_clock):
    """Its timer ends it; it is not sent again."""
    person = await scene.person()
    page_id = await ask(person, "slack_dm")
    async with database.tenant_tx(scene.tenant) as tx:
        await tx.execute(
            "UPDATE test_pages SET status = 'sending', lease_until = public.clock_now() + interval '30 s' WHERE id = $1",
            page_id,
        )

    await notifier()
    await db_clock.advance(seconds=31)
    row = await settled(scene, page_id)

    assert row["status"] == "unclear"
    assert [each for each in fake_slack.received if each.to == person.slack] == []
