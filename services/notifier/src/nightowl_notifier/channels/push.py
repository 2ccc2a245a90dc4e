"""Web push: a page goes to all browsers of its person, and is sent when one push service took it.

A push service cannot be asked what it has. It need not be: a repeat has the same `Topic`, so it replaces what still
waits there, and the same delivery id, so the browser shows it in place of the one that it shows already.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from uuid import UUID

import msgspec

from nightowl_alerting.paging import AttemptResult, Failed, FailureReason, Sent, Unclear
from nightowl_alerting.push.keys import VapidKey
from nightowl_alerting.push.model import Browser
from nightowl_common import clock
from nightowl_common.errors import NightOwlError, TransientError
from nightowl_common.guarded import GuardedClient, HttpAnswer, RefusedTargetError, UnresolvedError
from nightowl_common.logs import get_logger
from nightowl_notifier.channels.links import PageLinks, path_of
from nightowl_notifier.channels.text import cut, lines, one_line
from nightowl_notifier.channels.transport import BROKEN, after_broken_connection, retry_after_seconds
from nightowl_notifier.channels.web_push import authorization, encrypt
from nightowl_notifier.model import CannotTell, LookUp, OutgoingPage

log = get_logger(__name__)

PROVIDER = "web_push"
KEEP = timedelta(hours=1)
"""How long a push service keeps a page for a browser that is off. By then the person was told over other channels."""

TITLE_CHARACTERS = 200
BODY_CHARACTERS = 400
SERVICE_CHARACTERS = 60

_URGENT = frozenset({"critical", "major"})
_OK, _REDIRECTION, _TOO_MANY, _SERVER_ERROR = 200, 300, 429, 500
_GONE = frozenset({404, 410})
_REFUSED = frozenset({401, 403})

Load = Callable[[str, str], Awaitable[Sequence[Browser]]]
"""The browsers that an address of a tenant means. Raises ValueError: it is no address; NightOwlError."""

End = Callable[[str, UUID], Awaitable[None]]
"""Notes that a browser's subscription is over. Raises TransientError."""


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """What the browser decrypts. A tap opens the page link of `token`, a button the front end's path `open`."""

    delivery_id: UUID
    tag: UUID
    title: str
    body: str
    open: str
    token: str | None
    is_urgent: bool


class Push:
    """Posts to the push services of a person's browsers, each under its own subscription."""

    def __init__(  # all of them are needed by each page
        self, client: GuardedClient, *, key: VapidKey, contact: str, links: PageLinks, load: Load, end: End
    ) -> None:
        self._client = client
        self._key = key
        self._contact = contact
        self._links = links
        self._load = load
        self._end = end

    @property
    def name(self) -> str:
        """Web push."""
        return PROVIDER

    async def send(self, page: OutgoingPage) -> AttemptResult:
        """Posts once to each browser, all at the same time."""
        try:
            browsers = await self._load(page.tenant, page.address)
        except ValueError:
            return _failed(FailureReason.BAD_ADDRESS, "not a person and not a browser")
        except TransientError as error:
            return _failed(FailureReason.UNAVAILABLE, error.detail, is_permanent=False)
        except NightOwlError as error:
            log.exception("browsers_not_at_hand", tenant=page.tenant, error=error.code)
            return _failed(FailureReason.NOT_CONFIGURED, f"the browsers cannot be used: {error.code}")
        if not browsers:
            return _failed(FailureReason.BAD_ADDRESS, "no browser is paged any more")
        body = msgspec.json.encode(message_of(page, token=self._links.token_for(page)))
        return best_of(await asyncio.gather(*(self._push(page, each, body) for each in browsers)), page)

    async def find(self, _page: OutgoingPage) -> LookUp:
        """Nobody to ask."""
        return CannotTell(detail="a push service cannot be asked")

    async def _push(self, page: OutgoingPage, browser: Browser, body: bytes) -> AttemptResult:
        answer = await self._post(page, browser, body)
        if not isinstance(answer, HttpAnswer):
            return answer
        if answer.status in _GONE:
            await self._give_up(page.tenant, browser)
        return classify(answer, page)

    async def _post(self, page: OutgoingPage, browser: Browser, body: bytes) -> HttpAnswer | Failed | Unclear:
        endpoint = browser.subscription.endpoint
        headers = {
            "Authorization": authorization(self._key, endpoint=endpoint, contact=self._contact, now=clock.utc_now()),
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(int(KEEP.total_seconds())),
            "Urgency": "high" if page.severity in _URGENT or page.is_test else "normal",
            "Topic": page.delivery_id.hex,
        }
        try:
            return await self._client.post(endpoint, body=encrypt(body, browser.subscription), headers=headers)
        except RefusedTargetError as error:
            return _failed(FailureReason.BAD_ADDRESS, f"refused: {error}")
        except UnresolvedError as error:
            return _failed(FailureReason.UNAVAILABLE, f"no address: {error}", is_permanent=False)
        except BROKEN as error:
            return after_broken_connection(error, provider=PROVIDER)

    async def _give_up(self, tenant: str, browser: Browser) -> None:
        try:
            await self._end(tenant, browser.method_id)
        except TransientError as error:  # the next page to it finds it gone again
            log.warning("browser_not_ended", tenant=tenant, error=error.detail)


