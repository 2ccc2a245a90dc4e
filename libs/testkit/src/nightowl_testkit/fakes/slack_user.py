"""Somebody who uses Slack: types commands, presses buttons, sends forms. Requests are signed as Slack signs them.

The signature is made here by the published rule (HMAC-SHA256 over `v0:<time stamp>:<raw body>`), and not by the library
that the service checks it with.
"""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import aiohttp
import msgspec

from nightowl_common import clock
from nightowl_testkit.fakes.slack import FakeSlack
from nightowl_testkit.fakes.slack_rooms import SIGNING_SECRET, TEAM

Fields = dict[str, Any]
FORM_TYPE, JSON_TYPE = "application/x-www-form-urlencoded", "application/json"


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """An answer to one of Slack's requests."""

    status: int
    body: Fields

    @property
    def words(self) -> str:
        """All that it says, as one text."""
        return words_of(self.body)


class Signed(msgspec.Struct, frozen=True, kw_only=True):
    """A request as it travels, so that it can be sent again or spoilt."""

    path: str
    body: bytes
    headers: dict[str, str]


class SlackUser:
    """One person of one workspace; `url` is where the notifier listens, `secret` what their Slack signs with."""

    def __init__(
        self, slack: FakeSlack, url: str, user: str, *, secret: str = SIGNING_SECRET, team: str = TEAM
    ) -> None:
        self._slack = slack
        self._url = url
        self.user = user
        self._secret = secret
        self._team = team

    async def types(self, command: str, text: str = "") -> Heard:
        """A slash command."""
        return await self.sends(self.command(command, text))

    async def presses(self, action_id: str, value: str, *, channel: str = "C0ROOM", trigger: str = "") -> Heard:
        """A button with a value, in a message of a channel."""
        payload = {
            "type": "block_actions",
            "team": {"id": self._team},
            "user": {"id": self.user, "team_id": self._team},
            "trigger_id": trigger or secrets.token_hex(8),
            "response_url": self._slack.rooms.response_url(),
            "container": {"type": "message", "channel_id": channel, "message_ts": "1700000000.000100"},
            "actions": [{"type": "button", "action_id": action_id, "value": value, "block_id": "b"}],
        }
        return await self.sends(self.interaction(payload))

    async def sends_form(self, form: Fields, **fields: str | bool) -> Heard:
        """A form as it was opened, with some of its fields filled in anew."""
        return await self.sends(self.interaction(self.filled(form, **fields)))

    def filled(self, form: Fields, **fields: str | bool) -> Fields:
        """The payload of a form that is sent: what stands in it, and what was typed over it."""
        values = {
            block["block_id"]: {block["element"]["action_id"]: _field(block["element"], fields.get(block["block_id"]))}
            for block in form["blocks"]
            if block["type"] == "input"
        }
        view = {
            "id": form.get("id", "V1"),
            "type": "modal",
            "callback_id": form["callback_id"],
            "private_metadata": form["private_metadata"],
            "state": {"values": values},
        }
        return {
            "type": "view_submission",
            "team": {"id": self._team},
            "user": {"id": self.user},
            "trigger_id": secrets.token_hex(8),
            "view": view,
        }

    async def says(self, text: str, *, channel: str = "C0ROOM", event_id: str = "", **event: object) -> Heard:
        """A mention, or with `channel_type="im"` a direct message."""
        kind = "message" if event.get("channel_type") == "im" else "app_mention"
        happened = {"type": kind, "user": self.user, "text": text, "channel": channel, "ts": "1700000000.000200"}
        return await self.sends(self.event({**happened, **event}, event_id=event_id))

    def command(self, command: str, text: str = "") -> Signed:
        """A slash command, signed."""
        fields = {
            "command": command,
            "text": text,
            "team_id": self._team,
            "user_id": self.user,
            "channel_id": "C0ROOM",
            "response_url": self._slack.rooms.response_url(),
            "trigger_id": secrets.token_hex(8),
        }
        return self.signed("/api/v1/slack/commands", urlencode(fields).encode(), content_type=FORM_TYPE)

    def interaction(self, payload: Mapping[str, object]) -> Signed:
        """A button or a form, signed."""
        body = urlencode({"payload": msgspec.json.encode(payload).decode()}).encode()
        return self.signed("/api/v1/slack/interactions", body, content_type=FORM_TYPE)

    def event(self, happened: Mapping[str, object], *, event_id: str = "") -> Signed:
        """A call of the Events API, signed."""
        body = {
            "type": "event_callback",
            "team_id": self._team,
            "event_id": event_id or f"Ev{secrets.token_hex(6)}",
            "event": happened,
            "authorizations": [{"team_id": self._team, "user_id": "U0BOT", "is_bot": True}],
        }
        return self.signed("/api/v1/slack/events", msgspec.json.encode(body), content_type=JSON_TYPE)

    def signed(self, path: str, body: bytes, *, content_type: str, age_seconds: int = 0) -> Signed:
        """A request with Slack's two headers."""
        stamp = str(int(clock.utc_now().timestamp()) - age_seconds)
        mac = hmac.new(self._secret.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
        headers = {"Content-Type": content_type, "X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={mac}"}
        return Signed(path=path, body=body, headers=headers)

    async def sends(self, request: Signed) -> Heard:
        """Sends a request as it is."""
        async with (
            aiohttp.ClientSession() as session,
            session.post(self._url + request.path, data=request.body, headers=request.headers) as answer,
        ):
            body = msgspec.json.decode(await answer.read() or b"{}")
            return Heard(status=answer.status, body=body)


def button_of(message: Mapping[str, Any], action_id: str) -> str | None:
    """The value that a message's button really carries; None when it has no such button."""
    for block in message.get("blocks", []):
        for element in block.get("elements", []):
            if element.get("action_id") == action_id:
                return str(element.get("value", ""))
    return None


def words_of(body: Mapping[str, Any]) -> str:
    """All texts of an answer's blocks, or of the view in it."""
    shown = body.get("view", body)
    texts = [str(body.get("text", ""))]
    for block in shown.get("blocks", []):
        texts += [str(each.get("text", "")) for each in (block.get("text") or {}, *block.get("elements", []))]
    return "\n".join(texts)


def _field(element: Mapping[str, Any], given: object) -> Fields:
    match element["type"]:
        case "plain_text_input":
            return {"type": "plain_text_input", "value": element.get("initial_value") if given is None else given}
        case "static_select":
            chosen = element.get("initial_option") if given is None else {"value": given}
            return {"type": "static_select", "selected_option": chosen}
        case _:
            return {"type": element["type"], "selected_options": element["options"] if given else []}
