"""A change of who is on call is one commit: rows, revision, audit, event. And who may make it."""

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Annotated
from uuid import UUID

from litestar.params import HeaderParameter

from nightowl_alerting.store import insert_audit
from nightowl_auth import Principal
from nightowl_common.db import Tx
from nightowl_common.errors import FieldProblem, InvalidError
from nightowl_common.ids import new_id
from nightowl_contracts import RosterChanged, RosterSummary
from nightowl_query.api.edge import require_revision
from nightowl_query.model.duties import NotYoursError
from nightowl_query.store import books
from nightowl_query.store import rosters as store
from nightowl_query.store.rosters import Locked

IfMatch = Annotated[
    str | None, HeaderParameter(name="If-Match", description="The roster's ETag that was read; else 412.")
]


class Note:
    """What a change says about itself, for the audit log."""

    def __init__(self, change: str, action: str) -> None:
        self.change = change
        self.action = action
        self.details: dict[str, object] = {}

    def tell(self, **details: object) -> None:
        """More of what was done."""
        self.details.update(details)


@asynccontextmanager
async def changing(
    tx: Tx, who: Principal, roster_id: UUID, *, change: str, action: str, if_match: str | None = None
) -> AsyncIterator[Note]:
    """The roster is locked; what the body writes is a new revision of it, known from now on.

    Raises:
        RosterNotFoundError: there is no such roster.
        StaleRevisionError: the caller has seen an older revision.
    """
    before = await store.lock_roster(tx, roster_id)
    require_revision(if_match, before.revision)
    await store.keep_first_revision(tx, before, who.actor, await books.load_definition(tx, roster_id))
    note = Note(change, action)
    yield note
    revision = await store.bump_revision(tx, roster_id)
    await keep_revision(tx, who, roster_id, note, revision=revision)


async def keep_revision(tx: Tx, who: Principal, roster_id: UUID, note: Note, *, revision: int) -> None:
    """Revision, audit and event of a roster as it stands now."""
    definition = await books.load_definition(tx, roster_id)
    await store.insert_revision(tx, roster_id, revision, who.actor, change=note.change, definition=definition)
    await tell(tx, who, roster_id, note, revision=revision, name=definition.name)


async def delete_roster(tx: Tx, who: Principal, roster: Locked) -> None:
    """A locked roster ends. What was known of it stays.

    Raises:
        RosterInUseError: a policy or another roster names it.
    """
    definition = await books.load_definition(tx, roster.id)
    await store.keep_first_revision(tx, roster, who.actor, definition)
    await store.delete_roster(tx, roster.id)
    note = Note(books.DELETED, "deleted")
    revision = roster.revision + 1
    await store.insert_revision(tx, roster.id, revision, who.actor, change=note.change, definition=definition)
    note.tell(name=definition.name)
    await tell(tx, who, roster.id, note, revision=revision, name=definition.name)


async def tell(tx: Tx, who: Principal, roster_id: UUID, note: Note, *, revision: int, name: str) -> None:
    """Audit and event."""
    details = {"change": note.change, "revision": revision, **note.details}
    await insert_audit(tx, who.actor, action=note.action, entity="roster", entity_id=roster_id, changes=details)
    summary = RosterSummary(roster_id=roster_id, revision=revision, name=name, change=note.change)
    tx.emit(RosterChanged(id=new_id(), tenant=who.tenant, at=await tx.now(), actor=who.actor, data=summary))


async def require_people(tx: Tx, wanted: Mapping[str, UUID]) -> None:
    """Does nothing when all of them (field → person) are there and active.

    Raises:
        InvalidError: with the field of each who is not.
    """
    active = await store.find_active(tx, wanted.values())
    wrong = [
        FieldProblem(field=field, reason=f"no active person has the id {user_id}")
        for field, user_id in wanted.items()
        if user_id not in active
    ]
    if wrong:
        raise InvalidError(fields=wrong)


async def require_no_circle(
    tx: Tx, roster_id: UUID, linked_roster_id: UUID | None, *, field: str = "$.linked_roster_id"
) -> None:
    """Does nothing when the links that begin with this one end.

    Raises:
        InvalidError: there is no such roster, or its links lead back.
    """
    if linked_roster_id is None:
        return
    links = await store.load_links(tx, linked_roster_id)
    if not links:
        raise InvalidError(fields=[FieldProblem(field=field, reason="no roster has this id")])
    ids = [each for each, _ in links]
    if roster_id in ids:
        way = " → ".join(name for _, name in links[: ids.index(roster_id) + 1])
        raise InvalidError(fields=[FieldProblem(field=field, reason=f"leads back in a circle: {way}")])


def require_own(who: Principal, people: Iterable[UUID]) -> None:
    """Does nothing when the caller is one of these people, or a manager.

    Raises:
        NotYoursError: neither.
    """
    if not who.may("manager") and who.user_id not in set(people):
        raise NotYoursError
