"""Twilio's messages and calls as far as NightOwl uses them. Set `client.api.base_url = fake.url` on Twilio's client.

Status callbacks go out only when the script or the test asks for one, signed as Twilio signs them.
"""

import asyncio
import secrets
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from xml.etree import ElementTree as ET

import msgspec
from aiohttp import ClientError, ClientSession, ClientTimeout, encode_basic_auth, web
from twilio.request_validator import RequestValidator

from nightowl_common import clock
from nightowl_testkit.fakes.provider import FakeProvider
from nightowl_testkit.fakes.script import Callback, Received, find_delivery_id, is_marked_repeat

PAGE_SIZE = 50
_CODES = {429: 20429, 500: 20500, 503: 20503}


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody in a call hears; `answer_url` is where the answer goes, None when the call ends."""

    words: str
    answer_url: str | None


def listen(twiml: str) -> Heard:
    """Follows TwiML as a person would: hears every `Say`, and may answer the first `Gather`."""
    root = ET.fromstring(twiml)
    gather = root.find("Gather")
    words = " ".join(each.text or "" for each in root.iter("Say"))
    return Heard(words=words, answer_url=None if gather is None else gather.get("action"))


class FakeTwilio(FakeProvider):
    """One account, whose `account_sid` and `auth_token` callers must show, and those that a test adds to `accounts`."""

    name = "Twilio"

    def __init__(self, *, port: int | None = None) -> None:
        super().__init__(port=port)
        self.account_sid = f"AC{secrets.token_hex(16)}"
        self.auth_token = secrets.token_hex(16)
        self.accounts: dict[str, str] = {}
        self.sender = "+15005550006"
        self.callbacks: list[Callback] = []
        self._messages: dict[str, dict[str, Any]] = {}
        self._calls: dict[str, dict[str, Any]] = {}
        self._callback_urls: dict[str, str] = {}
        self._scripts: dict[str, Heard] = {}

    @property
    def url(self) -> str:
        """For `client.api.base_url`."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """The notifier's settings that point it here."""
        return {
            "TWILIO_API_URL": self.url,
            "TWILIO_ACCOUNT_SID": self.account_sid,
            "TWILIO_AUTH_TOKEN": self.auth_token,
            "TWILIO_FROM": self.sender,
        }

    def clear(self) -> None:
        """Forgets all messages too."""
        super().clear()
        self.callbacks.clear()
        self._messages.clear()
        self._calls.clear()
        self._callback_urls.clear()
        self._scripts.clear()
        self.accounts.clear()

    @property
    def _tokens(self) -> dict[str, str]:
        return {self.account_sid: self.auth_token, **self.accounts}

    async def call_back(self, sent: Received, status: str) -> int | None:
        """Sends the status callback of a message now; returns the HTTP status of the answer, None without one.

        Raises:
            LookupError: the caller asked for no callback.
        """
        url = self._callback_urls[sent.provider_id]
        thing = self._calls.get(sent.provider_id) or self._messages[sent.provider_id]
        thing["status"] = status
        answered, _ = await self._post(url, _callback_fields(thing, status), account=str(thing["account_sid"]))
        async with self._changed:
            self.callbacks.append(Callback(sent=sent, status=status, answered=answered))
            self._changed.notify_all()
        return answered

    async def wait_for_callbacks(self, count: int, *, seconds: float = 20.0) -> list[Callback]:
        """Waits until so many callbacks have been answered or given up.

        Raises:
            AssertionError: not within the time.
        """
        try:
            async with asyncio.timeout(seconds), self._changed:
                await self._changed.wait_for(lambda: len(self.callbacks) >= count)
        except TimeoutError:
            raise AssertionError(f"wanted {count} callbacks within {seconds} s, sent: {self.callbacks}") from None
        return list(self.callbacks)

    async def press(self, call: Received, digits: str) -> Heard:
        """Somebody in a call presses keys ("" for none); returns what they hear then.

        Raises:
            LookupError: the call asks for nothing.
        """
        return await self._answer(call, {"Digits": digits} if digits else {})

    async def speak(self, call: Received, words: str) -> Heard:
        """Somebody in a call says something; returns what they hear then.

        Raises:
            LookupError: the call asks for nothing.
        """
        return await self._answer(call, {"SpeechResult": words, "Confidence": "0.9"})

    async def text(
        self, url: str, number: str, words: str, *, to: str | None = None, account: str | None = None
    ) -> list[str]:
        """Somebody texts to our number, whose webhook is `url`; returns the texts that they get back.

        `to` is a number of another account in `accounts`, and `account` its sid.

        Raises:
            AssertionError: the webhook did not answer 200.
        """
        fields = {
            "MessageSid": f"SM{secrets.token_hex(16)}", "AccountSid": account or self.account_sid, "From": number,
            "To": to or self.sender, "Body": words, "NumMedia": "0", "ApiVersion": "2010-04-01",
        }  # fmt: skip
        status, body = await self._post(url, fields, account=account)
        assert status == 200, f"the webhook answered {status}: {body}"
        return [each.text or "" for each in ET.fromstring(body).iter("Message")]

    async def _answer(self, call: Received, fields: dict[str, str]) -> Heard:
        asked = self._scripts[call.provider_id].answer_url
        if asked is None:
            raise LookupError("the call asks for nothing")
        sent = {
            "CallSid": call.provider_id, "AccountSid": self.account_sid, "From": self.sender, "To": call.to,
            "CallStatus": "in-progress", "ApiVersion": "2010-04-01", **fields,
        }  # fmt: skip
        status, body = await self._post(asked, sent, account=str(self._calls[call.provider_id]["account_sid"]))
        if status != 200:
            return Heard(words="An application error has occurred. Goodbye.", answer_url=None)
        heard = listen(body)
        self._scripts[call.provider_id] = heard
        return heard

    async def _post(
        self, url: str, fields: dict[str, str], *, account: str | None = None
    ) -> tuple[int | None, str]:  # fmt: skip
        token = self._tokens[account or self.account_sid]
        signature = RequestValidator(token).compute_signature(url, fields)
        return await _post(url, fields, signature)

    def _routes(self) -> web.Application:
        application = web.Application()
        base = "/2010-04-01/Accounts/{account}/Messages"
        application.router.add_post(f"{base}.json", self._create)
        application.router.add_get(f"{base}.json", self._list)
        application.router.add_get(f"{base}/{{sid}}.json", self._fetch)
        application.router.add_get("/2010-04-01/Accounts/{account}.json", self._tell_account)
        calls = "/2010-04-01/Accounts/{account}/Calls"
        application.router.add_post(f"{calls}.json", self._call)
        application.router.add_get(f"{calls}.json", self._list_calls)
        return application

    def _is_allowed(self, request: web.Request) -> bool:
        account = request.match_info["account"]
        wanted = encode_basic_auth(account, self._tokens.get(account, ""))
        return account in self._tokens and request.headers.get("Authorization") == wanted

    async def _create(self, request: web.Request) -> web.Response:
        if not self._is_allowed(request):
            return _problem(401, 20003, "Authenticate")
        form = {key: str(value) for key, value in (await request.post()).items()}
        missing = [key for key in ("To", "From", "Body") if not form.get(key)]
        if missing:
            return _problem(400, {"To": 21604, "From": 21603, "Body": 21602}[missing[0]], f"{missing[0]} is required")
        message = self._new_message(form, request.match_info["account"])

        async def accept() -> web.Response:
            self._messages[str(message["sid"])] = message
            if "StatusCallback" in form:
                self._callback_urls[str(message["sid"])] = form["StatusCallback"]
            return web.json_response({**message, "status": "queued", "date_sent": None}, status=201)

        return await self._send(request, _as_seen(message, form), accept)

    async def _call(self, request: web.Request) -> web.Response:
        if not self._is_allowed(request):
            return _problem(401, 20003, "Authenticate")
        form = {key: str(value) for key, value in (await request.post()).items()}
        missing = [key for key in ("To", "From", "Twiml") if not form.get(key)]
        if missing:
            return _problem(400, {"To": 21201, "From": 21213, "Twiml": 21205}[missing[0]], f"{missing[0]} is required")
        call, heard = self._new_call(form, request.match_info["account"]), listen(form["Twiml"])

        async def accept() -> web.Response:
            sid = str(call["sid"])
            self._calls[sid], self._scripts[sid] = call, heard
            if "StatusCallback" in form:
                self._callback_urls[sid] = form["StatusCallback"]
            return web.json_response(call, status=201)

        return await self._send(request, _as_heard(call, form, heard), accept)

    async def _list_calls(self, request: web.Request) -> web.Response:
        return await self._listed(request, self._calls, "calls")

    async def _list(self, request: web.Request) -> web.Response:
        return await self._listed(request, self._messages, "messages")

    async def _listed(self, request: web.Request, things: dict[str, dict[str, Any]], name: str) -> web.Response:
        if not self._is_allowed(request):
            return _problem(401, 20003, "Authenticate")
        self._note_look_up(request.transport, to=request.query.get("To", ""))
        found = [each for each in reversed(things.values()) if _fits(each, dict(request.query))]
        size, page = int(request.query.get("PageSize", PAGE_SIZE)), int(request.query.get("Page", 0))
        shown = found[page * size : (page + 1) * size]
        following = request.rel_url.update_query(Page=page + 1) if len(found) > (page + 1) * size else None
        return web.json_response(
            {
                name: shown,
                "page": page,
                "page_size": size,
                "start": page * size,
                "end": page * size + max(0, len(shown) - 1),
                "uri": str(request.rel_url),
                "first_page_uri": str(request.rel_url.update_query(Page=0)),
                "next_page_uri": None if following is None else str(following),
                "previous_page_uri": None,
            }
        )

    async def _tell_account(self, request: web.Request) -> web.Response:
        if not self._is_allowed(request):
            return _problem(401, 20003, "Authenticate")
        return web.json_response({"sid": self.account_sid, "status": "active", "type": "Full"})

    async def _fetch(self, request: web.Request) -> web.Response:
        if not self._is_allowed(request):
            return _problem(401, 20003, "Authenticate")
        message = self._messages.get(request.match_info["sid"])
        return _problem(404, 20404, "Not found") if message is None else web.json_response(message)

    def _new_message(self, form: dict[str, str], account: str) -> dict[str, Any]:
        sid = f"SM{secrets.token_hex(16)}"
        now = format_datetime(clock.utc_now())
        return {
            "sid": sid,
            "account_sid": account,
            "to": form["To"],
            "from": form["From"],
            "body": form["Body"],
            "status": "sent",
            "direction": "outbound-api",
            "date_created": now,
            "date_updated": now,
            "date_sent": now,
            "num_segments": "1",
            "num_media": "0",
            "price": None,
            "price_unit": "USD",
            "error_code": None,
            "error_message": None,
            "messaging_service_sid": None,
            "api_version": "2010-04-01",
            "uri": f"/2010-04-01/Accounts/{account}/Messages/{sid}.json",
            "subresource_uris": {},
        }

    def _new_call(self, form: dict[str, str], account: str) -> dict[str, Any]:
        sid = f"CA{secrets.token_hex(16)}"
        return {
            "sid": sid,
            "account_sid": account,
            "to": form["To"],
            "from": form["From"],
            "status": "queued",
            "direction": "outbound-api",
            "date_created": format_datetime(clock.utc_now()),
            "date_updated": None,
            "start_time": None,
            "end_time": None,
            "duration": None,
            "answered_by": None,
            "api_version": "2010-04-01",
            "uri": f"/2010-04-01/Accounts/{account}/Calls/{sid}.json",
            "subresource_uris": {},
        }

    def _error(self, status: int, *, code: str, headers: dict[str, str] | None = None) -> web.Response:
        return _problem(status, _CODES.get(status, status), code, headers=headers)

    def _refusal(self, code: str) -> web.Response:
        return _problem(400, int(code), "Refused")

    async def _tell(self, sent: Received, status: str) -> None:
        await self.call_back(sent, status)


