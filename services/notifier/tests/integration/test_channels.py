"""One table for all channels: what a provider does → what the attempt came to; and what a look-up can prove."""

from contextlib import asynccontextmanager
from datetime import UTC, datetime

import aiohttp
import msgspec
import pytest
from aiohttp import web

from nightowl_alerting.paging import Failed, FailureReason, Sent, Unclear
from nightowl_alerting.push.keys import VapidKey, make_vapid_key
from nightowl_alerting.push.model import Browser
from nightowl_common.db import DatabaseUnavailableError
from nightowl_common.guarded import GuardedClient
from nightowl_common.ids import new_id
from nightowl_common.settings import Secret
from nightowl_contracts.topology import CHANNELS
from nightowl_embedded import free_port
from nightowl_notifier.channels import email, mattermost, push, slack, sms, teams, twilio_client, voice, webhook
from nightowl_notifier.channels.callbacks import Callbacks
from nightowl_notifier.channels.channel import NotConfigured
from nightowl_notifier.channels.links import PageLinks
from nightowl_notifier.channels.local import LocalOutbox
from nightowl_notifier.channels.transport import open_session
from nightowl_notifier.model import CannotTell, Endpoint, Found, NotFound, OutgoingPage
from nightowl_testkit.fakes import (
    DroppedReply,
    ErrorAfterAccept,
    ErrorBeforeAccept,
    FakePush,
    Normal,
    RateLimited,
    Refused,
    Slow,
)

pytestmark = pytest.mark.integration

NOWHERE = "http://127.0.0.1:1"
NO_SUCH_HOST = "http://nowhere.invalid"
SLACK, TWILIO, ENDPOINTS = ("slack_dm", "slack_channel"), ("sms", "phone"), ("webhook", "mattermost", "teams")
ALL = (*SLACK, *TWILIO, "email", "push", *ENDPOINTS)
ADDRESSES = {
    "slack_dm": "U0PERSON",
    "slack_channel": "C0ROOM",
    "sms": "+15551234567",
    "phone": "+15551234567",
    "email": "alice@example.org",
    "push": str(new_id()),
    **dict.fromkeys(ENDPOINTS, str(new_id())),
}
NO_CALLBACKS = Callbacks(public_url=None, auth_token=None, secret=None)
LINKS = PageLinks(public_url="https://owl.example", auth_token=None, secret=Secret("key"))
SECRET = "whsec_c2VjcmV0LXNlY3JldC1zZWNyZXQ="
TIMEOUT = 0.6


def a_page(channel: str, **changes) -> OutgoingPage:
    given = {
        "tenant": "acme", "delivery_id": new_id(), "alert_id": new_id(), "channel": channel, "recipient": "user:x",
        "address": ADDRESSES.get(channel, "somewhere"), "is_repeat": False, "age_seconds": 5.0, "severity": "critical",
        "title": "Disk full", "description": "90 %", "source": "generic", "labels": {"host": "db1"},
        "first_fired_at": datetime(2026, 1, 1, tzinfo=UTC), "occurrence_count": 1,
    }  # fmt: skip
    return OutgoingPage(**{**given, **changes})


@pytest.fixture
async def session():
    async with open_session(timeout_seconds=TIMEOUT) as opened:
        yield opened


def open_channel(channel: str, fake, session, *, url: str | None = None):
    if channel in SLACK:
        client = slack.open_client(token="xoxb-fake", base_url=url or fake.url, session=session)
        return open_slack(client, channel)
    if channel in TWILIO:
        client = twilio_client.open_client(
            account_sid=fake.account_sid, auth_token=fake.auth_token, base_url=url or fake.url, session=session
        )
        return open_twilio(channel, client, fake)
    if channel == "email":
        return open_mail(fake, url=url)
    if channel == "push":
        return open_push(fake, url=url)
    return open_endpoint(channel, url or fake.address(channel))


def open_slack(client, channel: str):
    return slack.Slack(client, kind="dm" if channel == "slack_dm" else "channel", links=LINKS)


def open_twilio(channel: str, client, fake):
    if channel == "sms":
        return sms.Sms(client, numbers=[fake.sender], callbacks=NO_CALLBACKS, links=LINKS)
    return voice.Voice(client, numbers=[fake.sender], callbacks=NO_CALLBACKS)


