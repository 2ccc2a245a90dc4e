"""Facets of the alert list: what they count, and the filters that they offer."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from httpx import AsyncClient

from nightowl_alerting.model import Route
from nightowl_auth import Role
from nightowl_common.db import Database

pytestmark = pytest.mark.integration

Fire = Callable[..., Awaitable[UUID]]
PersonClientOf = Callable[[UUID, Role], Awaitable[AsyncClient]]


async def titles(client: AsyncClient, **query: str | list[str]) -> set[str]:
    answer = await client.get("/api/v1/alerts", params=query)
    assert answer.status_code == 200, answer.text
    return {each["title"] for each in answer.json()["items"]}


async def counts(client: AsyncClient, facet: str, **query: str | list[str]) -> dict[str | None, int]:
    answer = await client.get("/api/v1/alerts/facets", params=query)
    assert answer.status_code == 200, answer.text
    return {each["value"]: each["count"] for each in answer.json()[facet]}


@pytest_asyncio.fixture(loop_scope="session")
async def ids(
    fire: Fire, policy: Route, database: Database, tenant: str, people: dict[str, UUID], person_client: PersonClientOf
) -> dict[str, Any]:
    """Four alerts that differ in everything that can be asked for."""
    alerts = {
        "disk": await fire("disk", severity="critical", source="keep", route=policy),
        "cpu": await fire("cpu", severity="critical"),
        "net": await fire("net", severity="info"),
        "old": await fire("old", severity="major"),
    }
    async with database.tenant_tx(tenant) as tx:
        incident = await tx.fetchval("INSERT INTO incidents (title, severity) VALUES ('a', 'major') RETURNING id")
        service = await tx.fetchval("INSERT INTO services (name, owner) VALUES ('pay', 'team-a') RETURNING id")
        await tx.execute(
            "UPDATE alerts SET matched_incident_id = $2, match_kind = 'text', match_score = 1 WHERE id = $1",
            alerts["disk"],
            incident,
        )
        await tx.execute("UPDATE alerts SET service_id = $2 WHERE id = $1", alerts["cpu"], service)
        await tx.execute("UPDATE alerts SET labels = $2 WHERE id = $1", alerts["disk"], {"cluster": "eu"})
        await tx.execute("UPDATE alerts SET labels = $2 WHERE id = $1", alerts["cpu"], {"cluster": "us"})
    ada = await person_client(people["Ada"], "engineer")
    await ada.patch(f"/api/v1/alerts/{alerts['disk']}/acknowledge")
    await ada.patch(f"/api/v1/alerts/{alerts['net']}/assign", json={"assignee_id": str(people["Bob"])})
    await ada.patch(f"/api/v1/alerts/{alerts['old']}/resolve")
    return {"policy": str(policy.policy_id), "ada": str(people["Ada"]), "bob": str(people["Bob"])}


async def test_every_facet_is_a_filter_both_ways(client: AsyncClient, ids: dict[str, Any]) -> None:
    """A value, several, none; and all but a value."""
    everything = {"disk", "cpu", "net", "old"}

    assert await titles(client, cluster="eu") == {"disk"}
    assert await titles(client, cluster=["eu", "us"]) == {"disk", "cpu"}
    assert await titles(client, cluster="") == {"net", "old"}
    assert await titles(client, not_cluster=["eu", ""]) == {"cpu"}
    assert await titles(client, holder=ids["ada"]) == {"disk"}
    assert await titles(client, holder=[ids["bob"], "none"]) == everything - {"disk"}
    assert await titles(client, not_holder="none") == {"disk", "net"}
    assert await titles(client, policy=ids["policy"].upper()) == {"disk"}
    assert await titles(client, not_policy=ids["policy"]) == everything - {"disk"}
    assert await titles(client, policy="none") == everything - {"disk"}
    assert await titles(client, knowledge="true") == {"disk"}
    assert await titles(client, knowledge="false") == everything - {"disk"}
    assert await titles(client, service="") == everything - {"cpu"}
    assert await titles(client, service=["", "pay"]) == everything
    assert await titles(client, not_service="") == {"cpu"}
    assert await titles(client, not_service="pay") == everything - {"cpu"}
    assert await titles(client, not_source="keep") == everything - {"disk"}
    assert await titles(client, not_status=["firing", "resolved"]) == {"disk"}
    assert await titles(client, not_severity="critical") == {"net", "old"}
    assert await titles(client, status=["firing", "resolved"], not_status="resolved") == {"cpu", "net"}
    assert await titles(client, status="firing", not_status="firing") == set()
    assert (await client.get("/api/v1/alerts?policy=mine")).status_code == 422


async def test_each_facet_is_counted_under_the_filters_on_the_others(client: AsyncClient, ids: dict[str, Any]) -> None:
    """So its other values can be chosen; the total is that of the whole filter."""
    wanted = {"severity": "critical", "status": ["firing", "acknowledged"]}

    assert await counts(client, "severity", **wanted) == {"critical": 2, "info": 1}
    assert await counts(client, "status", **wanted) == {"firing": 1, "acknowledged": 1}
    assert await counts(client, "status", not_status="resolved") == {"firing": 2, "acknowledged": 1, "resolved": 1}
    assert await counts(client, "source", **wanted, source="keep") == {"keep": 1, "generic": 1}
    assert await counts(client, "service", **wanted, source="keep") == {None: 1}
    assert await counts(client, "cluster", **wanted) == {"eu": 1, "us": 1}
    assert await counts(client, "knowledge", **wanted, knowledge="true") == {"true": 1, "false": 1}
    assert await counts(client, "holder", not_holder="none") == {ids["ada"]: 1, ids["bob"]: 1, None: 2}
    facets = (await client.get("/api/v1/alerts/facets", params={**wanted, "knowledge": "true"})).json()
    assert (facets["total"], facets["is_exact"], facets["cut"]) == (1, True, [])


async def test_ids_are_told_by_name(client: AsyncClient, ids: dict[str, Any]) -> None:
    """People and keys who have an alert, and policies."""
    await client.patch(
        f"/api/v1/alerts/{(await client.get('/api/v1/alerts?q=cpu')).json()['items'][0]['id']}/acknowledge"
    )

    facets = (await client.get("/api/v1/alerts/facets")).json()

    assert {each["name"] for each in facets["holder"]} == {"Ada", "Bob", "engineer key", None}
    assert {each["name"] for each in facets["policy"]} == {"default", None}
    assert {each["name"] for each in facets["severity"]} == {None}


async def test_a_bulk_job_takes_the_same_filter(client: AsyncClient, ids: dict[str, Any]) -> None:
    """What is left out of the list is left out of the job."""
    order = {
        "action": "comment",
        "arguments": {"text": "seen"},
        "filter": {"not_cluster": ["eu"], "not_status": ["resolved"]},
    }

    job = await client.post("/api/v1/alerts/bulk", json=order)

    assert (job.status_code, job.json()["total"]) == (202, 2), job.text


async def test_five_thousand_open_alerts_are_counted_exactly(
    client: AsyncClient, database: Database, tenant: str
) -> None:
    """By status, by label, by word; however many resolved ones are newer."""
    async with database.tenant_tx(tenant) as tx:
        await tx.execute(
            """INSERT INTO alerts (id, fingerprint, episode, status, severity, source, title, labels, first_fired_at,
                last_fired_at, acknowledged_at, resolved_at, escalation_state, escalation_reason)
            SELECT uuidv7(n * interval '1 second'), 'fp-' || n, 1, s.status, 'major', 'generic', 'Disk full',
                '{"cluster": "eu", "env": "prod"}', now(), now(), CASE WHEN s.status = 'acknowledged' THEN now() END,
                CASE WHEN s.status = 'resolved' THEN now() END, 'none', 'for tests'
            FROM generate_series(1, 15200) AS n CROSS JOIN LATERAL (
                SELECT CASE WHEN n <= 3000 THEN 'firing' WHEN n <= 5000 THEN 'acknowledged' ELSE 'resolved' END AS status
            ) AS s"""
        )
    is_open = {"status": ["firing", "acknowledged", "investigating"]}

    for more in ({}, {"label": "env=prod"}, {"q": "disk"}, {"cluster": "eu"}, {"sort": "urgent"}):
        page = (await client.get("/api/v1/alerts", params={**is_open, **more, "limit": 1})).json()
        assert (page["total"], page["total_is_exact"]) == (5_000, True), more
    facets = (await client.get("/api/v1/alerts/facets", params=is_open)).json()
    assert (facets["total"], facets["is_exact"], facets["cut"]) == (5_000, True, ["status"])
    assert facets["cluster"] == [{"value": "eu", "count": 5_000, "name": None}]
    assert await counts(client, "status", **is_open) == {"firing": 3_000, "acknowledged": 2_000, "resolved": 5_001}
