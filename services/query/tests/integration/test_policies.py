"""Escalation policies over the API: what may be written, what is kept, what is refused."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from httpx import AsyncClient

from nightowl_common.bus import Bus
from nightowl_common.db import Database
from nightowl_contracts import AnyEvent, Envelope, PolicyChanged, decode_event
from nightowl_testkit.builders import Team, seed_team

pytestmark = pytest.mark.integration

Fields = dict[str, Any]


@pytest.fixture
async def team(database: Database, tenant: str) -> Team:
    """Alice is on call, Bob is her backup, Carol leads; their policy is the tenant's default."""
    return await seed_team(database, tenant)


@pytest.fixture
async def manager(client_of: Any, tenant: str) -> AsyncClient:
    """Who may write policies."""
    client: AsyncClient = await client_of(tenant, "manager")
    return client


@pytest.fixture
async def published(bus: Bus, tenant: str) -> Callable[..., Awaitable[list[Any]]]:
    """What the tenant's events say from now on, by kind."""
    heard: asyncio.Queue[AnyEvent] = asyncio.Queue()

    async def hear(body: bytes) -> None:
        heard.put_nowait(decode_event(body))

    async def take(kind: type[Envelope], count: int) -> list[Any]:
        found: list[Any] = []
        async with asyncio.timeout(20):
            while len(found) < count:
                event = await heard.get()
                found += [event] if isinstance(event, kind) else []
        return found

    await bus.listen(f"nightowl.event.{tenant}.>", hear)
    return take


def a_tier(*targets: str, minutes: int = 5, via: tuple[str, ...] = ("slack_dm",)) -> Fields:
    return {"timeout_minutes": minutes, "notify_via": list(via), "targets": list(targets)}


def a_policy(team: Team, *tiers: Fields, **changes: object) -> Fields:
    every = list(tiers) or [a_tier("oncall_primary"), a_tier("oncall_backup", via=("sms",))]
    return {"name": "Payments", "tiers": every, "roster_id": str(team.roster_id)} | changes


async def made(manager: AsyncClient, content: Fields) -> Fields:
    answer = await manager.post("/api/v1/policies", json=content)
    assert answer.status_code == 201, answer.text
    policy: Fields = answer.json()
    return policy


def problems(answer: Any) -> dict[str, str]:
    """Field → reason. What the decoder finds has no `$.` in front, what the rules find has."""
    return {each["field"].removeprefix("$."): each["reason"] for each in answer.json()["errors"]}


async def test_every_put_is_a_new_version_and_the_old_ones_stay(manager: AsyncClient, team: Team) -> None:
    """Who wrote each is told; the same content again is no new version."""
    policy = await made(manager, a_policy(team))
    path = f"/api/v1/policies/{policy['id']}"
    longer = a_policy(team, a_tier("oncall_primary", minutes=9), repeat_count=2)

    second = await manager.put(path, json=longer, headers={"If-Match": '"1"'})
    same = await manager.put(path, json=longer)

    assert (second.status_code, second.headers["etag"], second.json()["version"]) == (200, '"2"', 2)
    assert same.json()["version"] == 2
    versions = (await manager.get(f"{path}/versions")).json()
    assert [(each["version"], each["change"], each["is_current"]) for each in versions["items"]] == [
        (2, "updated", True),
        (1, "created", False),
    ]
    assert versions["items"][0]["created_by"]["name"] == "manager key"
    assert (await manager.get(f"{path}/versions/1")).json()["tiers"] == policy["tiers"]
    assert (await manager.get(f"{path}/versions/3")).status_code == 404


async def test_versions_come_in_pages(manager: AsyncClient, team: Team) -> None:
    """Newest first, each once."""
    policy = await made(manager, a_policy(team))
    for minutes in (6, 7):
        await manager.put(
            f"/api/v1/policies/{policy['id']}", json=a_policy(team, a_tier("oncall_primary", minutes=minutes))
        )
    path = f"/api/v1/policies/{policy['id']}/versions"

    first = (await manager.get(path, params={"limit": 2})).json()
    second = (await manager.get(path, params={"limit": 2, "cursor": first["next_cursor"]})).json()

    assert [each["version"] for each in [*first["items"], *second["items"]]] == [3, 2, 1]
    assert (first["total"], second["next_cursor"]) == (3, None)