def open_mail(fake, *, url: str | None = None, **changes):
    host, _, port = (url or f"http://127.0.0.1:{fake.port}").removeprefix("http://").partition(":")
    given = {
        "host": host, "port": int(port or 25), "security": "plain", "user": None, "password": None,
        "sender": fake.sender, "timeout_seconds": TIMEOUT,
    }  # fmt: skip
    return email.Email(email.Server(**{**given, **changes}), links=LINKS)


def open_push(fake, *, url: str | None = None, browsers: int = 1, ended=None):
    """With so many browsers, all at another address when one is given; those that are given up are noted in `ended`."""
    subscribed = [fake.subscribe() for _ in range(browsers)] if url is None else []
    there = [Browser(method_id=new_id(), subscription=each.subscription) for each in subscribed]
    if url is not None:
        elsewhere = msgspec.structs.replace(FakePush().subscribe().subscription, endpoint=f"{url}/x")
        there = [Browser(method_id=new_id(), subscription=elsewhere)]

    async def load(_tenant, address):
        assert address == ADDRESSES["push"]
        return there

    async def end(_tenant, method_id):
        ended.append(there[[each.method_id for each in there].index(method_id)])

    guard = GuardedClient(hosts=frozenset(("127.0.0.1", "nowhere.invalid")), timeout_seconds=TIMEOUT)
    key = VapidKey.parse(make_vapid_key() if url else fake.vapid_key)
    ended = [] if ended is None else ended
    return push.Push(guard, key=key, contact="mailto:ops@example.org", links=LINKS, load=load, end=end)


def open_endpoint(kind: str, url: str, *, hosts=("127.0.0.1", "nowhere.invalid"), **changes):
    async def load(_tenant, endpoint_id):
        assert str(endpoint_id) == ADDRESSES[kind]
        return Endpoint(kind=kind, url=url, secret=SECRET)

    client = GuardedClient(hosts=frozenset(hosts), **{"timeout_seconds": TIMEOUT, **changes})
    kinds = {"webhook": webhook.Webhook, "mattermost": mattermost.Mattermost, "teams": teams.Teams}
    return kinds[kind](client, load=load)


@pytest.fixture(params=ALL)
def channel(request):
    return request.param


@pytest.fixture
def fakes(fake_slack, fake_twilio, fake_mail, fake_hooks, fake_push):
    return {
        **dict.fromkeys(SLACK, fake_slack),
        **dict.fromkeys(TWILIO, fake_twilio),
        "email": fake_mail,
        "push": fake_push,
        **dict.fromkeys(ENDPOINTS, fake_hooks),
    }


@pytest.fixture
def fake(channel, fakes):
    return fakes[channel]


def test_the_table_has_every_channel():
    """One that is added to the contracts and not here fails."""
    assert set(ALL) == set(CHANNELS)


FOR_EVERYBODY = [
    (Normal(), Sent, None, None),
    (RateLimited(7), Failed, FailureReason.RATE_LIMITED, False),
    (ErrorBeforeAccept(500), Unclear, None, None),
    (ErrorBeforeAccept(503), Unclear, None, None),
    (ErrorAfterAccept(500), Unclear, None, None),
    (DroppedReply(), Unclear, None, None),
    (Slow(0.9), Unclear, None, None),
]


@pytest.mark.parametrize("channel", [each for each in ALL if each not in {"email", "push"}], indirect=True)
@pytest.mark.parametrize(("step", "kind", "reason", "is_permanent"), FOR_EVERYBODY)
async def test_what_a_provider_does_decides_the_result(channel, fake, session, step, kind, reason, is_permanent):
    """Only what was surely not taken counts as failed."""
    fake.script(step)

    result = await open_channel(channel, fake, session).send(a_page(channel))

    assert isinstance(result, kind)
    assert getattr(result, "reason", None) == reason
    assert getattr(result, "is_permanent", None) == is_permanent
    assert getattr(result, "retry_after_seconds", None) == (7.0 if isinstance(step, RateLimited) else None)


MAIL_IS_DIFFERENT = [
    (Normal(), Sent, None, None),
    (RateLimited(7), Failed, FailureReason.RATE_LIMITED, False),
    (ErrorBeforeAccept(500), Failed, FailureReason.UNAVAILABLE, False),
    (DroppedReply(), Unclear, None, None),
    (Slow(0.9), Unclear, None, None),
]


