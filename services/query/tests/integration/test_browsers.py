"""Browsers over the API: a person lets the one that they sit before be paged."""

from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
from httpx import AsyncClient

from nightowl_alerting.push.keys import VapidKey
from nightowl_alerting.push.store import end_subscription, load_browsers
from nightowl_alerting.sealing import MasterKeys, make_master_key
from nightowl_alerting.targets.store import load_person
from nightowl_auth import insert_key, make_key
from nightowl_common.db import Database
from nightowl_common.settings import load_settings
from nightowl_contracts import Actor
from nightowl_query.app import build
from nightowl_query.settings import Settings
from nightowl_testkit.apps import RunningApp, running_app
from nightowl_testkit.builders import Team, seed_team
from nightowl_testkit.fakes import FakePush, PushedBrowser
from nightowl_testkit.servers import Servers

pytestmark = pytest.mark.integration

MINE = "/api/v1/me/browsers"
MASTER_KEY = make_master_key("test")
NOTIFIER = Actor(kind="service", id="notifier", name="notifier")


@pytest.fixture
async def pushing(servers: Servers, fake_push: FakePush) -> AsyncIterator[RunningApp]:
    """A query service that knows a key for web push and a master key."""
    keys = {"NIGHTOWL_VAPID_KEY": fake_push.vapid_key, "NIGHTOWL_MASTER_KEYS": MASTER_KEY}
    async with running_app(build, load_settings(Settings, {**servers.environment, **keys})) as running:
        yield running


@pytest.fixture
async def team(database: Database, tenant: str) -> Team:
    """Alice and her colleagues."""
    return await seed_team(database, tenant)


@pytest.fixture
async def key_of_alice(database: Database, tenant: str, team: Team) -> str:
    """Alice herself, an engineer."""
    key = make_key()
    async with database.global_tx() as tx:
        await insert_key(tx, key, tenant=tenant, role="engineer", description="Alice")
        await tx.execute("UPDATE public.api_keys SET user_id = $1 WHERE key_hash = $2", team.alice_id, key.key_hash)
    return key.raw


@pytest.fixture
def alice(pushing: RunningApp, key_of_alice: str) -> AsyncClient:
    """Her client."""
    return pushing.client_with(X_API_Key=key_of_alice)


def told(browser: PushedBrowser, name: str = "Firefox on a phone") -> dict[str, Any]:
    """What the front end sends."""
    return {"name": name, **msgspec.to_builtins(browser.subscription)}


async def test_a_browser_is_verified_at_once_and_its_secrets_are_sealed(
    alice: AsyncClient, database: Database, tenant: str, team: Team, fake_push: FakePush
) -> None:
    """What opens them is the master key alone; escalation pages the person over `push` from then on."""
    browser = fake_push.subscribe()
    before = (await alice.get("/api/v1/push-key")).json()

    made = await alice.post(MINE, json=told(browser))

    assert before == {"public_key": VapidKey.parse(fake_push.vapid_key).public}
    method = made.json()
    assert (made.status_code, method["kind"], method["is_verified"]) == (201, "push", True)
    assert (method["browser_name"], method["gone_at"]) == ("Firefox on a phone", None)
    assert method["address"].startswith(f"127.0.0.1:{fake_push.port}/")
    assert not any(secret in made.text for secret in (browser.name, browser.subscription.auth))
    async with database.tenant_tx(tenant) as tx:
        [found] = await load_browsers(tx, tenant, team.alice_id, MasterKeys.parse(MASTER_KEY))
        stored = await tx.fetchval("SELECT sealed FROM push_subscriptions")
        audited = await tx.fetchval("SELECT changes::text FROM audit_log WHERE action = 'contact_method_added'")
        person = await load_person(tx, team.alice_id)
    assert found.subscription == browser.subscription
    assert browser.name.encode() not in stored
    assert browser.name not in audited
    assert person is not None
    assert person.contact_methods["push"] == str(team.alice_id)


