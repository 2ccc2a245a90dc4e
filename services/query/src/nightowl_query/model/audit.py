"""The audit log as the API shows it."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from nightowl_contracts import Actor
from nightowl_query.model.base import Page


class AuditEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One change, or one attempt that was refused (`action` is `denied`).

    `seq` is its place in the tenant's chain, in the order of commits; `hash` is the SHA-256, in hex, of the hash before
    it and of itself. `address` and `request_id` are those of the API call behind it; null: there was none. `changes`
    mostly holds field → [before, after].
    """

    id: UUID
    seq: int
    at: datetime
    actor: Actor
    action: str
    entity: str
    entity_id: UUID | None
    changes: dict[str, Any]
    address: str | None
    request_id: str | None
    hash: str


class AuditPage(Page, frozen=True, kw_only=True):
    """Newest first. `total` stops at 10,000; `total_is_exact` says whether it did not."""

    items: list[AuditEntry]
    total_is_exact: bool
