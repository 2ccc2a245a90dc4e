"""The installation's own issuer, as its operator sets it."""

from typing import Annotated, get_args
from urllib.parse import urlsplit

import msgspec

from nightowl_auth.oidc.model import Issuer
from nightowl_auth.principal import Role
from nightowl_common.settings import BaseSettings, Secret, SettingsError, documented


class OidcSettings(BaseSettings, frozen=True, kw_only=True):
    """Settings of OpenID Connect. Without `OIDC_ISSUER_URL` there are only the issuers that tenants set."""

    oidc_issuer_url: Annotated[
        str, documented("The issuer, to the letter as its discovery document says it. https, but in `dev` mode.")
    ] = msgspec.field(default="", name="OIDC_ISSUER_URL")
    oidc_client_id: Annotated[str, documented("The client that people sign in with.")] = msgspec.field(
        default="", name="OIDC_CLIENT_ID"
    )
    oidc_client_secret: Annotated[Secret, documented("Its secret; without one it is a public client.")] = msgspec.field(
        default=Secret(""), name="OIDC_CLIENT_SECRET"
    )
    oidc_audience: Annotated[
        str, documented("The audience of access tokens for this API. Without one no JWT is taken as bearer token.")
    ] = msgspec.field(default="", name="OIDC_AUDIENCE")
    oidc_tenant: Annotated[str, documented("The slug of the tenant that everybody of this issuer belongs to.")] = (
        msgspec.field(default="", name="OIDC_TENANT")
    )
    oidc_tenant_claim: Annotated[
        str, documented("Instead: a claim whose values stand for tenants, as `nightowl tenant claim` says.")
    ] = msgspec.field(default="", name="OIDC_TENANT_CLAIM")
    oidc_role_claim: Annotated[
        str, documented("The claim that roles are read from, by name or path: `groups`, `realm_access.roles`.")
    ] = msgspec.field(default="", name="OIDC_ROLE_CLAIM")
    oidc_roles: Annotated[
        str,
        documented("What its values mean: `value=role,value=role`, or a JSON object. The highest that fits counts."),
    ] = msgspec.field(default="", name="OIDC_ROLES")
    oidc_default_role: Annotated[
        str, documented("The role of whom no value fits, and of new people. Without one they are refused.")
    ] = msgspec.field(default="", name="OIDC_DEFAULT_ROLE")
    oidc_email_domains: Annotated[
        str, documented("Domains, separated by commas: only people with a verified address there sign in.")
    ] = msgspec.field(default="", name="OIDC_EMAIL_DOMAINS")
    oidc_trust_email: Annotated[
        bool, documented("Addresses count as verified though the provider does not say so (Entra ID).")
    ] = msgspec.field(default=False, name="OIDC_TRUST_EMAIL")
    oidc_create_users: Annotated[bool, documented("Whoever signs in and is not known yet becomes a person here.")] = (
        msgspec.field(default=False, name="OIDC_CREATE_USERS")
    )
    oidc_hosts: Annotated[
        str, documented("Hosts of providers that may be private and without TLS, also for tenants; with commas.")
    ] = msgspec.field(default="", name="OIDC_HOSTS")

    @property
    def provider_hosts(self) -> frozenset[str]:
        """Hosts that may be private and without TLS."""
        return frozenset(each.lower() for each in split(self.oidc_hosts))

    @property
    def installation_issuer(self) -> Issuer | None:
        """The operator's issuer, where there is one.

        Raises:
            SettingsError: it is not all there, or not safe.
        """
        if not self.oidc_issuer_url:
            return None
        _require_address(self.oidc_issuer_url, is_dev=self.mode == "dev", hosts=self.provider_hosts)
        if not self.oidc_client_id:
            raise SettingsError("OIDC_ISSUER_URL needs OIDC_CLIENT_ID")
        if bool(self.oidc_tenant) == bool(self.oidc_tenant_claim):
            raise SettingsError("OIDC_ISSUER_URL needs one of OIDC_TENANT and OIDC_TENANT_CLAIM")
        return Issuer(
            issuer=self.oidc_issuer_url,
            client_id=self.oidc_client_id,
            audience=self.oidc_audience or None,
            tenant=self.oidc_tenant or None,
            tenant_claim=self.oidc_tenant_claim or None,
            role_claim=self.oidc_role_claim or None,
            roles=_roles(self.oidc_roles),
            default_role=_role(self.oidc_default_role, "OIDC_DEFAULT_ROLE") if self.oidc_default_role else None,
            email_domains=split(self.oidc_email_domains),
            trusts_email=self.oidc_trust_email,
            creates_users=self.oidc_create_users,
        )


def split(text: str) -> list[str]:
    """What commas separate."""
    return [part for each in text.split(",") if (part := each.strip())]


def _roles(text: str) -> dict[str, Role]:
    """From pairs, or from JSON for values that hold commas, such as names of a directory."""
    if text.lstrip().startswith("{"):
        try:
            told = msgspec.json.decode(text, type=dict[str, str])
        except msgspec.MsgspecError as error:
            raise SettingsError("OIDC_ROLES is no JSON object of texts") from error
    else:
        told = {value.strip(): role.strip() for value, _, role in (each.rpartition("=") for each in split(text))}
    return {value: _role(role, "OIDC_ROLES") for value, role in told.items()}


def _role(word: str, name: str) -> Role:
    if word not in get_args(Role):
        raise SettingsError(f"{name}: {word!r} is none of {', '.join(get_args(Role))}")
    return word  # type: ignore[return-value]  # it is one of them


def _require_address(url: str, *, is_dev: bool, hosts: frozenset[str]) -> None:
    parts = urlsplit(url)
    is_plain_allowed = is_dev or (parts.hostname or "") in hosts
    if parts.scheme != "https" and not (parts.scheme == "http" and is_plain_allowed):
        raise SettingsError("OIDC_ISSUER_URL is not https; name its host in OIDC_HOSTS if that is meant")
    if parts.query or parts.fragment or parts.username or not parts.hostname:
        raise SettingsError("OIDC_ISSUER_URL is no plain address")
