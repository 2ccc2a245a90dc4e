"""The first page: one call that says what matters now."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import pytest
from httpx import AsyncClient

from nightowl_alerting.model import Route
from nightowl_auth import Role
from nightowl_common.db import Database
from nightowl_testkit.builders import Team, seed_team
from nightowl_testkit.clock import DbClock

pytestmark = pytest.mark.integration

Fire = Callable[..., Awaitable[UUID]]
PersonClientOf = Callable[[UUID, Role], Awaitable[AsyncClient]]


@pytest.fixture
async def team(database: Database, tenant: str) -> Team:
    """Alice is on call since yesterday, for a week; then Bob."""
    return await seed_team(database, tenant)


async def now(client: AsyncClient) -> dict[str, Any]:
    answer = await client.get("/api/v1/now")
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def page(
    database: Database, tenant: str, alert_id: UUID, user_id: UUID, *, step: int, channel: str = "sms"
) -> None:
    """A tier fires and its page is sent."""
    async with database.tenant_tx(tenant) as tx:
        await tx.execute(
            "INSERT INTO escalation_events (alert_id, cycle, tier, outcome, due_at) "
            "VALUES ($1, 0, $2, 'paged', public.clock_now()) ON CONFLICT DO NOTHING",
            alert_id, step,
        )  # fmt: skip
        await tx.execute(
            "INSERT INTO deliveries (id, alert_id, episode, cycle, step, recipient, channel, address, escalation_version, "
            "status, sent_at) VALUES (uuidv7(), $1, 1, 0, $2, $3, $4, 'x', 0, 'sent', public.clock_now())",
            alert_id, step, f"user:{user_id}", channel,
        )  # fmt: skip


async def test_an_empty_tenant_is_calm(client: AsyncClient, manager: AsyncClient) -> None:
    """Nothing is guessed: no averages, no duty; a lead part for managers alone."""
    told, for_lead = await now(client), await now(manager)

    assert (told["paged_to_me"], told["paged_total"], told["on_call"], told["my_duty"]) == ([], 0, [], None)
    assert told["burning"] == {
        "items": [], "total": 0, "totals": {"critical": 0, "major": 0, "warning": 0, "info": 0}
    }  # fmt: skip
    assert (told["arrivals"], told["mtta_seconds"]) == ([0] * 24, {"day": None, "week": None})
    assert told["lead"] is None
    assert for_lead["lead"] == {
        "people": [], "gaps": {"count": 0, "hours": 0.0, "first": None}, "noisiest_sources": []
    }  # fmt: skip


async def test_what_is_paged_to_me_is_mine_alone(
    team: Team, fire: Fire, database: Database, tenant: str, person_client: PersonClientOf, db_clock: DbClock
) -> None:
    """Paged by this tier or an earlier one, or assigned; taken ones last; nothing that is over."""
    route = Route(policy_id=team.policy_id, policy_version=1)
    alice, bob = await person_client(team.alice_id, "engineer"), await person_client(team.bob_id, "engineer")
    first, taken, over, mine = [await fire(name, route=route) for name in ("first", "taken", "over", "mine")]
    await fire("not mine", route=route)
    for alert_id in (first, taken, over):
        await page(database, tenant, alert_id, team.alice_id, step=0)
    await page(database, tenant, first, team.alice_id, step=0, channel="phone")
    await alice.patch(f"/api/v1/alerts/{taken}/acknowledge")
    await alice.patch(f"/api/v1/alerts/{over}/resolve")
    await bob.patch(f"/api/v1/alerts/{mine}/assign", json={"assignee_id": str(team.alice_id)})

    told = await now(alice)
    await db_clock.advance(seconds=1)
    await page(database, tenant, first, team.bob_id, step=1)
    later, for_bob = await now(alice), await now(bob)

    seen = [(each["title"], each["is_current"], each["next_tier_at"] is not None) for each in told["paged_to_me"]]
    assert seen == [("first", True, True), ("mine", False, True), ("taken", True, False)]
    assert told["paged_total"] == 3
    assert [each["is_current"] for each in later["paged_to_me"]] == [False, False, True]
    assert [(each["title"], each["is_current"]) for each in for_bob["paged_to_me"]] == [("first", True)]


async def test_the_worst_burns_first(client: AsyncClient, fire: Fire, database: Database, tenant: str) -> None:
    """By severity, then by age; alerts of a group are one row, told by the worst of them and who has it."""
    ids = [
        await fire(name, severity=severity)
        for name, severity in (("old", "major"), ("a", "info"), ("b", "critical"), ("new", "critical"))
    ]
    async with database.tenant_tx(tenant) as tx:
        group = await tx.fetchval(
            "INSERT INTO alert_groups (id, name, key, pages) VALUES (uuidv7(), 'by cluster', '{}', 'first') RETURNING id"
        )
        await tx.execute("UPDATE alerts SET group_id = $1 WHERE id = ANY ($2)", group, ids[1:3])
    await client.patch(f"/api/v1/alerts/{ids[2]}/acknowledge")

    burning = (await now(client))["burning"]

    rows = [
        (each["kind"], each["title"], each["severity"], each["alerts"], each["firing"]) for each in burning["items"]
    ]
    assert rows == [
        ("group", "b", "critical", 2, 1), ("alert", "new", "critical", 1, 1), ("alert", "old", "major", 1, 1)
    ]  # fmt: skip
    assert [None if each["holder"] is None else each["holder"]["name"] for each in burning["items"]] == [
        "engineer key", None, None
    ]  # fmt: skip
    assert (burning["total"], burning["totals"]) == (3, {"critical": 2, "major": 1, "warning": 0, "info": 1})


async def test_seats_say_who_until_when_and_who_follows(
    team: Team, database: Database, tenant: str, person_client: PersonClientOf
) -> None:
    """With the caller's own, and whether a page would arrive."""
    async with database.tenant_tx(tenant) as tx:
        await tx.execute(
            "INSERT INTO contact_methods (user_id, kind, address, verified_at) "
            "VALUES ($1, 'sms', '+4915550000009', public.clock_now())",
            team.alice_id,
        )
    alice, bob = await person_client(team.alice_id, "engineer"), await person_client(team.bob_id, "engineer")
    carol = await person_client(team.carol_id, "engineer")

    told, for_bob, for_carol = await now(alice), await now(bob), await now(carol)

    [seat] = told["on_call"]
    assert (seat["person"]["id"], seat["backup"]["id"]) == (str(team.alice_id), str(team.bob_id))
    assert (seat["next_person"]["id"], seat["has_verified_contact"]) == (str(team.bob_id), True)
    assert "sms" in seat["channels"]
    assert told["my_duty"] == {
        "roster_id": str(team.roster_id), "roster_name": "Platform", "role": "primary", "until": seat["until"],
        "next_person": seat["next_person"],
    }  # fmt: skip
    assert (for_bob["my_duty"]["role"], for_carol["my_duty"]) == ("backup", None)


