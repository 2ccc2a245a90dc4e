"""What the page link says of an alert: since when, where, who is next. Pure: `now` is an argument.

Times are on the clock of the person whom the page went to, with the zone beside them; where nobody is known, UTC.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import assert_never
from zoneinfo import ZoneInfo

from nightowl_alerting.linked import LinkedPage
from nightowl_notifier.api.pages.coming import Coming, LastWord, NextTier, NobodyNext, NotKnown
from nightowl_oncall import UnknownZoneError, zone_of

NAMED = 3
MATCHES = {
    "fingerprint": "the same problem",
    "learned": "written from this alert",
    "pattern": "its text fits a pattern",
    "text": "the words are alike",
}
REPEATED = "This page was sent again: nobody can say whether the first one arrived. One answer is enough."

_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400


def since(page: LinkedPage, now: datetime) -> str:
    """`02:14 CET, 12 min ago, seen 41 times`."""
    alert = page.alert
    told = f"{clock_time(alert.first_fired_at, now, page)}, {length(now - alert.first_fired_at)} ago"
    return f"{told}, seen {alert.occurrence_count} times" if alert.occurrence_count > 1 else told


def where(page: LinkedPage) -> list[str]:
    """Service, cluster, namespace and source, as far as they are known."""
    cluster = [f"cluster {page.cluster}"] if page.cluster else []
    namespace = [f"namespace {page.namespace}"] if page.namespace else []
    return [*([page.service] if page.service else []), *cluster, *namespace, f"told by {page.alert.source}"]


def who_is_next(coming: Coming, page: LinkedPage, now: datetime) -> str:
    """`Bob Meier in 4 min (02:30 CET), L2`."""
    match coming:
        case NextTier(tier=tier, names=names, at=at, is_same=is_same):
            return f"{'you again' if is_same else named(names)} {_when(at, page, now)}, L{tier}"
        case LastWord(names=names, at=at):
            return f"the admins ({named(names)}) {_when(at, page, now)}: no tier is left"
        case NobodyNext() if page.alert.snoozed_until is not None:
            return f"nobody: snoozed until {clock_time(page.alert.snoozed_until, now, page)}"
        case NobodyNext(reason=reason):
            return f"nobody: {reason}"
        case NotKnown():
            return "could not be worked out just now; the escalation goes on"
        case _:
            assert_never(coming)


def spared(coming: Coming) -> str:
    """Who sleeps on because the alert was taken."""
    match coming:
        case NextTier(is_same=True):
            return "You will not be called again."
        case NextTier(tier=tier, names=names):
            return f"L{tier} will not be called: {named(names)} would have been next."
        case LastWord():
            return "The admins will not be called."
        case NobodyNext() | NotKnown():
            return "Nobody else will be called."
        case _:
            assert_never(coming)


def named(names: Sequence[str]) -> str:
    """The first few names, and how many more there are."""
    more = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {more} more" if more > 0 else "")


def told_with(followers: int) -> str:
    """Of a message that told of several alerts."""
    return f"The message told of {followers + 1} alerts. This is its first, and the button takes this one alone."


def by_whom(name: str | None, at: datetime | None, page: LinkedPage, now: datetime) -> str:
    """`Bob Meier, 02:20 CET`."""
    return f"{name or 'somebody'}, {clock_time(at, now, page)}" if at is not None else name or "somebody"


def clock_time(at: datetime, now: datetime, page: LinkedPage) -> str:
    """`02:14 CET`, with the day when it is another one."""
    zone = _zone(page.timezone)
    here = at.astimezone(zone)
    is_today = here.date() == now.astimezone(zone).date()
    return f"{here:%H:%M %Z}" if is_today else f"{here:%a %d %b %H:%M %Z}"


def length(span: timedelta) -> str:
    """`40 s`, `12 min`, `3 h 20 min`, `2 d`."""
    seconds = max(0, round(span.total_seconds()))
    if seconds < _MINUTE:
        return f"{seconds} s"
    if seconds < _HOUR:
        return f"{seconds // _MINUTE} min"
    if seconds < _DAY:
        return f"{seconds // _HOUR} h {seconds % _HOUR // _MINUTE} min"
    return f"{seconds // _DAY} d"


def _when(at: datetime, page: LinkedPage, now: datetime) -> str:
    return "now" if at <= now else f"in {length(at - now)} ({clock_time(at, now, page)})"


def _zone(name: str | None) -> ZoneInfo:
    try:
        return zone_of(name or "UTC")
    except UnknownZoneError:
        return ZoneInfo("UTC")
