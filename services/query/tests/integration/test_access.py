"""Keys, roles and tenants."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import pytest
from httpx import AsyncClient

pytestmark = pytest.mark.integration

Fire = Callable[..., Awaitable[UUID]]
ClientOf = Callable[..., Awaitable[AsyncClient]]

PATHS = [
    "alerts", "rosters", "policies", "users", "rejected-payloads", "outbox", "ledger/unaccounted", "ping",
    "status", "version", "routes", "silences", "maintenance-windows", "inhibition-rules", "grouping-rules", "groups",
    "rosters/coverage", "leave", "forecast",
]  # fmt: skip


@pytest.mark.parametrize("path", [*(f"/api/v1/{path}" for path in PATHS), "/outbox"])
async def test_nothing_is_told_without_a_key(anonymous: AsyncClient, path: str) -> None:
    """401 as a problem that says how to authenticate, so that a browser asks."""
    answer = await anonymous.get(path)
    wrong = await anonymous.get(path, headers={"X-API-Key": "ow_nobody_has_this_key_at_all"})

    for refused in (answer, wrong):
        assert refused.status_code == 401
        assert refused.headers["content-type"] == "application/problem+json"
        assert refused.headers["www-authenticate"].startswith("Basic ")


@pytest.mark.parametrize("path", PATHS)
async def test_reading_needs_no_more_than_readonly(client_of: ClientOf, tenant: str, path: str) -> None:
    """The lowest role may read everything."""
    client = await client_of(tenant, "readonly")

    assert (await client.get(f"/api/v1/{path}")).status_code == 200


@pytest.mark.parametrize("action", ["acknowledge", "resolve"])
async def test_acting_needs_an_engineer(client_of: ClientOf, tenant: str, fire: Fire, action: str) -> None:
    """403 for readonly, done for the roles above."""
    alert_id = await fire("disk")

    verdicts = [
        (await (await client_of(tenant, role)).patch(f"/api/v1/alerts/{alert_id}/{action}")).status_code
        for role in ("readonly", "engineer", "manager", "admin")
    ]

    assert verdicts == [403, 200, 200, 200]


async def test_tenants_never_see_each_other(
    client: AsyncClient, client_of: ClientOf, fire: Fire, second_tenant: str, policy: Any
) -> None:
    """Another tenant's alert is as absent as one that never was, for every verb."""
    alert_id = await fire("disk")
    stranger = await client_of(second_tenant, "admin")

    answers = [
        await stranger.get(f"/api/v1/alerts/{alert_id}"),
        await stranger.get(f"/api/v1/alerts/{alert_id}/timeline"),
        await stranger.get(f"/api/v1/alerts/{alert_id}/deliveries"),
        await stranger.patch(f"/api/v1/alerts/{alert_id}/acknowledge"),
        await stranger.patch(f"/api/v1/alerts/{alert_id}/resolve", headers={"If-Match": "*"}),
        await stranger.get(f"/api/v1/policies/{policy.policy_id}"),
    ]

    assert [each.status_code for each in answers] == [404] * len(answers)
    assert (await stranger.get("/api/v1/alerts")).json() == {
        "items": [], "next_cursor": None, "total": 0, "total_is_exact": True,
    }  # fmt: skip
    assert (await client.get(f"/api/v1/alerts/{alert_id}")).json()["status"] == "firing"


async def test_a_key_works_as_a_password(client_of: ClientOf, tenant: str, anonymous: AsyncClient) -> None:
    """A browser signs in with any name and the key."""
    key = (await client_of(tenant, "readonly")).headers["X-API-Key"]

    answer = await anonymous.get("/api/v1/ping", auth=("anybody", key))

    assert answer.json() == {"tenant": tenant, "role": "readonly", "name": "readonly key"}


async def test_unknown_paths_and_methods_are_problems(client: AsyncClient) -> None:
    """Litestar's own refusals have the same form as ours."""
    missing = await client.get("/api/v1/nothing")
    method = await client.delete("/api/v1/alerts")

    assert (missing.status_code, method.status_code) == (404, 405)
    assert missing.headers["content-type"] == method.headers["content-type"] == "application/problem+json"
