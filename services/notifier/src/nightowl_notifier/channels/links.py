"""Addresses in pages: the page link, signed for one delivery and one purpose, and where the front end shows the alert.

How long a link holds is for the database's clock to say. Opening it changes nothing. What it allows is to press the
button behind it.
"""

import binascii
import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from uuid import UUID

from nightowl_common.settings import Secret
from nightowl_notifier.channels.callbacks import Reference
from nightowl_notifier.model import OutgoingPage

LINK_PATH = "/p"
ACKNOWLEDGE = "ack"

_LABEL = b"nightowl page link v1"
_ID_BYTES = 16
_MAC_BYTES = 12
"""96 bits: who guesses must ask us for each try, within the hours that a link holds. They keep a text message short."""

_LONG_MAC_BYTES = 16


class PageLinks:
    """The secret is that of the callbacks, under a label of its own: a callback's address is never a link."""

    def __init__(self, *, public_url: str | None, auth_token: Secret | None, secret: Secret | None) -> None:
        self._public_url = None if public_url is None else public_url.rstrip("/")
        root = secret or auth_token
        self._key = None if root is None else hmac.digest(root.reveal().encode(), _LABEL, hashlib.sha256)

    def url_for(self, page: OutgoingPage) -> str | None:
        """The link to acknowledge a page; None without a public address or a secret, and for a test page."""
        token = self.token_for(page)
        return None if self._public_url is None or token is None else f"{self._public_url}{LINK_PATH}/{token}"

    def token_for(self, page: OutgoingPage) -> str | None:
        """What the link ends in, for who knows where we are; None without a secret, and for a test page.

        `<tenant>.<38 characters>`: the delivery's id and the signature in base64url. Of the last character two bits are
        used, so it is a letter, and no phone takes it for punctuation behind the address.
        """
        if self._key is None or page.is_test:
            return None
        return _token(self._key, Reference(tenant=page.tenant, delivery_id=page.delivery_id))

    def alert_url(self, page: OutgoingPage) -> str | None:
        """Where the front end shows what a page is about; None without a public address."""
        return self.front_end(path_of(page))

    def front_end(self, path: str) -> str | None:
        """A path of the front end as an address; None without a public address."""
        return None if self._public_url is None else f"{self._public_url}{path}"

    def read(self, token: str) -> Reference | None:
        """The delivery that a link of ours lets acknowledge; None when it is not ours, or for something else."""
        if self._key is None or not token.isascii():
            return None
        for meant, make in ((_named(token), _token), (_named_at_length(token), _long_token)):
            if meant is not None and hmac.compare_digest(make(self._key, meant).encode(), token.encode()):
                return meant
        return None


def path_of(page: OutgoingPage) -> str:
    """Where the front end shows it: the alert, the list for a message that tells of many, the settings for a test."""
    if page.is_test:
        return "/settings?tab=reach"
    return "/alerts" if page.is_bundle else path_of_alert(page.alert_id)


def path_of_alert(alert_id: UUID) -> str:
    """Where the front end shows an alert."""
    return f"/alerts/{alert_id}"


def _token(key: bytes, meant: Reference) -> str:
    packed = meant.delivery_id.bytes + _signature(key, meant)[:_MAC_BYTES]
    return f"{meant.tenant}.{urlsafe_b64encode(packed).decode().rstrip('=')}"


def _named(token: str) -> Reference | None:
    """What a token says that it is for."""
    tenant, _, packed = token.partition(".")
    try:
        plain = urlsafe_b64decode(packed + "=" * (-len(packed) % 4))
    except (binascii.Error, ValueError):
        return None
    if len(plain) != _ID_BYTES + _MAC_BYTES:
        return None
    return Reference(tenant=tenant, delivery_id=UUID(bytes=plain[:_ID_BYTES]))


def _long_token(key: bytes, meant: Reference) -> str:
    """As an older notifier makes it, beside this one during an upgrade and in mails that are out."""
    return f"{_name(meant)}.{_signature(key, meant)[:_LONG_MAC_BYTES].hex()}"


def _named_at_length(token: str) -> Reference | None:
    tenant, _, rest = token.partition(".")
    try:
        return Reference(tenant=tenant, delivery_id=UUID(rest.partition(".")[0]))
    except ValueError:
        return None


def _signature(key: bytes, meant: Reference) -> bytes:
    return hmac.digest(key, _name(meant).encode(), hashlib.sha256)


def _name(meant: Reference) -> str:
    """What is signed: the purpose is part of it."""
    return f"{meant.tenant}.{meant.delivery_id.hex}.{ACKNOWLEDGE}"
