"""In which order this process handles what it was told of a tenant, however many transactions are at it.

Transactions that have nothing in common run side by side, also those of one tenant: what the later one reads is as
good as what it would read when the earlier one is over, and neither writes what is the other's. Where a call or a
fingerprint is in both, or what becomes of an alert depends on more than that, the later one waits for its turn before
it reads.
"""

import asyncio
from collections.abc import Sequence
from itertools import chain
from types import TracebackType
from typing import Self
from uuid import UUID

from nightowl_enrichment.model import Delivered


class Turn:
    """One transaction's place in the order. It is over when the transaction has committed, or was given up.

    `holds` are the calls and fingerprints that it is about. One that is made by itself stands in no order.
    """

    def __init__(
        self,
        *,
        tenants: frozenset[str] = frozenset(),
        holds: frozenset[UUID | tuple[str, str]] = frozenset(),
        earlier: Sequence["Turn"] = (),
    ) -> None:
        self.tenants = tenants
        self.holds = holds
        self._earlier = earlier
        self._over = asyncio.Event()

    @property
    def is_over(self) -> bool:
        """Nobody waits for it any more."""
        return self._over.is_set()

    @property
    def has_come(self) -> bool:
        """All earlier ones are over."""
        return all(each.is_over for each in self._earlier)

    @property
    def is_entangled(self) -> bool:
        """Something of it is in the hands of an earlier one."""
        return any(not each.is_over and not self.holds.isdisjoint(each.holds) for each in self._earlier)

    async def come(self) -> None:
        """Returns when all earlier ones are over."""
        for each in self._earlier:
            await each.wait_until_over()
        self._earlier = ()

    async def wait_until_over(self) -> None:
        """Returns when nobody has to wait for it."""
        await self._over.wait()

    def end(self) -> None:
        """Nobody has to wait for it any more."""
        self._earlier = ()
        self._over.set()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()


class Turns:
    """Deals out turns. One per process."""

    def __init__(self) -> None:
        self._running: list[Turn] = []

    def take(self, delivered: Sequence[Delivered]) -> Turn:
        """The next turn of all tenants of these messages."""
        tenants = frozenset(each.event.tenant for each in delivered)
        calls = (each.event.id for each in delivered)
        alerts = ((each.event.tenant, alert.fingerprint) for each in delivered for alert in each.event.data.alerts)
        self._running = [each for each in self._running if not each.is_over]
        earlier = [each for each in self._running if not tenants.isdisjoint(each.tenants)]
        turn = Turn(tenants=tenants, holds=frozenset(chain(calls, alerts)), earlier=earlier)
        self._running.append(turn)
        return turn
