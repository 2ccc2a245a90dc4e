"""The fake Slack, asked by Slack's own client."""

from collections.abc import AsyncIterator
from uuid import uuid4

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from nightowl_testkit.fakes import (
    DroppedReply,
    ErrorAfterAccept,
    ErrorBeforeAccept,
    FakeSlack,
    LateCallback,
    RateLimited,
    Refused,
    Slow,
)


@pytest.fixture
async def client(fake_slack: FakeSlack) -> AsyncIterator[AsyncWebClient]:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=1)) as session:
        yield AsyncWebClient(token="xoxb-1", base_url=fake_slack.url, session=session, retry_handlers=[])


async def test_a_direct_message_is_what_the_person_receives(fake_slack: FakeSlack, client: AsyncWebClient) -> None:
    """Posting to a user opens the direct-message channel; the delivery id is read from the metadata."""
    delivery_id = uuid4()
    metadata = {"event_type": "nightowl_page", "event_payload": {"delivery_id": str(delivery_id)}}

    answer = await client.chat_postMessage(channel="U0ALICE", text="disk full", metadata=metadata)

    [received] = await fake_slack.wait_for(1)
    assert (received.channel, received.to, received.text) == ("slack_dm", "U0ALICE", "disk full")
    assert (received.delivery_id, received.is_repeat) == (delivery_id, False)
    assert f"{answer['channel']}:{answer['ts']}" == received.provider_id
    assert answer["channel"] == "D0ALICE"


async def test_a_channel_message_goes_to_the_channel(fake_slack: FakeSlack, client: AsyncWebClient) -> None:
    """And its text says whether it may be the second copy."""
    await client.chat_postMessage(channel="C0OPS", text="Repeat: disk full")

    [received] = fake_slack.received
    assert (received.channel, received.to, received.is_repeat) == ("slack_channel", "C0OPS", True)


async def test_a_title_with_the_word_repeat_is_not_a_mark(fake_slack: FakeSlack, client: AsyncWebClient) -> None:
    """Only a mark that stands at the beginning counts."""
    await client.chat_postMessage(channel="C0OPS", text="[critical] Offsite backup does not repeat")

    assert not fake_slack.received[0].is_repeat


async def test_an_opened_conversation_is_the_same_person(fake_slack: FakeSlack, client: AsyncWebClient) -> None:
    """conversations.open gives the channel that posting to the user would use."""
    opened = await client.conversations_open(users="U0BOB")

    await client.chat_postMessage(channel=opened["channel"]["id"], text="hello")

    assert fake_slack.received[0].to == "U0BOB"


async def test_history_is_newest_first_and_shows_metadata_only_when_asked(
    fake_slack: FakeSlack, client: AsyncWebClient
) -> None:
    """As at Slack, `oldest` itself is left out."""
    metadata = {"event_type": "page", "event_payload": {"delivery_id": "1"}}
    first = await client.chat_postMessage(channel="U0ALICE", text="one")
    await client.chat_postMessage(channel="U0ALICE", text="two", metadata=metadata)

    everything = await client.conversations_history(channel="D0ALICE")
    later = await client.conversations_history(channel="D0ALICE", oldest=first["ts"], include_all_metadata=True)

    assert [each["text"] for each in everything["messages"]] == ["two", "one"]
    assert "metadata" not in everything["messages"][0]
    assert [each["metadata"] for each in later["messages"]] == [metadata]


async def test_history_comes_in_pages(client: AsyncWebClient) -> None:
    """The cursor leads to the rest."""
    for text in ("one", "two", "three"):
        await client.chat_postMessage(channel="C0OPS", text=text)

    first = await client.conversations_history(channel="C0OPS", limit=2)
    cursor = first["response_metadata"]["next_cursor"]
    second = await client.conversations_history(channel="C0OPS", limit=2, cursor=cursor)

    assert (first["has_more"], [each["text"] for each in second["messages"]]) == (True, ["one"])


async def test_an_update_changes_the_message_and_pages_nobody(fake_slack: FakeSlack, client: AsyncWebClient) -> None:
    """Editing does not ring."""
    posted = await client.chat_postMessage(channel="U0ALICE", text="disk full")

    await client.chat_update(channel=posted["channel"], ts=posted["ts"], text="disk full: acknowledged")

    assert [each["text"] for each in fake_slack.messages("U0ALICE")] == ["disk full: acknowledged"]
    assert [each.text for each in fake_slack.received] == ["disk full"]
    assert len(fake_slack.updates) == 1


async def test_auth_test_names_the_bot(client: AsyncWebClient) -> None:
    """The token is taken."""
    answer = await client.auth_test()

    assert answer["user_id"] == "U0BOT"


async def test_a_call_without_token_is_refused(fake_slack: FakeSlack) -> None:
    """With HTTP 200 and Slack's word for it."""
    async with aiohttp.ClientSession() as session, session.post(f"{fake_slack.url}chat.postMessage", json={}) as answer:
        assert (answer.status, await answer.json()) == (200, {"ok": False, "error": "not_authed"})


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (("chat.postMessage", {"channel": "U0GONE", "text": "x"}), "channel_not_found"),
        (("chat.postMessage", {"channel": "C0OPS"}), "no_text"),
        (("chat.update", {"channel": "C0OPS", "ts": "1.0", "text": "x"}), "message_not_found"),
        (("conversations.open", {"users": "U0GONE"}), "user_not_found"),
        (("team.info", {}), "unknown_method"),
    ],
)
async def test_errors_are_slacks_words(
    fake_slack: FakeSlack, client: AsyncWebClient, call: tuple[str, dict[str, str]], error: str
) -> None:
    """The client raises with the word."""
    fake_slack.unknown.add("U0GONE")

    with pytest.raises(SlackApiError) as caught:
        await client.api_call(call[0], json=call[1])

    assert caught.value.response["error"] == error
    assert fake_slack.received == []


