"""Issuers as they are configured, and what can be wrong with their tokens. Pure."""

from typing import Any, Literal, TypeAlias

import msgspec

from nightowl_auth.principal import Role
from nightowl_common.errors import TransientError

Claims: TypeAlias = dict[str, Any]
"""The payload of a token, as JSON."""

Reason = Literal[
    "shape", "too_large", "algorithm", "type", "critical", "key_id_missing", "key_unknown", "signature", "issuer",
    "audience", "party", "expired", "not_yet", "times", "subject", "nonce", "no_id_token", "code", "tenant", "person",
    "role",
]  # fmt: skip
"""Why a token is refused: a word for logs and the audit log, which holds nothing of the token."""


class RefusedTokenError(Exception):
    """A token does not hold. Whoever sent it is told no reason."""

    def __init__(self, reason: Reason) -> None:
        self.reason: Reason = reason
        super().__init__(reason)


class ProviderUnavailableError(TransientError):
    """The identity provider cannot be asked at this moment."""

    code = "provider_unavailable"
    is_told = False


class Issuer(msgspec.Struct, frozen=True, kw_only=True):
    """An identity provider as it is configured, and what its claims mean here.

    `tenant` None: each value of `tenant_claim` is looked up in `public.tenant_claims`. `audience` None: it signs
    people in and its tokens are not taken as bearer tokens. `role_claim` None: people keep the role that they have
    here, and new ones get `default_role`. `is_own`: a tenant's admin has chosen the address.
    """

    issuer: str
    client_id: str
    audience: str | None = None
    tenant: str | None = None
    tenant_claim: str | None = None
    role_claim: str | None = None
    roles: dict[str, Role] = {}
    default_role: Role | None = None
    email_domains: list[str] = []
    trusts_email: bool = False
    creates_users: bool = False
    is_own: bool = False
