"""The operator's commands as processes, on real servers: what they say, what they change, their exit codes."""

import asyncio
import re
import secrets

import asyncpg
import pytest
from nats.js.api import StreamConfig

from nightowl_alerting import lifecycle
from nightowl_alerting.credentials import SlackCredentials, load_credentials, save_credentials
from nightowl_alerting.model import Route
from nightowl_alerting.sealing import MasterKeys
from nightowl_alerting.store import insert_audit
from nightowl_alerting.transitions import Received
from nightowl_auth import KeyRing, SessionRules, begin_session, load_admin, set_password, verify_password
from nightowl_cli.generate_schema import fresh_database
from nightowl_cli.seed import DEV_KEY
from nightowl_common import clock
from nightowl_common.bus import Message
from nightowl_common.cache import Cache
from nightowl_common.ids import new_id
from nightowl_common.outbox import Outbox
from nightowl_common.streams import connect_plain
from nightowl_contracts import Actor, AlertsReceived, ReceivedBatch, encode_event, subjects, topology
from nightowl_contracts.topology import Header
from nightowl_embedded import free_port
from nightowl_embedded.servers import NatsServer
from nightowl_enrichment.handlers.intake import Enricher
from nightowl_enrichment.handlers.matching import Matcher
from nightowl_enrichment.settings import Settings as EnrichmentSettings
from nightowl_testkit.builders import an_alert, insert_policy

pytestmark = pytest.mark.integration

KEY = Actor(kind="api_key", id="key", name="key")


@pytest.fixture
def slug() -> str:
    return f"t_{secrets.token_hex(6)}"


@pytest.fixture
async def empty(own_servers):
    """The address of an empty database."""
    async with fresh_database(own_servers.database_url) as url:
        yield url


@pytest.fixture
def nobody_there() -> str:
    """An address where nobody listens."""
    return f"127.0.0.1:{free_port()}"


def is_one_sentence(ran, *words: str) -> None:
    """Exit code 1, the words, and nothing that only a programmer reads."""
    assert ran.code == 1, ran
    assert "Traceback" not in ran.err
    assert ran.out == ""
    assert ran.sentence, ran.err
    for word in words:
        assert word in ran.sentence, ran.err


# migrate


async def test_migrating_applies_everything_once(nightowl, empty):
    """Each step is told; the second run has nothing to do."""
    first = await nightowl("migrate", DATABASE_URL=empty)
    second = await nightowl("migrate", DATABASE_URL=empty)

    assert first.code == 0
    assert "applied (global): 0001_pre_foundation.sql" in first.out
    assert (second.code, second.out, second.err) == (0, "up to date\n", "")


async def test_a_dry_run_names_what_would_be_applied_and_changes_nothing(nightowl, empty):
    """The real run afterwards still has everything to do."""
    dry = await nightowl("migrate", "--dry-run", DATABASE_URL=empty)

    assert dry.code == 0
    assert "would apply (global): 0001_pre_foundation.sql" in dry.out
    connection = await asyncpg.connect(empty)
    assert await connection.fetchval("SELECT to_regclass('public.tenants')") is None
    await connection.close()
    assert "applied (global)" in (await nightowl("migrate", DATABASE_URL=empty)).out


async def test_two_migrations_at_once_apply_everything_once(nightowl, empty):
    """The second waits for the first and finds nothing to do."""
    runs = await asyncio.gather(*(nightowl("migrate", DATABASE_URL=empty) for _ in range(2)))

    assert [each.code for each in runs] == [0, 0]
    assert sum("applied (global): 0001" in each.out for each in runs) == 1


async def test_a_changed_migration_is_refused_in_a_sentence(nightowl, empty):
    """History is not rewritten."""
    await nightowl("migrate", DATABASE_URL=empty)
    connection = await asyncpg.connect(empty)
    await connection.execute("UPDATE public.migrations SET checksum = 'another'")
    await connection.close()

    is_one_sentence(await nightowl("migrate", DATABASE_URL=empty), "0001_pre_foundation.sql changed after")


