"""Rosters, what stands beside their rotation, and the answers about them."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Literal
from uuid import UUID

import msgspec

Source = Literal["override", "pin", "rotation", "unassigned"]
Reason = Literal[
    "override", "pin", "in_turn", "stands_in", "no_members", "all_absent", "not_begun", "ended", "off_hours"
]
GAPS: frozenset[Reason] = frozenset({"not_begun", "ended", "off_hours"})
"""Reasons of an unassigned span that no roster was meant to cover; of the others somebody should have been there."""


class UnknownZoneError(ValueError):
    """The name is not in the IANA time zone database."""


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who takes turns from the handoff on `joined_on` until the handoff on `left_on`; None is without end."""

    user_id: UUID
    joined_on: date | None = None
    left_on: date | None = None


class Override(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody takes over for a span, [starts_at, ends_at). Of several, the one that starts last counts."""

    user_id: UUID
    starts_at: datetime
    ends_at: datetime
    override_id: UUID | None = None


class Pin(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody has the turn that runs at the instant `turn_at`, whoever's it is. Of several, the last one counts."""

    user_id: UUID
    turn_at: datetime


class Absence(msgspec.Struct, frozen=True, kw_only=True):
    """A person who cannot be on call, [starts_at, ends_at). An override beats leave; nothing beats `inactive`."""

    user_id: UUID
    starts_at: datetime
    ends_at: datetime | None = None
    kind: Literal["leave", "inactive"] = "leave"


class Roster(msgspec.Struct, frozen=True, kw_only=True):
    """People who take turns. `start_date` at `handoff_time` begins the first turn; `members` are in turn order.

    A turn lasts `rotation_days`, or `rotation_hours` when given, by the wall clock of `timezone` (IANA name).
    `handoff_day` (ISO weekday, for whole weeks alone) moves the handoffs to that day: the first turn is then short.
    `end_date` at `handoff_time` ends the roster. Outside active hours, which may wrap midnight, the linked
    roster answers. More than `max_weeks` in a row are too many for one person: it is told, and moves nobody.
    """

    roster_id: UUID
    timezone: str
    rotation_days: int = 7
    rotation_hours: int | None = None
    handoff_time: time
    handoff_day: int | None = None
    start_date: date
    end_date: date | None = None
    active_from: time | None = None
    active_until: time | None = None
    linked_roster_id: UUID | None = None
    max_weeks: int | None = None
    members: list[Member]
    overrides: list[Override] = []
    pins: list[Pin] = []

    @property
    def people(self) -> set[UUID]:
        """Everybody that an answer may name."""
        beside = {each.user_id for each in self.overrides} | {each.user_id for each in self.pins}
        return {each.user_id for each in self.members} | beside


class Book(msgspec.Struct, frozen=True, kw_only=True):
    """All that an answer depends on: rosters with those that they link to, and who is away."""

    rosters: Mapping[UUID, Roster]
    absences: Sequence[Absence] = ()


class OnCall(msgspec.Struct, frozen=True, kw_only=True):
    """Who is on call in a span, [starts_at, ends_at), and why. None as a bound: none within `HORIZON`.

    `secondary` is the next member in turn, or the displaced one while an override or a pin stands. `roster_id` is the
    roster that answered, of those that are linked. `skipped` had the turn before the primary and were away.
    """

    primary: UUID | None
    secondary: UUID | None
    starts_at: datetime | None
    ends_at: datetime | None
    source: Source
    reason: Reason
    roster_id: UUID | None = None
    turn: int | None = None
    override_id: UUID | None = None
    skipped: tuple[UUID, ...] = ()

    @property
    def is_gap(self) -> bool:
        """Nobody was meant to be on call."""
        return self.reason in GAPS


class Shift(msgspec.Struct, frozen=True, kw_only=True):
    """One person's unbroken stretch of one turn or one override, [starts_at, ends_at)."""

    user_id: UUID
    starts_at: datetime
    ends_at: datetime
    source: Source
    roster_id: UUID
    turn: int | None = None
    override_id: UUID | None = None
    skipped: tuple[UUID, ...] = ()
