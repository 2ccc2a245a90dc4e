"""Webhook subscriptions as people define them, and their log, read. What is posted is the kernel's to write."""

from collections.abc import Sequence
from uuid import UUID

import asyncpg
import msgspec

from nightowl_common.db import Record, Tx, load_queries
from nightowl_query.model.subscriptions import (
    SubscriptionContent,
    SubscriptionNameTakenError,
    SubscriptionNotFoundError,
    WebhookAttempt,
    WebhookDelivery,
    WebhookDeliveryDetail,
    WebhookDeliveryNotFoundError,
    WebhookSubscription,
)

SQL = load_queries(__package__, "subscriptions.sql")


class DeliveryFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which deliveries of a subscription: None lets everything through; several values are alternatives."""

    subscription_id: UUID
    statuses: Sequence[str] | None = None
    event_types: Sequence[str] | None = None


async def list_subscriptions(tx: Tx, *, below: UUID, limit: int) -> list[WebhookSubscription]:
    """Subscriptions with an id below a bound, newest first."""
    return [_subscription(row) for row in await tx.fetch(SQL["list_subscriptions"], below, limit)]


async def count_subscriptions(tx: Tx) -> int:
    """How many there are."""
    count: int = await tx.fetchval(SQL["count_subscriptions"])
    return count


async def load_subscription(tx: Tx, subscription_id: UUID) -> WebhookSubscription:
    """One subscription.

    Raises:
        SubscriptionNotFoundError: there is none.
    """
    row = await tx.fetchrow(SQL["load_subscription"], subscription_id)
    if row is None:
        raise SubscriptionNotFoundError
    return _subscription(row)


async def lock_subscription(tx: Tx, subscription_id: UUID) -> WebhookSubscription:
    """One subscription, locked until the transaction ends.

    Raises:
        SubscriptionNotFoundError: there is none.
    """
    await tx.fetchval(SQL["lock_subscription"], subscription_id)
    return await load_subscription(tx, subscription_id)


async def hold_endpoint(tx: Tx, endpoint_id: UUID) -> str | None:
    """The kind of an endpoint, which stays until the transaction ends; None when there is none."""
    kind: str | None = await tx.fetchval(SQL["hold_endpoint"], endpoint_id)
    return kind


async def insert_subscription(tx: Tx, subscription_id: UUID, new: SubscriptionContent) -> None:
    """A new subscription.

    Raises:
        SubscriptionNameTakenError: another one is called so.
    """
    if await tx.fetchval(SQL["insert_subscription"], subscription_id, *_arguments(new)) is None:
        raise SubscriptionNameTakenError


async def update_subscription(tx: Tx, subscription_id: UUID, content: SubscriptionContent) -> None:
    """New content for a locked one; the revision rises.

    Raises:
        SubscriptionNameTakenError: another one is called so.
    """
    try:
        await tx.execute(SQL["update_subscription"], subscription_id, *_arguments(content))
    except asyncpg.UniqueViolationError as error:
        raise SubscriptionNameTakenError from error


async def delete_subscription(tx: Tx, subscription_id: UUID) -> None:
    """Gone, with its log."""
    await tx.execute(SQL["delete_subscription"], subscription_id)


async def list_deliveries(tx: Tx, wanted: DeliveryFilter, *, below: UUID, limit: int) -> list[WebhookDelivery]:
    """Deliveries with an id below a bound, newest first."""
    rows = await tx.fetch(SQL["list_deliveries"], *msgspec.structs.astuple(wanted), below, limit)
    return [msgspec.convert(dict(row), WebhookDelivery) for row in rows]


async def count_deliveries(tx: Tx, wanted: DeliveryFilter, *, limit: int) -> int:
    """How many deliveries a filter lets through, at most `limit`."""
    count: int = await tx.fetchval(SQL["count_deliveries"], *msgspec.structs.astuple(wanted), limit)
    return count


async def load_delivery(tx: Tx, delivery_id: UUID) -> WebhookDeliveryDetail:
    """One delivery with its body and its attempts.

    Raises:
        WebhookDeliveryNotFoundError: there is none.
    """
    row = await tx.fetchrow(SQL["load_delivery"], delivery_id)
    if row is None:
        raise WebhookDeliveryNotFoundError
    attempts = await tx.fetch(SQL["load_attempts"], delivery_id)
    return WebhookDeliveryDetail(
        delivery=msgspec.convert(dict(row), WebhookDelivery),
        body=row["body"],
        attempts=[msgspec.convert(dict(each), WebhookAttempt) for each in attempts],
    )


def _arguments(content: SubscriptionContent) -> tuple[object, ...]:
    return (
        content.name,
        content.endpoint_id,
        content.event_types,
        content.matchers,
        content.min_severity,
        content.is_enabled,
    )


def _subscription(row: Record) -> WebhookSubscription:
    return msgspec.convert(dict(row), WebhookSubscription)