@pytest.mark.parametrize(
    "command", ["tenant list", "tenant create early", "seed", "ledger check"], ids=lambda words: words.split()[0]
)
async def test_an_unprepared_database_is_said_to_be_one(nightowl, empty, command):
    """And what to do about it."""
    is_one_sentence(await nightowl(*command.split(), DATABASE_URL=empty), "run `nightowl migrate` first")


async def test_post_is_a_phase_of_its_own(nightowl, empty):
    """Before the expansion it says what to run first; after it there is nothing to contract."""
    await nightowl("migrate", DATABASE_URL=empty)
    connection = await asyncpg.connect(empty)
    await connection.execute("DELETE FROM public.migrations WHERE scope = '(global)' AND version = 14")
    await connection.close()

    is_one_sentence(await nightowl("migrate", "--post", DATABASE_URL=empty), "is missing; run `nightowl migrate`")


# streams


async def test_streams_that_are_right_are_left_alone(nightowl):
    """Nothing differs, nothing is changed."""
    assert (await nightowl("streams", "diff")).code == 0
    assert (await nightowl("streams", "apply")).out == "nothing to change\n"


async def test_drift_is_shown_and_mended(nightowl, own_bus):
    """Exit code 1 with what differs, until it is applied."""
    js = own_bus.jetstream
    config = (await js.stream_info("PAGES")).config
    await js.update_stream(StreamConfig(**{**config.__dict__, "max_age": 3_600.0}))
    await js.delete_consumer("INGEST", "enrichment")

    drifted = await nightowl("streams", "diff")
    applied = await nightowl("streams", "apply")
    again = await nightowl("streams", "diff")

    assert (drifted.code, drifted.err) == (1, "")
    assert "PAGES.max_age: wanted 86400.0, found 3600.0" in drifted.out
    assert "enrichment" in drifted.out
    assert applied.code == 0
    assert "applied PAGES.max_age" in applied.out
    assert (again.code, again.out) == (0, "")


async def test_an_unprepared_broker_is_prepared(nightowl, tmp_path):
    """Everything is made from nothing and can be read again; before that, a look for dead letters says what to do."""
    server = NatsServer(tmp_path / "nats")
    server.start()
    try:
        is_one_sentence(await nightowl("dlq", "list", NATS_URL=server.url), "run `nightowl streams apply` first")
        assert (await nightowl("streams", "diff", NATS_URL=server.url)).code == 1
        assert (await nightowl("streams", "apply", NATS_URL=server.url)).code == 0
        assert (await nightowl("streams", "diff", NATS_URL=server.url)).code == 0
        assert (await nightowl("dlq", "list", NATS_URL=server.url)).out == "no dead letters\n"
        await is_read_again(nightowl, server.url)
    finally:
        server.stop()


async def is_read_again(nightowl, url: str) -> None:
    """A message that enrichment has acknowledged waits for it once more after `streams rewind`."""
    client = await connect_plain(url)
    js = client.jetstream()
    await js.publish("nightowl.ingest.acme", b"{}")
    reader = await js.pull_subscribe_bind(durable="enrichment", stream="INGEST")
    [message] = await reader.fetch(1, timeout=5)
    await message.ack_sync()
    before = (await js.consumer_info("INGEST", "enrichment")).num_pending

    ran = await nightowl("streams", "rewind", NATS_URL=url)

    after = (await js.consumer_info("INGEST", "enrichment")).num_pending
    await client.close()
    assert (before, after) == (0, 1)
    assert ran.out.startswith("1 messages of the last 71 h")


# tenants and the seed


async def test_a_new_tenant_is_listed_and_its_key_works(nightowl, own_database, slug):
    """The key is shown once and belongs to an admin of that tenant."""
    made = await nightowl("tenant", "create", slug, "--name", "Zebra & Söhne")

    assert (made.code, made.err) == (0, "")
    [key] = re.findall(r"key \(shown once\): (\S+)", made.out)
    principal = await KeyRing(own_database).verify(key)
    assert (principal.tenant, principal.role) == (slug, "admin")
    listed = (await nightowl("tenant", "list")).out
    assert re.search(rf"^{slug}\tactive\t\d{{4}}-\d\d-\d\d\tZebra & Söhne$", listed, re.MULTILINE)
    assert key not in listed


