"""Alerts, their timelines and their pages."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

import asyncpg
import msgspec

from nightowl_alerting.noise.model import OpenAlert
from nightowl_common.db import Tx, load_queries
from nightowl_common.errors import FieldProblem
from nightowl_query.model import Alert, BadPatternError, Delivery, Facets, FacetValue, TimelineEntry

SQL = load_queries(__package__, "alerts.sql")


COUNTED = 10_000
"""Totals and facets are counted up to here …"""

COUNTED_WORDS = 200
"""… and up to here where each row must be looked at: words and labels are in no index together with the rest."""


class LabelPattern(msgspec.Struct, frozen=True, kw_only=True):
    """A label that is not, does or does not match a value; a label that is missing counts as empty."""

    key: str
    operator: Literal["!=", "=~", "!~"]
    value: str


class AlertFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which alerts: None lets everything through; several values are alternatives, but every label must fit.

    `after` (inclusive) and `before` (exclusive) bound the first firing; `words` are searched in title and description.
    """

    statuses: Sequence[str] | None = None
    severities: Sequence[str] | None = None
    sources: Sequence[str] | None = None
    fingerprints: Sequence[str] | None = None
    services: Sequence[str] | None = None
    owners: Sequence[str] | None = None
    assignees: Sequence[UUID] | None = None
    is_unassigned: bool | None = None
    labels: dict[str, str] | None = None
    patterns: Sequence[LabelPattern] | None = None
    after: datetime | None = None
    before: datetime | None = None
    words: str | None = None
    groups: Sequence[UUID] | None = None
    is_muted: bool | None = None

    @property
    def is_open(self) -> bool:
        """Whether it lets no resolved alert through."""
        return self.statuses is not None and "resolved" not in self.statuses


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """After which row a page begins; `urgency` is None in a list that is ordered by time."""

    id: UUID
    urgency: int | None = None


_STATUSES = ("resolved", "investigating", "acknowledged", "firing")
_SEVERITIES = ("info", "warning", "major", "critical")
"""Least urgent first, as in the column `urgency`; what fires and is not snoozed stands one place above the rest."""


def urgency_of(alert: Alert) -> int:
    """Its place in the order of urgency."""
    place = _STATUSES.index(alert.status) + (alert.status == "firing" and alert.snoozed_until is None)
    return 4 * place + _SEVERITIES.index(alert.severity)


def urgencies_of(statuses: Collection[str] | None, severities: Collection[str] | None) -> list[int] | None:
    """Every place that alerts of some statuses and severities can have; None: any place."""
    if statuses is None and severities is None:
        return None
    places = [place for place, status in enumerate((*_STATUSES, "firing")) if statuses is None or status in statuses]
    levels = [level for level, name in enumerate(_SEVERITIES) if severities is None or name in severities]
    return [4 * place + level for place in places for level in levels]


async def list_alerts(
    tx: Tx, wanted: AlertFilter, *, below: Place, by_urgency: bool = False, limit: int
) -> list[Alert]:
    """Alerts below a place, newest or most urgent first.

    Raises:
        BadPatternError: a pattern is not a regular expression.
    """
    arguments = await _arguments(tx, wanted)
    statuses = None
    if wanted.is_open and not by_urgency:  # the open ones have an index in this order; by urgency, urgency has
        statuses, urgencies = wanted.statuses, urgencies_of(None, wanted.severities)
        arguments = (_several(urgencies), _one(urgencies), *arguments[2:])
    rows = await tx.fetch(SQL["list_alerts"], *arguments, by_urgency, below.urgency, below.id, limit, statuses)
    return [msgspec.convert(dict(row), Alert) for row in rows]


async def count_alerts(tx: Tx, wanted: AlertFilter) -> int:
    """How many alerts a filter lets through; one more than `bound_of` stands for any number beyond.

    Raises:
        BadPatternError: a pattern is not a regular expression.
    """
    count: int = await tx.fetchval(SQL["count_alerts"], *await _arguments(tx, wanted), bound_of(wanted) + 1)
    return count


def bound_of(wanted: AlertFilter) -> int:
    """Up to how many alerts a filter is counted; 0: not at all, since it may have to read everything."""
    if wanted.patterns:
        return 0
    return COUNTED_WORDS if wanted.words or wanted.labels else COUNTED


async def list_facets(tx: Tx, wanted: AlertFilter) -> Facets:
    """How many alerts have which value, over the newest that a filter lets through.

    Raises:
        BadPatternError: a pattern is not a regular expression.
    """
    rows = await tx.fetch(SQL["list_facets"], *await _arguments(tx, wanted), COUNTED + 1)
    values: dict[str, list[FacetValue]] = {name: [] for name in _FACETS.values()}
    total = 0
    for row in rows:
        name = _FACETS.get(row["facet"])
        if name is None:
            total = row["count"]
        else:
            values[name].append(FacetValue(value=row[name], count=row["count"]))
    return Facets(total=min(total, COUNTED), is_exact=total <= COUNTED, **values)


