"""API keys, and what senders sent."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec

from nightowl_auth import Scope
from nightowl_query.model.base import Page


class ApiKey(msgspec.Struct, frozen=True, kw_only=True):
    """An API key, which is never shown again. `is_signed`: webhook calls with it must be signed.

    `scope` `ingest`: it may post webhooks and beats and nothing else. `user_id`: whose it is; null for a program's.
    `mapping` says how generic payloads that come with it are read: field → JMESPath expression.
    """

    id: UUID
    prefix: str
    role: str
    description: str
    created_at: datetime
    is_signed: bool
    mapping: dict[str, str]
    scope: Scope = "full"
    user_id: UUID | None = None
    expires_at: datetime | None = None
    last_used_at: datetime | None = None


class ApiKeyPage(Page, frozen=True, kw_only=True):
    """API keys, newest first."""

    items: list[ApiKey]


class KeyMapping(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Field → JMESPath expression; `{}` for none."""

    mapping: dict[str, str]


class WebhookSecret(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What senders sign their calls with; null ends it."""

    secret: Annotated[str, msgspec.Meta(min_length=16, max_length=200, pattern=r"^[!-~]+$")] | None

    def __repr__(self) -> str:
        return "WebhookSecret(…)"


class RawPayload(msgspec.Struct, frozen=True, kw_only=True):
    """What the sender wrote about an alert, word for word. `is_cut`: `raw` holds only the first 64 KiB of it.

    `item` is the alert's place in the call that `receipt_id` names.
    """

    receipt_id: UUID
    item: int
    source: str
    received_at: datetime
    is_cut: bool
    raw: str


class RawPayloads(msgspec.Struct, frozen=True, kw_only=True):
    """The payload that opened an alert, and the newest that repeated or resolved it; null where there is none."""

    opening: RawPayload | None = None
    latest: RawPayload | None = None


class RejectedPayload(msgspec.Struct, frozen=True, kw_only=True):
    """An alert that could not be read: `field` is a JSON path, `raw` its own text, cut to 4 KiB."""

    id: UUID
    receipt_id: UUID
    item: int
    source: str
    field: str
    reason: str
    raw: str
    received_at: datetime


class RejectedPayloadPage(Page, frozen=True, kw_only=True):
    """Rejected alerts, newest first."""

    items: list[RejectedPayload]
