"""Wall clock to instant and back.

A wall-clock time that a zone skips or shows twice is read as RFC 5545, section 3.3.5, says: a skipped one with the
offset from before the gap (02:30 becomes 03:30), a doubled one as its first occurrence. That is `fold=0` of PEP 495.
"""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from nightowl_oncall.model import UnknownZoneError


def zone_of(name: str) -> ZoneInfo:
    """The zone of an IANA name.

    Raises:
        UnknownZoneError: there is none.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UnknownZoneError(f"unknown time zone {name!r}") from error


def instant_of(wall: datetime, zone: ZoneInfo) -> datetime:
    """The instant, in UTC, of a wall-clock time without zone."""
    return wall.replace(tzinfo=zone, fold=0).astimezone(UTC)


def at_wall(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The instant, in UTC, of a time on a day."""
    return instant_of(datetime.combine(day, at), zone)


def wall_of(at: datetime, zone: ZoneInfo) -> datetime:
    """What the clocks of a zone show at an instant."""
    return at.astimezone(zone).replace(tzinfo=None)
