"""What became of the pages of a span of time."""

from datetime import datetime

import msgspec


class ProviderSummary(msgspec.Struct, frozen=True, kw_only=True):
    """The pages over one channel that one provider was asked to take; null: those that no provider was asked for.

    Each page counts once, as `waiting`, `sent`, `delivered`, `failed` or `superseded`. Besides, those that wait and
    should be out for a minute are `late`, and those that were tried more than once `retried`. Of `tries`, the provider
    took `taken`. The times run from the page to the provider's taking it, without pages that were held. `refused_since`
    holds while it has taken nothing since; `refusal` is the newest reason.
    """

    channel: str
    provider: str | None
    waiting: int
    late: int
    sent: int
    delivered: int
    failed: int
    superseded: int
    retried: int
    tries: int
    taken: int
    p50_seconds: float | None
    p95_seconds: float | None
    refused_since: datetime | None
    refusal: str | None


class DeliverySummary(msgspec.Struct, frozen=True, kw_only=True):
    """The pages that were made in [starts_at, ends_at), by channel and provider.

    `is_exact` is false where there were more than 100,000: the newest are looked at.
    """

    starts_at: datetime
    ends_at: datetime
    is_exact: bool
    items: list[ProviderSummary]
