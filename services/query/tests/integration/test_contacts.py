"""Contact methods and notification rules over the API."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from httpx import AsyncClient

from nightowl_auth import insert_key, make_key
from nightowl_common.db import Database
from nightowl_testkit.apps import RunningApp
from nightowl_testkit.builders import Team, seed_team

pytestmark = pytest.mark.integration

A_PHONE = {"kind": "sms", "address": "+4915550000009"}


@pytest.fixture
async def team(database: Database, tenant: str) -> Team:
    """Alice and her colleagues."""
    return await seed_team(database, tenant)


@pytest.fixture
async def alice(service: RunningApp, database: Database, tenant: str, team: Team) -> AsyncClient:
    """Alice herself, an engineer."""
    key = make_key()
    async with database.global_tx() as tx:
        await insert_key(tx, key, tenant=tenant, role="engineer", description="Alice")
        await tx.execute("UPDATE public.api_keys SET user_id = $1 WHERE key_hash = $2", team.alice_id, key.key_hash)
    return service.client_with(X_API_Key=key.raw)


@pytest.fixture
async def manager(client_of: Any, tenant: str) -> AsyncClient:
    """Who may vouch for addresses."""
    client: AsyncClient = await client_of(tenant, "manager")
    return client


async def test_a_person_adds_and_a_manager_vouches(alice: AsyncClient, manager: AsyncClient, team: Team) -> None:
    """An address of one's own is unverified; moving it keeps the word that was given, another address loses it."""
    path = f"/api/v1/users/{team.alice_id}/contact-methods"
    made = (await alice.post(path, json=A_PHONE)).json()
    one = f"{path}/{made['id']}"

    vouched = await manager.put(one, json={**A_PHONE, "is_verified": True}, headers={"If-Match": '"1"'})
    moved = (await alice.put(one, json={**A_PHONE, "position": 3})).json()
    changed = (await alice.put(one, json={**A_PHONE, "address": "+4915550000008"})).json()

    assert (made["is_verified"], vouched.json()["is_verified"], vouched.headers["etag"]) == (False, True, '"2"')
    assert (moved["is_verified"], moved["position"]) == (True, 3)
    assert changed["is_verified"] is False
    assert [each["id"] for each in (await alice.get(path)).json()["items"]] == [made["id"]]
    assert (await alice.delete(one)).json() == {"outcome": "deleted"}
    assert (await alice.get(path)).json()["total"] == 0


async def test_nobody_vouches_for_themselves(alice: AsyncClient, team: Team) -> None:
    """403, and nothing is written."""
    path = f"/api/v1/users/{team.alice_id}/contact-methods"

    answer = await alice.post(path, json={**A_PHONE, "is_verified": True})

    assert answer.status_code == 403
    assert (await alice.get(path)).json()["total"] == 0


@pytest.mark.parametrize("path", ["contact-methods", "notification-rules"])
async def test_others_are_none_of_ones_business(
    alice: AsyncClient, manager: AsyncClient, team: Team, path: str
) -> None:
    """403 for a colleague, 404 for a manager who asks for nobody."""
    colleague = await alice.get(f"/api/v1/users/{team.bob_id}/{path}")
    nobody = await manager.get(f"/api/v1/users/{team.policy_id}/{path}")

    assert (colleague.status_code, nobody.status_code) == (403, 404)


@pytest.mark.parametrize(
    "content",
    [
        {"kind": "sms", "address": "015550000001"},
        {"kind": "phone", "address": "+0155500000"},
        {"kind": "slack_dm", "address": "alice"},
        {"kind": "email", "address": "alice"},
        {"kind": "pigeon", "address": "x"},
        {"kind": "sms", "address": ""},
    ],
)
async def test_an_address_has_the_form_of_its_kind(alice: AsyncClient, team: Team, content: dict[str, str]) -> None:
    """422 with the field."""
    answer = await alice.post(f"/api/v1/users/{team.alice_id}/contact-methods", json=content)

    assert answer.status_code == 422
    assert answer.json()["errors"]


