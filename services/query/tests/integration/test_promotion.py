"""An alert becomes an entry of the knowledge base."""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID, uuid4

import pytest
from httpx import AsyncClient

from nightowl_common.bus import Bus
from nightowl_common.db import Database
from nightowl_contracts import IncidentCreated, decode_event, subjects

pytestmark = pytest.mark.integration

Fire = Callable[..., Awaitable[UUID]]
ClientOf = Callable[..., Awaitable[AsyncClient]]


async def describe(database: Database, tenant: str, alert_id: UUID, **values: object) -> None:
    async with database.tenant_tx(tenant) as tx:
        for column, value in values.items():
            await tx.execute(f"UPDATE alerts SET {column} = $2 WHERE id = $1", alert_id, value)


async def promote(client: AsyncClient, alert_id: UUID, **overrides: object) -> dict:
    answer = await client.post(f"/api/v1/alerts/{alert_id}/promote", json=overrides)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def version(database: Database, tenant: str) -> int:
    async with database.tenant_tx(tenant) as tx:
        return await tx.fetchval("SELECT knowledge_version FROM tenant_config")


async def count_incidents(client: AsyncClient) -> int:
    return (await client.get("/api/v1/incidents")).json()["total"]


async def test_the_draft_says_what_the_alert_says(
    client: AsyncClient, fire: Fire, database: Database, tenant: str
) -> None:
    """Labels, texts and the resolution find their fields; nothing is saved."""
    alert_id = await fire("Disk full", severity="major", fingerprint="fp-1")
    await describe(
        database, tenant, alert_id,
        labels={"service": "shop", "cluster": "c1", "namespace": "prod"}, annotations={"summary": "98 % used"},
    )  # fmt: skip
    await client.patch(f"/api/v1/alerts/{alert_id}/resolve", json={"resolution": "made room"})

    draft = (await client.get(f"/api/v1/alerts/{alert_id}/promote")).json()
    await describe(database, tenant, alert_id, description="Volume data is full.", title="t" * 10_000)
    fuller = (await client.get(f"/api/v1/alerts/{alert_id}/promote")).json()

    assert draft == {
        "title": "Disk full", "severity": "major", "fingerprints": ["fp-1"], "services": ["shop"], "clusters": ["c1"],
        "namespaces": ["prod"], "symptoms": "98 % used", "solution": "made room", "root_cause": "", "category": None,
        "tags": [], "error_patterns": [], "postmortem_url": None, "runbook_id": None,
    }  # fmt: skip
    assert (fuller["symptoms"], len(fuller["title"])) == ("Volume data is full.", 500)
    assert await count_incidents(client) == 0


async def test_a_promoted_alert_shows_its_incident(
    client: AsyncClient, fire: Fire, database: Database, tenant: str
) -> None:
    """Incident, link, timeline, history, audit row, event and knowledge version are there together."""
    alert_id = await fire("Disk full", fingerprint="fp-1")
    before = await version(database, tenant)

    made = await promote(client, alert_id, solution="grow the volume", tags=["disk"], title="Volume full")

    assert (made["title"], made["severity"], made["solution"]) == ("Volume full", "critical", "grow the volume")
    assert (made["fingerprints"], made["tags"], made["origin"]) == (["fp-1"], ["disk"], "person")
    matched = (await client.get(f"/api/v1/alerts/{alert_id}")).json()["matched_incident"]
    assert (matched["id"], matched["kind"], matched["score"]) == (made["id"], "learned", 1.0)
    timeline = (await client.get(f"/api/v1/alerts/{alert_id}/timeline")).json()["items"]
    assert (timeline[-1]["kind"], timeline[-1]["evidence"]) == ("knowledge_written", {"incident_id": made["id"]})
    assert timeline[-1]["actor"]["name"] == "engineer key"
    [told] = (await client.get(f"/api/v1/incidents/{made['id']}/history")).json()["items"]
    assert (told["action"], told["diff"]["promoted_from"]) == ("created", [None, str(alert_id)])
    assert (await client.get("/api/v1/incidents/fingerprint/fp-1")).json()["id"] == made["id"]
    assert await version(database, tenant) > before
    async with database.tenant_tx(tenant) as tx:
        row = await tx.fetchrow("SELECT action, changes FROM audit_log WHERE entity_id = $1", UUID(made["id"]))
    assert row is not None
    assert (row["action"], row["changes"]["promoted_from"]) == ("created", [None, str(alert_id)])


