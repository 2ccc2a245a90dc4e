"""Signing in with an identity provider: the code flow of OpenID Connect, with PKCE."""

from typing import Annotated, Any

from litestar import Request, get
from litestar.di import NamedDependency, Provide
from litestar.params import QueryParameter
from litestar.response import Redirect

from nightowl_auth import Sessions
from nightowl_auth.oidc import Claims, Issuer, RefusedTokenError, check_id_token, read_unverified, verify
from nightowl_common.outbox import Outbox
from nightowl_query.api.admitting import admit, record_refusal
from nightowl_query.api.departing import (
    MAX_ID_TOKEN,
    OIDC,
    Answer,
    OidcSetup,
    cookie_name,
    cookie_of,
    depart,
    find_issuer,
    find_tenant,
    is_trial,
    redeem,
    require_code,
    require_same,
    take,
)
from nightowl_query.api.edge import problems
from nightowl_query.api.signing_in import session_cookie
from nightowl_query.engine import departures as engine
from nightowl_query.model.oidc import BadTokenError, Departure, ProviderRefusedError, TenantUnclearError

TAGS = ["Signing in"]
TRIAL_PAGE = "/admin/sign-in"
HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}

TenantAsked = Annotated[str | None, QueryParameter(description="The slug of the tenant to sign in to.")]
ReturnTo = Annotated[
    str | None, QueryParameter(description="A path of this site to go to in the end; `/` if not given.")
]


def _read_answer(
    code: Annotated[str | None, QueryParameter(description="What the provider gives for the person.")] = None,
    given_state: Annotated[
        str | None, QueryParameter(name="state", description="What the provider was given for the browser.")
    ] = None,
    iss: Annotated[str | None, QueryParameter(description="Who answers (RFC 9207).")] = None,
    error: Annotated[str | None, QueryParameter(description="Why the provider let nobody in.")] = None,
) -> Answer:
    return Answer(code=code, state=given_state or "", issuer=iss, error=error)


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
    issuer = await find_issuer(oidc, tenant)
    departure = Departure(tenant=tenant, is_own=issuer.is_own, issuer=issuer.issuer, return_to=path)
    target, cookie = await depart(oidc, issuer, departure, sessions.rules, request)
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
    old, browser = (request.cookies.get(name, "") for name in (rules.cookie, cookie_name(rules)))
    if await is_trial(oidc.database, browser, answer.state):
        return Redirect(f"{TRIAL_PAGE}#{answer.text}", status_code=303, headers=HEADERS)
    departure = await take(oidc.database, browser, answer.state)
    try:
        issuer, claims = await _identify(oidc, departure, answer, browser)
        tenant = await find_tenant(oidc.database, claims, issuer, departure)
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
        cookie_of(rules, "", max_age=0),
    ]
    return Redirect(departure.return_to, status_code=303, cookies=cookies, headers=HEADERS)


HANDLERS = [begin, finish]


async def _identify(oidc: OidcSetup, departure: Departure, answer: Answer, browser: str) -> tuple[Issuer, Claims]:
    """The claims of the ID token that the code stands for, signed by the issuer that the departure began with.

    Raises:
        ProviderRefusedError: there is no code.
        RefusedTokenError: the answer does not hold.
        ProviderUnavailableError: the provider cannot be asked.
    """
    require_code(answer)
    issuer = await find_issuer(oidc, departure.tenant)
    provider = oidc.providers.of(issuer)
    await require_same(provider, issuer, departure, answer)
    token = await redeem(oidc, issuer, answer, browser)
    unverified = read_unverified(token, longest=MAX_ID_TOKEN)
    key = await provider.key(unverified.key_id, algorithm=unverified.algorithm)
    claims = verify(token, key, algorithm=unverified.algorithm)
    async with oidc.database.global_tx() as tx:
        check_id_token(claims, issuer, nonce=engine.nonce_of(browser, answer.state), now=await tx.now())
    return issuer, claims