async def test_rolling_back_writes_the_old_content_as_a_new_version(manager: AsyncClient, team: Team) -> None:
    """History is never changed; the name stays what it is."""
    policy = await made(manager, a_policy(team))
    path = f"/api/v1/policies/{policy['id']}"
    await manager.put(path, json=a_policy(team, a_tier("oncall_backup"), name="Payments EU"))

    back = await manager.post(f"{path}/versions/1/rollback", headers={"If-Match": '"2"'})

    assert (back.status_code, back.json()["version"], back.json()["name"]) == (200, 3, "Payments EU")
    assert back.json()["tiers"] == policy["tiers"]
    assert (await manager.get(f"{path}/versions/3")).json()["change"] == "rolled back to 1"


async def test_somebody_who_has_read_an_older_version_is_refused(manager: AsyncClient, team: Team) -> None:
    """412, and nothing is written."""
    policy = await made(manager, a_policy(team))
    path = f"/api/v1/policies/{policy['id']}"

    answers = [
        await manager.put(path, json=a_policy(team, name="x"), headers={"If-Match": '"7"'}),
        await manager.post(f"{path}/versions/1/rollback", headers={"If-Match": '"7"'}),
        await manager.delete(path, headers={"If-Match": '"7"'}),
    ]

    assert [each.status_code for each in answers] == [412] * 3
    assert (await manager.get(path)).json()["version"] == 1


@pytest.mark.parametrize(
    ("tier", "field"),
    [
        (a_tier("team_lead"), "tiers[0].targets[0]"),
        (a_tier("oncall_primary", f"user:{uuid4()}"), "tiers[0].targets[1]"),
        (a_tier(f"roster:{uuid4()}:primary"), "tiers[0].targets[0]"),
        (a_tier("roster:1:primary"), "tiers[0].targets[0]"),
        (a_tier("nobody"), "tiers[0].targets[0]"),
        (a_tier("oncall_primary", "oncall_primary"), "tiers[0].targets[1]"),
        (a_tier("oncall_primary", minutes=0), "tiers[0].timeout_minutes"),
        (a_tier("oncall_primary", minutes=-1), "tiers[0].timeout_minutes"),
        (a_tier("oncall_primary", via=("pigeon",)), "tiers[0].notify_via[0]"),
        (a_tier("oncall_primary", via=()), "tiers[0].notify_via"),
        (a_tier(), "tiers[0].targets"),
    ],
)
async def test_what_cannot_be_meant_is_refused_by_field(
    manager: AsyncClient, team: Team, tier: Fields, field: str
) -> None:  # fmt: skip
    """422; the field is named."""
    answer = await manager.post("/api/v1/policies", json=a_policy(team, tier))

    assert answer.status_code == 422
    assert list(problems(answer)) == [field]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"tiers": []}, "tiers"),
        ({"tiers": [a_tier("oncall_primary")] * 21}, "tiers"),
        ({"repeat_count": 101}, "repeat_count"),
        ({"roster_id": str(uuid4())}, "roster_id"),
        ({"lead_id": str(uuid4())}, "lead_id"),
        ({"name": "  "}, "name"),
    ],
)
async def test_a_policy_as_a_whole_is_checked(
    manager: AsyncClient, team: Team, changes: Fields, field: str
) -> None:  # fmt: skip
    """422; the field is named."""
    answer = await manager.post("/api/v1/policies", json=a_policy(team, **changes))

    assert answer.status_code == 422
    assert field in problems(answer)


async def test_a_policy_that_reaches_nobody_is_refused(
    manager: AsyncClient, team: Team, database: Database, tenant: str
) -> None:  # fmt: skip
    """Only admins would ever be paged: every tier is named."""
    async with database.tenant_tx(tenant) as tx:
        await tx.execute("UPDATE rosters SET end_date = start_date")

    answer = await manager.post("/api/v1/policies", json=a_policy(team))

    assert answer.status_code == 422
    assert list(problems(answer)) == ["tiers[0].targets", "tiers[1].targets"]


async def test_an_unreachable_tier_is_a_warning_with_its_span(
    manager: AsyncClient, team: Team, database: Database, tenant: str
) -> None:  # fmt: skip
    """The tier that reaches nobody for a while, and why; the policy is written all the same."""
    async with database.tenant_tx(tenant) as tx:
        await tx.execute(
            "UPDATE rosters SET end_date = (public.clock_now() AT TIME ZONE 'Europe/Berlin')::date + 3, handoff_time = '09:00'"
        )

    policy = await made(manager, a_policy(team, a_tier("oncall_primary"), a_tier(f"user:{team.carol_id}")))

    [warning] = policy["warnings"]
    assert (warning["tier"], warning["target"], warning["problem"]) == (0, None, "nobody")
    assert warning["detail"] == "oncall_primary: nobody is on call"
    assert warning["starts_at"] < warning["ends_at"]