def _callback_fields(thing: dict[str, Any], status: str) -> dict[str, str]:
    sid = str(thing["sid"])
    named = (
        {"CallSid": sid, "CallStatus": status}
        if sid.startswith("CA")
        else {"MessageSid": sid, "SmsSid": sid, "MessageStatus": status, "SmsStatus": status}
    )
    return {
        **named,
        "AccountSid": str(thing["account_sid"]),
        "From": str(thing["from"]),
        "To": str(thing["to"]),
        "ApiVersion": "2010-04-01",
    }


async def _post(url: str, fields: dict[str, str], signature: str) -> tuple[int | None, str]:
    headers = {"X-Twilio-Signature": signature}
    async with ClientSession(timeout=ClientTimeout(total=10)) as session:
        try:
            async with session.post(url, data=fields, headers=headers) as answer:
                return answer.status, await answer.text()
        except (ClientError, TimeoutError):
            return None, ""


def _as_heard(call: dict[str, Any], form: dict[str, str], heard: Heard) -> Received:
    return Received(
        at=clock.utc_now(),
        channel="phone",
        to=form["To"],
        text=heard.words,
        provider_id=str(call["sid"]),
        delivery_id=find_delivery_id(form.get("StatusCallback", ""), form["Twiml"]),
        is_repeat=heard.words.startswith("This is a repeat."),
        raw=dict(form),
    )


