"""Rerouting an alert and handing it over, over the API."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from httpx import AsyncClient

from nightowl_alerting.model import Route
from nightowl_common.db import Database
from nightowl_testkit.builders import Team, insert_policy, seed_team

pytestmark = pytest.mark.integration

Fields = dict[str, Any]
Fire = Callable[..., Awaitable[UUID]]


@pytest.fixture
async def team(database: Database, tenant: str) -> Team:
    """Alice, Bob and Carol."""
    return await seed_team(database, tenant)


@pytest.fixture
async def alert_id(fire: Fire, team: Team) -> UUID:
    """An alert under the team's policy, of which nobody has been told yet."""
    return await fire("disk", route=Route(policy_id=team.policy_id, policy_version=1))


async def other_policy(database: Database, tenant: str, team: Team) -> UUID:
    async with database.tenant_tx(tenant) as tx:
        tier = {"timeout_minutes": 5, "notify_via": ["sms"], "targets": [f"user:{team.bob_id}"]}
        return await insert_policy(tx, [tier], roster_id=None, name="Databases")


async def rows(database: Database, tenant: str, query: str, *args: object) -> list[Fields]:
    async with database.tenant_tx(tenant) as tx:
        return [dict(row) for row in await tx.fetch(query, *args)]


async def minutes_left(database: Database, tenant: str, alert_id: UUID) -> int:
    query = """SELECT round(extract(epoch FROM due_at - public.clock_now()) / 60)::integer AS left
        FROM public.timers WHERE kind = 'escalation' AND ref = $1"""
    [row] = await rows(database, tenant, query, alert_id)
    left: int = row["left"]
    return left


async def test_a_reroute_escalates_under_the_other_policy(
    client: AsyncClient, team: Team, alert_id: UUID, database: Database, tenant: str
) -> None:  # fmt: skip
    """Though somebody had it: it fires, tier 1 is due, and timeline and audit say from where to where."""
    other = await other_policy(database, tenant, team)
    await client.patch(f"/api/v1/alerts/{alert_id}/acknowledge")

    answer = await client.post(f"/api/v1/alerts/{alert_id}/reroute", json={"policy_id": str(other), "reason": "theirs"})

    ladder = (await client.get(f"/api/v1/alerts/{alert_id}/escalation")).json()
    timeline = (await client.get(f"/api/v1/alerts/{alert_id}/timeline")).json()["items"]
    assert (answer.status_code, answer.json()["status"]) == (200, "firing")
    assert (ladder["policy_name"], ladder["state"]) == ("Databases", "pending")
    assert [page["user"]["display_name"] for page in ladder["next"][0]["pages"]] == ["Bob"]
    assert timeline[-1]["kind"] == "rerouted"
    assert timeline[-1]["evidence"]["to"] == {"policy_id": str(other), "policy_version": 1}
    assert timeline[-1]["evidence"]["reason"] == "theirs"
    [audited] = await rows(database, tenant, "SELECT changes FROM audit_log WHERE action = 'reroute'")
    assert audited["changes"]["policy_id"] == [str(team.policy_id), str(other)]


async def test_a_hand_over_pages_the_person_now(
    client: AsyncClient, team: Team, alert_id: UUID, database: Database, tenant: str
) -> None:  # fmt: skip
    """As a step of its own; they are asked to look after it, and the next tier waits for them."""
    answer = await client.post(f"/api/v1/alerts/{alert_id}/hand-over", json={"user_id": str(team.bob_id), "minutes": 7})
    again = await client.post(f"/api/v1/alerts/{alert_id}/hand-over", json={"user_id": str(team.carol_id)})

    ladder = (await client.get(f"/api/v1/alerts/{alert_id}/escalation")).json()
    assert (answer.status_code, answer.json()["assignee"]["display_name"]) == (200, "Bob")
    assert again.json()["assignee"]["display_name"] == "Carol"
    assert [
        (each["tier"], each["outcome"], [page["user"]["display_name"] for page in each["pages"]])
        for each in ladder["past"]
    ] == [(1000, "handed_over", ["Bob"]), (1001, "handed_over", ["Carol"])]
    assert await minutes_left(database, tenant, alert_id) == 5
    assert ladder["next"][0]["minute"] == 5


async def test_an_acknowledgement_calls_a_hand_over_back(
    client: AsyncClient, fire: Fire, team: Team, database: Database, tenant: str
) -> None:  # fmt: skip
    """Also where nothing escalates: the page was asked for by hand."""
    alert_id = await fire("quiet", severity="info")
    await client.post(f"/api/v1/alerts/{alert_id}/hand-over", json={"user_id": str(team.bob_id)})

    await client.patch(f"/api/v1/alerts/{alert_id}/acknowledge")

    found = await rows(database, tenant, "SELECT status FROM deliveries WHERE alert_id = $1", alert_id)
    timers = await rows(database, tenant, "SELECT FROM public.timers WHERE tenant = $1", tenant)
    assert ([row["status"] for row in found], timers) == (["superseded"], [])


async def test_a_hand_over_that_is_sent_again_pages_once(client: AsyncClient, team: Team, alert_id: UUID) -> None:
    """With the same key."""
    headers, body = {"Idempotency-Key": uuid4().hex}, {"user_id": str(team.bob_id)}

    for _ in range(2):
        await client.post(f"/api/v1/alerts/{alert_id}/hand-over", json=body, headers=headers)

    ladder = (await client.get(f"/api/v1/alerts/{alert_id}/escalation")).json()
    assert len(ladder["past"]) == 1


@pytest.mark.parametrize(("path", "field"), [("reroute", "policy_id"), ("hand-over", "user_id")])
async def test_what_is_not_there_is_refused(client: AsyncClient, alert_id: UUID, path: str, field: str) -> None:
    """422 with the field, and the alert is as it was."""
    answer = await client.post(f"/api/v1/alerts/{alert_id}/{path}", json={field: str(uuid4())})

    assert answer.status_code == 422
    assert [each["field"] for each in answer.json()["errors"]] == [field]
    assert (await client.get(f"/api/v1/alerts/{alert_id}")).json()["assignee"] is None


async def test_what_is_over_is_neither_rerouted_nor_handed_over(
    client: AsyncClient, team: Team, alert_id: UUID
) -> None:  # fmt: skip
    """409."""
    await client.patch(f"/api/v1/alerts/{alert_id}/resolve")

    answers = [
        await client.post(f"/api/v1/alerts/{alert_id}/reroute", json={"policy_id": str(team.policy_id)}),
        await client.post(f"/api/v1/alerts/{alert_id}/hand-over", json={"user_id": str(team.bob_id)}),
    ]

    assert [each.status_code for each in answers] == [409, 409]
