"""What of the tenant's events a caller is shown, and from where a stream goes on. Pure."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from nightowl_auth.principal import Role

LONGEST_GAP = timedelta(hours=1)
"""Who was away for longer reads everything anew: that is less than what happened meanwhile."""

CLOCK_SLACK = timedelta(seconds=30)
"""Events are stored after they were made, by another host's clock."""

_UUID7_VERSION = 7
_END_OF_TIME = 253_402_300_799_000
"""In milliseconds, the last second of the year 9999. There are ids beyond it, though none of ours."""
_NEEDS: dict[str, Role] = {"config": "manager", "subscription": "manager"}
"""By the event's noun, what its route in the API needs; all others may be read by everybody of the tenant."""


def needed_role(noun: str) -> Role:
    """The role that an event's reader needs."""
    return _NEEDS.get(noun, "readonly")


def resume_from(event_id: UUID | None, now: datetime) -> datetime | None:
    """From when events must be read to find one again; None when it is none of ours, or too long ago.

    An event's id is a UUIDv7, which begins with its time in milliseconds (RFC 9562).
    """
    if event_id is None or event_id.version != _UUID7_VERSION:
        return None
    milliseconds = event_id.int >> 80
    if milliseconds > _END_OF_TIME:
        return None
    return begin_from(datetime.fromtimestamp(milliseconds / 1000, UTC), now)


def begin_from(since: datetime, now: datetime) -> datetime | None:
    """From when events must be read for whoever looked at `since`; None when that is too long ago, or to come."""
    return since - CLOCK_SLACK if now - LONGEST_GAP <= since <= now + CLOCK_SLACK else None
