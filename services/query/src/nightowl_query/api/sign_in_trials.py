"""Trying the tenant's identity provider: signing in up to the session, which is not begun, with every step told.

The browser goes to the provider and comes back as when somebody signs in. What it comes back with is handed to the
page of the admin who tries, in the part of the address that no server is sent, and from there to the second call here.
"""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from litestar import Request, Response, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from nightowl_alerting.store import insert_audit
from nightowl_auth import Principal, Sessions, requires
from nightowl_auth.oidc import (
    Claims,
    Issuer,
    ProviderUnavailableError,
    RefusedTokenError,
    check_id_token,
    read_unverified,
    role_of,
    values_at,
    verify,
)
from nightowl_common.db import Database
from nightowl_common.errors import NightOwlError
from nightowl_common.outbox import Outbox
from nightowl_query.api import departing
from nightowl_query.api.admitting import decide_about
from nightowl_query.api.departing import OIDC, Answer, OidcSetup
from nightowl_query.api.edge import problems
from nightowl_query.engine import departures as engine
from nightowl_query.engine.joining import Admit, Decision, Join, Refuse
from nightowl_query.model.oidc import (
    REFUSALS,
    BadStateError,
    Departure,
    SignInTrial,
    TrialAnswer,
    TrialBegun,
    TrialStep,
    TrialStepName,
)

TAGS = ["System"]
Told = tuple[str, dict[str, object]]


@post(
    "/admin/sign-in/trial", operation_id="beginSignInTrial", tags=TAGS, status_code=200,
    summary="Try the identity provider: where the browser is to go",
    guards=[requires("admin")], responses=problems(404, 409), dependencies=OIDC,
)  # fmt: skip
async def begin_trial(
    request: Request[Any, Any, Any],
    principal: NamedDependency[Principal],
    sessions: NamedDependency[Sessions],
    oidc: NamedDependency[OidcSetup],
) -> Response[TrialBegun]:
    """Asks for the discovery document. It comes back to the page of sign-in, with the answer behind a `#`."""
    issuer = await departing.find_issuer(oidc, principal.tenant)
    departure = Departure(tenant=principal.tenant, is_own=issuer.is_own, issuer=issuer.issuer, return_to="")
    try:
        why, evidence = await _discover(oidc, issuer)
    except ProviderUnavailableError as error:
        return Response(TrialBegun(location=None, steps=[_failed("discovery", error)]))
    target, cookie = await departing.depart(oidc, issuer, departure, sessions.rules, request)
    step = TrialStep(step="discovery", is_good=True, why=why, evidence=evidence)
    return Response(TrialBegun(location=target, steps=[step]), cookies=[cookie])


@post(
    "/admin/sign-in/trial/result", operation_id="finishSignInTrial", tags=TAGS, status_code=200,
    summary="How signing in would have gone, step by step",
    guards=[requires("admin")], responses=problems(404, 409, 413, 422), dependencies=OIDC,
)  # fmt: skip
async def finish_trial(
    data: JSONBody[TrialAnswer],
    request: Request[Any, Any, Any],
    principal: NamedDependency[Principal],
    outbox: NamedDependency[Outbox],
    sessions: NamedDependency[Sessions],
    oidc: NamedDependency[OidcSetup],
) -> SignInTrial:
    """Counts once, in the browser in which it began. No session is begun; nobody is made, linked or changed."""
    browser = request.cookies.get(departing.cookie_name(sessions.rules), "")
    departure = await departing.take(oidc.database, browser, data.state, of_trial=True)
    if departure.tenant != principal.tenant:
        raise BadStateError
    answer = Answer(code=data.code, state=data.state, issuer=data.iss, error=data.error)
    trial = await _Trial(oidc, departure, answer, browser).run()
    failed = next((each for each in trial.steps if not each.is_good), None)
    told: dict[str, object] = {"failed": None if failed is None else failed.step}
    async with outbox.tenant_tx(principal.tenant) as tx:
        await insert_audit(tx, principal.actor, action="tried", entity="sign_in", entity_id=None, changes=told)
    return trial


HANDLERS = [begin_trial, finish_trial]


