"""People prove their own contact methods: a code travels over the channel itself and is typed in."""

from uuid import UUID

from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from nightowl_alerting.store import insert_audit
from nightowl_auth import Principal, requires, verify_password
from nightowl_common.db import Tx
from nightowl_common.outbox import Outbox
from nightowl_query.api.contact_tests import queue_page
from nightowl_query.api.edge import ETAG, IfMatch, etag, problems, require_revision
from nightowl_query.engine.contact_codes import require_room, require_unproved, wrong_code
from nightowl_query.model.contact_codes import NoCodeError, NotYourAddressError, TypedCode, WaitingCode
from nightowl_query.model.contacts import ContactMethod, TestPage
from nightowl_query.store import contact_codes as codes
from nightowl_query.store import contacts as store

TAGS = ["People"]


@post(
    "/users/{user_id:uuid}/contact-methods/{method_id:uuid}/code", operation_id="sendContactCode", tags=TAGS,
    summary="Send a code that proves an address", guards=[requires("readonly")], responses=problems(404, 409, 429),
    status_code=202,
)  # fmt: skip
async def send_contact_code(
    user_id: FromPath[UUID],
    method_id: FromPath[UUID],
    principal: NamedDependency[Principal],
    outbox: NamedDependency[Outbox],
) -> TestPage:
    """Over the unverified address itself, for the person alone. Good for ten minutes and five tries, until the next."""
    async with outbox.tenant_tx(principal.tenant) as tx:
        await store.lock_user(tx, user_id)
        _require_self(principal, user_id)
        method = await store.load_method(tx, user_id, method_id)
        require_unproved(method)
        await codes.lock_address(tx, method.address)
        require_room(await codes.count_codes(tx, user_id, method.address))
        return await queue_page(tx, principal, user_id, method, purpose="code")


@post(
    "/users/{user_id:uuid}/contact-methods/{method_id:uuid}/verify", operation_id="verifyContactMethod", tags=TAGS,
    summary="Prove an address with the code that it got", guards=[requires("readonly")],
    responses=problems(404, 409, 412, 413, 422), status_code=200, response_headers=[ETAG],
)  # fmt: skip
async def verify_contact_method(
    user_id: FromPath[UUID],
    method_id: FromPath[UUID],
    data: JSONBody[TypedCode],
    principal: NamedDependency[Principal],
    outbox: NamedDependency[Outbox],
    if_match: IfMatch = None,
) -> Response[ContactMethod]:
    """By the person alone. The address is paged from now on; a wrong code is a try less, and is in the audit log."""
    method, waiting = await _take_try(principal, outbox, user_id, method_id, if_match)
    is_right = await verify_password(waiting.code_hash, data.code)
    async with outbox.tenant_tx(principal.tenant) as tx:
        await store.lock_user(tx, user_id)
        if is_right:
            if not await codes.verify_method(tx, waiting.page_id):
                raise NoCodeError
            await _audit(tx, principal, user_id, method, action="contact_method_verified")
            after = await store.load_method(tx, user_id, method_id)
            return Response(after, headers={"ETag": etag(after.revision)})
        await _audit(tx, principal, user_id, method, action="contact_method_wrong_code")
    raise wrong_code(waiting.tries_left)


HANDLERS = [send_contact_code, verify_contact_method]


def _require_self(principal: Principal, user_id: UUID) -> None:
    if principal.user_id != user_id:
        raise NotYourAddressError


async def _take_try(
    principal: Principal, outbox: Outbox, user_id: UUID, method_id: UUID, if_match: str | None
) -> tuple[ContactMethod, WaitingCode]:
    """One commit of its own: whatever happens afterwards, the try has counted."""
    async with outbox.tenant_tx(principal.tenant) as tx:
        await store.lock_user(tx, user_id)
        _require_self(principal, user_id)
        method = await store.load_method(tx, user_id, method_id)
        require_revision(if_match, method.revision)
        require_unproved(method)
        waiting = await codes.take_try(tx, user_id, method)
    if waiting is None:
        raise NoCodeError
    return method, waiting


async def _audit(tx: Tx, who: Principal, user_id: UUID, method: ContactMethod, *, action: str) -> None:
    changes: dict[str, object] = {"contact_method_id": str(method.id), "kind": method.kind, "address": method.address}
    await insert_audit(tx, who.actor, action=action, entity="user", entity_id=user_id, changes=changes)
