"""Links in pages: signed, for one purpose, for one delivery. How long they hold is for the database's clock to say.

Opening a link changes nothing. What it allows is to press the button behind it.
"""

import hashlib
import hmac
from uuid import UUID

from nightowl_common.settings import Secret
from nightowl_notifier.channels.callbacks import Reference
from nightowl_notifier.model import OutgoingPage

LINK_PATH = "/p"
ACKNOWLEDGE = "ack"

_LABEL = b"nightowl page link v1"
_MAC_LENGTH = 32


class PageLinks:
    """The secret is that of the callbacks, under a label of its own: a callback's address is never a link."""

    def __init__(self, *, public_url: str | None, auth_token: Secret | None, secret: Secret | None) -> None:
        self._public_url = None if public_url is None else public_url.rstrip("/")
        root = secret or auth_token
        self._key = None if root is None else hmac.digest(root.reveal().encode(), _LABEL, hashlib.sha256)

    def url_for(self, page: OutgoingPage) -> str | None:
        """The link to acknowledge a page; None without a public address or a secret."""
        token = self.token_for(page)
        return None if self._public_url is None or token is None else f"{self._public_url}{LINK_PATH}/{token}"

    def token_for(self, page: OutgoingPage) -> str | None:
        """What the link ends in, for who knows where we are; None without a secret."""
        if self._key is None:
            return None
        name = f"{page.tenant}.{page.delivery_id.hex}.{ACKNOWLEDGE}"
        return f"{name}.{_mac(self._key, name)}"

    def read(self, token: str) -> Reference | None:
        """The delivery that a link of ours lets acknowledge; None when it is not ours, or for something else."""
        name, _, mac = token.rpartition(".")
        if self._key is None or not hmac.compare_digest(_mac(self._key, name).encode(), mac.encode()):
            return None
        tenant, delivery_id, purpose = name.split(".")
        return Reference(tenant=tenant, delivery_id=UUID(delivery_id)) if purpose == ACKNOWLEDGE else None


def _mac(key: bytes, name: str) -> str:
    return hmac.digest(key, name.encode(), hashlib.sha256).hex()[:_MAC_LENGTH]
