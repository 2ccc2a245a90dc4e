"""The fake Twilio, asked by Twilio's own client."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import aiohttp
import pytest
from aiohttp import web
from twilio.base.exceptions import TwilioRestException
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from nightowl_embedded import free_port
from nightowl_testkit.fakes import (
    DroppedReply,
    ErrorAfterAccept,
    ErrorBeforeAccept,
    FakeTwilio,
    LateCallback,
    RateLimited,
    Refused,
    Slow,
)

BOB = "+4915112345678"

# Twilio's client uses what aiohttp has deprecated.
pytestmark = [
    pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:The 'auth' parameter is deprecated:DeprecationWarning"),
]


def client_of(fake: FakeTwilio, http: AsyncTwilioHttpClient, *, token: str | None = None) -> Client:
    client = Client(fake.account_sid, token or fake.auth_token, http_client=http)
    client.api.base_url = fake.url
    return client


@pytest.fixture
async def http() -> AsyncIterator[AsyncTwilioHttpClient]:
    async with AsyncTwilioHttpClient(timeout=1) as opened:
        yield opened


@pytest.fixture
async def client(fake_twilio: FakeTwilio, http: AsyncTwilioHttpClient) -> Client:
    return client_of(fake_twilio, http)


class Caller:
    """The side that status callbacks go to."""

    def __init__(self) -> None:
        self.url = f"http://127.0.0.1:{free_port()}/status"
        self.calls: list[tuple[str, dict[str, str], str]] = []

    async def answer(self, request: web.Request) -> web.Response:
        """Notes a callback."""
        fields = {key: str(value) for key, value in (await request.post()).items()}
        self.calls.append((f"{self.url}?{request.query_string}", fields, request.headers["X-Twilio-Signature"]))
        return web.Response(status=204)


@pytest.fixture
async def caller() -> AsyncIterator[Caller]:
    opened = Caller()
    application = web.Application()
    application.router.add_post("/status", opened.answer)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", int(opened.url.split(":")[2].split("/")[0])).start()
    yield opened
    await runner.cleanup()


async def send(client: Client, body: str = "disk full", **more: Any) -> Any:
    return await client.messages.create_async(to=BOB, from_="+15005550006", body=body, **more)


async def test_a_message_is_what_the_person_receives(fake_twilio: FakeTwilio, client: Client) -> None:
    """The delivery id is read from the callback's address."""
    delivery_id = uuid4()

    sent = await send(client, status_callback=f"http://127.0.0.1:1/status?delivery={delivery_id}.signature")

    [received] = await fake_twilio.wait_for(1)
    assert (received.channel, received.to, received.text) == ("sms", BOB, "disk full")
    assert (received.delivery_id, received.is_repeat) == (delivery_id, False)
    assert (sent.sid, sent.status) == (received.provider_id, "queued")
    assert re.fullmatch(r"SM[0-9a-f]{32}", sent.sid)


async def test_a_repeat_is_seen_in_the_text(fake_twilio: FakeTwilio, client: Client) -> None:
    """As the person sees it."""
    await send(client, body="(repeat) disk full")

    assert fake_twilio.received[0].is_repeat


async def test_messages_are_listed_by_recipient_and_time(client: Client) -> None:
    """As a look-up after an unclear send needs it."""
    first = await send(client, body="one")
    second = await send(client, body="two")
    await client.messages.create_async(to="+4915100000000", from_="+15005550006", body="three")
    now = datetime.now(UTC)

    found = await client.messages.list_async(to=BOB, date_sent_after=now - timedelta(minutes=1))
    none = await client.messages.list_async(to=BOB, date_sent_after=now + timedelta(minutes=1))
    before = await client.messages.list_async(to=BOB, date_sent_before=now - timedelta(minutes=1))

    assert [each.sid for each in found] == [second.sid, first.sid]
    assert [each.body for each in found] == ["two", "one"]
    assert found[0].date_sent is not None
    assert abs(found[0].date_sent - now) < timedelta(minutes=1)
    assert (none, before) == ([], [])


async def test_lists_come_in_pages(client: Client) -> None:
    """The client follows them."""
    for number in range(5):
        await send(client, body=str(number))

    found = await client.messages.list_async(to=BOB, page_size=2)

    assert [each.body for each in found] == ["4", "3", "2", "1", "0"]


async def test_one_message_can_be_fetched(client: Client) -> None:
    """By its SID; another is 404."""
    sent = await send(client)

    fetched = await client.messages(sent.sid).fetch_async()
    with pytest.raises(TwilioRestException) as caught:
        await client.messages("SM" + "0" * 32).fetch_async()

    assert (fetched.body, fetched.status, caught.value.status) == ("disk full", "sent", 404)


async def test_a_wrong_token_is_refused(fake_twilio: FakeTwilio, http: AsyncTwilioHttpClient) -> None:
    """With Twilio's code for it."""
    with pytest.raises(TwilioRestException) as caught:
        await send(client_of(fake_twilio, http, token="wrong"))

    assert (caught.value.status, caught.value.code, fake_twilio.received) == (401, 20003, [])


async def test_slow_is_accepted_before_it_is_answered(fake_twilio: FakeTwilio, client: Client) -> None:
    """A caller that gives up has sent it all the same."""
    fake_twilio.script(Slow(seconds=30))

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.5):
            await send(client)

    assert len(fake_twilio.received) == 1