@pytest.mark.parametrize(("step", "kind", "reason", "is_permanent"), MAIL_IS_DIFFERENT)
async def test_what_a_mail_server_answers_is_the_whole_truth(fake_mail, session, step, kind, reason, is_permanent):
    """An answer of any kind but yes says that the mail was not taken: only silence is unclear."""
    fake_mail.script(step)

    result = await open_mail(fake_mail).send(a_page("email"))

    assert isinstance(result, kind)
    assert getattr(result, "reason", None) == reason
    assert getattr(result, "is_permanent", None) == is_permanent


PUSH_IS_DIFFERENT = [
    (Normal(), Sent, None, None, None),
    (RateLimited(7), Failed, FailureReason.UNAVAILABLE, False, 7.0),
    (ErrorBeforeAccept(500), Failed, FailureReason.UNAVAILABLE, False, None),
    (ErrorAfterAccept(503), Failed, FailureReason.UNAVAILABLE, False, None),
    (DroppedReply(), Unclear, None, None, None),
    (Slow(0.9), Unclear, None, None, None),
]


@pytest.mark.parametrize(("step", "kind", "reason", "is_permanent", "wait"), PUSH_IS_DIFFERENT)
async def test_what_a_push_service_takes_twice_is_one_message(
    fake_push, session, step, kind, reason, is_permanent, wait
):
    """So its errors are no doubt; and its wish for patience holds nobody else's pages, who may have chosen it."""
    fake_push.script(step)

    result = await open_channel("push", fake_push, session).send(a_page("push"))

    assert isinstance(result, kind)
    assert getattr(result, "reason", None) == reason
    assert getattr(result, "is_permanent", None) == is_permanent
    assert getattr(result, "retry_after_seconds", None) == wait


async def test_no_client_sends_twice_by_itself(channel, fake, session):
    """Not even when a kept connection breaks, or the provider fails: repeating is our decision."""
    opened = open_channel(channel, fake, session)
    await opened.send(a_page(channel))
    fake.script(DroppedReply(), ErrorAfterAccept(500))

    results = [await opened.send(a_page(channel)) for _ in range(2)]

    assert [type(each) for each in results] == [Unclear, Failed if channel in {"email", "push"} else Unclear]
    assert len(fake.received) == 3


REFUSALS = [
    ("slack", "channel_not_found", FailureReason.BAD_ADDRESS),
    ("slack", "user_not_found", FailureReason.BAD_ADDRESS),
    ("slack", "is_archived", FailureReason.BAD_ADDRESS),
    ("slack", "not_in_channel", FailureReason.BAD_ADDRESS),
    ("slack", "invalid_auth", FailureReason.UNAUTHORIZED),
    ("slack", "token_revoked", FailureReason.UNAUTHORIZED),
    ("slack", "not_authed", FailureReason.UNAUTHORIZED),
    ("slack", "missing_scope", FailureReason.UNAUTHORIZED),
    ("slack", "msg_too_long", FailureReason.REJECTED),
    ("sms", "21211", FailureReason.BAD_ADDRESS),
    ("sms", "21217", FailureReason.BAD_ADDRESS),
    ("sms", "21614", FailureReason.BAD_ADDRESS),
    ("sms", "21610", FailureReason.OPTED_OUT),
    ("sms", "20003", FailureReason.UNAUTHORIZED),
    ("sms", "30001", FailureReason.REJECTED),
    ("phone", "21211", FailureReason.BAD_ADDRESS),
    ("phone", "21214", FailureReason.BAD_ADDRESS),
    ("phone", "21215", FailureReason.REJECTED),
    ("phone", "20003", FailureReason.UNAUTHORIZED),
    ("email", "550", FailureReason.BAD_ADDRESS),
    ("email", "553", FailureReason.BAD_ADDRESS),
    ("push", "400", FailureReason.REJECTED),
    ("push", "413", FailureReason.REJECTED),
    ("push", "301", FailureReason.REJECTED),
    ("push", "401", FailureReason.UNAUTHORIZED),
    ("push", "403", FailureReason.UNAUTHORIZED),
    ("push", "404", FailureReason.BAD_ADDRESS),
    ("push", "410", FailureReason.BAD_ADDRESS),
    *[
        (kind, code, reason)
        for kind in ENDPOINTS
        for code, reason in [
            ("400", FailureReason.REJECTED),
            ("301", FailureReason.REJECTED),
            ("401", FailureReason.UNAUTHORIZED),
            ("403", FailureReason.UNAUTHORIZED),
            ("404", FailureReason.BAD_ADDRESS),
            ("410", FailureReason.BAD_ADDRESS),
        ]
    ],
]


