"""Stories of reaching people: calls, texts, mails and posts, and what they answer. Real processes."""

import asyncio
import json
from uuid import UUID

import aiohttp
import pytest

from nightowl_testkit.builders import ALICE, BOB, an_alertmanager_alert, an_alertmanager_payload, seed_team
from nightowl_testkit.fakes import Refused
from nightowl_testkit.fakes.mail import link_in
from nightowl_testkit.story import page

pytestmark = pytest.mark.e2e

HOOK, ROOM, CARDS, INSIDE = (UUID(int=n) for n in (1, 2, 3, 4))
HOSTILE = (
    "<!channel> @here <https://evil.example|click> </Say><Dial>+1900</Dial> <script>alert(1)</script> 🔥 \u202eevil\u202c "
    + "x" * 9_800
)


def tier(*targets: str, via: str) -> dict:
    return {"timeout_minutes": 5, "notify_via": via.split(), "targets": list(targets)}


@pytest.fixture
async def team(database, tenant, fake_hooks, tiers):
    """The usual people behind the test's own tiers, and four endpoints."""
    rows = [
        (HOOK, "hook", "webhook", fake_hooks.address("webhook", tenant), "whsec_c2VjcmV0"),
        (ROOM, "room", "mattermost", fake_hooks.address("mattermost", tenant), None),
        (CARDS, "cards", "teams", fake_hooks.address("teams", tenant), None),
        (INSIDE, "inside", "webhook", "https://169.254.169.254/latest", "whsec_c2VjcmV0"),
    ]
    async with database.tenant_tx(tenant) as tx:
        await tx.executemany("INSERT INTO endpoints (id, name, kind, url, secret) VALUES ($1, $2, $3, $4, $5)", rows)
    return await seed_team(database, tenant, tiers=tiers)


def firing(title: str = "DiskFull"):
    alert = an_alertmanager_alert(name=title)
    alert["annotations"] = {"summary": title, "description": title}
    return an_alertmanager_payload(alert)


CALL_THEN_TEXT = [tier("oncall_primary", via="phone"), tier("oncall_backup", via="sms")]


@pytest.mark.parametrize("tiers", [CALL_THEN_TEXT], ids=["call, then text"])
async def test_a_call_that_is_answered_with_one_stops_the_escalation(story, client, fake_twilio):
    """Alice hears what is wrong and presses 1; Bob sleeps."""
    await story.fires(firing())
    [call] = await story.want(page(to=ALICE.phone, via="phone", contains="DiskFull"))

    heard = await fake_twilio.press(call, "1")

    assert heard.words == "Acknowledged. The escalation has stopped."
    await story.at(hours=2)
    await story.want_nothing_more()
    alert = await client.alert(story.alert_id)
    assert (alert.status, alert.escalation_state) == ("acknowledged", "stopped")
    assert await client.unaccounted() == []


@pytest.mark.parametrize("tiers", [CALL_THEN_TEXT], ids=["call, then text"])
async def test_a_call_that_is_answered_with_two_pages_the_next_tier_and_its_text_is_answered(
    story, client, fake_twilio, processes
):
    """Alice passes it on, Bob texts ACK: nobody waits for a time-out."""
    await story.fires(firing())
    [call] = await story.want(page(to=ALICE.phone, via="phone"))

    assert (await fake_twilio.press(call, "2")).words == "Escalated. The next tier is paged now."
    [text] = await story.want(page(to=BOB.phone, via="sms", contains="DiskFull"))
    code = text.text.rpartition("(ref ")[2]  # the stories' tenants share their people, so "ack" alone is not clear
    [told] = await fake_twilio.text(f"{processes.url('notifier-2')}/api/v1/twilio/sms", BOB.phone, f"ack {code}")

    assert told.startswith("Acknowledged. The escalation has stopped.")
    await story.at(hours=1)
    await story.want_nothing_more()
    assert (await client.alert(story.alert_id)).status == "acknowledged"
    assert await client.unaccounted() == []


@pytest.mark.parametrize("tiers", [[tier("oncall_primary", via="email")]], ids=["mail"])
async def test_opening_the_link_in_a_mail_changes_nothing_and_its_button_acknowledges(story, client):
    """The mail scanner has opened it before Alice does."""
    await story.fires(firing())
    [mail] = await story.want(page(to=ALICE.email, via="email", contains="DiskFull"))

    async with aiohttp.ClientSession() as session:
        async with session.get(link_in(mail)) as looked:
            assert (looked.status, "<form" in await looked.text()) == (200, True)
        assert (await client.alert(story.alert_id)).status == "firing"
        async with session.post(link_in(mail)) as pressed:
            assert "Acknowledged. The escalation has stopped." in await pressed.text()

    await story.want_nothing_more()
    assert (await client.alert(story.alert_id)).status == "acknowledged"


