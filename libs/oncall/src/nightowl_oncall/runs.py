"""Who has the duty for many weeks in a row."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from nightowl_oncall.model import Roster, Shift
from nightowl_oncall.zones import wall_of, zone_of

WEEK = timedelta(days=7)


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch in which one person has the duty of a roster, and nobody else of it in between."""

    user_id: UUID
    starts_at: datetime
    ends_at: datetime


def runs_of(shifts: Iterable[Shift], roster_id: UUID) -> list[Run]:
    """The runs in shifts that are in order. What another roster covers is none; a pause of a week ends one."""
    runs: list[Run] = []
    for shift in shifts:
        if shift.roster_id != roster_id:
            continue
        last = runs[-1] if runs else None
        if last is not None and last.user_id == shift.user_id and shift.starts_at - last.ends_at < WEEK:
            runs[-1] = msgspec.structs.replace(last, ends_at=shift.ends_at)
        else:
            runs.append(Run(user_id=shift.user_id, starts_at=shift.starts_at, ends_at=shift.ends_at))
    return runs


def weeks_of(run: Run, zone: str) -> float:
    """How long a run is by the clock of a zone: a week is one, also when the clock changes in it.

    Raises:
        UnknownZoneError: there is no such zone.
    """
    clock = zone_of(zone)
    return (wall_of(run.ends_at, clock) - wall_of(run.starts_at, clock)) / WEEK


def long_runs(shifts: Iterable[Shift], roster: Roster) -> list[Run]:
    """Runs that are longer than the roster allows, in order; none where it sets no bound.

    Raises:
        UnknownZoneError: the zone of the roster does not exist.
    """
    if roster.max_weeks is None:
        return []
    return [each for each in runs_of(shifts, roster.roster_id) if weeks_of(each, roster.timezone) > roster.max_weeks]
