"""A row of the fault matrix: what is broken while alerts flow, and what is looked at besides conservation."""

import random
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Literal, TypeAlias

import msgspec
from load import Load
from records import Evidence, Mark
from world import OpenWorld, World, open_world

from nightowl_common import clock
from nightowl_testkit.builders import Team

Permit = Literal["repeats", "unprovable repeats", "dead letters", "stream lost", "late", "disorder"]


class Run:
    """One run of a scenario, as the scenario's functions see it.

    `notes` are findings, in words; `remarks` are told beside the row and judge nothing.
    """

    def __init__(self, world: World, load: Load, teams: Sequence[Team], *, seconds: float, seed: int) -> None:
        self.world = world
        self.load = load
        self.teams = teams
        self.seconds = seconds
        self.chance = random.Random(seed)
        self.marks: list[Mark] = []
        self.notes: list[str] = []
        self.remarks: list[str] = []
        self._started = clock.monotonic_seconds()
        self._gone_at: datetime | None = None

    def begin(self) -> None:
        """The load flows from now on."""
        self._started = clock.monotonic_seconds()

    def outage(self) -> None:
        """From now on nobody is there who could do the work; the next mark ends it."""
        self._gone_at = clock.utc_now()

    def mark(self) -> None:
        """Recovery counts from now: a single kill has just fallen, or a longer fault has just ended."""
        now = clock.utc_now()
        self.marks.append(Mark(begun_at=self._gone_at or now, at=now))
        self._gone_at = None

    async def reach(self, share: float) -> None:
        """Waits until so much of the load's time has passed (0.25: a quarter)."""
        await clock.sleep(max(0.0, self._started + share * self.seconds - clock.monotonic_seconds()))

    async def kill(self, *names: str) -> None:
        """SIGKILL, one after the other; nobody starts them again yet."""
        for name in names:
            await self.world.services.kill(name)

    async def start(self, *names: str) -> None:
        """Starts services again and waits until they are ready."""
        await self.world.services.start(*names)


Break: TypeAlias = Callable[[Run], Awaitable[None]]
Check: TypeAlias = Callable[[Run, Evidence], Sequence[str]]


async def nothing(_run: Run) -> None:
    """Nothing happens."""


def nothing_more(_run: Run, _evidence: Evidence) -> Sequence[str]:
    """Conservation is all there is to look at."""
    return ()


class Scenario(msgspec.Struct, frozen=True, kw_only=True):
    """One row. `breaks` runs while alerts flow and may leave things broken: the world is healed after it.
    `before` runs before the load, `after` when all is at rest, and then there is rest again. `check` sees the evidence;
    what it returns are findings. `permits` says what is no finding here:

    - `unprovable repeats`: doubles that are marked, over channels where nobody can be asked whether the first arrived; the
      row leaves pages unclear, because a provider is told to, or because nobody could write down what it said
    - `repeats`: the same over any channel, because look-ups fail as well
    - `dead letters`
    - `stream lost`: what was accepted and not yet committed may be gone from the bus
    - `late`: recovery and lateness are told, not judged
    - `disorder`: the database's clock went back, so that its times do not tell what came first

    Rows that name the same `world` one after the other share it.
    """

    name: str
    row: str
    expected: str
    breaks: Break
    before: Break = nothing
    after: Break = nothing
    check: Check = nothing_more
    replicas: int = 2
    permits: frozenset[Permit] = frozenset()
    is_quick: bool = False
    least_seconds: float = 0.0
    world: OpenWorld = open_world
