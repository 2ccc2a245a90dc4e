"""What reaches a browser. Pure."""

import hashlib
from urllib.parse import urlsplit
from uuid import UUID

import msgspec

_DIGITS = 16


class Subscription(msgspec.Struct, frozen=True, kw_only=True):
    """Where a push service takes messages for a browser, and what they are encrypted for (both in base64url)."""

    endpoint: str
    p256dh: str
    auth: str

    def __repr__(self) -> str:
        return "Subscription(…)"


class Browser(msgspec.Struct, frozen=True, kw_only=True):
    """A browser that can be reached; `method_id` is its contact method."""

    method_id: UUID
    subscription: Subscription


def address_of(endpoint: str) -> str:
    """What stands for a browser where people read it: its push service, and a digest of the secret endpoint."""
    digest = hashlib.sha256(endpoint.encode()).hexdigest()[:_DIGITS]
    return f"{urlsplit(endpoint).netloc}/{digest}"
