"""Collects what the oracle judges: rows of the scenario's tenants, messages on the bus, what people received."""

from collections.abc import Sequence
from datetime import timedelta
from typing import TypeVar
from uuid import UUID

import msgspec
from load import Load
from records import Alert, Delivery, Evidence, Firing, Inboxed, Stored, Timer
from world import World

from nightowl_alerting.ledger import ReceivedMessage
from nightowl_common import clock
from nightowl_common.bus import Bus, BusUnavailableError, ScannedMessage
from nightowl_common.db import Database, DatabaseUnavailableError, Tx
from nightowl_contracts import subjects
from nightowl_contracts.topology import CONSUMERS, DLQ, INGEST, Consumer, Header
from nightowl_testkit.builders import Team

T = TypeVar("T")

LOOK_SECONDS = 0.1

_UNREST = """
SELECT
    (
        SELECT count(*) FROM public.timers
        WHERE tenant = $1 AND kind <> 'card' AND due_at <= public.clock_now() + interval '1 minute'
    ) AS timers,
    (SELECT count(*) FROM public.outbox) AS bundles,
    (SELECT count(*) FROM public.ingest_spool) AS spooled,
    (SELECT count(*) FROM deliveries WHERE status IN ('queued', 'sending')) AS pages
"""

_ROWS = {
    Inboxed: """SELECT event_id, indexes, dispositions, alert_ids, handled_at - $2::interval AS handled_at
        FROM public.inbox WHERE tenant = $1 AND consumer = 'enrichment'""",
    Alert: """SELECT id, labels->>'problem' AS problem, status, severity, escalation_state, escalation_version,
        occurrence_count, acknowledged_at - $2::interval AS acknowledged_at FROM alerts WHERE $1::text <> ''""",
    Timer: "SELECT kind, ref, version FROM public.timers WHERE tenant = $1 AND $2::interval IS NOT NULL",
    Delivery: """SELECT id, alert_id, concat_ws('/', alert_id, episode, cycle, step, recipient, channel) AS key, step, status,
        token, unclear_attempts, bundled_into, held_for, created_at - $2::interval AS created_at FROM deliveries WHERE $1::text <> ''""",
    Firing: """SELECT alert_id, due_at - $2::interval AS due_at, fired_at - $2::interval AS fired_at FROM escalation_events
        WHERE $1::text <> ''""",
}
"""Of the tenant $1; $2 is how far the database's clock is ahead, so that times are the host's."""


_STORY = """
SELECT concat_ws(' ', e.kind, e.at - d.created_at, e.evidence->>'reason', e.evidence->>'detail', e.evidence->>'why')
FROM deliveries AS d
JOIN alert_timeline AS e ON e.alert_id = d.alert_id AND e.evidence->>'delivery_id' = d.id::text
WHERE d.id = $1
UNION ALL
SELECT concat_ws(' ', 'attempt', a.token, a.outcome, a.finished_at - d.created_at, a.provider, a.reason, a.detail)
FROM deliveries AS d JOIN delivery_attempts AS a ON a.delivery_id = d.id
WHERE d.id = $1
UNION ALL
SELECT concat_ws(' ', d.channel, d.severity, 'bundled into ' || d.bundled_into, 'held for ' || d.held_for)
FROM (SELECT d.*, a.severity FROM deliveries AS d JOIN alerts AS a ON a.id = d.alert_id) AS d
WHERE d.id = $1
"""


async def until_rest(
    database: Database, bus: Bus, tenants: Sequence[str], *, seconds: float, consumers: Sequence[Consumer] = CONSUMERS
) -> str:
    """Waits until everything accepted is committed and every page is settled; what is left after that time, or "".

    `consumers` have nothing left to do either. Hints that a dead notifier had in hand come again after a minute.
    """
    deadline = clock.monotonic_seconds() + seconds
    while left := await _unrest(database, bus, tenants, consumers):
        if clock.monotonic_seconds() > deadline:
            return f"no rest within {seconds:.0f} s: {left}"
        await clock.sleep(LOOK_SECONDS)
    return ""


