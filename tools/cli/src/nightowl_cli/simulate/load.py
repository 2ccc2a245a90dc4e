"""A load: so many calls a second, a chosen mix of new alerts, repeats and resolves, from all sources."""

import asyncio
import random
from collections.abc import Callable
from datetime import UTC, datetime

import msgspec

from nightowl_cli.demo.catalogue import problems, signal
from nightowl_cli.simulate.account import Account
from nightowl_cli.simulate.bodies import Posted, over
from nightowl_cli.simulate.calls import Caller, CallError

TOLD_EVERY_SECONDS = 5


class Mix(msgspec.Struct, frozen=True, kw_only=True):
    """Weights of what a call does."""

    new: float = 5
    repeat: float = 3
    resolve: float = 2


class Load:
    """Posts at a steady rate, however long answers take. `number` tells the series of two loads apart."""

    def __init__(self, caller: Caller, *, mix: Mix, number: int, tell: Callable[[str], None]) -> None:
        self.account = Account(caller)
        self._caller = caller
        self._mix = mix
        self._number = number
        self._tell = tell
        self._chance = random.Random(number)
        self._made = 0
        self._open: list[Posted] = []

    async def run(self, *, rate: float, seconds: float) -> None:
        """`rate` calls a second for so many seconds; ends when the last one is answered."""
        total = round(rate * seconds)
        loop = asyncio.get_running_loop()
        started = loop.time()
        async with asyncio.TaskGroup() as group:
            for number in range(total):
                await asyncio.sleep(max(0.0, started + number / rate - loop.time()))
                group.create_task(self._post())
                if number and number % max(1, round(rate * TOLD_EVERY_SECONDS)) == 0:
                    self._tell(f"{number:>7} calls sent, {self.account.calls} accepted, {len(self._open)} series open")
        self._tell(f"{total:>7} calls sent in {loop.time() - started:.1f} s, {self.account.calls} accepted")

    async def _post(self) -> None:
        posted, does = self._choose()
        try:
            self.account.note(await self._caller.post(posted))
        except CallError as error:
            self.account.refused.append(str(error))
            return
        if does == "new":  # what was not accepted is neither repeated nor resolved
            self._open.append(posted)

    def _choose(self) -> tuple[Posted, str]:
        kinds = ("new", "repeat", "resolve") if self._open else ("new",)
        weights = [getattr(self._mix, each) for each in kinds]
        does = self._chance.choices(kinds, weights=weights)[0] if sum(weights) else "new"
        if does == "new":
            self._made += 1
            now = datetime.now(UTC)
            found = signal(self._chance.choice(problems()), self._number * 100_000 + self._made)
            labels = {**found.labels, "load": f"{self._number}-{self._made}"}
            found = msgspec.structs.replace(found, labels=labels, fingerprint=f"load-{self._number}-{self._made}")
            return Posted(signals=[found], began=now, at=now), does
        place = self._chance.randrange(len(self._open))
        known = self._open[place]
        if does == "repeat":
            return known, does
        del self._open[place]
        return over(known, after=datetime.now(UTC) - known.at), does