async def password_of(database, slug, username="admin"):
    """The stored hash of a local admin."""
    async with database.global_tx() as tx:
        admin = await load_admin(tx, slug, username)
    assert admin is not None
    return admin


async def test_a_new_tenant_has_a_local_admin_with_a_first_password(nightowl, own_database, slug):
    """Shown once; it must be changed."""
    made = await nightowl("tenant", "create", slug)

    [password] = re.findall(r"to be changed at once\): (\S+)", made.out)
    admin = await password_of(own_database, slug)
    assert admin.must_change
    assert await verify_password(admin.password_hash, password)


async def test_a_lost_password_is_replaced(nightowl, own_database, slug):
    """The old one is over, a lock-out ends, sessions end; an admin of a new name is made."""
    first = await nightowl("tenant", "create", slug)
    [old] = re.findall(r"to be changed at once\): (\S+)", first.out)
    admin = await password_of(own_database, slug)
    async with own_database.global_tx() as tx:
        await begin_session(tx, SessionRules(), tenant=slug, local_admin_id=admin.id)
        await set_password(tx, admin.id, admin.password_hash, must_change=False)
        await begin_session(tx, SessionRules(), tenant=slug, local_admin_id=admin.id)
        await tx.execute("UPDATE public.local_admins SET locked_until = '2199-01-01Z' WHERE tenant = $1", slug)

    given = await nightowl("tenant", "password", slug)
    other = await nightowl("tenant", "password", slug, "--username", "night.shift")

    admin = await password_of(own_database, slug)
    [new] = re.findall(r"to be changed at once\): (\S+)", given.out)
    assert (admin.must_change, admin.locked_until) == (True, None)
    assert await verify_password(admin.password_hash, new)
    assert not await verify_password(admin.password_hash, old)
    async with own_database.global_tx() as tx:
        assert (
            await tx.fetchval("SELECT count(*) FROM public.sessions WHERE tenant = $1 AND ended_at IS NULL", slug) == 0
        )
    assert other.code == 0
    assert (await password_of(own_database, slug, "night.shift")).must_change


async def test_a_password_needs_a_tenant(nightowl):
    """One sentence."""
    is_one_sentence(await nightowl("tenant", "password", "nobody_is_here"), "no such tenant")


async def test_a_slug_is_taken_once(nightowl, slug):
    """The second one is told so, and the first one's key is not replaced."""
    await nightowl("tenant", "create", slug)

    is_one_sentence(await nightowl("tenant", "create", slug), f"tenant {slug} exists")


@pytest.mark.parametrize(
    "hostile",
    ["", "Acme", "1acme", "acme-eu", 'a"; DROP SCHEMA public CASCADE; --', "a" * 42, "public.tenants", "ä", "a\nb"],
)
async def test_a_hostile_slug_is_refused_in_a_sentence(nightowl, own_database, hostile):
    """Nothing is made of it."""
    before = await own_database.tenants()

    is_one_sentence(await nightowl("tenant", "create", hostile), "slug")

    assert await own_database.tenants() == before


async def test_seeding_again_undoes_nothing(nightowl, own_database):
    """What people have changed and taken away since the first run stays so, and the key works."""

    async def rows() -> list:
        async with own_database.tenant_tx("acme") as tx:
            return [
                await tx.fetchval(f"SELECT json_agg(t ORDER BY t::text)::text FROM {table} AS t")
                for table in ("users", "rosters", "roster_members", "escalation_policies", "services", "tenant_config")
            ]

    first = await nightowl("seed")
    seeded = await rows()
    async with own_database.tenant_tx("acme") as tx:
        await tx.execute("UPDATE tenant_config SET default_policy_id = NULL, slack_channel = NULL, timezone = 'UTC'")
        await tx.execute("DELETE FROM roster_members")
        await tx.execute("UPDATE users SET email = 'alice@elsewhere.example' WHERE display_name = 'Alice Ambler'")
        await tx.execute("DELETE FROM services")
    changed = await rows()
    second = await nightowl("seed")

    assert (first.code, second.code) == (0, 0)
    assert DEV_KEY in first.out
    assert "tenant acme is there already" in second.out
    assert await rows() == changed != seeded
    assert (await KeyRing(own_database).verify(DEV_KEY)).tenant == "acme"
    assert (await nightowl("ledger", "check")).code == 0


