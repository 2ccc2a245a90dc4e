"""Monitoring systems of one tenant: new alerts, repeats, resolves, re-fires, storms, beats. Sent until accepted."""

import asyncio
import itertools
import random
from collections import deque

import msgspec
from traffic import Caller, keep_doing, wait

from nightowl_testkit.builders import an_alertmanager_alert, an_alertmanager_payload

TITLES = tuple(
    f"{thing}{state}"
    for thing in ("Disk", "Queue", "Certificate", "Replica", "Memory", "Latency", "Backup", "Ingress")
    for state in ("Full", "Slow", "Expired", "Missing", "Flapping")
)
SEVERITIES = ("critical", "major", "warning", "info")
SEVERITY_WEIGHTS = (12, 18, 45, 25)
MOST_OPEN = 120
STORM_ALERTS, STORM_PAYLOADS = 50, 3
STORM_EVERY, STORM_LASTS = 420.0, 90.0
BEAT_EVERY = 15.0


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """Something that is wrong somewhere; one fingerprint."""

    source: str
    title: str
    instance: str
    severity: str

    def alert(self, status: str) -> dict[str, object]:
        """As Alertmanager tells it."""
        labels = {
            "instance": self.instance,
            "cluster": f"cluster-{sum(self.instance.encode()) % 4}",
            "namespace": "payments",
        }
        told = {"summary": f"{self.title} on {self.instance}", "description": f"{self.title} for five minutes"}
        return an_alertmanager_alert(self.title, severity=self.severity, status=status, labels=labels, annotations=told)

    def payload(self, status: str) -> object:
        """A whole call."""
        if self.source == "generic":
            return {
                "title": self.title, "severity": self.severity, "status": status, "description": "told by a script",
                "fingerprint": f"{self.title}-{self.instance}", "labels": {"instance": self.instance},
            }  # fmt: skip
        return an_alertmanager_payload(self.alert(status))


class Monitoring:
    """`per_second` calls, storms apart."""

    def __init__(self, caller: Caller, *, per_second: float, dice: random.Random) -> None:
        self._caller = caller
        self._every = 1 / per_second
        self._dice = dice
        self._numbers = itertools.count(1)
        self._open: list[Problem] = []
        self._over: deque[Problem] = deque(maxlen=200)

    async def run(self, stop: asyncio.Event) -> None:
        """Until told to stop; then everything is resolved, so that nobody is paged any more."""
        deeds = [(30, self._new), (40, self._repeat), (22, self._resolve), (8, self._fire_again)]
        await asyncio.gather(
            keep_doing(deeds, every=self._every, stop=stop, dice=self._dice), self._storms(stop), self._beats(stop)
        )
        await self._caller.call("DELETE", "/heartbeats/nightly")  # silent from now on, which would page somebody
        for problem in self._open:
            await self._tell(problem, "resolved")

    async def _new(self) -> None:
        if len(self._open) >= MOST_OPEN:
            await self._resolve()
            return
        problem = Problem(
            source=self._dice.choices(("alertmanager", "generic"), (4, 1))[0],
            title=self._dice.choice(TITLES),
            instance=f"web-{next(self._numbers)}",
            severity=self._dice.choices(SEVERITIES, SEVERITY_WEIGHTS)[0],
        )
        self._open.append(problem)
        await self._tell(problem, "firing")

    async def _repeat(self) -> None:
        if self._open:
            await self._tell(self._dice.choice(self._open), "firing")

    async def _resolve(self) -> None:
        if self._open:
            problem = self._open.pop(self._dice.randrange(len(self._open)))
            self._over.append(problem)
            await self._tell(problem, "resolved")

    async def _fire_again(self) -> None:
        if self._over:
            problem = self._over.popleft()
            self._open.append(problem)
            await self._tell(problem, "firing")

    async def _tell(self, problem: Problem, status: str) -> None:
        await self._caller.send(problem.source, problem.payload(status))

    async def _storms(self, stop: asyncio.Event) -> None:
        """A rack is gone: many alerts in few calls, and their end some time later."""
        while not stop.is_set():
            await wait(stop, self._dice.uniform(0.5, 1.0) * STORM_EVERY)
            if stop.is_set():
                return
            rack = next(self._numbers)
            nodes = [
                Problem(source="alertmanager", title="NodeDown", instance=f"rack{rack}-{n}", severity="major")
                for n in range(STORM_ALERTS * STORM_PAYLOADS)
            ]
            await self._tell_many(nodes, "firing")
            await wait(stop, STORM_LASTS)
            await self._tell_many(nodes, "resolved")

    async def _tell_many(self, nodes: list[Problem], status: str) -> None:
        for part in _parts(nodes):
            await self._caller.send("alertmanager", an_alertmanager_payload(*(each.alert(status) for each in part)))

    async def _beats(self, stop: asyncio.Event) -> None:
        """A nightly job that is heard of, and now and then is not."""
        await self._caller.call(
            "POST", "/heartbeats", body={"name": "nightly", "interval_seconds": 30, "grace_seconds": 10}
        )
        while not stop.is_set():
            if self._dice.random() > 0.1:
                await self._caller.beat("nightly")
            await wait(stop, BEAT_EVERY)


def _parts(nodes: list[Problem]) -> list[list[Problem]]:
    return [nodes[start : start + STORM_ALERTS] for start in range(0, len(nodes), STORM_ALERTS)]
