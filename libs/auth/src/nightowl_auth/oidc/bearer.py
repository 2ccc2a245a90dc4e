"""Bearer tokens of identity providers: JWT → principal, with a memory of 5 s like that of keys.

A token opens what the person behind it may, who must be known here already: by an earlier sign-in, or by the
`external_id` that an admin has set. A claim can make that less, and never more.
"""

import hashlib
from datetime import datetime

import msgspec

from nightowl_auth.oidc import claims as rules
from nightowl_auth.oidc import store
from nightowl_auth.oidc.model import Claims, Issuer, RefusedTokenError
from nightowl_auth.oidc.provider import Providers
from nightowl_auth.oidc.signatures import Unverified, is_marked_access_token, read_unverified, verify
from nightowl_auth.principal import ROLES, Principal, Role
from nightowl_auth.ring import FRESH_SECONDS, MAX_REMEMBERED
from nightowl_auth.telemetry import TOKENS_REFUSED
from nightowl_common import clock
from nightowl_common.db import Database, DatabaseUnavailableError, Tx
from nightowl_common.errors import TransientError, UnauthenticatedError
from nightowl_common.logs import get_logger

log = get_logger(__name__)


class _Remembered(msgspec.Struct, frozen=True):
    principal: Principal
    until: float


class BearerTokens:
    """JWT → principal. `installation` is the operator's issuer, which no tenant can take the place of."""

    def __init__(self, database: Database, providers: Providers, installation: Issuer | None) -> None:
        self._database = database
        self._providers = providers
        self._installation = installation
        self._remembered: dict[bytes, _Remembered] = {}

    async def verify(self, token: str) -> Principal:
        """The person that a token was given for.

        Raises:
            UnauthenticatedError: it does not hold, or nobody active is behind it; the log says which.
            TransientError: the database or the provider is away.
        """
        hashed, now = hashlib.sha256(token.encode()).digest(), clock.monotonic_seconds()
        found = self._remembered.get(hashed)
        if found is not None and now < found.until:
            return found.principal
        try:
            found = await self._ask(token, now=now)
        except RefusedTokenError as error:
            TOKENS_REFUSED.labels(error.reason).inc()
            log.info("bearer_refused", reason=error.reason)
            raise UnauthenticatedError from error
        except DatabaseUnavailableError as error:
            raise TransientError("The token cannot be checked at this moment.") from error
        if len(self._remembered) >= MAX_REMEMBERED:
            self._remembered.clear()
        self._remembered[hashed] = found
        return found.principal

    async def _ask(self, token: str, *, now: float) -> _Remembered:
        unverified = read_unverified(token)
        is_marked = is_marked_access_token(unverified)
        issuer = await self._find_issuer(unverified)
        key = await self._providers.of(issuer).key(unverified.key_id, algorithm=unverified.algorithm)
        claims = verify(token, key, algorithm=unverified.algorithm)
        async with self._database.global_tx() as tx:
            at = await tx.now()
            rules.check_access_token(claims, issuer, is_marked=is_marked, now=at)
            principal = await _find_person(tx, claims, issuer)
        return _Remembered(principal, now + min(FRESH_SECONDS, _seconds_left(claims, at)))

    async def _find_issuer(self, token: Unverified) -> Issuer:
        """By what the unverified token says: whether it is true is known when its signature is."""
        name, audiences = token.claims.get("iss"), rules.audiences_of(token.claims)
        if not isinstance(name, str) or not rules.is_sound(name):
            raise RefusedTokenError("issuer")
        ours = self._installation
        if ours is not None and ours.audience is not None and name == ours.issuer and ours.audience in audiences:
            return ours
        async with self._database.global_tx() as tx:
            found = await store.load_issuers_of_token(tx, name, audiences)
        if len(found) != 1:
            raise RefusedTokenError("issuer")
        return found[0]


async def tenants_of(tx: Tx, claims: Claims, issuer: Issuer) -> list[str]:
    """The tenants that verified claims lead to: the one that the issuer is bound to, else by what our table says."""
    if issuer.tenant is not None:
        return [issuer.tenant]
    return await store.load_tenants_of(tx, rules.values_at(claims, issuer.tenant_claim))


async def _find_person(tx: Tx, claims: Claims, issuer: Issuer) -> Principal:
    tenants = await tenants_of(tx, claims, issuer)
    if len(tenants) != 1:
        raise RefusedTokenError("tenant")
    await tx.enter_tenant(tenants[0])
    person = await store.load_token_person(tx, rules.external_id(claims))
    if person is None:
        raise RefusedTokenError("person")
    return Principal(
        tenant=tenants[0],
        key_id=person["id"],
        role=_role(claims, issuer, person["role"]),
        name=person["display_name"],
        user_id=person["id"],
        via="jwt",
        expires_at=rules.expiry_of(claims),
    )


def _role(claims: Claims, issuer: Issuer, has: Role) -> Role:
    """What the person has here, or less, where the claims say less."""
    if issuer.role_claim is None:
        return has
    told = rules.role_of(claims, issuer)
    if told is None:
        raise RefusedTokenError("role")
    return min(has, told, key=ROLES.__getitem__)


def _seconds_left(claims: Claims, at: datetime) -> float:
    return (rules.expiry_of(claims) + rules.LEEWAY - at).total_seconds()
