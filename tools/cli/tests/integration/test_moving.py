"""A tenant is exported, taken in elsewhere, and answers there as it did."""

import json
import re
import secrets
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
import pytest_asyncio

from nightowl_alerting import lifecycle
from nightowl_alerting.audit import Intact, verify_chain
from nightowl_alerting.credentials import SlackCredentials, save_credentials
from nightowl_alerting.ledger import unaccounted
from nightowl_alerting.model import Route
from nightowl_alerting.sealing import MasterKeys, make_master_key
from nightowl_alerting.transitions import Received
from nightowl_cli.generate_schema import fresh_database
from nightowl_common import clock
from nightowl_common.db import Database
from nightowl_common.ids import new_id
from nightowl_contracts import Actor
from nightowl_query.app import build
from nightowl_query.settings import Settings
from nightowl_testkit.apps import running_app
from nightowl_testkit.builders import an_alert, seed_team
from nightowl_testkit.servers import drop_tenant_now

pytestmark = pytest.mark.integration

KEY = Actor(kind="api_key", id="key", name="Ä key")
EXPORT_KEY = secrets.token_hex(32)
PATHS = [
    "alerts", "alerts?status=firing", "rosters", "policies", "users", "audit-log", "admin/config", "heartbeats",
    "ledger/unaccounted", "incidents", "silences", "groups", "outbox",
]  # fmt: skip


def is_one_sentence(ran, word: str) -> None:
    """Exit code 1 and the word in a sentence."""
    assert (ran.code, ran.out) == (1, ""), ran
    assert word in ran.sentence, ran.err


@pytest_asyncio.fixture(loop_scope="session")
async def elsewhere(own_servers, nightowl):
    """Another installation: the address of its database."""
    async with fresh_database(own_servers.database_url) as url:
        assert (await nightowl("migrate", DATABASE_URL=url)).code == 0
        yield url


@pytest_asyncio.fixture(loop_scope="session")
async def moved(nightowl, own_servers, own_database, tmp_path):
    """A tenant with people, alerts, pages, an audit log, and its file: (slug, key, path)."""
    slug = f"t_{secrets.token_hex(6)}"
    await nightowl("tenant", "create", slug, "--name", "Zebra & Söhne")
    team = await seed_team(own_database, slug)
    route = Route(policy_id=team.policy_id, policy_version=1)
    for title in ("disk", 'mem "ö" ☂\n', "cpu"):
        alert = an_alert(fingerprint=title, title=title, labels={"ratio": "0.10"})
        received = Received(alert=alert, source="generic", receipt_id=new_id(), new_id=new_id(), at=clock.utc_now())
        async with own_database.tenant_tx(slug) as tx:
            [(_, alert_id)] = await lifecycle.receive(tx, slug, [received], route=lambda _alert: route)
    async with own_database.tenant_tx(slug) as tx:
        await lifecycle.acknowledge(tx, slug, alert_id, KEY)
        credentials = SlackCredentials(team_id="T0ACME", bot_token="xoxb-canary-8b1f", signing_secret="s")
        await save_credentials(tx, slug, "slack", credentials, MasterKeys.parse(make_master_key("k")), actor=KEY)
        await tx.execute(
            "UPDATE public.api_keys SET webhook_secret = 'canary-8b1f-long-enough-to-sign' WHERE tenant = $1 AND description = 'first key'",
            slug,
        )
        await tx.execute("UPDATE public.tenants SET severity_words = $2 WHERE slug = $1", slug, {"sev1": "critical"})
    path = tmp_path / "tenant.zip"
    ran = await nightowl("tenant", "export", slug, "--to", str(path), NIGHTOWL_EXPORT_KEY=EXPORT_KEY)
    assert ran.code == 0, ran
    assert "left out: API key ow_" in ran.out
    yield slug, team.key, path
    await drop_tenant_now(own_servers, slug)  # nobody pages for its alerts, and others ask the ledger


async def answers(servers, url: str, key: str) -> dict[str, object]:
    """What the API says about everything, without the names of hosts."""
    settings = Settings(database_url=url, nats_url=servers.nats_url, redis_url=servers.redis_url, database_pool_size=2)
    async with running_app(build, settings) as service:
        client = service.client_with(X_API_Key=key)
        found = {path: await client.get(f"/api/v1/{path}") for path in PATHS}
        for item in found["alerts"].json()["items"]:
            for part in ("", "/timeline", "/deliveries"):
                found[item["id"] + part] = await client.get(f"/api/v1/alerts/{item['id']}{part}")
    assert {each.status_code for each in found.values()} == {200}
    return {path: re.sub(r"http://[^/\"]*", "", each.text) for path, each in found.items()}


