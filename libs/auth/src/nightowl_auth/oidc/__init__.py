"""OpenID Connect: issuers, their providers over HTTP, and what their tokens say."""

from nightowl_auth.oidc.bearer import BearerTokens, tenants_of
from nightowl_auth.oidc.claims import (
    check_id_token,
    email_of,
    external_id,
    is_in_domains,
    is_sound,
    name_of,
    role_of,
    values_at,
)
from nightowl_auth.oidc.model import Claims, Issuer, ProviderUnavailableError, Reason, RefusedTokenError
from nightowl_auth.oidc.provider import Exchange, Metadata, Provider, Providers
from nightowl_auth.oidc.settings import OidcSettings
from nightowl_auth.oidc.signatures import read_unverified, verify
from nightowl_auth.oidc.store import (
    delete_tenant_claim,
    insert_tenant_claim,
    list_tenant_claims,
    load_own_issuer,
)

__all__ = [
    "BearerTokens",
    "Claims",
    "Exchange",
    "Issuer",
    "Metadata",
    "OidcSettings",
    "Provider",
    "ProviderUnavailableError",
    "Providers",
    "Reason",
    "RefusedTokenError",
    "check_id_token",
    "delete_tenant_claim",
    "email_of",
    "external_id",
    "insert_tenant_claim",
    "is_in_domains",
    "is_sound",
    "list_tenant_claims",
    "load_own_issuer",
    "name_of",
    "read_unverified",
    "role_of",
    "tenants_of",
    "values_at",
    "verify",
]
