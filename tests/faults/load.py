"""Alerts that flow while something breaks, sent as monitoring systems do: again until there is a 2xx.

New problems, problems that go on and problems that end, one or several in a call, in the formats of two senders; people
acknowledge some of them meanwhile. Every accepted alert is written down.
"""

import asyncio
import math
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TypeVar
from uuid import UUID

import aiohttp
import msgspec
from problems import Accepted, Kind, Problem, payload_of
from world import PEOPLE, VIA, World

from nightowl_common import clock
from nightowl_testkit.builders import Team
from nightowl_testkit.client import Receipt

T = TypeVar("T")

IN_FLIGHT = 100
"""A sender's calls at a time; what comes on top waits its turn, as in Alertmanager's queue."""

CALL_SECONDS = 10.0
AGAIN_SECONDS = (0.2, 0.5, 1.0)
KINDS: Mapping[Kind, int] = {"fires": 65, "repeats": 20, "resolves": 15}
SEVERITIES: Mapping[str, int] = {"critical": 3, "major": 2, "warning": 4, "info": 1}
TOGETHER: Mapping[int, int] = {1: 7, 2: 1, 3: 1, 5: 1}
"""Alerts in a call."""

TOLD_SHARE = 0.3
"""Of the calls wait for what has become of their alerts; half of those alerts, somebody takes."""


class Front:
    """What an ingress does: calls go round all replicas but those that have failed within the last second."""

    def __init__(self, urls: Sequence[str]) -> None:
        self._urls = list(urls)
        self._bad_until = dict.fromkeys(urls, 0.0)
        self._turn = 0

    def pick(self) -> str:
        """The next one's address."""
        self._turn += 1
        turned = [self._urls[(self._turn + place) % len(self._urls)] for place in range(len(self._urls))]
        now = clock.monotonic_seconds()
        return next((each for each in turned if self._bad_until[each] <= now), turned[0])

    def failed(self, url: str) -> None:
        """It did not answer."""
        self._bad_until[url] = clock.monotonic_seconds() + 1.0


