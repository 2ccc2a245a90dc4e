"""Facets: how many alerts have which value, under the other filters."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from nightowl_common.db import Record, Tx, load_queries
from nightowl_query.model import Facets, FacetValue
from nightowl_query.store.alert_filters import AlertFilter, arguments_of, facet_bound_of

SQL = load_queries(__package__, "facets.sql")

_COLUMNS = ("severity", "source", "service", "cluster", "holder", "policy", "is_matched")
"""In the order of Postgres's `grouping()`: a bit for each column that the row is not grouped by."""

_ALL = (1 << len(_COLUMNS)) - 1
_COLUMN_OF = {_ALL ^ (1 << place): name for place, name in enumerate(reversed(_COLUMNS))}

_NOTHING: Mapping[str, Any] = {
    "severity": {"severities": None},
    "source": {"sources": None, "not_sources": None},
    "service": {"services": None, "not_services": None},
    "cluster": {"clusters": None, "not_clusters": None},
    "holder": {"holders": None, "not_holders": None},
    "policy": {"policies": None, "not_policies": None},
    "is_matched": {"is_matched": None},
}
"""What lifts the filter on a facet itself: its other values are counted too, so that they can be chosen."""


class _Counts(msgspec.Struct, frozen=True, kw_only=True):
    total: int
    bound: int
    values: Mapping[str, list[FacetValue]]

    @property
    def is_exact(self) -> bool:
        return self.total <= self.bound


async def list_facets(tx: Tx, wanted: AlertFilter) -> Facets:
    """How many alerts have which value, each facet under the filters on the others.

    Raises:
        BadPatternError: a pattern is not a regular expression.
    """
    counts = await _count_values(tx, wanted)
    found = dict.fromkeys(_COLUMNS, counts)
    for name, nothing in _NOTHING.items():
        lifted = msgspec.structs.replace(wanted, **nothing)
        if lifted != wanted:
            found[name] = await _count_values(tx, lifted)
    statuses = await _count_statuses(tx, msgspec.structs.replace(wanted, statuses=None))
    values = {name: each.values[name] for name, each in found.items()}
    return Facets(
        total=min(counts.total, counts.bound),
        is_exact=counts.is_exact,
        cut=[*_cut({"status": statuses}), *_cut(found)],
        status=statuses.values["status"],
        knowledge=values.pop("is_matched"),
        **values,
    )


async def _count_values(tx: Tx, wanted: AlertFilter) -> _Counts:
    values: dict[str, list[FacetValue]] = {name: [] for name in _COLUMNS}
    total, bound = 0, facet_bound_of(wanted)
    for row in await tx.fetch(SQL["count_values"], *await arguments_of(tx, wanted), bound + 1):
        if row["facet"] == _ALL:
            total = row["count"]
        else:
            name = _COLUMN_OF[row["facet"]]
            values[name].append(_value(row, name))
    return _Counts(total=total, bound=bound, values=values)


async def _count_statuses(tx: Tx, wanted: AlertFilter) -> _Counts:
    bound = facet_bound_of(wanted)
    rows = await tx.fetch(SQL["count_statuses"], *await arguments_of(tx, wanted), bound + 1)
    values = [FacetValue(value=row["status"], count=row["count"]) for row in rows]
    return _Counts(total=sum(each.count for each in values), bound=bound, values={"status": values})


def _value(row: Record, name: str) -> FacetValue:
    value = row[name]
    if name == "is_matched":
        value = "true" if value else "false"
    return FacetValue(value=value, count=row["count"], name=row["name"] if name in {"holder", "policy"} else None)


def _cut(found: Mapping[str, _Counts]) -> Iterable[str]:
    return ("knowledge" if name == "is_matched" else name for name, each in found.items() if not each.is_exact)
