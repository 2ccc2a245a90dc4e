"""Somebody's own HTTP endpoint: the page as JSON, signed after the Standard Webhooks convention.

`webhook-signature` is `v1,` and the base64 HMAC-SHA256 of `<webhook-id>.<webhook-timestamp>.<body>`. The id is the
delivery's, which is the `Idempotency-Key` too: a repeat has the same.
"""

import base64
import binascii
import hashlib
import hmac
from datetime import datetime
from uuid import UUID

import msgspec

from nightowl_alerting.paging import AttemptResult
from nightowl_common import clock
from nightowl_common.guarded import GuardedClient, HttpAnswer
from nightowl_notifier.channels.endpoints import Endpoints, Load, Post, cannot_tell, classify
from nightowl_notifier.model import Endpoint, LookUp, OutgoingPage

PROVIDER = "webhook"
SECRET_PREFIX = "whsec_"  # noqa: S105  # what a secret begins with


class WebhookPage(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="page.v1"):
    """The body. Texts are as they came: whoever shows them escapes them."""

    delivery_id: UUID
    alert_id: UUID
    tenant: str
    severity: str
    title: str
    description: str | None
    source: str
    labels: dict[str, str]
    first_fired_at: datetime
    occurrence_count: int
    is_repeat: bool


class Webhook:
    """Posts to endpoints of the kind `webhook`."""

    def __init__(self, client: GuardedClient, *, load: Load) -> None:
        self._endpoints = Endpoints(client, kind=PROVIDER, load=load)

    @property
    def name(self) -> str:
        """Webhook."""
        return PROVIDER

    async def send(self, page: OutgoingPage) -> AttemptResult:
        """Posts once."""
        answer = await self._endpoints.post(page, lambda endpoint: signed_post(page, endpoint))
        return classify(answer, page, provider=PROVIDER) if isinstance(answer, HttpAnswer) else answer

    async def find(self, _page: OutgoingPage) -> LookUp:
        """Nobody to ask."""
        return cannot_tell()


def signed_post(page: OutgoingPage, endpoint: Endpoint) -> Post:
    """The request, signed now."""
    body = msgspec.json.encode(msgspec.convert(page, WebhookPage, from_attributes=True))
    message_id, timestamp = str(page.delivery_id), str(int(clock.utc_now().timestamp()))
    signature = sign(endpoint.secret or "", message_id=message_id, timestamp=timestamp, body=body)
    headers = {"webhook-id": message_id, "webhook-timestamp": timestamp, "webhook-signature": signature}
    return Post(body=body, headers=headers)


def sign(secret: str, *, message_id: str, timestamp: str, body: bytes) -> str:
    """`v1,<base64>`; a secret that begins with `whsec_` is base64, any other is taken as it is."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(_key(secret), signed, hashlib.sha256)).decode()


def _key(secret: str) -> bytes:
    if secret.startswith(SECRET_PREFIX):
        try:
            return base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
        except binascii.Error:
            return secret.encode()
    return secret.encode()
