"""`GET /p/<token>` shows, `POST` acknowledges. Whoever has the link may press.

GET never changes anything: mail programs, chats and scanners open every link. The notification of a web push posts to
the same address and asks for JSON, to show what came of it.
"""

from datetime import timedelta
from typing import Any, assert_never

import msgspec
from litestar import MediaType, Request, Response, get, post
from litestar.datastructures import State
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from nightowl_notifier.api.pages.sheet import render
from nightowl_notifier.api.pages.style import HEADERS
from nightowl_notifier.api.pages.views import Away, Settled, View, Void, Waiting, acknowledge, look
from nightowl_notifier.api.words import TRY_AGAIN
from nightowl_notifier.channels.links import LINK_PATH, PageLinks

AGAIN_SECONDS = 5
"""When somebody may try again whom the database could not serve."""


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a press, for a program that shows it."""

    words: str
    is_taken: bool


def link_routes(links: PageLinks, *, valid_minutes: int) -> list[HTTPRouteHandler]:
    """`GET` and `POST /p/<token>`."""
    longest = timedelta(minutes=valid_minutes)

    @get(LINK_PATH + "/{token:str}", media_type=MediaType.HTML, include_in_schema=False)
    async def show_page(token: FromPath[str], state: State) -> Response[str]:
        return _answer(await look(links.read(token), outbox=state.outbox, longest=longest))

    @post(LINK_PATH + "/{token:str}", media_type=MediaType.HTML, include_in_schema=False, status_code=200)
    async def acknowledge_page(
        request: Request[Any, Any, Any], token: FromPath[str], state: State
    ) -> Response[Any]:  # fmt: skip
        view = await acknowledge(links.read(token), outbox=state.outbox, longest=longest)
        wants_json = request.headers.get("accept", "").startswith(MediaType.JSON)
        return _told(view) if wants_json else _answer(view)

    return [show_page, acknowledge_page]


def _answer(view: View) -> Response[str]:
    headers = HEADERS | ({"Retry-After": str(AGAIN_SECONDS)} if isinstance(view, Away) else {})
    return Response(render(view), status_code=_status(view), media_type=MediaType.HTML, headers=headers)


def _told(view: View) -> Response[Any]:
    """As JSON. `is_taken`: the alert is in somebody's hands or over, so that nobody else is paged."""
    match view:
        case Settled(words=words):
            told, status = Told(words=words, is_taken=True), 200
        case Void(words=words):
            told, status = Told(words=words, is_taken=False), _status(view)
        case Waiting() | Away():  # nothing was done, as far as we know, and it must not look as if
            told, status = Told(words=TRY_AGAIN, is_taken=False), 503
        case _:
            assert_never(view)
    return Response(told, status_code=status, media_type=MediaType.JSON, headers=HEADERS)


def _status(view: View) -> int:
    match view:
        case Void(status=status):
            return status
        case Away():
            return 503
        case _:
            return 200
