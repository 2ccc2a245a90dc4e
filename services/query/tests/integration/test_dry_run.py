"""Noise rules tried on stored alerts, over the API."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import pytest
from httpx import AsyncClient

from nightowl_common.db import Database
from nightowl_query.store import rehearsal as store
from nightowl_testkit.clock import DbClock

pytestmark = pytest.mark.integration

Fire = Callable[..., Awaitable[UUID]]
Age = Callable[[UUID], Awaitable[None]]
NOTHING = "01890000-0000-7000-8000-000000000000"
DISK = [{"name": "@title", "value": "disk.*", "op": "=~"}]


async def rehearse(client: AsyncClient, kind: str, rule: dict[str, Any], days: int = 7) -> dict[str, Any]:
    answer = await client.post("/api/v1/noise/dry-run", json={"kind": kind, "rule": rule, "days": days})
    assert answer.status_code == 200, answer.text
    report: dict[str, Any] = answer.json()
    return report


def titles(report: dict[str, Any]) -> list[str]:
    return [each["title"] for each in report["examples"]]


@pytest.fixture
def age(database: Database, tenant: str) -> Callable[[UUID], Awaitable[None]]:
    """Lets an alert have opened 26 hours earlier; the clock of all tests stays as it is."""

    async def age(alert_id: UUID) -> None:
        async with database.tenant_tx(tenant) as tx:
            query = "UPDATE alerts SET first_fired_at = first_fired_at - interval '26 hours' WHERE id = $1"
            await tx.execute(query, alert_id)

    return age


async def test_a_silence_is_tried_on_the_last_days(client: AsyncClient, fire: Fire, age: Age) -> None:
    """Only what opened within the days asked for, the worst first; nothing is stored."""
    await age(await fire("disk old"))
    for title, severity in (("disk a", "info"), ("disk b", "critical"), ("cpu", "critical")):
        await fire(title, severity=severity)

    report = await rehearse(client, "silence", {"matchers": DISK}, days=1)

    assert (report["kind"], report["tested"], report["would_mute"], report["is_exact"]) == ("silence", 3, 2, True)
    assert report["by_severity"] == {"critical": 1, "major": 0, "warning": 0, "info": 1}
    assert titles(report) == ["disk b", "disk a"]
    assert (await rehearse(client, "silence", {"matchers": DISK}, days=2))["would_mute"] == 3


async def test_a_window_is_tried_in_its_zone(client: AsyncClient, fire: Fire, db_clock: DbClock) -> None:
    """What opened while it would have been open."""
    opened = (await client.get(f"/api/v1/alerts/{await fire('disk')}")).json()["first_fired_at"]
    await db_clock.advance(minutes=60)
    await fire("disk later")
    rule = {
        "name": "nightly", "matchers": DISK, "timezone": "UTC", "starts_at": opened[:16] + ":00",
        "duration_minutes": 30, "rrule": "FREQ=DAILY",
    }  # fmt: skip

    report = await rehearse(client, "maintenance_window", rule)

    assert (report["tested"], report["would_mute"], titles(report)) == (2, 1, ["disk"])


async def test_an_inhibition_rule_is_tried_with_what_was_open(
    client: AsyncClient, fire: Fire, age: Age, db_clock: DbClock
) -> None:
    """A source that opened before the range and is open still counts; once it is over it does not."""
    node = await fire("node down")
    await age(node)
    await fire("disk during")
    await client.patch(f"/api/v1/alerts/{node}/resolve")
    await db_clock.advance(minutes=1)
    await fire("disk after")
    rule = {"source_matchers": [{"name": "@title", "value": "node down"}], "target_matchers": DISK, "equal": ["zone"]}

    report = await rehearse(client, "inhibition_rule", rule, days=1)

    assert (report["tested"], titles(report)) == (2, ["disk during"])
    assert str(node) in report["examples"][0]["why"]


async def test_a_grouping_rule_is_tried(client: AsyncClient, fire: Fire) -> None:
    """How many groups, and what of them would have been quiet."""
    for title in ("disk a", "disk b", "cpu"):
        await fire(title)

    report = await rehearse(client, "grouping_rule", {"name": "disks", "matchers": DISK, "group_by": ["@source"]})

    assert (report["kind"], report["groups"], report["alerts_grouped"]) == ("grouping_rule", 1, 2)
    assert (report["pages_saved"], titles(report)) == (0, ["disk b", "disk a"])


async def test_a_route_is_tried_among_the_stored_ones(
    client: AsyncClient, fire: Fire, database: Database, tenant: str, policy: Any
) -> None:
    """An earlier route keeps what it takes; a draft of the same name stands in for it."""
    async with database.tenant_tx(tenant) as tx:
        await tx.execute("UPDATE tenant_config SET default_policy_id = $1", policy.policy_id)
        await tx.execute(
            "INSERT INTO routes (name, position, matchers, pages_from) VALUES ('first', 10, $1, 'never')", DISK
        )
    for title in ("disk", "cpu"):
        await fire(title)

    behind = await rehearse(client, "route", {"name": "all", "position": 20, "pages_from": "never"})
    instead = await rehearse(client, "route", {"name": "first", "matchers": DISK, "policy_id": str(policy.policy_id)})

    assert (behind["would_take"], behind["no_longer_paging"], titles(behind)) == (1, 1, ["cpu"])
    assert (instead["would_take"], instead["newly_paging"], titles(instead)) == (1, 1, ["disk"])
    assert instead["changes"][0]["after"] == {
        "service": None, "policy": "default", "slack_channel": None, "pages_from": "major", "does_page": True
    }  # fmt: skip


async def test_more_alerts_than_are_tried_are_told(
    client: AsyncClient, fire: Fire, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The newest are tried, in pages, each once."""
    find_start = store.find_start
    monkeypatch.setattr(store, "PAGE", 2)
    monkeypatch.setattr(store, "find_start", lambda tx, *, since: find_start(tx, since=since, most=5))
    for number in range(7):
        await fire(f"disk {number}")

    report = await rehearse(client, "silence", {"matchers": DISK})

    assert (report["tested"], report["is_exact"]) == (5, False)
    assert titles(report) == [f"disk {number}" for number in (6, 5, 4, 3, 2)]


