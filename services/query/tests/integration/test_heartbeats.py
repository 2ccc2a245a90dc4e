"""Heartbeats over the API."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from httpx import AsyncClient

from nightowl_common.db import Database

pytestmark = pytest.mark.integration

ClientOf = Callable[..., Awaitable[AsyncClient]]
Fire = Callable[..., Awaitable[UUID]]
URL = "/api/v1/heartbeats"


@pytest.fixture
async def manager(client_of: ClientOf, tenant: str) -> AsyncClient:
    return await client_of(tenant, "manager")


async def define(manager: AsyncClient, name: str = "nightly", **content: object) -> dict:
    answer = await manager.post(URL, json={"name": name, "interval_seconds": 60, "grace_seconds": 30, **content})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def heard(database: Database, tenant: str, name: str = "nightly") -> datetime:
    """A beat just now, as enrichment writes it; returns the deadline."""
    async with database.tenant_tx(tenant) as tx:
        row = await tx.fetchrow(
            """UPDATE heartbeats SET last_beat_at = public.clock_now(), due_at = public.clock_now() + interval '90 s'
            WHERE name = $1 RETURNING id, due_at""",
            name,
        )
        assert row is not None
        await tx.execute(
            "INSERT INTO public.timers (kind, ref, tenant, due_at) VALUES ('heartbeat', $1, $2, $3)",
            row["id"], tenant, row["due_at"],
        )  # fmt: skip
    due_at: datetime = row["due_at"]
    return due_at


async def missed(database: Database, tenant: str, fire: Fire) -> UUID:
    """A miss, as enrichment writes it; returns its alert."""
    async with database.tenant_tx(tenant) as tx:
        await tx.execute("UPDATE heartbeats SET due_at = NULL, missed_at = public.clock_now()")
        await tx.execute("DELETE FROM public.timers WHERE kind = 'heartbeat' AND tenant = $1", tenant)
    return await fire("No heartbeat", fingerprint="heartbeat:nightly", source="heartbeat")


async def timers(database: Database, tenant: str) -> list[datetime]:
    async with database.global_tx() as tx:
        rows = await tx.fetch("SELECT due_at FROM public.timers WHERE kind = 'heartbeat' AND tenant = $1", tenant)
    return [row["due_at"] for row in rows]


async def findings(client: AsyncClient) -> list[dict]:
    found: list[dict] = (await client.get("/api/v1/ledger/unaccounted")).json()["findings"]
    return found


async def test_a_heartbeat_is_defined_and_waits_for_its_first_beat(
    manager: AsyncClient, database: Database, tenant: str
) -> None:
    """With every default said; nothing is awaited yet."""
    matchers = [{"name": "alertname", "op": "=", "value": "Watchdog"}]

    made = await define(manager, labels={"service": "payments"}, matchers=matchers)

    shown = await manager.get(f"{URL}/nightly")
    assert (shown.status_code, shown.headers["etag"], shown.json()) == (200, '"1"', made)
    expected = {
        "name": "nightly", "description": "", "interval_seconds": 60, "grace_seconds": 30, "severity": "critical",
        "labels": {"service": "payments"}, "matchers": matchers, "is_enabled": True, "status": "waiting",
        "last_beat_at": None, "due_at": None, "missed_at": None, "alert_id": None, "revision": 1,
    }  # fmt: skip
    assert expected.items() <= made.items()
    assert await timers(database, tenant) == []


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ({"name": "a b"}, "$.name"),
        ({"interval_seconds": 29}, "$.interval_seconds"),
        ({"interval_seconds": 31 * 86_400 + 1}, "$.interval_seconds"),
        ({"grace_seconds": -1}, "$.grace_seconds"),
        ({"severity": "bad"}, "$.severity"),
        ({"matchers": []}, "$.matchers"),
        ({"matchers": [{"name": "a", "op": "=~", "value": "("}]}, "$.matchers[0].value"),
        ({"matchers": [{"name": "a", "op": "!=", "value": "x"}]}, "$.matchers"),
    ],
)
async def test_what_cannot_be_a_heartbeat_is_refused(manager: AsyncClient, content: dict, field: str) -> None:
    """422, and the field is named."""
    answer = await manager.post(URL, json={"name": "nightly", "interval_seconds": 60, **content})

    assert answer.status_code == 422, answer.text
    assert [each["field"] for each in answer.json()["errors"]] == [field]


async def test_a_name_is_taken_once(manager: AsyncClient) -> None:
    """Beats name it."""
    await define(manager)

    answer = await manager.post(URL, json={"name": "nightly", "interval_seconds": 60})

    assert (answer.status_code, answer.json()["code"]) == (409, "heartbeat_name_taken")


async def test_a_new_interval_moves_the_timer(manager: AsyncClient, database: Database, tenant: str) -> None:
    """Counted from the last beat; with ETag and audit, and once for the same content."""
    await define(manager)
    due_at = await heard(database, tenant)
    content = {"interval_seconds": 3_600, "grace_seconds": 30}

    stale = await manager.put(f"{URL}/nightly", json=content, headers={"If-Match": '"7"'})
    done = await manager.put(f"{URL}/nightly", json=content, headers={"If-Match": '"1"'})
    same = await manager.put(f"{URL}/nightly", json=content)

    assert stale.status_code == 412
    assert (done.status_code, done.headers["etag"], done.json()["status"]) == (200, '"2"', "alive")
    assert same.json() == done.json()
    assert await timers(database, tenant) == [due_at + timedelta(seconds=3_540)]
    assert await findings(manager) == []
    async with database.tenant_tx(tenant) as tx:
        rows = await tx.fetch("SELECT action, changes FROM audit_log WHERE entity = 'heartbeat' ORDER BY id")
    assert [tuple(row) for row in rows] == [
        ("created", {"name": [None, "nightly"]}),
        ("updated", {"interval_seconds": [60, 3_600]}),
    ]


async def test_disabling_removes_the_timer_and_ends_the_alert_of_a_miss(
    manager: AsyncClient, database: Database, tenant: str, fire: Fire
) -> None:
    """Nothing else could end it any more; enabled again it is awaited from then on."""
    await define(manager)
    await heard(database, tenant)
    alert_id = await missed(database, tenant, fire)
    shown = (await manager.get(f"{URL}/nightly")).json()
    assert (shown["status"], shown["alert_id"]) == ("missed", str(alert_id))

    content = {"interval_seconds": 60, "grace_seconds": 30}
    off = (await manager.put(f"{URL}/nightly", json={**content, "is_enabled": False})).json()

    assert (off["status"], off["alert_id"], off["missed_at"]) == ("disabled", None, None)
    alert = (await manager.get(f"/api/v1/alerts/{alert_id}")).json()
    assert (alert["status"], alert["resolution"]) == ("resolved", "The heartbeat nightly was disabled.")
    assert (await timers(database, tenant), await findings(manager)) == ([], [])

    on = (await manager.put(f"{URL}/nightly", json=content)).json()

    assert on["status"] == "alive"
    assert datetime.fromisoformat(on["due_at"]) > datetime.fromisoformat(on["last_beat_at"]) + timedelta(seconds=90)
    assert len(await timers(database, tenant)) == 1
    assert await findings(manager) == []


async def test_deleting_ends_the_alert_and_leaves_no_timer(
    manager: AsyncClient, database: Database, tenant: str, fire: Fire
) -> None:
    """The answer names the alert that ended with it."""
    await define(manager)
    await heard(database, tenant)
    alert_id = await missed(database, tenant, fire)
    await define(manager, "other")
    await heard(database, tenant, "other")

    gone = await manager.delete(f"{URL}/nightly")
    other = await manager.delete(f"{URL}/other")

    assert gone.json() == {"name": "nightly", "resolved_alert_id": str(alert_id)}
    assert other.json() == {"name": "other", "resolved_alert_id": None}
    assert (await manager.get(f"/api/v1/alerts/{alert_id}")).json()["status"] == "resolved"
    assert (await manager.get(f"{URL}/nightly")).status_code == 404
    assert (await timers(database, tenant), await findings(manager)) == ([], [])


async def test_the_list_is_paged_filtered_and_a_table(manager: AsyncClient, database: Database, tenant: str) -> None:
    """Newest first; as JSON or CSV."""
    for name in ("a", "b", "c"):
        await define(manager, name)
    await heard(database, tenant, "b")

    first = (await manager.get(URL, params={"limit": 2})).json()
    second = (await manager.get(URL, params={"limit": 2, "cursor": first["next_cursor"]})).json()
    alive = (await manager.get(URL, params={"status": "alive"})).json()
    table = await manager.get(URL, headers={"Accept": "text/csv"})

    assert [each["name"] for each in [*first["items"], *second["items"]]] == ["c", "b", "a"]
    assert (first["total"], second["next_cursor"]) == (3, None)
    assert [each["name"] for each in alive["items"]] == ["b"]
    assert "name" in table.text.splitlines()[0].split(",")
    assert len(table.text.splitlines()) == 4


async def test_engineers_read_and_managers_change(
    client: AsyncClient, manager: AsyncClient, client_of: ClientOf, tenant: str
) -> None:
    """And nobody sees another tenant's."""
    await define(manager)

    assert (await client.get(f"{URL}/nightly")).status_code == 200
    assert (await client.post(URL, json={"name": "x", "interval_seconds": 60})).status_code == 403
    assert (await client.put(f"{URL}/nightly", json={"interval_seconds": 60})).status_code == 403
    assert (await client.delete(f"{URL}/nightly")).status_code == 403
    assert (await manager.get(f"{URL}/nothing")).status_code == 404
