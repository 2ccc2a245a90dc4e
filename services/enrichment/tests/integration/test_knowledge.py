"""The knowledge base at work: new alerts show what is known, resolved alerts teach."""

import asyncio
from collections import Counter
from typing import NamedTuple
from uuid import UUID

import asyncpg
import pytest

from nightowl_alerting import lifecycle
from nightowl_alerting.knowledge.changes import create_incident
from nightowl_alerting.knowledge.model import IncidentContent
from nightowl_alerting.model import Route
from nightowl_alerting.store import lock_alert
from nightowl_alerting.transitions import Received
from nightowl_common import clock
from nightowl_common.cache import Cache
from nightowl_common.ids import new_id
from nightowl_contracts import Actor, AgentReport, AlertResolved, ReceivedAlert
from nightowl_contracts.topology import KNOWLEDGE
from nightowl_enrichment import store
from nightowl_enrichment.handlers.learning import Learner
from nightowl_enrichment.handlers.matching import Matcher
from nightowl_enrichment.settings import Settings
from nightowl_sql import create_tenant, drop_tenant

pytestmark = pytest.mark.integration

ALICE = Actor(kind="user", id="alice", name="Alice")


@pytest.fixture
def settings(servers) -> Settings:
    return Settings(
        database_url=servers.database_url, nats_url=servers.nats_url, redis_url=servers.redis_url, max_attempts=2
    )


@pytest.fixture
async def cache(settings):
    made = Cache(settings.redis_url)
    yield made
    await made.close()


@pytest.fixture
def matcher(cache, settings) -> Matcher:
    return Matcher(cache=cache, settings=settings)


@pytest.fixture
def learner(outbox, bus, settings) -> Learner:
    return Learner(outbox=outbox, bus=bus, settings=settings)


class Knowledge:
    """A tenant's knowledge, and alerts that are received with it."""

    def __init__(self, outbox, tenant: str) -> None:
        self.outbox = outbox
        self.tenant = tenant

    async def write(self, title: str, *, fingerprints=(), patterns=(), symptoms="", solution="", count=0) -> UUID:
        """Writes an incident as the API does."""
        async with self.outbox.tenant_tx(self.tenant) as tx:
            incident_id = await tx.fetchval(
                """INSERT INTO incidents (title, severity, fingerprints, error_patterns, symptoms, solution, resolution_count)
                VALUES ($1, 'major', $2, $3, $4, $5, $6) RETURNING id""",
                title, list(fingerprints), list(patterns), symptoms, solution, count,
            )  # fmt: skip
            for each in fingerprints:
                await tx.execute("INSERT INTO incident_fingerprints VALUES ($1, $2)", each, incident_id)
            await tx.execute("UPDATE tenant_config SET knowledge_version = knowledge_version + 1")
        return incident_id

    async def receive(self, matcher: Matcher, *alerts: ReceivedAlert) -> tuple[list[UUID], Counter]:
        """Receives alerts as enrichment does."""
        tally: Counter = Counter()
        received = [
            Received(alert=each, source="generic", receipt_id=new_id(), new_id=new_id(), at=clock.utc_now())
            for each in alerts
        ]
        async with self.outbox.tenant_tx(self.tenant) as tx:
            outcomes = await lifecycle.receive(
                tx, self.tenant, received, route=lambda _: Route(),
                annotate=lambda changes: matcher.annotate(tx, self.tenant, changes, tally=tally),
            )  # fmt: skip
        return [alert_id for _, alert_id in outcomes], tally

    async def row(self, query: str, *args):
        """One row."""
        async with self.outbox.tenant_tx(self.tenant) as tx:
            return await tx.fetchrow(query, *args)

    async def match_of(self, alert_id: UUID):
        """What an alert was matched with."""
        row = await self.row("SELECT matched_incident_id, match_kind, match_score FROM alerts WHERE id = $1", alert_id)
        return tuple(row)

    async def kinds(self, alert_id: UUID) -> list[str]:
        """The kinds of an alert's timeline entries, in order."""
        async with self.outbox.tenant_tx(self.tenant) as tx:
            rows = await tx.fetch("SELECT kind FROM alert_timeline WHERE alert_id = $1 ORDER BY id", alert_id)
        return [row["kind"] for row in rows]


@pytest.fixture
def knowledge(outbox, tenant) -> Knowledge:
    return Knowledge(outbox, tenant)


def an_alert(index: int = 0, **changes) -> ReceivedAlert:
    given = {"fingerprint": "disk", "status": "firing", "severity": "critical", "title": "Disk full"}
    return ReceivedAlert(index=index, **{**given, **changes})


async def resolve(knowledge: Knowledge, learner: Learner, alert_id: UUID, *, event: AlertResolved | None = None):
    """A person resolves the alert, and the event is handled; returns the event."""
    async with knowledge.outbox.tenant_tx(knowledge.tenant) as tx:
        alert = await lifecycle.resolve(tx, knowledge.tenant, alert_id, ALICE, resolution="done")
    told = event or an_event(knowledge, alert)
    await learner.on_resolved(told)
    return told


