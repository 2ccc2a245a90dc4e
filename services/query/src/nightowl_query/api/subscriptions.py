"""Subscriptions to events: who gets which over HTTP. They are made, changed and stopped here; the notifier posts."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from litestar import Request, Response, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from nightowl_alerting.noise.matchers import require_matchers
from nightowl_alerting.store import insert_audit
from nightowl_alerting.webhooks import store as kernel
from nightowl_alerting.webhooks.deciding import is_offered, offered_types
from nightowl_alerting.webhooks.model import WebhookReason
from nightowl_auth import Principal, requires
from nightowl_common.db import Database, Tx
from nightowl_common.errors import FieldProblem, InvalidError
from nightowl_common.ids import new_id
from nightowl_common.outbox import Outbox
from nightowl_contracts import ChangedSubscription, SubscriptionChanged
from nightowl_query.api.edge import ETAG, IfMatch, etag, problems, require_revision
from nightowl_query.api.paging import PAGING, Paging, cut
from nightowl_query.api.repeats import IdempotencyKey, once
from nightowl_query.api.tables import TableOperation, answer_table
from nightowl_query.model.subscriptions import (
    SubscriptionContent,
    SubscriptionRemoval,
    TooManySubscriptionsError,
    WebhookSubscription,
    WebhookSubscriptionPage,
)
from nightowl_query.store import subscriptions as store

MAX_SUBSCRIPTIONS = 100
TAGS = ["Webhook subscriptions"]


@post(
    "/webhook-subscriptions", operation_id="createWebhookSubscription", tags=TAGS, summary="Subscribe to events",
    guards=[requires("manager")], responses=problems(409, 413, 422), response_headers=[ETAG],
)  # fmt: skip
async def create_subscription(
    data: JSONBody[SubscriptionContent],
    principal: NamedDependency[Principal],
    outbox: NamedDependency[Outbox],
    key: IdempotencyKey = None,
) -> Response[WebhookSubscription]:
    """Every event that fits from now on is posted once to the endpoint, signed with its secret."""
    _require_content(data)
    async with outbox.tenant_tx(principal.tenant) as tx:

        async def act() -> WebhookSubscription:
            return await _create(tx, principal, data)

        route, kind = "createWebhookSubscription", WebhookSubscription
        return _answer(await once(tx, key, principal, route=route, asked=data, act=act, kind=kind), status=201)


@get(
    "/webhook-subscriptions", operation_id="listWebhookSubscriptions", tags=TAGS,
    summary="List subscriptions, newest first", guards=[requires("engineer")], responses=problems(422),
    dependencies=PAGING, operation_class=TableOperation,
)  # fmt: skip
async def list_subscriptions(
    request: Request[Any, Any, Any],
    principal: NamedDependency[Principal],
    database: NamedDependency[Database],
    paging: NamedDependency[Paging],
) -> Response[WebhookSubscriptionPage]:
    """With how many events wait for each."""
    async with database.tenant_tx(principal.tenant) as tx:
        found = await cut(
            paging,
            lambda limit: store.list_subscriptions(tx, below=paging.below, limit=limit),
            count=lambda: store.count_subscriptions(tx),
        )
    page = WebhookSubscriptionPage(items=found.items, next_cursor=found.next_cursor, total=found.total)
    return answer_table(request, page, page.items)


@get(
    "/webhook-subscriptions/{subscription_id:uuid}", operation_id="getWebhookSubscription", tags=TAGS,
    summary="One subscription", guards=[requires("engineer")], responses=problems(404), response_headers=[ETAG],
)  # fmt: skip
async def get_subscription(
    subscription_id: FromPath[UUID], principal: NamedDependency[Principal], database: NamedDependency[Database]
) -> Response[WebhookSubscription]:
    """The `ETag` is the revision that `If-Match` takes."""
    async with database.tenant_tx(principal.tenant) as tx:
        return _answer(await store.load_subscription(tx, subscription_id))


@put(
    "/webhook-subscriptions/{subscription_id:uuid}", operation_id="updateWebhookSubscription", tags=TAGS,
    summary="Change a subscription", guards=[requires("manager")], responses=problems(404, 409, 412, 413, 422),
    response_headers=[ETAG],
)  # fmt: skip
async def update_subscription(
    subscription_id: FromPath[UUID],
    data: JSONBody[SubscriptionContent],
    principal: NamedDependency[Principal],
    outbox: NamedDependency[Outbox],
    if_match: IfMatch = None,
) -> Response[WebhookSubscription]:
    """Takes the whole content. What waits goes to the new endpoint; disabling ends it, enabling owes nothing old."""
    async with outbox.tenant_tx(principal.tenant) as tx:
        before = await store.lock_subscription(tx, subscription_id)
        require_revision(if_match, before.revision)
        _require_content(data)
        changes = _difference(before, data)
        if changes:
            await _change(tx, before, data)
            after = await store.load_subscription(tx, subscription_id)
            await _tell(tx, principal, after, change="updated", changes=changes)
        return _answer(await store.load_subscription(tx, subscription_id))


@delete(
    "/webhook-subscriptions/{subscription_id:uuid}", operation_id="deleteWebhookSubscription", tags=TAGS,
    summary="Delete a subscription", guards=[requires("manager")], responses=problems(404, 412), status_code=200,
)  # fmt: skip
async def delete_subscription(
    subscription_id: FromPath[UUID],
    principal: NamedDependency[Principal],
    outbox: NamedDependency[Outbox],
    if_match: IfMatch = None,
) -> SubscriptionRemoval:
    """What waits is never posted, and the log goes along. A post that is on its way may still arrive."""
    async with outbox.tenant_tx(principal.tenant) as tx:
        before = await store.lock_subscription(tx, subscription_id)
        require_revision(if_match, before.revision)
        await kernel.drop_timers(tx, subscription_id)
        await store.delete_subscription(tx, subscription_id)
        await _tell(tx, principal, before, change="deleted", changes={"name": [before.name, None]})
    return SubscriptionRemoval()


HANDLERS = [create_subscription, list_subscriptions, get_subscription, update_subscription, delete_subscription]


def _require_content(content: SubscriptionContent) -> None:
    """Every pattern must fit an event that there is, or nobody would ever notice a slip of the pen.

    Raises:
        InvalidError: one fits none, or a matcher cannot be tried.
    """
    bad = [place for place, each in enumerate(content.event_types) if not is_offered(each)]
    if bad:
        reason = f"no event is of this type; there are {', '.join(offered_types())}"
        raise InvalidError(fields=[FieldProblem(field=f"$.event_types[{place}]", reason=reason) for place in bad])
    require_matchers(content.matchers, field="$.matchers")


async def _require_webhook(tx: Tx, endpoint_id: UUID) -> None:
    kind = await store.hold_endpoint(tx, endpoint_id)
    if kind != "webhook":
        reason = "there is no such endpoint" if kind is None else f"of the kind {kind}; it must be a webhook"
        raise InvalidError(fields=[FieldProblem(field="$.endpoint_id", reason=reason)])


async def _create(tx: Tx, who: Principal, content: SubscriptionContent) -> WebhookSubscription:
    if await store.count_subscriptions(tx) >= MAX_SUBSCRIPTIONS:
        raise TooManySubscriptionsError
    await _require_webhook(tx, content.endpoint_id)
    made = new_id()
    await store.insert_subscription(tx, made, content)
    after = await store.load_subscription(tx, made)
    await _tell(tx, who, after, change="created", changes=_told(content))
    return after


async def _change(tx: Tx, before: WebhookSubscription, content: SubscriptionContent) -> None:
    await _require_webhook(tx, content.endpoint_id)
    await store.update_subscription(tx, before.id, content)
    if before.is_enabled and not content.is_enabled:
        await kernel.stop(tx, before.id, reason=WebhookReason.DISABLED)


def _difference(before: WebhookSubscription, after: SubscriptionContent) -> dict[str, object]:
    """Field → [before, after], of the fields that differ."""
    pairs: dict[str, Sequence[object]] = {
        name: [getattr(before, name), getattr(after, name)] for name in SubscriptionContent.__struct_fields__
    }
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def _told(content: SubscriptionContent) -> dict[str, object]:
    return {name: [None, getattr(content, name)] for name in SubscriptionContent.__struct_fields__}


async def _tell(
    tx: Tx, who: Principal, after: WebhookSubscription, *, change: str, changes: dict[str, object]
) -> None:  # fmt: skip
    await insert_audit(
        tx, who.actor, action=change, entity="webhook_subscription", entity_id=after.id, changes=changes
    )  # fmt: skip
    told = ChangedSubscription(
        subscription_id=after.id, revision=after.revision, name=after.name, change=change
    )  # fmt: skip
    tx.emit(SubscriptionChanged(id=new_id(), tenant=who.tenant, at=await tx.now(), actor=who.actor, data=told))


def _answer(subscription: WebhookSubscription, *, status: int = 200) -> Response[WebhookSubscription]:
    return Response(subscription, status_code=status, headers={"ETag": etag(subscription.revision)})
