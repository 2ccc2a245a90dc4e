"""Which of the received alerts are beats, and when a miss may be believed. Pure."""

from collections.abc import Sequence

from nightowl_alerting.heartbeats import LABEL, SOURCE
from nightowl_alerting.noise.matchers import fits, subject_of
from nightowl_alerting.transitions import Received
from nightowl_enrichment.model import Beat, Watched


def find_beats(received: Sequence[Received], watched: Sequence[Watched]) -> list[Beat]:
    """The beats among what was received; an alert may be one of several heartbeats."""
    beats: list[Beat] = []
    for position, each in enumerate(received):
        if each.source == SOURCE:
            beats.append(Beat(position=position, name=each.alert.labels.get(LABEL, "")))
        elif watched and each.alert.status == "firing":
            alert = each.alert
            subject = subject_of(alert.labels, severity=alert.severity, source=each.source, title=alert.title)
            beats += [
                Beat(position=position, heartbeat_id=heartbeat.id)
                for heartbeat in watched
                if fits(heartbeat.matchers, subject)
            ]
    return beats


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
