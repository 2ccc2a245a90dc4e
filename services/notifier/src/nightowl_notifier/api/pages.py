"""The page behind a link in a mail: `GET /p/<token>` shows, `POST` acknowledges. Whoever has the link may press.

GET never changes anything: mail programs and scanners open every link. No script, no foreign origin. The notification
of a web push posts to the same address and asks for JSON, to show what came of it.
"""

import base64
import hashlib
from datetime import timedelta
from typing import Any, assert_never
from uuid import UUID
from xml.etree import ElementTree as ET

import msgspec
from litestar import MediaType, Request, Response, get, post
from litestar.datastructures import State
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from nightowl_alerting import answers
from nightowl_alerting.store import AnsweredPage, load_answered_page
from nightowl_common.db import Tx, UnknownTenantError
from nightowl_common.outbox import Outbox
from nightowl_notifier.api.words import TRY_AGAIN, note, outcome
from nightowl_notifier.channels import email, push
from nightowl_notifier.channels.callbacks import Reference
from nightowl_notifier.channels.links import LINK_PATH, PageLinks
from nightowl_notifier.channels.text import cut, one_line

TITLE_CHARACTERS = 500
NO_LINK = "This link is not valid. Open the alert in NightOwl."
EXPIRED = "This link has expired. Open the alert in NightOwl."

_WAYS = {
    "email": (email.PROVIDER, "by the link in a mail"),
    "push": (push.PROVIDER, "by a notification in a browser"),
}
"""Channel → provider of its pages, and what the timeline says of an answer."""

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:36rem;padding:0 1rem;color-scheme:light dark}"
    "h1{font-size:1.25rem;overflow-wrap:anywhere}"
    "button{font:inherit;font-weight:600;width:100%;min-height:56px;cursor:pointer}"
)
_DIGEST = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_DIGEST}'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


class Waiting(msgspec.Struct, frozen=True, kw_only=True, tag="waiting"):
    """Nobody has the alert: the button is shown."""

    page: AnsweredPage


class Settled(msgspec.Struct, frozen=True, kw_only=True, tag="settled"):
    """There is nothing to press any more, and why."""

    page: AnsweredPage
    words: str


class Void(msgspec.Struct, frozen=True, kw_only=True, tag="void"):
    """The link opens nothing, and why."""

    status: int
    words: str


View = Waiting | Settled | Void


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


async def look(reference: Reference | None, *, outbox: Outbox, longest: timedelta) -> View:
    """What a link shows. Changes nothing."""
    if reference is None:
        return Void(status=404, words=NO_LINK)
    try:
        async with outbox.tenant_tx(reference.tenant) as tx:
            return await _view(tx, reference.delivery_id, longest=longest)
    except UnknownTenantError:
        return Void(status=404, words=NO_LINK)


async def acknowledge(reference: Reference | None, *, outbox: Outbox, longest: timedelta) -> View:
    """Takes the alert in the name of whom the page went to. Idempotent."""
    view = await look(reference, outbox=outbox, longest=longest)
    if reference is None or not isinstance(view, Waiting):
        return view
    tenant, delivery_id = reference.tenant, reference.delivery_id
    async with outbox.tenant_tx(tenant) as tx:
        provider, over = _WAYS.get(view.page.channel, _WAYS["email"])
        await answers.prove(tx, tenant, delivery_id, provider=provider, provider_id=str(delivery_id))
        answer = await answers.answer(tx, tenant, delivery_id, "acknowledge", provider=provider, over=over)
    note(reference, answer, over=view.page.channel)
    return Settled(page=view.page, words=outcome(answer))


async def _view(tx: Tx, delivery_id: UUID, *, longest: timedelta) -> View:
    page = await load_answered_page(tx, delivery_id)
    if page is None:
        return Void(status=404, words=NO_LINK)
    if await tx.now() > page.created_at + longest:
        return Void(status=410, words=EXPIRED)
    if page.status == "resolved":
        return Settled(page=page, words=outcome(answers.Over()))
    if page.status != "firing":
        return Settled(page=page, words=outcome(answers.TakenBefore(by=page.taken_by or "somebody")))
    return Waiting(page=page)


def _answer(view: View) -> Response[str]:
    status = view.status if isinstance(view, Void) else 200
    return Response(render(view), status_code=status, media_type=MediaType.HTML, headers=HEADERS)


def _told(view: View) -> Response[Any]:
    """As JSON. `is_taken`: the alert is in somebody's hands or over, so that nobody else is paged."""
    match view:
        case Settled(words=words):
            told, status = Told(words=words, is_taken=True), 200
        case Void(words=words, status=status):
            told = Told(words=words, is_taken=False)
        case Waiting():  # nothing was done, and it must not look as if
            told, status = Told(words=TRY_AGAIN, is_taken=False), 503
        case _:
            assert_never(view)
    return Response(told, status_code=status, media_type=MediaType.JSON, headers=HEADERS)


def render(view: View) -> str:
    """The page, made as a tree: text stays text."""
    root = ET.Element("html", lang="en")
    head, body = ET.SubElement(root, "head"), ET.SubElement(root, "body")
    ET.SubElement(head, "meta", charset="utf-8")
    ET.SubElement(head, "meta", name="viewport", content="width=device-width, initial-scale=1")
    ET.SubElement(head, "title").text = "NightOwl"
    ET.SubElement(head, "style").text = _STYLE
    match view:
        case Waiting(page=page):
            ET.SubElement(body, "h1").text = _title(page)
            form = ET.SubElement(body, "form", method="post")
            ET.SubElement(form, "button", type="submit").text = "Acknowledge"
        case Settled(page=page, words=words):
            ET.SubElement(body, "h1").text = _title(page)
            ET.SubElement(body, "p").text = words
        case Void(words=words):
            ET.SubElement(body, "p").text = words
        case _:
            assert_never(view)
    return "<!doctype html>" + ET.tostring(root, encoding="unicode", method="html")


def _title(page: AnsweredPage) -> str:
    return f"[{page.severity.upper()}] {cut(one_line(page.title), TITLE_CHARACTERS)}"
