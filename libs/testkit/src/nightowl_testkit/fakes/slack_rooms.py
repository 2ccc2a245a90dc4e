"""What a workspace shows people beside messages: forms, words for one person alone, who somebody is."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from aiohttp import web

Fields = dict[str, Any]
Method = Callable[[web.Request, Fields], Awaitable[web.Response]]

SIGNING_SECRET = "fake-signing-secret-of-the-installation"
TEAM = "T0FAKE"


class SlackRooms:
    """`forms` are opened views, `whispers` ephemeral messages, `responses` what came to response URLs."""

    def __init__(self, port: int) -> None:
        self.forms: list[Fields] = []
        self.whispers: list[Fields] = []
        self.responses: list[Fields] = []
        self.profiles: dict[str, Fields] = {}
        self.expired_triggers: set[str] = set()
        self._port = port
        self._numbers = itertools.count(1)
        self._changed = asyncio.Condition()

    @property
    def methods(self) -> dict[str, Method]:
        """By their names in the Web API."""
        return {
            "chat.postEphemeral": self._post_ephemeral,
            "users.info": self._users_info,
            "views.open": self._views_open,
        }

    def clear(self) -> None:
        """Forgets what was shown, and who is who."""
        self.forms.clear()
        self.whispers.clear()
        self.responses.clear()
        self.profiles.clear()
        self.expired_triggers.clear()

    def introduce(self, user: str, email: str, **flags: object) -> None:
        """The workspace knows a user by this address; `flags` are fields of a Slack user."""
        self.profiles[user] = {
            "id": user, "team_id": TEAM, "deleted": False, "is_bot": False, "is_email_confirmed": True,
            "profile": {"email": email}, **flags,
        }  # fmt: skip

    def response_url(self) -> str:
        """A new one."""
        return f"http://127.0.0.1:{self._port}/response/{next(self._numbers)}"

    async def wait_for_responses(self, count: int = 1, *, seconds: float = 20.0) -> list[Fields]:
        """Waits until so many answers came to response URLs.

        Raises:
            AssertionError: not within the time.
        """
        try:
            async with asyncio.timeout(seconds), self._changed:
                await self._changed.wait_for(lambda: len(self.responses) >= count)
        except TimeoutError:
            raise AssertionError(f"wanted {count} responses, got {self.responses}") from None
        return self.responses

    async def take_response(self, request: web.Request) -> web.Response:
        """A response URL: takes JSON, answers `ok`."""
        body = msgspec.json.decode(await request.read(), type=dict)
        async with self._changed:
            self.responses.append({"url": str(request.url), **body})
            self._changed.notify_all()
        return web.Response(text="ok")

    async def _post_ephemeral(self, _request: web.Request, fields: Fields) -> web.Response:
        if not fields.get("user") or not fields.get("channel"):
            return _not_ok("user_not_in_channel")
        self.whispers.append(fields)
        return web.json_response({"ok": True, "message_ts": "1.000001"})

    async def _users_info(self, _request: web.Request, fields: Fields) -> web.Response:
        profile = self.profiles.get(str(fields.get("user", "")))
        if profile is None:
            return _not_ok("user_not_found")
        return web.json_response({"ok": True, "user": profile})

    async def _views_open(self, _request: web.Request, fields: Fields) -> web.Response:
        if not fields.get("trigger_id") or fields["trigger_id"] in self.expired_triggers:
            return _not_ok("expired_trigger_id")
        view = fields["view"]
        if not _is_valid(view):
            return _not_ok("invalid_arguments")
        form = {**view, "id": f"V{next(self._numbers):06d}"}
        self.forms.append(form)
        return web.json_response({"ok": True, "view": form})


def _is_valid(view: Fields) -> bool:
    """Whether Slack would take a view."""
    blocks = view.get("blocks", [])
    labels = [view.get(name, {}).get("text", "") for name in ("title", "submit", "close")]
    is_too_long = any(len(each) > 24 for each in labels) or len(view.get("private_metadata", "")) > 3_000
    needs_submit = any(each["type"] == "input" for each in blocks)
    is_modal = view.get("type") == "modal" and 0 < len(blocks) <= 100
    return is_modal and not is_too_long and (bool(view.get("submit")) or not needs_submit)


def _not_ok(error: str) -> web.Response:
    return web.json_response({"ok": False, "error": error})
