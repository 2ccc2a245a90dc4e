"""What is shown beside an alert: what its answer resolved last, and other problems that are like it."""

import json
from collections.abc import Awaitable, Callable, Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from httpx import AsyncClient

from nightowl_common.db import Database, Tx
from nightowl_query.store import likeness, resolutions

pytestmark = pytest.mark.integration

Fire = Callable[..., Awaitable[UUID]]


async def describe(database: Database, tenant: str, alert_id: UUID, **values: object) -> None:
    async with database.tenant_tx(tenant) as tx:
        for column, value in values.items():
            await tx.execute(f"UPDATE alerts SET {column} = $2 WHERE id = $1", alert_id, value)


async def write(client: AsyncClient, **content: object) -> UUID:
    answer = await client.post("/api/v1/incidents", json={"title": "Volume full", "severity": "major", **content})
    return UUID(answer.json()["id"])


async def resolved(client: AsyncClient, fire: Fire, database: Database, tenant: str, incident_id: UUID, **more: Any) -> UUID:  # fmt: skip
    """An alert that the incident was counted for."""
    alert_id = await fire(more["title"], fingerprint=more["title"])
    await client.patch(f"/api/v1/alerts/{alert_id}/resolve", json={"resolution": more["wrote"]})
    await describe(database, tenant, alert_id, matched_incident_id=incident_id, match_kind="text", match_score=0.5)
    async with database.tenant_tx(tenant) as tx:
        await tx.execute(
            "INSERT INTO incident_resolutions SELECT id, $2, resolved_at, $3 FROM alerts WHERE id = $1",
            alert_id, incident_id, more["minutes"],
        )  # fmt: skip
    return alert_id


async def test_the_last_times_are_told_with_who_and_how(
    client: AsyncClient, fire: Fire, database: Database, tenant: str
) -> None:
    """Newest first, as many as are asked for; one that is open again has not been resolved."""
    incident_id = await write(client)
    made = [
        await resolved(client, fire, database, tenant, incident_id, title=f"t{n}", wrote=f"did {n}", minutes=n + 0.5)
        for n in range(5)
    ]
    await client.patch(f"/api/v1/alerts/{made[4]}/reopen")

    last = (await client.get(f"/api/v1/incidents/{incident_id}/resolutions")).json()

    assert [each["alert_id"] for each in last["items"]] == [str(made[n]) for n in (3, 2, 1)]
    newest = last["items"][0]
    assert (newest["title"], newest["resolution"], newest["minutes"]) == ("t3", "did 3", 3.5)
    assert (newest["resolved_by"]["name"], newest["service"]) == ("engineer key", None)
    assert len((await client.get(f"/api/v1/incidents/{incident_id}/resolutions?limit=1")).json()["items"]) == 1
    assert (await client.get(f"/api/v1/incidents/{uuid4()}/resolutions")).status_code == 404


async def test_similar_alerts_share_service_name_or_answer(
    client: AsyncClient, fire: Fire, database: Database, tenant: str
) -> None:
    """Each says what it shares; the same problem is none, and what shares nothing is not shown."""
    incident_id = await write(client)
    async with database.tenant_tx(tenant) as tx:
        service_id = await tx.fetchval("INSERT INTO services (name) VALUES ('orders') RETURNING id")
    this, mate, namesake, answered, stranger = [await fire(name, fingerprint=name) for name in "abcde"]
    await client.patch(f"/api/v1/alerts/{answered}/resolve", json={"resolution": "made room"})
    again = await fire("a", fingerprint="a")
    labels = {"alertname": "DiskFull"}
    await describe(database, tenant, this, service_id=service_id, labels=labels, matched_incident_id=incident_id)
    await describe(database, tenant, mate, service_id=service_id, labels=labels)
    await describe(database, tenant, namesake, title="DiskFull")
    await describe(database, tenant, answered, matched_incident_id=incident_id)

    found = (await client.get(f"/api/v1/alerts/{this}/similar")).json()

    assert [(each["id"], each["shares"]) for each in found["items"]] == [
        (str(mate), ["service", "name"]), (str(namesake), ["name"]), (str(answered), ["incident"])
    ]  # fmt: skip
    assert again == this
    assert found["items"][0]["service"] == {"id": str(service_id), "name": "orders"}
    assert (found["items"][2]["status"], found["items"][2]["resolution"]) == ("resolved", "made room")
    assert (await client.get(f"/api/v1/alerts/{stranger}/similar")).json()["items"] == []
    assert (await client.get(f"/api/v1/alerts/{uuid4()}/similar")).status_code == 404


