"""Whose statements Postgres shall keep planned. Pure."""


class PlannedTenants:
    """The first so many tenants that come, chosen anew after a while.

    To plan a tenant's statements costs five times as much as to run them for a few alerts. But the plans of all tenants
    of a large installation do not fit, and to push each other out would cost more than to plan anew.
    """

    def __init__(self, limit: int, *, seconds: float) -> None:
        self._limit = limit
        self._seconds = seconds
        self._chosen: set[str] = set()
        self._since = 0.0

    def holds(self, tenant: str, *, now: float) -> bool:
        """Whether the tenant is one of them, if there is room from now on. `now` is of any steady clock."""
        if now - self._since > self._seconds:
            self._chosen, self._since = set(), now
        if len(self._chosen) < self._limit:
            self._chosen.add(tenant)
        return tenant in self._chosen