@pytest.mark.parametrize(("provider", "code", "reason"), REFUSALS)
async def test_a_refusal_is_permanent_and_has_its_reason(fakes, session, provider, code, reason):
    """Trying again would change nothing."""
    channel = "slack_channel" if provider == "slack" else provider
    fake = fakes[channel]
    fake.script(Refused(code))

    result = await open_channel(channel, fake, session).send(a_page(channel))

    assert (result.reason, result.is_permanent) == (reason, True)
    assert code in result.detail


@pytest.mark.parametrize("word", ["internal_error", "fatal_error"])
async def test_slacks_own_doubt_is_ours(fake_slack, session, word):
    """Slack says that part of it may have happened."""
    fake_slack.script(Refused(word))

    assert isinstance(await open_channel("slack_dm", fake_slack, session).send(a_page("slack_dm")), Unclear)


@pytest.mark.parametrize(("word", "reason"), [("ratelimited", "rate_limited"), ("service_unavailable", "unavailable")])
async def test_slacks_temporary_words_are_temporary(fake_slack, session, word, reason):
    """They come with HTTP 200."""
    fake_slack.script(Refused(word))

    result = await open_channel("slack_dm", fake_slack, session).send(a_page("slack_dm"))

    assert (result.reason, result.is_permanent) == (reason, False)


@pytest.mark.parametrize("url", [NOWHERE, NO_SUCH_HOST])
async def test_what_never_connected_was_surely_not_sent(channel, fake, session, url):
    """It may be tried again without a mark."""
    result = await open_channel(channel, fake, session, url=url).send(a_page(channel))

    assert isinstance(result, Failed)
    assert (result.reason, result.is_permanent) == (FailureReason.UNAVAILABLE, False)


async def test_a_wrong_token_is_unauthorized(fake_twilio, session):
    """Twilio's 401."""
    client = twilio_client.open_client(
        account_sid=fake_twilio.account_sid, auth_token="wrong", base_url=fake_twilio.url, session=session
    )

    result = await open_twilio("sms", client, fake_twilio).send(a_page("sms"))

    assert (result.reason, result.is_permanent) == (FailureReason.UNAUTHORIZED, True)


async def test_a_channel_without_a_provider_fails_for_good():
    """Nothing pretends to be sent, and nothing is proved."""
    channel = NotConfigured("phone")

    result = await channel.send(a_page("phone"))

    assert (result.reason, result.is_permanent) == (FailureReason.NOT_CONFIGURED, True)
    assert isinstance(await channel.find(a_page("phone")), CannotTell)


async def test_the_local_outbox_is_never_unclear():
    """Writing twice is harmless, so a database failure is a failure."""

    async def fail(*_args):
        raise DatabaseUnavailableError

    channel = LocalOutbox(write=fail, read=fail)

    result = await channel.send(a_page("sms"))

    assert (result.reason, result.is_permanent) == (FailureReason.UNAVAILABLE, False)
    assert isinstance(await channel.find(a_page("sms")), CannotTell)


@pytest.mark.parametrize("channel", ["slack_dm", "slack_channel", "sms"], indirect=True)
async def test_what_was_sent_is_found(channel, fake, session):
    """By the delivery id in the metadata, or the short code in the text."""
    opened, page = open_channel(channel, fake, session), a_page(channel)
    await opened.send(a_page(channel))
    sent = await opened.send(page)
    await opened.send(a_page(channel))

    assert await opened.find(page) == Found(provider_id=sent.provider_id)


async def test_a_call_to_the_number_is_no_proof_of_a_page_and_none_at_all_is_proof_against_it(fake_twilio, session):
    """A call carries no name: only a callback can tell whose it was."""
    opened = open_channel("phone", fake_twilio, session)
    await opened.send(a_page("phone", address="+15550000009"))
    before = await opened.find(a_page("phone"))
    await opened.send(a_page("phone"))

    assert before == NotFound()
    assert isinstance(await opened.find(a_page("phone")), CannotTell)


