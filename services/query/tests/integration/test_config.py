"""The tenant's settings over the API."""

from collections.abc import Awaitable, Callable

import pytest
from httpx import AsyncClient

from nightowl_alerting.model import Route
from nightowl_common.db import Database
from nightowl_common.ids import new_id

pytestmark = pytest.mark.integration

ClientOf = Callable[..., Awaitable[AsyncClient]]
URL = "/api/v1/admin/config"
UNSAID = {
    **dict.fromkeys(
        ["keep_alerts_days", "keep_payloads_days", "keep_deliveries_days", "keep_audit_days", "page_limits"]
    ),
    "severity_words": {},
}


@pytest.fixture
async def admin(client_of: ClientOf, tenant: str) -> AsyncClient:
    return await client_of(tenant, "admin")


async def test_a_tenant_starts_with_defaults(admin: AsyncClient) -> None:
    """Nothing closes by itself, nobody is paged by default."""
    answer = await admin.get(URL)

    assert (answer.status_code, answer.headers["etag"]) == (200, '"1"')
    assert answer.json() == {
        "auto_close_minutes": None, "timezone": "UTC", "default_policy_id": None, "slack_channel": None, "quiet_threads": True,
        **UNSAID, "revision": 1,
    }  # fmt: skip


async def test_a_change_leaves_the_rest_and_is_audited(
    admin: AsyncClient, database: Database, tenant: str, policy: Route
) -> None:
    """Each with before and after; null takes a value away; what is so already changes nothing."""
    policy_id = str(policy.policy_id)

    first = await admin.patch(
        URL, json={"auto_close_minutes": 60, "timezone": "Europe/Berlin"}, headers={"If-Match": '"1"'}
    )
    second = await admin.patch(URL, json={"default_policy_id": policy_id, "slack_channel": "C0ALERTS"})
    same = await admin.patch(URL, json={"default_policy_id": policy_id})
    third = await admin.patch(URL, json={"auto_close_minutes": None})

    assert [each.headers["etag"] for each in (first, second, same, third)] == ['"2"', '"3"', '"3"', '"4"']
    assert (await admin.get(URL)).json() == third.json()
    assert third.json() == {
        "auto_close_minutes": None, "timezone": "Europe/Berlin", "default_policy_id": policy_id,
        "slack_channel": "C0ALERTS", "quiet_threads": True, **UNSAID, "revision": 4,
    }  # fmt: skip
    async with database.tenant_tx(tenant) as tx:
        rows = await tx.fetch("SELECT changes FROM audit_log WHERE entity = 'config' ORDER BY id")
    assert [row["changes"] for row in rows] == [
        {"auto_close_minutes": [None, 60], "timezone": ["UTC", "Europe/Berlin"]},
        {"default_policy_id": [None, policy_id], "slack_channel": [None, "C0ALERTS"]},
        {"auto_close_minutes": [60, None]},
    ]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"auto_close_minutes": 4}, "$.auto_close_minutes"),
        ({"auto_close_minutes": 129_601}, "$.auto_close_minutes"),
        ({"keep_alerts_days": 6}, "$.keep_alerts_days"),
        ({"keep_audit_days": 29}, "$.keep_audit_days"),
        ({"timezone": "Mars/Olympus"}, "$.timezone"),
        ({"timezone": "../etc/passwd"}, "$.timezone"),
        ({"timezone": None}, "$.timezone"),
        ({"default_policy_id": str(new_id())}, "$.default_policy_id"),
        ({"slack_channel": "two words"}, "$.slack_channel"),
    ],
)
async def test_what_cannot_be_meant_is_refused(admin: AsyncClient, change: dict, field: str) -> None:
    """422 with the field; nothing is changed."""
    answer = await admin.patch(URL, json=change)

    assert answer.status_code == 422, answer.text
    assert [each["field"] for each in answer.json()["errors"]] == [field]
    assert (await admin.get(URL)).headers["etag"] == '"1"'


async def test_a_change_of_what_has_changed_is_refused(admin: AsyncClient) -> None:
    """412: read it again."""
    await admin.patch(URL, json={"auto_close_minutes": 60})

    assert (await admin.patch(URL, json={"auto_close_minutes": 90}, headers={"If-Match": '"1"'})).status_code == 412


async def test_managers_read_and_admins_change(client_of: ClientOf, client: AsyncClient, tenant: str) -> None:
    """Engineers see none of it."""
    manager = await client_of(tenant, "manager")

    assert (await manager.get(URL)).status_code == 200
    assert (await manager.patch(URL, json={"auto_close_minutes": 60})).status_code == 403
    assert (await client.get(URL)).status_code == 403


async def test_limits_on_pages_are_the_tenants(admin: AsyncClient) -> None:
    """Channel by channel; null brings the defaults back; what is no limit is refused with its field."""
    limits = {"sms": [{"messages": 2, "minutes": 10}], "email": []}

    told = await admin.patch(URL, json={"page_limits": limits})
    bad = await admin.patch(URL, json={"page_limits": {"sms": [{"messages": 0, "minutes": 10}]}})
    unknown = await admin.patch(URL, json={"page_limits": {"pigeon": []}})
    back = await admin.patch(URL, json={"page_limits": None})

    assert told.json()["page_limits"] == limits
    assert (bad.status_code, unknown.status_code) == (422, 422)
    assert "page_limits" in bad.json()["errors"][0]["field"]
    assert back.json()["page_limits"] is None


async def test_a_tenant_has_words_of_its_own_for_severities(admin: AsyncClient) -> None:
    """In lower case, to severities that there are; the whole map is replaced."""
    words = {"sev1": "critical", "degraded mode": "warning"}

    changed = await admin.patch(URL, json={"severity_words": words})
    wrong = [{"Sev1": "critical"}, {"sev1": "fatal"}, {"": "info"}, {" sev1": "info"}]
    refused = [await admin.patch(URL, json={"severity_words": each}) for each in wrong]
    emptied = await admin.patch(URL, json={"severity_words": {}})

    assert changed.json()["severity_words"] == words
    assert {each.status_code for each in refused} == {422}
    assert emptied.json()["severity_words"] == {}
