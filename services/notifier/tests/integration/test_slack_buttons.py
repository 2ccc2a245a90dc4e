"""Buttons and the forms that they open: acknowledge, escalate, resolve, write into the knowledge base."""

import asyncio

import pytest

from nightowl_testkit.fakes import DroppedReply, SlackUser
from nightowl_testkit.fakes.slack_user import words_of

pytestmark = pytest.mark.integration


@pytest.fixture
def user(served, fake_slack):
    """Somebody at their Slack."""
    return lambda person: SlackUser(fake_slack, served, person.slack)


async def paged(scene, **alert):
    """Somebody with a page in their Slack; returns them, the delivery, and what its buttons carry."""
    person = await scene.person()
    made = await scene.alert(**alert)
    [delivery_id] = await scene.owe(person.over("slack_dm"), alert=made)
    await scene.until(delivery_id, "sent")
    return person, delivery_id, f"{scene.tenant}:{made.id}:{delivery_id}"


async def told(fake_slack, count=1):
    return words_of((await fake_slack.rooms.wait_for_responses(count))[count - 1])


async def status_of(scene, delivery_id):
    return (await scene.alert_of(delivery_id))["status"]


async def opened(user, person, fake_slack, action, value):
    await user(person).presses(action, value)
    [form] = fake_slack.rooms.forms
    return form


async def entries(scene):
    return await scene.rows("SELECT * FROM incidents")


async def test_the_button_takes_the_alert_in_the_name_of_who_pressed_it(scene, user, fake_slack):
    """Timer and unsent pages are gone in the same commit; whoever pressed is told, and nobody else."""
    person, delivery_id, value = await paged(scene)

    heard = await user(person).presses("nightowl_acknowledge", value)

    assert (heard.status, heard.body) == (200, {})
    assert (await told(fake_slack)).startswith("Acknowledged. The escalation has stopped. (Disk full)")
    [response] = fake_slack.rooms.responses
    assert (response["response_type"], response["replace_original"]) == ("ephemeral", False)
    alert = await scene.alert_of(delivery_id)
    assert (alert["status"], alert["acknowledged_by"]["id"]) == ("acknowledged", str(person.id))
    assert await scene.escalation_due(alert["id"]) is None


async def test_a_colleague_who_presses_has_the_alert(scene, user, fake_slack):
    """A page to a room belongs to who takes it; pressing twice changes nothing."""
    _, _, value = await paged(scene)
    colleague = await scene.person()

    await user(colleague).presses("nightowl_acknowledge", value)
    await user(colleague).presses("nightowl_acknowledge", value)

    assert f"by {colleague.name}" in await told(fake_slack, 2)
    rows = await scene.rows("SELECT actor FROM audit_log WHERE action = 'acknowledge'")
    assert [row["actor"]["id"] for row in rows] == [str(colleague.id)]


async def test_a_press_proves_that_the_page_arrived(scene, user, fake_slack):
    """An attempt whose answer was lost is settled by it, and not sent again."""
    person = await scene.person()
    fake_slack.script(DroppedReply(), when=lambda received: received.to == person.slack)
    alert = await scene.alert()
    [delivery_id] = await scene.owe(person.over("slack_dm"), alert=alert)
    await scene.until(delivery_id, "sending", reason="unclear")

    await user(person).presses("nightowl_acknowledge", f"{scene.tenant}:{alert.id}:{delivery_id}")

    assert (await scene.until(delivery_id, "delivered"))["provider"] == "slack"


async def test_escalate_pages_the_next_tier_once(scene, user, fake_slack):
    """The page escalates its own tier alone: the second press skips nobody."""
    person, delivery_id, value = await paged(scene)
    alert = await scene.alert_of(delivery_id)

    await user(person).presses("nightowl_escalate", value)
    due = await scene.escalation_due(alert["id"])
    await scene.rows("UPDATE alerts SET tier = tier + 1 WHERE id = $1 RETURNING id", alert["id"])
    await user(person).presses("nightowl_escalate", value)

    assert due <= await scene.now()
    assert "The next tier was paged already." in await told(fake_slack, 2)