class _Trial:
    """Signing in, as `oidc.finish` does it, one step after the other, without its end."""

    def __init__(self, oidc: OidcSetup, departure: Departure, answer: Answer, browser: str) -> None:
        self._oidc = oidc
        self._departure = departure
        self._answer = answer
        self._browser = browser
        self._issuer: Issuer | None = None
        self._token = ""
        self._claims: Claims = {}
        self._decision: Decision | None = None

    async def run(self) -> SignInTrial:
        """All steps, or those up to the first that fails."""
        takes: dict[TrialStepName, Callable[[], Awaitable[Told]]] = {
            "discovery": self._discover, "answer": self._hear, "code": self._redeem, "keys": self._verify,
            "token": self._check, "tenant": self._find_tenant, "person": self._decide,
        }  # fmt: skip
        steps: list[TrialStep] = []
        for step, take in takes.items():
            try:
                why, evidence = await take()
            except (NightOwlError, RefusedTokenError) as error:
                steps.append(_failed(step, error))
                break
            steps.append(TrialStep(step=step, is_good=True, why=why, evidence=evidence))
        return _outcome(steps, self._claims, self._decision)

    @property
    def _of(self) -> Issuer:
        assert self._issuer is not None, "discovery comes first"
        return self._issuer

    async def _discover(self) -> Told:
        self._issuer = await departing.find_issuer(self._oidc, self._departure.tenant)
        return await _discover(self._oidc, self._issuer)

    async def _hear(self) -> Told:
        if self._answer.error is not None:
            raise NightOwlError(f"the provider let nobody in: {self._answer.error}")
        departing.require_code(self._answer)
        await departing.require_same(self._oidc.providers.of(self._of), self._of, self._departure, self._answer)
        return "the provider let somebody in, and gave a code", {}

    async def _redeem(self) -> Told:
        self._token = await departing.redeem(self._oidc, self._of, self._answer, self._browser)
        return "the provider gave an ID token for the code: client id, secret and redirect address are right", {}

    async def _verify(self) -> Told:
        unverified = read_unverified(self._token, longest=departing.MAX_ID_TOKEN)
        key = await self._oidc.providers.of(self._of).key(unverified.key_id, algorithm=unverified.algorithm)
        self._claims = verify(self._token, key, algorithm=unverified.algorithm)
        evidence: dict[str, object] = {"algorithm": unverified.algorithm, "key_id": unverified.key_id}
        return "the signature is by a key of the provider", evidence

    async def _check(self) -> Told:
        nonce = engine.nonce_of(self._browser, self._answer.state)
        async with self._oidc.database.global_tx() as tx:
            check_id_token(self._claims, self._of, nonce=nonce, now=await tx.now())
        return "issuer, audience, times and nonce hold", {}

    async def _find_tenant(self) -> Told:
        tenant = await departing.find_tenant(self._oidc.database, self._claims, self._of, self._departure)
        return f"the claims lead to the tenant {tenant}", {"tenant": tenant}

    async def _decide(self) -> Told:
        decision = await _ask(self._oidc.database, self._departure.tenant or "", self._claims, self._of)
        if isinstance(decision, Refuse):
            raise REFUSALS[decision.code]
        self._decision = decision
        claim = self._of.role_claim
        evidence: dict[str, object] = {
            "role_claim": claim,
            "values": values_at(self._claims, claim),
            "role_by_claims": role_of(self._claims, self._of),
        }
        return _who(decision), evidence


async def _discover(oidc: OidcSetup, issuer: Issuer) -> Told:
    metadata = await oidc.providers.of(issuer).metadata()
    return f"the discovery document of {issuer.issuer} is there", msgspec.structs.asdict(metadata)


async def _ask(database: Database, tenant: str, claims: Claims, issuer: Issuer) -> Decision:
    async with database.tenant_tx(tenant) as tx:
        return await decide_about(tx, claims, issuer)


def _who(decision: Admit | Join) -> str:
    if isinstance(decision, Join):
        return f"{decision.name} ({decision.email}) is new, and would be added as {decision.role}"
    person = decision.person.display_name
    linked = ", linked for the first time by the address" if decision.is_linked else ""
    kept = "; the claims give another role, but nobody else is an active admin" if decision.is_role_kept else ""
    return f"{person} would come in as {decision.role}{linked}{kept}"


def _failed(step: TrialStepName, error: NightOwlError | RefusedTokenError) -> TrialStep:
    why = f"it does not hold: {error.reason}" if isinstance(error, RefusedTokenError) else error.detail
    return TrialStep(step=step, is_good=False, why=why)


def _outcome(steps: list[TrialStep], claims: Claims, decision: Decision | None) -> SignInTrial:
    trial = SignInTrial(steps=steps, claims=claims or None)
    match decision:
        case Admit(person=person, role=role, is_linked=is_linked):
            return msgspec.structs.replace(trial, person=person.display_name, role=role, is_linked=is_linked)
        case Join(name=name, role=role):
            return msgspec.structs.replace(trial, person=name, role=role, is_new=True)
        case _:
            return trial
