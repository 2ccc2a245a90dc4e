"""The right to send: lease and token, taken in the database before anybody is called.

Claims of critical pages that come at the same moment share a transaction, since no limit can hold them. Every other
page takes its turn by itself. So few transactions claim at once that results never wait behind them for a connection:
in a flood pages wait unclaimed, where waiting does no harm.
"""

import asyncio
from collections.abc import Sequence
from uuid import UUID

import msgspec

from nightowl_alerting import sending
from nightowl_alerting import store as kernel
from nightowl_alerting.calm.store import hasten_timers
from nightowl_alerting.model import Claim
from nightowl_common import clock
from nightowl_common.outbox import Outbox
from nightowl_notifier.channels.rounds import Rounds

GATHER_SECONDS = 0.005
STRAY_SECONDS = 1.0
"""When a due timer finds nothing to do yet."""


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """A claim, and when the transaction that made it began, on the steady clock."""

    claim: Claim
    started: float


class Left(msgspec.Struct, frozen=True):
    """A page that is queued and cannot be claimed together with others."""


class Claims:
    """Takes pages for one process; any number of processes may do so side by side."""

    def __init__(self, outbox: Outbox, *, lease_seconds: float, at_once: int) -> None:
        """`at_once` transactions claim at the same time, fewer than there are connections."""
        self._outbox = outbox
        self._lease_seconds = lease_seconds
        self._room = asyncio.Semaphore(at_once)
        self._critical = Rounds(self._take_critical, gather_seconds=GATHER_SECONDS)
        self._left = Rounds(self._hasten, gather_seconds=GATHER_SECONDS)

    async def take(self, tenant: str, delivery_id: UUID, *, is_critical: bool) -> Taken | None:
        """A queued page whose turn it is; None: it must wait, or is needed no more. `is_critical` may be out of date.

        Raises:
            TransientError: the database cannot be used.
        """
        taken = await self._critical.ask(tenant, delivery_id) if is_critical else Left()
        return await self._take_in_turn(tenant, delivery_id) if isinstance(taken, Left) else taken

    async def take_due(
        self, tenant: str, delivery_id: UUID, *, is_critical: bool
    ) -> tuple[sending.NextStep, Taken | None]:  # fmt: skip
        """What a due timer asks of its delivery, and the right to do it where it needs one. Raises as `take`."""
        taken = await self._critical.ask(tenant, delivery_id) if is_critical else None
        return ("send", taken) if isinstance(taken, Taken) else await self._take_step(tenant, delivery_id)

    async def leave(self, tenant: str, delivery_id: UUID) -> None:
        """A queued page for which there is no room is due at once, so that the due loop takes it. Raises as `take`."""
        await self._left.ask(tenant, delivery_id)

    async def _take_critical(self, tenant: str, delivery_ids: Sequence[UUID]) -> "list[Taken | Left | None]":
        async with self._room:
            started = clock.monotonic_seconds()
            async with self._outbox.tenant_tx(tenant) as tx:
                claims, left = await sending.claim_critical(tx, tenant, delivery_ids, lease_seconds=self._lease_seconds)
        found: dict[UUID, Taken | Left] = {each: Left() for each in left}
        found |= {each.delivery_id: Taken(claim=each, started=started) for each in claims}
        return [found.get(each) for each in delivery_ids]

    async def _take_in_turn(self, tenant: str, delivery_id: UUID) -> Taken | None:
        async with self._room:
            started = clock.monotonic_seconds()
            async with self._outbox.tenant_tx(tenant) as tx:
                claim = await sending.claim(tx, tenant, delivery_id, lease_seconds=self._lease_seconds)
        return None if claim is None else Taken(claim=claim, started=started)

    async def _take_step(self, tenant: str, delivery_id: UUID) -> tuple[sending.NextStep, Taken | None]:
        async with self._room:
            started = clock.monotonic_seconds()
            async with self._outbox.tenant_tx(tenant) as tx:
                step = await sending.next_step(tx, tenant, delivery_id)
                claim: Claim | None = None
                match step:
                    case "send":
                        claim = await sending.claim(tx, tenant, delivery_id, lease_seconds=self._lease_seconds)
                    case "find_out":
                        claim = await sending.claim_unclear(tx, tenant, delivery_id, lease_seconds=self._lease_seconds)
                    case "wait":
                        await kernel.postpone_timer(tx, "delivery", delivery_id, seconds=STRAY_SECONDS)
        return step, None if claim is None else Taken(claim=claim, started=started)

    async def _hasten(self, tenant: str, delivery_ids: Sequence[UUID]) -> list[None]:
        async with self._room, self._outbox.tenant_tx(tenant) as tx:
            await hasten_timers(tx, delivery_ids)
        return [None] * len(delivery_ids)
