"""The tenant's own provider credentials: written and taken away, never read."""

from litestar import Response, delete, get, post, put
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody

from nightowl_alerting import credentials as kernel
from nightowl_alerting.credentials import AnyCredentials, ProviderKind, Stored
from nightowl_alerting.sealing import MasterKeys
from nightowl_alerting.store import insert_audit
from nightowl_auth import Principal, requires
from nightowl_common.db import Database, Tx
from nightowl_common.errors import FieldProblem, InvalidError
from nightowl_common.outbox import Outbox
from nightowl_query.api.edge import ETAG, IfMatch, etag, problems, require_revision
from nightowl_query.channels.probes import Places, Probed, Verdict, probe
from nightowl_query.model.credentials import (
    NoMasterKeyError,
    NothingSetError,
    ProviderState,
    SlackContent,
    SmtpContent,
    TwilioContent,
)

TAGS = ["System"]
NAMES: dict[ProviderKind, str] = {"slack": "Slack", "twilio": "Twilio", "smtp": "mail"}


@put(
    "/admin/config/slack", operation_id="setSlack", tags=TAGS, summary="Set the tenant's Slack app",
    guards=[requires("admin")], responses=problems(409, 412, 413, 422), response_headers=[ETAG],
)  # fmt: skip
async def set_slack(
    data: JSONBody[SlackContent],
    principal: NamedDependency[Principal],
    outbox: NamedDependency[Outbox],
    master_keys: NamedDependency[MasterKeys],
    if_match: IfMatch = None,
) -> Response[ProviderState]:
    """Replaces what was set. It is stored encrypted, and never told again."""
    async with outbox.tenant_tx(principal.tenant) as tx:
        return await _save(tx, principal, "slack", data, master_keys, if_match)


@put(
    "/admin/config/twilio", operation_id="setTwilio", tags=TAGS, summary="Set the tenant's Twilio account",
    guards=[requires("admin")], responses=problems(409, 412, 413, 422), response_headers=[ETAG],
)  # fmt: skip
async def set_twilio(
    data: JSONBody[TwilioContent],
    principal: NamedDependency[Principal],
    outbox: NamedDependency[Outbox],
    master_keys: NamedDependency[MasterKeys],
    if_match: IfMatch = None,
) -> Response[ProviderState]:
    """Replaces what was set. It is stored encrypted, and its token is never told again."""
    async with outbox.tenant_tx(principal.tenant) as tx:
        return await _save(tx, principal, "twilio", data, master_keys, if_match)


@put(
    "/admin/config/smtp", operation_id="setSmtp", tags=TAGS, summary="Set the tenant's mail server",
    guards=[requires("admin")], responses=problems(409, 412, 413, 422), response_headers=[ETAG],
)  # fmt: skip
async def set_smtp(
    data: JSONBody[SmtpContent],
    principal: NamedDependency[Principal],
    outbox: NamedDependency[Outbox],
    master_keys: NamedDependency[MasterKeys],
    if_match: IfMatch = None,
) -> Response[ProviderState]:
    """Replaces what was set. It is stored encrypted, and its password is never told again."""
    if (data.username is None) != (data.password is None):
        missing = "$.username" if data.username is None else "$.password"
        raise InvalidError(fields=[FieldProblem(field=missing, reason="username and password go together")])
    async with outbox.tenant_tx(principal.tenant) as tx:
        return await _save(tx, principal, "smtp", data, master_keys, if_match)


