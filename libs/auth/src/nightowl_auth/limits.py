"""Rate limits per key and per tenant: buckets in the process, and a shared count as long as Redis is there.

Asking costs a look into a dict. Once a second `share` tells Redis what was spent here and takes off what other
processes have spent; without Redis each process allows the whole rate by itself.
"""

import math
from collections.abc import Callable, Mapping
from typing import Literal
from uuid import UUID

import msgspec

from nightowl_auth.telemetry import RATE_LIMITED
from nightowl_common import clock
from nightowl_common.cache import Cache
from nightowl_common.errors import TooManyCallsError

Kind = Literal["alerts", "beats", "calls"]

SHARE_SECONDS = 1.0
LAPSE_SECONDS = 5.0
"""A shared count that was not looked at for so long says nothing about now."""

IDLE_SECONDS = 120.0
MAX_ADDRESSES = 10_000


class TenantLimits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a tenant may per minute in place of the installation's rates. None: as the installation; 0: no limit."""

    alerts_per_minute: int | None = None
    key_alerts_per_minute: int | None = None
    calls_per_minute: int | None = None
    key_calls_per_minute: int | None = None


class Rates(msgspec.Struct, frozen=True, kw_only=True):
    """What is allowed per minute; 0: no limit. A whole minute's worth may come at once."""

    per_key: int
    per_tenant: int


class Bucket:
    """Holds one minute's worth and refills steadily. It may go below zero, which later calls wait for.

    Times are seconds of any steady clock.
    """

    __slots__ = ("_filled_at", "_left", "_per_minute", "seen", "shared_at", "spent")

    def __init__(self, per_minute: int, now: float) -> None:
        self._per_minute = per_minute
        self._left = float(per_minute)
        self._filled_at = now
        self.spent = 0
        self.seen = 0
        self.shared_at = -LAPSE_SECONDS

    def wait_seconds(self, now: float) -> float:
        """Until it is open again; 0 when it is."""
        if not self._per_minute:
            self._filled_at = now
            return 0.0
        self._fill(now)
        return 0.0 if self._left >= 1 else (1 - self._left) * 60 / self._per_minute

    def charge(self, amount: int) -> None:
        """Takes out so much, whether it is there or not."""
        self.spent += amount
        self.take_off(amount)

    def take_off(self, amount: int) -> None:
        """What was spent elsewhere. Nobody waits for more than a minute."""
        self._left = max(self._left - amount, -float(self._per_minute))

    def set_rate(self, per_minute: int) -> None:
        """Another rate; what is left stays, up to what fits in."""
        if per_minute != self._per_minute:
            self._left = min(self._left, float(per_minute)) if self._per_minute else float(per_minute)
            self._per_minute = per_minute

    def is_idle(self, now: float) -> bool:
        """Nobody has asked for a while, so a new one would be the same."""
        return now - self._filled_at > IDLE_SECONDS and not self.spent

    def _fill(self, now: float) -> None:
        left = self._left + (now - self._filled_at) * self._per_minute / 60
        self._left = min(left, float(self._per_minute))
        self._filled_at = now


class Seat:
    """One caller's place: the bucket of the key, and that of its tenant."""

    __slots__ = ("_of_key", "_of_tenant")

    def __init__(self, of_key: Bucket, of_tenant: Bucket) -> None:
        self._of_key = of_key
        self._of_tenant = of_tenant

    def wait_seconds(self, now: float) -> float:
        """Until the caller may go on; 0 at once."""
        return max(self._of_key.wait_seconds(now), self._of_tenant.wait_seconds(now))

    def charge(self, amount: int) -> None:
        """Counts what the caller does."""
        if amount:
            self._of_key.charge(amount)
            self._of_tenant.charge(amount)


