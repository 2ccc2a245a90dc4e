"""Answers as JSON, packed for callers who can unpack them: a list of a hundred things is a tenth as long on its way."""

import gzip
from collections.abc import Iterable

from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, HTTPResponseStartEvent, Message, Receive, Scope, Send

SHORTEST_BYTES = 1_000
"""Below this, what is saved fits in the same packet."""

LEVEL = 4
"""A hundred alerts take a millisecond; higher levels take three times as long for a twentieth less."""

_SECRET = b"/api/v1/auth/"
"""Answers that hold a session's secret beside what a caller sent are not packed: their length would tell of it."""


def accepted_codings(header: str) -> frozenset[str]:
    """What `Accept-Encoding` names and does not refuse."""
    named = (each.replace(" ", "").lower().partition(";q=") for each in header.split(","))
    return frozenset(name for name, _, weight in named if not weight or weight.strip("0."))


class PackedAnswers(ASGIMiddleware):
    """Packs JSON that is sent in one piece. Streams, files, and answers whose ETag names their bytes stay plain."""

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Wraps the rest of the application."""
        asked = dict(scope["headers"]).get(b"accept-encoding", b"").decode("latin-1")
        if "gzip" not in accepted_codings(asked) or scope["path"].encode().startswith(_SECRET):
            await next_app(scope, receive, send)
            return
        held: HTTPResponseStartEvent | None = None

        async def send_packed(message: Message) -> None:
            nonlocal held
            if message["type"] == "http.response.start" and _may_pack(message["headers"]):
                held = message  # until the body tells whether it is long, and whole
                return
            if held is not None and message["type"] == "http.response.body":
                begun, held = held, None
                if not message.get("more_body") and len(message["body"]) >= SHORTEST_BYTES:
                    body = gzip.compress(message["body"], LEVEL, mtime=0)
                    begun["headers"] = _packed_headers(begun["headers"], len(body))
                    message["body"] = body
                await send(begun)
            await send(message)

        await next_app(scope, receive, send_packed)


def _may_pack(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    there = {name.lower(): value for name, value in headers}
    kind = there.get(b"content-type", b"").partition(b";")[0]
    return kind.endswith(b"json") and not there.keys() & {b"etag", b"content-encoding"}


def _packed_headers(headers: Iterable[tuple[bytes, bytes]], length: int) -> list[tuple[bytes, bytes]]:
    kept = [(name, value) for name, value in headers if name.lower() != b"content-length"]
    return [*kept, (b"content-length", b"%d" % length), (b"content-encoding", b"gzip"), (b"vary", b"accept-encoding")]
