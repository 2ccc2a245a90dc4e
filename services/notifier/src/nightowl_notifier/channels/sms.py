"""Text messages through Twilio, and finding one again by its short code."""

from collections.abc import Sequence
from functools import partial

from twilio.rest import Client

from nightowl_alerting.paging import AttemptResult, Sent
from nightowl_notifier.channels.callbacks import STATUS_PATH, Callbacks
from nightowl_notifier.channels.text import cut, heading, one_line, reference
from nightowl_notifier.channels.twilio_client import ERRORS, PROVIDER, after_error, from_numbers, word_of
from nightowl_notifier.model import CannotTell, Found, LookUp, NotFound, OutgoingPage

SMS_CHARACTERS = 320

LOOK_UP_MESSAGES = 200
"""Newest messages to a number that a look-up reads: more than anybody is paged with inside a look-up's time."""

_LOST = frozenset({"failed", "undelivered", "canceled"})


class Sms:
    """Sends from the first number that Twilio takes; addresses are E.164."""

    def __init__(self, client: Client, *, numbers: Sequence[str], callbacks: Callbacks) -> None:
        self._client = client
        self._numbers = numbers
        self._callbacks = callbacks

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
        try:
            message = await self._client.messages.create_async(
                to=page.address, from_=number, body=sms_text(page), **extra
            )
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


def sms_text(page: OutgoingPage) -> str:
    """`[CRITICAL] title (ref 7CHARS)`, at most 320 characters; the reference is never cut."""
    head, tail = heading(page), f" {reference(page.delivery_id)}"
    return head + cut(one_line(page.title), SMS_CHARACTERS - len(head) - len(tail)) + tail
