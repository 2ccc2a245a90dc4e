"""What a key says about its calls: that they are signed, and how generic ones are read."""

import hashlib
import hmac

import pytest
from nats.js.errors import NotFoundError

from nightowl_auth import insert_key, make_key
from nightowl_common import clock
from nightowl_common.settings import load_settings
from nightowl_contracts import decode_event, subjects
from nightowl_contracts.topology import INGEST
from nightowl_ingest.app import build
from nightowl_ingest.settings import Settings
from nightowl_testkit.apps import running_app

pytestmark = pytest.mark.integration

GRAFANA = "/api/v1/webhooks/grafana"
TRIAL = "/api/v1/webhooks/generic/test"
SECRET = "a secret of enough length"
BODY = b'{"ruleName": "disk", "state": "alerting"}'
LATER = {"Prefer": "respond-async"}


@pytest.fixture(scope="module")
async def client(servers):
    async with running_app(build, load_settings(Settings, servers.environment)) as service:
        yield service.client


@pytest.fixture
def key_with(database, tenant):
    """Makes a key with more columns."""

    async def make(role="engineer", **columns):
        key = make_key()
        async with database.global_tx() as tx:
            await insert_key(tx, key, tenant=tenant, role=role, description="test")
            for column, value in columns.items():
                await tx.execute(f"UPDATE public.api_keys SET {column} = $2 WHERE key_hash = $1", key.key_hash, value)
        return {"X-API-Key": key.raw, **LATER}

    return make


async def first_on_stream(bus, tenant):
    try:
        message = await bus.jetstream.get_msg(INGEST.name, subject=subjects.ingest(tenant), seq=1, next=True)
    except NotFoundError:
        return None
    return decode_event(message.data)


def sign(body, timestamp=None, secret=SECRET):
    signed = body if timestamp is None else timestamp.encode() + b":" + body
    return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def stamp(age_seconds=0):
    return str(int(clock.utc_now().timestamp()) - age_seconds)


@pytest.mark.parametrize("name", ["X-Grafana-Alert-Signature", "X-Grafana-Alerting-Signature"])
@pytest.mark.parametrize("prefix", [None, "X-Grafana-Alert-Timestamp", "X-Grafana-Alerting-Timestamp"])
async def test_a_signed_call_is_taken(client, key_with, name, prefix):
    """Over the body alone or with a timestamp, under either name."""
    timestamp = None if prefix is None else stamp(200)
    headers = {**await key_with(webhook_secret=SECRET), name: sign(BODY, timestamp)}
    if prefix is not None:
        headers[prefix] = timestamp

    assert (await client.put(GRAFANA, content=BODY, headers=headers)).status_code == 200


@pytest.mark.parametrize("path", [GRAFANA, "/api/v1/webhooks/generic"])
@pytest.mark.parametrize(
    "signing",
    [
        {},
        {"X-Grafana-Alert-Signature": ""},
        {"X-Grafana-Alert-Signature": "ä"},
        {"X-Grafana-Alert-Signature": sign(BODY, secret="another secret of length")},
        {"X-Grafana-Alert-Signature": sign(BODY + b" ")},
        {"X-Grafana-Alert-Signature": sign(BODY), "X-Grafana-Alert-Timestamp": stamp()},
        {"X-Grafana-Alert-Signature": sign(BODY, stamp(86_400)), "X-Grafana-Alert-Timestamp": stamp(86_400)},
        {"X-Grafana-Alert-Signature": sign(BODY, stamp(-86_400)), "X-Grafana-Alert-Timestamp": stamp(-86_400)},
        {"X-Grafana-Alert-Signature": sign(BODY, "soon"), "X-Grafana-Alert-Timestamp": "soon"},
    ],
    ids=["none", "empty", "no-hex", "other-secret", "other-body", "unsigned-time", "old", "early", "no-time"],
)  # fmt: skip
async def test_other_calls_are_refused_and_leave_nothing(client, key_with, bus, tenant, path, signing):
    """401 for every source: whoever has the key alone has nothing."""
    headers = {**await key_with(webhook_secret=SECRET), **signing}
    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]

    answer = await client.post(path, content=BODY, headers=raw)

    assert (answer.status_code, answer.json()["code"]) == (401, "bad_signature")
    assert await first_on_stream(bus, tenant) is None