async def test_a_message_without_a_page_does_not_escalate(scene, user, fake_slack):
    """It could not be told which tier it belongs to."""
    person, delivery_id, _ = await paged(scene)
    alert = await scene.alert_of(delivery_id)

    await user(person).presses("nightowl_escalate", f"{scene.tenant}:{alert['id']}:-")

    assert "belongs to no page" in await told(fake_slack)
    assert await scene.escalation_due(alert["id"]) > await scene.now()


@pytest.mark.parametrize(
    ("action", "value", "words"),
    [
        ("nightowl_dance", "{tenant}:018f5f0e-0000-7000-8000-000000000001:-", "not known any more"),
        ("nightowl_acknowledge", "nonsense", "not known any more"),
        ("nightowl_acknowledge", "{tenant}:018f5f0e-0000-7000-8000-000000000001:-", "not there any more"),
        ("nightowl_resolve", "{tenant}:018f5f0e-0000-7000-8000-000000000001:-", "not there any more"),
        ("nightowl_acknowledge", "no_such:018f5f0e-0000-7000-8000-000000000001:-", "does not serve that tenant"),
    ],
)
async def test_old_buttons_are_answered_plainly(scene, user, fake_slack, action, value, words):
    """Unknown ones, those of alerts that are gone, those of tenants that are gone."""
    heard = await user(await scene.person()).presses(action, value.format(tenant=scene.tenant))

    assert heard.status == 200
    assert words in await told(fake_slack)


async def test_buttons_of_a_resolved_alert_say_so(scene, user, fake_slack, outbox):
    """Nothing is opened, nothing is changed."""
    person, delivery_id, value = await paged(scene)
    await user(person).types("/nightowl", f"@{scene.tenant} resolve done")
    assert await status_of(scene, delivery_id) == "resolved"

    await user(person).presses("nightowl_acknowledge", value)
    await user(person).presses("nightowl_resolve", value)

    assert "This alert is resolved already." in await told(fake_slack, 1)
    assert f"This alert is resolved already, by {person.name}." in await told(fake_slack, 2)
    assert fake_slack.rooms.forms == []


@pytest.mark.parametrize("action", ["acknowledge", "escalate", "resolve", "knowledge"])
async def test_readonly_and_unknown_people_change_nothing(scene, user, fake_slack, database, action):
    """They are told why, no form opens, and the attempt of who is known stands in the audit log."""
    person, delivery_id, value = await paged(scene)
    async with database.tenant_tx(scene.tenant) as tx:
        await tx.execute("UPDATE users SET role = 'readonly' WHERE id = $1", person.id)
    before = await scene.alert_of(delivery_id)

    await user(person).presses(f"nightowl_{action}", value)
    await SlackUser(fake_slack, user(person)._url, "U0STRANGER").presses(f"nightowl_{action}", value)

    assert "Your role in NightOwl is readonly" in await told(fake_slack, 1)
    assert "does not know you" in await told(fake_slack, 2)
    assert fake_slack.rooms.forms == []
    assert await scene.alert_of(delivery_id) == before
    [denied] = await scene.rows("SELECT actor, changes, request_id FROM audit_log WHERE action = 'denied'")
    assert (denied["actor"]["id"], denied["changes"]["asked"]) == (str(person.id), f"nightowl_{action}")
    assert denied["request_id"]


async def test_resolving_asks_what_helped_and_may_go_on_to_the_knowledge_base(scene, user, fake_slack):
    """The entry is prefilled from the alert and the resolution, and written once although it is sent twice."""
    person, delivery_id, value = await paged(
        scene, title="Disk full on db1", description="No space left", labels={"cluster": "eu"}
    )
    form = await opened(user, person, fake_slack, "nightowl_resolve", value)

    heard = await user(person).sends_form(form, resolution="Rotated the logs", remember=True)
    entry = heard.body["view"]
    typed = {"category": "Storage", "tags": "disk,  logs", "root_cause": "Nobody rotated"}
    first, second = await asyncio.gather(*(user(person).sends_form(entry, **typed) for _ in range(2)))

    assert heard.body["response_action"] == "update"
    alert = await scene.alert_of(delivery_id)
    assert (alert["status"], alert["resolution"]) == ("resolved", "Rotated the logs")
    assert {first.body["response_action"], second.body["response_action"]} <= {"clear", "update"}
    [made] = await entries(scene)
    assert (made["title"], made["symptoms"], made["solution"]) == (
        "Disk full on db1", "No space left", "Rotated the logs",
    )  # fmt: skip
    assert (made["category"], made["tags"], made["root_cause"]) == ("Storage", ["disk", "logs"], "Nobody rotated")
    assert (made["fingerprints"], made["clusters"]) == ([alert["fingerprint"]], ["eu"])
    assert (alert["matched_incident_id"], alert["match_kind"]) == (made["id"], "learned")
    [history] = await scene.rows("SELECT actor, action, diff FROM incident_history")
    assert (history["action"], history["actor"]["id"]) == ("created", str(person.id))
    assert history["diff"]["promoted_from"] == [None, str(alert["id"])]
    [audit] = await scene.rows("SELECT actor FROM audit_log WHERE entity = 'incident'")
    assert audit["actor"]["name"] == person.name