# dead letters


async def publish(bus, tenant: str, *fingerprints: str, body: bytes | None = None) -> AlertsReceived:
    """A webhook call's message on INGEST."""
    alerts = [an_alert(index=n, fingerprint=each) for n, each in enumerate(fingerprints)]
    batch = ReceivedBatch(receipt_id=new_id(), source="generic", alerts=alerts)
    event = AlertsReceived(id=new_id(), tenant=tenant, at=clock.utc_now(), actor=KEY, data=batch)
    headers = {Header.EVENT_ID: str(event.id), Header.ALERTS: str(len(alerts))}
    message = Message(
        stream="INGEST", subject=subjects.ingest(tenant), id=str(event.id), body=body or encode_event(event),
        headers=headers,
    )  # fmt: skip
    await bus.publish(message)
    return event


async def enrich(database, bus, *, until) -> None:
    """Runs enrichment until a condition holds."""
    settings = EnrichmentSettings(database_url="", nats_url="", redis_url="redis://127.0.0.1:1", max_attempts=2)
    outbox, stop = Outbox(database, bus), asyncio.Event()
    matcher = Matcher(cache=Cache(settings.redis_url), settings=settings)
    enricher = Enricher(outbox=outbox, bus=bus, settings=settings, matcher=matcher)
    task = asyncio.create_task(bus.consume(topology.ENRICHMENT, enricher.on_messages, stop=stop, beat=lambda: None))
    try:
        async with asyncio.timeout(20):
            while not await until():
                await asyncio.sleep(0.05)
    finally:
        stop.set()
        await task
        await outbox.close()


async def sequence_of(nightowl, text: str) -> str | None:
    """The number of the dead letter in whose line a text stands."""
    lines = [line for line in (await nightowl("dlq", "list")).out.splitlines() if text in line]
    return lines[0].split("\t")[0] if lines else None


async def test_a_dead_letter_whose_cause_is_mended_is_handled_exactly_once(nightowl, own_database, own_bus, slug):
    """Its tenant was missing: listed with the reason, replayed after the tenant is there, and then gone."""
    event = await publish(own_bus, slug, "disk", "memory")

    async def is_buried() -> bool:
        return await sequence_of(nightowl, slug) is not None

    await enrich(own_database, own_bus, until=is_buried)
    sequence = await sequence_of(nightowl, slug)
    listed = (await nightowl("dlq", "list")).out
    assert re.search(
        rf"^{sequence}\tnightowl\.ingest\.{slug} \d+\t\d+ bytes\tThere is no such tenant\.$", listed, re.MULTILINE
    )

    await nightowl("tenant", "create", slug)
    replayed = await nightowl("dlq", "replay", sequence)
    assert (replayed.code, replayed.out) == (0, f"replayed {sequence}\n")

    async def alerts() -> list:
        async with own_database.tenant_tx(slug) as tx:
            rows = await tx.fetch("SELECT fingerprint, occurrence_count FROM alerts ORDER BY fingerprint")
            return [tuple(row) for row in rows]

    async def are_there() -> bool:
        return await alerts() != []

    await enrich(own_database, own_bus, until=are_there)
    assert await alerts() == [("disk", 1), ("memory", 1)]
    assert await sequence_of(nightowl, slug) is None
    async with own_database.global_tx() as tx:
        told = await tx.fetch("SELECT dispositions FROM public.inbox WHERE event_id = $1", event.id)
    assert [row["dispositions"] for row in told] == [["opened", "opened"]]

    again = await nightowl("dlq", "replay", sequence)
    assert (again.code, again.out) == (1, "no such dead letter\n")
    assert (await nightowl("ledger", "check")).out == ""


