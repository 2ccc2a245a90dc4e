"""Which alerts are meant: a filter, and the parameters that its queries take."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

import asyncpg
import msgspec

from nightowl_common.db import Tx, load_queries
from nightowl_common.errors import FieldProblem
from nightowl_query.model import BadPatternError

SQL = load_queries(__package__, "alert_filters.sql")

COUNTED = 10_000
"""Totals and facets are counted up to here …"""

COUNTED_WORDS = 200
"""… and up to here where each row must be looked at: words and labels are in no index together with the rest. Of open
alerts all are counted nevertheless: they are few beside those that were."""

FACETED_WORDS = 1_000
"""Facets are then counted up to here: a value that is rarer than that is looked for by name."""

NOBODY = "none"
"""As a holder or a policy: there is none. Of a service or a cluster that is the empty name."""

_NO_ID = UUID(int=0)


class LabelPattern(msgspec.Struct, frozen=True, kw_only=True):
    """A label that is not, does or does not match a value; a label that is missing counts as empty."""

    key: str
    operator: Literal["!=", "=~", "!~"]
    value: str


class AlertFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which alerts: None lets everything through; several values are alternatives, but every label must fit.

    `after` (inclusive) and `before` (exclusive) bound the first firing; `words` are searched in title and description.
    A holder is the id of who has the alert: its assignee, else who acknowledged it. `muted_by` is the rule or group
    that mutes it now. What is `not_…` is left out.
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
    muted_by: Sequence[UUID] | None = None
    clusters: Sequence[str] | None = None
    holders: Sequence[str] | None = None
    policies: Sequence[str] | None = None
    is_matched: bool | None = None
    not_sources: Sequence[str] | None = None
    not_services: Sequence[str] | None = None
    not_clusters: Sequence[str] | None = None
    not_holders: Sequence[str] | None = None
    not_policies: Sequence[str] | None = None

    @property
    def is_open(self) -> bool:
        """Whether it lets no resolved alert through."""
        return self.statuses is not None and "resolved" not in self.statuses


EVERYTHING = AlertFilter()


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """After which row a page begins; `urgency` is None in a list that is ordered by time."""

    id: UUID
    urgency: int | None = None


STATUSES = ("resolved", "investigating", "acknowledged", "firing")
SEVERITIES = ("info", "warning", "major", "critical")
"""Least urgent first, as in the column `urgency`; what fires and is not snoozed stands one place above the rest."""


def urgencies_of(statuses: Collection[str] | None, severities: Collection[str] | None) -> list[int] | None:
    """Every place that alerts of some statuses and severities can have; None: any place."""
    if statuses is None and severities is None:
        return None
    places = [place for place, status in enumerate((*STATUSES, "firing")) if statuses is None or status in statuses]
    levels = [level for level, name in enumerate(SEVERITIES) if severities is None or name in severities]
    return [4 * place + level for place in places for level in levels]


def bound_of(wanted: AlertFilter) -> int:
    """Up to how many alerts a filter is counted; 0: not at all, since it may have to read everything."""
    if wanted.patterns:
        return 0
    return COUNTED_WORDS if (wanted.words or wanted.labels) and not wanted.is_open else COUNTED


def facet_bound_of(wanted: AlertFilter) -> int:
    """Over how many alerts the facets of a filter are counted."""
    reads_rows = wanted.words or wanted.labels or wanted.patterns
    return FACETED_WORDS if reads_rows and not wanted.is_open else COUNTED


async def _check_patterns(tx: Tx, patterns: Sequence[LabelPattern]) -> None:
    tried = [each for each in patterns if each.operator != "!="]
    try:  # by itself too: `a)|(b` is a pattern only between the anchors, and would slip out of them
        await tx.fetchval(SQL["check_patterns"], [*(each.value for each in tried), *map(_anchored, tried)])
    except asyncpg.InvalidRegularExpressionError as error:
        raise BadPatternError(fields=[FieldProblem(field="label", reason=str(error))]) from error
    await tx.execute(SQL["bound_patterns"])


async def arguments_of(tx: Tx, wanted: AlertFilter) -> tuple[object, ...]:  # long: a line per parameter
    """In the order of the queries' parameters, $1 to $34. One value is told apart from several: see `list_alerts`.

    Raises:
        BadPatternError: a pattern is not a regular expression.
    """
    await tx.plan_for_values()
    if wanted.patterns:
        await _check_patterns(tx, wanted.patterns)
    services = await _service_ids(tx, wanted.services, wanted.owners)
    has_nameless = wanted.owners is None and "" in (wanted.services or ())
    patterns = wanted.patterns or None
    urgencies = urgencies_of(wanted.statuses, wanted.severities)
    return (
        several(urgencies),
        one(urgencies),
        several(wanted.sources),
        wanted.fingerprints,
        services if has_nameless else several(services),
        wanted.after,
        wanted.before,
        await _words(tx, wanted.words),
        several(wanted.assignees),
        wanted.is_unassigned,
        wanted.labels or None,
        None if patterns is None else [each.key for each in patterns],
        None if patterns is None else [each.operator for each in patterns],
        None if patterns is None else [_anchored(each) for each in patterns],
        one(wanted.sources),
        None if has_nameless else one(services),
        one(wanted.assignees),
        several(wanted.groups),
        one(wanted.groups),
        wanted.is_muted,
        has_nameless,
        several(wanted.clusters),
        one(wanted.clusters),
        several(wanted.holders),
        one(wanted.holders),
        several(wanted.policies),
        one(wanted.policies),
        wanted.is_matched,
        wanted.not_sources,
        await _excluded_ids(tx, wanted.not_services),
        wanted.not_clusters,
        wanted.not_holders,
        wanted.not_policies,
        None if wanted.muted_by is None else [str(each) for each in wanted.muted_by],
    )


async def _service_ids(
    tx: Tx, names: Sequence[str] | None, owners: Sequence[str] | None
) -> Sequence[UUID] | None:  # fmt: skip
    if names is None and owners is None:
        return None
    return [row["id"] for row in await tx.fetch(SQL["load_service_ids"], names, owners)]


async def _excluded_ids(tx: Tx, names: Sequence[str] | None) -> Sequence[UUID] | None:
    found = await _service_ids(tx, names, None)
    return [*found, _NO_ID] if found is not None and "" in (names or ()) else found


async def _words(tx: Tx, words: str | None) -> str | None:
    if words is None:
        return None
    is_unfinished = words[-1:].isalnum() and not words.split()[-1].startswith("-")
    query: str = await tx.fetchval(SQL["read_words"], words, is_unfinished)
    return query


def _anchored(pattern: LabelPattern) -> str:
    return pattern.value if pattern.operator == "!=" else f"^(?:{pattern.value})$"


def several(values: Sequence[object] | None) -> Sequence[object] | None:
    """The values where there are none or more than one."""
    return None if values is None or len(values) == 1 else values


def one(values: Sequence[object] | None) -> object:
    """The value where there is one."""
    return values[0] if values is not None and len(values) == 1 else None
