"""Signed calls: a key with a secret takes only bodies that were signed with it, in Grafana's way.

The signature is the hex HMAC-SHA256 over the body, or over `<timestamp>:<body>` when a timestamp header is there.
Grafana's code and its form name the header differently, so both names are taken.
"""

import hashlib
import hmac

from nightowl_common.errors import UnauthenticatedError
from nightowl_ingest.api.http import Headers

SIGNATURE_HEADERS = ("x-grafana-alert-signature", "x-grafana-alerting-signature")
TIMESTAMP_HEADERS = ("x-grafana-alert-timestamp", "x-grafana-alerting-timestamp")
MAX_AGE_SECONDS = 300
_LONGEST_TIMESTAMP = 20


class BadSignatureError(UnauthenticatedError):
    """The call is not signed with this key's webhook secret."""

    code = "bad_signature"


def check_signature(secret: str, body: bytes, headers: Headers, *, now_seconds: float) -> None:
    """Does nothing when the body was signed with the secret. `now_seconds` is Unix time.

    Raises:
        BadSignatureError: no signature, a wrong one, or a timestamp more than 5 minutes away.
    """
    given = _first(headers, SIGNATURE_HEADERS)
    if given is None:
        raise BadSignatureError("This key's calls must be signed, and there is no signature header.")
    timestamp = _first(headers, TIMESTAMP_HEADERS)
    signed = body if timestamp is None else timestamp.encode("latin-1") + b":" + body
    expected = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected.encode(), given.strip().lower().encode("latin-1")):
        raise BadSignatureError
    if timestamp is not None and abs(now_seconds - _seconds(timestamp)) > MAX_AGE_SECONDS:
        raise BadSignatureError("The signature's timestamp is more than 5 minutes away.")


def _first(headers: Headers, names: tuple[str, ...]) -> str | None:
    return next((value for name in names if (value := headers.get(name)) is not None), None)


def _seconds(timestamp: str) -> int:
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= _LONGEST_TIMESTAMP):
        raise BadSignatureError("The timestamp header holds no Unix seconds.")
    return int(timestamp)