async def test_what_is_still_bad_is_buried_again_and_blocks_nobody(nightowl, own_database, own_bus, slug):
    """Replaying too early loses nothing: it is a dead letter again; everything else goes on."""
    await nightowl("tenant", "create", slug)
    await publish(own_bus, slug, "unreadable", body=b"{]")

    async def is_buried() -> bool:
        return await sequence_of(nightowl, slug) is not None

    await enrich(own_database, own_bus, until=is_buried)
    first = await sequence_of(nightowl, slug)

    replayed = await nightowl("dlq", "replay", "--all")
    assert f"replayed {first}\n" in replayed.out
    assert await sequence_of(nightowl, slug) is None
    await enrich(own_database, own_bus, until=is_buried)

    assert int(await sequence_of(nightowl, slug) or 0) > int(first)
    assert (await nightowl("ledger", "check")).out == ""


# the ledger


async def test_the_ledger_says_nothing_of_a_clean_system_and_names_what_is_lost(nightowl, own_database, own_bus, slug):
    """Nothing at all and 0; with a timer missing: the tenant, the rule, the alert, and 1."""
    await nightowl("tenant", "create", slug)
    async with own_database.tenant_tx(slug) as tx:
        tier = {"timeout_minutes": 5, "notify_via": ["sms"], "targets": ["oncall_primary"]}
        policy_id = await insert_policy(tx, [tier], roster_id=None)
    route = Route(policy_id=policy_id, policy_version=1)
    received = Received(
        alert=an_alert(), source="generic", receipt_id=new_id(), new_id=new_id(), at=clock.utc_now()
    )  # fmt: skip
    async with own_database.tenant_tx(slug) as tx:
        [(_, alert_id)] = await lifecycle.receive(tx, slug, [received], route=lambda _alert: route)
    clean = await nightowl("ledger", "check")
    assert (clean.code, clean.out, clean.err) == (0, "", "")

    async with own_database.global_tx() as tx:
        await tx.execute("DELETE FROM public.timers WHERE ref = $1", alert_id)
    broken = await nightowl("ledger", "check")
    async with own_database.tenant_tx(slug) as tx:
        await lifecycle.acknowledge(tx, slug, alert_id, KEY)

    assert (broken.code, broken.err) == (1, "")
    assert broken.out == f"{slug}\trule 2\talert {alert_id}\tshall escalate, has no timer\n"
    assert (await nightowl("ledger", "check")).code == 0


# servers that are away


@pytest.mark.parametrize("command", ["migrate", "tenant list", "tenant create late", "seed", "ledger check"])
async def test_without_a_database_a_command_says_so(nightowl, nobody_there, command):
    """One sentence, not a traceback."""
    ran = await nightowl(*command.split(), DATABASE_URL=f"postgresql://postgres@{nobody_there}/postgres")

    is_one_sentence(ran, "Postgres does not answer", "Connect call failed")


@pytest.mark.parametrize("command", ["streams diff", "streams apply", "dlq list", "dlq replay 1", "ledger check"])
async def test_without_a_broker_a_command_says_so(nightowl, nobody_there, command):
    """One sentence, and it does not wait for ever."""
    is_one_sentence(await nightowl(*command.split(), NATS_URL=f"nats://{nobody_there}"), "NATS does not answer")


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("DATABASE_URL", "", "DATABASE_URL"),
        ("DATABASE_URL", "postgresql://postgres@localhost:port/x", "Postgres does not answer"),
        ("DATABASE_URL", "mysql://localhost", "Postgres does not answer"),
        ("NATS_URL", "", "NATS_URL"),
        ("NATS_URL", "nats://localhost:port", "NATS does not answer"),
    ],
)
async def test_an_address_that_is_missing_or_wrong_is_named(nightowl, name, value, words):
    """The variable, or what is wrong with its value."""
    is_one_sentence(await nightowl("ledger", "check", **{name: value}), words)


async def test_a_database_that_does_not_exist_is_named(nightowl, own_servers):
    """In Postgres' words."""
    url = own_servers.database_url.rpartition("/")[0] + "/nowhere"

    is_one_sentence(await nightowl("migrate", DATABASE_URL=url), 'database "nowhere" does not exist')


