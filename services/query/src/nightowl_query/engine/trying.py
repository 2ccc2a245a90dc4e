"""Rules of today, tried on one alert one by one: which fit, and which is the first matcher that does not. Pure.

What is decided in the end is asked of the kernel (`choose_route`, `choose_group`, `standing_mutes`); what is told here
about each rule comes from the same functions.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Literal, get_args

from nightowl_alerting.model import Mute
from nightowl_alerting.noise.grouping import choose_group
from nightowl_alerting.noise.matchers import first_misfit
from nightowl_alerting.noise.model import (
    GroupingRule,
    InhibitionRule,
    MaintenanceWindow,
    Matcher,
    MuteRules,
    RouteRule,
    Silence,
    Subject,
)
from nightowl_alerting.noise.muting import inhibitions_of, standing_mutes
from nightowl_alerting.noise.routing import Field, first_saying, taken_routes
from nightowl_query.model.explanation import Facts, TriedRule

FIELDS: tuple[Field, ...] = get_args(Field)
NOT_REACHED = "a rule before it has decided"


def try_routes(subject: Subject, routes: Sequence[RouteRule]) -> list[TriedRule]:
    """Every route in order."""
    taken = list(taken_routes(subject, routes))
    is_over = bool(taken) and not taken[-1].continues
    end = routes.index(taken[-1]) if is_over else len(routes)
    return [_try_route(subject, each, taken, is_reached=place <= end) for place, each in enumerate(routes)]


def _try_route(subject: Subject, route: RouteRule, taken: Sequence[RouteRule], *, is_reached: bool) -> TriedRule:
    if not is_reached:
        return TriedRule(kind="route", id=route.id, name=route.name, verdict="not_reached", why=NOT_REACHED)
    if route not in taken:
        why = misfit(subject, route.matchers)
        return TriedRule(kind="route", id=route.id, name=route.name, verdict="does_not_fit", why=why)
    decided = [name.removesuffix("_id").replace("_", " ") for name in FIELDS if first_saying(taken, name) is route]
    why = f"decides {', '.join(decided)}" if decided else "decides nothing that is not decided already"
    why += "; later routes decide the rest" if route.continues else "; no later route is tried"
    return TriedRule(kind="route", id=route.id, name=route.name, verdict="fits", why=why)


def try_grouping_rules(subject: Subject, rules: Sequence[GroupingRule]) -> list[TriedRule]:
    """Every grouping rule in order; the first that fits decides."""
    chosen = choose_group(subject, rules)
    end = len(rules) if chosen is None else rules.index(chosen[0])
    return [_try_grouping(subject, each, place - end) for place, each in enumerate(rules)]


def _try_grouping(subject: Subject, rule: GroupingRule, place: int) -> TriedRule:
    verdict: Literal["does_not_fit", "fits", "not_reached"]
    if place < 0:
        verdict, why = "does_not_fit", misfit(subject, rule.matchers)
    elif place == 0:
        verdict, why = "fits", f"groups by {', '.join(rule.group_by) or 'nothing: all that fits is one group'}"
    else:
        verdict, why = "not_reached", NOT_REACHED
    return TriedRule(kind="grouping_rule", id=rule.id, name=rule.name, verdict=verdict, why=why)


def try_mutes(subject: Subject, facts: Facts) -> list[TriedRule]:
    """Every silence that stands, window and inhibition rule."""
    return [
        *(_try_silence(subject, each, facts.at) for each in facts.rules.silences),
        *(_try_window(subject, each, facts.at) for each in facts.rules.windows),
        *(_try_inhibition(subject, each, facts.inhibitors.get(each.id)) for each in facts.rules.inhibitions),
    ]


def _try_silence(subject: Subject, silence: Silence, at: datetime) -> TriedRule:
    mute = _standing(MuteRules(silences=[silence]), subject, at)
    return TriedRule(
        kind="silence",
        id=silence.id,
        name=silence.comment,
        verdict="does_not_fit" if mute is None else "fits",
        why=misfit(subject, silence.matchers) if mute is None else f"it stands until {stamp(silence.ends_at)}",
        until=silence.ends_at,
    )


def _try_window(subject: Subject, window: MaintenanceWindow, at: datetime) -> TriedRule:
    mute = _standing(MuteRules(windows=[window]), subject, at)
    why = misfit(subject, window.matchers)
    verdict: Literal["fits", "not_open", "does_not_fit"] = "does_not_fit"
    if mute is not None and mute.until is not None:
        verdict, why = "fits", f"it is open until {stamp(mute.until)}"
    elif not why:
        verdict, why = "not_open", "it fits, but the window is not open"
    until = None if mute is None else mute.until
    return TriedRule(kind="maintenance_window", id=window.id, name=window.name, verdict=verdict, why=why, until=until)


def _try_inhibition(subject: Subject, rule: InhibitionRule, mute: Mute | None) -> TriedRule:
    is_target = bool(inhibitions_of(MuteRules(inhibitions=[rule]), subject))
    verdict: Literal["fits", "no_inhibitor", "does_not_fit"] = "does_not_fit"
    why = misfit(subject, rule.target_matchers)
    if mute is not None:
        verdict, why = "fits", f"alert {mute.alert_id} fits its source and is open"
    elif is_target:
        same = f" with the same {', '.join(rule.equal)}" if rule.equal else ""
        verdict, why = "no_inhibitor", f"no open alert fits its source{same}"
    alert_id = None if mute is None else mute.alert_id
    return TriedRule(kind="inhibition_rule", id=rule.id, name=rule.name, verdict=verdict, why=why, alert_id=alert_id)


def misfit(subject: Subject, matchers: Sequence[Matcher]) -> str:
    """The first matcher that does not fit, in words; empty if all fit."""
    found = first_misfit(matchers, subject)
    if found is None:
        return ""
    return f"{found.name}{found.op}“{found.value}” does not fit: it is “{subject.get(found.name, '')}”"


def stamp(at: datetime) -> str:
    """An instant, to the second."""
    return at.isoformat(timespec="seconds")


def _standing(rules: MuteRules, subject: Subject, at: datetime) -> Mute | None:
    found: Iterator[Mute] = standing_mutes(rules, subject, at)
    return next(found, None)
