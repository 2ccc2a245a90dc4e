"""Somebody's HTTP server that pages are posted to: a webhook of their own, a Mattermost or a Teams channel."""

import itertools
import json
from typing import Any

from aiohttp import web

from nightowl_common import clock
from nightowl_testkit.fakes.provider import FakeProvider
from nightowl_testkit.fakes.script import Received, find_delivery_id, is_marked_repeat

_ANSWERS = {"webhook": (204, ""), "mattermost": (200, "ok"), "teams": (202, "")}


class FakeHooks(FakeProvider):
    """`POST /<channel>/<anything>`; the channel decides how it answers. Everything under /moved redirects."""

    name = "hooks"

    def __init__(self) -> None:
        super().__init__()
        self._numbers = itertools.count(1)

    @property
    def url(self) -> str:
        """Without a path."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """The notifier's settings that let it post here."""
        return {"NIGHTOWL_WEBHOOK_HOSTS": "127.0.0.1"}

    def address(self, channel: str, name: str = "room") -> str:
        """The URL of an endpoint."""
        return f"{self.url}/{channel}/{name}"

    def _routes(self) -> web.Application:
        application = web.Application()
        application.router.add_post("/moved/{name}", self._moved)
        application.router.add_post("/{channel}/{name}", self._take)
        return application

    async def _moved(self, _request: web.Request) -> web.Response:
        return web.Response(status=307, headers={"Location": self.address("webhook")})

    async def _take(self, request: web.Request) -> web.Response:
        body = await request.text()
        channel = request.match_info["channel"]

        async def accept() -> web.Response:
            status, text = _ANSWERS[channel]
            return web.Response(status=status, text=text)

        return await self._send(request, self._seen(request, channel, body), accept)

    def _seen(self, request: web.Request, channel: str, body: str) -> Received:
        text = " ".join(_texts(json.loads(body)))
        return Received(
            at=clock.utc_now(),
            channel=channel,
            to=request.path,
            text=text,
            provider_id=str(next(self._numbers)),
            delivery_id=find_delivery_id(request.headers.get("Idempotency-Key", "")),
            is_repeat=is_marked_repeat(text) or '"is_repeat":true' in body,
            raw={"headers": dict(request.headers), "body": body},
        )

    def _error(self, status: int, *, code: str, headers: dict[str, str] | None = None) -> web.Response:
        return web.Response(status=status, text=code, headers=headers)

    def _refusal(self, code: str) -> web.Response:
        return web.Response(status=int(code), text="refused")

    async def _tell(self, sent: Received, status: str) -> None:
        raise NotImplementedError(f"a webhook reports nothing: {sent} is {status}")


def _texts(node: Any) -> list[str]:
    """Every text of a body that somebody may read, in order."""
    if isinstance(node, str):
        return [node]
    if isinstance(node, dict):
        return [text for value in node.values() for text in _texts(value)]
    return [text for value in node for text in _texts(value)] if isinstance(node, list) else []