async def test_running_a_service_without_its_settings_is_a_sentence(nightowl):
    """The variable that is missing."""
    is_one_sentence(await nightowl("run", "query", REDIS_URL=""), "REDIS_URL")


async def test_only_some_external_servers_are_too_few(nightowl, tmp_path):
    """`up` uses all three or none."""
    ran = await nightowl("up", "--port", "0", "--data-dir", str(tmp_path), REDIS_URL="")

    is_one_sentence(ran, "set DATABASE_URL, NATS_URL and REDIS_URL, or none of them")


async def test_a_taken_port_is_named(nightowl, own_servers, tmp_path):
    """And how to choose another."""
    port = own_servers.nats_url.rpartition(":")[2]

    ran = await nightowl("up", "--port", port, "--data-dir", str(tmp_path))

    is_one_sentence(ran, f"port {port} is taken; choose another with --port")
    assert "Unclosed" not in ran.err


# the audit log


async def test_the_audit_log_is_verified_and_a_changed_row_is_named(nightowl, own_database, slug):
    """Intact with a mark and 0; after a row was changed: the tenant, the row, and 1. Others are not its fault."""
    await nightowl("tenant", "create", slug)
    async with own_database.tenant_tx(slug) as tx:
        for number in range(3):
            await insert_audit(tx, KEY, action="a", entity="thing", entity_id=None, changes={"n": number})
    clean = await nightowl("audit", "verify", "--tenant", slug)
    [mark] = re.findall(rf"^{slug}\tintact\t3 rows\t(3:[0-9a-f]{{64}})$", clean.out, re.MULTILINE)
    known = await nightowl("audit", "verify", "--tenant", slug, "--known", mark)

    async with own_database.tenant_tx(slug) as tx:
        await tx.execute("UPDATE audit_log SET action = 'b' WHERE seq = 2")
    broken = await nightowl("audit", "verify")
    async with own_database.tenant_tx(slug) as tx:
        await tx.execute("UPDATE audit_log SET action = 'a' WHERE seq = 2")
    mended = await nightowl("audit", "verify")

    assert (clean.code, known.code, broken.code, mended.code) == (0, 0, 1, 0)
    assert next(line for line in broken.out.splitlines() if "BROKEN" in line).startswith(f"{slug}\tBROKEN\trow 2\t")
    assert broken.out.count("BROKEN") == 1


@pytest.mark.parametrize("mark", ["", "3", "x:00", "3:xyz"])
async def test_a_mark_that_is_none_is_refused(nightowl, mark):
    """In a sentence."""
    is_one_sentence(await nightowl("audit", "verify", "--tenant", "acme", "--known", mark), "SEQ:HASH")


# suspending and dropping


async def test_a_tenant_is_suspended_resumed_and_dropped(nightowl, own_database, own_bus, slug):
    """Only a suspended one is dropped, with --yes and its slug typed; nothing of it stays, and its slug is free."""
    await nightowl("tenant", "create", slug)
    neighbours = len(await own_database.tenants())
    await publish(own_bus, slug, "disk")
    async with own_database.global_tx() as tx:
        await tx.execute(
            "INSERT INTO public.timers (kind, ref, tenant, due_at) VALUES ('bulk', uuidv7(), $1, now())", slug
        )

    is_one_sentence(await nightowl("tenant", "drop", slug, "--yes", "--slug", slug), "suspend")
    assert (await nightowl("tenant", "suspend", slug)).out == f"tenant {slug} is suspended\n"
    assert f"{slug}\tsuspended" in (await nightowl("tenant", "list")).out
    assert (await nightowl("tenant", "resume", slug)).out == f"tenant {slug} is active\n"
    await nightowl("tenant", "suspend", slug)
    is_one_sentence(await nightowl("tenant", "drop", slug), "--yes")
    is_one_sentence(await nightowl("tenant", "drop", slug, "--yes", "--slug", "acme"), "another slug")
    dropped = await nightowl("tenant", "drop", slug, "--yes", "--slug", slug)

    assert (dropped.code, dropped.out) == (0, f"tenant {slug} is gone\n")
    assert len(await own_database.tenants()) == neighbours - 1
    async with own_database.global_tx() as tx:
        left = await tx.fetchval(
            """SELECT (SELECT count(*) FROM public.timers WHERE tenant = $1)
            + (SELECT count(*) FROM public.api_keys WHERE tenant = $1)
            + (SELECT count(*) FROM public.migrations WHERE scope = $1)
            + (SELECT count(*) FROM pg_catalog.pg_namespace WHERE nspname = 'tenant_' || $1)""",
            slug,
        )
    assert left == 0
    assert await own_bus.scan(topology.INGEST, subject=subjects.ingest(slug)) == []
    assert (await nightowl("tenant", "create", slug)).code == 0


