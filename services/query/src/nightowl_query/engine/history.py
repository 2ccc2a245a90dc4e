"""Two versions of a policy on the same alerts, on a virtual clock, by the code that pages. Pure."""

from collections.abc import Iterable, Sequence
from datetime import datetime, time, timedelta
from statistics import median
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from nightowl_alerting.model import Policy
from nightowl_alerting.targets.model import Duty, Staff
from nightowl_alerting.targets.simulate import a_new_alert, climb
from nightowl_alerting.targets.timetable import Timetable
from nightowl_oncall import UnknownZoneError, zone_of
from nightowl_query.model import UserRef
from nightowl_query.model.history import (
    MAX_CHANGED,
    ChangedAlert,
    Load,
    PastAlert,
    PersonHistory,
    ResponseShift,
    Totals,
)

NIGHT_FROM, NIGHT_UNTIL = time(22), time(6)
_WEEKEND = (6, 7)


def count_nights(times: Iterable[datetime], timezone: str) -> int:
    """How many instants are at night by a clock; by UTC when its zone does not exist."""
    zone = _zone(timezone)
    return sum(_is_night(each.astimezone(zone).time()) for each in times)


def count_weekends(times: Iterable[datetime], timezone: str) -> int:
    """How many instants are on a Saturday or Sunday by a clock; by UTC when its zone does not exist."""
    zone = _zone(timezone)
    return sum(each.astimezone(zone).isoweekday() in _WEEKEND for each in times)


class _Run(msgspec.Struct, frozen=True, kw_only=True):
    pages: list[tuple[UUID | None, datetime]]
    is_exhausted: bool


class _Tally:
    """What one version comes to, alert by alert."""

    def __init__(self, policy: Policy, staff: Staff, timetable: Timetable, zones: dict[UUID, ZoneInfo]) -> None:
        self._policy, self._staff, self._timetable, self._zones = policy, staff, timetable, zones
        self.pages = self.night_pages = self.channel_pages = self.alerts_paged = self.exhausted = 0
        self.people: dict[UUID, list[int]] = {}

    def add(self, past: PastAlert) -> _Run:
        run = self._run(past)
        self.exhausted += run.is_exhausted
        self.alerts_paged += any(user_id is not None for user_id, _at in run.pages)
        for user_id, at in run.pages:
            if user_id is None:
                self.channel_pages += 1
                continue
            is_night = self._is_night(user_id, at)
            load = self.people.setdefault(user_id, [0, 0])
            load[0], load[1] = load[0] + 1, load[1] + is_night
            self.pages, self.night_pages = self.pages + 1, self.night_pages + is_night
        return run

    def totals(self) -> Totals:
        return Totals(
            pages=self.pages,
            night_pages=self.night_pages,
            channel_pages=self.channel_pages,
            alerts_paged=self.alerts_paged,
            exhausted=self.exhausted,
        )

    def load(self, user_id: UUID) -> Load:
        pages, night_pages = self.people.get(user_id, (0, 0))
        return Load(pages=pages, night_pages=night_pages)

    def _run(self, past: PastAlert) -> _Run:
        alert, found, is_exhausted = a_new_alert(past.alert, self._policy), [], False
        for rung in climb(alert, self._policy, staff=self._staff, duty_at=self._duty_at, start=alert.first_fired_at):
            if rung.at >= past.stopped_at:
                break
            is_exhausted = rung.is_end
            for page in rung.resolved.recipients:
                at = rung.at + timedelta(minutes=page.delay_minutes) if page.delay_minutes else rung.at
                if at < past.stopped_at:
                    kind, _, ref = page.recipient.partition(":")
                    found.append((UUID(ref) if kind == "user" else None, at))
        return _Run(pages=found, is_exhausted=is_exhausted)

    def _duty_at(self, at: datetime) -> Duty:
        return self._timetable.duty(self._policy, at)

    def _is_night(self, user_id: UUID, at: datetime) -> bool:
        return _is_night(at.astimezone(self._zones[user_id]).time())


class Comparison:
    """Both versions, fed with alerts from the newest to the oldest."""

    def __init__(self, current: Policy, candidate: Policy, *, staff: Staff, timetable: Timetable) -> None:
        self._staff = staff
        zones = {each.user_id: _zone(each.timezone) for each in staff.people.values()}
        self.current = _Tally(current, staff, timetable, zones)
        self.candidate = _Tally(candidate, staff, timetable, zones)
        self.changed: list[ChangedAlert] = []
        self.changed_total = self.alerts = 0
        self._shifts: list[float] = []
        self._same = self._lost = self._won = 0

    def add(self, parts: Iterable[PastAlert]) -> None:
        """Some more alerts."""
        for past in parts:
            self.alerts += 1
            runs = self.current.add(past), self.candidate.add(past)
            minutes = _response(past, runs[0]), _response(past, runs[1])
            self._note_response(past, *minutes)
            if runs[0].pages != runs[1].pages:
                self._note_change(past, [len(each.pages) for each in runs], minutes)

    def people(self) -> list[PersonHistory]:
        """Who is paged under either version, those with the most pages first."""
        ids = {*self.current.people, *self.candidate.people}
        found = [
            PersonHistory(
                user=UserRef(id=each, display_name=self._staff.people[each].name),
                current=self.current.load(each),
                candidate=self.candidate.load(each),
            )
            for each in ids
        ]
        return sorted(found, key=lambda one: (-max(one.current.pages, one.candidate.pages), one.user.display_name))

    def response(self) -> ResponseShift:
        """How much earlier or later who acknowledged would have known."""
        moved = [each for each in self._shifts if each]
        later = [each for each in moved if each > 0]
        return ResponseShift(
            same=self._same,
            earlier=len(moved) - len(later),
            later=len(later),
            not_reached=self._lost,
            newly_reached=self._won,
            median_minutes=median(moved) if moved else None,
            most_minutes_later=max(later, default=None),
        )

    def _note_response(self, past: PastAlert, before: float | None, after: float | None) -> None:
        match before, after:
            case None, None:
                self._same += past.responder_id is not None
            case None, _:
                self._won += 1
            case _, None:
                self._lost += 1
            case float(), float():
                self._shifts.append(after - before)
                self._same += after == before

    def _note_change(
        self, past: PastAlert, pages: Sequence[int], minutes: tuple[float | None, float | None]
    ) -> None:  # fmt: skip
        self.changed_total += 1
        if len(self.changed) < MAX_CHANGED:
            self.changed.append(
                ChangedAlert(
                    alert_id=past.alert.id, title=past.alert.title, first_fired_at=past.alert.first_fired_at,
                    current_pages=pages[0], candidate_pages=pages[1], current_response_minute=minutes[0],
                    candidate_response_minute=minutes[1],
                )
            )  # fmt: skip


def _response(past: PastAlert, run: _Run) -> float | None:
    if past.responder_id is None:
        return None
    times = [at for user_id, at in run.pages if user_id == past.responder_id]
    return None if not times else (min(times) - past.alert.first_fired_at).total_seconds() / 60


def _is_night(clock: time) -> bool:
    return clock >= NIGHT_FROM or clock < NIGHT_UNTIL


def _zone(name: str) -> ZoneInfo:
    try:
        return zone_of(name)
    except UnknownZoneError:
        return ZoneInfo("UTC")
