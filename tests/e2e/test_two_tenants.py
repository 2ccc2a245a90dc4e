"""Two tenants driven at random through everything at once: nothing of one is ever found with the other.

Each has a word of its own, which is in every text that it sends. Afterwards the word is looked for in the other's tables,
answers, counts, cache, messages, and in metrics and log lines. Both use the same names, fingerprints, paths and
Idempotency-Keys, so that whatever is keyed without the tenant collides. The seed is the test run's, and is printed.
"""

import asyncio
import random
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from uuid import UUID, uuid4

import aiohttp
import msgspec
import pytest
import pytest_asyncio
import redis.asyncio as redis
from nats.js.errors import NotFoundError

from nightowl_common import clock
from nightowl_common.bus import Bus
from nightowl_common.db import Database
from nightowl_contracts.topology import STREAMS
from nightowl_sql import schema_of
from nightowl_testkit.builders import Team, seed_team
from nightowl_testkit.servers import Servers, make_tenant
from nightowl_testkit.services import SERVICES, ServiceProcesses

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]

STEPS = 50
SETTLE_SECONDS = 30.0
LISTS = (
    "admin/config", "alerts", "alerts/facets", "api-keys", "audit-log?limit=200", "auth/me", "endpoints", "grouping-rules",
    "groups", "heartbeats", "incidents", "incidents/export", "inhibition-rules", "ledger/unaccounted",
    "maintenance-windows", "outbox", "policies", "rejected-payloads", "rosters", "routes", "runbooks", "silences", "status",
    "users",
)  # fmt: skip
FINGERPRINTS = ("disk", "cpu", "memory", "queue")


