"""Pages to browsers, from the row to what a person reads, and the answer that their notification sends back."""

import aiohttp
import pytest

from nightowl_alerting.model import Timer
from nightowl_alerting.store import upsert_timers
from nightowl_common.ids import new_id
from nightowl_testkit.fakes import DroppedReply, ErrorBeforeAccept, RateLimited

pytestmark = pytest.mark.integration


async def answer(url: str, message) -> tuple[int, dict]:
    """What the notification's button does."""
    address, headers = f"{url}/p/{message.raw['message']['token']}", {"Accept": "application/json"}
    async with aiohttp.ClientSession() as session, session.post(address, headers=headers) as said:
        return said.status, await said.json()


async def test_a_page_comes_to_all_browsers_of_a_person(scene, notifier, fake_push):
    """Under one topic, urgent, for an hour; the push service is told nothing of it."""
    await notifier()
    person, browsers = await scene.person(), [fake_push.subscribe() for _ in range(2)]
    for each in browsers:
        await scene.add_browser(person, each)

    delivery_id = await scene.owe_one(person.over("push"), title="Disk full", description="90 %")

    row = await scene.until(delivery_id, "sent")
    heard = await fake_push.wait_for(2)
    assert {each.to for each in heard} == {each.name for each in browsers}
    assert {each.text for each in heard} == {"CRITICAL Disk full\n90 %"}
    assert {each.delivery_id for each in heard} == {delivery_id}
    headers = heard[0].raw["headers"]
    assert (headers["Topic"], headers["Urgency"], headers["TTL"]) == (delivery_id.hex, "high", "3600")
    assert (row["provider"], await scene.outcomes(delivery_id)) == ("web_push", ["sent"])


async def test_the_button_of_a_notification_acknowledges_and_says_so(scene, served, fake_push):
    """In the person's name; pressed again, it says who has the alert."""
    person = await scene.person()
    await scene.add_browser(person, fake_push.subscribe())
    delivery_id = await scene.owe_one(person.over("push"))
    [message] = await fake_push.wait_for(1)

    first, second = await answer(served, message), await answer(served, message)

    alert = await scene.alert_of(delivery_id)
    words = "Acknowledged. The escalation has stopped. Nobody else will be called."
    assert first == (200, {"words": words, "is_taken": True})
    assert second[0] == 200
    assert f"acknowledged already, by {person.name}" in second[1]["words"]
    assert (alert["status"], alert["acknowledged_by"]["name"]) == ("acknowledged", person.name)
    assert (await scene.delivery(delivery_id))["status"] == "delivered"
    query = "SELECT evidence ->> 'reason' AS reason FROM alert_timeline WHERE alert_id = $1 AND kind = 'acknowledged'"
    assert await scene.rows(query, alert["id"]) == [{"reason": "answered by a notification in a browser"}]


async def test_a_button_that_came_too_late_claims_nothing(scene, served, fake_push):
    """The words are those of the link in a mail, and nothing is taken."""
    person = await scene.person()
    await scene.add_browser(person, fake_push.subscribe())
    delivery_id = await scene.owe_one(person.over("push"))
    [message] = await fake_push.wait_for(1)
    await scene.write(
        "UPDATE deliveries SET created_at = created_at - interval '241 minutes' WHERE id = $1", delivery_id
    )

    status, said = await answer(served, message)

    assert (status, said["is_taken"]) == (410, False)
    assert "has expired" in said["words"]
    assert (await scene.alert_of(delivery_id))["status"] == "firing"


async def test_a_browser_that_is_gone_is_paged_no_more_and_the_next_method_takes_over(
    scene, notifier, fake_push, fake_slack
):
    """Its contact method is unverified, the audit log says by whom, and the page comes over Slack."""
    await notifier()
    person, browser = await scene.person(), fake_push.subscribe()
    method_id = await scene.add_browser(person, browser)
    fake_push.unsubscribe(browser)

    failed = await scene.owe_one(person.over("push"))
    row = await scene.until(failed, "failed")
    await fake_slack.wait_for(lambda received: received.to == person.slack)

    [method] = await scene.rows(
        "SELECT verified_at, gone_at FROM contact_methods JOIN push_subscriptions ON contact_method_id = id WHERE id = $1",
        method_id,
    )
    audited = await scene.rows(
        "SELECT actor ->> 'name' AS by FROM audit_log WHERE action = 'contact_method_ended' AND entity_id = $1",
        person.id,
    )
    assert (row["reason"], await scene.outcomes(failed)) == ("bad_address", ["failed"])
    assert (method["verified_at"], method["gone_at"] is not None) == (None, True)
    assert audited == [{"by": "notifier"}]