def message_of(page: OutgoingPage, *, token: str | None) -> Message:
    """The words of a page for a notification; pages about one alert share a tag, so the newest one is shown."""
    is_alone = not (page.is_bundle or page.is_test)
    return Message(
        delivery_id=page.delivery_id,
        tag=page.alert_id if is_alone else page.delivery_id,
        title=_title(page),
        body=cut(lines(page.description or ""), BODY_CHARACTERS),
        open=path_of(page),
        token=token,
        is_urgent=page.severity in _URGENT,
    )


def _title(page: OutgoingPage) -> str:
    title = cut(one_line(page.title), TITLE_CHARACTERS)
    if page.is_test:
        return title
    service = cut(one_line(page.labels.get("service", "")), SERVICE_CHARACTERS)
    repeat = "REPEAT: " if page.is_repeat else ""
    return f"{repeat}{page.severity.upper()} {service + ': ' if service else ''}{title}"


def classify(answer: HttpAnswer, page: OutgoingPage) -> AttemptResult:
    """What a push service's answer means.

    An error of the service is no doubt here: should it have taken the page, the next attempt replaces it. Being asked
    for patience holds nobody else's pages: people choose their push services, and any address can be said to be one.
    """
    status, detail = answer.status, str(answer.status)
    if _OK <= status < _REDIRECTION:
        return Sent(provider=PROVIDER, provider_id=str(page.delivery_id), detail=detail)
    if status == _TOO_MANY:
        return Failed(
            provider=PROVIDER, reason=FailureReason.UNAVAILABLE, is_permanent=False, detail=detail,
            retry_after_seconds=retry_after_seconds(answer.headers),
        )  # fmt: skip
    if status >= _SERVER_ERROR:
        return _failed(FailureReason.UNAVAILABLE, detail, is_permanent=False)
    if status in _GONE:
        return _failed(FailureReason.BAD_ADDRESS, f"{detail}: the browser has unsubscribed")
    return _failed(FailureReason.UNAUTHORIZED if status in _REFUSED else FailureReason.REJECTED, detail)


def best_of(results: Sequence[AttemptResult], page: OutgoingPage) -> AttemptResult:
    """What all browsers together come to: one that took it is enough, and one that may have is a doubt."""
    sent = [each for each in results if isinstance(each, Sent)]
    if sent:
        told = f"{len(sent)} of {len(results)} browsers" if len(results) > 1 else sent[0].detail
        return Sent(provider=PROVIDER, provider_id=str(page.delivery_id), detail=told)
    return min(results, key=_hopelessness)


def _hopelessness(result: AttemptResult) -> int:
    match result:
        case Failed(is_permanent=True):
            return 2
        case Failed():
            return 1
        case _:
            return 0


def _failed(reason: FailureReason, detail: str, *, is_permanent: bool = True) -> Failed:
    return Failed(provider=PROVIDER, reason=reason, is_permanent=is_permanent, detail=detail)