async def test_the_promotion_is_told_as_an_event(client: AsyncClient, fire: Fire, bus: Bus, tenant: str) -> None:
    """`incident.created` carries the incident that the alert became."""
    alert_id = await fire("Disk full", fingerprint="fp-1")
    told: asyncio.Queue[bytes] = asyncio.Queue()
    await bus.listen(subjects.event(tenant, "incident.created.v1"), told.put)

    made = await promote(client, alert_id)

    event = decode_event(await asyncio.wait_for(told.get(), timeout=10))
    assert isinstance(event, IncidentCreated)
    assert (str(event.data.incident_id), event.data.fingerprints) == (made["id"], ["fp-1"])
    assert event.actor.name == "engineer key"


async def test_what_is_known_already_is_not_written_twice(client: AsyncClient, fire: Fire) -> None:
    """409 names the incident that answers for the fingerprint, for the draft too, and for the next episode."""
    first = await fire("Disk full", fingerprint="fp-1")
    made = await promote(client, first)
    await client.patch(f"/api/v1/alerts/{first}/resolve")
    second = await fire("Disk full", fingerprint="fp-1")

    for alert_id in (first, second):
        drafted = await client.get(f"/api/v1/alerts/{alert_id}/promote")
        refused = await client.post(f"/api/v1/alerts/{alert_id}/promote", json={"fingerprints": []})
        for answer in (drafted, refused):
            assert (answer.status_code, answer.json()["code"]) == (409, "fingerprint_taken")
            assert made["id"] in answer.json()["errors"][0]["reason"]
    assert await count_incidents(client) == 1


async def test_rivals_write_one_incident(client: AsyncClient, fire: Fire) -> None:
    """Two people promote one alert at once: one incident, and a conflict for the other."""
    alert_id = await fire("Disk full", fingerprint="fp-1")
    path = f"/api/v1/alerts/{alert_id}/promote"

    answers = await asyncio.gather(*(client.post(path) for _ in range(4)))

    assert sorted(each.status_code for each in answers) == [201, 409, 409, 409]
    assert await count_incidents(client) == 1


async def test_a_promotion_that_is_sent_twice_is_done_once(client: AsyncClient, fire: Fire) -> None:
    """The same key gets the first answer; another request under it is refused."""
    alert_id = await fire("Disk full")
    path, headers = f"/api/v1/alerts/{alert_id}/promote", {"Idempotency-Key": "p-1"}

    first = await client.post(path, json={"root_cause": "logs"}, headers=headers)
    again = await client.post(path, json={"root_cause": "logs"}, headers=headers)
    other = await client.post(path, json={"root_cause": "dumps"}, headers=headers)

    assert (first.status_code, again.status_code, again.json()) == (201, 201, first.json())
    assert again.headers["etag"] == first.headers["etag"] == '"1"'
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")
    assert await count_incidents(client) == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"title": ""}, "title"),
        ({"severity": "worst"}, "severity"),
        ({"title": None}, "title"),
        ({"runbook_id": str(uuid4())}, "$.runbook_id"),
        ({"error_patterns": ["ok", "("]}, "$.error_patterns[1]"),
        ({"solutions": "a field that is not there"}, "solutions"),
    ],
)
async def test_a_bad_override_is_named_and_nothing_is_written(
    client: AsyncClient, fire: Fire, body: dict[str, object], field: str
) -> None:
    """422 with the field; the alert keeps no link and no entry."""
    alert_id = await fire("Disk full")

    answer = await client.post(f"/api/v1/alerts/{alert_id}/promote", json=body)

    assert answer.status_code == 422, answer.text
    assert any(field in f"{each['field']} {each['reason']}" for each in answer.json()["errors"]), answer.text
    assert (await client.get(f"/api/v1/alerts/{alert_id}")).json()["matched_incident"] is None
    assert len((await client.get(f"/api/v1/alerts/{alert_id}/timeline")).json()["items"]) == 1
    assert await count_incidents(client) == 0


async def test_only_engineers_promote_and_only_what_is_there(
    client: AsyncClient, client_of: ClientOf, fire: Fire, tenant: str
) -> None:
    """Reading the draft is for all; a foreign alert is no alert."""
    alert_id = await fire("Disk full")
    reader = await client_of(tenant, "readonly")

    assert (await reader.get(f"/api/v1/alerts/{alert_id}/promote")).status_code == 200
    assert (await reader.post(f"/api/v1/alerts/{alert_id}/promote")).status_code == 403
    for method in ("GET", "POST"):
        missing = await client.request(method, f"/api/v1/alerts/{uuid4()}/promote")
        assert (missing.status_code, missing.json()["code"]) == (404, "alert_not_found")