@pytest.mark.parametrize("renamed", [False, True])
async def test_it_answers_the_same_elsewhere(nightowl, own_servers, moved, elsewhere, renamed):
    """Under its slug or another one: the same answers to the same key, an intact audit chain, an even ledger."""
    slug, key, path = moved
    there = f"{slug}_eu" if renamed else slug
    extra = ("--slug", there) if renamed else ()

    taken = await nightowl(
        "tenant", "import", str(path), *extra, DATABASE_URL=elsewhere, NIGHTOWL_EXPORT_KEY=EXPORT_KEY
    )

    assert (taken.code, taken.err) == (0, "")
    assert await answers(own_servers, own_servers.database_url, key) == await answers(own_servers, elsewhere, key)
    assert f"{there}\tsuspended" in (await nightowl("tenant", "list", DATABASE_URL=elsewhere)).out
    assert (await nightowl("tenant", "resume", there, DATABASE_URL=elsewhere)).code == 0
    database = await Database.connect(elsewhere, size=2, service="moved")
    async with database.tenant_tx(there) as tx:
        assert await unaccounted(tx, there, []) == []
        assert await tx.fetchval("SELECT count(*) FROM public.timers WHERE tenant = $1", there) == 2
    async with database.tenant_tx(there) as tx:
        verdict = await verify_chain(tx)
    await database.close()
    assert isinstance(verdict, Intact)
    assert verdict.rows == 2


async def test_no_secret_is_in_the_file(moved):
    """Neither sealed credentials nor what calls are signed with."""
    _slug, _key, path = moved
    with ZipFile(path) as bundle:
        text = b"".join(bundle.read(name) for name in bundle.namelist())
        assert "tables/tenant_credentials.jsonl" not in bundle.namelist()

    assert b"canary" not in text
    assert b"ow_" in text


def changed(path: Path, *, leave_out: str = "", **contents: bytes) -> Path:
    """A copy with other contents under some names (`_` for `/` and `.`)."""
    other = path.with_name("changed.zip")
    with ZipFile(path) as source, ZipFile(other, "w", ZIP_DEFLATED) as target:
        for name in source.namelist():
            if name != leave_out:
                target.writestr(name, contents.get(re.sub(r"\W", "_", name), source.read(name)))
    return other


async def test_a_file_that_was_changed_is_refused(nightowl, moved, elsewhere):
    """Rows, manifest, signature, a missing part, another key, no zip at all: refused, and nothing is left of it."""
    slug, _key, path = moved
    with ZipFile(path) as bundle:
        users = bundle.read("tables/users.jsonl")
        manifest = json.loads(bundle.read("manifest.json"))
    manifest["name"] = "Another"
    nothing = path.with_name("nothing.zip")
    nothing.write_bytes(b"nothing")

    async def refused(file: Path, word: str, key: str = EXPORT_KEY) -> None:
        ran = await nightowl("tenant", "import", str(file), DATABASE_URL=elsewhere, NIGHTOWL_EXPORT_KEY=key)
        is_one_sentence(ran, word)

    await refused(changed(path, tables_users_jsonl=users.replace(b"Alice", b"Alicf")), "users.jsonl is not what")
    await refused(changed(path, tables_users_jsonl=users.splitlines(keepends=True)[0]), "users.jsonl is not what")
    await refused(changed(path, manifest_json=json.dumps(manifest).encode()), "signature")
    await refused(changed(path, manifest_sig=b"0" * 64), "signature")
    await refused(changed(path, leave_out="manifest.sig"), "no export")
    await refused(path, "signature", key="another" * 8)
    await refused(path, "32 characters", key="short")
    await refused(nothing, "no export")

    assert slug not in (await nightowl("tenant", "list", DATABASE_URL=elsewhere)).out


async def test_it_is_not_taken_in_beside_itself(nightowl, moved):
    """Its slug is taken; and what it owes would be owed twice under another."""
    slug, _key, path = moved

    same = await nightowl("tenant", "import", str(path), NIGHTOWL_EXPORT_KEY=EXPORT_KEY)
    other = await nightowl("tenant", "import", str(path), "--slug", f"{slug}_b", NIGHTOWL_EXPORT_KEY=EXPORT_KEY)

    is_one_sentence(same, f"tenant {slug} exists")
    is_one_sentence(other, "timers are here already")
    assert f"{slug}_b" not in (await nightowl("tenant", "list")).out


async def test_an_export_of_nobody_leaves_no_file(nightowl, tmp_path):
    """In a sentence."""
    path = tmp_path / "nobody.zip"

    ran = await nightowl("tenant", "export", "nobody_here", "--to", str(path), NIGHTOWL_EXPORT_KEY=EXPORT_KEY)

    is_one_sentence(ran, "no such tenant")
    assert list(tmp_path.iterdir()) == []