@pytest.mark.parametrize("tiers", [[tier("oncall_primary", via="phone")]], ids=["call"])
async def test_dead_contact_methods_fail_over_one_by_one_down_to_mail(story, fake_slack, fake_twilio):
    """The number cannot be called, Slack does not know her, the text is refused: Alice has a mail within seconds."""
    fake_twilio.script(Refused("21214"), Refused("21614"), when=lambda received: received.to == ALICE.phone)
    not_known = Refused("user_not_found")  # whatever comes: an edit that an earlier test left must not use it up
    fake_slack.script(not_known, when=lambda received: received.to == ALICE.slack_user_id, forever=True)

    await story.fires(firing())

    await story.want(page(to=ALICE.email, via="email", contains="DiskFull"))
    await story.want_nothing_more()


@pytest.mark.parametrize(
    "tiers", [[tier(f"endpoint:{INSIDE}", via="webhook"), tier("oncall_backup", via="sms")]], ids=["inside"]
)
async def test_an_endpoint_that_may_not_be_called_pages_the_next_tier_at_once(story, client):
    """Nothing is posted to a metadata service, and nobody waits five minutes for it."""
    await story.fires(firing())

    await story.want(page(to=BOB.phone, via="sms"))
    await story.want_nothing_more()
    [refused] = [each for each in await client.deliveries(story.alert_id) if each.channel == "webhook"]
    assert refused.status == "failed"


@pytest.mark.parametrize(
    "tiers",
    [
        [
            tier(
                "oncall_primary", f"endpoint:{HOOK}", f"endpoint:{ROOM}", f"endpoint:{CARDS}",
                via="slack_dm sms phone email",
            )
        ]
    ],
    ids=["everything"],
)  # fmt: skip
async def test_hostile_text_arrives_harmless_over_every_channel(story, client, tenant):
    """Seven channels, one alert that tries them all."""
    await story.fires(firing(HOSTILE))

    slack, sms, call, mail, hook, room, cards = await story.want(
        page(to=ALICE.slack_user_id, via="slack_dm"),
        page(to=ALICE.phone, via="sms"),
        page(to=ALICE.phone, via="phone"),
        page(to=ALICE.email, via="email"),
        page(to=f"/webhook/{tenant}", via="webhook"),
        page(to=f"/mattermost/{tenant}", via="mattermost"),
        page(to=f"/teams/{tenant}", via="teams"),
    )
    await story.want_nothing_more()

    assert "<!channel>" not in json.dumps(slack.raw)
    assert len(sms.text) <= 320
    assert sms.text.replace("\n", "").isprintable()
    assert "<Dial>" not in str(call.raw["Twiml"])
    assert "<script>" not in mail.raw["html"]
    assert json.loads(hook.raw["body"])["title"].startswith("<!channel> @here")
    assert "<!channel>" not in room.text
    assert "@here" not in room.text
    assert "://" not in room.text
    assert len(cards.raw["body"]) < 28_000
    assert await client.unaccounted() == []


@pytest.mark.parametrize("tiers", [[tier("oncall_primary", via="sms")]], ids=["subscribed"])
async def test_a_subscriber_hears_of_an_alert_from_its_opening_to_its_end_once_each(story, client, tenant, fake_hooks):
    """Also of the page in between; and hears the first one again when somebody asks for it."""
    path = f"/webhook/events-{tenant}"
    endpoint = {"name": "events", "kind": "webhook", "url": f"{fake_hooks.url}{path}"}
    endpoint_id = (await client.call("POST", "/endpoints", body=endpoint)).json()["endpoint"]["id"]
    wanted = {"name": "events", "endpoint_id": endpoint_id, "event_types": ["alert.*", "delivery.sent"]}
    subscription = (await client.call("POST", "/webhook-subscriptions", body=wanted)).json()
    log = f"/webhook-subscriptions/{subscription['id']}/deliveries"

    await story.fires(firing(HOSTILE))
    await story.want(page(to=ALICE.phone, via="sms"))
    await story.acknowledges()
    await story.resolves()
    await story.want_nothing_more()
    listed = await until_sent(client, log, 5)
    first = next(each for each in listed if each["event_type"] == "alert.opened")
    replayed = (await client.call("POST", f"/webhook-deliveries/{first['id']}/replay")).json()
    await until_sent(client, log, 6)

    posts = [each for each in fake_hooks.received if each.to == path]
    bodies = {str(each.delivery_id): each.raw["body"] for each in posts}
    types = ["alert.acknowledged", "alert.escalated", "alert.opened", "alert.resolved", "delivery.sent"]
    assert sorted(each["event_type"] for each in listed) == types
    assert len(posts) == len(bodies) == 6
    assert bodies[replayed["id"]] == bodies[first["id"]]
    assert json.loads(bodies[first["id"]])["data"]["title"].startswith("<!channel> @here")
    assert await client.unaccounted() == []


async def until_sent(client, log, count):
    """What was posted to a subscription, once it is so many and all are sent."""
    async with asyncio.timeout(15):
        while True:
            listed = (await client.call("GET", log)).json()["items"]
            if len(listed) >= count and {each["status"] for each in listed} == {"sent"}:
                return listed
            await asyncio.sleep(0.05)
