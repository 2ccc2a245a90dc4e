"""Rosters as the arithmetic wants them, as they are or as they were known at an instant."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec

from nightowl_common.db import Tx, load_queries
from nightowl_oncall import HORIZON, Absence, Book
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
    """A book, what its rosters are called, and in which revision each of them is.

    `at` is where the span begins that it is for. `persons` are those that an answer may name, in a library of now, and
    `text` is all that was read for it: equal texts, equal answers.
    """

    at: datetime
    text: str = ""
    book: Book
    names: dict[UUID, str]
    revisions: dict[UUID, int]
    persons: dict[UUID, Person] = {}

    @property
    def people(self) -> list[UUID]:
        """Everybody that an answer may name."""
        return list({user_id for rota in self.book.rosters.values() for user_id in rota.people})


class _Roster(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    description: str
    revision: int
    created_at: datetime
    is_revised: bool
    rota: Rota


class _Found(msgspec.Struct, frozen=True, kw_only=True):
    rosters: list[_Roster]
    absences: list[Absence]
    people: list[Person]

    def only(self, roster_id: UUID) -> _Roster | None:
        return next((each for each in self.rosters if each.rota.roster_id == roster_id), None)


_READER = msgspec.json.Decoder(_Found)


async def load_library(
    tx: Tx, roster_ids: Sequence[UUID] | None, *, start: datetime | None, end: datetime | None
) -> Library:
    """Rosters (None: all) with those they link to, and all that matters around a span of time, as it is now.

    None as a bound: the database's now.
    """
    at, text = await _read(tx, roster_ids, start=start, end=end)
    found = _READER.decode(text)
    return Library(
        at=at,
        text=text,
        book=Book(rosters={each.rota.roster_id: each.rota for each in found.rosters}, absences=found.absences),
        names={each.rota.roster_id: each.name for each in found.rosters},
        revisions={each.rota.roster_id: each.revision for each in found.rosters},
        persons={each.id: each for each in found.people},
    )


async def load_known_library(
    tx: Tx, roster_id: UUID, *, start: datetime, end: datetime, known_at: datetime
) -> Library:  # fmt: skip
    """The same as it was known at an instant; without the roster if there was none then, and without persons.

    A roster that was never changed since revisions are kept has none, and is as it stands.
    """
    rotas: dict[UUID, Rota] = {}
    names: dict[UUID, str] = {}
    revisions: dict[UUID, int] = {}
    following: UUID | None = roster_id
    while following is not None and following not in rotas:
        known = await _load_known(tx, following, start=start, end=end, known_at=known_at)
        if known is None:
            break
        definition, revisions[following] = known
        rotas[following], names[following] = definition.rota, definition.name
        following = definition.rota.linked_roster_id
    away = await _find(tx, [], start=start, end=end, known_at=known_at)
    book = Book(rosters=rotas, absences=away.absences)
    return Library(at=start, book=book, names=names, revisions=revisions)


async def load_definition(tx: Tx, roster_id: UUID) -> Definition:
    """A roster as it stands, whole, for its revision."""
    start = await tx.now() - KEPT_IN_REVISIONS
    found = await _find(tx, [roster_id], start=start, end=_ALWAYS, around=timedelta())
    roster = found.only(roster_id)
    assert roster is not None
    return Definition(name=roster.name, description=roster.description, rota=roster.rota)


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
    found = await _find(tx, [roster_id], start=start, end=end, known_at=known_at)
    roster = found.only(roster_id)
    if roster is None or roster.is_revised or roster.created_at > known_at:
        return None
    return Definition(name=roster.name, rota=roster.rota), roster.revision


async def _find(
    tx: Tx, roster_ids: Sequence[UUID], *, start: datetime, end: datetime, around: timedelta = AROUND,
    known_at: datetime = _ALWAYS,
) -> _Found:  # fmt: skip
    _at, text = await _read(tx, roster_ids, start=start, end=end, around=around, known_at=known_at)
    return _READER.decode(text)


async def _read(
    tx: Tx, roster_ids: Sequence[UUID] | None, *, start: datetime | None, end: datetime | None,
    around: timedelta = AROUND, known_at: datetime = _ALWAYS,
) -> tuple[datetime, str]:  # fmt: skip
    ids = None if roster_ids is None else list(roster_ids)
    row = await tx.fetchrow(SQL["load_library"], ids, start, end, around, known_at, _LONGEST_TURN)
    assert row is not None
    return row["at"], row["found"]
