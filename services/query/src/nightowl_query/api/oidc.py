"""Signing in with an identity provider: the code flow of OpenID Connect, with PKCE."""

import secrets
from typing import Annotated, Any
from urllib.parse import urlencode

import msgspec
from litestar import Request, get
from litestar.datastructures import Cookie, State
from litestar.di import NamedDependency, Provide
from litestar.params import QueryParameter
from litestar.response import Redirect

from nightowl_alerting.credentials import OidcCredentials, load_credentials
from nightowl_alerting.sealing import MasterKeys
from nightowl_auth import SessionRules, Sessions
from nightowl_auth.oidc import (
    Claims,
    Exchange,
    Issuer,
    Provider,
    Providers,
    RefusedTokenError,
    check_id_token,
    is_sound,
    load_own_issuer,
    read_unverified,
    tenants_of,
    verify,
)
from nightowl_common.db import Database, UnknownTenantError
from nightowl_common.logs import get_logger
from nightowl_common.outbox import Outbox
from nightowl_common.settings import Secret
from nightowl_query.api.admitting import admit, record_refusal
from nightowl_query.api.edge import problems
from nightowl_query.api.signing_in import session_cookie
from nightowl_query.engine import departures as engine
from nightowl_query.model.oidc import (
    BadStateError,
    BadTokenError,
    Departure,
    NoIssuerError,
    NoPublicUrlError,
    ProviderRefusedError,
    TenantUnclearError,
)
from nightowl_query.model.signing_in import is_slug
from nightowl_query.store import oidc as store

log = get_logger(__name__)

TAGS = ["Signing in"]
CALLBACK = "/api/v1/auth/oidc/callback"
SCOPE = "openid email profile"
COOKIE_SECONDS = int(store.DEPARTURE_LASTS.total_seconds())
MAX_ID_TOKEN = 32 * 1024
"""It comes from the provider itself and holds the groups of who is in many."""

MAX_CODE = 4_000
HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}

TenantAsked = Annotated[str | None, QueryParameter(description="The slug of the tenant to sign in to.")]
ReturnTo = Annotated[
    str | None, QueryParameter(description="A path of this site to go to in the end; `/` if not given.")
]


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

    def __repr__(self) -> str:
        return "Answer(…)"


def _read_answer(
    code: Annotated[str | None, QueryParameter(description="What the provider gives for the person.")] = None,
    given_state: Annotated[
        str | None, QueryParameter(name="state", description="What the provider was given for the browser.")
    ] = None,
    iss: Annotated[str | None, QueryParameter(description="Who answers (RFC 9207).")] = None,
    error: Annotated[str | None, QueryParameter(description="Why the provider let nobody in.")] = None,
) -> Answer:
    return Answer(code=code, state=given_state or "", issuer=iss, error=error)


def oidc_of(state: State) -> OidcSetup:
    """For `Provide`."""
    setup: OidcSetup = state.oidc
    return setup


OIDC = {"oidc": Provide(oidc_of, sync_to_thread=False)}


@get(
    "/auth/oidc/login", operation_id="beginOidc", tags=TAGS, summary="Go to the identity provider",
    responses=problems(404, 409, 422), status_code=303, exclude_from_auth=True,
    dependencies=OIDC,
)  # fmt: skip
async def begin(
    request: Request[Any, Any, Any],
    sessions: NamedDependency[Sessions],
    oidc: NamedDependency[OidcSetup],
    tenant: TenantAsked = None,
    return_to: ReturnTo = None,
) -> Redirect:
    """For browsers. To the tenant's own provider, else to the installation's; without `tenant` to the latter.

    The browser has ten minutes. What comes back counts in this browser only, and once.
    """
    path = engine.require_local("/" if return_to is None else return_to)
    issuer = await _find_issuer(oidc, tenant)
    redirect_uri = oidc.redirect_uri
    metadata = await oidc.providers.of(issuer).metadata()
    sent = request.cookies.get(_cookie_name(sessions.rules), "")
    browser, state = sent if engine.is_secret(sent) else secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    departure = Departure(tenant=tenant, is_own=issuer.is_own, issuer=issuer.issuer, return_to=path)
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
    cookie = _cookie(sessions.rules, browser, max_age=COOKIE_SECONDS)
    target = f"{place}{'&' if '?' in place else '?'}{urlencode(asked)}"
    return Redirect(target, status_code=303, cookies=[cookie], headers=HEADERS)