async def test_a_name_belongs_to_one_policy(manager: AsyncClient, team: Team) -> None:
    """409; once it is deleted, the name is free."""
    policy = await made(manager, a_policy(team))

    taken = await manager.post("/api/v1/policies", json=a_policy(team))
    gone = await manager.delete(f"/api/v1/policies/{policy['id']}")
    again = await manager.post("/api/v1/policies", json=a_policy(team))

    assert (taken.status_code, taken.json()["code"]) == (409, "policy_name_taken")
    assert (gone.json(), again.status_code) == ({"outcome": "archived"}, 201)


async def test_a_policy_that_is_used_cannot_be_deleted(
    manager: AsyncClient, team: Team, database: Database, tenant: str
) -> None:  # fmt: skip
    """409, and everything that uses it is named."""
    async with database.tenant_tx(tenant) as tx:
        await tx.execute("INSERT INTO routes (name, position, policy_id) VALUES ('db', 1, $1)", team.policy_id)

    answer = await manager.delete(f"/api/v1/policies/{team.policy_id}")
    detail = (await manager.get(f"/api/v1/policies/{team.policy_id}")).json()

    assert (answer.status_code, answer.json()["code"]) == (409, "policy_in_use")
    assert problems(answer) == {"service": "payments", "route": "db", "tenant_default": "the tenant's default"}
    assert [(each["kind"], each["name"]) for each in detail["used_by"]] == [
        ("route", "db"), ("service", "payments"), ("tenant_default", "the tenant's default"),
    ]  # fmt: skip


async def test_a_deleted_policy_stays_for_its_alerts(
    manager: AsyncClient, team: Team, fire: Any
) -> None:  # fmt: skip
    """It is in no list and takes no change; what ran under it can still be read."""
    policy = await made(manager, a_policy(team))
    await manager.delete(f"/api/v1/policies/{policy['id']}")
    path = f"/api/v1/policies/{policy['id']}"

    listed = (await manager.get("/api/v1/policies")).json()

    assert [each["id"] for each in listed["items"]] == [str(team.policy_id)]
    assert (await manager.get(path)).json()["archived_at"] is not None
    assert (await manager.put(path, json=a_policy(team))).status_code == 404
    assert (await manager.delete(path)).status_code == 404


async def test_a_change_is_told_and_audited(
    manager: AsyncClient, team: Team, database: Database, tenant: str, published: Any
) -> None:  # fmt: skip
    """One event and one line per change, in the commit of the change."""
    policy = await made(manager, a_policy(team))
    await manager.put(f"/api/v1/policies/{policy['id']}", json=a_policy(team, repeat_count=3))

    async with database.tenant_tx(tenant) as tx:
        rows = await tx.fetch("SELECT action, changes FROM audit_log WHERE entity = 'policy' ORDER BY id")
    events = await published(PolicyChanged, 2)

    assert [(row["action"], row["changes"]) for row in rows] == [
        ("created", {"name": "Payments", "version": 1}),
        ("updated", {"repeat_count": [0, 3], "version": [1, 2]}),
    ]
    assert [(each.data.policy_id, each.data.version, each.data.change) for each in events] == [
        (UUID(policy["id"]), 1, "created"),
        (UUID(policy["id"]), 2, "updated"),
    ]


@pytest.mark.parametrize("role", ["readonly", "engineer"])
async def test_writing_needs_a_manager(client_of: Any, team: Team, tenant: str, role: str) -> None:
    """403 for every verb that writes."""
    client = await client_of(tenant, role)
    path = f"/api/v1/policies/{team.policy_id}"

    answers = [
        await client.post("/api/v1/policies", json=a_policy(team)),
        await client.put(path, json=a_policy(team)),
        await client.delete(path),
        await client.post(f"{path}/versions/1/rollback"),
    ]

    assert [each.status_code for each in answers] == [403] * 4
    assert (await client.get(path)).status_code == 200


async def test_a_post_that_is_sent_again_makes_one_policy(manager: AsyncClient, team: Team) -> None:
    """With the same key the first answer comes back."""
    headers = {"Idempotency-Key": uuid4().hex}

    first = await manager.post("/api/v1/policies", json=a_policy(team), headers=headers)
    second = await manager.post("/api/v1/policies", json=a_policy(team), headers=headers)

    assert first.json() == second.json()
