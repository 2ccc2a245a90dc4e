"""One roster's rotation: when its turns begin, whose they are, and when it can change its mind."""

from bisect import bisect_right
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise

from nightowl_oncall.model import Member, Roster
from nightowl_oncall.zones import at_wall, instant_of, wall_of, zone_of

DAY = timedelta(days=1)
_LONGEST_GAP = timedelta(hours=25)
"""More than any zone has ever skipped at once (a day, at the date line)."""


class Turns:
    """The turns of a roster, numbered from 0. All instants are UTC.

    A member who joins or leaves changes turns from that handoff on and none before: the order is followed from the
    first turn, and the next holder is the first member after the last one who takes part when the turn begins.
    """

    def __init__(self, roster: Roster) -> None:
        """Raises UnknownZoneError."""
        self._roster = roster
        self._zone = zone_of(roster.timezone)
        self._length = timedelta(hours=roster.rotation_hours or roster.rotation_days * 24)
        day = roster.start_date
        if roster.handoff_day is not None:
            day -= timedelta(days=(day.isoweekday() - roster.handoff_day) % 7)
        self._first = datetime.combine(day, roster.handoff_time)
        self._looked_ahead = 0 if self._length >= DAY else -(-_LONGEST_GAP // self._length)
        self.begins = at_wall(roster.start_date, roster.handoff_time, self._zone)
        self.ends = None if roster.end_date is None else at_wall(roster.end_date, roster.handoff_time, self._zone)
        self._starts: dict[int, datetime] = {}
        self._spans = [self._membership(each) for each in roster.members]
        self._segments = list(self._order())

    def start(self, number: int) -> datetime:
        """When a turn begins. A gap longer than the turn cannot put a turn's end before its beginning: it is empty."""
        known = self._starts.get(number)
        if known is not None:
            return known
        walls = (self._first + (number + step) * self._length for step in range(self._looked_ahead + 1))
        self._starts[number] = max(self.begins, min(instant_of(wall, self._zone) for wall in walls))
        return self._starts[number]

    def number_at(self, at: datetime) -> int:
        """The turn that runs at an instant, not before the first one."""
        number = max(0, (wall_of(at, self._zone) - self._first) // self._length)
        while self.start(number + 1) <= at:
            number += 1
        while number > 0 and self.start(number) > at:
            number -= 1
        return number

    def holder(self, number: int) -> int | None:
        """Whose turn it is, as a place in `members`; None when nobody took part as it began."""
        last = -1
        bounds = [*self._segments, (number + 1, [])]
        for (first, order), (following, _) in pairwise(bounds):
            if not order:
                if number < following:
                    return None
                continue
            place = bisect_right(order, last)
            if number < following:
                return order[(place + number - first) % len(order)]
            last = order[(place + following - first - 1) % len(order)]
        return None

    def takes_part(self, member: int, at: datetime) -> bool:
        """Whether a member has joined and not left at an instant."""
        joined, left = self._spans[member]
        return (joined is None or joined <= at) and (left is None or at < left)

    def is_active(self, at: datetime) -> bool:
        """Whether the active hours cover an instant; without any they always do."""
        if self._roster.active_from is None or self._roster.active_until is None:
            return True
        return any(start <= at < end for start, end in self._active_hours(at, at))

    def edges(self, start: datetime, end: datetime) -> Iterator[datetime]:
        """Every instant in a span at which the rotation's answer may change, in no order; some may lie outside."""
        yield self.begins
        if self.ends is not None:
            yield self.ends
        for span in self._spans:
            yield from (each for each in span if each is not None)
        if end > self.begins:
            yield from (self.start(number) for number in range(self.number_at(start), self.number_at(end) + 1))
        for hours in self._active_hours(start, end):
            yield from hours

    def _active_hours(self, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
        opens, closes = self._roster.active_from, self._roster.active_until
        if opens is None or closes is None:
            return
        day = wall_of(start, self._zone).date() - 2 * DAY
        last = wall_of(end, self._zone).date() + DAY
        while day <= last:
            until = day if closes > opens else day + DAY
            yield at_wall(day, opens, self._zone), at_wall(until, closes, self._zone)
            day += DAY

    def _membership(self, member: Member) -> tuple[datetime | None, datetime | None]:
        joined, left = (
            None if day is None else at_wall(day, self._roster.handoff_time, self._zone)
            for day in (member.joined_on, member.left_on)
        )
        return joined, left

    def _order(self) -> Iterator[tuple[int, list[int]]]:
        """(first turn, who takes part), for each stretch of turns with the same people."""
        changes = {each for span in self._spans for each in span if each is not None}
        for number in sorted({0, *(self._first_from(each) for each in changes)}):
            begins = self.start(number)
            yield number, [place for place in range(len(self._spans)) if self.takes_part(place, begins)]

    def _first_from(self, at: datetime) -> int:
        """The first turn that begins at an instant or later."""
        if at <= self.begins:
            return 0
        number = self.number_at(at)
        return number if self.start(number) >= at else number + 1
