"""What was posted to subscriptions: the log, posting again, and trying."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from nightowl_alerting.store import insert_audit
from nightowl_alerting.webhooks import posting
from nightowl_alerting.webhooks import store as kernel
from nightowl_alerting.webhooks.model import DeliveryStatus, SubscriptionDisabledError
from nightowl_auth import Principal, requires
from nightowl_common.db import Database, Tx
from nightowl_common.outbox import Outbox
from nightowl_query.api.edge import problems, texts
from nightowl_query.api.paging import PAGING, Paging, cut
from nightowl_query.api.repeats import IdempotencyKey, once
from nightowl_query.api.subscriptions import TAGS
from nightowl_query.api.tables import TableOperation, answer_table
from nightowl_query.model.subscriptions import (
    WebhookDelivery,
    WebhookDeliveryDetail,
    WebhookDeliveryNotFoundError,
    WebhookDeliveryPage,
)
from nightowl_query.store import subscriptions as store
from nightowl_query.store.subscriptions import DeliveryFilter

COUNTED_TO = 10_000

Statuses = Annotated[list[DeliveryStatus] | None, QueryParameter(name="status", description="Repeated: any of them.")]
EventTypes = Annotated[list[str] | None, QueryParameter(name="event_type", description="Repeated: any of them.")]


class _Nothing(msgspec.Struct, frozen=True):
    """The content of a request without a body, for `once`."""


@get(
    "/webhook-subscriptions/{subscription_id:uuid}/deliveries", operation_id="listWebhookDeliveries", tags=TAGS,
    summary="What was posted to a subscription, newest first", guards=[requires("engineer")],
    responses=problems(404, 422), dependencies=PAGING, operation_class=TableOperation,
)  # fmt: skip
async def list_deliveries(
    request: Request[Any, Any, Any],
    subscription_id: FromPath[UUID],
    principal: NamedDependency[Principal],
    database: NamedDependency[Database],
    paging: NamedDependency[Paging],
    statuses: Statuses = None,
    event_types: EventTypes = None,
) -> Response[WebhookDeliveryPage]:
    """And what waits. `event_type` is without version, such as `alert.opened`; trials are of the type `ping`."""
    types = texts(event_types, field="event_type")
    wanted = DeliveryFilter(subscription_id=subscription_id, statuses=statuses, event_types=types)
    async with database.tenant_tx(principal.tenant) as tx:
        await store.load_subscription(tx, subscription_id)
        found = await cut(
            paging,
            lambda limit: store.list_deliveries(tx, wanted, below=paging.below, limit=limit),
            count=lambda: store.count_deliveries(tx, wanted, limit=COUNTED_TO + 1),
        )
    page = WebhookDeliveryPage(
        items=found.items,
        next_cursor=found.next_cursor,
        total=min(found.total, COUNTED_TO),
        total_is_exact=found.total <= COUNTED_TO,
    )
    return answer_table(request, page, page.items)


@get(
    "/webhook-deliveries/{delivery_id:uuid}", operation_id="getWebhookDelivery", tags=TAGS,
    summary="One delivery with its body and its attempts", guards=[requires("engineer")], responses=problems(404),
)  # fmt: skip
async def get_delivery(
    delivery_id: FromPath[UUID], principal: NamedDependency[Principal], database: NamedDependency[Database]
) -> WebhookDeliveryDetail:
    """Of what the receiver answered, only the status is kept."""
    async with database.tenant_tx(principal.tenant) as tx:
        return await store.load_delivery(tx, delivery_id)


@post(
    "/webhook-deliveries/{delivery_id:uuid}/replay", operation_id="replayWebhookDelivery", tags=TAGS,
    summary="Post the same body again", guards=[requires("manager")], responses=problems(404, 409, 422),
)  # fmt: skip
async def replay_delivery(
    delivery_id: FromPath[UUID],
    principal: NamedDependency[Principal],
    outbox: NamedDependency[Outbox],
    key: IdempotencyKey = None,
) -> WebhookDelivery:
    """A new delivery, with a key of its own, that names its original. It goes to where the subscription points now."""
    async with outbox.tenant_tx(principal.tenant) as tx:

        async def act() -> WebhookDelivery:
            return await _replay(tx, principal, delivery_id)

        route = f"replayWebhookDelivery {delivery_id}"
        return await once(tx, key, principal, route=route, asked=_Nothing(), act=act, kind=WebhookDelivery)


@post(
    "/webhook-subscriptions/{subscription_id:uuid}/test", operation_id="testWebhookSubscription", tags=TAGS,
    summary="Post a ping to a subscription", guards=[requires("manager")], responses=problems(404, 409, 422),
)  # fmt: skip
async def ping_subscription(
    subscription_id: FromPath[UUID],
    principal: NamedDependency[Principal],
    outbox: NamedDependency[Outbox],
    key: IdempotencyKey = None,
) -> WebhookDelivery:
    """Also while it is disabled. A ping is tried once; the delivery says what came of it."""
    async with outbox.tenant_tx(principal.tenant) as tx:

        async def act() -> WebhookDelivery:
            return await _ping(tx, principal, subscription_id)

        route = f"testWebhookSubscription {subscription_id}"
        return await once(tx, key, principal, route=route, asked=_Nothing(), act=act, kind=WebhookDelivery)


HANDLERS = [list_deliveries, get_delivery, replay_delivery, ping_subscription]


async def _replay(tx: Tx, who: Principal, delivery_id: UUID) -> WebhookDelivery:
    original = await kernel.lock_original(tx, delivery_id)
    if original is None:
        raise WebhookDeliveryNotFoundError
    subscription = await store.load_subscription(tx, original.subscription_id)
    if not subscription.is_enabled:
        raise SubscriptionDisabledError
    made = await posting.replay(tx, who.tenant, original)
    changes: dict[str, object] = {"original_id": original.id, "subscription_id": original.subscription_id}
    await insert_audit(tx, who.actor, action="replayed", entity="webhook_delivery", entity_id=made, changes=changes)
    return (await store.load_delivery(tx, made)).delivery


async def _ping(tx: Tx, who: Principal, subscription_id: UUID) -> WebhookDelivery:
    subscription = await store.lock_subscription(tx, subscription_id)
    made = await posting.ping(tx, who.tenant, subscription_id, name=subscription.name, actor=who.actor)
    changes: dict[str, object] = {"name": subscription.name, "delivery_id": made}
    await insert_audit(
        tx, who.actor, action="tested", entity="webhook_subscription", entity_id=subscription_id, changes=changes
    )  # fmt: skip
    return (await store.load_delivery(tx, made)).delivery
