"""Going to an identity provider and coming back: what signing in with it and trying it have in common."""

import secrets
from typing import Any
from urllib.parse import urlencode

import msgspec
from litestar import Request
from litestar.datastructures import Cookie, State
from litestar.di import Provide

from nightowl_alerting.credentials import OidcCredentials, load_credentials
from nightowl_alerting.sealing import MasterKeys
from nightowl_auth import SessionRules
from nightowl_auth.oidc import (
    Claims,
    Exchange,
    Issuer,
    Provider,
    Providers,
    RefusedTokenError,
    is_sound,
    load_own_issuer,
    tenants_of,
)
from nightowl_common.db import Database, UnknownTenantError
from nightowl_common.logs import get_logger
from nightowl_common.settings import Secret
from nightowl_query.engine import departures as engine
from nightowl_query.model.oidc import (
    BadStateError,
    Departure,
    NoIssuerError,
    NoPublicUrlError,
    ProviderRefusedError,
    TenantUnclearError,
)
from nightowl_query.model.signing_in import is_slug
from nightowl_query.store import oidc as store

log = get_logger(__name__)

CALLBACK = "/api/v1/auth/oidc/callback"
SCOPE = "openid email profile"
COOKIE_SECONDS = int(store.DEPARTURE_LASTS.total_seconds())
MAX_ID_TOKEN = 32 * 1024
"""It comes from the provider itself and holds the groups of who is in many."""

MAX_CODE = 4_000


class OidcSetup(msgspec.Struct, frozen=True, kw_only=True):
    """What signing in with providers stands on. `installation` is the operator's issuer."""

    database: Database
    master_keys: MasterKeys
    providers: Providers
    installation: Issuer | None
    client_secret: Secret
    public_url: str
    hosts: frozenset[str] = frozenset()

    @property
    def redirect_uri(self) -> str:
        """Where providers send browsers back to.

        Raises:
            NoPublicUrlError: that is not known.
        """
        if not self.public_url:
            raise NoPublicUrlError
        return self.public_url.rstrip("/") + CALLBACK


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What a provider sends a browser back with. Anybody can send one."""

    code: str | None
    state: str
    issuer: str | None
    error: str | None

    @property
    def text(self) -> str:
        """As it came, for the part of an address that no server is sent."""
        given = {"code": self.code, "state": self.state, "iss": self.issuer, "error": self.error}
        return urlencode({name: value for name, value in given.items() if value is not None})

    def __repr__(self) -> str:
        return "Answer(…)"


def oidc_of(state: State) -> OidcSetup:
    """For `Provide`."""
    setup: OidcSetup = state.oidc
    return setup


OIDC = {"oidc": Provide(oidc_of, sync_to_thread=False)}


async def depart(
    oidc: OidcSetup, issuer: Issuer, departure: Departure, rules: SessionRules, request: Request[Any, Any, Any]
) -> tuple[str, Cookie]:
    """Where a browser goes to, and the cookie without which nothing that comes back counts.

    Raises:
        NoPublicUrlError: nobody knows where it should come back to.
        ProviderUnavailableError: the provider does not say where it lets people in.
    """
    redirect_uri = oidc.redirect_uri
    metadata = await oidc.providers.of(issuer).metadata()
    sent = request.cookies.get(cookie_name(rules), "")
    browser, state = sent if engine.is_secret(sent) else secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    async with oidc.database.global_tx() as tx:
        await store.insert_departure(
            tx, departure, state_hash=engine.hash_of(state), browser_hash=engine.hash_of(browser)
        )  # fmt: skip
    asked = {
        "response_type": "code", "client_id": issuer.client_id, "redirect_uri": redirect_uri, "scope": SCOPE,
        "state": state, "nonce": engine.nonce_of(browser, state), "code_challenge_method": "S256",
        "code_challenge": engine.challenge_of(engine.verifier_of(browser, state)),
    }  # fmt: skip
    place = metadata.authorization_endpoint
    target = f"{place}{'&' if '?' in place else '?'}{urlencode(asked)}"
    return target, cookie_of(rules, browser, max_age=COOKIE_SECONDS)


async def find_issuer(oidc: OidcSetup, tenant: str | None) -> Issuer:
    """The tenant's own, else the installation's where that can lead to the tenant.

    Raises:
        NoIssuerError: neither. It does not say whether there is such a tenant.
    """
    if tenant is not None and not is_slug(tenant):
        raise NoIssuerError
    if tenant is not None:
        async with oidc.database.global_tx() as tx:
            own = await load_own_issuer(tx, tenant)
        if own is not None:
            return own
    ours = oidc.installation
    if ours is None or (tenant is not None and ours.tenant not in {None, tenant}):
        raise NoIssuerError
    return ours


async def take(database: Database, browser: str, state: str, *, of_trial: bool = False) -> Departure:
    """The departure of this browser, which is over with this: one to sign in, or one to try that.

    Raises:
        BadStateError: this browser has no such departure.
    """
    departure = None
    if engine.is_secret(browser) and engine.is_secret(state):
        async with database.global_tx() as tx:
            departure = await store.take_departure(
                tx, state_hash=engine.hash_of(state), browser_hash=engine.hash_of(browser), of_trial=of_trial
            )
    if departure is None:
        log.info("sign_in_refused", reason=BadStateError.code)
        raise BadStateError
    return departure


async def is_trial(database: Database, browser: str, state: str) -> bool:
    """Whether this browser is back from a trial: its answer is for the page of who tries, and signs nobody in."""
    if not engine.is_secret(browser) or not engine.is_secret(state):
        return False
    async with database.global_tx() as tx:
        return await store.is_trial(tx, state_hash=engine.hash_of(state), browser_hash=engine.hash_of(browser))


def require_code(answer: Answer) -> str:
    """The answer's code.

    Raises:
        ProviderRefusedError: the provider has let nobody in.
    """
    if answer.error is not None or answer.code is None or not is_sound(answer.code, longest=MAX_CODE):
        raise ProviderRefusedError
    return answer.code


async def redeem(oidc: OidcSetup, issuer: Issuer, answer: Answer, browser: str) -> str:
    """The ID token that the answer's code stands for; raises as `Provider.redeem` does."""
    exchange = Exchange(
        client_id=issuer.client_id,
        client_secret=await secret_of(oidc, issuer),
        code=require_code(answer),
        verifier=engine.verifier_of(browser, answer.state),
        redirect_uri=oidc.redirect_uri,
    )
    return await oidc.providers.of(issuer).redeem(exchange)


