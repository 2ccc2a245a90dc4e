"""Which of the received alerts are beats, and when a miss may be believed. Pure."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import re2

from nightowl_alerting.heartbeats import LABEL, SOURCE
from nightowl_alerting.transitions import Received
from nightowl_enrichment.model import Beat, LabelMatcher, Watched

_OPTIONS = re2.Options()
_OPTIONS.max_mem = 1 << 20
_OPTIONS.log_errors = False


def find_beats(received: Sequence[Received], watched: Sequence[Watched]) -> list[Beat]:
    """The beats among what was received; an alert may be one of several heartbeats."""
    beats: list[Beat] = []
    for position, each in enumerate(received):
        if each.source == SOURCE:
            beats.append(Beat(position=position, name=each.alert.labels.get(LABEL, "")))
        elif each.alert.status == "firing":
            beats += [
                Beat(position=position, heartbeat_id=heartbeat.id)
                for heartbeat in watched
                if all(_fits(matcher, each.alert.labels) for matcher in heartbeat.matchers)
            ]
    return beats


def _fits(matcher: LabelMatcher, labels: dict[str, str]) -> bool:
    value = labels.get(matcher.name, "")
    match matcher.op:
        case "=":
            return value == matcher.value
        case "!=":
            return value != matcher.value
        case "=~":
            return _compiled(matcher.value).fullmatch(value) is not None
        case "!~":
            return _compiled(matcher.value).fullmatch(value) is None


@lru_cache(maxsize=1_000)
def _compiled(pattern: str) -> Any:
    """Patterns are tried before they are stored, so each of them compiles."""
    return re2.compile(pattern, options=_OPTIONS)


class Patience:
    """Whether misses may be believed while received calls are not handled yet: one of them may be the missing beat.

    Not before `seconds` of being behind without a break, or a lasting load would keep every miss a secret. Times are
    seconds of any steady clock.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._behind_since: float | None = None

    def is_over(self, *, lag: int | None, now: float) -> bool:
        """`lag` is how many calls are not handled; None when nobody can tell."""
        if lag == 0:
            self._behind_since = None
            return True
        if self._behind_since is None:
            self._behind_since = now
        return now - self._behind_since >= self._seconds
