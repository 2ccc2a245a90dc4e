"""Event streams over a real socket: what happens is told at once, in order, and to whom it concerns."""

import asyncio
import gc
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta

import httpx
import msgspec
import pytest
import pytest_asyncio

from nightowl_alerting.sealing import make_master_key
from nightowl_auth import Role, insert_key, make_key
from nightowl_auth.keys import NewKey
from nightowl_common.db import Database
from nightowl_common.settings import Secret
from nightowl_embedded import free_port
from nightowl_query.api import stream as api
from nightowl_query.app import build
from nightowl_query.engine.live import LONGEST_GAP
from nightowl_query.settings import Settings
from nightowl_testkit.apps import RunningApp, listening
from nightowl_testkit.servers import Servers

from .conftest import Fire

pytestmark = pytest.mark.integration

PATH = "/api/v1/stream"


class Told(msgspec.Struct, frozen=True):
    """One message of a stream."""

    event: str
    data: dict
    id: str | None


class Stream:
    """A stream as a browser reads it."""

    def __init__(self, answer: httpx.Response) -> None:
        self.answer = answer
        self._lines = answer.aiter_lines()

    async def next(self, *, seconds: float = 20) -> Told:
        """The next message; comments are passed over. Raises StopAsyncIteration at the stream's end."""
        async with asyncio.timeout(seconds):
            fields: dict[str, str] = {}
            while True:
                line = await anext(self._lines)
                if not line and "event" in fields:
                    return Told(fields["event"], json.loads(fields["data"]), fields.get("id"))
                name, _, value = line.partition(": ")
                fields[name] = value

    async def line(self) -> str:
        """The next line as it stands, within ten seconds."""
        async with asyncio.timeout(20):
            return await anext(self._lines)

    async def until(self, event: str) -> list[Told]:
        """Everything up to a message of this name."""
        found = [await self.next()]
        while found[-1].event != event:
            found.append(await self.next())
        return found


Listen = Callable[..., AbstractAsyncContextManager[Stream]]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def address(servers: Servers) -> AsyncIterator[str]:
    """The service on a port."""
    settings = Settings(
        database_url=servers.database_url, nats_url=servers.nats_url, redis_url=servers.redis_url,
        database_pool_size=4, master_keys=Secret(make_master_key("test")),
    )  # fmt: skip
    async with listening(build(settings), free_port()) as url:
        yield url


@pytest.fixture
def a_key(database: Database) -> Callable:
    """Makes keys."""

    async def make(tenant: str, role: Role) -> NewKey:
        key = make_key()
        async with database.global_tx() as tx:
            await insert_key(tx, key, tenant=tenant, role=role, description=role)
        return key

    return make


@pytest.fixture
def listen(address: str, a_key: Callable) -> Listen:
    """Opens a stream with a key of a tenant and a role, or with a given one."""

    @asynccontextmanager
    async def opened(
        tenant: str,
        role: Role = "readonly",
        *,
        behind: str | None = None,
        since: datetime | None = None,
        key: NewKey | None = None,
    ) -> AsyncIterator[Stream]:
        headers = {"X-API-Key": (key or await a_key(tenant, role)).raw}
        headers |= {} if behind is None else {"Last-Event-ID": behind}
        async with (
            httpx.AsyncClient(base_url=address, headers=headers, timeout=20) as client,
            client.stream("GET", PATH, params={} if since is None else {"since": since.isoformat()}) as answer,
        ):
            yield Stream(answer)

    return opened


async def test_what_happens_is_told_as_it_happens(
    listen: Listen, fire: Fire, tenant: str, client: httpx.AsyncClient
) -> None:
    """With the event's id, its type and all of it. The status counts who listens."""
    async with listen(tenant) as stream:
        ready = await stream.next()
        assert (await client.get("/api/v1/status")).json()["stream_clients"] >= 1
        alert_id = await fire("Disk full")
        opened = await stream.next()

    assert stream.answer.headers["content-type"].startswith("text/event-stream")
    assert (ready.event, opened.event) == ("ready", "alert.opened")
    assert (opened.data["id"], opened.data["data"]["alert_id"]) == (opened.id, str(alert_id))


async def test_who_comes_back_is_told_what_was_missed_in_order_and_once(
    listen: Listen, fire: Fire, tenant: str
) -> None:
    """Behind the last event, before `ready`."""
    async with listen(tenant) as stream:
        await stream.next()
        await fire("one")
        last = await stream.next()
    for title in ("two", "three", "four"):
        await fire(title)
    async with listen(tenant, behind=last.id) as again:
        told = await again.until("ready")
        await fire("five")
        after = await again.next()

    assert [each.data["data"]["title"] for each in told[:-1]] == ["two", "three", "four"]
    assert after.data["data"]["title"] == "five"


async def test_who_looked_before_it_listened_is_told_what_happened_since(
    listen: Listen, fire: Fire, tenant: str
) -> None:
    """Before `ready`, and no `resync`: a page that asked first need not ask again."""
    looked_at = datetime.now(UTC)
    await fire("one")

    async with listen(tenant, since=looked_at) as stream:
        told = await stream.until("ready")

    assert [(each.event, each.data["data"]["title"]) for each in told[:-1]] == [("alert.opened", "one")]


async def test_who_looked_long_ago_hears_that_it_cannot_be_told(listen: Listen, tenant: str) -> None:
    """It reads everything anew, as whoever was away for as long."""
    async with listen(tenant, since=datetime.now(UTC) - LONGEST_GAP - timedelta(minutes=1)) as stream:
        told = [(await stream.next()).event for _ in range(2)]

    assert told == ["resync", "ready"]


