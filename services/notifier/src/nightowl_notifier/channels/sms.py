"""Text messages through Twilio, and finding one again by its short code."""

from collections.abc import Sequence
from functools import partial

from twilio.rest import Client

from nightowl_alerting.paging import AttemptResult, Sent
from nightowl_notifier.channels.callbacks import STATUS_PATH, Callbacks
from nightowl_notifier.channels.links import PageLinks
from nightowl_notifier.channels.segments import fill
from nightowl_notifier.channels.text import heading, one_line, reference
from nightowl_notifier.channels.twilio_client import ERRORS, PROVIDER, after_error, from_numbers, word_of
from nightowl_notifier.model import CannotTell, Found, LookUp, NotFound, OutgoingPage

SEGMENTS = 3
"""What a page costs at most: 459 characters of GSM-7, 201 of UCS-2."""

LONGEST_TITLE = 459
"""Characters of a title that are looked at: no more ever fit."""

REPLY_CHARACTERS = 320
"""Of what is texted back."""

LOOK_UP_MESSAGES = 200
"""Newest messages to a number that a look-up reads: more than anybody is paged with inside a look-up's time."""

_LOST = frozenset({"failed", "undelivered", "canceled"})


class Sms:
    """Sends from the first number that Twilio takes; addresses are E.164."""

    def __init__(self, client: Client, *, numbers: Sequence[str], callbacks: Callbacks, links: PageLinks) -> None:
        self._client = client
        self._numbers = numbers
        self._callbacks = callbacks
        self._links = links

    @property
    def name(self) -> str:
        """Twilio."""
        return PROVIDER

    async def send(self, page: OutgoingPage) -> AttemptResult:
        """Sends once."""
        return await from_numbers(self._numbers, partial(self._send_from, page))

    async def _send_from(self, page: OutgoingPage, number: str) -> AttemptResult:
        callback = self._callbacks.url_for(STATUS_PATH, page)
        extra = {} if callback is None else {"status_callback": callback}
        body = sms_text(page, link=self._links.url_for(page))
        try:
            message = await self._client.messages.create_async(to=page.address, from_=number, body=body, **extra)
        except ERRORS as error:
            return after_error(error)
        return Sent(provider=PROVIDER, provider_id=str(message.sid))

    async def find(self, page: OutgoingPage) -> LookUp:
        """Reads the newest messages to that number; a message that Twilio itself lost counts as not sent."""
        try:
            messages = await self._client.messages.list_async(
                to=page.address, limit=LOOK_UP_MESSAGES, page_size=LOOK_UP_MESSAGES
            )
        except ERRORS as error:
            return CannotTell(detail=f"message list: {word_of(error)}")
        wanted = reference(page.delivery_id)
        for message in messages:
            if wanted in (message.body or "") and message.status not in _LOST:
                return Found(provider_id=str(message.sid))
        if len(messages) >= LOOK_UP_MESSAGES:
            return CannotTell(detail=f"message list: not among the newest {LOOK_UP_MESSAGES}")
        return NotFound()


def sms_text(page: OutgoingPage, *, link: str | None = None) -> str:
    """`[CRITICAL] title`, the link on a line of its own, `(ref 7CHARS)`. The title is cut, link and reference never."""
    between = " " if link is None else f"\n{link}\n"
    title = one_line(page.title)[:LONGEST_TITLE]
    return fill(heading(page), title, between + reference(page.delivery_id), most=SEGMENTS)
