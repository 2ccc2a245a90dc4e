"""Which of two things that were told of an alert is out of date, in whatever order they come. Pure.

Each firing of an open alert moves what ends are compared with: the latest start that the source told of
(`last_started_at`), and when the latest firing was received (`last_received_at`).
"""

from datetime import datetime

import msgspec

from nightowl_alerting.model import Alert, Episode
from nightowl_contracts import ReceivedAlert


def started_before_end(alert: ReceivedAlert, last: Episode) -> bool:
    """A firing that the source itself has already ended: late, or the other half of a redundant pair."""
    return (
        last.resolved_by_source
        and alert.starts_at is not None
        and last.starts_at is not None
        and last.ended_at is not None
        and alert.starts_at <= last.starts_at < last.ended_at
    )


def ended_before_firing(end: ReceivedAlert, at: datetime, current: Alert) -> bool:
    """Whether the open alert has fired again since: closed by an end that was long on its way, it would fire unheard.

    Where the source's times say which of its firings the end belongs to, they decide, and otherwise which of the two
    was received first; the end was at `at`. So it comes to what it would have come to in time: the firing after it
    would have opened an alert, or would have been late (`started_before_end`).
    """
    start = _last_start(current)
    if start is not None and end.starts_at is not None and end.ends_at is not None:
        if start <= end.starts_at < end.ends_at:
            return False
        if end.starts_at < start and end.ends_at <= start:
            return True
    return current.last_received_at is not None and at < current.last_received_at


def fired_again(before: Alert, firing: ReceivedAlert, at: datetime) -> Alert:
    """The open alert with what ends are compared with from now on."""
    started_at = None if firing.starts_at is None else latest(firing.starts_at, _last_start(before))
    return msgspec.structs.replace(
        before, last_started_at=started_at, last_received_at=latest(at, before.last_received_at)
    )


def _last_start(current: Alert) -> datetime | None:
    """What its source told of the last firing. Alerts of the release before know only of the first one."""
    return current.starts_at if current.last_received_at is None else current.last_started_at


def latest(one: datetime | None, other: datetime | None) -> datetime | None:
    """The later of two moments, of those that are known."""
    return max(one, other) if one is not None and other is not None else one or other
