"""A span of real traffic is played again in a shadow: the same without a change, and what a change would do with one."""

import asyncio
import json
import secrets
from datetime import timedelta
from urllib.parse import urlsplit

import asyncpg
import pytest
import pytest_asyncio

from nightowl_alerting import actions, commands
from nightowl_cli.replay.shadow import RULES
from nightowl_common import clock
from nightowl_common.bus import Message
from nightowl_common.ids import new_id
from nightowl_contracts import Actor, AlertsReceived, ReceivedBatch, encode_event, subjects
from nightowl_contracts.topology import EVENTS, INGEST, PAGES, Header
from nightowl_enrichment import app as enrichment
from nightowl_escalation import app as escalation
from nightowl_sql import schema_of
from nightowl_testkit.apps import running_app
from nightowl_testkit.builders import an_alert, seed_team
from nightowl_testkit.servers import drop_tenant_now, make_tenant

pytestmark = pytest.mark.integration

ALICE = Actor(kind="user", id="alice", name="Alice")
HISTORY = {
    "admin_preferences", "alert_groups", "alert_payloads", "alert_timeline", "alert_votes", "alerts", "audit_head", "audit_log",
    "bulk_job_items", "bulk_jobs", "card_work", "deliveries", "delivery_attempts", "escalation_events", "feed_tokens",
    "idempotency_keys", "incident_history", "incident_resolutions", "local_outbox", "message_refs", "push_subscriptions",
    "rejected_payloads", "retention_marks", "roster_handoffs", "roster_revisions", "roster_swaps", "saved_views",
    "slack_threads", "tenant_credentials", "test_pages", "thread_posts", "webhook_attempts", "webhook_deliveries",
    "webhook_subscriptions",
}  # fmt: skip
"""What decides about no alert, or is secret."""


class Past:
    """Makes a past through the real services, and knows when it began."""

    def __init__(self, bus, database, tenant: str) -> None:
        self.bus = bus
        self.database = database
        self.tenant = tenant
        self.since = clock.utc_now()

    async def receive(self, name: str, **content) -> None:
        """One alert is received, and its disposition is there."""
        alert = an_alert(fingerprint=name, title=name, labels={"alertname": name}, **content)
        receipt = new_id()
        batch = ReceivedBatch(receipt_id=receipt, source="generic", alerts=[alert])
        sender = Actor(kind="api_key", id="key", name="key")
        event = AlertsReceived(id=receipt, tenant=self.tenant, at=clock.utc_now(), actor=sender, data=batch)
        headers = {Header.EVENT_ID: str(event.id), Header.ALERTS: "1"}
        subject = subjects.ingest(self.tenant)
        await self.bus.publish(
            Message(stream=INGEST.name, subject=subject, id=str(event.id), body=encode_event(event), headers=headers)
        )
        await self.until("SELECT EXISTS (SELECT FROM public.inbox WHERE event_id = $1)", event.id)

    async def do(self, name: str, command) -> None:
        """Alice does something to an open alert."""
        async with self.database.tenant_tx(self.tenant) as tx:
            alert_id = await tx.fetchval("SELECT id FROM alerts WHERE fingerprint = $1", name)
            await commands.apply(tx, self.tenant, alert_id, ALICE, command)

    async def paged(self, name: str, times: int = 1) -> None:
        """So many tiers of an alert have paged."""
        query = """SELECT count(*) = $2 FROM escalation_events AS e JOIN alerts AS a ON a.id = e.alert_id
            WHERE a.fingerprint = $1"""
        await self.until(query, name, times)

    async def until(self, query: str, *values: object) -> None:
        """Waits until a question is answered with yes."""
        async with asyncio.timeout(20):
            while not await self.ask(query, *values):
                await asyncio.sleep(0.02)

    async def ask(self, query: str, *values: object):
        """A value, from the tenant's tables."""
        async with self.database.tenant_tx(self.tenant) as tx:
            return await tx.fetchval(query, *values)

    @property
    def arguments(self) -> list[str]:
        """The span, for the command."""
        return ["--tenant", self.tenant, "--from", self.since.isoformat(), "--to", self.until_now]

    async def end(self) -> None:
        """All after this is another time, and all of it is published."""
        await self.until("SELECT NOT EXISTS (SELECT FROM public.outbox)")
        self.until_now = clock.utc_now().isoformat()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def past(own_servers, own_database, own_bus):
    """A page that is taken, one that is escalated by hand, a repeat, a warning, and a resolve by the source."""
    tenant = await make_tenant(own_servers, f"t_{secrets.token_hex(6)}")
    await seed_team(own_database, tenant)
    settings = {
        "database_url": own_servers.database_url,
        "nats_url": own_servers.nats_url,
        "redis_url": own_servers.redis_url,
    }
    async with (
        running_app(enrichment.build, enrichment.Settings(**settings)),
        running_app(escalation.build, escalation.Settings(**settings)),
    ):
        made = Past(own_bus, own_database, tenant)
        await made.receive("disk")
        await made.paged("disk")
        await made.receive("load", severity="warning")
        await made.receive("disk")
        await made.do("disk", actions.EscalateNow())
        await made.paged("disk", 2)
        await made.receive("mem")
        await made.paged("mem")
        await made.do("mem", actions.Acknowledge())
        await made.receive("cpu")
        await made.paged("cpu")
        await made.receive("disk", status="resolved", ends_at=clock.utc_now() + timedelta(seconds=1))
        await made.end()
        yield made
    await drop_tenant_now(own_servers, tenant)  # nobody sends its pages, and others ask the ledger