WINDOW = {"matchers": DISK, "timezone": "UTC", "starts_at": "2026-01-01T00:00:00", "duration_minutes": 5}


@pytest.mark.parametrize(
    ("kind", "rule", "field"),
    [
        ("silence", {"matchers": [{"name": "a", "op": "=~", "value": "("}]}, "$.rule.matchers[0].value"),
        ("silence", {"matchers": [{"name": "@x", "value": "b"}]}, "$.rule.matchers[0].name"),
        ("silence", {"matchers": DISK, "starts_at": "2026-01-02T00:00:00Z", "ends_at": "2026-01-01T00:00:00Z"},
         "$.rule.ends_at"),
        ("maintenance_window", {**WINDOW, "timezone": "Mars/Olympus"}, "$.rule.timezone"),
        ("maintenance_window", {**WINDOW, "rrule": "FREQ=NEVER"}, "$.rule.rrule"),
        ("maintenance_window", {**WINDOW, "starts_at": "2026-01-01T00:00:00Z"}, "$.rule.starts_at"),
        ("inhibition_rule", {"source_matchers": DISK, "target_matchers": [{"name": "@y", "value": ""}]},
         "$.rule.target_matchers[0].name"),
        ("grouping_rule", {"matchers": [{"name": "@y", "value": ""}], "group_by": []}, "$.rule.matchers[0].name"),
        ("route", {"policy_id": NOTHING}, "$.rule.policy_id"),
        ("route", {"service_id": NOTHING}, "$.rule.service_id"),
    ],
    ids=str,
)  # fmt: skip
async def test_a_bad_rule_is_refused_by_field(client: AsyncClient, kind: str, rule: dict[str, Any], field: str) -> None:
    """The same checks as when it is saved."""
    answer = await client.post("/api/v1/noise/dry-run", json={"kind": kind, "rule": rule})

    assert answer.status_code == 422, answer.text
    assert [each["field"] for each in answer.json()["errors"]] == [field]


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "magic", "rule": {}},
        {"kind": "silence", "rule": {"matchers": []}},
        {"kind": "silence", "rule": {"matchers": DISK}, "days": 91},
        {"kind": "silence", "rule": {"matchers": DISK, "colour": "red"}},
        {"kind": "silence", "rule": {"matchers": DISK}, "years": 1},
    ],
    ids=str,
)
async def test_what_is_no_dry_run_is_refused(client: AsyncClient, body: dict[str, Any]) -> None:
    """Unknown kinds, fields and ranges."""
    answer = await client.post("/api/v1/noise/dry-run", json=body)

    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"]
