"""Events about webhook subscriptions: `nightowl.event.<tenant>.subscription.changed`, written by query and notifier."""

from uuid import UUID

import msgspec

from nightowl_contracts.envelope import Envelope


class ChangedSubscription(msgspec.Struct, frozen=True, kw_only=True):
    """A subscription as it stands after the event; `change` is created, updated, gone or deleted.

    `gone` means that its receiver answered 410, and that nothing is posted to it any more.
    """

    subscription_id: UUID
    revision: int
    name: str
    change: str


class SubscriptionChanged(Envelope, frozen=True, kw_only=True, tag="subscription.changed.v1"):
    """Events are posted to somebody otherwise from now on."""

    data: ChangedSubscription