async def require_same(provider: Provider, issuer: Issuer, departure: Departure, answer: Answer) -> None:
    """Does nothing when the issuer answers that the browser was sent to.

    Raises:
        RefusedTokenError: another one does.
    """
    if (issuer.issuer, issuer.is_own) != (departure.issuer, departure.is_own):
        raise RefusedTokenError("issuer")
    is_told = (await provider.metadata()).authorization_response_iss_parameter_supported
    if answer.issuer not in ({issuer.issuer} if is_told else {None, issuer.issuer}):
        raise RefusedTokenError("issuer")


async def secret_of(oidc: OidcSetup, issuer: Issuer) -> str | None:
    """What we prove ourselves with to the provider; None: nothing."""
    if not issuer.is_own or issuer.tenant is None:
        return oidc.client_secret.reveal() or None
    async with oidc.database.tenant_tx(issuer.tenant) as tx:
        found = await load_credentials(tx, issuer.tenant, "oidc", oidc.master_keys)
    return found.client_secret if isinstance(found, OidcCredentials) else None


async def find_tenant(database: Database, claims: Claims, issuer: Issuer, departure: Departure) -> str:
    """The active tenant that verified claims lead to.

    Raises:
        TenantUnclearError: none, several, or another one than was asked for.
        TenantSuspendedError: it is suspended.
    """
    async with database.global_tx() as tx:
        found = await tenants_of(tx, claims, issuer)
    fitting = [each for each in found if departure.tenant in {None, each}]
    if len(fitting) != 1:
        raise TenantUnclearError
    try:
        await database.require_tenant(fitting[0])
    except UnknownTenantError as error:
        raise TenantUnclearError from error
    database.require_active(fitting[0])
    return fitting[0]


def cookie_name(rules: SessionRules) -> str:
    """Of the cookie that a browser has while it is away."""
    return f"{rules.cookie}-oidc"


def cookie_of(rules: SessionRules, browser: str, *, max_age: int) -> Cookie:
    """Lax: it must come along when the provider sends the browser back."""
    return Cookie(
        key=cookie_name(rules), value=browser, path="/", max_age=max_age, secure=rules.is_secure, httponly=True,
        samesite="lax",
    )  # fmt: skip
