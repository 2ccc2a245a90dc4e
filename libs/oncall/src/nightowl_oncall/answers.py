"""The one algorithm: what a book says at an instant, the instants at which that may change, and the spans between.

At an instant, of the roster and those it links to, the first answers whose active hours cover the instant and who has
somebody: the override, else the pin, else the rotation. Where no hours cover it, an override still counts. A question
about an instant is a question about the spans around it, so both kinds of question always agree.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID

import msgspec

from nightowl_oncall.model import Absence, Book, OnCall, Override, Reason, Roster
from nightowl_oncall.turns import Turns

HORIZON = timedelta(days=800)
"""How far around an instant the bounds of its span are looked for."""

_FIRST, _LAST = datetime(1900, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)


def on_call_at(book: Book, roster_id: UUID, at: datetime) -> OnCall:
    """Who is on call at an instant, and from when until when that holds; or nobody, said plainly.

    Raises:
        UnknownZoneError: the zone of a roster does not exist.
        KeyError: the book has no such roster.
    """
    asked = Desk(book, roster_id)
    reach = min(asked.longest_turn + timedelta(days=2), HORIZON)
    while True:
        start, end = max(_FIRST, at - reach), min(_LAST, at + reach)
        found = next(each for each in asked.spans(start, end) if _holds(each, at))
        is_cut = (found.starts_at == start, found.ends_at == end)
        if not any(is_cut) or reach >= HORIZON:
            return msgspec.structs.replace(
                found, starts_at=None if is_cut[0] else found.starts_at, ends_at=None if is_cut[1] else found.ends_at
            )
        reach = min(4 * reach, HORIZON)


def spans_between(book: Book, roster_id: UUID, start: datetime, end: datetime) -> list[OnCall]:
    """Who is on call over a span of time, as spans without gap or overlap; those in which nobody is are among them.

    The first and the last are cut at the ends of the question.

    Raises:
        UnknownZoneError: the zone of a roster does not exist.
        KeyError: the book has no such roster.
    """
    return list(Desk(book, roster_id).spans(start, end))


class Desk:
    """A roster and those it links to, ready to answer. A circle of links is followed once around."""

    def __init__(self, book: Book, roster_id: UUID) -> None:
        """Raises UnknownZoneError or KeyError."""
        chain = list(_chain(book.rosters, roster_id))
        away = _by_person(book.absences)
        self._rotas = [_Rota(roster, away) for roster in chain]
        hours = max(each.rotation_hours or each.rotation_days * 24 for each in chain)
        self.longest_turn = timedelta(hours=hours)

    def spans(self, start: datetime, end: datetime) -> Iterator[OnCall]:
        """The answers over [start, end), in order, each as long as it holds."""
        edges = {edge.astimezone(UTC) for rota in self._rotas for edge in rota.edges(start, end) if start < edge < end}
        running: OnCall | None = None
        for begins, ends in pairwise(sorted({start.astimezone(UTC), end.astimezone(UTC)} | edges)):
            answer = msgspec.structs.replace(self._at(begins), starts_at=begins, ends_at=ends)
            if running is not None and _same(running, answer):
                running = msgspec.structs.replace(running, ends_at=ends)
                continue
            if running is not None:
                yield running
            running = answer
        if running is not None:
            yield running

    def _at(self, at: datetime) -> OnCall:
        nobody: OnCall | None = None
        for rota in self._rotas:
            if rota.turns.is_active(at):
                answer = rota.answer(at)
                if answer.primary is not None:
                    return answer
                nobody = answer if nobody is None or (nobody.is_gap and not answer.is_gap) else nobody
        for rota in self._rotas:
            override = rota.override_at(at)
            if override is not None:
                return rota.overridden(override, _nobody("off_hours"))
        return nobody or _nobody("off_hours")


class _Rota:
    """One roster of a chain with those who are away."""

    def __init__(self, roster: Roster, away: Mapping[UUID, Sequence[Absence]]) -> None:
        self.turns = Turns(roster)
        self._roster = roster
        self._away = away
        self._people = roster.people
        pins = sorted((each for each in roster.pins if each.turn_at >= self.turns.begins), key=lambda pin: pin.turn_at)
        self._pins = {self.turns.number_at(each.turn_at): each.user_id for each in pins}

    def edges(self, start: datetime, end: datetime) -> Iterator[datetime]:
        """Every instant in a span at which the answer may change."""
        yield from self.turns.edges(start, end)
        for override in self._roster.overrides:
            yield override.starts_at
            yield override.ends_at
        for absence in (each for user_id in self._people for each in self._away.get(user_id, ())):
            yield absence.starts_at
            if absence.ends_at is not None:
                yield absence.ends_at

    def answer(self, at: datetime) -> OnCall:
        """Override, else pin, else rotation."""
        rotation = self._by_rotation(at)
        override = self.override_at(at)
        return rotation if override is None else self.overridden(override, rotation)

    def override_at(self, at: datetime) -> Override | None:
        """The one that stands."""
        standing = [
            each
            for each in self._roster.overrides
            if each.starts_at <= at < each.ends_at and not self._is_away(each.user_id, at, kinds=("inactive",))
        ]
        return max(standing, key=_precedence, default=None)

    def overridden(self, override: Override, rotation: OnCall) -> OnCall:
        """The override's answer over the one that would have held."""
        return OnCall(
            primary=override.user_id,
            secondary=next((each for each in _both(rotation) if each != override.user_id), None),
            starts_at=None,
            ends_at=None,
            source="override",
            reason="override",
            roster_id=self._roster.roster_id,
            override_id=override.override_id,
        )

    def _by_rotation(self, at: datetime) -> OnCall:
        if at < self.turns.begins:
            return _nobody("not_begun")
        if self.turns.ends is not None and at >= self.turns.ends:
            return _nobody("ended")
        number = self.turns.number_at(at)
        in_turn, skipped = self._in_turn(number, at)
        pinned = self._pins.get(number)
        if pinned is not None and not self._is_away(pinned, at):
            return self._turn(number, [pinned, *(each for each in in_turn if each != pinned)], by_pin=True)
        if not in_turn:
            return _nobody("all_absent" if skipped else "no_members")
        return self._turn(number, in_turn, skipped=skipped)

    def _turn(
        self, number: int, people: Sequence[UUID], *, by_pin: bool = False, skipped: Sequence[UUID] = ()
    ) -> OnCall:  # fmt: skip
        return OnCall(
            primary=people[0],
            secondary=people[1] if len(people) > 1 else None,
            starts_at=None,
            ends_at=None,
            source="pin" if by_pin else "rotation",
            reason="pin" if by_pin else "stands_in" if skipped else "in_turn",
            roster_id=self._roster.roster_id,
            turn=number,
            skipped=tuple(skipped),
        )

    def _in_turn(self, number: int, at: datetime) -> tuple[list[UUID], list[UUID]]:
        """Who is there, from the holder of the turn on; and who would have come before the first of them."""
        count = len(self._roster.members)
        first = self.turns.holder(number) or 0
        there: list[UUID] = []
        skipped: list[UUID] = []
        for place in ((first + step) % count for step in range(count)):
            if self.turns.takes_part(place, at):
                user_id = self._roster.members[place].user_id
                if not self._is_away(user_id, at):
                    there.append(user_id)
                elif not there:
                    skipped.append(user_id)
        return list(dict.fromkeys(there)), list(dict.fromkeys(skipped))

    def _is_away(self, user_id: UUID, at: datetime, *, kinds: Sequence[str] = ("leave", "inactive")) -> bool:
        return any(
            each.starts_at <= at and (each.ends_at is None or at < each.ends_at)
            for each in self._away.get(user_id, ())
            if each.kind in kinds
        )