async def test_a_problem_is_shown_once_and_ten_at_most(
    client: AsyncClient, fire: Fire, database: Database, tenant: str
) -> None:
    """By its newest episode, open ones before those that are over."""
    titles = [f"p{n}" for n in range(13)]
    over = [await fire("Disk full", fingerprint=each) for each in titles]
    for each in over[:12]:
        await client.patch(f"/api/v1/alerts/{each}/resolve")
    second = await fire("Disk full", fingerprint="p0")
    await client.patch(f"/api/v1/alerts/{second}/resolve")
    third = await fire("Disk full", fingerprint="p0")

    found = (await client.get(f"/api/v1/alerts/{over[12]}/similar")).json()["items"]

    assert [each["id"] for each in found] == [str(each) for each in (third, *over[11:2:-1])]


MANY = """
INSERT INTO alerts (id, fingerprint, episode, status, severity, source, title, labels, service_id, matched_incident_id,
    first_fired_at, last_fired_at, resolved_at, resolved_by, escalation_state, escalation_reason)
SELECT public.uuidv7_floor('2026-01-01Z'::timestamptz + n * interval '1 minute'), 'old-' || n, 1, 'resolved', 'major',
    'generic', 'Disk full', '{"alertname": "DiskFull"}', $1, $2, '2026-01-01Z', '2026-01-01Z', '2026-01-01Z', $3, 'none',
    'for tests'
FROM generate_series(1, 6000) AS n
"""


async def test_what_was_kept_does_not_make_them_slower(
    client: AsyncClient, fire: Fire, database: Database, tenant: str
) -> None:
    """With 6,000 alerts that share everything, no step of either query sees more rows than its short list holds."""
    incident_id = await write(client)
    this = await fire("Disk full", fingerprint="this")
    async with database.tenant_tx(tenant) as tx:
        service_id = await tx.fetchval("INSERT INTO services (name) VALUES ('orders') RETURNING id")
        await tx.execute(MANY, service_id, incident_id, {"kind": "user", "id": "u", "name": "U"})
        await tx.execute(
            "INSERT INTO incident_resolutions SELECT id, $1, resolved_at, 5 FROM alerts WHERE status = 'resolved'",
            incident_id,
        )
        await tx.execute("ANALYZE alerts, incident_resolutions")
    await describe(database, tenant, this, service_id=service_id, matched_incident_id=incident_id)

    async with database.tenant_tx(tenant) as tx:
        similar = await most_rows(tx, likeness.SQL["list_similar"], this, likeness.MOST)
        last = await most_rows(tx, resolutions.SQL["list_resolutions"], incident_id, 3)

    assert (similar <= 1_200, last <= 10) == (True, True), (similar, last)
    assert len((await client.get(f"/api/v1/alerts/{this}/similar")).json()["items"]) == 10


async def most_rows(tx: Tx, query: str, *arguments: object) -> int:
    """The most rows that a step of the plan has read or passed over, in all its rounds."""
    told = await tx.fetchval(f"EXPLAIN (ANALYZE, FORMAT JSON) {query}", *arguments)
    [plan] = json.loads(told) if isinstance(told, str) else told

    def steps(node: dict[str, Any]) -> Iterator[float]:
        passed = node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
        yield (node["Actual Rows"] + passed) * node["Actual Loops"]
        for each in node.get("Plans", []):
            yield from steps(each)

    return int(max(steps(plan["Plan"])))