def _as_seen(message: dict[str, Any], form: dict[str, str]) -> Received:
    return Received(
        at=clock.utc_now(),
        channel="sms",
        to=form["To"],
        text=form["Body"],
        provider_id=str(message["sid"]),
        delivery_id=find_delivery_id(form.get("StatusCallback", "")),
        is_repeat=is_marked_repeat(form["Body"]),
        raw=dict(form),
    )


def _fits(message: dict[str, Any], query: dict[str, str]) -> bool:
    """Twilio's filters; dates compare to the second, as its timestamps have no more."""
    if query.get("To", message["to"]) != message["to"] or query.get("From", message["from"]) != message["from"]:
        return False
    sent = _moment(str(message.get("date_sent") or message["date_created"]))
    after, before = query.get("DateSent>"), query.get("DateSent<")
    return (after is None or sent >= _moment(after)) and (before is None or sent <= _moment(before))


def _moment(text: str) -> datetime:
    if "," in text:
        return datetime.strptime(text, "%a, %d %b %Y %H:%M:%S %z")
    return datetime.fromisoformat(text).astimezone(UTC) if "T" in text else datetime.fromisoformat(f"{text}T00:00:00Z")


def _problem(status: int, code: int, message: str, *, headers: dict[str, str] | None = None) -> web.Response:
    body = {
        "code": code,
        "message": message,
        "more_info": f"https://www.twilio.com/docs/errors/{code}",
        "status": status,
    }
    return web.json_response(body, status=status, headers=headers)