@pytest.mark.parametrize("channel", ["slack_dm", "slack_channel", "sms"], indirect=True)
async def test_what_was_not_sent_is_not_found(channel, fake, session):
    """Other pages to the same address are not this one."""
    opened = open_channel(channel, fake, session)
    await opened.send(a_page(channel))

    assert await opened.find(a_page(channel)) == NotFound()


async def test_a_provider_that_cannot_be_asked_cannot_tell(channel, fake, session):
    """That is no proof of anything."""
    opened = open_channel(channel, fake, session, url=NOWHERE)

    assert isinstance(await opened.find(a_page(channel)), CannotTell)


@pytest.mark.parametrize("channel", ["email", "push", *ENDPOINTS], indirect=True)
async def test_a_channel_without_a_look_up_says_so_also_when_all_is_well(channel, fake, session):
    """Whether it was sent or not."""
    opened, page = open_channel(channel, fake, session), a_page(channel)
    await opened.send(page)

    assert isinstance(await opened.find(page), CannotTell)


@pytest.mark.parametrize("step", [RateLimited(5), ErrorBeforeAccept(500), DroppedReply(), Slow(0.9)])
async def test_a_look_up_that_goes_wrong_cannot_tell(fake_slack, session, step):
    """Whatever went wrong."""
    opened = open_channel("slack_dm", fake_slack, session)
    fake_slack.script_lookups(step, step)  # a read on a kept connection is tried twice by the client

    assert isinstance(await opened.find(a_page("slack_dm")), CannotTell)


async def test_a_look_up_reads_several_pages_of_history(fake_slack, session):
    """A busy channel hides nothing."""
    opened, page = open_channel("slack_channel", fake_slack, session), a_page("slack_channel")
    sent = await opened.send(page)
    for _ in range(slack.PAGE_SIZE + 1):
        fake_slack.messages(page.address).append(
            {"type": "message", "text": "chatter", "ts": fake_slack.messages(page.address)[-1]["ts"]}
        )

    assert await opened.find(page) == Found(provider_id=sent.provider_id)


async def test_a_look_up_gives_up_on_a_flood(fake_twilio, session):
    """Not among the newest is not the same as not there."""
    opened = open_channel("sms", fake_twilio, session)
    for _ in range(sms.LOOK_UP_MESSAGES):
        await opened.send(a_page("sms"))

    assert isinstance(await opened.find(a_page("sms")), CannotTell)


async def test_an_answer_that_is_not_json_is_unclear(session):
    """A proxy in between may say anything with any status."""
    async with answering(200, "<html>hello</html>", "text/html") as url:
        for channel in ("slack_dm", "sms", "phone"):
            opened = open_channel(channel, _Account(), session, url=url)
            assert isinstance(await opened.send(a_page(channel)), Unclear), channel
            assert isinstance(await opened.find(a_page(channel)), CannotTell), channel


class _Account:
    account_sid, auth_token, sender, url = "AC0", "token", "+15550000000", ""


@asynccontextmanager
async def answering(status: int, text: str, content_type: str):
    """A server that says the same to everybody."""

    async def answer(_request):
        return web.Response(status=status, text=text, content_type=content_type)

    application = web.Application()
    application.router.add_route("*", "/{path:.*}", answer)
    runner, port = web.AppRunner(application), free_port()
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    yield f"http://127.0.0.1:{port}/"
    await runner.cleanup()


async def test_slack_gets_blocks_text_and_metadata(fake_slack, session):
    """Text for the notification, blocks for the eye, metadata for the proof."""
    page = a_page("slack_dm", title="<!channel> a & b")

    await open_channel("slack_dm", fake_slack, session).send(page)

    [message] = fake_slack.messages(page.address)
    payload = {"delivery_id": str(page.delivery_id), "alert_id": str(page.alert_id)}
    assert message["text"] == "[CRITICAL] &lt;!channel&gt; a &amp; b"
    assert message["metadata"] == {"event_type": "nightowl_page", "event_payload": payload}
    assert all(block["type"] in {"section", "actions", "context"} for block in message["blocks"])
    assert "<!channel>" not in str(message)


async def test_the_session_keeps_no_cookies_and_no_proxy():
    """Providers cannot mark us, and the environment cannot send pages elsewhere."""
    async with open_session(timeout_seconds=5) as opened:
        assert isinstance(opened.cookie_jar, aiohttp.DummyCookieJar)
        assert not opened.trust_env
