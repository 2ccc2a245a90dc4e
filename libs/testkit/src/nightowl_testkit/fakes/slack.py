"""Slack's Web API as far as NightOwl uses it. Point `AsyncWebClient(base_url=fake.url)` here.

Answers are Slack's: HTTP 200 with `{"ok": false, "error": …}` for what it refuses, 429 with `Retry-After` when
it is asked too often. A message to a user id opens a direct-message channel, as at Slack. Each token is a workspace of
its own. A reply in a thread is seen by whoever opens the thread; it is `received` only when it is broadcast.
"""

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Mapping
from decimal import Decimal
from typing import Any

import msgspec
from aiohttp import web

from nightowl_common import clock
from nightowl_testkit.fakes.provider import FakeProvider, cut
from nightowl_testkit.fakes.script import (
    DroppedReply,
    ErrorBeforeAccept,
    LateCallback,
    Predicate,
    RateLimited,
    Received,
    Refused,
    Slow,
    Step,
    find_delivery_id,
    is_marked_repeat,
)
from nightowl_testkit.fakes.slack_rooms import SIGNING_SECRET, SlackRooms

Fields = dict[str, Any]
Method = Callable[[web.Request, Fields], Awaitable[web.Response]]

PAGE_SIZE = 100
LookupStep = Slow | RateLimited | ErrorBeforeAccept | DroppedReply
MethodStep = Slow | RateLimited | ErrorBeforeAccept | Refused
TOKEN = "xoxb-fake"


class MethodCall(msgspec.Struct, frozen=True, kw_only=True):
    """A call as it came, whatever was answered."""

    method: str
    token: str
    fields: Fields


class SlackFailure(Exception):  # noqa: N818  (a word of Slack's protocol, not an error of ours)
    """Slack's `error` word."""


