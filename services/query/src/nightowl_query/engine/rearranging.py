"""Grouping rules and routes, tried on alerts of the past. Pure; the other rules are in `rehearsing`."""

from collections import Counter, deque
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from typing import TypeAlias
from uuid import UUID

import msgspec

from nightowl_alerting.model import Route
from nightowl_alerting.noise.grouping import choose_group
from nightowl_alerting.noise.matchers import fits
from nightowl_alerting.noise.model import Group, GroupingRule, RouteRule, Subject
from nightowl_alerting.noise.muting import group_mute
from nightowl_alerting.noise.routing import SERVICE_LABEL, Routing, choose_route, taken_routes
from nightowl_alerting.transitions import judge
from nightowl_contracts import Severity
from nightowl_query.engine.rehearsing import (
    ALWAYS,
    DRAFT,
    Span,
    Tally,
    ends_at,
    is_open_at,
    report_fields,
    subject_of_past,
)
from nightowl_query.model.rehearsal import GroupingReport, PastAlert, Report, RouteChange, RouteOutcome, RouteReport

MAX_CHANGES = 50


_Move: TypeAlias = tuple[RouteOutcome, RouteOutcome]
"""What an alert has by the routes of today, and what it would get."""


class _OpenGroup:
    """A group as time goes by. `waiting` are its alerts until there are enough for it to count."""

    def __init__(self) -> None:
        self.waiting: list[PastAlert] = []
        self.first_title = ""
        self.size = 0
        self.lead: PastAlert | None = None
        self._open_until = ALWAYS[0]
        self._last_added_at = ALWAYS[0]

    def takes(self, at: datetime, window: timedelta) -> bool:
        """Whether one of its alerts is open, or it has taken one within the window."""
        return self._open_until > at or self._last_added_at > at - window

    def add(self, alert: PastAlert) -> None:
        """One more."""
        self.first_title = self.first_title or alert.title
        self.size += 1
        self._open_until = max(self._open_until, ends_at(alert))
        self._last_added_at = alert.first_fired_at


class GroupingRehearsal:
    """Groups of two alerts or more, as they would have formed; alerts that another rule takes first are left to it.

    A lead is taken to be in somebody's hands for as long as it is open. What pages went out about an alert for which
    the lead would have paged, are saved.
    """

    def __init__(self, rules: Sequence[GroupingRule], draft: GroupingRule) -> None:
        self._tally = Tally()
        self._rules, self._draft = rules, draft
        self._window = timedelta(minutes=draft.window_minutes)
        self._open: dict[tuple[str, ...], _OpenGroup] = {}
        self._loose: dict[tuple[str, ...], deque[PastAlert]] = {}
        self._asked = (*_names_in(rules), *draft.group_by)
        self._known: dict[tuple[str, ...], tuple[GroupingRule, dict[str, str]] | None] = {}
        self._groups = 0
        self._saved = 0

    def see(self, alert: PastAlert) -> None:
        """The next alert. What opened resolved is in no group."""
        self._tally.tested += 1
        if not is_open_at(alert, alert.first_fired_at):
            return
        chosen = self._choose(subject_of_past(alert))
        if chosen is None or chosen[0].id != self._draft.id:
            return
        key = tuple(chosen[1][name] for name in self._draft.group_by)
        group = self._open.get(key)
        if group is not None and group.takes(alert.first_fired_at, self._window):
            self._join(group, alert)
        else:
            self._begin(key, alert)

    def report(self, span: Span) -> Report:
        """What it would have put together."""
        alerts = self._tally.touched
        words = f"{self._tally.words('grouped')[:-1]}, in {self._groups:,} groups; {self._saved:,} pages fewer."
        counts = {"groups": self._groups, "alerts_grouped": alerts, "pages_saved": self._saved}
        return msgspec.convert({**report_fields(self._tally, span), "words": words, **counts}, GroupingReport)

    def _choose(self, subject: Subject) -> tuple[GroupingRule, dict[str, str]] | None:
        """What is alike in all that the rules ask for is judged once."""
        asked = tuple(subject.get(name, "") for name in self._asked)
        if asked not in self._known:
            self._known[asked] = choose_group(subject, self._rules)
        return self._known[asked]

    def _begin(self, key: tuple[str, ...], alert: PastAlert) -> None:
        loose = self._loose.setdefault(key, deque())
        while loose and loose[0].first_fired_at <= alert.first_fired_at - self._window:
            loose.popleft()
        if len(loose) + 1 < self._draft.threshold:
            loose.append(alert)
            return
        group = self._open[key] = _OpenGroup()
        for earlier in loose:  # they have paged before there was a group
            group.add(earlier)
            self._lead(group, earlier)
        group.waiting.extend(loose)
        loose.clear()
        self._join(group, alert)

    def _join(self, group: _OpenGroup, alert: PastAlert) -> None:
        led_by = self._lead(group, alert)
        group.add(alert)
        if group.size == 1:
            group.waiting.append(alert)
            return
        self._groups += bool(group.waiting)
        for earlier in group.waiting:
            self._tally.touch(earlier, f"in a group with “{alert.title}”")
        group.waiting.clear()
        if led_by is None:
            self._tally.touch(alert, f"in a group with “{group.first_title}”")
        else:
            self._saved += alert.pages
            self._tally.touch(alert, f"“{led_by.title}” ({led_by.id}) would have paged for it")

    def _lead(self, group: _OpenGroup, alert: PastAlert) -> PastAlert | None:
        """Which alert pages for this one; None: it pages for itself, and leads from now on, or pages nobody anyway."""
        if alert.pages == 0:
            return None
        lead = group.lead
        if lead is not None and group_mute(self._as_group(lead, alert.first_fired_at), alert.id, alert.severity):
            return lead
        group.lead = alert
        return None

    def _as_group(self, lead: PastAlert, at: datetime) -> Group:
        return Group(
            id=DRAFT,
            name=self._draft.name,
            pages=self._draft.pages,
            lead_id=lead.id,
            lead_severity=lead.severity,
            lead_status="firing" if is_open_at(lead, at) else "resolved",
            lead_state="pending",
        )