async def list_alert_ids(tx: Tx, wanted: AlertFilter, *, limit: int) -> list[UUID]:
    """Ids of what a filter lets through, oldest first.

    Raises:
        BadPatternError: a pattern is not a regular expression.
    """
    return [row["id"] for row in await tx.fetch(SQL["list_alert_ids"], *await _arguments(tx, wanted), limit)]


async def list_open_subjects(tx: Tx, *, limit: int) -> list[OpenAlert]:
    """What matchers see of open alerts, newest first."""
    return [msgspec.convert(dict(row), OpenAlert) for row in await tx.fetch(SQL["list_open_subjects"], limit)]


async def load_alert(tx: Tx, alert_id: UUID) -> Alert | None:
    """One alert."""
    row = await tx.fetchrow(SQL["load_alert"], alert_id)
    return None if row is None else msgspec.convert(dict(row), Alert)


async def count_recent_episodes(tx: Tx, fingerprint: str) -> int:
    """How many episodes of a fingerprint opened in the last 24 hours."""
    count: int = await tx.fetchval(SQL["count_recent_episodes"], fingerprint)
    return count


async def alert_exists(tx: Tx, alert_id: UUID) -> bool:
    """Whether this tenant has such an alert."""
    return bool(await tx.fetchval(SQL["alert_exists"], alert_id))


async def list_entries(tx: Tx, alert_id: UUID, *, above: UUID, limit: int) -> list[TimelineEntry]:
    """Timeline entries with an id above a bound, oldest first."""
    rows = await tx.fetch(SQL["list_entries"], alert_id, above, limit)
    return [msgspec.convert(dict(row), TimelineEntry) for row in rows]


async def count_entries(tx: Tx, alert_id: UUID) -> int:
    """How long a timeline is."""
    count: int = await tx.fetchval(SQL["count_entries"], alert_id)
    return count


async def list_deliveries(tx: Tx, alert_id: UUID, *, above: UUID, limit: int) -> list[Delivery]:
    """Pages of an alert with an id above a bound, oldest first, with their attempts."""
    rows = await tx.fetch(SQL["list_deliveries"], alert_id, above, limit)
    return [msgspec.convert(dict(row), Delivery) for row in rows]


async def count_deliveries(tx: Tx, alert_id: UUID) -> int:
    """How many pages an alert has."""
    count: int = await tx.fetchval(SQL["count_deliveries"], alert_id)
    return count


_FACETS = {0b0111: "status", 0b1011: "severity", 0b1101: "source", 0b1110: "service"}
"""By Postgres's `grouping()`: a bit for each column that the row is not grouped by."""


async def _check_patterns(tx: Tx, patterns: Sequence[LabelPattern]) -> None:
    try:
        await tx.fetchval(SQL["check_patterns"], [_anchored(each) for each in patterns if each.operator != "!="])
    except asyncpg.InvalidRegularExpressionError as error:
        raise BadPatternError(fields=[FieldProblem(field="label", reason=str(error))]) from error
    await tx.execute(SQL["bound_patterns"])


async def _arguments(tx: Tx, wanted: AlertFilter) -> tuple[object, ...]:  # long: a line per parameter
    """In the order of the queries' parameters, $1 to $20. One value is told apart from several: see `list_alerts`."""
    await tx.execute(SQL["plan_for_values"])
    if wanted.patterns:
        await _check_patterns(tx, wanted.patterns)
    services = await _service_ids(tx, wanted)
    patterns = wanted.patterns or None
    urgencies = urgencies_of(wanted.statuses, wanted.severities)
    return (
        _several(urgencies),
        _one(urgencies),
        _several(wanted.sources),
        wanted.fingerprints,
        _several(services),
        wanted.after,
        wanted.before,
        await _words(tx, wanted.words),
        _several(wanted.assignees),
        wanted.is_unassigned,
        wanted.labels or None,
        None if patterns is None else [each.key for each in patterns],
        None if patterns is None else [each.operator for each in patterns],
        None if patterns is None else [_anchored(each) for each in patterns],
        _one(wanted.sources),
        _one(services),
        _one(wanted.assignees),
        _several(wanted.groups),
        _one(wanted.groups),
        wanted.is_muted,
    )


async def _service_ids(tx: Tx, wanted: AlertFilter) -> Sequence[UUID] | None:
    if wanted.services is None and wanted.owners is None:
        return None
    return [row["id"] for row in await tx.fetch(SQL["load_service_ids"], wanted.services, wanted.owners)]


async def _words(tx: Tx, words: str | None) -> str | None:
    if words is None:
        return None
    is_unfinished = words[-1:].isalnum() and not words.split()[-1].startswith("-")
    query: str = await tx.fetchval(SQL["read_words"], words, is_unfinished)
    return query


def _anchored(pattern: LabelPattern) -> str:
    return pattern.value if pattern.operator == "!=" else f"^(?:{pattern.value})$"


def _several(values: Sequence[object] | None) -> Sequence[object] | None:
    return None if values is None or len(values) == 1 else values


def _one(values: Sequence[object] | None) -> object:
    return values[0] if values is not None and len(values) == 1 else None
