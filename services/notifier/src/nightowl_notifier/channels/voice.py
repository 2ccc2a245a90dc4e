"""Phone calls through Twilio: what the person hears, and what a look-up can say of a call.

The first words travel with the call itself, so they are spoken also while nobody reaches us from outside. Answers
come to the address in `gather`, which carries the signed delivery id. TwiML is built as a tree by the SDK: alert
text can only ever be spoken.
"""

import unicodedata
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

from twilio.rest import Client
from twilio.twiml.voice_response import VoiceResponse

from nightowl_alerting.paging import AttemptResult, Sent
from nightowl_common import clock
from nightowl_notifier.channels.callbacks import STATUS_PATH, VOICE_PATH, Callbacks
from nightowl_notifier.channels.text import cut, one_line
from nightowl_notifier.channels.twilio_client import ERRORS, PROVIDER, after_error, from_numbers, word_of
from nightowl_notifier.model import CannotTell, LookUp, NotFound, OutgoingPage

SPOKEN_CHARACTERS = 200
RING_SECONDS = 30
ANSWER_SECONDS = 6
"""Silence after the question before it is asked again."""

TURNS = 4
"""How often the question is asked in one call."""

LOOK_UP_CALLS = 50
LOOK_BACK_SECONDS = 60
"""Looked at beyond the page's age, for clocks that differ."""

QUESTION = "Press 1, or say acknowledge, to acknowledge. Press 2, or say escalate, to page the next tier."
UNANSWERABLE = "This call cannot take an answer. Acknowledge in NightOwl."
GOODBYE = "No answer was given. The escalation goes on. Goodbye."
_EVENTS = ["initiated", "ringing", "answered", "completed"]
_LANGUAGE = "en-US"
_UNSPEAKABLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "So", "Sk"})


class Voice:
    """Calls from the first number that Twilio takes; addresses are E.164."""

    def __init__(self, client: Client, *, numbers: Sequence[str], callbacks: Callbacks) -> None:
        self._client = client
        self._numbers = numbers
        self._callbacks = callbacks

    @property
    def name(self) -> str:
        """Twilio."""
        return PROVIDER

    async def send(self, page: OutgoingPage) -> AttemptResult:
        """Calls once."""
        return await from_numbers(self._numbers, partial(self._call_from, page))

    async def _call_from(self, page: OutgoingPage, number: str) -> AttemptResult:
        status_url = self._callbacks.url_for(STATUS_PATH, page)
        report = {} if status_url is None else {"status_callback": status_url, "status_callback_event": _EVENTS}
        try:
            call = await self._client.calls.create_async(
                to=page.address,
                from_=number,
                twiml=first_words(page, answer_url=self._callbacks.url_for(VOICE_PATH, page)),
                timeout=RING_SECONDS,
                **report,
            )
        except ERRORS as error:
            return after_error(error)
        return Sent(provider=PROVIDER, provider_id=str(call.sid))

    async def find(self, page: OutgoingPage) -> LookUp:
        """No call to that number since the page was queued proves that it was not sent; a call names no page."""
        try:
            calls = await self._client.calls.list_async(to=page.address, limit=LOOK_UP_CALLS, page_size=LOOK_UP_CALLS)
        except ERRORS as error:
            return CannotTell(detail=f"call list: {word_of(error)}")
        since = clock.utc_now() - timedelta(seconds=page.age_seconds + LOOK_BACK_SECONDS)
        recent = [each for each in calls if _is_since(each.date_created, since)]
        if recent:
            return CannotTell(detail=f"call list: {len(recent)} calls to the number, and none says for which page")
        return NotFound()


def first_words(page: OutgoingPage, *, answer_url: str | None) -> str:
    """What is said when somebody picks up, as TwiML. Without an address for the answer, nothing is asked.

    Of a test neither: there is nothing to answer.
    """
    if page.is_test:
        return say(test_words(page))
    told = f"{'This is a repeat. ' if page.is_repeat else ''}{spoken(page.severity, page.title)}"
    if answer_url is None:
        return say(f"{told} {UNANSWERABLE}")
    return ask(told, answer_url=answer_url)


def test_words(page: OutgoingPage) -> str:
    """A test for the ear. A code is said twice, digit by digit."""
    if page.code is None:
        return f"NightOwl. {page.title} Goodbye."
    digits = ", ".join(page.code)
    return f"NightOwl. Your code is: {digits}. Once more: {digits}. Type it in to be paged at this number. Goodbye."


def spoken(severity: str, title: str) -> str:
    """An alert in one sentence for the ear: no control characters and no symbols, at most 200 characters of title."""
    plain = "".join(each for each in one_line(title) if unicodedata.category(each) not in _UNSPEAKABLE)
    return f"NightOwl: {severity} alert. {cut(' '.join(plain.split()), SPOKEN_CHARACTERS)}."


def ask(told: str, *, answer_url: str) -> str:
    """Says something, then the question, and listens for a key or a word."""
    response = VoiceResponse()
    gather = response.gather(
        input="dtmf speech",
        num_digits=1,
        timeout=ANSWER_SECONDS,
        speech_timeout="auto",
        action=answer_url,
        method="POST",
        action_on_empty_result=True,
        language=_LANGUAGE,
        hints="acknowledge, escalate",
    )
    gather.say(f"{told} {QUESTION}".strip(), language=_LANGUAGE)
    return str(response)


def say(told: str) -> str:
    """Says something and hangs up."""
    response = VoiceResponse()
    response.say(told, language=_LANGUAGE)
    response.hangup()
    return str(response)


def _is_since(at: datetime | None, moment: datetime) -> bool:
    """A call without a time counts as new."""
    return at is None or at >= moment
