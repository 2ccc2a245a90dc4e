"""Rosters as the arithmetic wants them, as they are or as they were known at an instant."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec

from nightowl_common.db import Record, Tx, load_queries
from nightowl_oncall import HORIZON, Absence, Book, Override, Pin
from nightowl_oncall import Roster as Rota
from nightowl_query.model import Person

SQL = load_queries(__package__, "books.sql")

AROUND = HORIZON / 2
"""What lies further from a question than this is not read; a span's bounds there are not known."""

KEPT_IN_REVISIONS = timedelta(days=400)
"""Overrides and pins that were over for longer than this are left out of a revision."""

DELETED = "deleted"
"""The change that a roster's last revision tells of."""

_LONGEST_TURN = timedelta(days=367)
_ALWAYS = datetime(9000, 1, 1, tzinfo=UTC)
"""Known by then: as it is now."""


class Definition(msgspec.Struct, frozen=True, kw_only=True):
    """A roster in one revision: what `roster_revisions` keeps, word for word."""

    name: str
    description: str = ""
    rota: Rota


class Library(msgspec.Struct, frozen=True, kw_only=True):
    """A book, what its rosters are called, and in which revision each of them is."""

    book: Book
    names: dict[UUID, str]
    revisions: dict[UUID, int]

    @property
    def people(self) -> list[UUID]:
        """Everybody that an answer may name."""
        return list({user_id for rota in self.book.rosters.values() for user_id in rota.people})


async def load_library(tx: Tx, roster_ids: Sequence[UUID] | None, *, start: datetime, end: datetime) -> Library:
    """Rosters (None: all) with those they link to, and all that matters around a span of time, as it is now."""
    rows = await tx.fetch(SQL["load_rotas"], None if roster_ids is None else list(roster_ids))
    rotas = await _complete(tx, rows, start=start - AROUND, end=end + AROUND, known_at=_ALWAYS)
    absences = await _absences(tx, start=start - AROUND, end=end + AROUND, known_at=_ALWAYS)
    return Library(
        book=Book(rosters=rotas, absences=absences),
        names={row["roster_id"]: row["name"] for row in rows},
        revisions={row["roster_id"]: row["revision"] for row in rows},
    )


async def load_known_library(
    tx: Tx, roster_id: UUID, *, start: datetime, end: datetime, known_at: datetime
) -> Library:  # fmt: skip
    """The same as it was known at an instant; without the roster if there was none then.

    A roster that was never changed since revisions are kept has none, and is as it stands.
    """
    rotas: dict[UUID, Rota] = {}
    names: dict[UUID, str] = {}
    revisions: dict[UUID, int] = {}
    following: UUID | None = roster_id
    while following is not None and following not in rotas:
        found = await _load_known(tx, following, start=start, end=end, known_at=known_at)
        if found is None:
            break
        definition, revisions[following] = found
        rotas[following], names[following] = definition.rota, definition.name
        following = definition.rota.linked_roster_id
    absences = await _absences(tx, start=start - AROUND, end=end + AROUND, known_at=known_at)
    return Library(book=Book(rosters=rotas, absences=absences), names=names, revisions=revisions)


async def load_definition(tx: Tx, roster_id: UUID) -> Definition:
    """A roster as it stands, whole, for its revision."""
    [row] = [each for each in await tx.fetch(SQL["load_rotas"], [roster_id]) if each["roster_id"] == roster_id]
    start = await tx.now() - KEPT_IN_REVISIONS
    rotas = await _complete(tx, [row], start=start, end=_ALWAYS, known_at=_ALWAYS)
    return Definition(name=row["name"], description=row["description"], rota=rotas[roster_id])


async def list_changes(tx: Tx, library: Library, *, before: datetime, after: datetime, limit: int) -> list[datetime]:
    """When what was known about a library's rosters and people changed, newest first."""
    arguments = list(library.book.rosters), library.people, before, after, limit
    return [row["at"] for row in await tx.fetch(SQL["list_changes"], *arguments)]


async def load_people(tx: Tx, user_ids: Iterable[UUID | None]) -> dict[UUID, Person]:
    """Names and zones, by id."""
    wanted = {each for each in user_ids if each is not None}
    rows = await tx.fetch(SQL["load_people"], list(wanted)) if wanted else []
    return {row["id"]: msgspec.convert(dict(row), Person) for row in rows}


async def _load_known(
    tx: Tx, roster_id: UUID, *, start: datetime, end: datetime, known_at: datetime
) -> tuple[Definition, int] | None:
    row = await tx.fetchrow(SQL["load_known"], [roster_id], known_at)
    if row is not None and row["change"] == DELETED:
        return None
    if row is not None:
        return msgspec.convert(row["definition"], Definition), row["revision"]
    rows = await tx.fetch(SQL["load_rotas"], [roster_id])
    found = next((each for each in rows if each["roster_id"] == roster_id), None)
    if found is None or found["is_revised"] or found["created_at"] > known_at:
        return None
    rotas = await _complete(tx, [found], start=start - AROUND, end=end + AROUND, known_at=known_at)
    return Definition(name=found["name"], rota=rotas[roster_id]), found["revision"]


async def _complete(
    tx: Tx, rows: Sequence[Record], *, start: datetime, end: datetime, known_at: datetime
) -> dict[UUID, Rota]:
    ids = [row["roster_id"] for row in rows]
    overrides: dict[UUID, list[Override]] = {each: [] for each in ids}
    for row in await tx.fetch(SQL["load_overrides"], ids, start, end, known_at):
        overrides[row["roster_id"]].append(msgspec.convert(dict(row), Override))
    pins: dict[UUID, list[Pin]] = {each: [] for each in ids}
    for row in await tx.fetch(SQL["load_pins"], ids, start - _LONGEST_TURN, end + _LONGEST_TURN, known_at):
        pins[row["roster_id"]].append(msgspec.convert(dict(row), Pin))
    return {
        row["roster_id"]: msgspec.convert(
            {**dict(row), "overrides": overrides[row["roster_id"]], "pins": pins[row["roster_id"]]}, Rota
        )
        for row in rows
    }


async def _absences(tx: Tx, *, start: datetime, end: datetime, known_at: datetime) -> list[Absence]:
    return [msgspec.convert(dict(row), Absence) for row in await tx.fetch(SQL["load_absences"], start, end, known_at)]
