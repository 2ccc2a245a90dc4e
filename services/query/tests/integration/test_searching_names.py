"""Rosters, policies, runbooks and groups are found by parts of what people call them, by the server and not in a page."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from httpx import AsyncClient

from nightowl_common.db import Database

pytestmark = pytest.mark.integration

ClientOf = Callable[..., Awaitable[AsyncClient]]
Named = Callable[..., Awaitable[None]]

MADE = {
    "rosters": "INSERT INTO rosters (name, description, timezone, start_date) VALUES ($1, $2, 'UTC', '2026-01-05')",
    "policies": """
        WITH made AS (INSERT INTO escalation_policies (name, description) VALUES ($1, $2) RETURNING id)
        INSERT INTO escalation_policy_versions (policy_id, version, tiers)
        SELECT id, 1, '[{"timeout_minutes": 5, "notify_via": ["sms"], "targets": ["oncall_primary"]}]'::jsonb FROM made""",
    "runbooks": "INSERT INTO runbooks (title, category, tags) VALUES ($1, $2, ARRAY['k8s', $2])",
    "groups": """
        INSERT INTO alert_groups (id, name, key, pages) VALUES (uuidv7(), $1 || ' ' || $2::text, '{}', 'first')""",
}


@pytest.fixture(params=sorted(MADE))
def path(request: pytest.FixtureRequest) -> str:
    """Each of the lists."""
    return str(request.param)


@pytest.fixture
def named(database: Database, tenant: str, path: str) -> Named:
    """Puts something into the list, by its name and what is said about it."""

    async def make(name: str, more: str = "", *, of: str = tenant) -> None:
        async with database.tenant_tx(of) as tx:
            await tx.execute(MADE[path], name, more)

    return make


async def found(client: AsyncClient, path: str, q: str, **more: Any) -> tuple[list[str], int]:
    answer = await client.get(f"/api/v1/{path}", params={"q": q, **more})
    assert answer.status_code == 200, answer.text
    page = answer.json()
    return [(each.get("title") or each["name"]).split()[0] for each in page["items"]], page["total"]


async def test_all_words_must_be_there_in_any_case_and_cut_short(client: AsyncClient, path: str, named: Named) -> None:
    """In the name or in what is said about it; the newest first, and the total counts what fits."""
    await named("Payments", "cards and bank transfers")
    await named("Paying", "for Zürich")
    await named("Platform", "all nodes")

    assert await found(client, path, "pay") == (["Paying", "Payments"], 2)
    assert await found(client, path, "TRANS pay") == (["Payments"], 1)
    assert await found(client, path, "zür") == (["Paying"], 1)
    assert await found(client, path, "ZÜR") == (["Paying"], 1)
    assert await found(client, path, "pay nodes") == ([], 0)
    assert await found(client, path, " \t") == (["Platform", "Paying", "Payments"], 3)
    assert await found(client, path, "pay", limit=1) == (["Paying"], 2)


async def test_signs_of_patterns_are_signs_like_others(client: AsyncClient, path: str, named: Named) -> None:
    """Percent, underscore, backslash and quotes stand for themselves."""
    await named("disk_100%", r"C:\x 'a'")
    await named("diskA100x", "none")

    assert [await found(client, path, q) for q in ("disk_", "100%", r":\x", "'a'")] == [(["disk_100%"], 1)] * 4


@pytest.mark.parametrize("q", ["x" * 1_001, "a\x00"])
async def test_what_cannot_be_looked_for_is_refused_by_its_name(client: AsyncClient, path: str, q: str) -> None:
    """Too long, or not a text that the database can hold."""
    answer = await client.get(f"/api/v1/{path}", params={"q": q})

    assert answer.status_code == 422
    assert [each["field"] for each in answer.json()["errors"]] == ["q"]


async def test_one_tenant_finds_nothing_of_another(
    client: AsyncClient, client_of: ClientOf, path: str, named: Named, tenant: str, second_tenant: str
) -> None:
    """And a role that may read the list may search it."""
    await named("Payments")
    await named("Payroll", of=second_tenant)

    assert await found(client, path, "pay") == (["Payments"], 1)
    assert await found(await client_of(second_tenant, "readonly"), path, "pay") == (["Payroll"], 1)


async def test_the_last_of_many_is_found(client: AsyncClient, path: str, named: Named) -> None:
    """Where a page of the list holds 200 at most, the oldest of 201 is found by its name."""
    await named("Needle")
    for place in range(201):
        await named(f"Hay-{place}")

    assert await found(client, path, "needle", limit=5) == (["Needle"], 1)
