"""Who is on call and who is next, in words. Pure: rosters, people and time are arguments."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from nightowl_notifier.api.slack.telling import Told, listed, safe, say, section
from nightowl_notifier.model import NamedPerson, RosterName
from nightowl_oncall import Book, OnCall, UnknownZoneError, on_call_at, spans_between, to_shifts, zone_of

AHEAD = timedelta(days=28)
BOUND = timedelta(days=35)
"""An end that is further away is not told: what begins later was not read."""

MOST_ROSTERS = 20
MOST_SHIFTS = 5

People = Mapping[UUID, NamedPerson]


def choose_rosters(rosters: Sequence[RosterName], asked: str) -> list[RosterName]:
    """Those that are called so, else those that have it in their name; all when nothing is asked for."""
    wanted = asked.casefold()
    exact = [each for each in rosters if each.name.casefold() == wanted]
    return exact or [each for each in rosters if wanted in each.name.casefold()]


def no_such_roster(rosters: Sequence[RosterName], asked: str) -> Told:
    """Nothing is called so; what there is."""
    if not rosters:
        return say("There are no rosters yet.")
    names = ", ".join(safe(each.name, 100) for each in rosters[:MOST_ROSTERS])
    return say(f"No roster is called “{safe(asked)}”. There are: {names}.")


def tell_on_call(rosters: Sequence[RosterName], book: Book, people: People, now: datetime) -> Told:
    """Who is on call on each roster, who is secondary, until when, and what time it is there."""
    shown = rosters[:MOST_ROSTERS]
    parts = [[section(f"*{safe(each.name, 150)}*\n{_now(each, book, people, now)}")] for each in shown]
    more = len(rosters) - len(shown)
    foot = f"{more} more: name one of them to see it." if more else None
    return listed("On call now:", parts, foot=foot)


def tell_shifts(roster: RosterName, book: Book, people: People, now: datetime) -> Told:
    """The next shifts of a roster, by its own clock."""
    try:
        spans = spans_between(book, roster.id, now, now + AHEAD)
    except (UnknownZoneError, KeyError):
        return say(_unreadable(roster))
    shifts = to_shifts(spans)[:MOST_SHIFTS]
    head = f"*{safe(roster.name, 150)}*, the next shifts ({safe(roster.timezone, 60)}):"
    if not shifts:
        return say(f"{head}\nNobody is on call within {AHEAD.days} days.")
    rows = [
        f"{_at(each.starts_at, roster)} - {_at(each.ends_at, roster)}: {_name(each.user_id, people)}" for each in shifts
    ]
    return say("\n".join([head, *rows]))


def which_roster(found: Sequence[RosterName], rosters: Sequence[RosterName], asked: str) -> Told:
    """None or several fit what was asked for."""
    if not found:
        return no_such_roster(rosters, asked)
    names = ", ".join(f"`/nightowl roster {safe(each.name, 100)}`" for each in found[:MOST_ROSTERS])
    return say(f"Say which one: {names}")


def people_of(book: Book) -> list[UUID]:
    """Everybody that an answer may name."""
    return sorted({user_id for each in book.rosters.values() for user_id in each.people})


def _now(roster: RosterName, book: Book, people: People, now: datetime) -> str:
    try:
        found = on_call_at(book, roster.id, now)
    except (UnknownZoneError, KeyError):
        return _unreadable(roster)
    until = _until(found, roster, now)
    if found.primary is None:
        return f"nobody{until}"
    backup = "" if found.secondary is None else f"; secondary: {_name(found.secondary, people)}"
    return f"{_name(found.primary, people)}{_their_time(found.primary, people, now)}{until}{backup}"


def _until(found: OnCall, roster: RosterName, now: datetime) -> str:
    is_known = found.ends_at is not None and found.ends_at - now <= BOUND
    return f", until {_at(found.ends_at, roster)} ({safe(roster.timezone, 60)})" if is_known and found.ends_at else ""


def _their_time(user_id: UUID, people: People, now: datetime) -> str:
    person = people.get(user_id)
    if person is None:
        return ""
    try:
        return f" (it is {now.astimezone(zone_of(person.timezone)):%H:%M} there)"
    except UnknownZoneError:
        return ""


def _at(moment: datetime, roster: RosterName) -> str:
    return f"{moment.astimezone(_zone(roster)):%a %d %b %H:%M}"


def _zone(roster: RosterName) -> ZoneInfo:
    return zone_of(roster.timezone)


def _name(user_id: UUID, people: People) -> str:
    return safe(people[user_id].name, 100) if user_id in people else "somebody who is gone"


def _unreadable(roster: RosterName) -> str:
    return f"the time zone of {safe(roster.name, 150)} does not exist: set another one"