async def test_resolving_without_more_closes_the_form(scene, user, fake_slack):
    """And tells who did it; nothing is written into the knowledge base."""
    person, delivery_id, value = await paged(scene)
    form = await opened(user, person, fake_slack, "nightowl_resolve", value)

    heard = await user(person).sends_form(form, resolution="")

    assert heard.body == {"response_action": "clear"}
    assert (await told(fake_slack)).startswith("Resolved: Disk full")
    assert await status_of(scene, delivery_id) == "resolved"
    assert await entries(scene) == []


async def test_a_form_with_mistakes_is_given_back_field_by_field(scene, user, fake_slack):
    """Nothing is written before all is right."""
    person, _, value = await paged(scene)
    form = await opened(user, person, fake_slack, "nightowl_knowledge", value)

    heard = await user(person).sends_form(form, title=" ", tags="x" * 201, severity="apocalyptic")

    assert heard.body == {
        "response_action": "errors",
        "errors": {
            "title": "1 to 500 characters",
            "tags": "at most 100, each of 1 to 200 characters",
            "severity": "one of the list",
        },
    }
    assert await entries(scene) == []


async def test_a_known_problem_is_not_written_twice(scene, user, fake_slack):
    """The button says which entry there is; the form that resolves does not ask."""
    person, _, value = await paged(scene, fingerprint="known", title="Known <!here>")
    form = await opened(user, person, fake_slack, "nightowl_knowledge", value)
    assert (await user(person).sends_form(form)).body == {"response_action": "clear"}
    fake_slack.rooms.forms.clear()

    again = await user(person).sends_form(form)
    await user(person).presses("nightowl_knowledge", value)
    resolving = await opened(user, person, fake_slack, "nightowl_resolve", value)

    assert "has an entry for this: *Known &lt;!here&gt;*" in again.words
    assert "has an entry for this: *Known &lt;!here&gt;*" in await told(fake_slack, 2)
    assert [block["block_id"] for block in resolving["blocks"] if block["type"] == "input"] == ["resolution"]
    assert len(await entries(scene)) == 1


async def test_a_form_that_opens_too_late_is_said(scene, user, fake_slack):
    """Slack's trigger holds for three seconds."""
    person, _, value = await paged(scene)
    fake_slack.rooms.expired_triggers.add("old")

    await user(person).presses("nightowl_resolve", value, trigger="old")

    assert "The form could not be opened in time." in await told(fake_slack)


async def test_a_form_of_another_tenant_is_refused(scene, neighbour, user, fake_slack):
    """What a form remembers is not believed about who may send it."""
    person, delivery_id, value = await paged(scene)
    form = await opened(user, person, fake_slack, "nightowl_resolve", value)
    stranger = await neighbour.person()

    heard = await user(stranger).sends_form(form, resolution="mine now")

    assert "does not know you" in heard.words
    assert await status_of(scene, delivery_id) == "firing"


async def test_kinds_of_interaction_that_are_not_ours_are_taken_quietly(user, scene):
    """Slack would call the app broken otherwise."""
    somebody = user(await scene.person())

    for kind in ("view_closed", "shortcut", "message_action"):
        assert (await somebody.sends(somebody.interaction({"type": kind, "team": {"id": "T0FAKE"}}))).status == 200
