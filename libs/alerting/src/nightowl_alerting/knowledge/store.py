"""Incidents: reading, searching, and the writes of which a change is made."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

import asyncpg
import msgspec

from nightowl_alerting.knowledge.model import HistoryEntry, Incident, IncidentContent, IncidentNotFoundError, Subject
from nightowl_common.db import Record, Tx, load_queries
from nightowl_common.errors import FieldProblem, InvalidError
from nightowl_contracts import Actor

SQL = load_queries(__package__)

MAX_CANDIDATES = 200
"""So many matches are ranked at most."""

NOBODY = UUID(int=0)


class IncidentFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which incidents: None lets everything through; several values are alternatives."""

    severities: Sequence[str] | None = None
    categories: Sequence[str] | None = None
    services: Sequence[str] | None = None
    tags: Sequence[str] | None = None
    statuses: Sequence[str] = ("active",)


class Ranked(msgspec.Struct, frozen=True, kw_only=True):
    """A found incident, and how many were ranked with it."""

    id: UUID
    rank: float
    total: int


class Statistics(msgspec.Struct, frozen=True, kw_only=True):
    """What is counted for an incident, in the order of the query's parameters."""

    resolutions: int
    average_minutes: float | None
    last_resolved_at: datetime | None
    last_resolved_by: Actor | None
    helped: int
    unhelpful: int