async def shadows(servers) -> list[str]:
    connection = await asyncpg.connect(servers.database_url)
    try:
        rows = await connection.fetch("SELECT datname FROM pg_database WHERE datname LIKE 'nightowl_shadow_%'")
    finally:
        await connection.close()
    return [row["datname"] for row in rows]


async def traces(past) -> list[object]:
    """What a replay must leave as it is: the tenant's messages on the bus, its obligations, its rows."""
    streams = [await past.bus.jetstream.stream_info(each.name, subjects_filter=">") for each in (INGEST, EVENTS, PAGES)]
    messages = {
        subject: count
        for each in streams
        for subject, count in (each.state.subjects or {}).items()
        if past.tenant in subject.split(".")
    }
    rows = [
        await past.ask(f"SELECT count(*) FROM {table}")
        for table in ("alerts", "deliveries", "alert_timeline", "audit_log")
    ]
    timers = await past.ask("SELECT count(*) FROM public.timers WHERE tenant = $1", past.tenant)
    return [messages, rows, timers]


async def test_without_a_change_nothing_differs_and_nothing_is_left(past, nightowl, own_servers):
    """Dispositions, tiers and recipients are the same, people's deeds are done again, nothing of the installation moves."""
    before, there_before = await traces(past), await shadows(own_servers)
    assert before[0], "nothing on the bus"

    ran = await nightowl("replay", *past.arguments)

    assert ran.code == 0, ran
    assert "6 messages, 2 deeds of people, 0 not possible" in ran.out
    assert "opened    4 → 4" in ran.out
    assert "pages     5 → 5" in ran.out
    assert ran.out.endswith("no difference\n")
    assert await traces(past) == before
    assert await shadows(own_servers) == there_before


@pytest_asyncio.fixture(loop_scope="session")
async def changed(past, nightowl):
    """A route makes warnings page, and a roster's order is turned: what a replay says, whose shadow is kept."""
    turn = "UPDATE roster_members SET position = 1 - position"
    async with past.database.tenant_tx(past.tenant) as tx:
        await tx.execute("INSERT INTO routes (name, position, pages_from) VALUES ('all of it', 1, 'warning')")
        await tx.execute(turn)
    yield await nightowl("replay", "--json", "--keep", *past.arguments)
    async with past.database.tenant_tx(past.tenant) as tx:
        await tx.execute("DELETE FROM routes")
        await tx.execute(turn)


async def test_a_changed_rule_shows_what_it_would_have_done(changed):
    """Each alert says what would be otherwise, and only that."""
    found = json.loads(changed.out)

    differences = {
        (each["fingerprint"], each["field"]): (each["was"], each["would_be"]) for each in found["differences"]
    }
    assert changed.code == 1
    assert found["pages"] == {"was": 5, "would_be": 6}
    assert differences[("load", "policy")] == (None, "Platform v1")
    assert differences[("load", "pages")] == ([], ["cycle 1 tier 1: Bob over slack_dm"])
    assert differences[("mem", "pages")] == (
        ["cycle 1 tier 1: Alice over slack_dm"],
        ["cycle 1 tier 1: Bob over slack_dm"],
    )
    assert ("disk", "policy") not in differences


async def test_no_service_starts_on_a_shadow_that_is_kept(past, changed, nightowl, own_servers):
    """It has pages that nobody has sent, and nobody ever shall."""
    name = changed.err.split()[-1]
    url = urlsplit(own_servers.database_url)._replace(path=f"/{name}").geturl()

    refused = await nightowl("run", "notifier", DATABASE_URL=url, NIGHTOWL_MODE="dev")

    connection = await asyncpg.connect(url)
    query = f"SELECT count(*) FROM {schema_of(past.tenant)}.deliveries WHERE status = 'queued'"
    queued = await connection.fetchval(query)
    await connection.close()
    assert name in await shadows(own_servers)
    assert queued > 0
    assert refused.code != 0
    assert "shadow of a replay" in refused.out + refused.err


async def test_every_table_is_rules_or_history(past):
    """Whoever adds a table says whether a replay needs it."""
    tables = await past.ask(
        "SELECT array_agg(relname::text) FROM pg_class WHERE relkind = 'r' AND relnamespace = $1::text::regnamespace",
        schema_of(past.tenant),
    )

    assert set(tables) == set(RULES) | HISTORY