class FakeSlack(FakeProvider):
    """Workspaces where every user and channel exists, but for those in `unknown`."""

    name = "Slack"

    def __init__(self, *, port: int | None = None) -> None:
        super().__init__(port=port)
        self.unknown: set[str] = set()
        self.updates: list[Fields] = []
        self.calls: list[MethodCall] = []
        self._messages: dict[tuple[str, str], list[Fields]] = {}
        self._method_steps: list[tuple[str, str | None, MethodStep]] = []
        self._people: dict[str, str] = {}
        self._lookups: list[LookupStep] = []
        self._numbers = itertools.count(1)
        self.rooms = SlackRooms(self.port)

    @property
    def url(self) -> str:
        """For `base_url`."""
        return f"http://127.0.0.1:{self.port}/api/"

    @property
    def environment(self) -> dict[str, str]:
        """The notifier's settings that point it here."""
        return {
            "SLACK_API_URL": self.url,
            "SLACK_BOT_TOKEN": TOKEN,
            "SLACK_SIGNING_SECRET": SIGNING_SECRET,
        }

    def script(self, *steps: Step, when: Predicate | None = None, forever: bool = False) -> None:
        """As for every fake; Slack has no status callbacks."""
        if any(isinstance(each, LateCallback) or getattr(each, "callback", None) for each in steps):
            raise ValueError("Slack sends no status callbacks")
        super().script(*steps, when=when or (lambda _received: True), forever=forever)

    def script_lookups(self, *steps: LookupStep) -> None:
        """The next calls of conversations.history behave like this."""
        self._lookups += steps

    def script_method(self, method: str, *steps: MethodStep, token: str | None = None) -> None:
        """The next calls of a method (with a token) behave like this, before anything is done."""
        self._method_steps += [(method, token, step) for step in steps]

    def clear(self) -> None:
        """Forgets everything but which user has which direct-message channel."""
        super().clear()
        self.calls.clear()
        self._method_steps.clear()
        self.unknown.clear()
        self.updates.clear()
        self._messages.clear()
        self._lookups.clear()
        self.rooms.clear()

    def messages(self, to: str, *, token: str | None = None) -> list[Fields]:
        """What was posted to a user or a channel, as it is now, oldest first, replies in threads included.

        Without a token: of the one workspace that knows the conversation.
        """
        channel = self._channel_of(to)
        known = [key for key in self._messages if key[1] == channel and token in {None, key[0]}]
        assert len(known) <= 1, f"{to} is in several workspaces: say which"
        return self._messages[known[0]] if known else []

    def thread(self, to: str, root: Fields, *, token: str | None = None) -> list[Fields]:
        """The replies to a message, in order."""
        return [each for each in self.messages(to, token=token) if each.get("thread_ts") == root["ts"]]

    def delete(self, to: str, message: Fields, *, token: str | None = None) -> None:
        """Somebody deletes a message."""
        self.messages(to, token=token).remove(message)

    def edits_of(self, message: Fields) -> list[Fields]:
        """What a message has shown, edit by edit."""
        return [each for each in self.updates if each["ts"] == message["ts"]]

    async def until(self, wanted: Callable[[], object], *, seconds: float = 30.0) -> None:
        """Waits until something is so; looked at whenever a call was answered.

        Raises:
            AssertionError: not within the time; says what was called instead.
        """
        try:
            async with asyncio.timeout(seconds), self._changed:
                await self._changed.wait_for(lambda: bool(wanted()))
        except TimeoutError:
            calls = [f"{each.method} {each.fields.get('text')}" for each in self.calls]
            raise AssertionError(f"not within {seconds} s; called: {calls}") from None

    def _routes(self) -> web.Application:
        application = web.Application()
        application.router.add_route("*", "/api/{method}", self._call)
        application.router.add_post("/response/{number}", self.rooms.take_response)
        return application

    async def _call(self, request: web.Request) -> web.Response:
        fields = await _fields_of(request)
        name, token = request.match_info["method"], _token(request, fields)
        method = self._methods().get(name)
        if not token:
            return _not_ok("not_authed")
        if method is None:
            return _not_ok("unknown_method")
        self.calls.append(MethodCall(method=name, token=token, fields=fields))
        try:
            return await self._as_scripted(name, token) or await method(request, fields | {"token": token})
        except SlackFailure as failure:
            return _not_ok(str(failure))
        finally:
            async with self._changed:
                self._changed.notify_all()

    async def _as_scripted(self, method: str, token: str) -> web.Response | None:
        for place, (name, whose, step) in enumerate(self._method_steps):
            if name == method and whose in {None, token}:
                del self._method_steps[place]
                match step:
                    case RateLimited(seconds):
                        return self._error(429, code="ratelimited", headers={"Retry-After": str(seconds)})
                    case ErrorBeforeAccept(status):
                        return self._error(status, code="internal_error")
                    case Refused(code):
                        return self._refusal(code)
                    case Slow(seconds):
                        await clock.sleep(seconds)
                        return None
        return None

    def _methods(self) -> dict[str, Method]:
        return {
            "auth.test": self._auth_test,
            "chat.postMessage": self._post_message,
            "chat.update": self._update,
            "conversations.history": self._history,
            "conversations.open": self._open,
            "conversations.replies": self._replies,
            **self.rooms.methods,
        }

    async def _auth_test(self, _request: web.Request, _fields: Fields) -> web.Response:
        return _ok(url=self.url, team="Fake", team_id="T0FAKE", user="nightowl", user_id="U0BOT", bot_id="B0BOT")

    async def _open(self, request: web.Request, fields: Fields) -> web.Response:
        users = str(fields.get("users", ""))
        self._note_look_up(request.transport, to=users)
        if not users or users in self.unknown:
            raise SlackFailure("user_not_found" if users else "users_list_not_supplied")
        return _ok(channel={"id": self._channel_of(users)})

    async def _post_message(self, request: web.Request, fields: Fields) -> web.Response:
        channel = self._channel_of(self._known_channel(fields))
        if not fields.get("text") and not fields.get("blocks"):
            raise SlackFailure("no_text")
        message = {"type": "message", "user": "U0BOT", "bot_id": "B0BOT", "ts": self._next_ts(), **_content(fields)}
        room = (str(fields["token"]), channel)
        if "thread_ts" in fields:
            if not any(each["ts"] == fields["thread_ts"] for each in self._messages.get(room, [])):
                raise SlackFailure("thread_not_found")
            message["thread_ts"] = fields["thread_ts"]
            message |= {"subtype": "thread_broadcast"} if _is_true(fields.get("reply_broadcast")) else {}

        async def accept() -> web.Response:
            self._messages.setdefault(room, []).append(message)
            return _ok(channel=channel, ts=message["ts"], message=message)

        return await self._send(request, self._as_seen(channel, message), accept)

    async def _update(self, _request: web.Request, fields: Fields) -> web.Response:
        channel = self._channel_of(self._known_channel(fields))
        for message in self._messages.get((str(fields["token"]), channel), []):
            if message["ts"] == fields.get("ts"):
                message.update(_content(fields), edited={"user": "U0BOT", "ts": self._next_ts()})
                self.updates.append({"channel": channel, **message})
                return _ok(channel=channel, ts=message["ts"], text=message["text"], message=message)
        raise SlackFailure("message_not_found")

    async def _history(self, request: web.Request, fields: Fields) -> web.Response:
        answer = await self._history_as_scripted(request, fields)
        channel = self._channel_of(str(fields.get("channel", "")))
        self._note_look_up(request.transport, to=self._people.get(channel, channel))
        return answer

    async def _history_as_scripted(self, request: web.Request, fields: Fields) -> web.Response:
        if self._lookups:
            step = self._lookups.pop(0)
            match step:
                case RateLimited(seconds):
                    return self._error(429, code="ratelimited", headers={"Retry-After": str(seconds)})
                case ErrorBeforeAccept(status):
                    return self._error(status, code="internal_error")
                case DroppedReply():
                    return cut(request)
                case Slow(seconds):
                    await clock.sleep(seconds)
        return self._history_page(self._channel_of(self._known_channel(fields)), fields)

    def _history_page(self, channel: str, fields: Fields) -> web.Response:
        everything = self._messages.get((str(fields["token"]), channel), [])
        found = [each for each in reversed(everything) if _is_seen(each) and _is_in_range(each["ts"], fields)]
        return self._page_of(found, fields)

    async def _replies(self, _request: web.Request, fields: Fields) -> web.Response:
        channel, root = self._channel_of(self._known_channel(fields)), fields.get("ts")
        everything = self._messages.get((str(fields["token"]), channel), [])
        found = [each for each in everything if root in {each["ts"], each.get("thread_ts")}]
        if not found:
            raise SlackFailure("thread_not_found")
        return self._page_of(found, fields)

    def _page_of(self, found: list[Fields], fields: Fields) -> web.Response:
        limit, start = int(fields.get("limit") or PAGE_SIZE), int(fields.get("cursor") or 0)
        page = found[start : start + limit]
        has_more = len(found) > start + limit
        if not _is_true(fields.get("include_all_metadata")):
            page = [{key: value for key, value in each.items() if key != "metadata"} for each in page]
        cursor = {"next_cursor": str(start + limit)} if has_more else {}
        return _ok(messages=page, has_more=has_more, response_metadata=cursor)

    def _known_channel(self, fields: Fields) -> str:
        channel = str(fields.get("channel", ""))
        if not channel or channel in self.unknown or self._people.get(channel) in self.unknown:
            raise SlackFailure("channel_not_found")
        return channel

    def _channel_of(self, target: str) -> str:
        """The channel of a target: a user's is the direct-message channel, opened when needed."""
        if not target.startswith(("U", "W")):
            return target
        channel = f"D{target[1:]}"
        self._people[channel] = target
        return channel

    def _as_seen(self, channel: str, message: Fields) -> Received:
        person = self._people.get(channel)
        text = str(message["text"])
        return Received(
            at=clock.utc_now(),
            channel="slack_channel" if person is None else "slack_dm",
            to=channel if person is None else person,
            text=text,
            provider_id=f"{channel}:{message['ts']}",
            delivery_id=find_delivery_id(message.get("metadata")),
            is_repeat=is_marked_repeat(text),
            raw=dict(message),
        )

    async def _record(self, message: Received) -> None:
        """A reply in a thread reaches nobody who does not look, unless the channel is shown it."""
        if _is_seen(message.raw):
            await super()._record(message)

    def _next_ts(self) -> str:
        return f"{int(clock.utc_now().timestamp())}.{next(self._numbers):06d}"

    def _error(self, status: int, *, code: str, headers: dict[str, str] | None = None) -> web.Response:
        return web.json_response({"ok": False, "error": code}, status=status, headers=headers)

    def _refusal(self, code: str) -> web.Response:
        return _not_ok(code)

    async def _tell(self, sent: Received, status: str) -> None:
        raise NotImplementedError  # script() lets no callback in


