"""Enrichment's own SQL: heartbeats, knowledge, raw and rejected payloads. Alerts are the kernel's."""

from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from nightowl_alerting.heartbeats import Heartbeat
from nightowl_alerting.noise import store as noise
from nightowl_common.db import Tx, load_queries
from nightowl_enrichment.model import (
    Candidate,
    Known,
    Match,
    Payload,
    ResolvedAlert,
    StoredPattern,
    TenantRules,
    Watched,
)

SQL = load_queries(__package__)


async def load_rules(tx: Tx) -> TenantRules:
    """The tenant's rules for received alerts, as they are now."""
    return TenantRules(
        routing=await noise.load_routing(tx),
        grouping=await noise.load_grouping_rules(tx),
        watched=[msgspec.convert(dict(row), Watched) for row in await tx.fetch(SQL["load_watched"])],
    )


async def lock_heartbeats(tx: Tx, *, names: Sequence[str], ids: Sequence[UUID]) -> list[Heartbeat]:
    """Those of the heartbeats that there are, locked until the transaction ends."""
    rows = await tx.fetch(SQL["lock_heartbeats"], list(names), list(ids))
    return [msgspec.convert(dict(row), Heartbeat) for row in rows]


async def lock_heartbeat_or_skip(tx: Tx, heartbeat_id: UUID) -> Heartbeat | None:
    """One heartbeat, locked; None when there is none or somebody else holds it."""
    row = await tx.fetchrow(SQL["lock_heartbeat_or_skip"], heartbeat_id)
    return None if row is None else msgspec.convert(dict(row), Heartbeat)


async def heartbeat_exists(tx: Tx, heartbeat_id: UUID) -> bool:
    """Whether there is such a heartbeat, locked or not."""
    return bool(await tx.fetchval(SQL["heartbeat_exists"], heartbeat_id))


async def update_heartbeats(tx: Tx, heartbeats: Sequence[Heartbeat]) -> None:
    """How heartbeats stand that this transaction holds."""
    if heartbeats:
        await tx.execute(SQL["update_heartbeats"], list(heartbeats))


async def upsert_payloads(tx: Tx, payloads: Sequence[Payload]) -> None:
    """Keeps what the sender wrote, for alerts that this transaction holds."""
    if payloads:
        await tx.execute(SQL["upsert_payloads"], list(payloads))


async def insert_rejected(tx: Tx, rejected: Sequence[Mapping[str, object]]) -> None:
    """Lists alerts that could not be read: receipt_id, item, source, field, reason, raw, received_at."""
    if rejected:
        await tx.execute(SQL["insert_rejected"], list(rejected))


async def load_known(tx: Tx, fingerprints: Sequence[str]) -> Known:
    """The incidents that answer for fingerprints, as they are now."""
    rows = await tx.fetch(SQL["load_known"], list(fingerprints))
    matches = {
        row["fingerprint"]: Match(incident_id=row["incident_id"], title=row["title"], kind="fingerprint", score=1.0)
        for row in rows
        if row["fingerprint"] is not None
    }
    return Known(version=rows[0]["version"], by_fingerprint=matches)


async def find_candidates(tx: Tx, asked: Sequence[str]) -> list[list[Candidate]]:
    """For each text, incidents that have all of its words, at most 50, in no order."""
    await tx.execute(SQL["plan_for_these_words"])
    found = [await _find(tx, each) for each in asked]
    await tx.execute(SQL["plan_as_usual"])
    return found


async def _find(tx: Tx, asked: str) -> list[Candidate]:
    words = await tx.fetchval(SQL["read_words"], asked)
    rows = [] if words is None else await tx.fetch(SQL["find_candidates"], words)
    return [msgspec.convert(dict(row), Candidate) for row in rows]


async def list_patterns(tx: Tx) -> list[StoredPattern]:
    """Error patterns of active incidents, the most proven first."""
    return [msgspec.convert(dict(row), StoredPattern) for row in await tx.fetch(SQL["list_patterns"])]


async def load_resolved(tx: Tx, alert_id: UUID) -> ResolvedAlert | None:
    """An alert that is over; None when it is not, or gone."""
    row = await tx.fetchrow(SQL["load_resolved"], alert_id)
    return None if row is None else msgspec.convert(dict(row), ResolvedAlert)


async def count_resolution(tx: Tx, alert: ResolvedAlert, incident_id: UUID) -> bool:
    """Adds an alert to an incident's statistics; false when it was counted before."""
    counted = await tx.fetchval(SQL["insert_resolution"], alert.id, incident_id, alert.resolved_at, alert.minutes)
    if counted is not None:
        await tx.execute(SQL["add_resolution"], incident_id, alert.resolved_at, alert.resolved_by, alert.minutes)
    return counted is not None