@pytest.mark.parametrize("behind", ["nonsense", "0199c3a4-7b44-7c21-9d3e-5f0a1b2c3d51", "unknown"])
async def test_who_cannot_be_told_what_was_missed_hears_so(
    listen: Listen, fire: Fire, tenant: str, second_tenant: str, behind: str
) -> None:
    """`resync`: an id that is none, one of long ago, one of another tenant."""
    if behind == "unknown":
        async with listen(second_tenant) as theirs:
            await theirs.next()
            await fire("theirs", of=second_tenant)
            behind = str((await theirs.next()).id)
    await fire("ours")

    async with listen(tenant, behind=behind) as stream:
        told = [(await stream.next()).event for _ in range(2)]

    assert told == ["resync", "ready"]


async def test_what_keeps_it_open_is_a_comment_and_no_message(
    listen: Listen, tenant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A browser takes an empty message for an event that it cannot read, and asks for everything anew."""
    monkeypatch.setattr(api, "BEAT_SECONDS", 0.1)
    monkeypatch.setattr(api, "LOOK_SECONDS", 0.1)
    async with listen(tenant) as stream:
        assert (await stream.next()).event == "ready"

        assert [await stream.line() for _ in range(4)] == [": still here", ""] * 2


async def test_nobody_hears_of_another_tenant(listen: Listen, fire: Fire, tenant: str, second_tenant: str) -> None:
    """Of two alerts, each is told its own."""
    async with listen(tenant) as ours, listen(second_tenant) as theirs:
        await ours.next()
        await theirs.next()
        await fire("theirs", of=second_tenant)
        await fire("ours")
        told = (await ours.next()).data, (await theirs.next()).data

    assert [(each["tenant"], each["data"]["title"]) for each in told] == [(tenant, "ours"), (second_tenant, "theirs")]


async def test_a_key_that_is_revoked_ends_its_stream(
    listen: Listen, a_key: Callable, database: Database, tenant: str
) -> None:
    """Without a word."""
    key = await a_key(tenant, "readonly")
    async with listen(tenant, key=key) as stream:
        await stream.next()
        async with database.global_tx() as tx:
            await tx.execute("UPDATE public.api_keys SET revoked_at = now() WHERE key_hash = $1", key.key_hash)

        with pytest.raises(StopAsyncIteration):
            await stream.next(seconds=30)


async def test_a_caller_may_have_only_so_many_streams(
    listen: Listen, a_key: Callable, tenant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that is closed makes room."""
    monkeypatch.setattr(api, "MOST_PER_CALLER", 1)
    key = await a_key(tenant, "readonly")
    async with listen(tenant, key=key) as first:
        await first.next()
        async with listen(tenant, key=key) as second:
            refused = json.loads(await second.answer.aread())
        async with listen(tenant, "readonly") as other:
            await other.next()

    assert (second.answer.status_code, refused["code"]) == (429, "too_many_streams")


async def test_without_a_key_nothing_is_told(address: str) -> None:
    """401, as everywhere."""
    async with httpx.AsyncClient(base_url=address) as client:
        answer = await client.get(PATH)

    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")


async def test_a_program_may_ask_for_what_it_has_missed_and_no_more(
    address: str, a_key: Callable, listen: Listen, fire: Fire, tenant: str
) -> None:
    """With `seconds=0` the answer ends."""
    async with listen(tenant) as stream:
        await stream.next()
        await fire("one")
        last = await stream.next()
    await fire("two")
    headers = {"X-API-Key": (await a_key(tenant, "readonly")).raw, "Last-Event-ID": str(last.id)}

    async with httpx.AsyncClient(base_url=address, headers=headers, timeout=20) as client:
        answer = await client.get(PATH, params={"seconds": 0})

    events = [line.removeprefix("event: ") for line in answer.text.splitlines() if line.startswith("event: ")]
    assert events == ["alert.opened", "ready"]


async def test_a_caller_who_leaves_before_the_first_word_keeps_no_place(
    service: RunningApp, a_key: Callable, tenant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Gone while the answer was being made: the next call finds room."""
    monkeypatch.setattr(api, "MOST_PER_CALLER", 1)
    key = await a_key(tenant, "readonly")
    statuses: list[int] = []

    async def gone() -> dict[str, str]:
        return {"type": "http.disconnect"}

    async def note(message: dict) -> None:
        statuses.extend([message["status"]] if message["type"] == "http.response.start" else [])

    for _ in range(2):
        await service.app(_call(key), gone, note)

    assert statuses == [200, 200]


async def test_a_stream_that_is_left_leaves_nothing_behind(service: RunningApp, a_key: Callable, tenant: str) -> None:
    """It is gone from memory at once: nothing waits for the garbage collector, which runs seldom."""
    key, is_ready = await a_key(tenant, "readonly"), asyncio.Event()

    async def leave_when_ready() -> dict[str, str]:
        await is_ready.wait()
        return {"type": "http.disconnect"}

    async def hear(message: dict) -> None:
        if b"ready" in message.get("body", b""):
            is_ready.set()

    gc.collect()
    gc.disable()
    try:
        await service.app(_call(key), leave_when_ready, hear)
        left = [each for each in gc.get_objects() if type(each) is api.Listener]
    finally:
        gc.enable()

    assert is_ready.is_set()
    assert left == []


def _call(key: NewKey) -> dict[str, object]:
    """A call of the stream, as the server hands it to the application."""
    return {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
        "path": PATH, "raw_path": PATH.encode(), "query_string": b"", "root_path": "", "client": ("127.0.0.1", 1),
        "server": ("service.test", 80), "headers": [(b"host", b"service.test"), (b"x-api-key", key.raw.encode())],
    }  # fmt: skip