def _make_handlers(kind: ProviderKind) -> list[HTTPRouteHandler]:  # long: two handlers
    """What is the same for each provider."""
    name = NAMES[kind]

    @get(
        f"/admin/config/{kind}", operation_id=f"get{kind.title()}", tags=TAGS,
        summary=f"What is set for {name}", guards=[requires("manager")], responses=problems(), response_headers=[ETAG],
    )  # fmt: skip
    async def read(
        principal: NamedDependency[Principal], database: NamedDependency[Database]
    ) -> Response[ProviderState]:
        """Whether something is set, since when, and the ends of its secrets."""
        async with database.tenant_tx(principal.tenant) as tx:
            return _answer(await kernel.load_stored(tx, kind))

    @delete(
        f"/admin/config/{kind}", operation_id=f"clear{kind.title()}", tags=TAGS, status_code=200,
        summary=f"Take away what is set for {name}", guards=[requires("admin")], responses=problems(412),
        response_headers=[ETAG],
    )  # fmt: skip
    async def clear(
        principal: NamedDependency[Principal], outbox: NamedDependency[Outbox], if_match: IfMatch = None
    ) -> Response[ProviderState]:
        """The installation's own settings are used from then on."""
        async with outbox.tenant_tx(principal.tenant) as tx:
            before = await kernel.lock_stored(tx, kind)
            require_revision(if_match, before.revision)
            if before.is_set:
                await kernel.clear_credentials(tx, principal.tenant, kind, actor=principal.actor)
                await _audit(tx, principal, kind, before)
            return _answer(await kernel.load_stored(tx, kind))

    return [read, clear, _make_test(kind)]


def _make_test(kind: ProviderKind) -> HTTPRouteHandler:
    name = NAMES[kind]

    @post(
        f"/admin/config/{kind}/test", operation_id=f"test{kind.title()}", tags=TAGS, status_code=200,
        summary=f"Ask {name} whether it takes the tenant's credentials", guards=[requires("admin")],
        responses=problems(409),
    )  # fmt: skip
    async def test(
        principal: NamedDependency[Principal],
        database: NamedDependency[Database],
        master_keys: NamedDependency[MasterKeys],
        places: NamedDependency[Places],
    ) -> Verdict:
        """With what is stored. Nothing is sent to anybody; what the provider said is told in plain words."""
        async with database.tenant_tx(principal.tenant) as tx:
            found = await kernel.load_credentials(tx, principal.tenant, kind, master_keys)
        if not isinstance(found, Probed):
            raise NothingSetError
        verdict = await probe(found, places)
        await _note_test(database, principal, kind, verdict)
        return verdict

    return test


HANDLERS: list[HTTPRouteHandler] = [
    set_slack, set_twilio, set_smtp, *_make_handlers("slack"), *_make_handlers("twilio"), *_make_handlers("smtp"),
]  # fmt: skip


async def _save(
    tx: Tx, who: Principal, kind: ProviderKind, data: AnyCredentials, keys: MasterKeys, if_match: str | None
) -> Response[ProviderState]:
    """Raises:
    NoMasterKeyError: nothing can be sealed here.
    StaleRevisionError: `If-Match` names an older revision.
    """
    if keys.current is None:
        raise NoMasterKeyError
    before = await kernel.lock_stored(tx, kind)
    require_revision(if_match, before.revision)
    await kernel.save_credentials(tx, who.tenant, kind, data, keys, actor=who.actor)
    await _audit(tx, who, kind, before)
    return _answer(await kernel.load_stored(tx, kind))


async def _audit(tx: Tx, who: Principal, kind: ProviderKind, before: Stored) -> None:
    """What is no secret, before and after; of secrets, that they were written."""
    after = await kernel.load_stored(tx, kind)
    told: dict[str, object] = {
        name: [before.shown.get(name), after.shown.get(name)]
        for name in sorted(before.shown.keys() | after.shown.keys())
        if before.shown.get(name) != after.shown.get(name)
    }
    told |= dict.fromkeys(after.hints, "written")
    told |= dict.fromkeys(before.hints.keys() - after.hints, "removed")
    action = "updated" if after.is_set else "deleted"
    await insert_audit(
        tx, who.actor, action=action, entity="credentials", entity_id=None, changes={"kind": kind, **told}
    )  # fmt: skip


def _answer(stored: Stored) -> Response[ProviderState]:
    state = ProviderState(
        is_set=stored.is_set,
        shown=stored.shown,
        secrets=stored.hints,
        changed_at=stored.changed_at,
        changed_by=stored.changed_by,
        revision=stored.revision,
    )
    return Response(state, headers={"ETag": etag(stored.revision)})


async def _note_test(database: Database, who: Principal, kind: ProviderKind, verdict: Verdict) -> None:
    told: dict[str, object] = {"kind": kind, "works": verdict.works}
    async with database.tenant_tx(who.tenant) as tx:
        await insert_audit(
            tx, who.actor, action="tested", entity="credentials", entity_id=None, changes=told
        )  # fmt: skip
