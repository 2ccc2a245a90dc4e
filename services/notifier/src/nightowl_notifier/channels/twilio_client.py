"""Twilio's client and what its errors mean, for text messages and calls alike.

The SDK builds and reads the calls; `SessionTransport` carries them over our own session, which gives them a
time-out and a configurable address.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence

import aiohttp
from twilio.base.exceptions import TwilioException, TwilioRestException, TwilioServiceException
from twilio.http import AsyncHttpClient
from twilio.http.response import Response
from twilio.rest import Client

from nightowl_alerting.paging import AttemptResult, Failed, FailureReason, Unclear
from nightowl_common.logs import get_logger
from nightowl_notifier.channels.transport import BROKEN, after_broken_connection, retry_after_seconds

log = get_logger(__name__)

PROVIDER = "twilio"
API = "https://api.twilio.com"

_REASONS = {
    20003: FailureReason.UNAUTHORIZED,
    20429: FailureReason.RATE_LIMITED,
    21211: FailureReason.BAD_ADDRESS,
    21214: FailureReason.BAD_ADDRESS,
    21217: FailureReason.BAD_ADDRESS,
    21610: FailureReason.OPTED_OUT,
    21614: FailureReason.BAD_ADDRESS,
}
_NEXT_NUMBER_MAY_HELP = frozenset({FailureReason.REJECTED})
"""Among them: a number that is not ours any more, whose queue is full, or that may not reach that country."""

_UNAUTHORIZED = 401
_TOO_MANY = 429
_SERVER_ERROR = 500

_NO_ENVIRONMENT = {"TWILIO_EDGE": "", "TWILIO_REGION": ""}
"""Keeps the SDK from reading the process's environment: settings alone decide."""


class TooManyRequestsError(Exception):
    """Twilio asks for patience; the SDK's own error would lose for how long."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        super().__init__(f"again in {seconds} s")


ERRORS = (TwilioException, TooManyRequestsError, ValueError, *BROKEN)
"""What a call of the SDK can raise; a ValueError is an answer that is not JSON."""


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
            method.upper(), url, params=_pairs(params), data=_pairs(data), headers=signed, allow_redirects=False
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


async def from_numbers(numbers: Sequence[str], send: Callable[[str], Awaitable[AttemptResult]]) -> AttemptResult:
    """Sends from the first number; from the next where Twilio has surely taken nothing and another number may help."""
    first, *others = numbers
    result = await send(first)
    for number in others:
        if not isinstance(result, Failed) or result.reason not in _NEXT_NUMBER_MAY_HELP:
            break
        log.warning("next_number", reason=str(result.reason), detail=result.detail)
        result = await send(number)
    return result


def after_error(error: Exception) -> Failed | Unclear:
    """What an error of a sending call (`ERRORS`) means for the page."""
    match error:
        case TwilioException():
            return classify(error)
        case TooManyRequestsError(seconds=seconds):
            return _rate_limited(seconds)
        case ValueError() if not isinstance(error, BROKEN):  # an answer that is not JSON
            return Unclear(provider=PROVIDER, detail=f"unreadable answer: {type(error).__name__}")
        case _:
            return after_broken_connection(error, provider=PROVIDER)


def classify(error: TwilioException) -> Failed | Unclear:
    """What an error answer means for the page."""
    if not isinstance(error, TwilioRestException | TwilioServiceException):
        return Unclear(provider=PROVIDER, detail=type(error).__name__)
    if error.status >= _SERVER_ERROR:
        return Unclear(provider=PROVIDER, detail=word_of(error))
    default = FailureReason.UNAUTHORIZED if error.status == _UNAUTHORIZED else FailureReason.REJECTED
    reason = _REASONS.get(error.code, default)
    if reason is FailureReason.RATE_LIMITED:
        return _rate_limited(retry_after_seconds(None))
    return Failed(provider=PROVIDER, reason=reason, is_permanent=True, detail=word_of(error))


def _rate_limited(seconds: float) -> Failed:
    return Failed(
        provider=PROVIDER,
        reason=FailureReason.RATE_LIMITED,
        is_permanent=False,
        detail="429 too many requests",
        retry_after_seconds=seconds,
    )


def word_of(error: Exception) -> str:
    """Status and code only: Twilio's own words may hold the number."""
    if isinstance(error, TwilioRestException | TwilioServiceException):
        return f"{error.status} code {error.code}"
    return type(error).__name__


def _pairs(values: Mapping[str, object] | None) -> list[tuple[str, str]] | None:
    """A list is a name that comes several times."""
    if values is None:
        return None
    return [
        (name, str(each)) for name, value in values.items() for each in (value if isinstance(value, list) else [value])
    ]
