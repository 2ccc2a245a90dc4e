"""Signing in with an identity provider: how one is set, and what can go wrong."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec

from nightowl_auth import Role
from nightowl_common.errors import ConflictError, ForbiddenError, NotFoundError
from nightowl_contracts import Actor

Address = Annotated[
    str,
    msgspec.Meta(
        max_length=250,
        pattern=r"^https?://[\x21\x24-\x3e\x41-\x7e]+\Z",
        examples=["https://sso.example.com/realms/acme"],
    ),
]
"""Printable, without user, query and fragment."""

Word = Annotated[str, msgspec.Meta(min_length=1, max_length=500, pattern=r"^[\x21-\x7e]+\Z")]
ClaimName = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+\Z")]
ClaimValue = Annotated[str, msgspec.Meta(min_length=1, max_length=500, pattern=r"^[^\x00-\x1f\x7f]+\Z")]
Domain = Annotated[
    str, msgspec.Meta(max_length=253, pattern=r"^[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?\Z", examples=["example.com"])
]


class NoIssuerError(NotFoundError):
    """Nobody signs in here with an identity provider: none is set for this tenant, or there is no such tenant."""

    code = "no_issuer"


class NoPublicUrlError(ConflictError):
    """Providers send browsers back to a fixed address; the operator sets NIGHTOWL_PUBLIC_URL."""

    code = "no_public_url"


class AudienceTakenError(ConflictError):
    """Tokens of this issuer with this audience lead to another tenant already; choose an audience of your own."""

    code = "audience_taken"


class BadStateError(ForbiddenError):
    """This sign-in is unknown: it was finished already, took over ten minutes, or began in another browser."""

    code = "bad_state"


class ProviderRefusedError(ForbiddenError):
    """The identity provider did not let the person in."""

    code = "provider_refused"


class BadTokenError(ForbiddenError):
    """What the identity provider has answered does not hold; the audit log says why."""

    code = "bad_token"


class TenantUnclearError(ForbiddenError):
    """The identity provider's claims lead to no tenant, to several, or to another one than was asked for."""

    code = "tenant_unclear"


class PersonUnknownError(ForbiddenError):
    """Nobody here is this person; an admin adds them first."""

    code = "person_unknown"


class PersonInactiveError(ForbiddenError):
    """This person has left."""

    code = "person_inactive"


class EmailUnverifiedError(ForbiddenError):
    """The identity provider tells no verified address, so it cannot be told who this is."""

    code = "email_unverified"


class EmailDomainError(ForbiddenError):
    """Only people with an address of certain domains sign in here."""

    code = "email_domain"


class LinkedElsewhereError(ForbiddenError):
    """The person with this address signs in as somebody else; an admin can change their `external_id`."""

    code = "linked_elsewhere"


class NoRoleError(ForbiddenError):
    """None of the person's roles at the identity provider has a meaning here."""

    code = "no_role"


RefusalCode = Literal[
    "person_unknown", "person_inactive", "email_unverified", "email_domain", "linked_elsewhere", "no_role"
]

REFUSALS: dict[RefusalCode, type[ForbiddenError]] = {
    "person_unknown": PersonUnknownError,
    "person_inactive": PersonInactiveError,
    "email_unverified": EmailUnverifiedError,
    "email_domain": EmailDomainError,
    "linked_elsewhere": LinkedElsewhereError,
    "no_role": NoRoleError,
}


class Departure(msgspec.Struct, frozen=True, kw_only=True):
    """A browser that is away at its provider. `tenant` is what it has asked for, and proves nothing.

    `return_to` is empty for a trial, which leads nowhere and signs nobody in.
    """

    tenant: str | None
    is_own: bool
    issuer: str
    return_to: str


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """A person as far as signing in looks at them."""

    id: UUID
    display_name: str
    role: Role
    is_active: bool
    external_id: str | None


class IssuerContent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The tenant's identity provider, and what its claims mean here.

    `client_secret` is never told again. Left out, it stays as it is; null: a public client, without one. `audience` is
    that of access tokens for the API; null: no JWT is taken as a bearer token. `roles` says what values of `role_claim`
    (a name, or a path with dots) mean; the highest counts, and without any `default_role`, or a refusal. Without a
    `role_claim` people keep the role that they have here. `trusts_email`: addresses count as verified though the
    provider does not say so.
    """

    issuer: Address
    client_id: Word
    client_secret: Word | msgspec.UnsetType | None = msgspec.UNSET
    audience: Word | None = None
    role_claim: ClaimName | None = None
    roles: Annotated[dict[ClaimValue, Role], msgspec.Meta(max_length=200)] = {}
    default_role: Role | None = None
    email_domains: Annotated[list[Domain], msgspec.Meta(max_length=50)] = []
    trusts_email: bool = False
    creates_users: bool = False

    def __repr__(self) -> str:
        return f"IssuerContent({self.issuer})"


class IssuerState(msgspec.Struct, frozen=True, kw_only=True):
    """The tenant's own identity provider; without one (`is_set` false) the installation's is used, if there is one.

    `secret` is the end of the client secret; null without one. `redirect_uri` is what the provider must know as ours,
    null while the operator has not set a public address. `revision` is the ETag.
    """

    is_set: bool
    issuer: str | None = None
    client_id: str | None = None
    secret: str | None = None
    audience: str | None = None
    role_claim: str | None = None
    roles: dict[str, Role] = {}
    default_role: Role | None = None
    email_domains: list[str] = []
    trusts_email: bool = False
    creates_users: bool = False
    changed_at: datetime | None = None
    changed_by: Actor | None = None
    revision: int = 0
    redirect_uri: str | None = None


TrialStepName = Literal["discovery", "answer", "code", "keys", "token", "tenant", "person"]


class TrialStep(msgspec.Struct, frozen=True, kw_only=True):
    """One step of signing in as it went, in the order in which they are taken; the first that fails is the last."""

    step: TrialStepName
    is_good: bool
    why: str
    evidence: dict[str, object] = {}


class TrialBegun(msgspec.Struct, frozen=True, kw_only=True):
    """Where the browser is to go for the trial; null: it cannot begin, and `steps` say why."""

    location: str | None
    steps: list[TrialStep]


class TrialAnswer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the provider has sent the browser back with, word for word."""

    state: Annotated[str, msgspec.Meta(max_length=200)]
    code: Annotated[str, msgspec.Meta(max_length=4_000)] | None = None
    iss: Annotated[str, msgspec.Meta(max_length=500)] | None = None
    error: Annotated[str, msgspec.Meta(max_length=500)] | None = None

    def __repr__(self) -> str:
        return "TrialAnswer(…)"


class SignInTrial(msgspec.Struct, frozen=True, kw_only=True):
    """How signing in went, up to the session, which was not begun. Nobody was made, linked or changed.

    `claims` are those of the ID token, once its signature was good; `role` and `person` are what they would come to,
    `is_new`: somebody who would have been added, `is_linked`: for the first time.
    """

    steps: list[TrialStep]
    claims: dict[str, Any] | None = None
    person: str | None = None
    role: Role | None = None
    is_new: bool = False
    is_linked: bool = False
