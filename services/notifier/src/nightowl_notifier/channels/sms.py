"""Text messages through Twilio, and finding one again by its short code.

The SDK builds and reads the calls; `SessionTransport` carries them over our own session, which gives them a
time-out and a configurable address.
"""

from collections.abc import Mapping
from typing import Protocol

import aiohttp
from twilio.base.exceptions import TwilioException, TwilioRestException, TwilioServiceException
from twilio.http import AsyncHttpClient
from twilio.http.response import Response
from twilio.rest import Client

from nightowl_alerting.paging import AttemptResult, Failed, FailureReason, Sent, Unclear
from nightowl_notifier.channels.text import reference, sms_text
from nightowl_notifier.channels.transport import BROKEN, after_broken_connection, retry_after_seconds
from nightowl_notifier.model import CannotTell, Found, LookUp, NotFound, OutgoingPage

PROVIDER = "twilio"
API = "https://api.twilio.com"

LOOK_UP_MESSAGES = 200
"""Newest messages to a number that a look-up reads: more than anybody is paged with inside a look-up's time."""

_REASONS = {
    20003: FailureReason.UNAUTHORIZED,
    20429: FailureReason.RATE_LIMITED,
    21211: FailureReason.BAD_ADDRESS,
    21217: FailureReason.BAD_ADDRESS,
    21610: FailureReason.OPTED_OUT,
    21614: FailureReason.BAD_ADDRESS,
}
_LOST = frozenset({"failed", "undelivered", "canceled"})
_UNAUTHORIZED = 401
_TOO_MANY = 429
_SERVER_ERROR = 500

_NO_ENVIRONMENT = {"TWILIO_EDGE": "", "TWILIO_REGION": ""}
"""Keeps the SDK from reading the process's environment: settings alone decide."""


class Callbacks(Protocol):
    """Where Twilio reports what became of a message."""

    def url_for(self, page: OutgoingPage) -> str | None:
        """The address with the signed delivery id; None when no public address is configured."""
        ...


class TooManyRequestsError(Exception):
    """Twilio asks for patience; the SDK's own error would lose for how long."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        super().__init__(f"again in {seconds} s")


class SessionTransport(AsyncHttpClient):  # type: ignore[misc]  # the SDK has no types
    """Carries the SDK's calls over our session to `base_url` instead of Twilio's own address."""

    def __init__(self, session: aiohttp.ClientSession, *, base_url: str) -> None:
        self._session = session
        self._base_url = base_url.rstrip("/")
        self.is_async = True

    async def request(
        self,
        method: str,
        uri: str,
        params: Mapping[str, object] | None = None,
        data: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        **_ignored: object,
    ) -> Response:
        """One call, never a redirect; the session's time-out.

        Raises:
            TooManyRequestsError: answered 429.
        """
        signed = dict(headers or {})
        if auth is not None:
            signed["Authorization"] = aiohttp.encode_basic_auth(*auth)
        url = uri.replace(API, self._base_url, 1)
        async with self._session.request(
            method.upper(), url, params=_texts(params), data=_texts(data), headers=signed, allow_redirects=False
        ) as answer:
            if answer.status == _TOO_MANY:
                raise TooManyRequestsError(retry_after_seconds(answer.headers))
            return Response(answer.status, await answer.text(errors="replace"), dict(answer.headers))


def open_client(*, account_sid: str, auth_token: str, base_url: str, session: aiohttp.ClientSession) -> Client:
    """The SDK's client over our session."""
    return Client(
        account_sid,
        auth_token,
        http_client=SessionTransport(session, base_url=base_url),
        environment=_NO_ENVIRONMENT,
    )


class Sms:
    """Sends from one number; addresses are E.164."""

    def __init__(self, client: Client, *, sender: str, callbacks: Callbacks) -> None:
        self._client = client
        self._sender = sender
        self._callbacks = callbacks

    @property
    def name(self) -> str:
        """Twilio."""
        return PROVIDER

    async def send(self, page: OutgoingPage) -> AttemptResult:
        """Sends once."""
        callback = self._callbacks.url_for(page)
        extra = {} if callback is None else {"status_callback": callback}
        try:
            message = await self._client.messages.create_async(
                to=page.address, from_=self._sender, body=sms_text(page), **extra
            )
        except TwilioException as error:
            return classify(error)
        except TooManyRequestsError as error:
            return _rate_limited(error.seconds)
        except BROKEN as error:
            return after_broken_connection(error, provider=PROVIDER)
        except ValueError as error:  # an answer that is not JSON
            return Unclear(provider=PROVIDER, detail=f"unreadable answer: {type(error).__name__}")
        return Sent(provider=PROVIDER, provider_id=str(message.sid))

    async def find(self, page: OutgoingPage) -> LookUp:
        """Reads the newest messages to that number; a message that Twilio itself lost counts as not sent."""
        try:
            messages = await self._client.messages.list_async(
                to=page.address, limit=LOOK_UP_MESSAGES, page_size=LOOK_UP_MESSAGES
            )
        except (TwilioException, TooManyRequestsError, ValueError, *BROKEN) as error:
            return CannotTell(detail=f"message list: {_word(error)}")
        wanted = reference(page.delivery_id)
        for message in messages:
            if wanted in (message.body or "") and message.status not in _LOST:
                return Found(provider_id=str(message.sid))
        if len(messages) >= LOOK_UP_MESSAGES:
            return CannotTell(detail=f"message list: not among the newest {LOOK_UP_MESSAGES}")
        return NotFound()


def classify(error: TwilioException) -> Failed | Unclear:
    """What an error answer means for the page."""
    if not isinstance(error, TwilioRestException | TwilioServiceException):
        return Unclear(provider=PROVIDER, detail=type(error).__name__)
    if error.status >= _SERVER_ERROR:
        return Unclear(provider=PROVIDER, detail=_word(error))
    default = FailureReason.UNAUTHORIZED if error.status == _UNAUTHORIZED else FailureReason.REJECTED
    reason = _REASONS.get(error.code, default)
    if reason is FailureReason.RATE_LIMITED:
        return _rate_limited(retry_after_seconds(None))
    return Failed(provider=PROVIDER, reason=reason, is_permanent=True, detail=_word(error))


def _rate_limited(seconds: float) -> Failed:
    return Failed(
        provider=PROVIDER,
        reason=FailureReason.RATE_LIMITED,
        is_permanent=False,
        detail="429 too many requests",
        retry_after_seconds=seconds,
    )


def _word(error: Exception) -> str:
    """Status and code only: Twilio's own words may hold the number."""
    if isinstance(error, TwilioRestException | TwilioServiceException):
        return f"{error.status} code {error.code}"
    return type(error).__name__


def _texts(values: Mapping[str, object] | None) -> dict[str, str] | None:
    return None if values is None else {key: str(value) for key, value in values.items()}
