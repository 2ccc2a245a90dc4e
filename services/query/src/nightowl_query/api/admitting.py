"""Lets in whom a provider has let in: finds, links or makes the person, and begins the session. In one transaction."""

from uuid import UUID

import msgspec

from nightowl_alerting.store import insert_audit
from nightowl_auth import NewSession, SessionRules, begin_session, end_session, lower_keys_of
from nightowl_auth.oidc import Claims, Issuer, email_of, external_id
from nightowl_common.db import Database, Tx, UnknownTenantError
from nightowl_common.ids import new_id
from nightowl_common.logs import get_logger
from nightowl_common.outbox import Outbox
from nightowl_contracts import Actor
from nightowl_query.engine.joining import Admit, Join, Refuse, decide
from nightowl_query.model.identity import EmailTakenError, ExternalIdTakenError, UserNew
from nightowl_query.model.oidc import REFUSALS, Departure
from nightowl_query.store import oidc as store
from nightowl_query.store import users

log = get_logger(__name__)


async def admit(
    outbox: Outbox, tenant: str, claims: Claims, issuer: Issuer, rules: SessionRules, *, old: str
) -> NewSession:
    """A session of the person that verified claims are about; `old` is the session that the browser had.

    Raises:
        ForbiddenError: one of `REFUSALS`, which is in the audit log.
        EmailTakenError, ExternalIdTakenError: somebody made and changed the person meanwhile, twice.
    """
    try:
        return await _admit(outbox, tenant, claims, issuer, rules, old=old)
    except (EmailTakenError, ExternalIdTakenError):
        # The same person came in for the first time twice at once. Whoever made them has committed, so they are found.
        return await _admit(outbox, tenant, claims, issuer, rules, old=old)


async def _admit(
    outbox: Outbox, tenant: str, claims: Claims, issuer: Issuer, rules: SessionRules, *, old: str
) -> NewSession:
    async with outbox.tenant_tx(tenant) as tx:
        decision = await decide_about(tx, claims, issuer)
        match decision:
            case Admit():
                user_id = await _take_in(tx, tenant, claims, issuer, decision)
            case Join():
                user_id = await _add(tx, claims, issuer, decision)
            case Refuse(code=code):
                told: dict[str, object] = {"reason": code, "external_id": external_id(claims)}
                await _audit(tx, _provider(issuer.issuer), None, action="sign_in_refused", changes=told)
        if not isinstance(decision, Refuse):
            await end_session(tx, old)
            return await begin_session(tx, rules, tenant=tenant, user_id=user_id)
    log.info("sign_in_refused", reason=decision.code)
    raise REFUSALS[decision.code]


async def record_refusal(database: Database, outbox: Outbox, departure: Departure, reason: str) -> None:
    """Writes into the tenant's audit log, where one was asked for, that a provider's answer did not hold."""
    log.info("sign_in_refused", reason=reason, issuer=departure.issuer)
    if departure.tenant is None:
        return
    try:
        await database.require_tenant(departure.tenant)
    except UnknownTenantError:
        return
    async with outbox.tenant_tx(departure.tenant) as tx:
        await _audit(tx, _provider(departure.issuer), None, action="sign_in_refused", changes={"reason": reason})


async def decide_about(tx: Tx, claims: Claims, issuer: Issuer) -> Admit | Join | Refuse:
    """Who somebody with these claims is here, read and locked, and nothing written.

    Admins are locked first, as whoever takes one away does.
    """
    admins = await users.lock_admins(tx) if issuer.role_claim is not None else []
    same_id = await store.find_by_external_id(tx, external_id(claims))
    email = email_of(claims, issuer)
    same_email = [] if same_id is not None or email is None else await store.find_by_email(tx, email)
    return decide(claims, issuer, same_id=same_id, same_email=same_email, admins=admins)


async def _take_in(tx: Tx, tenant: str, claims: Claims, issuer: Issuer, decision: Admit) -> UUID:
    person = decision.person
    if await store.admit_user(tx, person.id, external_id=external_id(claims), role=decision.role):
        await lower_keys_of(tx, person.id, tenant=tenant, role=decision.role)
    told: dict[str, object] = {"issuer": issuer.issuer}
    if decision.is_linked:
        told["external_id"] = [None, external_id(claims)]
    if decision.role != person.role:
        told["role"] = [person.role, decision.role]
    if decision.is_role_kept:
        told["role"] = "kept: nobody else is an active admin"
    actor = Actor(kind="user", id=str(person.id), name=person.display_name)
    await _audit(tx, actor, person.id, action="signed_in", changes=told)
    return person.id


async def _add(tx: Tx, claims: Claims, issuer: Issuer, decision: Join) -> UUID:
    user = UserNew(
        email=decision.email, display_name=decision.name, role=decision.role, external_id=external_id(claims)
    )  # fmt: skip
    made = new_id()
    await users.insert_user(tx, made, user)
    content = msgspec.structs.asdict(user).items()
    told: dict[str, object] = {name: [None, value] for name, value in content if name != "preferences"}
    await _audit(tx, _provider(issuer.issuer), made, action="created", changes=told)
    actor = Actor(kind="user", id=str(made), name=user.display_name)
    await _audit(tx, actor, made, action="signed_in", changes={"issuer": issuer.issuer})
    return made


def _provider(issuer: str) -> Actor:
    return Actor(kind="provider", id=issuer, name="identity provider")


async def _audit(tx: Tx, actor: Actor, user_id: UUID | None, *, action: str, changes: dict[str, object]) -> None:
    await insert_audit(tx, actor, action=action, entity="user", entity_id=user_id, changes=changes)