class Side:
    """A tenant, its admin over the API, and its word."""

    def __init__(self, team: Team, word: str, *, dice: random.Random, urls: dict[str, str]) -> None:
        self.team, self.word, self.dice, self.urls = team, word, dice, urls
        self.slug = team.tenant
        self.session = aiohttp.ClientSession(headers={"X-API-Key": team.key})
        self.alert_ids: list[UUID] = []
        self.fired: set[str] = set()
        self.tomorrow = (clock.utc_now() + timedelta(days=1)).isoformat()

    async def call(self, method: str, path: str, body: object = None, **headers: str) -> tuple[int, bytes]:
        """An answer's status and bytes."""
        service = "ingest" if path.startswith("webhooks") else "query"
        data = None if body is None else msgspec.json.encode(body)
        given = {"Content-Type": "application/json", **headers}
        url = f"{self.urls[service]}/api/v1/{path}"
        async with self.session.request(method, url, data=data, headers=given) as answer:
            return answer.status, await answer.read()

    async def step(self, other: "Side") -> None:
        """One thing that people and programs do."""
        await self.dice.choice(self._actions())(other)

    def _actions(self) -> list[Callable[["Side"], Awaitable[None]]]:
        often = [self.fire, self.fire, self.fire, self.act]
        return [*often, self.silence, self.runbook, self.incident, self.key, self.user, self.config, self.heartbeat,
                self.refused, self.look, self.reach_over]  # fmt: skip

    async def fire(self, _other: "Side") -> None:
        """An alert, new or repeated or resolved."""
        fingerprint = self.dice.choice(FINGERPRINTS)
        status, body = await self.call(
            "POST", "webhooks/generic",
            {
                "title": f"{self.word} {fingerprint}", "description": f"about {self.word}", "fingerprint": fingerprint,
                "severity": self.dice.choice(["critical", "major", "info"]), "labels": {"team": self.word, "env": "prod"},
                "status": self.dice.choice(["firing", "firing", "resolved"]),
            },
            Prefer="wait=5",
        )  # fmt: skip
        assert status == 200, body
        self.fired.add(fingerprint)
        found = msgspec.json.decode(body)["alerts"][0].get("alert_id")
        self.alert_ids += [] if found is None else [UUID(found)]

    async def act(self, _other: "Side") -> None:
        """Somebody answers an alert."""
        if self.alert_ids:
            method, what, body = self.dice.choice([
                ("PATCH", "acknowledge", {}), ("POST", "comments", {"text": f"seen by {self.word}"}),
                ("PATCH", "resolve", {"resolution": self.word}),
            ])  # fmt: skip
            status, told = await self.call(method, f"alerts/{self.dice.choice(self.alert_ids)}/{what}", body)
            assert status in {200, 201, 409}, told

    async def silence(self, _other: "Side") -> None:
        """With a comment."""
        matchers = [{"name": "team", "op": "=", "value": self.word}]
        body = {"matchers": matchers, "ends_at": self.tomorrow, "comment": f"by {self.word}"}
        status, told = await self.call(
            "POST", "silences", body, **{"Idempotency-Key": f"same-{self.dice.randint(1, 3)}"}
        )
        assert status == 201, told

    async def runbook(self, _other: "Side") -> None:
        """A text."""
        status, _ = await self.call(
            "POST", "runbooks", {"title": f"How {self.word} mends", "markdown": f"# {self.word}"}
        )
        assert status == 201

    async def incident(self, _other: "Side") -> None:
        """Something known, under a fingerprint that both have."""
        status, _ = await self.call(
            "POST", "incidents",
            {"title": f"{self.word} full", "severity": "major", "fingerprints": [self.dice.choice(FINGERPRINTS)],
             "solution": f"ask {self.word}"},
        )  # fmt: skip
        assert status in {201, 409}

    async def key(self, _other: "Side") -> None:
        """A key, named."""
        status, _ = await self.call("POST", "api-keys", {"description": f"{self.word} key", "role": "readonly"})
        assert status == 201

    async def user(self, _other: "Side") -> None:
        """A person."""
        name = f"{self.word} {self.dice.randint(1, 9)}"
        body = {"email": f"{uuid4().hex}@{self.word}.example.com", "display_name": name, "role": "engineer"}
        status, told = await self.call("POST", "users", body)
        assert status in {201, 409}, told

    async def config(self, _other: "Side") -> None:
        """Settings."""
        status, _ = await self.call("PATCH", "admin/config", {"slack_channel": f"#{self.word}"})
        assert status == 200

    async def heartbeat(self, _other: "Side") -> None:
        """Under a name that both have."""
        status, _ = await self.call(
            "POST", "heartbeats", {"name": "nightly", "description": self.word, "interval_seconds": 3_600}
        )  # fmt: skip
        assert status in {201, 409}

    async def refused(self, _other: "Side") -> None:
        """A payload that nobody can read, which is listed."""
        status, _ = await self.call("POST", "webhooks/alertmanager", {"alerts": [{"labels": self.word}]})
        assert status == 422

    async def look(self, other: "Side") -> None:
        """Reading, searching and counting."""
        for path in (f"alerts?q={self.word}", "alerts/facets", f"incidents?q={self.word}", "outbox"):
            status, body = await self.call("GET", path)
            assert status == 200, (path, body)
            assert other.word.encode() not in body, path

    async def reach_over(self, other: "Side") -> None:
        """An id of the other's, with one's own key: it is not there."""
        if other.alert_ids:
            path = f"alerts/{self.dice.choice(other.alert_ids)}"
            assert (await self.call("GET", path))[0] == 404
            assert (await self.call("PATCH", f"{path}/acknowledge", {}))[0] == 404


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def processes(servers: Servers) -> AsyncIterator[ServiceProcesses]:
    """One of each, with the local outbox, and every line of their logs."""
    environment = {"NIGHTOWL_LOCAL_OUTBOX": "true", "NIGHTOWL_SWEEP_SECONDS": "1", "NIGHTOWL_LOG_LEVEL": "debug"}
    async with ServiceProcesses(servers, environment=environment) as running:
        yield running
        assert running.dead() == []


@pytest.fixture
async def sides(servers: Servers, database: Database, processes: ServiceProcesses) -> AsyncIterator[tuple[Side, Side]]:
    """Two tenants with a team each, and one seed for both."""
    seed = random.getrandbits(32)
    print(f"seed {seed}")
    urls = {name: processes.url(name) for name in ("ingest", "query")}
    made = []
    for number, word in enumerate(("zebraquark", "ottervortex")):
        team = await seed_team(database, await make_tenant(servers, f"t_{word}_{uuid4().hex[:6]}"))
        made.append(Side(team, word, dice=random.Random(seed + number), urls=urls))
    yield made[0], made[1]
    for each in made:
        await each.session.close()


async def drive(side: Side, other: Side) -> None:
    for _ in range(STEPS):
        await side.step(other)


async def settle(side: Side, database: Database) -> None:
    """Until everything that was accepted has come to rest."""
    async with asyncio.timeout(SETTLE_SECONDS):
        while True:
            status, body = await side.call("GET", "ledger/unaccounted")
            async with database.global_tx() as tx:
                waiting = await tx.fetchval("SELECT count(*) FROM public.outbox")
            if status == 200 and msgspec.json.decode(body)["findings"] == [] and not waiting:
                return
            await clock.sleep(0.1)


