"""Rosters as people edit them: rows, and the revisions that tell what was known when."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from uuid import UUID

import asyncpg
import msgspec

from nightowl_common.db import Tx, load_queries
from nightowl_contracts import Actor
from nightowl_query.model import RosterNotFoundError
from nightowl_query.model.rosters import (
    AlreadyMemberError,
    Override,
    OverrideContent,
    OverrideNotFoundError,
    Pin,
    PinContent,
    PinNotFoundError,
    Roster,
    RosterContent,
    RosterDetail,
    RosterInUseError,
    RosterNameTakenError,
    Stay,
)
from nightowl_query.store.books import Definition

SQL = load_queries(__package__, "rosters.sql")

_HIGHEST = UUID(int=(1 << 128) - 1)


class Locked(msgspec.Struct, frozen=True, kw_only=True):
    """A roster that is locked until the transaction ends."""

    id: UUID
    revision: int
    name: str
    created_at: datetime


async def list_rosters(tx: Tx, words: Sequence[str], *, below: UUID, limit: int) -> list[Roster]:
    """Rosters with an id below a bound, newest first, with their active members; all of the words are in each."""
    rows = await tx.fetch(SQL["list_rosters"], below, limit, None, words)
    return [msgspec.convert(dict(row), Roster) for row in rows]


async def count_rosters(tx: Tx, words: Sequence[str]) -> int:
    """How many rosters have every one of the words."""
    count: int = await tx.fetchval(SQL["count_rosters"], words)
    return count


async def load_roster(tx: Tx, roster_id: UUID) -> RosterDetail:
    """One roster with the overrides that are not over, and the pins of turns that may not be.

    Raises:
        RosterNotFoundError: there is none.
    """
    row = await tx.fetchrow(SQL["list_rosters"], _HIGHEST, 1, roster_id, [])
    if row is None:
        raise RosterNotFoundError
    now = await tx.now()
    overrides = [
        msgspec.convert(dict(each), Override) for each in await tx.fetch(SQL["list_overrides"], roster_id, now)
    ]
    pins = [msgspec.convert(dict(each), Pin) for each in await tx.fetch(SQL["list_pins"], roster_id, now)]
    return msgspec.convert({**dict(row), "overrides": overrides, "pins": pins}, RosterDetail)


async def lock_roster(tx: Tx, roster_id: UUID) -> Locked:
    """The roster's row, locked.

    Raises:
        RosterNotFoundError: there is none.
    """
    row = await tx.fetchrow(SQL["lock_roster"], roster_id)
    if row is None:
        raise RosterNotFoundError
    return msgspec.convert(dict(row), Locked)


async def insert_roster(tx: Tx, roster_id: UUID, content: RosterContent) -> None:
    """A new roster without members.

    Raises:
        RosterNameTakenError: another one has the name.
    """
    await _write(tx, SQL["insert_roster"], roster_id, content)


async def update_roster(tx: Tx, roster_id: UUID, content: RosterContent) -> None:
    """New content.

    Raises:
        RosterNameTakenError: another one has the name.
    """
    await _write(tx, SQL["update_roster"], roster_id, content)


async def delete_roster(tx: Tx, roster_id: UUID) -> None:
    """Gone, with all that belongs to it but its revisions.

    Raises:
        RosterInUseError: a policy or another roster names it.
    """
    try:
        await tx.execute(SQL["delete_roster"], roster_id)
    except asyncpg.ForeignKeyViolationError as error:
        raise RosterInUseError from error


async def bump_revision(tx: Tx, roster_id: UUID) -> int:
    """One revision further."""
    revision: int = await tx.fetchval(SQL["bump_revision"], roster_id)
    return revision


async def insert_revision(
    tx: Tx, roster_id: UUID, revision: int, who: Actor, *, change: str, definition: Definition
) -> None:
    """What is known from now on."""
    await tx.execute(SQL["insert_revision"], roster_id, revision, who, change, definition)


async def keep_first_revision(tx: Tx, roster: Locked, who: Actor, definition: Definition) -> None:
    """What was known until now, of a roster that has no revision yet."""
    arguments = roster.id, roster.revision, roster.created_at, who, definition
    await tx.execute(SQL["insert_first_revision"], *arguments)


async def load_links(tx: Tx, roster_id: UUID) -> list[tuple[UUID, str]]:
    """The roster and those that it links to, in order, each as (id, name)."""
    return [(row["id"], row["name"]) for row in await tx.fetch(SQL["load_links"], roster_id)]


async def find_active(tx: Tx, user_ids: Iterable[UUID]) -> set[UUID]:
    """Those of some people who are there and active."""
    return {row["id"] for row in await tx.fetch(SQL["load_active_users"], list(user_ids))}


async def list_stays(tx: Tx, roster_id: UUID) -> list[Stay]:
    """All members there ever were, in turn order."""
    return [msgspec.convert(dict(row), Stay) for row in await tx.fetch(SQL["list_members"], roster_id)]


async def insert_stay(tx: Tx, roster_id: UUID, stay: Stay) -> None:
    """A new member.

    Raises:
        AlreadyMemberError: the person has not left.
    """
    arguments = stay.id, roster_id, stay.user_id, stay.position, stay.joined_on, stay.left_on
    try:
        await tx.execute(SQL["insert_member"], *arguments)
    except asyncpg.UniqueViolationError as error:
        raise AlreadyMemberError from error


async def update_stay(tx: Tx, member_id: UUID, *, joined_on: date | None, left_on: date | None) -> None:
    """Other days.

    Raises:
        AlreadyMemberError: the person is there by another row.
    """
    try:
        await tx.execute(SQL["update_member"], member_id, joined_on, left_on)
    except asyncpg.UniqueViolationError as error:
        raise AlreadyMemberError from error


async def order_stays(tx: Tx, member_ids: Sequence[UUID]) -> None:
    """All members of a roster, in their new turn order."""
    await tx.execute(SQL["order_members"], list(member_ids))


async def delete_stay(tx: Tx, member_id: UUID) -> None:
    """As if it had never been."""
    await tx.execute(SQL["delete_member"], member_id)


async def load_override(tx: Tx, roster_id: UUID, override_id: UUID) -> OverrideContent:
    """One override.

    Raises:
        OverrideNotFoundError: the roster has none of this id.
    """
    row = await tx.fetchrow(SQL["find_override"], override_id, roster_id)
    if row is None:
        raise OverrideNotFoundError
    return OverrideContent(
        user_id=row["user_id"], starts_at=row["starts_at"], ends_at=row["ends_at"], reason=row["reason"]
    )


async def find_clash(
    tx: Tx, roster_id: UUID, content: OverrideContent, *, apart_from: UUID | None = None
) -> OverrideContent | None:
    """The first override of the roster that shares an instant with this one; None when there is none."""
    row = await tx.fetchrow(SQL["find_clash"], roster_id, content.starts_at, content.ends_at, apart_from)
    return None if row is None else msgspec.convert(dict(row), OverrideContent)


async def insert_override(tx: Tx, roster_id: UUID, override_id: UUID, content: OverrideContent) -> None:
    """A new override."""
    arguments = content.user_id, content.starts_at, content.ends_at, content.reason
    await tx.execute(SQL["insert_override"], override_id, roster_id, *arguments)


async def update_override(tx: Tx, override_id: UUID, content: OverrideContent) -> None:
    """Another person, span or reason."""
    arguments = content.user_id, content.starts_at, content.ends_at, content.reason
    await tx.execute(SQL["update_override"], override_id, *arguments)


async def delete_override(tx: Tx, override_id: UUID) -> None:
    """The rotation answers again."""
    await tx.execute(SQL["delete_override"], override_id)


async def load_pin(tx: Tx, roster_id: UUID, pin_id: UUID) -> PinContent:
    """One pin.

    Raises:
        PinNotFoundError: the roster has none of this id.
    """
    row = await tx.fetchrow(SQL["find_pin"], pin_id, roster_id)
    if row is None:
        raise PinNotFoundError
    return PinContent(user_id=row["user_id"], turn_at=row["turn_at"], reason=row["reason"])


async def upsert_pin(tx: Tx, roster_id: UUID, pin_id: UUID, content: PinContent) -> None:
    """A new pin, in place of another one of that turn."""
    await tx.execute(SQL["upsert_pin"], pin_id, roster_id, content.user_id, content.turn_at, content.reason)


async def delete_pin(tx: Tx, pin_id: UUID) -> None:
    """The rotation answers again."""
    await tx.execute(SQL["delete_pin"], pin_id)


async def _write(tx: Tx, statement: str, roster_id: UUID, content: RosterContent) -> None:
    hours = [None if each is None else time.fromisoformat(each) for each in (content.active_from, content.active_until)]
    try:
        await tx.execute(
            statement, roster_id, content.name, content.description, content.timezone, content.rotation_days,
            content.rotation_hours, time.fromisoformat(content.handoff_time), content.handoff_day, content.start_date,
            content.end_date, *hours, content.linked_roster_id, content.max_weeks,
        )  # fmt: skip
    except asyncpg.UniqueViolationError as error:
        raise RosterNameTakenError from error