async def test_an_address_is_there_once(alice: AsyncClient, team: Team) -> None:
    """409 for the second."""
    path = f"/api/v1/users/{team.alice_id}/contact-methods"

    answers = [await alice.post(path, json=A_PHONE) for _ in range(2)]

    assert [each.status_code for each in answers] == [201, 409]


async def test_rules_are_read_as_they_were_written(
    alice: AsyncClient, team: Team, database: Database, tenant: str
) -> None:
    """With a revision, and with the channels that would reach nobody."""
    async with database.tenant_tx(tenant) as tx:
        await tx.execute("UPDATE users SET slack_user_id = NULL WHERE id = $1", team.alice_id)
    path = f"/api/v1/users/{team.alice_id}/notification-rules"
    rules = {"high": [{"channel": "slack_dm", "delay_minutes": 0}, {"channel": "phone", "delay_minutes": 3}], "low": []}
    before = await alice.get(path)

    after = await alice.put(path, json=rules, headers={"If-Match": before.headers["etag"]})
    late = await alice.put(path, json=rules, headers={"If-Match": before.headers["etag"]})

    unsaid = {"quiet_hours": None, "timezone": before.json()["timezone"]}
    assert before.json() == {"high": [], "low": [], **unsaid, "revision": 0, "unreachable": []}
    assert after.json() == {**rules, **unsaid, "revision": 1, "unreachable": ["slack_dm"]}
    assert late.status_code == 412


@pytest.mark.parametrize(
    ("steps", "field"),
    [
        ([("sms", 2)], "$.high[0].delay_minutes"),
        ([("sms", 0), ("sms", 3)], "$.high[1].channel"),
        ([("sms", 0), ("phone", 5), ("email", 4)], "$.high[2].delay_minutes"),
    ],
)
async def test_rules_begin_at_once_and_go_on_in_order(
    alice: AsyncClient, team: Team, steps: list[tuple[str, int]], field: str
) -> None:  # fmt: skip
    """422 with the step."""
    rules = {"high": [{"channel": channel, "delay_minutes": delay} for channel, delay in steps]}

    answer = await alice.put(f"/api/v1/users/{team.alice_id}/notification-rules", json=rules)

    assert answer.status_code == 422
    assert [each["field"] for each in answer.json()["errors"]] == [field]


async def test_quiet_hours_are_part_of_the_rules_and_are_told_in_a_dry_run(
    alice: AsyncClient, manager: AsyncClient, team: Team
) -> None:
    """A page of low urgency is shown at their end, with the reason; one of high urgency is not held."""
    path = f"/api/v1/users/{team.alice_id}/notification-rules"
    quiet = {"start_time": "00:00", "end_time": "23:59", "days": []}
    rules = (await alice.put(path, json={"high": [], "low": [], "quiet_hours": quiet})).json()
    tier = {"timeout_minutes": 5, "notify_via": ["sms"], "targets": [f"user:{team.alice_id}"]}

    async def first_page(severity: str) -> dict[str, Any]:
        draft = {"severity": severity, "at": "2026-03-02T12:00:00Z", "policy": {"name": "draft", "tiers": [tier]}}
        answer = await manager.post("/api/v1/policies/dry-run", json=draft)
        page: dict[str, Any] = answer.json()["rungs"][0]["pages"][0]
        return page

    low, high = await first_page("warning"), await first_page("critical")
    noon = datetime(2026, 3, 2, 12, tzinfo=UTC).astimezone(ZoneInfo(rules["timezone"]))
    assert rules["quiet_hours"] == quiet
    assert (low["held_for"], datetime.fromisoformat(low["at"])) == ("quiet_hours", noon.replace(hour=23, minute=59))
    assert (high["held_for"], high["minute"]) == (None, 0)
    assert high["timezone"] == rules["timezone"]


