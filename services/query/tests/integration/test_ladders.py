"""Dry runs and ladders over the API: what is shown is what the engine does."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from httpx import AsyncClient

from nightowl_alerting import obligations, paging, store
from nightowl_alerting.model import Recipient, Route
from nightowl_common.db import Database
from nightowl_common.outbox import Outbox
from nightowl_testkit.builders import Team, seed_team
from nightowl_testkit.clock import DbClock

pytestmark = pytest.mark.integration

Fields = dict[str, Any]
Fire = Callable[..., Awaitable[UUID]]


@pytest.fixture
async def team(database: Database, tenant: str) -> Team:
    """Alice at once, Bob after 5 minutes, Carol (who leads and is admin) after 10 more, who has 15."""
    return await seed_team(database, tenant)


def shown(rungs: list[Fields]) -> list[tuple[int, list[tuple[str, str, int]]]]:
    """(minute, [(name, channel, minute)]) of each rung."""
    return [
        (each["minute"], [(page["user"]["display_name"], page["channel"], page["minute"]) for page in each["pages"]])
        for each in rungs
    ]


async def test_a_dry_run_names_people_channels_and_minutes(client: AsyncClient, team: Team) -> None:
    """The whole ladder for now, to the end at which the admins are told."""
    run = (await client.post(f"/api/v1/policies/{team.policy_id}/dry-run")).json()

    assert shown(run["rungs"]) == [
        (0, [("Alice", "slack_dm", 0)]),
        (5, [("Bob", "slack_dm", 5), ("Bob", "sms", 5)]),
        (15, [("Carol", "sms", 15)]),
        (30, [("Carol", "slack_dm", 30)]),
    ]
    assert [each["is_end"] for each in run["rungs"]] == [False, False, False, True]
    assert run["rungs"][0]["targets"][0]["user"]["display_name"] == "Alice"
    assert (run["version"], run["is_cut"], run["warnings"]) == (1, False, [])


async def test_a_dry_run_is_for_an_instant(client: AsyncClient, team: Team, db_clock: DbClock) -> None:
    """In a week it is Bob's turn; before the roster began it was nobody's, and the admins would be paged."""
    now = await db_clock.now()
    path = f"/api/v1/policies/{team.policy_id}/dry-run"

    next_week = (await client.post(path, json={"at": (now + timedelta(days=7)).isoformat()})).json()
    long_ago = (await client.post(path, json={"at": (now - timedelta(days=30)).isoformat()})).json()

    assert shown(next_week["rungs"])[0] == (0, [("Bob", "slack_dm", 0)])
    assert shown(long_ago["rungs"])[0] == (0, [("Carol", "slack_dm", 0)])
    assert long_ago["rungs"][0]["is_fallback"] is True
    assert long_ago["rungs"][0]["targets"][0]["problem"] == "nobody"


async def test_a_dry_run_follows_rules_by_urgency(
    client: AsyncClient, team: Team, database: Database, tenant: str
) -> None:  # fmt: skip
    """Alice's own channels and delays for a critical alert, the tier's for a warning."""
    async with database.tenant_tx(tenant) as tx:
        await tx.execute(
            "INSERT INTO notification_rules (user_id, high) VALUES ($1, $2)",
            team.alice_id,
            [{"channel": "sms", "delay_minutes": 0}, {"channel": "phone", "delay_minutes": 3}],
        )
    path = f"/api/v1/policies/{team.policy_id}/dry-run"

    critical = (await client.post(path, json={"severity": "critical"})).json()
    warning = (await client.post(path, json={"severity": "warning"})).json()

    assert shown(critical["rungs"])[0] == (0, [("Alice", "sms", 0), ("Alice", "phone", 3)])
    assert shown(warning["rungs"])[0] == (0, [("Alice", "slack_dm", 0)])


async def test_a_draft_is_run_without_being_written(client: AsyncClient, team: Team) -> None:
    """Repeats included; a person who is not there is refused by field."""
    tier = {"timeout_minutes": 7, "notify_via": ["sms"], "targets": [f"user:{team.bob_id}"]}
    draft = {"name": "Draft", "tiers": [tier], "repeat_count": 1}
    wrong = {**draft, "tiers": [{**tier, "targets": [f"user:{team.policy_id}"]}]}

    run = (await client.post("/api/v1/policies/dry-run", json={"policy": draft})).json()
    refused = await client.post("/api/v1/policies/dry-run", json={"policy": wrong})

    assert shown(run["rungs"]) == [
        (0, [("Bob", "sms", 0)]), (7, [("Bob", "sms", 7)]), (14, [("Carol", "slack_dm", 14)]),
    ]  # fmt: skip
    assert (run["policy_id"], refused.status_code) == (None, 422)
    assert (await client.get("/api/v1/policies")).json()["total"] == 1


async def test_what_goes_on_for_ever_is_cut(client: AsyncClient, team: Team) -> None:
    """A month ahead, and it is said."""
    tier = {"timeout_minutes": 1_440, "notify_via": ["sms"], "targets": [f"user:{team.bob_id}"]}
    draft = {"name": "Draft", "tiers": [tier] * 3, "repeat_count": 100}

    run = (await client.post("/api/v1/policies/dry-run", json={"policy": draft})).json()

    assert (len(run["rungs"]), run["is_cut"]) == (31, True)


async def test_the_ladder_tells_what_was_and_what_comes(
    client: AsyncClient, team: Team, fire: Fire, outbox: Outbox, tenant: str
) -> None:  # fmt: skip
    """After tier 1: Alice was told; Bob is next in 5 minutes, then Carol, then the end."""
    alert_id = await fire("disk", route=Route(policy_id=team.policy_id, policy_version=1))
    async with outbox.tenant_tx(tenant) as tx:
        alert, now = await store.lock_alert(tx, alert_id), await tx.now()
        assert alert is not None
        page = paging.Page(cycle=0, tier=0, next_due_at=now + timedelta(minutes=5))
        alice = Recipient(recipient=f"user:{team.alice_id}", channel="slack_dm", address="U0ALICE")
        due_at = now - timedelta(seconds=2)
        tier = obligations.DueTier(alert=alert, decision=page, recipients=[alice], due_at=due_at)
        await obligations.page(tx, tenant, [tier], now=now)

    ladder = (await client.get(f"/api/v1/alerts/{alert_id}/escalation")).json()
    events = (await client.get(f"/api/v1/policies/{team.policy_id}/events/{alert_id}")).json()

    [past] = ladder["past"]
    assert (past["tier"], past["outcome"], past["late_ms"]) == (0, "paged", 2000)
    assert [(each["user"]["display_name"], each["channel"], each["status"]) for each in past["pages"]] == [
        ("Alice", "slack_dm", "queued")
    ]
    assert [minute for minute, _pages in shown(ladder["next"])] == [5, 15, 30]
    assert [pages[0][0] for _minute, pages in shown(ladder["next"])] == ["Bob", "Carol", "Carol"]
    assert (ladder["policy_name"], ladder["policy_version"], ladder["state"]) == ("Platform", 1, "pending")
    assert events["items"] == ladder["past"]


async def test_nothing_comes_once_somebody_has_it(
    client: AsyncClient, team: Team, fire: Fire, outbox: Outbox, tenant: str
) -> None:  # fmt: skip
    """And the reason is told."""
    alert_id = await fire("disk", route=Route(policy_id=team.policy_id, policy_version=1))
    await client.patch(f"/api/v1/alerts/{alert_id}/acknowledge")

    ladder = (await client.get(f"/api/v1/alerts/{alert_id}/escalation")).json()

    assert (ladder["state"], ladder["next"]) == ("stopped", [])
    assert "acknowledged by" in ladder["reason"]


async def test_events_are_those_of_the_alerts_policy(client: AsyncClient, team: Team, fire: Fire) -> None:
    """404 for another policy, and for an alert that is not there."""
    alert_id = await fire("disk")

    answers = [
        await client.get(f"/api/v1/policies/{team.policy_id}/events/{alert_id}"),
        await client.get(f"/api/v1/policies/{team.policy_id}/events/{team.alice_id}"),
        await client.get(f"/api/v1/alerts/{team.alice_id}/escalation"),
    ]

    assert [each.status_code for each in answers] == [404] * 3
