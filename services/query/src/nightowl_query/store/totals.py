"""How many alerts a filter lets through: counted up to a bound, and what hardly changes once in ten seconds."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from nightowl_common import clock
from nightowl_common.db import Tx
from nightowl_query.store.alert_filters import EVERYTHING, AlertFilter, bound_of
from nightowl_query.store.alerts import SQL, count_alerts

REMEMBERED_SECONDS = 10.0
MOST = 1_000
"""Totals that are remembered at one time."""


_EVERYTHING = msgspec.json.encode(EVERYTHING)


class _Known(msgspec.Struct, frozen=True, kw_only=True):
    """`count` alerts, before `edge` where there is one."""

    count: int
    edge: UUID | None
    until: float

    @property
    def is_over(self) -> bool:
        return clock.monotonic_seconds() > self.until


class Totals:
    """Remembers two things for ten seconds, by tenant and filter.

    Of everything, what is older than ten minutes: only retention takes from it, and an alert that was long on its way
    adds to it. And that there are more than are counted, unless only open ones are asked for, which become few at once.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[str, bytes], _Known] = {}

    def old_part(self, tenant: str) -> tuple[int, UUID] | None:
        """How many of everything are older than an id that lies ten minutes back, if that is remembered."""
        known = self._known.get((tenant, _EVERYTHING))
        return None if known is None or known.edge is None or known.is_over else (known.count, known.edge)

    async def count(self, tx: Tx, tenant: str, wanted: AlertFilter, arguments: Sequence[object]) -> int:
        """How many alerts a filter lets through; more than `bound_of` stands for any number beyond.

        `arguments` are those of the filter, or nothing for one that lets everything through.
        """
        bound = bound_of(wanted)
        place = tenant, msgspec.json.encode(wanted)
        known = self._known.get(place)
        if known is not None and not known.is_over:
            if known.count > bound:
                return known.count
            return known.count + int(await tx.fetchval(SQL["count_since"], known.edge, bound + 1 - known.count))
        if wanted == EVERYTHING:
            row = await tx.fetchrow(SQL["count_everything"], bound + 1)
            assert row is not None
            self._remember(place, count=row["old"], edge=row["edge"])
            return int(row["old"] + row["new"])
        total = await count_alerts(tx, arguments, limit=bound + 1)
        if total > bound and not wanted.is_open:
            self._remember(place, count=total, edge=None)
        return total

    def _remember(self, place: tuple[str, bytes], *, count: int, edge: UUID | None) -> None:
        if len(self._known) >= MOST:
            self._known = {each: known for each, known in self._known.items() if not known.is_over}
        if len(self._known) < MOST:
            until = clock.monotonic_seconds() + REMEMBERED_SECONDS
            self._known[place] = _Known(count=count, edge=edge, until=until)