async def test_a_key_without_secret_needs_no_signature(client, key_with):
    """And one that comes is not looked at."""
    headers = {**await key_with(), "X-Grafana-Alert-Signature": "whatever"}

    assert (await client.post(GRAFANA, content=BODY, headers=headers)).status_code == 200


async def test_grafana_is_told_what_it_may_send(client, key_with):
    """405 names PUT, for this source alone."""
    headers = await key_with()

    grafana = await client.delete(GRAFANA, headers=headers)
    keep = await client.put("/api/v1/webhooks/keep", headers=headers)

    assert (grafana.status_code, grafana.headers["allow"]) == (405, "POST, PUT")
    assert (keep.status_code, keep.headers["allow"]) == (405, "POST")


async def test_a_trial_shows_every_step_and_stores_nothing(client, key_with, bus, tenant):
    """The mapping that was used, what it gave, the alert, the rule of its fingerprint, and what is refused."""
    headers = await key_with(mapping={"alerts": "events", "title": "check", "fingerprint": "id"})
    payload = {"events": [{"check": "disk", "id": 7, "severity": "high"}, {"check": "cpu"}, {"id": 9}]}

    answer = await client.post(TRIAL, json={"payload": payload}, headers=headers)

    trial = answer.json()
    assert answer.status_code == 200
    assert trial["mapping"] == {"alerts": "events", "title": "check", "fingerprint": "id"}
    first, second = trial["alerts"]
    assert first["mapped"] == {"title": "disk", "fingerprint": 7}
    assert (first["fingerprint"], first["fingerprint_rule"]) == ("7", "mapped fingerprint")
    assert (first["alert"]["title"], first["alert"]["severity"]) == ("disk", "major")
    assert second["fingerprint_rule"] == "hash of title and labels"
    assert trial["rejected"] == [{"index": 2, "field": "$.alerts[2].title", "reason": "required"}]
    assert await first_on_stream(bus, tenant) is None


async def test_a_trial_takes_another_mapping(client, key_with):
    """Before it is stored; `{}` shows the plain reading, where the sender's own fingerprint counts."""
    headers = await key_with(mapping={"title": "nothing"})
    payload = {"title": "plain", "a": "mapped", "fingerprint": "f"}

    async def titles(mapping):
        answer = await client.post(TRIAL, json={"payload": payload, "mapping": mapping}, headers=headers)
        return [(each["alert"]["title"], each["fingerprint_rule"]) for each in answer.json()["alerts"]]

    assert await titles({"title": "a"}) == [("mapped", "the sender's fingerprint")]
    assert await titles({}) == [("plain", "the sender's fingerprint")]
    assert await titles(None) == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400), (b"[]", 422), (b"{}", 422), (b'{"payload": 7}', 422),
        (b'{"payload": {}, "mapping": {"title": "["}}', 422), (b'{"payload": {}, "mapping": {"colour": "a"}}', 422),
        (b'{"payload": {}, "mapping": {"alerts": "a"}}', 422),
    ],
)  # fmt: skip
async def test_a_trial_that_makes_no_sense_is_refused(client, key_with, body, status):
    """With what is wrong."""
    answer = await client.post(TRIAL, content=body, headers=await key_with())

    assert answer.status_code == status
    assert answer.json()["detail"]


async def test_a_mapped_payload_without_alerts_is_refused(client, key_with):
    """The sender hears that the mapping finds nothing in it."""
    answer = await client.post(
        "/api/v1/webhooks/generic", json={"other": 1}, headers=await key_with(mapping={"alerts": "events"})
    )

    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"field": "$", "reason": "the mapping's `alerts` finds no alerts"}]


async def test_a_tenants_words_for_severities_count_for_every_source(client, key_with, database, tenant):
    """They stand in the tenant's settings and are read with the key."""
    async with database.global_tx() as tx:
        await tx.execute("UPDATE public.tenants SET severity_words = $2 WHERE slug = $1", tenant, {"sev1": "critical"})
    key = await key_with()

    answer = await client.post(TRIAL, json={"payload": {"title": "a", "severity": "SEV1"}}, headers=key)

    assert [each["alert"]["severity"] for each in answer.json()["alerts"]] == ["critical"]
