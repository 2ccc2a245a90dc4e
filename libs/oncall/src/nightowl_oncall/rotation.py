"""The rotation: which shift covers an instant, and who holds it."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from nightowl_oncall.model import OnCall, Override, Roster, Shift, UnknownZoneError

UNASSIGNED = OnCall(primary=None, secondary=None, starts_at=None, ends_at=None, source="unassigned")


def on_call_at(roster: Roster, overrides: Sequence[Override], at: datetime) -> OnCall:
    """Who is on call at an instant: an override if one stands, else the rotation, else nobody (said plainly).

    Raises:
        UnknownZoneError: the roster's zone does not exist.
    """
    rotation = _by_rotation(roster, at)
    standing = [each for each in overrides if each.starts_at <= at < each.ends_at]
    if not standing:
        return _until_next_override(rotation, overrides, at)
    override = max(standing, key=lambda each: (each.starts_at, each.user_id))
    displaced = rotation.primary if rotation.primary != override.user_id else rotation.secondary
    return OnCall(
        primary=override.user_id,
        secondary=displaced,
        starts_at=override.starts_at,
        ends_at=override.ends_at,
        source="override",
    )


def shift_at(roster: Roster, at: datetime) -> Shift | None:
    """The shift that covers an instant, or None before the start and from the end on."""
    zone = _zone(roster.timezone)
    if at < _handoff(roster, roster.start_date, zone):
        return None
    if roster.end_date is not None and at >= _handoff(roster, roster.end_date, zone):
        return None
    days = (at.astimezone(zone).date() - roster.start_date).days
    number = max(0, days // roster.rotation_days)
    if at < _shift_start(roster, number, zone):  # the day has come, the handoff has not
        number -= 1
    return Shift(number=number, starts_at=_shift_start(roster, number, zone), ends_at=_shift_end(roster, number, zone))


def _by_rotation(roster: Roster, at: datetime) -> OnCall:
    shift = shift_at(roster, at)
    if shift is None or not roster.members:
        return UNASSIGNED
    count = len(roster.members)
    secondary: UUID | None = roster.members[(shift.number + 1) % count] if count > 1 else None
    return OnCall(
        primary=roster.members[shift.number % count],
        secondary=secondary,
        starts_at=shift.starts_at,
        ends_at=shift.ends_at,
        source="rotation",
    )


def _until_next_override(answer: OnCall, overrides: Sequence[Override], at: datetime) -> OnCall:
    """The rotation's answer holds only between overrides."""
    later = [each.starts_at for each in overrides if each.starts_at > at]
    earlier = [each.ends_at for each in overrides if each.ends_at <= at]
    if answer.starts_at is None or answer.ends_at is None:
        return answer
    return msgspec.structs.replace(
        answer, starts_at=max([answer.starts_at, *earlier]), ends_at=min([answer.ends_at, *later])
    )


def _shift_start(roster: Roster, number: int, zone: ZoneInfo) -> datetime:
    return _handoff(roster, roster.start_date + timedelta(days=number * roster.rotation_days), zone)


def _shift_end(roster: Roster, number: int, zone: ZoneInfo) -> datetime:
    end = _shift_start(roster, number + 1, zone)
    return end if roster.end_date is None else min(end, _handoff(roster, roster.end_date, zone))


def _handoff(roster: Roster, day: date, zone: ZoneInfo) -> datetime:
    """The instant of a handoff. A time that the clock skips counts as if it had not been skipped yet; of one that it
    shows twice, the first counts (PEP 495, fold=0).
    """
    return datetime.combine(day, roster.handoff_time, tzinfo=zone).astimezone(UTC)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UnknownZoneError(f"unknown time zone {name!r}") from error
