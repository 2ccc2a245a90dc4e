"""Contact methods and notification rules of a person: for the person, and for managers."""

from uuid import UUID

from litestar import Response, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from nightowl_alerting.knowledge.model import Removal
from nightowl_alerting.store import insert_audit
from nightowl_alerting.targets.store import load_person
from nightowl_auth import Principal, requires
from nightowl_common.db import Database, Tx
from nightowl_common.errors import ForbiddenError
from nightowl_common.ids import new_id
from nightowl_common.outbox import Outbox
from nightowl_query.api.edge import ETAG, IfMatch, etag, problems, require_revision
from nightowl_query.api.roster_changes import require_own
from nightowl_query.engine.contacts import require_address, require_rules
from nightowl_query.model.contacts import (
    MAX_CONTACT_METHODS,
    BrowserContactError,
    ContactContent,
    ContactMethod,
    ContactMethodPage,
    NotificationRules,
    RulesContent,
    TooManyContactMethodsError,
)
from nightowl_query.store import contacts as store

TAGS = ["People"]


@get(
    "/users/{user_id:uuid}/contact-methods", operation_id="listContactMethods", tags=TAGS,
    summary="Where a person can be reached", guards=[requires("readonly")], responses=problems(404),
)  # fmt: skip
async def list_contact_methods(
    user_id: FromPath[UUID], principal: NamedDependency[Principal], database: NamedDependency[Database]
) -> ContactMethodPage:
    """Beside the addresses in the person's profile."""
    require_own(principal, [user_id])
    async with database.tenant_tx(principal.tenant) as tx:
        await store.require_user(tx, user_id)
        items = await store.list_methods(tx, user_id)
    return ContactMethodPage(items=items, next_cursor=None, total=len(items))


@post(
    "/users/{user_id:uuid}/contact-methods", operation_id="addContactMethod", tags=TAGS,
    summary="Add a contact method", guards=[requires("readonly")], responses=problems(404, 409, 413, 422),
    response_headers=[ETAG],
)  # fmt: skip
async def add_contact_method(
    user_id: FromPath[UUID],
    data: JSONBody[ContactContent],
    principal: NamedDependency[Principal],
    outbox: NamedDependency[Outbox],
) -> Response[ContactMethod]:
    """It is paged once it is verified: by a code that the person types in, or by a manager's word."""
    require_own(principal, [user_id])
    _require_may_verify(principal, data)
    require_address(data)
    async with outbox.tenant_tx(principal.tenant) as tx:
        await store.lock_user(tx, user_id)
        if len(await store.list_methods(tx, user_id)) >= MAX_CONTACT_METHODS:
            raise TooManyContactMethodsError
        made = new_id()
        await store.insert_method(tx, user_id, made, data, is_verified=data.is_verified is True)
        await _audit(tx, principal, user_id, action="contact_method_added", method_id=made, content=data)
        return _method(await store.load_method(tx, user_id, made), status=201)


@put(
    "/users/{user_id:uuid}/contact-methods/{method_id:uuid}", operation_id="updateContactMethod", tags=TAGS,
    summary="Change or verify a contact method", guards=[requires("readonly")],
    responses=problems(404, 409, 412, 413, 422), response_headers=[ETAG],
)  # fmt: skip
async def update_contact_method(
    user_id: FromPath[UUID],
    method_id: FromPath[UUID],
    data: JSONBody[ContactContent],
    principal: NamedDependency[Principal],
    outbox: NamedDependency[Outbox],
    if_match: IfMatch = None,
) -> Response[ContactMethod]:
    """Takes the whole content. Another address is unverified until it is proved, or a manager vouches for it."""
    require_own(principal, [user_id])
    _require_may_verify(principal, data)
    require_address(data)
    async with outbox.tenant_tx(principal.tenant) as tx:
        await store.lock_user(tx, user_id)
        before = await store.load_method(tx, user_id, method_id)
        require_revision(if_match, before.revision)
        if before.kind == "push":
            raise BrowserContactError
        is_same = (before.kind, before.address) == (data.kind, data.address)
        is_verified = before.is_verified and is_same if data.is_verified is None else data.is_verified
        await store.update_method(tx, user_id, method_id, data, is_verified=is_verified)
        after = await store.load_method(tx, user_id, method_id)
        vouched = [before.is_verified, after.is_verified]
        await _audit(
            tx, principal, user_id, action="contact_method_updated", method_id=method_id, content=data, verified=vouched
        )  # fmt: skip
        return _method(after)


