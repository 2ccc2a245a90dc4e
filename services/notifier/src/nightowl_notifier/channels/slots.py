"""Who may be worked on at once: critical pages have slots of their own, and no tenant takes more than half of any."""

from collections import Counter

Lane = tuple[str, bool]
"""A channel, and whether it is for pages of critical alerts."""


class Slots:
    """Counts pages in hand per channel and lane. Never waits."""

    def __init__(self, per_channel: int) -> None:
        self._per_channel = per_channel
        self._share = max(1, per_channel // 2)
        self._taken: Counter[Lane] = Counter()
        self._shares: Counter[tuple[Lane, str]] = Counter()

    def take(self, channel: str, *, tenant: str, is_critical: bool) -> bool:
        """Takes a slot if one is free and the tenant has not its half of them."""
        lane = (channel, is_critical)
        if self._taken[lane] >= self._per_channel or self._shares[lane, tenant] >= self._share:
            return False
        self._taken[lane] += 1
        self._shares[lane, tenant] += 1
        return True

    def give_back(self, channel: str, *, tenant: str, is_critical: bool) -> None:
        """The work is done."""
        lane = (channel, is_critical)
        self._taken[lane] -= 1
        self._shares[lane, tenant] -= 1
        if not self._shares[lane, tenant]:
            del self._shares[lane, tenant]


class TenantSlots:
    """Counts what is in hand per tenant. Never waits."""

    def __init__(self, per_tenant: int) -> None:
        self._per_tenant = per_tenant
        self._taken: Counter[str] = Counter()

    def take(self, tenant: str) -> bool:
        """Takes a slot if the tenant has one left."""
        if self._taken[tenant] >= self._per_tenant:
            return False
        self._taken[tenant] += 1
        return True

    def full(self) -> list[str]:
        """The tenants that have none left."""
        return [tenant for tenant, taken in self._taken.items() if taken >= self._per_tenant]

    def give_back(self, tenant: str) -> None:
        """The work is done."""
        self._taken[tenant] -= 1
        if not self._taken[tenant]:
            del self._taken[tenant]