@pytest.mark.parametrize(
    ("quiet", "field"),
    [
        ({"start_time": "22:00", "end_time": "22:00"}, "$.quiet_hours.end_time"),
        ({"start_time": "24:00", "end_time": "07:00"}, "$.quiet_hours.start_time"),
        ({"start_time": "22:00", "end_time": "07:00", "days": ["caturday"]}, "$.quiet_hours.days[0]"),
    ],
)
async def test_what_are_no_quiet_hours_is_refused_by_field(
    alice: AsyncClient, team: Team, quiet: dict[str, Any], field: str
) -> None:
    """422, and nothing is written."""
    path = f"/api/v1/users/{team.alice_id}/notification-rules"

    answer = await alice.put(path, json={"quiet_hours": quiet})

    assert answer.status_code == 422
    assert field in [each["field"] for each in answer.json()["errors"]]
    assert (await alice.get(path)).json()["revision"] == 0


async def test_a_verified_method_is_tested_by_its_owner(
    alice: AsyncClient, manager: AsyncClient, team: Team, database: Database, tenant: str
) -> None:
    """The page is queued with its timer and its audit row, and can be read back."""
    path = f"/api/v1/users/{team.alice_id}/contact-methods"
    method = (await manager.post(path, json={**A_PHONE, "is_verified": True})).json()

    asked = await alice.post(f"{path}/{method['id']}/test")
    found = (await alice.get(f"{path}/{method['id']}/test")).json()

    assert asked.status_code == 202
    assert (asked.json()["status"], asked.json()["address"]) == ("queued", A_PHONE["address"])
    assert found["items"] == [asked.json()]
    async with database.tenant_tx(tenant) as tx:
        timers = "SELECT count(*) FROM public.timers WHERE kind = 'test_page' AND ref = $1"
        assert await tx.fetchval(timers, UUID(asked.json()["id"])) == 1
        assert await tx.fetchval("SELECT count(*) FROM audit_log WHERE action = 'contact_method_tested'") == 1


async def test_old_test_pages_go_with_the_next_one(
    alice: AsyncClient, manager: AsyncClient, team: Team, database: Database, tenant: str
) -> None:
    """Kept as long as deliveries are: what settled before that is gone, what settled later stays."""
    path = f"/api/v1/users/{team.alice_id}/contact-methods"
    method = (await manager.post(path, json={**A_PHONE, "is_verified": True})).json()
    async with database.tenant_tx(tenant) as tx:
        await tx.execute("UPDATE tenant_config SET keep_deliveries_days = 30")
        await tx.execute(
            "INSERT INTO test_pages (user_id, contact_method_id, channel, address, asked_by, status, settled_at) "
            "SELECT $1, $2, 'sms', days::text, $3, 'sent', public.clock_now() - make_interval(days => days) "
            "FROM unnest(ARRAY[29, 31]) AS days",
            team.alice_id, UUID(method["id"]), {"kind": "service", "id": "setup", "name": "setup"},
        )  # fmt: skip

    asked = (await alice.post(f"{path}/{method['id']}/test")).json()

    async with database.tenant_tx(tenant) as tx:
        rows = await tx.fetch("SELECT address FROM test_pages WHERE user_id = $1 ORDER BY created_at", team.alice_id)
    assert {row["address"] for row in rows} == {"29", asked["address"]}


async def test_who_may_not_be_tested(alice: AsyncClient, manager: AsyncClient, team: Team) -> None:
    """409 for an unverified address, 403 for a colleague, 429 for the fourth within ten minutes, for managers too."""
    path = f"/api/v1/users/{team.alice_id}/contact-methods"
    unverified = (await alice.post(path, json={**A_PHONE, "address": "+4915550000007"})).json()
    method = (await manager.post(path, json={**A_PHONE, "is_verified": True})).json()

    answers = [await alice.post(f"{path}/{method['id']}/test") for _ in range(3)]
    fourth = await manager.post(f"{path}/{method['id']}/test")

    assert [each.status_code for each in answers] == [202] * 3
    assert (fourth.status_code, fourth.json()["code"]) == (429, "too_many_test_pages")
    refused = await alice.post(f"{path}/{unverified['id']}/test")
    assert (refused.status_code, refused.json()["code"]) == (409, "unverified_contact_method")
    theirs = await alice.post(f"/api/v1/users/{team.bob_id}/contact-methods/{method['id']}/test")
    assert theirs.status_code == 403
