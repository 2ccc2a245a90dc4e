"""The authenticated caller."""

from datetime import datetime
from functools import cached_property
from typing import Literal
from uuid import UUID

import msgspec

from nightowl_contracts import Actor, Severity

Role = Literal["readonly", "engineer", "manager", "admin"]

Scope = Literal["full", "ingest"]
"""`full`: all that the role may. `ingest`: to post webhooks and beats, and nothing else."""

ROLES: dict[Role, int] = {"readonly": 0, "engineer": 1, "manager": 2, "admin": 3}
"""Each role may do everything that a lower one may."""


class WebhookRules(msgspec.Struct, frozen=True, kw_only=True):
    """What a key says about the webhook calls made with it: how they are signed and how generic ones are read.

    `mapping` is field → JMESPath, empty for none. `secret` None: calls are not signed. `severity_words` are the
    tenant's: a sender's word in lower case → our severity.
    """

    secret: str | None = None
    mapping: dict[str, str] = {}
    severity_words: dict[str, Severity] = {}

    def __repr__(self) -> str:
        signed = "signed" if self.secret else "not signed"
        return f"WebhookRules({signed}, mapping={sorted(self.mapping)})"


PLAIN = WebhookRules()


class Principal(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """A caller, the tenant it belongs to, and its role there.

    `key_id` is the key's id, or the session's, or of a JWT the person's. `expires_at` is a JWT's end.
    """

    tenant: str
    key_id: UUID
    role: Role
    name: str
    user_id: UUID | None = None
    webhook: WebhookRules = PLAIN
    scope: Scope = "full"
    via: Literal["key", "session", "jwt", "dev"] = "key"
    local_admin_id: UUID | None = None
    must_change_password: bool = False
    expires_at: datetime | None = None

    def may(self, role: Role) -> bool:
        """Whether the caller has at least this role, and is not kept to sending."""
        return self.scope == "full" and ROLES[self.role] >= ROLES[role]

    @property
    def may_send(self) -> bool:
        """Whether the caller may post webhooks and beats."""
        return self.scope == "ingest" or self.may("engineer")

    @property
    def person_id(self) -> UUID | None:
        """Who has things of their own: a person or a local admin; None for a key that is nobody's."""
        return self.local_admin_id if self.user_id is None else self.user_id

    @cached_property
    def actor(self) -> Actor:
        """The caller as the author of a change."""
        if self.user_id is not None:
            return Actor(kind="user", id=str(self.user_id), name=self.name)
        if self.local_admin_id is not None:
            return Actor(kind="user", id=str(self.local_admin_id), name=self.name)
        return Actor(kind="api_key", id=str(self.key_id), name=self.name)
