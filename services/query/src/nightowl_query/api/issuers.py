"""The tenant's own identity provider: how people sign in, and what its tokens are worth here."""

from urllib.parse import urlsplit

import msgspec
from litestar import Response, delete, get, put
from litestar.di import NamedDependency
from litestar.params import JSONBody

from nightowl_alerting import credentials as kernel
from nightowl_alerting.credentials import OidcCredentials
from nightowl_alerting.sealing import MasterKeys
from nightowl_alerting.store import insert_audit
from nightowl_auth import Principal, requires
from nightowl_common.db import Database, Tx
from nightowl_common.errors import FieldProblem, InvalidError
from nightowl_common.outbox import Outbox
from nightowl_query.api.departing import OIDC, OidcSetup
from nightowl_query.api.edge import ETAG, IfMatch, etag, problems, require_revision
from nightowl_query.model.credentials import NoMasterKeyError
from nightowl_query.model.oidc import AudienceTakenError, IssuerContent, IssuerState
from nightowl_query.store import oidc as store

TAGS = ["System"]
UNTOLD = frozenset({"is_set", "secret", "changed_at", "changed_by", "revision", "redirect_uri"})


@get(
    "/admin/sign-in", operation_id="getIssuer", tags=TAGS, summary="The tenant's own identity provider",
    guards=[requires("manager")], responses=problems(), response_headers=[ETAG],
    dependencies=OIDC,
)  # fmt: skip
async def get_issuer(
    principal: NamedDependency[Principal], database: NamedDependency[Database], oidc: NamedDependency[OidcSetup]
) -> Response[IssuerState]:
    """Without its secret. `redirect_uri` is what has to be entered at the provider."""
    async with database.tenant_tx(principal.tenant) as tx:
        return _answer(await _load(tx, principal.tenant), oidc)


@put(
    "/admin/sign-in", operation_id="setIssuer", tags=TAGS, summary="Set the tenant's own identity provider",
    guards=[requires("admin")], responses=problems(409, 412, 413, 422), response_headers=[ETAG],
    dependencies=OIDC,
)  # fmt: skip
async def set_issuer(
    data: JSONBody[IssuerContent],
    principal: NamedDependency[Principal],
    outbox: NamedDependency[Outbox],
    oidc: NamedDependency[OidcSetup],
    master_keys: NamedDependency[MasterKeys],
    if_match: IfMatch = None,
) -> Response[IssuerState]:
    """In place of the installation's. Nothing is asked of the provider here: a trial does that."""
    _require_sense(data, oidc)
    tenant = principal.tenant
    async with outbox.tenant_tx(tenant) as tx:
        locked = await store.lock_issuer(tx, tenant)
        require_revision(if_match, locked.revision)
        before = await _load(tx, tenant)
        await store.save_issuer(tx, tenant, data, actor=principal.actor)
        told = await _save_secret(tx, principal, data, before, master_keys)
        after = await _load(tx, tenant)
        await _audit(tx, principal, "updated", {**_difference(before, after), **told})
        return _answer(after, oidc)


@delete(
    "/admin/sign-in", operation_id="clearIssuer", tags=TAGS, summary="Take the tenant's own identity provider away",
    guards=[requires("admin")], responses=problems(412), status_code=200, response_headers=[ETAG],
    dependencies=OIDC,
)  # fmt: skip
async def clear_issuer(
    principal: NamedDependency[Principal],
    outbox: NamedDependency[Outbox],
    oidc: NamedDependency[OidcSetup],
    if_match: IfMatch = None,
) -> Response[IssuerState]:
    """The installation's is used from then on, if there is one. Sessions that are there go on."""
    tenant = principal.tenant
    async with outbox.tenant_tx(tenant) as tx:
        locked = await store.lock_issuer(tx, tenant)
        require_revision(if_match, locked.revision)
        if locked.is_set:
            before = await _load(tx, tenant)
            await store.delete_issuer(tx, tenant)
            await kernel.clear_credentials(tx, tenant, "oidc", actor=principal.actor)
            after = await _load(tx, tenant)
            await _audit(tx, principal, "deleted", _difference(before, after))
        return _answer(await _load(tx, tenant), oidc)


HANDLERS = [get_issuer, set_issuer, clear_issuer]


async def _load(tx: Tx, tenant: str) -> IssuerState:
    state = await store.load_issuer(tx, tenant)
    stored = await kernel.load_stored(tx, "oidc")
    return msgspec.structs.replace(state, secret=stored.hints.get("client_secret", "") if stored.is_set else None)


async def _save_secret(
    tx: Tx, who: Principal, data: IssuerContent, before: IssuerState, keys: MasterKeys
) -> dict[str, object]:
    """What the audit log tells of the secret.

    Raises:
        NoMasterKeyError: it cannot be sealed here.
        InvalidError: the secret of one issuer would go to another: whoever changes the address has to know it.
    """
    if data.client_secret is msgspec.UNSET:
        if before.secret is not None and before.issuer != data.issuer:
            reason = "the issuer changes: send its secret, or null for a public client"
            raise InvalidError(fields=[FieldProblem(field="$.client_secret", reason=reason)])
        return {}
    if data.client_secret is None:
        if before.secret is None:
            return {}
        await kernel.clear_credentials(tx, who.tenant, "oidc", actor=who.actor)
        return {"client_secret": "removed"}
    if keys.current is None:
        raise NoMasterKeyError
    content = OidcCredentials(client_secret=data.client_secret)
    await kernel.save_credentials(tx, who.tenant, "oidc", content, keys, actor=who.actor)
    return {"client_secret": "written"}


def _require_sense(data: IssuerContent, oidc: OidcSetup) -> None:
    """Raises:
    InvalidError: with a problem per field.
    AudienceTakenError: such tokens lead to where the operator says.
    NoPublicUrlError: providers cannot send anybody back.
    """
    fields = []
    parts = urlsplit(data.issuer)
    if parts.scheme != "https" and (parts.hostname or "") not in oidc.hosts:
        fields.append(FieldProblem(field="$.issuer", reason="not https"))
    if data.roles and data.role_claim is None:
        fields.append(FieldProblem(field="$.role_claim", reason="roles are read from a claim: name it"))
    if data.creates_users and data.role_claim is None and data.default_role is None:
        fields.append(FieldProblem(field="$.default_role", reason="new people need a role"))
    if fields:
        raise InvalidError(fields=fields)
    ours = oidc.installation
    if ours is not None and data.audience is not None and (ours.issuer, ours.audience) == (data.issuer, data.audience):
        raise AudienceTakenError
    assert oidc.redirect_uri


def _difference(before: IssuerState, after: IssuerState) -> dict[str, object]:
    return {
        name: [getattr(before, name), getattr(after, name)]
        for name in before.__struct_fields__
        if name not in UNTOLD and getattr(before, name) != getattr(after, name)
    }


async def _audit(tx: Tx, who: Principal, action: str, changes: dict[str, object]) -> None:
    await insert_audit(tx, who.actor, action=action, entity="sign_in", entity_id=None, changes=changes)


def _answer(state: IssuerState, oidc: OidcSetup) -> Response[IssuerState]:
    told = msgspec.structs.replace(state, redirect_uri=oidc.redirect_uri if oidc.public_url else None)
    return Response(told, headers={"ETag": etag(state.revision)})