@pytest.mark.parametrize("command", ["suspend", "resume", "drop"])
async def test_a_tenant_that_is_not_there_is_said_to_be_none(nightowl, command):
    """In a sentence."""
    extra = ("--yes", "--slug", "nobody_here") if command == "drop" else ()

    is_one_sentence(await nightowl("tenant", command, "nobody_here", *extra), "tenant")


# secrets


async def test_credentials_go_under_a_new_master_key(nightowl, own_database, slug):
    """After rotating, the new key alone opens them; a tenant whose key is missing is named and stops nobody."""
    old, new, lost = [
        (await nightowl("secrets", "new-key", each)).out.strip() for each in ("old", "new", "lost")
    ]  # fmt: skip
    other = f"{slug}_b"
    content = SlackCredentials(team_id="T0ACME", bot_token="xoxb-1", signing_secret="s")
    for tenant, key in ((slug, old), (other, lost)):
        await nightowl("tenant", "create", tenant)
        async with own_database.tenant_tx(tenant) as tx:
            await save_credentials(tx, tenant, "slack", content, MasterKeys.parse(key), actor=KEY)

    rotated = await nightowl("secrets", "rotate", NIGHTOWL_MASTER_KEYS=f"{new},{old}")
    again = await nightowl("secrets", "rotate", NIGHTOWL_MASTER_KEYS=f"{new},{old},{lost}")

    assert (rotated.code, rotated.out) == (1, "1 wrapped anew under new\n")
    assert f"FAILED {other}: " in rotated.err
    assert again.out == "1 wrapped anew under new\n"
    assert other not in again.err  # tenants of other tests may have secrets under keys that nobody has any more
    for tenant in (slug, other):
        async with own_database.tenant_tx(tenant) as tx:
            assert await load_credentials(tx, tenant, "slack", MasterKeys.parse(new)) == content


async def test_rotating_without_keys_is_a_sentence(nightowl):
    """The variable is named; and one that cannot be read is not told."""
    is_one_sentence(await nightowl("secrets", "rotate"), "NIGHTOWL_MASTER_KEYS")
    is_one_sentence(await nightowl("secrets", "rotate", NIGHTOWL_MASTER_KEYS="a:canary"), "master key 1")


# tenant claim


async def test_a_value_of_a_claim_stands_for_one_tenant(nightowl, own_database, slug):
    """It is listed, cannot be given twice, and is taken away again; the audit log tells of both."""
    await nightowl("tenant", "create", slug)
    value = f"company {slug}"
    made = await nightowl("tenant", "claim", slug, value)
    again = await nightowl("tenant", "claim", slug, value)
    listed = await nightowl("tenant", "claims")
    gone = await nightowl("tenant", "claim", slug, value, "--remove")
    nothing = await nightowl("tenant", "claim", slug, value, "--remove")
    nobody = await nightowl("tenant", "claim", "no_such_tenant", value)

    assert (made.code, gone.code) == (0, 0)
    assert f"{slug}\t{value}\n" in listed.out
    is_one_sentence(again, "stands for a tenant already")
    is_one_sentence(nothing, "does not stand for")
    is_one_sentence(nobody, "no such tenant")
    async with own_database.tenant_tx(slug) as tx:
        told = [
            row["changes"]
            for row in await tx.fetch("SELECT changes FROM audit_log WHERE entity = 'sign_in' ORDER BY id")
        ]
    assert told == [{"claim": [None, value]}, {"claim": [value, None]}]