class Excerpt(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a field with private-use characters around what was found."""

    id: UUID
    field: str
    marked: str


class StoredPattern(msgspec.Struct, frozen=True, kw_only=True):
    """A pattern and the incident that it belongs to."""

    id: UUID
    title: str
    pattern: str


async def load_incidents(tx: Tx, ids: Sequence[UUID]) -> list[Incident]:
    """Incidents in the order of `ids`; those that are not there are left out."""
    found = {row["id"]: _incident(row) for row in await tx.fetch(SQL["load_incidents"], list(ids))}
    return [found[each] for each in ids if each in found]


async def load_incident(tx: Tx, incident_id: UUID) -> Incident:
    """One incident.

    Raises:
        IncidentNotFoundError: there is none.
    """
    found = await load_incidents(tx, [incident_id])
    if not found:
        raise IncidentNotFoundError
    return found[0]


async def lock_incidents(tx: Tx, ids: Iterable[UUID]) -> None:
    """Those of the incidents that are there are locked until the transaction ends."""
    await tx.fetch(SQL["lock_incidents"], sorted(ids))


async def lock_incident(tx: Tx, incident_id: UUID) -> Incident:
    """One incident, locked until the transaction ends.

    Raises:
        IncidentNotFoundError: there is none.
    """
    await lock_incidents(tx, [incident_id])
    return await load_incident(tx, incident_id)


async def lock_pair(tx: Tx, first: UUID, second: UUID) -> tuple[Incident, Incident]:
    """Two incidents, locked in the order of their ids.

    Raises:
        IncidentNotFoundError: one of them is not there.
    """
    await lock_incidents(tx, [first, second])
    return await load_incident(tx, first), await load_incident(tx, second)


async def lock_for_removal(tx: Tx, incident_id: UUID) -> Incident:
    """One incident that nobody can begin to refer to until the transaction ends.

    Raises:
        IncidentNotFoundError: there is none.
    """
    await tx.fetch(SQL["lock_incident_for_removal"], incident_id)
    return await load_incident(tx, incident_id)


async def list_incidents(tx: Tx, wanted: IncidentFilter, *, below: UUID, limit: int) -> list[Incident]:
    """Incidents with an id below a bound, newest first."""
    await tx.execute(SQL["plan_for_these_words"])
    rows = await tx.fetch(SQL["list_incident_ids"], *_arguments(wanted), below, limit)
    return await load_incidents(tx, [row["id"] for row in rows])


async def count_incidents(tx: Tx, wanted: IncidentFilter) -> int:
    """How many incidents a filter lets through."""
    count: int = await tx.fetchval(SQL["count_incidents"], *_arguments(wanted))
    return count


async def list_for_export(tx: Tx, *, above: UUID, limit: int) -> list[Incident]:
    """Incidents with an id above a bound, oldest first, without those that are merged."""
    rows = await tx.fetch(SQL["list_for_export"], above, limit)
    return await load_incidents(tx, [row["id"] for row in rows])


async def load_by_fingerprint(tx: Tx, fingerprint: str) -> Incident:
    """The incident that answers for a fingerprint.

    Raises:
        IncidentNotFoundError: none does.
    """
    incident_id: UUID | None = await tx.fetchval(SQL["load_by_fingerprint"], fingerprint)
    if incident_id is None:
        raise IncidentNotFoundError
    return await load_incident(tx, incident_id)


async def load_subject(tx: Tx, alert_id: UUID) -> Subject | None:
    """An alert as far as an incident can be written from it."""
    row = await tx.fetchrow(SQL["load_subject"], alert_id)
    return None if row is None else msgspec.convert(dict(row), Subject)


async def find_owners(tx: Tx, fingerprints: Sequence[str]) -> dict[str, UUID]:
    """Which incidents answer for fingerprints."""
    rows = await tx.fetch(SQL["find_owners"], list(fingerprints))
    return {row["fingerprint"]: row["incident_id"] for row in rows}


async def insert_incident(tx: Tx, incident_id: UUID, content: IncidentContent, *, origin: str) -> None:
    """A new incident.

    Raises:
        InvalidError: its runbook is not there.
    """
    try:
        await tx.execute(SQL["insert_incident"], incident_id, content, origin)
    except asyncpg.ForeignKeyViolationError as error:
        raise _no_runbook() from error


async def update_incident(tx: Tx, incident_id: UUID, content: IncidentContent) -> None:
    """New content; the revision rises.

    Raises:
        InvalidError: its runbook is not there.
    """
    try:
        await tx.execute(SQL["update_incident"], incident_id, content)
    except asyncpg.ForeignKeyViolationError as error:
        raise _no_runbook() from error


async def mark_archived(tx: Tx, incident_id: UUID) -> None:
    """It no longer answers for anything."""
    await tx.execute(SQL["mark_archived"], incident_id)


async def mark_merged(tx: Tx, *, source: UUID, target: UUID) -> None:
    """The source answers by the target, with all that was merged into it before and all that it was counted for."""
    await tx.execute(SQL["mark_merged"], source, target)
    await tx.execute(SQL["follow_merge"], source, target)
    await tx.execute(SQL["move_resolutions"], source, target)


async def set_statistics(tx: Tx, incident_id: UUID, statistics: Statistics) -> None:
    """Statistics of two incidents together."""
    await tx.execute(SQL["set_statistics"], incident_id, *msgspec.structs.astuple(statistics))


async def delete_incident(tx: Tx, incident_id: UUID) -> None:
    """Gone, with its history."""
    await tx.execute(SQL["delete_incident"], incident_id)


async def is_referred_to(tx: Tx, incident_id: UUID) -> bool:
    """Whether alerts, statistics or merged incidents point at it."""
    return bool(await tx.fetchval(SQL["incident_is_referred_to"], incident_id))


async def claim_fingerprints(tx: Tx, incident_id: UUID, fingerprints: Sequence[str]) -> dict[str, UUID]:
    """The incident answers for exactly these; returns those that another one has, with it."""
    await tx.execute(SQL["release_fingerprints"], incident_id, list(fingerprints))
    if not fingerprints:
        return {}
    await tx.execute(SQL["claim_fingerprints"], incident_id, list(fingerprints))
    owners = await find_owners(tx, fingerprints)
    return {fingerprint: owner for fingerprint, owner in owners.items() if owner != incident_id}


async def insert_history(tx: Tx, incident_id: UUID, actor: Actor, *, action: str, diff: dict[str, object]) -> None:
    """What the revision that stands now has changed."""
    await tx.execute(SQL["insert_history"], incident_id, actor, action, diff)


async def bump_knowledge(tx: Tx) -> None:
    """Remembered matches are void from this commit on. Called last: it makes writers wait for each other."""
    await tx.execute(SQL["bump_knowledge"])


async def list_history(tx: Tx, incident_id: UUID) -> list[HistoryEntry]:
    """The changes of an incident, newest first."""
    return [msgspec.convert(dict(row), HistoryEntry) for row in await tx.fetch(SQL["list_history"], incident_id)]


async def read_words(tx: Tx, whole: str, begun: str | None) -> str | None:
    """The text search query that words mean; None when they mean nothing."""
    words: str | None = await tx.fetchval(SQL["read_words"], whole, begun)
    return words


async def read_title(tx: Tx, incident_id: UUID) -> str | None:
    """A text search query for any of an incident's title words."""
    words: str | None = await tx.fetchval(SQL["read_title"], incident_id)
    return words


async def search_incidents(tx: Tx, words: str, *, limit: int, other_than: UUID = NOBODY) -> list[Ranked]:
    """The best hits among at most `MAX_CANDIDATES`."""
    await tx.execute(SQL["plan_for_these_words"])
    rows = await tx.fetch(SQL["search_incidents"], words, MAX_CANDIDATES, limit, other_than)
    return [msgspec.convert(dict(row), Ranked) for row in rows]


async def load_excerpts(tx: Tx, ids: Sequence[UUID], words: str) -> list[Excerpt]:
    """Excerpts of found incidents, field by field."""
    return [msgspec.convert(dict(row), Excerpt) for row in await tx.fetch(SQL["load_excerpts"], list(ids), words)]


async def list_patterns(tx: Tx) -> list[StoredPattern]:
    """Error patterns of active incidents, the most proven first."""
    return [msgspec.convert(dict(row), StoredPattern) for row in await tx.fetch(SQL["list_patterns"])]


def _incident(row: Record) -> Incident:
    return msgspec.convert(dict(row), Incident)


def _no_runbook() -> InvalidError:
    return InvalidError(fields=[FieldProblem(field="$.runbook_id", reason="there is no such runbook")])


def _arguments(wanted: IncidentFilter) -> tuple[object, ...]:
    """In the order of the query's parameters, $1 to $5."""
    return (wanted.severities, wanted.categories, wanted.services, wanted.tags, list(wanted.statuses))