class Names(msgspec.Struct, frozen=True, kw_only=True):
    """What services and policies are called."""

    services: Mapping[UUID, str]
    policies: Mapping[UUID, str]


class RouteRehearsal:
    """Where alerts belong by the routes of today, and where they would with the draft among them."""

    def __init__(self, today: Routing, changed: Routing, *, names: Names) -> None:
        self._tally = Tally()
        self._today, self._changed, self._names = today, changed, names
        self._changes: Counter[_Move] = Counter()
        self._asked = (*_names_in([*today.routes, *changed.routes]), SERVICE_LABEL, "@severity")
        self._known: dict[tuple[str, ...], _Move | None] = {}

    def see(self, alert: PastAlert) -> None:
        """The next alert. What is alike in all that routes ask for is judged once."""
        self._tally.tested += 1
        subject = subject_of_past(alert)
        key = tuple(subject.get(name, "") for name in self._asked)
        if key not in self._known:
            self._known[key] = self._move(subject, alert.severity)
        move = self._known[key]
        if move is None:
            return
        before, after = move
        self._changes[move] += 1
        self._tally.touch(alert, "nothing would change" if before == after else f"{_words(before)} → {_words(after)}")

    def report(self, span: Span) -> Report:
        """What would have changed."""
        found = [(pair, count) for pair, count in self._changes.most_common() if pair[0] != pair[1]]
        counts = {
            "would_take": self._tally.touched,
            "would_change": sum(count for _, count in found),
            "newly_paging": sum(count for (old, new), count in found if new.does_page and not old.does_page),
            "no_longer_paging": sum(count for (old, new), count in found if old.does_page and not new.does_page),
        }
        changes = [RouteChange(count=count, before=pair[0], after=pair[1]) for pair, count in found[:MAX_CHANGES]]
        words = (
            f"{self._tally.words('taken')[:-1]}; it would change {counts['would_change']:,}: "
            f"{counts['newly_paging']:,} page newly, {counts['no_longer_paging']:,} no longer."
        )
        return msgspec.convert(
            {**report_fields(self._tally, span), "words": words, **counts, "changes": changes}, RouteReport
        )

    def _move(self, subject: Subject, severity: Severity) -> _Move | None:
        """Each route is tried once; those that do not fit make no difference to what follows."""
        routes = {each.id: each for each in (*self._today.routes, *self._changed.routes)}
        fitting = {route_id for route_id, each in routes.items() if fits(each.matchers, subject)}
        today, changed = _only(self._today, fitting), _only(self._changed, fitting)
        if all(each.id != DRAFT for each in taken_routes(subject, changed.routes)):
            return None
        before, after = choose_route(subject, today), choose_route(subject, changed)
        return self._outcome(severity, before), self._outcome(severity, after)

    def _outcome(self, severity: Severity, route: Route) -> RouteOutcome:
        return RouteOutcome(
            service=None if route.service_id is None else self._names.services.get(route.service_id),
            policy=None if route.policy_id is None else self._names.policies.get(route.policy_id),
            slack_channel=route.slack_channel,
            pages_from=route.pages_from,
            does_page=judge(severity, route)[0],
        )


def _only(routing: Routing, route_ids: AbstractSet[UUID]) -> Routing:
    return msgspec.structs.replace(routing, routes=[each for each in routing.routes if each.id in route_ids])


def _names_in(rules: Sequence[RouteRule | GroupingRule]) -> list[str]:
    """What the matchers of rules ask for."""
    return sorted({each.name for rule in rules for each in rule.matchers})


def _words(outcome: RouteOutcome) -> str:
    pages = f"pages by “{outcome.policy}”" if outcome.does_page else "pages nobody"
    return f"{outcome.service or 'no service'}, {pages}"
