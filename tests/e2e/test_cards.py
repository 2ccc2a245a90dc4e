"""Stories of what Slack shows: whoever changes an alert, its messages show it, and its thread tells it. Real processes."""

import asyncio
import secrets

import pytest

from nightowl_testkit.builders import ALICE, BOB, an_alertmanager_alert, an_alertmanager_payload, seed_team
from nightowl_testkit.fakes import RateLimited
from nightowl_testkit.story import page

pytestmark = pytest.mark.e2e


def tier(*targets: str, via: str) -> dict:
    return {"timeout_minutes": 5, "notify_via": via.split(), "targets": list(targets)}


@pytest.fixture
def room() -> str:
    return f"C{secrets.token_hex(4).upper()}"


@pytest.fixture
async def team(database, tenant, room):
    """Tier 1 is a room and Alice, by message and text; tier 2 is the room again and Bob."""
    tiers = [
        tier("oncall_primary", via="slack_channel slack_dm sms"),
        tier("oncall_backup", via="slack_channel sms"),
    ]
    seeded = await seed_team(database, tenant, tiers=tiers)
    async with database.tenant_tx(tenant) as tx:
        await tx.execute("UPDATE tenant_config SET slack_channel = $1", room)
    return seeded


def firing(**changes):
    return an_alertmanager_payload(an_alertmanager_alert(**changes))


def shows(slack, to: str, alert_id, *texts: str) -> bool:
    """Whether each message of an alert shows all of these."""
    ours = [
        each
        for each in slack.messages(to)
        if each["metadata"]["event_payload"].get("alert_id") == str(alert_id)
    ]  # fmt: skip
    return bool(ours) and all(text in str(each) for each in ours for text in texts)


def thread(slack, to: str) -> list[str]:
    """What the thread of a room's first message says, a line for each reply."""
    messages = slack.messages(to)
    return [each["text"].splitlines()[0] for each in slack.thread(to, messages[0])] if messages else []


async def rests(database, tenant) -> None:
    """Nothing is owed to Slack's messages: no lease is cut short when the clock is moved."""
    async with asyncio.timeout(60):
        while True:
            async with database.global_tx() as tx:
                query = "SELECT count(*) FROM public.timers WHERE kind = 'card' AND tenant = $1"
                if not await tx.fetchval(query, tenant):
                    return
            await asyncio.sleep(0.05)


async def first_pages(story, room):
    return await story.want(
        page(to=room, via="slack_channel"),
        page(to=ALICE.slack_user_id, via="slack_dm"),
        page(to=ALICE.phone, via="sms"),
    )


async def test_an_acknowledgement_over_the_api_edits_every_message_and_the_thread_tells_it(story, fake_slack, room):
    """What the page said a minute ago is not what is so now."""
    await story.fires(firing())
    await first_pages(story, room)

    await story.acknowledges()

    await fake_slack.until(lambda: shows(fake_slack, room, story.alert_id, "*Acknowledged* by"))
    await fake_slack.until(lambda: shows(fake_slack, ALICE.slack_user_id, story.alert_id, "*Acknowledged* by"))
    await fake_slack.until(lambda: [each[:15] for each in thread(fake_slack, room)] == ["✋ Acknowledged "])
    await story.want_nothing_more()
    assert "nightowl_acknowledge" not in str(fake_slack.messages(room)[0])


async def test_an_acknowledgement_by_text_edits_the_messages_too(story, fake_slack, fake_twilio, processes, room):
    """Alice answers the text; the room sees that she has it."""
    await story.fires(firing())
    _, _, text = await first_pages(story, room)

    code = text.text.rpartition("(ref ")[2]
    url = f"{processes.url('notifier')}/api/v1/twilio/sms"
    [told] = await fake_twilio.text(url, ALICE.phone, f"ack {code}")

    assert told.startswith("Acknowledged.")
    await fake_slack.until(lambda: shows(fake_slack, room, story.alert_id, "*Acknowledged* by Alice"))
    await fake_slack.until(lambda: thread(fake_slack, room) == ["✋ Acknowledged by Alice."])
    await story.want_nothing_more()


async def test_a_night_in_one_thread(story, client, fake_slack, room, database, tenant):
    """Nobody answers, the room is paged again; somebody comments and resolves; it comes back; the source ends it."""
    await story.fires(firing())
    await first_pages(story, room)
    await rests(database, tenant)
    await story.at(minutes=5, seconds=2)
    await story.want(page(to=room, via="slack_channel"), page(to=BOB.phone, via="sms"))
    await client.call("POST", f"/alerts/{story.alert_id}/comments", body={"text": "the disk is full"})
    await client.resolve(story.alert_id, resolution="grew it")
    await fake_slack.until(lambda: shows(fake_slack, room, story.alert_id, "*Resolved* by", "grew it"))
    await client.call("PATCH", f"/alerts/{story.alert_id}/reopen", body={})
    await first_pages(story, room)
    await story.fires(firing(status="resolved"))

    await fake_slack.until(lambda: shows(fake_slack, room, story.alert_id, "*Resolved* by alertmanager"))
    await fake_slack.until(lambda: thread(fake_slack, room)[-1:] == ["✅ Resolved by alertmanager."])
    await story.want_nothing_more()
    told = thread(fake_slack, room)
    assert [each[0] for each in told if "CRITICAL" not in each] == ["💬", "✅", "🔁", "✅"]
    assert [each["subtype"] for each in fake_slack.messages(room) if "CRITICAL" in each["text"] and "subtype" in each] == [
        "thread_broadcast", "thread_broadcast",
    ]  # fmt: skip
    assert "Add to knowledge base?" in str(fake_slack.messages(room)[-1])
    assert await client.unaccounted() == []


async def test_a_storm_of_changes_and_a_wait_that_slack_asks_for_hold_no_page_up(story, client, team, fake_slack, room):
    """Edits give way: the next alert's pages are there while the first one's message still waits."""
    await story.fires(firing(name="First"))
    await first_pages(story, room)
    fake_slack.script_method("chat.update", *[RateLimited(4)] * 2)
    first = story.alert_id
    for person in (team.alice_id, team.bob_id) * 5:
        await client.call("PATCH", f"/alerts/{first}/assign", body={"assignee_id": str(person)})
    await client.acknowledge(first)

    await story.fires(firing(name="Second"))
    for each in ("slack_channel", "slack_dm", "sms"):
        to = {"slack_channel": room, "slack_dm": ALICE.slack_user_id, "sms": ALICE.phone}[each]
        await story.want(page(to=to, via=each, contains="Second"))

    async with asyncio.timeout(20):
        while not shows(fake_slack, room, first, "*Acknowledged* by"):
            await asyncio.sleep(0.1)
    edits = [each for each in fake_slack.calls if each.method == "chat.update"]
    assert len(edits) < 20
