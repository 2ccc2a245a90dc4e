"""What a change of a roster would do, before it is saved. Nothing is changed here."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from litestar import post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from nightowl_auth import Principal, requires
from nightowl_common.db import Database, Tx
from nightowl_common.errors import FieldProblem, InvalidError
from nightowl_oncall import Book, Member, Shift, UnknownZoneError, shifts_between
from nightowl_query.api import roster_changes as changes
from nightowl_query.api.edge import problems
from nightowl_query.api.schedules import TAGS, UnusableZoneError, load_library
from nightowl_query.engine import rosters as rules
from nightowl_query.engine import schedules as engine
from nightowl_query.engine.stays import after_step
from nightowl_query.model import Person
from nightowl_query.model.rosters import AddedMember, ChangedMember, MemberNew, MemberStep, OverrideContent, PinContent
from nightowl_query.model.schedules import Preview, PreviewOrder, PreviewSide
from nightowl_query.store import books
from nightowl_query.store import rosters as store


@post(
    "/rosters/{roster_id:uuid}/preview", operation_id="previewRoster", tags=TAGS, status_code=200,
    summary="What a change would do, before it is saved", guards=[requires("readonly")],
    responses=problems(404, 409, 413, 422),
)  # fmt: skip
async def preview_roster(
    roster_id: FromPath[UUID],
    data: JSONBody[PreviewOrder],
    principal: NamedDependency[Principal],
    database: NamedDependency[Database],
) -> Preview:
    """Shifts, gaps, rests under 11 h, clashes with leave and each one's load, before and after; and who gains hours."""
    start, end = data.starts_at, data.ends_at
    rules.check_span(start, end, names=("$.starts_at", "$.ends_at"))
    _check_order(data)
    async with database.tenant_tx(principal.tenant) as tx:
        await changes.require_people(tx, _named(data))
        linked = None if data.definition is None else data.definition.linked_roster_id
        await changes.require_no_circle(tx, roster_id, linked, field="$.definition.linked_roster_id")
        library = await load_library(tx, roster_id, start=start, end=end, linked=linked)
        after = _after(library.book, roster_id, data)
        if data.member_step is not None:
            after = await _after_step(tx, after, roster_id, data.member_step)
        people = await books.load_people(tx, [*library.people, *after.rosters[roster_id].people])
    past = await asyncio.to_thread(_past, library.book, after, roster_id, start)
    sides = [
        await asyncio.to_thread(_side, book, roster_id, people, start, end, past) for book in (library.book, after)
    ]
    return Preview(before=sides[0], after=sides[1], changes=engine.compare(sides[0], sides[1]))


HANDLERS = [preview_roster]


def _past(before: Book, after: Book, roster_id: UUID, start: datetime) -> list[Shift]:
    """The shifts before a preview, as far back as a run of weeks that is too long must be seen."""
    bounds = [each.rosters[roster_id].max_weeks or 0 for each in (before, after)]
    if not max(bounds):
        return []
    try:
        return shifts_between(before, roster_id, start - timedelta(weeks=max(bounds)), start)
    except UnknownZoneError as error:
        raise UnusableZoneError(str(error)) from error


def _side(
    book: Book, roster_id: UUID, people: dict[UUID, Person], start: datetime, end: datetime, past: list[Shift]
) -> PreviewSide:  # fmt: skip
    try:
        return engine.tell_side(book, roster_id, people, start=start, end=end, past=past)
    except UnknownZoneError as error:
        raise UnusableZoneError(str(error)) from error


async def _after_step(tx: Tx, book: Book, roster_id: UUID, step: MemberStep) -> Book:
    """The book with one member changed, by the rules of the call that would do it."""
    roster = book.rosters[roster_id]
    stays = after_step(await store.list_stays(tx, roster_id), step, roster, await tx.now())
    members = [Member(user_id=each.user_id, joined_on=each.joined_on, left_on=each.left_on) for each in stays]
    changed = msgspec.structs.replace(roster, members=members)
    return msgspec.structs.replace(book, rosters={**book.rosters, roster_id: changed})


def _check_order(order: PreviewOrder) -> None:
    if order.members is not None and order.member_step is not None:
        raise InvalidError(fields=[FieldProblem(field="$.member_step", reason="members, or a step of one: not both")])
    if isinstance(order.member_step, AddedMember | ChangedMember):
        content = order.member_step.content
        rules.check_stay(content.joined_on, content.left_on, at="$.member_step.content")
    if order.definition is not None:
        rules.check_content(order.definition, at="$.definition")
    for place, member in enumerate(order.members or ()):
        rules.check_stay(member.joined_on, member.left_on, at=f"$.members[{place}]")
    for place, override in enumerate(order.overrides or ()):
        names = f"$.overrides[{place}].starts_at", f"$.overrides[{place}].ends_at"
        rules.check_span(override.starts_at, override.ends_at, names=names)
    for place, pin in enumerate(order.pins or ()):
        rules.check_moment(pin.turn_at, name=f"$.pins[{place}].turn_at")


def _named(order: PreviewOrder) -> dict[str, UUID]:
    lists: dict[str, Sequence[MemberNew | OverrideContent | PinContent] | None] = {
        "members": order.members,
        "overrides": order.overrides,
        "pins": order.pins,
    }
    named = {
        f"$.{name}[{place}].user_id": each.user_id
        for name, items in lists.items()
        for place, each in enumerate(items or ())
    }
    if isinstance(order.member_step, AddedMember):
        named["$.member_step.content.user_id"] = order.member_step.content.user_id
    return named


def _after(book: Book, roster_id: UUID, order: PreviewOrder) -> Book:
    """The book as it would be."""
    roster = book.rosters[roster_id]
    members = roster.members if order.members is None else [rules.to_member(each) for each in order.members]
    overrides = roster.overrides if order.overrides is None else [rules.to_override(each) for each in order.overrides]
    pins = roster.pins if order.pins is None else [rules.to_pin(each) for each in order.pins]
    if order.definition is None:
        changed = msgspec.structs.replace(roster, members=members, overrides=overrides, pins=pins)
    else:
        changed = rules.to_rota(roster_id, order.definition, members, overrides, pins)
    return msgspec.structs.replace(book, rosters={**book.rosters, roster_id: changed})