async def test_a_browser_that_comes_again_is_the_same_one(
    alice: AsyncClient, database: Database, tenant: str, team: Team, fake_push: FakePush
) -> None:
    """Also one that was given up: it is paged again, under its new name."""
    browser = fake_push.subscribe()
    first = (await alice.post(MINE, json=told(browser))).json()
    async with database.tenant_tx(tenant) as tx:
        ended = [await end_subscription(tx, first["id"], actor=NOTIFIER) for _ in range(2)]
        unreachable = await load_person(tx, team.alice_id)
    gone = (await alice.get(f"/api/v1/users/{team.alice_id}/contact-methods")).json()["items"][0]

    again = (await alice.post(MINE, json=told(browser, "Chrome"))).json()

    assert ended == [True, False]
    assert (gone["is_verified"], gone["gone_at"] is None) == (False, False)
    assert unreachable is not None
    assert "push" not in unreachable.contact_methods
    assert (again["id"], again["is_verified"], again["gone_at"]) == (first["id"], True, None)
    assert again["browser_name"] == "Chrome"


async def test_a_test_page_is_for_the_browser_that_is_tried(
    alice: AsyncClient, team: Team, fake_push: FakePush
) -> None:  # fmt: skip
    """Not for the others of the person, who may lie beside a bed: the notifier looks the contact method up."""
    made = (await alice.post(MINE, json=told(fake_push.subscribe()))).json()

    tried = await alice.post(f"/api/v1/users/{team.alice_id}/contact-methods/{made['id']}/test")

    assert (tried.status_code, tried.json()["channel"], tried.json()["address"]) == (202, "push", made["id"])


async def test_a_key_that_is_nobodys_lets_no_browser_be_paged(
    client_of: Any, tenant: str, fake_push: FakePush
) -> None:  # fmt: skip
    """Not even a manager's: it would be unknown who reads the pages."""
    manager: AsyncClient = await client_of(tenant, "manager")

    answer = await manager.post(MINE, json=told(fake_push.subscribe()))

    assert (answer.status_code, answer.json()["code"]) == (403, "person_needed")


@pytest.mark.parametrize(
    ("field", "value"),
    [("p256dh", "AAAA"), ("auth", "AAAA"), ("endpoint", "ftp://push.example/x"), ("endpoint", "https://push.example")],
)
async def test_what_could_not_be_pushed_to_is_refused(
    alice: AsyncClient, team: Team, fake_push: FakePush, field: str, value: str
) -> None:
    """422, naming the field."""
    answer = await alice.post(MINE, json={**told(fake_push.subscribe()), field: value})

    assert answer.status_code == 422
    assert f"$.{field}" in answer.text


async def test_a_browser_is_not_turned_into_another_address(
    alice: AsyncClient, team: Team, fake_push: FakePush
) -> None:
    """Its verification would go with it; it can be taken away."""
    made = (await alice.post(MINE, json=told(fake_push.subscribe()))).json()
    one = f"/api/v1/users/{team.alice_id}/contact-methods/{made['id']}"

    changed = await alice.put(one, json={"kind": "sms", "address": "+4915550000009"})
    written = await alice.post(one.rpartition("/")[0], json={"kind": "push", "address": "push.example/x"})

    assert (changed.status_code, changed.json()["code"], written.status_code) == (409, "browser_contact", 422)
    assert (await alice.delete(one)).json() == {"outcome": "deleted"}


async def test_without_keys_there_is_nothing_to_subscribe_under(
    service: RunningApp, key_of_alice: str, team: Team, fake_push: FakePush
) -> None:
    """The front end says so instead of offering it."""
    client = service.client_with(X_API_Key=key_of_alice)

    answer = await client.post(MINE, json=told(fake_push.subscribe()))

    assert (await client.get("/api/v1/push-key")).json() == {"public_key": None}
    assert (answer.status_code, answer.json()["code"]) == (409, "no_web_push")
