"""Payloads as the vendors document them (tests/golden), posted to the running service: what travels on is what stands there.

Beside each `<name>.json` lies `<name>.expected.json`, written by hand: the recorded source and the alerts as they
travel, without their raw text, which is compared with the payload itself.
"""

from pathlib import Path

import msgspec
import pytest

from nightowl_auth import insert_key, make_key
from nightowl_common.settings import load_settings
from nightowl_contracts import decode_event, subjects
from nightowl_contracts.topology import INGEST
from nightowl_ingest.app import build
from nightowl_ingest.settings import Settings
from nightowl_testkit.apps import running_app

pytestmark = pytest.mark.integration

GOLDEN = Path(__file__).parents[4] / "tests/golden"
PAYLOADS = sorted(path for path in GOLDEN.glob("*/*.json") if not path.name.endswith(".expected.json"))
ROUTES = {"signoz": "alertmanager"}


@pytest.fixture(scope="module")
async def service(servers):
    async with running_app(build, load_settings(Settings, servers.environment)) as running:
        yield running


async def key_of(database, tenant, **columns):
    key = make_key()
    async with database.global_tx() as tx:
        await insert_key(tx, key, tenant=tenant, role="engineer", description="golden")
        for column, value in columns.items():
            await tx.execute(f"UPDATE public.api_keys SET {column} = $2 WHERE key_hash = $1", key.key_hash, value)
    return {"X-API-Key": key.raw, "Prefer": "respond-async"}


def name_of(path):
    return f"{path.parent.name}-{path.stem}"


@pytest.mark.parametrize("path", PAYLOADS, ids=name_of)
async def test_golden_payloads_become_the_expected_alerts(service, bus, database, tenant, path):
    """Every field of every alert, the source that is recorded, and what is refused, with its place."""
    expected = msgspec.json.decode(path.with_name(f"{path.stem}.expected.json").read_bytes())
    headers = await key_of(database, tenant, **expected.get("key", {}))
    source = path.parent.name

    answer = await service.client.request(
        expected.get("method", "POST"), f"/api/v1/webhooks/{ROUTES.get(source, source)}", content=path.read_bytes(),
        headers=headers,
    )  # fmt: skip

    assert answer.status_code == 200, answer.text
    assert answer.json()["truncated"] == expected["truncated"]
    message = await bus.jetstream.get_msg(INGEST.name, subject=subjects.ingest(tenant), seq=1, next=True)
    batch = decode_event(message.data).data
    assert batch.source == expected["source"]
    alerts = [msgspec.to_builtins(each) for each in batch.alerts]
    written = [msgspec.json.decode(each.pop("raw")) for each in alerts]
    assert not any(each.pop("raw_is_cut") for each in alerts)
    assert alerts == expected["alerts"]
    assert [{"index": each.index, "field": each.field} for each in batch.rejected] == expected["rejected"]
    whole = msgspec.json.decode(path.read_bytes())
    assert all(each == whole or contains(whole, each) for each in written)


def contains(whole, part):
    """Whether a JSON value is somewhere inside another."""
    inner = whole.values() if isinstance(whole, dict) else whole if isinstance(whole, list) else ()
    return any(each == part or contains(each, part) for each in inner)


def test_signoz_sends_of_one_series_are_one_problem():
    """With data, without, by an older version and resolved: one fingerprint."""
    expected = [msgspec.json.decode(path.read_bytes()) for path in GOLDEN.glob("signoz/*.expected.json")]

    assert len(expected) == 4
    assert len({each["alerts"][0]["fingerprint"] for each in expected}) == 1