class RateLimiter:
    """Seats by tenant and key. `overrides` gives a tenant's own limits without waiting for anything."""

    def __init__(
        self, kind: Kind, rates: Rates, *, overrides: Callable[[str], Mapping[str, int]], cache: Cache
    ) -> None:
        self._kind: Kind = kind
        self._rates = rates
        self._overrides = overrides
        self._cache = cache
        self._seats: dict[tuple[str, UUID], Seat] = {}
        self._buckets: dict[tuple[str, UUID | None], Bucket] = {}

    def seat(self, tenant: str, key_id: UUID) -> Seat:
        """The place of a caller."""
        found = self._seats.get((tenant, key_id))
        return found or self._seats.setdefault(
            (tenant, key_id), Seat(self._bucket(tenant, key_id), self._bucket(tenant, None))
        )

    def take(self, tenant: str, key_id: UUID) -> None:
        """Counts one call.

        Raises:
            TooManyCallsError: the key or its tenant is over its rate; says when to come again.
        """
        seat = self.seat(tenant, key_id)
        seconds = seat.wait_seconds(clock.monotonic_seconds())
        if seconds > 0:
            RATE_LIMITED.labels(self._kind).inc()
            raise TooManyCallsError(retry_after_seconds=math.ceil(seconds))
        seat.charge(1)

    async def share(self) -> None:
        """Tells the cache what was spent here and takes off what others spent; nothing happens when it is away."""
        now = clock.monotonic_seconds()
        self._forget_idle(now)
        if not self._buckets:
            return
        buckets = list(self._buckets.items())
        for (tenant, key_id), bucket in buckets:
            bucket.set_rate(self._rate(tenant, key_id))
        spent = [bucket.spent for _, bucket in buckets]
        amounts = {self._name(*place): amount for (place, _), amount in zip(buckets, spent, strict=True)}
        totals = await self._cache.add(amounts, seconds=int(IDLE_SECONDS))
        for index, (_, bucket) in enumerate(buckets):
            bucket.spent -= spent[index]
            if totals is not None:
                _note_total(bucket, totals[index], own=spent[index], now=now)

    def _bucket(self, tenant: str, key_id: UUID | None) -> Bucket:
        found = self._buckets.get((tenant, key_id))
        if found is None:
            found = Bucket(self._rate(tenant, key_id), clock.monotonic_seconds())
            self._buckets[tenant, key_id] = found
        return found

    def _rate(self, tenant: str, key_id: UUID | None) -> int:
        what = "calls" if self._kind == "calls" else "alerts"
        name = f"{what}_per_minute" if key_id is None else f"key_{what}_per_minute"
        usual = self._rates.per_tenant if key_id is None else self._rates.per_key
        return self._overrides(tenant).get(name, usual)

    def _name(self, tenant: str, key_id: UUID | None) -> str:
        return f"{tenant}:rate:{self._kind}:{'all' if key_id is None else key_id}"

    def _forget_idle(self, now: float) -> None:
        idle = [place for place, bucket in self._buckets.items() if bucket.is_idle(now)]
        for tenant, key_id in idle:
            del self._buckets[tenant, key_id]
            if key_id is not None:
                self._seats.pop((tenant, key_id), None)


class AddressLimiter:
    """Attempts per address and minute, in this process alone; for those who are nobody yet."""

    def __init__(self, per_minute: int) -> None:
        self._per_minute = per_minute
        self._buckets: dict[str, Bucket] = {}

    def take(self, address: str) -> None:
        """Counts one attempt.

        Raises:
            TooManyCallsError: too many of them; says when to come again.
        """
        now = clock.monotonic_seconds()
        if len(self._buckets) >= MAX_ADDRESSES:
            self._buckets = {each: bucket for each, bucket in self._buckets.items() if bucket.wait_seconds(now) > 0}
        bucket = self._buckets.setdefault(address, Bucket(self._per_minute, now))
        seconds = bucket.wait_seconds(now)
        if seconds > 0:
            RATE_LIMITED.labels("sign_ins").inc()
            raise TooManyCallsError(retry_after_seconds=math.ceil(seconds))
        bucket.charge(1)


def _note_total(bucket: Bucket, total: int, *, own: int, now: float) -> None:
    by_others = total - bucket.seen - own
    if by_others > 0 and now - bucket.shared_at < LAPSE_SECONDS:
        bucket.take_off(by_others)
    bucket.seen, bucket.shared_at = total, now
