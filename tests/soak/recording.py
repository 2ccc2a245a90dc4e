"""What a soak leaves behind: series of samples, lives of processes, what was done to them, and the account at the end."""

from collections.abc import Iterable
from datetime import datetime

import msgspec

Points = list[tuple[float, float]]
"""(seconds since the load began, value), in order of time."""


class Life(msgspec.Struct, kw_only=True):
    """A process from its start to its end; `ended` is None while it runs."""

    process: str
    began: float
    ended: float | None = None


class Disturbance(msgspec.Struct, frozen=True, kw_only=True):
    """What was done to the installation, and how long it took until all was ready again."""

    at: float
    what: str
    seconds: float


class Trouble(msgspec.Struct, frozen=True, kw_only=True):
    """A line that a service logged as a warning or worse."""

    at: float
    service: str
    level: str
    event: str
    detail: str = ""


class Account(msgspec.Struct, kw_only=True):
    """What became of everything that was accepted and of every page, when all was at rest."""

    accepted: int = 0
    unhandled: int = 0
    findings: list[str] = []
    pages: int = 0
    lost_pages: list[str] = []
    doubled_pages: list[str] = []
    marked_repeats: int = 0
    unknown_pages: int = 0
    posts: int = 0
    lost_posts: int = 0
    doubled_posts: int = 0
    seconds_to_rest: float | None = None
    left: dict[str, int] = {}


class Recording(msgspec.Struct, kw_only=True):
    """A whole run."""

    minutes: float
    rate: float
    began_at: datetime
    ended_at: datetime | None = None
    machine: str = ""
    series: dict[str, Points] = {}
    lives: list[Life] = []
    disturbances: list[Disturbance] = []
    troubles: list[Trouble] = []
    answers: dict[str, int] = {}
    account: Account = msgspec.field(default_factory=Account)

    @property
    def seconds(self) -> float:
        """The length of the load."""
        return self.minutes * 60

    def note(self, name: str, at: float, value: float) -> None:
        """Adds a sample."""
        self.series.setdefault(name, []).append((at, value))

    def points(self, name: str, *, since: float = 0.0) -> Points:
        """A series from some moment on; empty when nothing was sampled."""
        return [each for each in self.series.get(name, []) if each[0] >= since]

    def names(self, prefix: str, suffix: str = "") -> list[str]:
        """What stands between a prefix and a suffix, over all series."""
        found = [each for each in self.series if each.startswith(prefix) and each.endswith(suffix)]
        return sorted(each.removeprefix(prefix).removesuffix(suffix) for each in found)

    def lives_of(self, process: str) -> list[Life]:
        """All lives of a process, the first one first."""
        return [each for each in self.lives if each.process == process]

    def is_disturbed(self, at: float, *, seconds: float) -> bool:
        """Whether something was done to the installation shortly before."""
        return any(each.at - 1 <= at <= each.at + each.seconds + seconds for each in self.disturbances)


def values(points: Iterable[tuple[float, float]]) -> list[float]:
    """The values alone."""
    return [value for _at, value in points]