def an_event(knowledge: Knowledge, alert) -> AlertResolved:
    summary = lifecycle.summary_of(alert)
    return AlertResolved(id=new_id(), tenant=knowledge.tenant, at=clock.utc_now(), actor=ALICE, data=summary)


async def test_a_known_fingerprint_shows_its_incident(knowledge, matcher) -> None:
    """With score 1, the evidence in the timeline, and before anything that words would say."""
    incident = await knowledge.write("Something else", fingerprints=["disk"])
    await knowledge.write("Disk full")

    [alert_id], tally = await knowledge.receive(matcher, an_alert())

    assert await knowledge.match_of(alert_id) == (incident, "fingerprint", 1.0)
    entry = await knowledge.row(
        "SELECT evidence FROM alert_timeline WHERE alert_id = $1 AND kind = 'kb_matched'", alert_id
    )
    assert entry["evidence"] == {
        "incident_id": str(incident), "title": "Something else", "kind": "fingerprint", "score": 1.0
    }  # fmt: skip
    assert tally["fingerprint"] == 1


async def test_words_match_titles_and_symptoms_but_not_everything(knowledge, matcher) -> None:
    """All words of the title's class must be there, and weigh enough; a match in a solution alone does not."""
    title = await knowledge.write("Payments pod crash looping after deploy")
    symptoms = await knowledge.write("Checkout", symptoms="replication lag grows")
    await knowledge.write("Cache", solution="queue is backing up, so drain it")

    ids, tally = await knowledge.receive(
        matcher,
        an_alert(0, fingerprint="a", title="Pod payments-6f7d9c8b5-x2x7k crash looping"),
        an_alert(1, fingerprint="b", title="Replication lag"),
        an_alert(2, fingerprint="c", title="Queue backing up"),
        an_alert(3, fingerprint="d", title="Payments"),
    )

    found = [await knowledge.match_of(each) for each in ids]
    assert [each[:2] for each in found] == [(title, "text"), (symptoms, "text"), (None, None), (None, None)]
    assert 0.3 <= found[1][2] < found[0][2] <= 1
    assert tally["text"] == 2


async def test_an_error_pattern_finds_what_words_do_not(knowledge, matcher) -> None:
    """Patterns are tried against title and description."""
    incident = await knowledge.write("Memory", patterns=[r"OOMKilled: \d+ MiB"])

    [alert_id], _ = await knowledge.receive(matcher, an_alert(description="container OOMKilled: 512 MiB"))

    assert await knowledge.match_of(alert_id) == (incident, "pattern", 1.0)


async def test_repeats_are_never_matched_again(knowledge, matcher) -> None:
    """What was not known when the alert opened does not appear later by itself."""
    await knowledge.write("Unrelated words")
    [alert_id], _ = await knowledge.receive(matcher, an_alert())
    await knowledge.write("Disk full", fingerprints=["disk"])

    [again], tally = await knowledge.receive(matcher, an_alert())

    assert again == alert_id
    assert await knowledge.match_of(alert_id) == (None, None, None)
    assert tally.total() == 0


async def test_a_class_is_searched_for_once_until_knowledge_changes(
    knowledge, matcher, cache, settings, monkeypatch
) -> None:
    """The process and Redis remember; a change of any incident voids both."""
    asked: list[str] = []
    search = store.find_candidates

    async def counting(tx, texts):
        asked.extend(texts)
        return await search(tx, texts)

    monkeypatch.setattr(store, "find_candidates", counting)
    first = await knowledge.write("Disk nearly full")
    titles = [f"Disk nearly full on db-{n}" for n in range(4)]

    async def matched(by: Matcher, number: int) -> UUID | None:
        [alert_id], _ = await knowledge.receive(by, an_alert(fingerprint=f"fp-{number}", title=titles[number]))
        return (await knowledge.match_of(alert_id))[0]

    assert await matched(matcher, 0) is None  # "on" is no word, "db" is one that the incident lacks
    assert await matched(matcher, 1) is None
    assert await matched(Matcher(cache=cache, settings=settings), 2) is None
    assert asked == ["disk nearly full on db"]
    await knowledge.write("Disk nearly full on a db host")
    assert await matched(matcher, 3) not in (None, first)
    assert len(asked) == 2
    assert len(matcher._classes) == 1  # what an older knowledge said is not kept: nobody asks for it again


async def test_resolving_a_known_alert_counts_once(knowledge, matcher, learner, db_clock) -> None:
    """Count, average and who; neither a redelivery nor a second event of the same alert counts again."""
    incident = await knowledge.write("Disk full", fingerprints=["disk"], solution="make room")
    for minutes in (10, 30):
        [alert_id], _ = await knowledge.receive(matcher, an_alert())
        await db_clock.advance(minutes=minutes)
        event = await resolve(knowledge, learner, alert_id)
        await learner.on_resolved(event)
        await resolve(knowledge, learner, alert_id, event=AlertResolved(
            id=new_id(), tenant=event.tenant, at=event.at, actor=event.actor, data=event.data
        ))  # fmt: skip

    row = await knowledge.row(
        "SELECT resolution_count, avg_resolution_mins, last_resolved_by, last_resolved_at, revision FROM incidents WHERE id = $1",
        incident,
    )
    assert row["resolution_count"] == 2
    assert row["avg_resolution_mins"] == pytest.approx(20, abs=0.5)
    assert row["last_resolved_by"]["name"] == "Alice"
    assert row["last_resolved_at"] is not None
    assert row["revision"] == 1


