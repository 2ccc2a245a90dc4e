"""Shifts that change hands, and gaps ahead. Any number of these may run side by side.

A handoff is told by whoever writes its row; a roster's gap is judged by whoever holds the roster. Both are one commit
with what is told.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from uuid import UUID

from nightowl_alerting import lifecycle
from nightowl_alerting.noise.matchers import subject_of
from nightowl_alerting.noise.model import Subject
from nightowl_alerting.noise.routing import choose_route
from nightowl_alerting.noise.store import load_routing
from nightowl_alerting.paging import ENGINE
from nightowl_alerting.targets import store as targets
from nightowl_alerting.targets.reach import Hole, holes
from nightowl_alerting.targets.timetable import Timetable
from nightowl_alerting.transitions import Received
from nightowl_common.db import Database, Tx
from nightowl_common.errors import TransientError
from nightowl_common.ids import new_id
from nightowl_common.logs import get_logger
from nightowl_common.outbox import Outbox
from nightowl_contracts import HandoffSummary, OncallHandoff
from nightowl_escalation import engine, store, telemetry
from nightowl_escalation.engine import SOURCE
from nightowl_escalation.jobs.timers import TenantRounds

log = get_logger(__name__)

BACK = timedelta(hours=6)
"""Handoffs that were not told for longer than this, because no worker ran, are not told any more."""

AHEAD = timedelta(days=14)

Look = Callable[[Tx, str], Awaitable[int]]


class ShiftWatch:
    """Looks at the rosters of `TENANTS_PER_SWEEP` tenants per call; the next call goes on from there."""

    def __init__(self, *, outbox: Outbox, database: Database) -> None:
        self._outbox = outbox
        self._database = database
        self._handoff_rounds, self._gap_rounds = TenantRounds(), TenantRounds()

    async def tell_handoffs(self) -> int:
        """Emits `oncall.handoff` for what has changed hands; returns how many. Once per roster and instant."""
        return await self._next_tenants(self._handoff_rounds, _tell_handoffs)

    async def warn_of_gaps(self) -> int:
        """Opens a warning per roster with a gap in the fortnight ahead, ends it when it is mended; returns how many."""
        return await self._next_tenants(self._gap_rounds, _warn_of_gaps)

    async def _next_tenants(self, rounds: TenantRounds, look: Look) -> int:
        told = 0
        for tenant in rounds.next_part(sorted(await self._database.tenants())):
            try:
                async with self._outbox.tenant_tx(tenant) as tx:
                    told += await look(tx, tenant)
            except TransientError:
                raise
            except Exception:
                log.exception("shifts_not_watched", tenant=tenant)
        return told


async def _tell_handoffs(tx: Tx, tenant: str) -> int:
    names = await store.load_roster_names(tx)
    if not names:
        return 0
    now = await tx.now()
    book = await targets.load_book(tx, names, start=now - BACK, end=now + AHEAD)
    timetable = Timetable(book, names, start=now - BACK, end=now + AHEAD)
    told = 0
    for roster_id, name in names.items():
        for handover in engine.handovers(timetable.spans(roster_id), now=now):
            if await store.insert_handoff(tx, roster_id, handover):
                data = HandoffSummary(
                    roster_id=roster_id,
                    roster_name=name,
                    boundary_at=handover.boundary_at,
                    outgoing_id=handover.outgoing_id,
                    incoming_id=handover.incoming_id,
                    ends_at=handover.ends_at,
                )
                tx.emit(OncallHandoff(id=new_id(), tenant=tenant, at=now, actor=ENGINE, data=data))
                told += 1
    telemetry.HANDOFFS.inc(told)
    await store.delete_old_handoffs(tx)
    return told


async def _warn_of_gaps(tx: Tx, tenant: str) -> int:
    names = await store.load_roster_names(tx)
    if not names:
        return 0
    now = await tx.now()
    book = await targets.load_book(tx, names, start=now - AHEAD, end=now + AHEAD)
    timetable = Timetable(book, names, start=now - AHEAD, end=now + AHEAD)
    staff = await targets.load_staff(tx)
    told = 0
    for roster_id, name in names.items():
        if await store.lock_roster_or_skip(tx, roster_id):
            found = holes(timetable.spans(roster_id), staff=staff)
            told += await _judge_roster(tx, tenant, roster_id, name, found=found)
    return told


async def _judge_roster(tx: Tx, tenant: str, roster_id: UUID, name: str, *, found: Sequence[Hole]) -> int:
    now = await tx.now()
    alerts = engine.warn(
        engine.gap_to_warn_of(found, now=now),
        await store.load_last_warning(tx, engine.fingerprint_of(roster_id)),
        roster_id=roster_id,
        roster_name=name,
        window_starts_at=now - AHEAD,
    )
    received = [
        Received(alert=each, source=SOURCE, receipt_id=roster_id, new_id=new_id(), at=now) for each in alerts
    ]  # fmt: skip
    if received:
        routing = await load_routing(tx)
        await lifecycle.receive(tx, tenant, received, route=lambda each: choose_route(_subject(each), routing))
    return len(received)


def _subject(received: Received) -> Subject:
    alert = received.alert
    return subject_of(alert.labels, severity=alert.severity, source=received.source, title=alert.title)