async def test_a_browser_that_is_gone_takes_nothing_from_the_others(scene, notifier, fake_push):
    """One that took the page is enough; the gone one is given up all the same."""
    await notifier()
    person, gone, there = await scene.person(), fake_push.subscribe(), fake_push.subscribe()
    method_id = await scene.add_browser(person, gone)
    await scene.add_browser(person, there)
    fake_push.unsubscribe(gone)

    delivery_id = await scene.owe_one(person.over("push"))
    await scene.until(delivery_id, "sent")

    query = "SELECT id FROM contact_methods WHERE kind = 'push' AND user_id = $1 AND verified_at IS NULL"
    assert await scene.rows(query, person.id) == [{"id": method_id}]
    assert [each.to for each in fake_push.received] == [there.name]


async def test_a_push_service_that_is_busy_gets_it_later_and_others_need_not_wait(scene, notifier, fake_push, db_clock):
    """429 and 5xx: the page is tried again, unmarked; no other person's page is held."""
    await notifier()
    one, other, busy, well = await scene.person(), await scene.person(), fake_push.subscribe(), fake_push.subscribe()
    await scene.write(
        "UPDATE users SET phone = NULL, slack_user_id = NULL, email = email || '.x' WHERE id = $1", one.id
    )
    await scene.add_browser(one, busy)
    await scene.add_browser(other, well)
    fake_push.script(RateLimited(20), ErrorBeforeAccept(503), when=lambda received: received.to == busy.name)

    waiting = await scene.owe_one(one.over("push"), severity="warning")
    await scene.until(waiting, "queued", attempts=1)
    at_once = await scene.owe_one(other.over("push"), severity="warning")
    await scene.until(at_once, "sent")
    for attempts in (2, 3):
        await db_clock.advance(seconds=21)
        row = await scene.until(waiting, "queued", "sent", attempts=attempts)

    assert row["status"] == "sent"
    assert await scene.outcomes(waiting) == ["failed", "failed", "sent"]
    assert [each.is_repeat for each in fake_push.received if each.to == busy.name] == [False]


async def test_an_answer_that_was_lost_is_repeated_under_the_same_topic(scene, notifier, fake_push, db_clock):
    """Marked, and with the same delivery id: what waits at the service and what the browser shows is replaced."""
    await notifier()
    person = await scene.person()
    await scene.add_browser(person, fake_push.subscribe())
    fake_push.script(DroppedReply())

    delivery_id = await scene.owe_one(person.over("push"), severity="warning")
    await scene.until(delivery_id, "sending", reason="unclear")
    await db_clock.advance(seconds=16)
    await scene.until(delivery_id, "sent")

    first, second = fake_push.received
    assert (first.is_repeat, second.is_repeat) == (False, True)
    assert first.raw["headers"]["Topic"] == second.raw["headers"]["Topic"] == delivery_id.hex
    assert first.raw["message"]["tag"] == second.raw["message"]["tag"]
    assert await scene.outcomes(delivery_id) == ["unclear", "sent"]


async def test_a_test_page_comes_to_the_one_browser_that_is_tried(scene, notifier, outbox, fake_push):
    """With nothing to acknowledge."""
    await notifier()
    person, tried, other = await scene.person(), fake_push.subscribe(), fake_push.subscribe()
    method_id, page_id = await scene.add_browser(person, tried), new_id()
    await scene.add_browser(person, other)

    async with outbox.tenant_tx(scene.tenant) as tx:
        await tx.execute(
            "INSERT INTO test_pages (id, user_id, contact_method_id, channel, address, asked_by) "
            "VALUES ($1, $2, $3, 'push', $4, '{}')",
            page_id, person.id, method_id, str(method_id),
        )  # fmt: skip
        due = Timer(kind="test_page", ref=page_id, tenant=scene.tenant, version=0, due_at=await tx.now())
        await upsert_timers(tx, [due])

    [heard] = await fake_push.wait_for(1, seconds=10)
    assert (heard.to, heard.raw["message"]["token"]) == (tried.name, None)
    assert heard.text.startswith("This is a test page")


async def test_without_a_key_there_is_no_web_push(scene, notifier, fake_push):
    """The page fails over at once; nothing is sent that no service would take."""
    await notifier(NIGHTOWL_VAPID_KEY="")
    person = await scene.person()
    await scene.add_browser(person, fake_push.subscribe())

    row = await scene.until(await scene.owe_one(person.over("push")), "failed")

    assert row["reason"] == "not_configured"
    assert fake_push.received == []
