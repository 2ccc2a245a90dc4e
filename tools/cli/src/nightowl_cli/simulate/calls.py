"""Calls to a running NightOwl, as a sender or as one of its people."""

from types import TracebackType
from typing import Any, Self

import aiohttp
import msgspec

from nightowl_cli.simulate.bodies import PATHS, Posted
from nightowl_common.errors import NightOwlError

TIMEOUT_SECONDS = 40.0
WAIT_SECONDS = 10
"""How long a webhook may hold its answer back until it can say what became of each alert."""

Fields = dict[str, Any]


class CallError(NightOwlError):
    """NightOwl did not answer, or refused."""

    code = "call_refused"


class Fate(msgspec.Struct, frozen=True, kw_only=True):
    """What a receipt says of one alert; nothing, when it took too long."""

    index: int
    event_id: str
    disposition: str | None = None
    alert_id: str | None = None


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to an accepted call."""

    alerts: list[Fate]
    rejected: list[Fields] = []


class Caller:
    """`async with Caller(url, key) as caller:`."""

    def __init__(self, url: str, key: str) -> None:
        self._url = url.rstrip("/")
        self._key = key
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT_SECONDS))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def post(self, posted: Posted, *, wait: bool = True) -> Receipt:
        """One webhook call.

        Raises:
            CallError: it was not accepted.
        """
        headers = {"Prefer": f"wait={WAIT_SECONDS}"} if wait else {}
        path = f"/webhooks/{PATHS[posted.source]}"
        answer = await self.call("POST", path, body=posted.body(), headers=headers)
        return msgspec.convert(answer, Receipt)

    async def get(self, path: str, *, key: str | None = None, **query: str) -> Fields:
        """What the API tells.

        Raises:
            CallError: it did not.
        """
        return await self.call("GET", path, query=query, key=key)

    async def call(
        self, method: str, path: str, *, body: object = None, query: dict[str, str] | None = None,
        headers: dict[str, str] | None = None, key: str | None = None,
    ) -> Fields:  # fmt: skip
        """Any call below `/api/v1`, with the caller's key or another one.

        Raises:
            CallError: nobody answered, or the answer was no success.
        """
        assert self._session is not None, "use `async with`"
        sent = {"X-API-Key": key or self._key, "Content-Type": "application/json", **(headers or {})}
        content = None if body is None else msgspec.json.encode(body)
        try:
            async with self._session.request(
                method, f"{self._url}/api/v1{path}", data=content, params=query, headers=sent
            ) as answer:
                text = await answer.read()
        except (aiohttp.ClientError, TimeoutError) as error:
            raise CallError(f"{method} {path}: no answer: {error or type(error).__name__}") from error
        if not answer.ok:
            raise CallError(f"{method} {path}: {answer.status} {text.decode(errors='replace')[:300]}")
        found: Fields = msgspec.json.decode(text) if text else {}
        return found

    async def all(self, path: str, **query: str) -> list[Fields]:
        """Every item of a list.

        Raises:
            CallError: a page of it was not told.
        """
        items: list[Fields] = []
        page = await self.get(path, limit="200", **query)
        items += page["items"]
        while page["next_cursor"] is not None:
            page = await self.get(path, limit="200", cursor=page["next_cursor"], **query)
            items += page["items"]
        return items
