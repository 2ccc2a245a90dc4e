"""Calls to the installation: timed, counted, and repeated where a real caller would repeat them."""

import asyncio
import random
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Sequence

import aiohttp

from nightowl_testkit.client import Answer, ApiClient

Deed = Callable[[], Awaitable[None]]
NETWORK = (aiohttp.ClientError, TimeoutError, OSError)
GIVE_UP_SECONDS = 300.0


class Traffic:
    """What all callers measure together. Answers are counted by kind and status; 0 stands for none."""

    def __init__(self) -> None:
        self.answers: Counter[str] = Counter()
        self.receipts: dict[str, dict[str, int]] = defaultdict(dict)
        self.not_accepted = 0
        self.events_streamed = 0
        self._times: dict[str, list[float]] = defaultdict(list)

    def note(self, kind: str, status: int, seconds: float) -> None:
        """An answer. Only answered calls count for latencies."""
        self.answers[f"{kind} {status}"] += 1
        if status:
            self._times[kind].append(seconds * 1000)

    def take_times(self) -> dict[str, list[float]]:
        """Milliseconds since the last look, sorted, by kind."""
        taken = {kind: sorted(each) for kind, each in self._times.items()}
        self._times.clear()
        return taken


class Caller:
    """Somebody with a key of one tenant."""

    def __init__(self, client: ApiClient, tenant: str, traffic: Traffic) -> None:
        self.client = client
        self.tenant = tenant
        self.traffic = traffic

    async def call(self, method: str, path: str, *, body: object = None, **query: str) -> Answer | None:
        """A call that nobody repeats; None when nobody answered."""
        return await self._timed("api", method, path, body=body, query=query or None)

    async def items(self, path: str, **query: str) -> list[dict[str, object]]:
        """The first page of a list; empty when it cannot be had now."""
        answer = await self.call("GET", path, **query)
        return [] if answer is None or answer.status != 200 else answer.json()["items"]

    async def send(self, source: str, payload: object) -> None:
        """A webhook as monitoring systems send it: again until it is accepted."""
        deadline = time.monotonic() + GIVE_UP_SECONDS
        while time.monotonic() < deadline:
            answer = await self._timed("webhook", "POST", f"/webhooks/{source}", body=payload)
            if answer is not None and answer.status == 200:
                receipt = answer.json()
                self.traffic.receipts[self.tenant][receipt["receipt_id"]] = len(receipt["alerts"])
                return
            await asyncio.sleep(0.5)
        self.traffic.not_accepted += 1

    async def beat(self, name: str) -> None:
        """Is heard of."""
        await self._timed("webhook", "POST", f"/heartbeats/{name}")

    async def _timed(
        self, kind: str, method: str, path: str, *, body: object = None, query: dict[str, str] | None = None
    ) -> Answer | None:
        began = time.perf_counter()
        try:
            answer = await self.client.call(method, path, body=body, query=query)
        except NETWORK:
            self.traffic.note(kind, 0, 0.0)
            return None
        self.traffic.note(kind, answer.status, time.perf_counter() - began)
        if 400 <= answer.status < 500 and answer.status != 409:
            self.traffic.answers[f"refused with {answer.status}: {method} {_without_ids(path)}"] += 1
        return answer


def _without_ids(path: str) -> str:
    return "/".join("*" if any(each.isdigit() for each in part) else part for part in path.split("/"))


async def keep_doing(
    deeds: Sequence[tuple[int, Deed]], *, every: float, stop: asyncio.Event, dice: random.Random
) -> None:
    """Until told to stop: one deed after the other, chosen by weight, at random moments that are `every` s apart."""
    running: set[asyncio.Task[None]] = set()
    weights = [weight for weight, _deed in deeds]
    while not stop.is_set():
        _weight, deed = dice.choices(deeds, weights)[0]
        task = asyncio.ensure_future(deed())
        running.add(task)
        task.add_done_callback(running.discard)
        await wait(stop, dice.expovariate(1 / every))
    await asyncio.gather(*running)


async def wait(stop: asyncio.Event, seconds: float) -> None:
    """Sleeps, but not beyond the end."""
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
