"""Where nobody would be paged, and what a shift hands over, over the API."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from httpx import AsyncClient

from nightowl_alerting.model import Route
from nightowl_common.db import Database
from nightowl_testkit.builders import Team, seed_team
from nightowl_testkit.clock import DbClock

pytestmark = pytest.mark.integration

Fields = dict[str, Any]
Fire = Callable[..., Awaitable[UUID]]


@pytest.fixture
async def team(database: Database, tenant: str) -> Team:
    """Alice is on call since yesterday, for a week; then Bob."""
    return await seed_team(database, tenant)


async def test_a_covered_fortnight_has_no_holes(client: AsyncClient, team: Team) -> None:
    """Neither the roster nor the policy."""
    told = (await client.get("/api/v1/forecast")).json()

    assert told["is_covered"] is True
    assert [(each["roster_name"], each["holes"]) for each in told["rosters"]] == [("Platform", [])]
    assert [(each["policy_name"], each["warnings"]) for each in told["policies"]] == [("Platform", [])]


async def test_a_gap_is_foretold_with_its_span(
    client: AsyncClient, team: Team, database: Database, tenant: str
) -> None:  # fmt: skip
    """Both away for two days: the roster has a hole, and the tiers that ask it reach nobody then."""
    async with database.tenant_tx(tenant) as tx:
        for user_id in (team.alice_id, team.bob_id):
            await tx.execute(
                "INSERT INTO leave (user_id, starts_at, ends_at) "
                "VALUES ($1, public.clock_now() + interval '2 days', public.clock_now() + interval '4 days')",
                user_id,
            )

    one = (await client.get(f"/api/v1/rosters/{team.roster_id}/forecast")).json()
    every = (await client.get("/api/v1/forecast")).json()
    soon = (await client.get(f"/api/v1/rosters/{team.roster_id}/forecast", params={"days": 1})).json()

    [hole] = one["holes"]
    length = datetime.fromisoformat(hole["ends_at"]) - datetime.fromisoformat(hole["starts_at"])
    assert (hole["kind"], hole["reason"], length) == ("unassigned", "all_absent", timedelta(days=2))
    assert (every["is_covered"], every["rosters"][0]["holes"]) == (False, [hole])
    [policy] = every["policies"]
    assert [(each["tier"], each["starts_at"], each["ends_at"]) for each in policy["warnings"]] == [
        (0, hole["starts_at"], hole["ends_at"]),
        (1, hole["starts_at"], hole["ends_at"]),
    ]
    assert soon["holes"] == []


async def test_a_shift_hands_over_what_happened_in_it(
    client: AsyncClient, team: Team, fire: Fire, database: Database, tenant: str
) -> None:  # fmt: skip
    """Opened, taken, ended, pages that were sent, what is open, and who is next."""
    route = Route(policy_id=team.policy_id, policy_version=1)
    first, second, _third = [await fire(name, route=route) for name in ("disk", "cpu", "net")]
    await fire("another policy's")
    await client.patch(f"/api/v1/alerts/{first}/resolve")
    await client.patch(f"/api/v1/alerts/{second}/acknowledge")
    async with database.tenant_tx(tenant) as tx:
        for channel, status in (("sms", "sent"), ("slack_dm", "failed")):
            await tx.execute(
                "INSERT INTO deliveries (id, alert_id, episode, cycle, step, recipient, channel, address, "
                "escalation_version, status, sent_at, reason) VALUES (uuidv7(), $1, 1, 0, 0, $2, $3, 'x', 0, $4, "
                "public.clock_now() - interval '1 second', 'unavailable')",
                first, f"user:{team.alice_id}", channel, status,
            )  # fmt: skip

    told = (await client.get(f"/api/v1/rosters/{team.roster_id}/handoff")).json()

    assert (told["outgoing"]["display_name"], told["incoming"]["display_name"]) == ("Alice", "Bob")
    assert (told["opened"], told["acknowledged"], told["resolved"], told["pages"]) == (3, 1, 1, 1)
    assert [(each["title"], each["status"]) for each in told["open_alerts"]] == [
        ("net", "firing"), ("cpu", "acknowledged"),
    ]  # fmt: skip
    assert told["open_total"] == 2
    assert told["incoming_starts_at"] == told["shift_ends_at"]


async def test_at_the_handoff_the_ending_shift_reports(client: AsyncClient, team: Team) -> None:
    """On the instant it is still Alice who hands over; a moment later it is Bob's shift."""
    now = (await client.get(f"/api/v1/rosters/{team.roster_id}/handoff")).json()
    path = f"/api/v1/rosters/{team.roster_id}/handoff"
    later = datetime.fromisoformat(now["shift_ends_at"]) + timedelta(seconds=1)

    on_time = (await client.get(path, params={"at": now["shift_ends_at"]})).json()
    after = (await client.get(path, params={"at": later.isoformat()})).json()

    assert on_time["outgoing"]["display_name"] == "Alice"
    assert after["outgoing"]["display_name"] == "Bob"


async def test_before_a_roster_begins_nobody_hands_over(client: AsyncClient, team: Team, db_clock: DbClock) -> None:
    """And the first shift is next."""
    long_ago = await db_clock.now() - timedelta(days=20)

    told = (
        await client.get(f"/api/v1/rosters/{team.roster_id}/handoff", params={"at": long_ago.isoformat()})
    ).json()  # fmt: skip

    assert (told["outgoing"], told["incoming"]["display_name"], told["opened"]) == (None, "Alice", 0)


@pytest.mark.parametrize("path", ["forecast", "handoff"])
async def test_there_is_no_such_roster(client: AsyncClient, path: str) -> None:
    """404."""
    assert (await client.get(f"/api/v1/rosters/{uuid4()}/{path}")).status_code == 404