@get(
    "/auth/oidc/callback", operation_id="finishOidc", tags=TAGS, summary="Come back from the identity provider",
    responses=problems(404, 409, 422), status_code=303, exclude_from_auth=True,
    dependencies={**OIDC, "answer": Provide(_read_answer, sync_to_thread=False)},
)  # fmt: skip
async def finish(
    request: Request[Any, Any, Any],
    answer: NamedDependency[Answer],
    outbox: NamedDependency[Outbox],
    sessions: NamedDependency[Sessions],
    oidc: NamedDependency[OidcSetup],
) -> Redirect:
    """For browsers. Begins a session as signing in with a password does, and ends the one that the browser had.

    A person is found by issuer and subject, else by a verified address, else made, where that is allowed.
    """
    rules = sessions.rules
    old, browser = (request.cookies.get(name, "") for name in (rules.cookie, _cookie_name(rules)))
    departure = await _take(oidc.database, browser, answer.state)
    try:
        issuer, claims = await _identify(oidc, departure, answer, browser)
        tenant = await _find_tenant(oidc.database, claims, issuer, departure)
    except RefusedTokenError as error:
        await record_refusal(oidc.database, outbox, departure, error.reason)
        raise BadTokenError from error
    except (ProviderRefusedError, TenantUnclearError) as error:
        await record_refusal(oidc.database, outbox, departure, error.code)
        raise
    begun = await admit(outbox, tenant, claims, issuer, rules, old=old)
    sessions.forget(old)
    cookies = [
        session_cookie(rules, begun.token, max_age=int(rules.lifetime.total_seconds())),
        _cookie(rules, "", max_age=0),
    ]
    return Redirect(departure.return_to, status_code=303, cookies=cookies, headers=HEADERS)


HANDLERS = [begin, finish]


async def _find_issuer(oidc: OidcSetup, tenant: str | None) -> Issuer:
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


async def _take(database: Database, browser: str, state: str) -> Departure:
    """Raises:
    BadStateError: this browser has no such departure.
    """
    departure = None
    if engine.is_secret(browser) and engine.is_secret(state):
        async with database.global_tx() as tx:
            departure = await store.take_departure(
                tx, state_hash=engine.hash_of(state), browser_hash=engine.hash_of(browser)
            )  # fmt: skip
    if departure is None:
        log.info("sign_in_refused", reason=BadStateError.code)
        raise BadStateError
    return departure


async def _identify(oidc: OidcSetup, departure: Departure, answer: Answer, browser: str) -> tuple[Issuer, Claims]:
    """The claims of the ID token that the code stands for, signed by the issuer that the departure began with.

    Raises:
        ProviderRefusedError: there is no code.
        RefusedTokenError: the answer does not hold.
        ProviderUnavailableError: the provider cannot be asked.
    """
    if answer.error is not None or answer.code is None or not is_sound(answer.code, longest=MAX_CODE):
        raise ProviderRefusedError
    issuer = await _find_issuer(oidc, departure.tenant)
    provider = oidc.providers.of(issuer)
    await _require_same(provider, issuer, departure, answer)
    exchange = Exchange(
        client_id=issuer.client_id,
        client_secret=await _secret_of(oidc, issuer),
        code=answer.code,
        verifier=engine.verifier_of(browser, answer.state),
        redirect_uri=oidc.redirect_uri,
    )
    token = await provider.redeem(exchange)
    unverified = read_unverified(token, longest=MAX_ID_TOKEN)
    key = await provider.key(unverified.key_id, algorithm=unverified.algorithm)
    claims = verify(token, key, algorithm=unverified.algorithm)
    async with oidc.database.global_tx() as tx:
        check_id_token(claims, issuer, nonce=engine.nonce_of(browser, answer.state), now=await tx.now())
    return issuer, claims


async def _require_same(provider: Provider, issuer: Issuer, departure: Departure, answer: Answer) -> None:
    """Raises:
    RefusedTokenError: another issuer answers than the one that the browser was sent to.
    """
    if (issuer.issuer, issuer.is_own) != (departure.issuer, departure.is_own):
        raise RefusedTokenError("issuer")
    is_told = (await provider.metadata()).authorization_response_iss_parameter_supported
    if answer.issuer not in ({issuer.issuer} if is_told else {None, issuer.issuer}):
        raise RefusedTokenError("issuer")


async def _secret_of(oidc: OidcSetup, issuer: Issuer) -> str | None:
    if not issuer.is_own or issuer.tenant is None:
        return oidc.client_secret.reveal() or None
    async with oidc.database.tenant_tx(issuer.tenant) as tx:
        found = await load_credentials(tx, issuer.tenant, "oidc", oidc.master_keys)
    return found.client_secret if isinstance(found, OidcCredentials) else None


async def _find_tenant(database: Database, claims: Claims, issuer: Issuer, departure: Departure) -> str:
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


def _cookie_name(rules: SessionRules) -> str:
    return f"{rules.cookie}-oidc"


def _cookie(rules: SessionRules, browser: str, *, max_age: int) -> Cookie:
    """Lax: it must come along when the provider sends the browser back."""
    return Cookie(
        key=_cookie_name(rules), value=browser, path="/", max_age=max_age, secure=rules.is_secure, httponly=True,
        samesite="lax",
    )  # fmt: skip