class Load:
    """Sends at a pace, to the tenants in turn; `run` returns when the last call was accepted.

    `taken` holds the alerts that people have acknowledged, and how many seconds that took from the first try.
    """

    def __init__(
        self,
        world: World,
        teams: Sequence[Team],
        *,
        per_second: float,
        seed: int,
        kinds: Mapping[Kind, int] = KINDS,
        severities: Mapping[str, int] = SEVERITIES,
        together: Mapping[int, int] = TOGETHER,
        via: Mapping[str, int] = VIA,
    ) -> None:
        self.per_second = per_second
        self.seed = seed
        self._kinds = kinds
        self._severities = severities
        self._together = together
        self._via = via
        self.accepted: list[Accepted] = []
        self.answers: Counter[int] = Counter()
        self.webhook_answers: Counter[int] = Counter()
        self.refused: list[str] = []
        self.taken: dict[UUID, float] = {}
        self._teams = {each.tenant: each for each in teams}
        self._chance = random.Random(seed)
        self._prefix = f"p{seed:x}"
        self._open: list[Problem] = []
        self._number = 0
        self._slots = asyncio.Semaphore(IN_FLIGHT)
        self._stop = asyncio.Event()
        names = world.running
        self._ingest = Front([world.services.url(each) for each in names if each.startswith("ingest")])
        self._query = Front([world.services.url(each) for each in names if each.startswith("query")])

    def stop(self) -> None:
        """No new calls; `run` returns when the last of them was accepted."""
        self._stop.set()

    async def run(self, seconds: float = math.inf) -> None:
        """Sends for so long, or until it is stopped."""
        started = due = clock.monotonic_seconds()
        async with _session() as session, asyncio.TaskGroup() as group:
            while due < started + seconds and not self._stop.is_set():
                await clock.wait_for_event(self._stop, max(0.0, due - clock.monotonic_seconds()))
                call = self._next_call()
                due += len(call) / self.per_second
                group.create_task(self._send(session, group, call))

    @property
    def still_fires(self) -> list[str]:
        """Names of problems that were told of and have not ended."""
        return [each.name for each in self._open]

    async def tell_all_again(self) -> None:
        """Every problem that has not ended is told of once more."""
        known, self._open = self._open, []
        async with _session() as session, asyncio.TaskGroup() as group:
            for each in known:
                group.create_task(self._send(session, group, [("repeats", each)]))

    async def take_all(self, alerts: Sequence[tuple[Team, UUID]]) -> None:
        """Somebody acknowledges all of these, at once."""
        async with _session() as session, asyncio.TaskGroup() as group:
            for team, alert_id in alerts:
                group.create_task(self._take(session, team, alert_id))

    def _next_call(self) -> list[tuple[Kind, Problem]]:
        """What the next call tells: problems of one tenant and one sender."""
        size = self._draw(self._together)
        first = self._next_alert(None)
        more = [] if first[1].source == "generic" else [self._next_alert(first[1]) for _ in range(size - 1)]
        return [first, *more]

    def _next_alert(self, beside: Problem | None) -> tuple[Kind, Problem]:
        kind = self._draw(self._kinds)
        if kind != "fires" and (known := self._take_open(beside)) is not None:
            return kind, known
        return "fires", self._new_problem(beside)

    def _take_open(self, beside: Problem | None) -> Problem | None:
        """A problem that was told of and is told of again; nobody else tells of it until this call is accepted."""
        for _ in range(8 if self._open else 0):
            place = self._chance.randrange(len(self._open))
            found = self._open[place]
            if beside is None or (found.tenant, found.source) == (beside.tenant, beside.source):
                self._open[place] = self._open[-1]
                self._open.pop()
                return found
        return None

    def _new_problem(self, beside: Problem | None) -> Problem:
        self._number += 1
        tenants = list(self._teams)
        return Problem(
            name=f"{self._prefix}n{self._number}",
            tenant=beside.tenant if beside else tenants[self._number % len(tenants)],
            severity=self._draw(self._severities),
            via=self._draw(self._via),
            person=self._chance.randrange(PEOPLE),
            source=beside.source if beside else self._draw({"alertmanager": 3, "generic": 1}),
            starts_at=clock.utc_now(),
        )

    def _draw(self, weights: Mapping[T, int]) -> T:
        return self._chance.choices(list(weights), weights=list(weights.values()))[0]

    async def _send(
        self, session: aiohttp.ClientSession, group: asyncio.TaskGroup, call: list[tuple[Kind, Problem]]
    ) -> None:
        sent_at = clock.utc_now()
        source, team = call[0][1].source, self._teams[call[0][1].tenant]
        wants_word = self._chance.random() < TOLD_SHARE
        headers = {"X-API-Key": team.key, "Prefer": f"wait={2 if wants_word else 0}"}
        async with self._slots:
            body = await self._until_accepted(session, f"webhooks/{source}", payload_of(source, call), headers)
        if body is None:
            return
        receipt = msgspec.json.decode(body, type=Receipt)
        self._note(receipt, call, sent_at)
        for each in receipt.alerts:
            if each.alert_id is not None and each.disposition == "opened" and self._chance.random() < 0.5:
                group.create_task(self._take(session, team, each.alert_id))

    def _note(self, receipt: Receipt, call: list[tuple[Kind, Problem]], sent_at: datetime) -> None:
        at = clock.utc_now()
        assert len(receipt.alerts) == len(call), receipt
        for place, (kind, problem) in enumerate(call):
            self.accepted.append(
                Accepted(
                    tenant=problem.tenant,
                    receipt_id=receipt.receipt_id,
                    index=place,
                    problem=problem.name,
                    kind=kind,
                    severity=problem.severity,
                    sent_at=sent_at,
                    at=at,
                )
            )
            if kind != "resolves":
                self._open.append(problem)

    async def _until_accepted(
        self, session: aiohttp.ClientSession, path: str, content: bytes, headers: dict[str, str]
    ) -> bytes | None:
        """The body of the 2xx; none where the answer says that it will never be one."""
        for wait in _waits():
            url = self._ingest.pick()
            status, body = await self._call(session, "POST", f"{url}/api/v1/{path}", content, headers)
            self.webhook_answers[status] += 1
            if 200 <= status < 300:
                return body
            if 400 <= status < 500:
                self.refused.append(f"{status}: {body[:200]!r}")
                return None
            self._ingest.failed(url)
            await clock.sleep(wait)
        raise AssertionError

    async def _take(self, session: aiohttp.ClientSession, team: Team, alert_id: UUID) -> None:
        """Somebody acknowledges it, trying again as people do; what has ended meanwhile needs nobody."""
        await clock.sleep(self._chance.random())
        started = clock.monotonic_seconds()
        for wait in _waits():
            url = self._query.pick()
            status, body = await self._call(
                session, "PATCH", f"{url}/api/v1/alerts/{alert_id}/acknowledge", b"", {"X-API-Key": team.key}
            )
            if status == 200:
                self.taken[alert_id] = clock.monotonic_seconds() - started
            if status in {200, 409}:
                return
            if 400 <= status < 500:
                self.refused.append(f"acknowledging {alert_id}: {status} {body[:200]!r}")
                return
            self._query.failed(url)
            await clock.sleep(wait)

    async def _call(
        self, session: aiohttp.ClientSession, method: str, url: str, content: bytes, headers: dict[str, str]
    ) -> tuple[int, bytes]:
        """Status and body; 0 where nobody answered."""
        try:
            async with session.request(
                method, url, data=content, headers={"Content-Type": "application/json", **headers}
            ) as answer:
                status, body = answer.status, await answer.read()
        except (aiohttp.ClientError, TimeoutError, OSError):
            status, body = 0, b""
        self.answers[status] += 1
        return status, body


def _session() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        timeout=aiohttp.ClientTimeout(total=CALL_SECONDS), connector=aiohttp.TCPConnector(limit=2 * IN_FLIGHT)
    )


def _waits() -> Iterator[float]:
    yield from AGAIN_SECONDS
    while True:
        yield AGAIN_SECONDS[-1]
