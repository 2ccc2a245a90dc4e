"""Mentions, direct messages, and the end of an installation."""

import pytest
from prometheus_client import REGISTRY

from nightowl_testkit.fakes import SlackUser
from nightowl_testkit.fakes.slack_user import words_of

pytestmark = pytest.mark.integration


@pytest.fixture
async def person(scene):
    return await scene.person()


@pytest.fixture
def user(served, fake_slack, person):
    return SlackUser(fake_slack, served, person.slack)


async def test_a_mention_is_answered_as_a_command_to_one_person_alone(scene, user, person, fake_slack):
    """In a room others read along: they do not see it."""
    heard = await user.says(f"<@U0BOT> @{scene.tenant} oncall", thread_ts="1.000001")

    assert heard.status == 200
    [whisper] = fake_slack.rooms.whispers
    assert (whisper["user"], whisper["channel"], whisper["thread_ts"]) == (person.slack, "C0ROOM", "1.000001")
    assert "There are no rosters yet." in words_of(whisper)


async def test_a_direct_message_is_answered_where_it_was_sent(scene, user, fake_slack):
    """Help for what is not known."""
    await user.says("hello", channel="D0ROOM", channel_type="im")

    [message] = fake_slack.messages("D0ROOM")
    assert "“hello” is not known here." in words_of(message)


async def test_an_event_that_slack_tries_again_is_answered_once(scene, user, fake_slack):
    """Each try is signed anew: the event's id tells."""
    happened = {"type": "app_mention", "user": user.user, "text": "<@U0BOT> help", "channel": "C0ROOM"}
    body = user.event(happened).body
    tries = [
        user.signed("/api/v1/slack/events", body, content_type="application/json", age_seconds=n) for n in (2, 1, 0)
    ]

    heard = [await user.sends(each) for each in tries]

    assert [each.status for each in heard] == [200, 200, 200]

    assert len(fake_slack.rooms.whispers) == 1


@pytest.mark.parametrize(
    "event",
    [
        {"bot_id": "B0OTHER"},
        {"user": "U0BOT"},
        {"subtype": "message_changed", "channel_type": "im"},
        {"type": "message", "channel_type": "channel"},
        {"type": "team_join", "user": {"id": "U0NEW"}},
    ],
    ids=str,
)
async def test_what_nobody_said_to_us_is_not_answered(user, fake_slack, event):
    """Bots, ourselves, edits, rooms that we only sit in, other events: two machines must not talk for ever."""
    assert (await user.says("<@U0BOT> help", **event)).status == 200

    assert fake_slack.rooms.whispers == []
    assert fake_slack.messages("C0ROOM") == []


@pytest.mark.parametrize("kind", ["app_uninstalled", "tokens_revoked"])
async def test_the_end_of_an_installation_is_noted_and_no_error(user, kind):
    """A count that an alarm can watch."""

    def count():
        return REGISTRY.get_sample_value("nightowl_slack_left_total", {"event": kind}) or 0

    before = count()

    assert (await user.sends(user.event({"type": kind, "tokens": {"bot": ["U0BOT"]}}))).status == 200
    assert count() == before + 1
