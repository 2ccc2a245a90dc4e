"""What a span of time was like."""

from datetime import datetime

import msgspec

from nightowl_common.db import Tx, load_queries
from nightowl_query.model.insight import MAX_ROWS, TOP, RepeatOffender, Tally, TierLateness, UnmatchedTitle
from nightowl_query.model.now import PagedPerson
from nightowl_query.model.people import Person

SQL = load_queries(__package__, "insight.sql")


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """[start, end), with days by the clock of a zone."""

    start: datetime
    end: datetime
    zone: str


async def tally_alerts(tx: Tx, span: Span) -> list[Tally]:
    """The alerts that opened: by day and severity, by day, by severity, and all together."""
    rows = await tx.fetch(SQL["tally_alerts"], span.start, span.end, MAX_ROWS, span.zone)
    return [msgspec.convert(_without_nothing(dict(row)), Tally) for row in rows]


async def list_offenders(tx: Tx, span: Span) -> list[RepeatOffender]:
    """The problems that came back most."""
    rows = await tx.fetch(SQL["list_offenders"], span.start, span.end, MAX_ROWS, TOP)
    return [msgspec.convert(dict(row), RepeatOffender) for row in rows]


async def list_unmatched(tx: Tx, span: Span) -> list[UnmatchedTitle]:
    """The titles for which nothing is known, the most frequent first."""
    rows = await tx.fetch(SQL["list_unmatched"], span.start, span.end, MAX_ROWS, TOP)
    return [msgspec.convert(dict(row), UnmatchedTitle) for row in rows]


async def list_page_times(tx: Tx, span: Span) -> list[PagedPerson]:
    """Who was paged, and when."""
    return [
        PagedPerson(
            person=Person(id=row["id"], display_name=row["display_name"], timezone=row["timezone"]), times=row["times"]
        )
        for row in await tx.fetch(SQL["list_page_times"], span.start, span.end, MAX_ROWS)
    ]


async def list_lateness(tx: Tx, span: Span) -> list[TierLateness]:
    """How late each tier fired."""
    return [
        TierLateness(
            tier=row["tier"],
            count=row["count"],
            p50_seconds=row["late"][0],
            p99_seconds=row["late"][1],
            within_second_share=row["within_second_share"],
        )
        for row in await tx.fetch(SQL["list_lateness"], span.start, span.end, MAX_ROWS)
    ]


def _without_nothing(row: dict[str, object]) -> dict[str, object]:
    """Without alerts that were taken or ended there are no times; Postgres says so with a null, or nulls in a list."""
    return {name: None if value == [None, None] else value for name, value in row.items()}