async def test_slow_is_accepted_before_it_is_answered(fake_slack: FakeSlack, client: AsyncWebClient) -> None:
    """A caller that gives up has sent it all the same."""
    fake_slack.script(Slow(seconds=30))

    with pytest.raises(TimeoutError):
        await client.chat_postMessage(channel="U0ALICE", text="disk full")

    assert len(fake_slack.received) == 1


async def test_rate_limited_is_not_accepted(fake_slack: FakeSlack, client: AsyncWebClient) -> None:
    """429 with Retry-After; the next call is well again."""
    fake_slack.script(RateLimited(retry_after_seconds=7))

    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel="U0ALICE", text="one")
    await client.chat_postMessage(channel="U0ALICE", text="two")

    assert (caught.value.response.status_code, caught.value.response.headers["Retry-After"]) == (429, "7")
    assert [each.text for each in fake_slack.received] == ["two"]


async def test_refused_is_not_accepted(fake_slack: FakeSlack, client: AsyncWebClient) -> None:
    """With any of Slack's words."""
    fake_slack.script(Refused("account_inactive"))

    with pytest.raises(SlackApiError, match="account_inactive"):
        await client.chat_postMessage(channel="U0ALICE", text="one")

    assert fake_slack.received == []


async def test_an_error_before_accepting_reaches_nobody(fake_slack: FakeSlack, client: AsyncWebClient) -> None:
    """The caller may send again."""
    fake_slack.script(ErrorBeforeAccept(503))

    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel="U0ALICE", text="one")

    assert (caught.value.response.status_code, fake_slack.received) == (503, [])


async def test_an_error_after_accepting_reached_the_person(fake_slack: FakeSlack, client: AsyncWebClient) -> None:
    """And history proves it."""
    fake_slack.script(ErrorAfterAccept(500))

    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel="U0ALICE", text="one")
    history = await client.conversations_history(channel="D0ALICE")

    assert (caught.value.response.status_code, len(fake_slack.received)) == (500, 1)
    assert [each["text"] for each in history["messages"]] == ["one"]


async def test_a_dropped_reply_reached_the_person(fake_slack: FakeSlack, client: AsyncWebClient) -> None:
    """The connection ends without an answer."""
    fake_slack.script(DroppedReply())

    with pytest.raises(aiohttp.ClientConnectionError):
        await client.chat_postMessage(channel="U0ALICE", text="one")

    assert len(fake_slack.received) == 1


async def test_a_step_may_be_meant_for_one_recipient(fake_slack: FakeSlack, client: AsyncWebClient) -> None:
    """Others are served while it waits."""
    fake_slack.script(ErrorBeforeAccept(500), when=lambda sent: sent.to == "U0BOB")

    await client.chat_postMessage(channel="U0ALICE", text="one")
    with pytest.raises(SlackApiError):
        await client.chat_postMessage(channel="U0BOB", text="two")

    assert ([each.to for each in fake_slack.received], fake_slack.steps_left) == (["U0ALICE"], [])


async def test_a_step_may_last(fake_slack: FakeSlack, client: AsyncWebClient) -> None:
    """Until the script is cleared."""
    fake_slack.script(ErrorBeforeAccept(500), forever=True)

    for _ in range(3):
        with pytest.raises(SlackApiError):
            await client.chat_postMessage(channel="U0ALICE", text="one")
    fake_slack.clear()
    await client.chat_postMessage(channel="U0ALICE", text="two")

    assert [each.text for each in fake_slack.received] == ["two"]


@pytest.mark.parametrize(
    ("steps", "error"),
    [
        ([RateLimited(1)], SlackApiError),
        ([ErrorBeforeAccept(500)], SlackApiError),
        ([DroppedReply(), DroppedReply()], aiohttp.ClientConnectionError),  # aiohttp itself tries a GET twice
        ([Slow(30)], TimeoutError),
    ],
)
async def test_lookups_can_fail_too(
    fake_slack: FakeSlack,
    client: AsyncWebClient,
    steps: list[RateLimited | ErrorBeforeAccept | DroppedReply | Slow],
    error: type[Exception],
) -> None:
    """One step for one call."""
    fake_slack.script_lookups(*steps)

    with pytest.raises(error):
        await client.conversations_history(channel="C0OPS")

    assert (await client.conversations_history(channel="C0OPS"))["messages"] == []


async def test_slack_has_no_callbacks(fake_slack: FakeSlack) -> None:
    """A script that asks for one is a mistake in the test."""
    with pytest.raises(ValueError, match="no status callbacks"):
        fake_slack.script(LateCallback(seconds=1))
    with pytest.raises(ValueError, match="no status callbacks"):
        fake_slack.script(DroppedReply(callback=LateCallback(seconds=1)))


async def test_waiting_in_vain_says_what_came_instead(fake_slack: FakeSlack, client: AsyncWebClient) -> None:
    """So that a failed test can be read."""
    await client.chat_postMessage(channel="U0ALICE", text="disk full")

    with pytest.raises(AssertionError, match="slack_dm to U0ALICE: 'disk full'"):
        await fake_slack.wait_for(lambda sent: sent.to == "U0BOB", seconds=0.05)


async def test_it_runs_on_its_own() -> None:
    """Without pytest's fixtures, for programs."""
    async with FakeSlack() as fake, aiohttp.ClientSession() as session:
        client = AsyncWebClient(token="x", base_url=fake.url, session=session)
        await client.chat_postMessage(channel="U0ALICE", text="one")

        assert len(await fake.wait_for(1)) == 1