@pytest.mark.parametrize(
    ("step", "status", "code"),
    [
        (RateLimited(retry_after_seconds=3), 429, 20429),
        (Refused("21211"), 400, 21211),
        (ErrorBeforeAccept(500), 500, 20500),
        (ErrorBeforeAccept(503), 503, 20503),
    ],
)
async def test_what_is_not_accepted_reaches_nobody(
    fake_twilio: FakeTwilio, client: Client, step: RateLimited | Refused | ErrorBeforeAccept, status: int, code: int
) -> None:
    """And is not listed."""
    fake_twilio.script(step)

    with pytest.raises(TwilioRestException) as caught:
        await send(client)

    assert (caught.value.status, caught.value.code, fake_twilio.received) == (status, code, [])
    assert await client.messages.list_async(to=BOB) == []


async def test_rate_limits_say_how_long(fake_twilio: FakeTwilio) -> None:
    """In the header that Twilio uses."""
    fake_twilio.script(RateLimited(retry_after_seconds=3))
    url = f"{fake_twilio.url}/2010-04-01/Accounts/{fake_twilio.account_sid}/Messages.json"
    form = {"To": BOB, "From": "+15005550006", "Body": "x"}
    shown = aiohttp.encode_basic_auth(fake_twilio.account_sid, fake_twilio.auth_token)

    async with (
        aiohttp.ClientSession() as session,
        session.post(url, data=form, headers={"Authorization": shown}) as answer,
    ):
        assert answer.headers["Retry-After"] == "3"


async def test_an_error_after_accepting_reached_the_person(fake_twilio: FakeTwilio, client: Client) -> None:
    """And the list proves it."""
    fake_twilio.script(ErrorAfterAccept(500))

    with pytest.raises(TwilioRestException) as caught:
        await send(client)

    assert (caught.value.status, len(fake_twilio.received)) == (500, 1)
    assert len(await client.messages.list_async(to=BOB)) == 1


async def test_a_dropped_reply_reached_the_person_and_may_be_told_later(
    fake_twilio: FakeTwilio, client: Client, caller: Caller
) -> None:
    """The callback is how the sender learns of it."""
    fake_twilio.script(DroppedReply(callback=LateCallback(seconds=0.01, status="sent")))

    with pytest.raises(aiohttp.ClientConnectionError):
        await send(client, status_callback=caller.url)
    [callback] = await fake_twilio.wait_for_callbacks(1)

    assert (callback.status, callback.answered, len(fake_twilio.received)) == ("sent", 204, 1)


async def test_a_late_callback_is_signed(fake_twilio: FakeTwilio, client: Client, caller: Caller) -> None:
    """Twilio's own validator takes the signature, over address and fields."""
    fake_twilio.script(LateCallback(seconds=0.01, status="delivered"))

    sent = await send(client, status_callback=f"{caller.url}?d=1")
    await fake_twilio.wait_for_callbacks(1)

    [(url, fields, signature)] = caller.calls
    assert RequestValidator(fake_twilio.auth_token).validate(url, fields, signature)
    assert (fields["MessageSid"], fields["MessageStatus"], fields["To"]) == (sent.sid, "delivered", BOB)


async def test_a_callback_can_be_sent_by_hand(fake_twilio: FakeTwilio, client: Client, caller: Caller) -> None:
    """And one that nobody answers is noted as such."""
    await send(client, status_callback=caller.url)
    await send(client, status_callback=f"http://127.0.0.1:{free_port()}/")

    answers = [await fake_twilio.call_back(each, "failed") for each in fake_twilio.received]

    assert answers == [204, None]


async def test_a_call_is_heard_and_its_question_can_be_answered(fake_twilio: FakeTwilio, client: Client) -> None:
    """The words of its TwiML, and after a key the words of the answer, over a signed request."""
    asked: list[dict[str, str]] = []

    async def answer(request: web.Request) -> web.Response:
        fields = {key: str(value) for key, value in (await request.post()).items()}
        signature = request.headers["X-Twilio-Signature"]
        assert RequestValidator(fake_twilio.auth_token).validate(str(request.url), fields, signature)
        asked.append(fields)
        return web.Response(text="<Response><Say>Thank you.</Say><Hangup/></Response>", content_type="application/xml")

    async with serving(answer) as url:
        twiml = f'<Response><Gather action="{url}?d={uuid4()}"><Say>Disk full. Press 1.</Say></Gather></Response>'
        call = await client.calls.create_async(to=BOB, from_=fake_twilio.sender, twiml=twiml)
        [heard] = await fake_twilio.wait_for(1)
        after = await fake_twilio.press(heard, "1")

    assert (heard.channel, heard.to, heard.text, heard.provider_id) == ("phone", BOB, "Disk full. Press 1.", call.sid)
    assert heard.delivery_id is not None
    assert (after.words, after.answer_url) == ("Thank you.", None)
    assert (asked[0]["Digits"], asked[0]["CallSid"]) == ("1", call.sid)
    with pytest.raises(LookupError):
        await fake_twilio.press(heard, "1")


async def test_calls_are_listed_and_no_messages(fake_twilio: FakeTwilio, client: Client) -> None:
    """By number."""
    await client.calls.create_async(to=BOB, from_=fake_twilio.sender, twiml="<Response><Say>Hello</Say></Response>")

    assert len(await client.calls.list_async(to=BOB)) == 1
    assert await client.calls.list_async(to="+15550000000") == []
    assert await client.messages.list_async(to=BOB) == []


@asynccontextmanager
async def serving(answer: Any) -> AsyncIterator[str]:
    """A server of one route."""
    application, port = web.Application(), free_port()
    application.router.add_post("/answer", answer)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    yield f"http://127.0.0.1:{port}/answer"
    await runner.cleanup()