@delete(
    "/users/{user_id:uuid}/contact-methods/{method_id:uuid}", operation_id="deleteContactMethod", tags=TAGS,
    summary="Take a contact method away", guards=[requires("readonly")], responses=problems(404, 412),
    status_code=200,
)  # fmt: skip
async def delete_contact_method(
    user_id: FromPath[UUID],
    method_id: FromPath[UUID],
    principal: NamedDependency[Principal],
    outbox: NamedDependency[Outbox],
    if_match: IfMatch = None,
) -> Removal:
    """Pages that are owed already go where they were owed."""
    require_own(principal, [user_id])
    async with outbox.tenant_tx(principal.tenant) as tx:
        await store.lock_user(tx, user_id)
        before = await store.load_method(tx, user_id, method_id)
        require_revision(if_match, before.revision)
        await store.delete_method(tx, user_id, method_id)
        await _audit(tx, principal, user_id, action="contact_method_deleted", method_id=method_id, content=before)
    return Removal(outcome="deleted")


@get(
    "/users/{user_id:uuid}/notification-rules", operation_id="getNotificationRules", tags=TAGS,
    summary="How a person wants to be paged", guards=[requires("readonly")], responses=problems(404),
    response_headers=[ETAG],
)  # fmt: skip
async def get_notification_rules(
    user_id: FromPath[UUID], principal: NamedDependency[Principal], database: NamedDependency[Database]
) -> Response[NotificationRules]:
    """By urgency. Empty: as the tier says."""
    require_own(principal, [user_id])
    async with database.tenant_tx(principal.tenant) as tx:
        await store.require_user(tx, user_id)
        return await _rules(tx, user_id)


@put(
    "/users/{user_id:uuid}/notification-rules", operation_id="updateNotificationRules", tags=TAGS,
    summary="Say how a person wants to be paged", guards=[requires("readonly")], responses=problems(404, 412, 413, 422),
    response_headers=[ETAG],
)  # fmt: skip
async def update_notification_rules(
    user_id: FromPath[UUID],
    data: JSONBody[RulesContent],
    principal: NamedDependency[Principal],
    outbox: NamedDependency[Outbox],
    if_match: IfMatch = None,
) -> Response[NotificationRules]:
    """Takes both rules and the quiet hours. They count from the next page on; what is held stays held."""
    require_own(principal, [user_id])
    require_rules(data)
    async with outbox.tenant_tx(principal.tenant) as tx:
        await store.lock_user(tx, user_id)
        before = await store.load_rules(tx, user_id)
        require_revision(if_match, before.revision)
        await store.upsert_rules(tx, user_id, data)
        changes: dict[str, object] = {"high": [before.high, data.high], "low": [before.low, data.low]}
        if before.quiet_hours != data.quiet_hours:
            changes["quiet_hours"] = [before.quiet_hours, data.quiet_hours]
        await insert_audit(
            tx, principal.actor, action="notification_rules_updated", entity="user", entity_id=user_id, changes=changes
        )
        return await _rules(tx, user_id)


HANDLERS = [
    list_contact_methods, add_contact_method, update_contact_method, delete_contact_method, get_notification_rules,
    update_notification_rules,
]  # fmt: skip


def _require_may_verify(principal: Principal, content: ContactContent) -> None:
    if content.is_verified and not principal.may("manager"):
        raise ForbiddenError("Only managers may vouch for an address.")


async def _rules(tx: Tx, user_id: UUID) -> Response[NotificationRules]:
    found, person = await store.load_rules(tx, user_id), await load_person(tx, user_id)
    reachable = {} if person is None else person.contact_methods
    channels = [each.channel for each in [*found.high, *found.low] if each.channel not in reachable]
    rules = NotificationRules(
        high=found.high,
        low=found.low,
        quiet_hours=found.quiet_hours,
        timezone=await store.load_timezone(tx, user_id),
        revision=found.revision,
        unreachable=list(dict.fromkeys(channels)),
    )
    return Response(rules, headers={"ETag": etag(rules.revision)})


async def _audit(
    tx: Tx,
    who: Principal,
    user_id: UUID,
    *,
    action: str,
    method_id: UUID,
    content: ContactContent | ContactMethod,
    verified: list[bool] | None = None,
) -> None:
    """`verified`: before and after, told when somebody's word has changed it."""
    changes: dict[str, object] = {"contact_method_id": str(method_id), "kind": content.kind, "address": content.address}
    if verified is not None and verified[0] != verified[1]:
        changes["is_verified"] = verified
    await insert_audit(tx, who.actor, action=action, entity="user", entity_id=user_id, changes=changes)


def _method(method: ContactMethod, *, status: int = 200) -> Response[ContactMethod]:
    return Response(method, status_code=status, headers={"ETag": etag(method.revision)})