async def dump_of(database: Database, schema: str) -> str:
    """All rows of all tables of a schema, as text."""
    async with database.global_tx() as tx:
        tables = await tx.fetch("SELECT tablename FROM pg_catalog.pg_tables WHERE schemaname = $1", schema)
        parts = [
            await tx.fetchval(f'SELECT coalesce(string_agg(t::text, $1), $2) FROM "{schema}"."{row[0]}" AS t', "\n", "")
            for row in tables
        ]
    return "\n".join(parts)


async def shared_rows_of(database: Database, slug: str) -> str:
    """What the shared tables hold under a tenant's name."""
    tables = ("api_keys", "local_admins", "sessions", "timers", "inbox", "ingest_spool")
    async with database.global_tx() as tx:
        parts = [
            await tx.fetchval(
                f"SELECT coalesce(string_agg(t::text, $2), $3) FROM public.{name} AS t WHERE tenant = $1",
                slug,
                "\n",
                "",
            )
            for name in tables
        ]
    return "\n".join(parts)


async def cached(servers: Servers) -> dict[str, str]:
    """Every key of Redis with its value as text."""
    client = redis.from_url(servers.redis_url)
    found = {}
    async for key in client.scan_iter():
        found[key.decode()] = repr(await client.get(key)) if await client.type(key) == b"string" else "?"
    await client.aclose()
    return found


async def messages(bus: Bus) -> list[tuple[str, str]]:
    """Subject and content, headers included, of every message on every stream."""
    found = []
    for stream in STREAMS:
        state = (await bus.jetstream.stream_info(stream.name)).state
        for sequence in range(max(state.first_seq, 1), state.last_seq + 1):
            try:
                message = await bus.jetstream.get_msg(stream.name, seq=sequence)
            except NotFoundError:
                continue
            content = (message.data or b"").decode(errors="replace") + repr(message.headers)
            found.append((str(message.subject), content))
    return found


async def test_nothing_of_one_tenant_is_found_with_the_other(
    sides: tuple[Side, Side], servers: Servers, database: Database, processes: ServiceProcesses
) -> None:
    """Rows, counts, answers, cache, messages, metrics and log lines, after a hundred steps at once."""
    one, two = sides

    await asyncio.gather(drive(one, two), drive(two, one))
    await asyncio.gather(settle(one, database), settle(two, database))

    bus = await Bus.connect(servers.nats_url, service="tests", on_closed=lambda: None)
    in_streams, in_cache = await messages(bus), await cached(servers)
    await bus.close()
    for mine, other in ((one, two), (two, one)):
        await _check_rows_and_answers(mine, other, database)
        for subject, content in in_streams:
            if f".{mine.slug}" in subject:
                assert other.word not in subject + content, subject
            assert not (mine.word in content and f".{mine.slug}" not in subject), f"outside its subjects: {subject}"
        for key, value in in_cache.items():
            assert not (mine.word in key + value and not key.startswith(f"{mine.slug}:")), key
    assert {slug for slug in (one.slug, two.slug) if any(f".{slug}" in subject for subject, _ in in_streams)} == {
        one.slug, two.slug,
    }  # fmt: skip
    assert all(key.startswith((f"{one.slug}:", f"{two.slug}:")) for key in in_cache), sorted(in_cache)
    await _check_metrics_and_logs(one, two, processes)


async def _check_rows_and_answers(mine: Side, other: Side, database: Database) -> None:
    rows = await dump_of(database, schema_of(mine.slug)) + await shared_rows_of(database, mine.slug)
    assert mine.word in rows
    assert other.word not in rows
    for path in LISTS:
        status, body = await mine.call("GET", path)
        assert status == 200, (path, status, body)
        assert other.word.encode() not in body, path
    async with database.tenant_tx(mine.slug) as tx:
        count = await tx.fetchval("SELECT count(*) FROM alerts")
    status, body = await mine.call("GET", "alerts?limit=1")
    assert msgspec.json.decode(body)["total"] == count
    status, body = await mine.call("GET", "alerts?" + f"q={mine.word}")
    assert msgspec.json.decode(body)["total"] == count, "every alert says the word"


async def _check_metrics_and_logs(one: Side, two: Side, processes: ServiceProcesses) -> None:
    for name in SERVICES:
        async with one.session.get(f"{processes.url(name)}/metrics") as answer:
            scraped = await answer.text()
        # Who scrapes is nobody's tenant: a series may name its tenant, which it is about, and nothing else of it.
        unnamed = re.sub(r'\btenant="[^"]*"', "", scraped)
        for side in (one, two):
            assert side.word not in unnamed, name
            assert side.slug not in unnamed, name
        for line in processes.logs(name).read_text(errors="replace").splitlines():
            assert not (one.word in line and two.word in line), f"{name}: {line}"
