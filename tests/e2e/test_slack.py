"""Stories of answering in Slack: buttons, forms and commands, over real processes."""

import pytest

from nightowl_testkit.builders import ALICE, BOB, an_alertmanager_alert, an_alertmanager_payload
from nightowl_testkit.fakes import SlackUser
from nightowl_testkit.fakes.slack_user import button_of, words_of
from nightowl_testkit.story import page

pytestmark = pytest.mark.e2e


@pytest.fixture
def at_slack(fake_slack, processes):
    """Somebody at their Slack; requests reach either replica."""

    def sit(person, service="notifier"):
        return SlackUser(fake_slack, processes.url(service), person.slack_user_id)

    return sit


def firing(**labels):
    return an_alertmanager_payload(an_alertmanager_alert(labels=labels))


def value_in(received, action, *, tenant):
    """What the button of a message that really went out carries."""
    value = button_of(received.raw, action)
    assert (value or "").startswith(f"{tenant}:"), received.raw
    return value


async def test_the_button_of_a_page_stops_the_escalation(story, client, team, fake_slack, at_slack):
    """Alice presses acknowledge in her message; Bob, who was due in five minutes, sleeps on."""
    await story.fires(firing())
    [received] = await story.want(page(to=ALICE.slack_user_id, via="slack_dm", contains="DiskFull"))

    await at_slack(ALICE).presses(
        "nightowl_acknowledge", value_in(received, "nightowl_acknowledge", tenant=team.tenant)
    )

    [told] = await fake_slack.rooms.wait_for_responses()
    assert told["text"].startswith("Acknowledged. The escalation has stopped.")
    await story.at(hours=2)
    await story.want_nothing_more()
    alert = await client.alert(story.alert_id)
    assert (alert.status, alert.escalation_state) == ("acknowledged", "stopped")
    assert await client.unaccounted() == []


async def test_escalate_pages_the_backup_at_once_and_only_once(story, client, team, fake_slack, at_slack):
    """Alice passes it on, twice, at both replicas; Bob is paged now and Carol when Bob's time is over."""
    await story.fires(firing())
    [received] = await story.want(page(to=ALICE.slack_user_id, via="slack_dm"))
    value = value_in(received, "nightowl_escalate", tenant=team.tenant)

    await at_slack(ALICE).presses("nightowl_escalate", value)
    await story.want(page(to=BOB.slack_user_id, via="slack_dm"), page(to=BOB.phone, via="sms"))
    await at_slack(ALICE, "notifier-2").presses("nightowl_escalate", value)

    told = await fake_slack.rooms.wait_for_responses(2)
    assert told[0]["text"].startswith("Escalated. The next tier is paged now.")
    assert told[1]["text"].startswith("The next tier was paged already.")
    await story.want_nothing_more()
    assert (await client.alert(story.alert_id)).status == "firing"


async def test_a_night_in_slack_ends_with_an_entry_in_the_knowledge_base(story, client, team, fake_slack, at_slack):
    """Who is on call, resolve with what helped, keep it, and find it again."""
    alice = at_slack(ALICE, "notifier-2")
    await story.fires(firing(instance="slack-night"))
    [received] = await story.want(page(to=ALICE.slack_user_id, via="slack_dm"))

    on_call = await alice.types("/nightowl", f"@{team.tenant} oncall")
    await alice.presses("nightowl_resolve", value_in(received, "nightowl_resolve", tenant=team.tenant))
    asked = await alice.sends_form(fake_slack.rooms.forms[-1], resolution="Rotated the logs", remember=True)
    kept = await alice.sends_form(asked.body["view"], title="Disk full by logs")
    found = await alice.types("/nightowl", f"@{team.tenant} search logs")

    assert "*Platform*\nAlice" in on_call.words
    assert kept.body == {"response_action": "clear"}
    assert "*Disk full by logs*" in words_of(found.body)
    assert "What helped: Rotated the logs" in words_of(found.body)
    await story.at(hours=2)
    await story.want_nothing_more()
    assert (await client.alert(story.alert_id)).status == "resolved"
    assert await client.unaccounted() == []