async def test_an_unknown_alert_that_a_person_resolves_asks_for_an_entry(knowledge, matcher, learner) -> None:
    """Once, in the timeline; a source that ends its own alert asks for nothing."""
    [by_person], _ = await knowledge.receive(matcher, an_alert())
    event = await resolve(knowledge, learner, by_person)
    await learner.on_resolved(event)
    [by_source], _ = await knowledge.receive(matcher, an_alert(fingerprint="other"))
    await knowledge.receive(matcher, an_alert(fingerprint="other", status="resolved"))
    await learner.on_resolved(an_event(knowledge, await _load(knowledge, by_source)))

    assert (await knowledge.kinds(by_person)).count("knowledge_wanted") == 1
    assert "knowledge_wanted" not in await knowledge.kinds(by_source)


async def test_an_agents_repair_becomes_an_incident(knowledge, matcher, learner) -> None:
    """The alert opens resolved and pages nobody; its entry answers for the next one of its fingerprint."""
    report = AgentReport(
        agent_id="disk-fixer", action_taken="rotated logs", action_result="40 GB free", auto_resolved=True
    )
    [alert_id], tally = await knowledge.receive(matcher, an_alert(agent=report, labels={"service": "db"}))
    alert = await _load(knowledge, alert_id)
    await learner.on_resolved(an_event(knowledge, alert))
    await learner.on_resolved(an_event(knowledge, alert))
    [next_id], _ = await knowledge.receive(matcher, an_alert())

    assert (alert.status, alert.resolution, alert.resolved_by.id) == ("resolved", "40 GB free", "disk-fixer")
    assert tally["agent_resolved"] == 1
    assert await knowledge.kinds(alert_id) == ["opened", "resolved", "knowledge_written"]
    incident_id, kind, _ = await knowledge.match_of(alert_id)
    row = await knowledge.row(
        "SELECT title, solution, services, origin, resolution_count FROM incidents WHERE id = $1", incident_id
    )
    assert tuple(row) == ("Disk full", "rotated logs\n\n40 GB free", ["db"], "agent", 1)
    assert kind == "learned"
    assert await knowledge.match_of(next_id) == (incident_id, "fingerprint", 1.0)


async def test_the_durable_consumer_learns(knowledge, matcher, learner, bus) -> None:
    """Through the broker: the event that the resolve published reaches the learner."""
    incident = await knowledge.write("Disk full", fingerprints=["disk"])
    [alert_id], _ = await knowledge.receive(matcher, an_alert())
    async with knowledge.outbox.tenant_tx(knowledge.tenant) as tx:
        await lifecycle.resolve(tx, knowledge.tenant, alert_id, ALICE, resolution=None)
    stop = asyncio.Event()
    loop = asyncio.create_task(bus.consume(KNOWLEDGE, learner.on_messages, stop=stop, beat=lambda: None, batch=50))

    async def counted() -> bool:
        row = await knowledge.row("SELECT resolution_count FROM incidents WHERE id = $1", incident)
        return row["resolution_count"] == 1

    async with asyncio.timeout(20):
        while not await counted():
            await clock.sleep(0.05)
    stop.set()
    await loop


async def test_nothing_is_remembered_of_a_tenant_that_was_dropped(outbox, matcher, servers) -> None:
    """One that is made anew under its slug has its own knowledge, though both have changed theirs once."""
    slug, found = "made_twice", []
    connection = await asyncpg.connect(servers.database_url)
    for _ in range(2):
        await create_tenant(connection, slug=slug, name=slug)
        async with outbox.tenant_tx(slug) as tx:
            content = IncidentContent(title="Disk full", severity="major", error_patterns=["Disk"])
            written = await create_incident(tx, Writer(slug, ALICE), content)
        knowledge = Knowledge(outbox, slug)
        [alert_id], _ = await knowledge.receive(matcher, an_alert())
        found.append(((await knowledge.match_of(alert_id))[0], written.id))
        await connection.execute("UPDATE public.tenants SET status = 'suspended' WHERE slug = $1", slug)
        await drop_tenant(connection, slug=slug)
    await connection.close()

    assert [matched for matched, _ in found] == [written for _, written in found]


class Writer(NamedTuple):
    """Who writes an entry."""

    tenant: str
    actor: Actor


async def _load(knowledge: Knowledge, alert_id: UUID):
    async with knowledge.outbox.tenant_tx(knowledge.tenant) as tx:
        return await lock_alert(tx, alert_id)
