"""Quiet hours on a person's own clock. Pure."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from nightowl_alerting.calm.model import WEEKDAYS, QuietHours
from nightowl_oncall import UnknownZoneError, at_wall, zone_of

_DAY = timedelta(days=1)


def quiet_until(quiet: QuietHours | None, *, timezone: str | None, at: datetime) -> datetime | None:
    """When the quiet hours end that hold at an instant; None when none do.

    They are read on the clock of the zone, so a night with a change of the clock is an hour shorter or longer. A time
    that the clock skips is read as if it had not been changed, of one that comes twice the first counts. Where a
    person's zone is unknown, UTC stands in.
    """
    if quiet is None:
        return None
    zone = _zone(timezone)
    today = at.astimezone(zone).date()
    begin, end = time.fromisoformat(quiet.start_time), time.fromisoformat(quiet.end_time)
    for day in (today - _DAY, today, today + _DAY):
        if quiet.days and WEEKDAYS[day.weekday()] not in quiet.days:
            continue
        starts_at = at_wall(day, begin, zone)
        ends_at = at_wall(day if begin < end else day + _DAY, end, zone)
        if starts_at <= at < ends_at:
            return ends_at
    return None


def _zone(name: str | None) -> ZoneInfo:
    try:
        return zone_of(name or "UTC")
    except UnknownZoneError:
        return ZoneInfo("UTC")
