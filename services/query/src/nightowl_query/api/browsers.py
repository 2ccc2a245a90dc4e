"""Browsers that are paged by web push: each is added by the person who sits before it."""

from litestar import Response, get, post
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.params import JSONBody

from nightowl_alerting.push.model import Subscription, address_of
from nightowl_alerting.push.store import save_subscription
from nightowl_alerting.sealing import MasterKeys
from nightowl_alerting.store import insert_audit
from nightowl_auth import Principal, requires
from nightowl_common.ids import new_id
from nightowl_common.outbox import Outbox
from nightowl_query.api.edge import ETAG, etag, problems
from nightowl_query.engine.contacts import require_browser
from nightowl_query.model.contacts import (
    MAX_CONTACT_METHODS,
    BrowserContent,
    ContactMethod,
    NoWebPushError,
    PushKey,
    TooManyContactMethodsError,
)
from nightowl_query.model.identity import PersonNeededError
from nightowl_query.store import contacts as store

TAGS = ["People"]


@get(
    "/push-key", operation_id="getPushKey", tags=TAGS, summary="What browsers subscribe under for web push",
    guards=[requires("readonly")], responses=problems(),
)  # fmt: skip
async def get_push_key(state: State) -> PushKey:
    """The installation's public key. A browser that has subscribed under another one gets nothing any more."""
    return PushKey(public_key=state.push_key)


@post(
    "/me/browsers", operation_id="addBrowser", tags=TAGS, summary="Page this browser",
    guards=[requires("readonly")], responses=problems(409, 413, 422), response_headers=[ETAG],
)  # fmt: skip
async def add_browser(
    data: JSONBody[BrowserContent],
    principal: NamedDependency[Principal],
    outbox: NamedDependency[Outbox],
    master_keys: NamedDependency[MasterKeys],
    state: State,
) -> Response[ContactMethod]:
    """Verified at once: who is signed in there reads it. Again: the same contact method. A key of nobody's: 403."""
    user_id = principal.user_id
    if user_id is None:
        raise PersonNeededError
    if state.push_key is None or master_keys.current is None:
        raise NoWebPushError
    require_browser(data)
    address = address_of(data.endpoint)
    async with outbox.tenant_tx(principal.tenant) as tx:
        await store.lock_user(tx, user_id)
        others = [each for each in await store.list_methods(tx, user_id) if each.address != address]
        if len(others) >= MAX_CONTACT_METHODS:
            raise TooManyContactMethodsError
        method_id = await store.save_browser(tx, user_id, new_id(), address)
        subscription = Subscription(endpoint=data.endpoint, p256dh=data.p256dh, auth=data.auth)
        await save_subscription(tx, principal.tenant, method_id, subscription, master_keys, name=data.name)
        changes: dict[str, object] = {
            "contact_method_id": str(method_id), "kind": "push", "address": address, "name": data.name,
        }  # fmt: skip
        await insert_audit(
            tx, principal.actor, action="contact_method_added", entity="user", entity_id=user_id, changes=changes
        )
        method = await store.load_method(tx, user_id, method_id)
    return Response(method, status_code=201, headers={"ETag": etag(method.revision)})


HANDLERS = [get_push_key, add_browser]
