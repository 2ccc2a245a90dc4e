"""On call, policies and people."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from httpx import AsyncClient

from nightowl_alerting.model import Route
from nightowl_common.db import Database

pytestmark = pytest.mark.integration


@pytest.fixture
async def roster(database: Database, tenant: str) -> UUID:
    """Weekly since Monday 2026-01-05 09:00 in Berlin: Ada, then Bob; Cid stands in on the 7th, 18:00 to 22:00 UTC."""
    async with database.tenant_tx(tenant) as tx:
        ids = [
            await tx.fetchval(
                "INSERT INTO users (email, display_name, timezone) VALUES ($1, $2, $3) RETURNING id",
                f"{name}@x.test",
                name,
                zone,
            )
            for name, zone in (("Ada", "Europe/Berlin"), ("Bob", "America/New_York"), ("Cid", "UTC"))
        ]
        roster_id: UUID = await tx.fetchval(
            "INSERT INTO rosters (name, timezone, start_date) VALUES ('core', 'Europe/Berlin', '2026-01-05') RETURNING id"
        )
        for position in (0, 1):
            await tx.execute(
                "INSERT INTO roster_members (roster_id, user_id, position) VALUES ($1, $2, $3)",
                roster_id,
                ids[position],
                position,
            )
        await tx.execute(
            "INSERT INTO roster_overrides (roster_id, user_id, starts_at, ends_at) VALUES ($1, $2, $3, $4)",
            roster_id, ids[2], datetime(2026, 1, 7, 18, tzinfo=UTC), datetime(2026, 1, 7, 22, tzinfo=UTC),
        )  # fmt: skip
    return roster_id


async def on_call(client: AsyncClient, roster: UUID, at: str) -> dict[str, object]:
    answer = await client.get(f"/api/v1/rosters/{roster}/oncall", params={"at": at})
    assert answer.status_code == 200, answer.text
    told = answer.json()
    return {
        "primary": told["primary"] and told["primary"]["display_name"],
        "secondary": told["secondary"] and told["secondary"]["display_name"],
        "source": told["source"],
        "span": (told["starts_at"], told["ends_at"]),
    }


async def test_an_override_beats_the_rotation(client: AsyncClient, roster: UUID) -> None:
    """Inside the override its holder answers and the displaced one is second; it ends on the instant."""
    assert await on_call(client, roster, "2026-01-07T18:00:00Z") == {
        "primary": "Cid", "secondary": "Ada", "source": "override", "span": ("2026-01-07T18:00:00Z", "2026-01-07T22:00:00Z"),
    }  # fmt: skip
    assert await on_call(client, roster, "2026-01-07T23:00:00+01:00") == {
        "primary": "Ada", "secondary": "Bob", "source": "rotation", "span": ("2026-01-07T22:00:00Z", "2026-01-12T08:00:00Z"),
    }  # fmt: skip


async def test_the_rotation_hands_over_by_wall_clock(client: AsyncClient, roster: UUID) -> None:
    """Nine in the morning in the roster's zone."""
    assert (await on_call(client, roster, "2026-01-12T07:59:59Z"))["primary"] == "Ada"
    assert (await on_call(client, roster, "2026-01-12T08:00:00Z"))["primary"] == "Bob"


async def test_nobody_is_said_plainly(client: AsyncClient, roster: UUID) -> None:
    """Before the roster begins nobody is on call, and it is said until when."""
    assert await on_call(client, roster, "2026-01-01T00:00:00Z") == {
        "primary": None, "secondary": None, "source": "unassigned", "span": (None, "2026-01-05T08:00:00Z"),
    }  # fmt: skip


async def test_by_default_the_question_is_about_now(client: AsyncClient, roster: UUID) -> None:
    """The answer names the instant it is for."""
    told = (await client.get(f"/api/v1/rosters/{roster}/oncall")).json()

    assert told["roster_name"] == "core"
    assert told["starts_at"] <= told["at"] < told["ends_at"]


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2026-01-01T00:00:00", "noon"])
async def test_an_instant_that_cannot_be_meant_is_refused(client: AsyncClient, roster: UUID, at: str) -> None:
    """422, and the parameter is named."""
    answer = await client.get(f"/api/v1/rosters/{roster}/oncall", params={"at": at})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "at"


async def test_rosters_and_people_are_listed(
    client: AsyncClient, roster: UUID, database: Database, tenant: str
) -> None:
    """Members in turn order; who has left is no member, but still a person."""
    async with database.tenant_tx(tenant) as tx:
        await tx.execute("UPDATE users SET is_active = false WHERE display_name = 'Bob'")

    [listed] = (await client.get("/api/v1/rosters")).json()["items"]
    people = (await client.get("/api/v1/users?limit=2")).json()

    assert [each["display_name"] for each in listed["members"]] == ["Ada"]
    assert (listed["handoff_time"], listed["start_date"], listed["end_date"]) == ("09:00:00", "2026-01-05", None)
    assert [each["display_name"] for each in people["items"]] == ["Cid", "Bob"]
    assert people["total"] == 3


async def test_a_policy_shows_its_current_version(
    client: AsyncClient, policy: Route, database: Database, tenant: str
) -> None:
    """Older versions stay for running alerts and are not shown."""
    async with database.tenant_tx(tenant) as tx:
        await tx.execute(
            "INSERT INTO escalation_policy_versions (policy_id, version, tiers) VALUES ($1, 2, $2)",
            policy.policy_id,
            [{"timeout_minutes": 9, "notify_via": ["slack_dm"], "targets": ["oncall_backup"]}],
        )
        await tx.execute("UPDATE escalation_policies SET current_version = 2")

    one = (await client.get(f"/api/v1/escalation-policies/{policy.policy_id}")).json()
    listed = (await client.get("/api/v1/escalation-policies")).json()

    assert (one["version"], one["tiers"]) == (
        2,
        [{"timeout_minutes": 9, "notify_via": ["slack_dm"], "targets": ["oncall_backup"]}],
    )
    assert listed == {"items": [one], "next_cursor": None, "total": 1}


@pytest.mark.parametrize("path", ["rosters/{}/oncall", "escalation-policies/{}"])
async def test_there_is_no_such_thing(client: AsyncClient, path: str) -> None:
    """404 as a problem."""
    answer = await client.get(f"/api/v1/{path.format(uuid4())}")

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
