"""What a roster may be, as rules over what was written; and a roster as the arithmetic wants it. Pure."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from uuid import UUID

from nightowl_common.errors import FieldProblem, InvalidError
from nightowl_oncall import Member, Override, Pin, UnknownZoneError, at_wall, zone_of
from nightowl_oncall import Roster as Rota
from nightowl_query.model.rosters import MemberNew, OverrideContent, PinContent, RosterContent

FIRST_YEAR, LAST_YEAR = 1970, 2199
LONGEST_SPAN = timedelta(days=366)
WEEK = 7


def check_content(content: RosterContent, *, at: str = "$") -> None:
    """Does nothing when the roster can be.

    Raises:
        InvalidError: with every field that is wrong.
    """
    wrong = [
        *check_zone(content.timezone, at),
        *_check_days(content.start_date, content.end_date, f"{at}.start_date", f"{at}.end_date"),
    ]
    hours = (content.active_from, content.active_until)
    if (hours[0] is None) != (hours[1] is None):
        wrong.append(FieldProblem(field=f"{at}.active_from", reason="both ends of the active hours, or none"))
    elif hours[0] is not None and hours[1] is not None and to_time(hours[0]) == to_time(hours[1]):
        wrong.append(
            FieldProblem(field=f"{at}.active_until", reason="differs from active_from; leave both out for always")
        )
    if content.handoff_day is not None and (content.rotation_hours is not None or content.rotation_days % WEEK):
        wrong.append(FieldProblem(field=f"{at}.handoff_day", reason="only for turns of whole weeks"))
    if wrong:
        raise InvalidError(fields=wrong)


def check_stay(joined_on: date | None, left_on: date | None, *, at: str = "$") -> None:
    """Does nothing when somebody can join and leave on these days.

    Raises:
        InvalidError: they leave before they join, or a year cannot be meant.
    """
    wrong = _check_days(joined_on, left_on, f"{at}.joined_on", f"{at}.left_on")
    if wrong:
        raise InvalidError(fields=wrong)


def check_span(
    starts_at: datetime, ends_at: datetime, *, names: tuple[str, str], longest: timedelta = LONGEST_SPAN
) -> None:
    """Does nothing when it is a span of time that can be meant: both ends with an offset, not too long.

    Raises:
        InvalidError: it is not.
    """
    for value, name in zip((starts_at, ends_at), names, strict=True):
        check_moment(value, name=name)
    if ends_at <= starts_at:
        raise InvalidError(fields=[FieldProblem(field=names[1], reason=f"after {names[0].removeprefix('$.')}")])
    if ends_at - starts_at > longest:
        raise InvalidError(fields=[FieldProblem(field=names[1], reason=f"at most {longest.days} days later")])


def check_moment(value: datetime, *, name: str) -> None:
    """Does nothing when it is an instant that can be meant.

    Raises:
        InvalidError: no offset, or a year outside.
    """
    if value.tzinfo is None:
        raise InvalidError(fields=[FieldProblem(field=name, reason="needs an offset, such as Z or +01:00")])
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise InvalidError(fields=[FieldProblem(field=name, reason=f"a year from {FIRST_YEAR} to {LAST_YEAR}")])


def to_time(wall: str) -> time:
    """`HH:MM` or `HH:MM:SS` as a time."""
    return time.fromisoformat(wall)


def to_rota(
    roster_id: UUID, content: RosterContent, members: Sequence[Member], overrides: Sequence[Override],
    pins: Sequence[Pin],
) -> Rota:  # fmt: skip
    """What was written as the arithmetic wants it."""
    return Rota(
        roster_id=roster_id,
        timezone=content.timezone,
        rotation_days=content.rotation_days,
        rotation_hours=content.rotation_hours,
        handoff_time=to_time(content.handoff_time),
        handoff_day=content.handoff_day,
        start_date=content.start_date,
        end_date=content.end_date,
        active_from=None if content.active_from is None else to_time(content.active_from),
        active_until=None if content.active_until is None else to_time(content.active_until),
        linked_roster_id=content.linked_roster_id,
        max_weeks=content.max_weeks,
        members=list(members),
        overrides=list(overrides),
        pins=list(pins),
    )


def to_member(member: MemberNew) -> Member:
    """A stay."""
    return Member(user_id=member.user_id, joined_on=member.joined_on, left_on=member.left_on)


def to_override(override: OverrideContent) -> Override:
    """One that has no id yet."""
    return Override(user_id=override.user_id, starts_at=override.starts_at, ends_at=override.ends_at)


def to_pin(pin: PinContent) -> Pin:
    """A pin."""
    return Pin(user_id=pin.user_id, turn_at=pin.turn_at)


def next_handoff_day(rota: Rota, now: datetime) -> date:
    """The first day whose handoff is not over: who leaves on it changes nothing that was."""
    zone = zone_of(rota.timezone)
    today = now.astimezone(zone).date()
    return today if at_wall(today, rota.handoff_time, zone) >= now else today + timedelta(days=1)


def check_zone(name: str, at: str) -> list[FieldProblem]:
    """What is wrong with a time zone's name."""
    try:
        zone_of(name)
    except UnknownZoneError:
        return [FieldProblem(field=f"{at}.timezone", reason=f"no time zone is called {name}")]
    return []


def _check_days(first: date | None, last: date | None, first_name: str, last_name: str) -> list[FieldProblem]:
    wrong = [
        FieldProblem(field=name, reason=f"a year from {FIRST_YEAR} to {LAST_YEAR}")
        for value, name in ((first, first_name), (last, last_name))
        if value is not None and not FIRST_YEAR <= value.year <= LAST_YEAR
    ]
    if first is not None and last is not None and last <= first:
        wrong.append(FieldProblem(field=last_name, reason=f"after {first_name.rpartition('.')[2]}"))
    return wrong
