"""Callback addresses: signed when they are given to a provider, verified when they come back. Fails closed.

Two proofs are asked of a callback: the provider's own signature over the public address and the body, and our
HMAC over tenant and delivery id, so that not even a genuine callback can be turned to another delivery.
"""

import hashlib
import hmac
from collections.abc import Mapping
from uuid import UUID

import msgspec
from twilio.request_validator import RequestValidator

from nightowl_common.settings import Secret
from nightowl_notifier.model import OutgoingPage

STATUS_PATH = "/api/v1/twilio/status"
VOICE_PATH = "/api/v1/twilio/voice"
SMS_PATH = "/api/v1/twilio/sms"

_LABEL = b"nightowl callback address v1"
_MAC_LENGTH = 32


class Reference(msgspec.Struct, frozen=True, kw_only=True):
    """Which delivery a verified callback is about."""

    tenant: str
    delivery_id: UUID


class Callbacks:
    """`public_url` is what Twilio was told, never what a request's headers claim."""

    def __init__(self, *, public_url: str | None, auth_token: Secret | None, secret: Secret | None) -> None:
        self._public_url = None if public_url is None else public_url.rstrip("/")
        self._key = _key(secret, auth_token)

    def url_for(self, path: str, page: OutgoingPage) -> str | None:
        """Where Twilio shall report or ask about a page; None without a public address or a key."""
        if self._public_url is None or self._key is None:
            return None
        return self.url_again(path, self._signed(f"{page.tenant}.{page.delivery_id}", self._key))

    def url_again(self, path: str, signed: str, *, turn: int = 0) -> str:
        """The address of a delivery that `read` has verified; `turn` tells a later question from the first."""
        return f"{self._public_url}{path}?d={signed}" + (f"&n={turn}" if turn else "")

    def is_from_twilio(
        self, path: str, *, query: str, form: Mapping[str, str], signature: str | None, auth_token: Secret
    ) -> bool:
        """Whether Twilio signed this request for the account of the token; false whenever that cannot be checked."""
        if self._public_url is None or not signature:
            return False
        url = f"{self._public_url}{path}" + (f"?{query}" if query else "")
        return bool(RequestValidator(auth_token.reveal()).validate(url, dict(form), signature))

    def read(self, signed: str) -> Reference | None:
        """The delivery that an address of ours names; None when it is not ours."""
        name, _, mac = signed.rpartition(".")
        if self._key is None or not hmac.compare_digest(_mac(self._key, name).encode(), mac.encode()):
            return None
        tenant, _, delivery_id = name.partition(".")
        return Reference(tenant=tenant, delivery_id=UUID(delivery_id))

    @staticmethod
    def _signed(name: str, key: bytes) -> str:
        return f"{name}.{_mac(key, name)}"


def _key(secret: Secret | None, auth_token: Secret | None) -> bytes | None:
    if secret is not None:
        return secret.reveal().encode()
    if auth_token is not None:
        return hmac.digest(auth_token.reveal().encode(), _LABEL, hashlib.sha256)
    return None


def _mac(key: bytes, name: str) -> str:
    return hmac.digest(key, name.encode(), hashlib.sha256).hex()[:_MAC_LENGTH]