def _chain(rosters: Mapping[UUID, Roster], roster_id: UUID) -> Iterator[Roster]:
    seen: set[UUID] = set()
    following: Roster | None = rosters[roster_id]
    while following is not None and following.roster_id not in seen:
        seen.add(following.roster_id)
        yield following
        following = None if following.linked_roster_id is None else rosters.get(following.linked_roster_id)


def _by_person(absences: Sequence[Absence]) -> dict[UUID, list[Absence]]:
    found: dict[UUID, list[Absence]] = {}
    for each in absences:
        found.setdefault(each.user_id, []).append(each)
    return found


def _precedence(override: Override) -> tuple[datetime, str, UUID]:
    return override.starts_at, str(override.override_id or ""), override.user_id


def _both(answer: OnCall) -> tuple[UUID, ...]:
    return tuple(each for each in (answer.primary, answer.secondary) if each is not None)


def _nobody(reason: Reason) -> OnCall:
    return OnCall(primary=None, secondary=None, starts_at=None, ends_at=None, source="unassigned", reason=reason)


def _same(one: OnCall, other: OnCall) -> bool:
    return one == msgspec.structs.replace(other, starts_at=one.starts_at, ends_at=one.ends_at)


def _holds(answer: OnCall, at: datetime) -> bool:
    return answer.starts_at is not None and answer.ends_at is not None and answer.starts_at <= at < answer.ends_at
