"""HTTP to providers: one session for all, and what a broken connection says about the request.

A connection that could not be made carried nothing: the provider surely did not take the page. Anything after
that leaves it open.
"""

from typing import Any

import aiohttp
import msgspec

from nightowl_alerting.paging import Failed, FailureReason, Unclear

CONNECT_SECONDS = 5.0

_JSON = msgspec.json.Encoder(enc_hook=str.__str__)
"""Ten times as quick as `json`. It knows no kinds of str but str itself, and the SDKs have some."""

NEVER_CONNECTED = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL)
BROKEN = (aiohttp.ClientError, TimeoutError, OSError)


def open_session(*, timeout_seconds: float) -> aiohttp.ClientSession:
    """The session for all providers; no cookies, nothing read from the environment's proxies."""
    connect = min(CONNECT_SECONDS, timeout_seconds)
    timeout = aiohttp.ClientTimeout(total=timeout_seconds, connect=connect, sock_connect=connect)
    return aiohttp.ClientSession(
        timeout=timeout, cookie_jar=aiohttp.DummyCookieJar(), json_serialize_bytes=_JSON.encode
    )


def after_broken_connection(error: Exception, *, provider: str) -> Failed | Unclear:
    """What an error of the connection says about the attempt."""
    detail = type(error).__name__
    if isinstance(error, NEVER_CONNECTED):
        reason = FailureReason.UNAVAILABLE
        return Failed(provider=provider, reason=reason, is_permanent=False, detail=f"no connection: {detail}")
    return Unclear(provider=provider, detail=f"no answer: {detail}")


def retry_after_seconds(headers: Any, *, default: float = 30.0) -> float:
    """The provider's `Retry-After` in seconds (0.5 to 3,600), or the default when it is missing or a date."""
    value = _header(headers, "Retry-After")
    try:
        return min(3_600.0, max(0.5, float(value or "")))
    except ValueError:
        return default


def _header(headers: Any, name: str) -> str | None:
    pairs = {} if headers is None else {str(key).lower(): str(value) for key, value in dict(headers).items()}
    return pairs.get(name.lower())