async def test_a_lead_sees_loads_gaps_and_noise(
    team: Team, fire: Fire, database: Database, tenant: str, manager: AsyncClient, client: AsyncClient
) -> None:
    """Of the last week, and of the fortnight ahead."""
    alerts = [await fire(name, source=source) for name, source in (("a", "keep"), ("b", "keep"), ("c", "grafana"))]
    await page(database, tenant, alerts[0], team.alice_id, step=0)
    await page(database, tenant, alerts[0], team.alice_id, step=0, channel="phone")
    async with database.tenant_tx(tenant) as tx:
        for user_id in (team.alice_id, team.bob_id):
            await tx.execute(
                "INSERT INTO leave (user_id, starts_at, ends_at) "
                "VALUES ($1, public.clock_now() + interval '2 days', public.clock_now() + interval '4 days')",
                user_id,
            )

    lead = (await now(manager))["lead"]

    assert [(each["user"]["id"], each["pages"]) for each in lead["people"]] == [(str(team.alice_id), 2)]
    assert (lead["gaps"]["count"], lead["gaps"]["hours"]) == (1, 48.0)
    assert (lead["gaps"]["first"]["kind"], lead["gaps"]["first"]["roster_name"]) == ("unassigned", "Platform")
    assert [(each["source"], each["alerts"]) for each in lead["noisiest_sources"]] == [("keep", 2), ("grafana", 1)]
    assert (await now(client))["lead"] is None


async def test_times_and_arrivals_follow_the_clock(client: AsyncClient, fire: Fire, db_clock: DbClock) -> None:
    """A minute to the acknowledgement, two to the resolve; a day later only the week remembers."""
    alert_id = await fire("disk")
    await db_clock.advance(minutes=1)
    await client.patch(f"/api/v1/alerts/{alert_id}/acknowledge")
    await db_clock.advance(minutes=1)
    await client.patch(f"/api/v1/alerts/{alert_id}/resolve")

    today = await now(client)
    await db_clock.advance(hours=24)
    tomorrow = await now(client)

    assert (today["arrivals"][-1], sum(today["arrivals"])) == (1, 1)
    assert today["mtta_seconds"]["day"] == pytest.approx(60, abs=5)
    assert today["mttr_seconds"]["week"] == pytest.approx(120, abs=5)
    assert (sum(tomorrow["arrivals"]), tomorrow["mtta_seconds"]["day"]) == (0, None)
    assert tomorrow["mtta_seconds"]["week"] == today["mtta_seconds"]["week"]


async def test_the_last_test_page_is_told(
    team: Team, database: Database, tenant: str, person_client: PersonClientOf
) -> None:
    """The newest of the caller's, whatever became of it."""
    alice = await person_client(team.alice_id, "engineer")
    assert (await now(alice))["last_test_page"] is None

    async with database.tenant_tx(tenant) as tx:
        await tx.execute(
            "INSERT INTO test_pages (user_id, contact_method_id, channel, address, asked_by, status, settled_at) "
            "VALUES ($1, uuidv7(), 'sms', 'x', $2, 'sent', public.clock_now())",
            team.alice_id, {"kind": "user", "id": str(team.alice_id), "name": "Alice"},
        )  # fmt: skip

    told = (await now(alice))["last_test_page"]
    assert (told["channel"], told["status"]) == ("sms", "sent")
