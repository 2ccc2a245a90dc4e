"""People and programs who look: lists, details, facets, first pages, event streams that open and are left."""

import asyncio
import random

import aiohttp
from installation import Installation
from traffic import NETWORK, Caller, keep_doing, wait

LOOK_EVERY = 1.0
STREAMS = 3
STREAM_SECONDS = (5.0, 60.0)


class Lookers:
    """Those of one tenant."""

    def __init__(self, house: Installation, caller: Caller, *, key: str, dice: random.Random) -> None:
        self._house = house
        self._caller = caller
        self._key = key
        self._dice = dice

    async def run(self, stop: asyncio.Event) -> None:
        """Until told to stop."""
        deeds = [
            (12, self._list), (8, self._facets), (14, self._detail), (5, self._now), (3, self._groups), (2, self._status),
            (2, self._planned), (1, self._audit), (1, self._insight),
        ]  # fmt: skip
        streams = [self._streams(stop) for _ in range(STREAMS)]
        await asyncio.gather(keep_doing(deeds, every=LOOK_EVERY, stop=stop, dice=self._dice), *streams)

    def _filter(self) -> dict[str, str]:
        return self._dice.choice(
            ({}, {"status": "firing"}, {"severity": "critical"}, {"q": "disk"}, {"sort": "urgent"}, {"label": "cluster=cluster-1"},
             {"status": "resolved", "limit": "50"}, {"muted": "true"}, {"service": "payments"})
        )  # fmt: skip

    async def _list(self) -> None:
        await self._caller.call("GET", "/alerts", **self._filter())

    async def _facets(self) -> None:
        wanted = self._filter()
        await self._caller.call(
            "GET", "/alerts/facets", **{name: wanted[name] for name in wanted if name not in {"sort", "limit"}}
        )

    async def _detail(self) -> None:
        found = await self._caller.items("/alerts", limit="30")
        if found:
            alert = f"/alerts/{self._dice.choice(found)['id']}"
            for part in ("", "/timeline", self._dice.choice(("/deliveries", "/explain", "/escalation", "/raw"))):
                await self._caller.call("GET", f"{alert}{part}")

    async def _now(self) -> None:
        await self._caller.call("GET", "/now")

    async def _groups(self) -> None:
        await self._caller.call("GET", "/groups")

    async def _status(self) -> None:
        await self._caller.call("GET", self._dice.choice(("/status", "/setup", "/dead-letters", "/rejected-payloads")))

    async def _planned(self) -> None:
        await self._caller.call(
            "GET", self._dice.choice(("/rosters", "/forecast", "/silences", "/policies", "/users", "/rosters/coverage"))
        )

    async def _audit(self) -> None:
        await self._caller.call("GET", "/audit-log")

    async def _insight(self) -> None:
        await self._caller.call("GET", "/insight")

    async def _streams(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            following = asyncio.create_task(self._follow())
            leaving = asyncio.create_task(wait(stop, self._dice.uniform(*STREAM_SECONDS)))
            await asyncio.wait({following, leaving}, return_when=asyncio.FIRST_COMPLETED)
            leaving.cancel()
            if following.done():
                self._judge_end(following.exception())
                await wait(stop, 1)
            following.cancel()

    def _judge_end(self, error: BaseException | None) -> None:
        """The service may end a stream, in order or not; anything else is an error of ours."""
        if isinstance(error, NETWORK):
            self._caller.traffic.note("stream", 0, 0.0)
        elif error is not None:
            raise error

    async def _follow(self) -> None:
        url, headers = f"{self._house.processes.url('query')}/api/v1/stream", {"X-API-Key": self._key}
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None)) as session,
            session.get(url, headers=headers) as answer,
        ):
            self._caller.traffic.note("stream", answer.status, 0.0)
            async for line in answer.content:
                self._caller.traffic.events_streamed += line.startswith(b"event:")
