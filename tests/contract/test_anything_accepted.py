"""What ingest accepts, enrichment can store: whatever the texts, sizes and times are, and with every kind of rule."""

from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime
from random import Random

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from nightowl_common import inbox
from nightowl_common.cache import Cache
from nightowl_common.errors import NightOwlError
from nightowl_common.ids import new_id
from nightowl_contracts import Actor, decode_event
from nightowl_enrichment.handlers.intake import CONSUMER, Enricher
from nightowl_enrichment.handlers.matching import Matcher
from nightowl_enrichment.settings import Settings
from nightowl_ingest.engine import Call, cut_messages, read_payload
from nightowl_ingest.model import Limits
from nightowl_testkit.builders import seed_team

pytestmark = pytest.mark.integration

ALPHABETS = [
    "ab",
    "".join(map(chr, range(0x20, 0x7F))),
    "äß漢字🦉\u202e\u0000\ufffe",
    "0123456789abcdef",
    "\n\t\r \\\"'%_=+@",
]
LENGTHS = [0, 1, 5, 60, 300, 3_000, 20_000, 70_000]


def noise(seed: int, alphabet: str, length: int) -> str:
    """Text that cannot be compressed much: an index entry in Postgres has room for 2,700 bytes after compression."""
    return "".join(Random(seed).choices(alphabet, k=length))


texts = st.text(max_size=20) | st.builds(
    noise, st.integers(0, 2**32), st.sampled_from(ALPHABETS), st.sampled_from(LENGTHS)
)
LONG = noise(1, ALPHABETS[1], 5_000)
names = st.sampled_from(
    ["cluster", "service", "host", "namespace", "alertname", "severity", "source", "heartbeat", "@title", "a.b", "a"]
) | st.text(max_size=30)  # fmt: skip
pairs = st.dictionaries(names, texts, max_size=6)
moments = st.datetimes(timezones=st.just(UTC)).map(datetime.isoformat) | st.sampled_from(
    ["0001-01-01T00:00:00Z", "0002-01-01T00:00:00+14:00", "9999-12-31T23:59:59Z", "1969-12-31T23:59:59-12:00"]
)
words = st.sampled_from(["firing", "resolved"])
agents = st.fixed_dictionaries(
    {"agent_id": texts}, optional={"action_taken": texts, "action_result": texts, "auto_resolved": st.booleans()}
)


def objects(required, optional):
    return st.fixed_dictionaries(required, optional=optional)


generic = objects(
    {"title": texts},
    {"status": words, "severity": texts, "fingerprint": texts, "description": texts, "labels": pairs, "url": texts,
     "annotations": pairs, "starts_at": moments, "ends_at": moments, "source": texts, "agent_metadata": agents},
)  # fmt: skip
of_alertmanager = objects(
    {"labels": pairs},
    {"status": words, "annotations": pairs, "startsAt": moments, "endsAt": moments, "fingerprint": texts},
)  # fmt: skip
of_keep = objects(
    {"name": texts},
    {"status": texts | words, "severity": texts, "labels": pairs, "fingerprint": texts, "source": texts | st.lists(texts),
     "lastReceived": moments | st.integers(), "service": texts, "environment": texts, "note": texts},
)  # fmt: skip
of_legacy_grafana = objects({"ruleName": texts, "state": texts}, {"tags": pairs, "message": texts, "ruleId": texts})


def several(kind):
    return st.lists(kind, min_size=1, max_size=3).map(lambda alerts: {"alerts": alerts})


calls = st.one_of(
    st.tuples(st.just("generic"), several(generic)),
    st.tuples(st.just("alertmanager"), several(of_alertmanager)),
    st.tuples(st.just("grafana"), several(of_alertmanager) | of_legacy_grafana),
    st.tuples(st.just("keep"), several(of_keep)),
)


class Undone(Exception):  # noqa: N818  (no error: it ends a transaction on purpose)
    """Ends a transaction."""


class World:
    """A tenant with a rule of every kind, in which calls are handled and then undone."""

    def __init__(self, outbox, enricher: Enricher, tenant: str) -> None:
        self.outbox = outbox
        self.enricher = enricher
        self.tenant = tenant

    async def handle(self, source: str, body: bytes) -> None:
        """Reads a call as ingest does and stores it as enrichment does."""
        key = Actor(kind="api_key", id="k", name="k")
        call = Call(
            receipt_id=new_id(), tenant=self.tenant, key_id=new_id(), actor=key, source=source,
            at=datetime.now(UTC), trace="00-01995d6f3c4e7a109d2b5f1f0c9e4a77-9d2b5f1f0c9e4a77-00",
        )  # fmt: skip
        try:
            reading = read_payload(source, body, Limits(), {})
        except NightOwlError:
            return  # ingest's own tests say which errors these are
        events = [decode_event(each.body) for each in cut_messages(call, reading, new_id=new_id)]
        with suppress(Undone):
            async with self.outbox.global_tx() as tx:
                handled = await self.enricher.apply(tx, events, Counter())
                await inbox.insert_handled(tx, CONSUMER, handled)
                await self._check_and_undo(tx, handled, events)

    async def _check_and_undo(self, tx, handled, events) -> None:
        await tx.execute("SET CONSTRAINTS ALL IMMEDIATE")  # the audit's chain, which a commit would add
        said = [each for one in handled for each in one.dispositions]
        assert len(said) == sum(len(each.data.alerts) + len(each.data.rejected) for each in events)
        assert said.count("rejected") == sum(len(each.data.rejected) for each in events)
        stored = {row["title"] for row in await tx.fetch("SELECT title, labels, starts_at, ended_at FROM alerts")}
        received = {alert.title for each in events for alert in each.data.alerts}
        assert stored <= received
        raise Undone


@pytest.fixture
async def world(outbox, bus, database, tenant) -> World:
    team = await seed_team(database, tenant)
    matchers = [{"name": "cluster", "op": "=~", "value": "(a|b)*c?"}, {"name": "@title", "op": "!~", "value": "x+"}]
    async with database.tenant_tx(tenant) as tx:
        await tx.execute(
            "INSERT INTO routes (name, position, matchers, policy_id, pages_from, continues)"
            " VALUES ('r', 0, $1, $2, 'info', true)", matchers, team.policy_id,
        )  # fmt: skip
        await tx.execute(
            "INSERT INTO grouping_rules (name, position, matchers, group_by, threshold)"
            " VALUES ('g', 0, '[]', '{host,namespace,@title}', 1)"
        )
        await tx.execute(
            "INSERT INTO incidents (title, severity, error_patterns) VALUES ('i', 'major', '{\"(a|b)+ c\"}')"
        )
        await tx.execute("UPDATE tenant_config SET knowledge_version = knowledge_version + 1")
    made = Settings(database_url="", nats_url="", redis_url="redis://127.0.0.1:1", max_attempts=2)
    enricher = Enricher(
        outbox=outbox, bus=bus, settings=made, matcher=Matcher(cache=Cache(made.redis_url), settings=made)
    )
    return World(outbox, enricher, tenant)


def one(**fields) -> dict:
    return {"alerts": [{"title": "x", **fields}]}


@settings(
    max_examples=settings.default.max_examples,
    phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)
@given(calls)
@example(("generic", one(labels={"cluster": LONG})))
@example(("generic", one(labels={"host": LONG, "namespace": LONG})))
@example(("generic", one(agent_metadata={"agent_id": LONG, "auto_resolved": True})))
async def test_what_is_accepted_can_be_stored(world, call):
    """Each alert gets a disposition; no value is one that Postgres, an index or a rule cannot take."""
    source, payload = call

    await world.handle(source, msgspec.json.encode(payload))