async def _fields_of(request: web.Request) -> Fields:
    """Slack takes arguments as query, as form and as JSON; in a form, structures are JSON texts."""
    fields: Fields = dict(request.query)
    if request.content_type == "application/json":
        return fields | msgspec.json.decode(await request.read() or b"{}", type=dict)
    for key, value in (await request.post()).items():
        is_structure = key in {"metadata", "blocks", "attachments", "view"}
        fields[key] = msgspec.json.decode(str(value)) if is_structure else str(value)
    return fields


def _token(request: web.Request, fields: Fields) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token if scheme == "Bearer" else str(fields.get("token") or "")


def _is_seen(message: Mapping[str, object]) -> bool:
    """Whether the channel itself shows a message."""
    return "thread_ts" not in message or message.get("subtype") == "thread_broadcast"


def _content(fields: Fields) -> Fields:
    """What a caller may set of a message."""
    kept = {key: fields[key] for key in ("blocks", "attachments", "metadata") if fields.get(key)}
    return {"text": str(fields.get("text", "")), **kept}


def _is_in_range(ts: str, fields: Fields) -> bool:
    oldest, latest = Decimal(str(fields.get("oldest") or 0)), fields.get("latest")
    if _is_true(fields.get("inclusive")):
        return oldest <= Decimal(ts) and (not latest or Decimal(ts) <= Decimal(str(latest)))
    return oldest < Decimal(ts) and (not latest or Decimal(ts) < Decimal(str(latest)))


def _is_true(value: object) -> bool:
    return str(value).lower() in {"true", "1"}


def _ok(**fields: object) -> web.Response:
    return web.json_response({"ok": True, **fields})


def _not_ok(error: str) -> web.Response:
    return web.json_response({"ok": False, "error": error})