async def _unrest(
    database: Database, bus: Bus, tenants: Sequence[str], consumers: Sequence[Consumer]
) -> dict[str, int]:
    """Edits of messages may stay: they owe nobody a page, and take their time."""
    try:
        for tenant in tenants:
            async with database.tenant_tx(tenant) as tx:
                row = await tx.fetchrow(_UNREST, tenant)
            if left := {name: count for name, count in dict(row or {}).items() if count}:
                return left
        lags = {each.name: await bus.lag(each) for each in consumers}
    except (BusUnavailableError, DatabaseUnavailableError) as error:
        return {str(error): 1}
    return {name: 1 if lag is None else lag for name, lag in lags.items() if lag != 0}


async def ahead_of(world: World) -> timedelta:
    """How far the database's clock is ahead of the host's."""
    async with world.database.global_tx() as tx:
        ahead: timedelta = await tx.fetchval("SELECT ahead FROM testkit.clock")
    return ahead


async def collect(world: World, teams: Sequence[Team], load: Load, *, ahead: timedelta, buried_before: int) -> Evidence:
    """Everything, of a system at rest."""
    rows = {kind: [] for kind in _ROWS}
    stored: list[Stored] = []
    for team in teams:
        scanned = await world.bus.scan(INGEST, subject=subjects.ingest(team.tenant))
        stored += [_stored(each) for each in scanned]
        async with world.database.tenant_tx(team.tenant) as tx:
            await take_time(tx)
            for kind in _ROWS:
                rows[kind] += await _load(tx, kind, team.tenant, ahead)
    return Evidence(
        accepted=load.accepted, taken=load.taken, stored=stored, inboxed=rows[Inboxed], alerts=rows[Alert], timers=rows[Timer],
        deliveries=rows[Delivery], firings=rows[Firing], received=world.fakes.received,
        unclear=world.fakes.unclear, unheard=world.fakes.unheard,
        dead_letters=await count_dead_letters(world, teams) - buried_before,
    )  # fmt: skip


async def count_dead_letters(world: World, teams: Sequence[Team]) -> int:
    """All but other tenants' calls.

    Ingest keeps for some seconds what it has published, for the case that the broker fails. What is left of a run whose
    tenants are gone may then be buried in the next one.
    """
    own = {subjects.ingest(each.tenant) for each in teams}
    letters = await world.bus.scan(DLQ, subject=subjects.dlq("*"))
    origins = [each.headers.get(Header.ORIGIN, "").partition(" ")[0] for each in letters]
    return sum(each in own or not each.startswith(subjects.ingest("")) for each in origins)


async def story_of(world: World, teams: Sequence[Team], delivery_id: UUID) -> list[str]:
    """What a page has been through, a line for each thing, with the time since it was owed."""
    for team in teams:
        async with world.database.tenant_tx(team.tenant) as tx:
            if lines := [row[0] for row in await tx.fetch(_STORY, delivery_id)]:
                return lines
    return []


async def take_time(tx: Tx) -> None:
    """Whoever reads a hundred thousand rows on a starved machine is silent for longer than a service may be."""
    await tx.execute("SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL statement_timeout = 0")


async def _load(tx: Tx, kind: type[T], tenant: str, ahead: timedelta) -> list[T]:
    return [msgspec.convert(dict(row), kind) for row in await tx.fetch(_ROWS[kind], tenant, ahead)]


def _stored(message: ScannedMessage) -> Stored:
    """One that nobody of ours has published is known by its place."""
    receipt, _, _ = message.headers.get(Header.MESSAGE_ID, "").partition(":")
    known = ReceivedMessage.from_scan(message)
    return Stored(event_id=known.event_id, receipt_id=UUID(receipt) if receipt else None, alerts=known.alerts)
