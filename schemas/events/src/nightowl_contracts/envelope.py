"""The envelope that every event travels in.

The tag (`type`, for example `alert.opened.v1`) carries the version: a change that old readers
could not survive is a new tag beside the old one, never a changed type.
"""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec


class Actor(msgspec.Struct, frozen=True, kw_only=True):
    """Who caused a change: a person, a key, a service or the provider's callback.

    `name` is for reading only; `id` is what a program compares.
    """

    kind: Literal["user", "api_key", "service", "source", "provider"]
    id: str
    name: str


class Envelope(msgspec.Struct, frozen=True, kw_only=True, tag_field="type"):
    """Fields common to all events.

    `id` is a UUIDv7 and the deduplication key of the event for every consumer (the inbox).
    `tenant` is the tenant's slug. `at` is when it happened by the database's clock, except for
    `AlertsReceived`, where no row exists yet and the receiving host's clock is used.
    `trace` is a W3C `traceparent`.
    """

    id: UUID
    tenant: str
    at: datetime
    actor: Actor
    trace: str | None = None
