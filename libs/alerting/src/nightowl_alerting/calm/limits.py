"""Whether a page goes out now, alone or with others, or waits. Pure: time and earlier messages are arguments."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from nightowl_alerting.calm.model import Alone, Behind, Limit, Standing, Together, Told, Wait
from nightowl_alerting.calm.quiet import quiet_until
from nightowl_alerting.paging import HAND_OVER_STEP
from nightowl_contracts import Severity

DEFAULT_LIMITS: Mapping[str, Sequence[Limit]] = {
    "phone": (Limit(messages=3, minutes=15), Limit(messages=7, minutes=60)),
    "sms": (Limit(messages=5, minutes=15), Limit(messages=11, minutes=60)),
    "slack_dm": (Limit(messages=10, minutes=1),),
    "slack_channel": (Limit(messages=10, minutes=1),),
    "email": (Limit(messages=10, minutes=1),),
    "push": (Limit(messages=10, minutes=1),),
}
"""What a person can bear. Endpoints have none: a machine wants every page."""

IN_FLIGHT_SECONDS = 5
"""Until it is looked at again how messages on their way have fared."""


def limits_of(channel: str, configured: Mapping[str, Sequence[Limit]] | None) -> Sequence[Limit]:
    """The limits of a channel: the tenant's, else the defaults; an empty list is no limit."""
    return {**DEFAULT_LIMITS, **(configured or {})}.get(channel, ())


def longest_window(limits: Sequence[Limit]) -> timedelta:
    """How far back messages count."""
    return timedelta(minutes=max((each.minutes for each in limits), default=0))


def room_at(limits: Sequence[Limit], *, sent: Sequence[datetime], now: datetime) -> datetime:
    """From when on one more message is within all limits; `now` when it is already. `sent` in any order."""
    free = now
    for limit in limits:
        window = timedelta(minutes=limit.minutes)
        recent = sorted(at for at in sent if at > now - window)
        if len(recent) >= limit.messages:
            free = max(free, recent[-limit.messages] + window)
    return free


def is_bound(severity: Severity) -> bool:
    """Whether limits and quiet hours concern a page at all: never one of a critical alert."""
    return severity != "critical"


def must_wait(page: Standing, *, told: Told, now: datetime) -> Wait | None:
    """Whether a page whose time has come must wait after all; `told`: what went to its recipient over its channel.

    Messages on their way may yet fail, and then they have used nothing up: for them it waits a moment only.
    """
    if not is_bound(page.severity):
        return None
    # what somebody handed over by hand is wanted at once
    is_low = page.severity in {"warning", "info"} and page.step < HAND_OVER_STEP
    quiet = quiet_until(page.quiet_hours, timezone=page.timezone, at=now) if is_low else None
    if quiet is not None:
        return Wait(until=quiet, why="quiet_hours")
    limits = limits_of(page.channel, page.page_limits)
    free_at = room_at(limits, sent=told.sent, now=now)
    if free_at > now:
        return Wait(until=free_at, why="limit")
    if room_at(limits, sent=[*told.sent, *[now] * told.in_flight], now=now) > now:
        return Wait(until=now + timedelta(seconds=IN_FLIGHT_SECONDS), why="limit", is_brief=True)
    return None


def go_out(page: Standing, *, waiting: Sequence[Behind]) -> Alone | Together:
    """How a page goes out that need not wait; `waiting`: what else is due or held for its recipient over its channel.

    Once something was held, all that waits goes out as one message.
    """
    if is_bound(page.severity) and waiting and (page.is_held or any(each.is_held for each in waiting)):
        return Together(others=[each.delivery_id for each in waiting])
    return Alone()
