"""Listing and reading alerts."""

import csv
import io
from collections.abc import Awaitable, Callable
from uuid import UUID, uuid4

import pytest
from httpx import AsyncClient

from nightowl_common.db import Database
from nightowl_testkit.clock import DbClock

pytestmark = pytest.mark.integration

Fire = Callable[..., Awaitable[UUID]]


async def titles(client: AsyncClient, query: str = "") -> list[str]:
    answer = await client.get(f"/api/v1/alerts{query}")
    assert answer.status_code == 200, answer.text
    assert answer.json()["total"] == len(answer.json()["items"])
    return [each["title"] for each in answer.json()["items"]]


async def test_alerts_come_newest_first(client: AsyncClient, fire: Fire) -> None:
    """The list starts with what happened last and counts everything."""
    for title in ("first", "second", "third"):
        await fire(title)

    assert await titles(client) == ["third", "second", "first"]


async def test_filters_combine_and_repeats_are_alternatives(
    client: AsyncClient, fire: Fire, database: Database, tenant: str
) -> None:
    """Several values of one filter widen, several filters narrow."""
    await fire("disk", severity="critical", source="alertmanager")
    await fire("memory", severity="major")
    await fire("noise", severity="info")
    payments = await fire("latency", severity="major", fingerprint="lat-1")
    async with database.tenant_tx(tenant) as tx:
        await tx.execute(
            "WITH s AS (INSERT INTO services (name) VALUES ('payments') RETURNING id) UPDATE alerts SET service_id = s.id FROM s WHERE alerts.id = $1",
            payments,
        )
    await client.patch(f"/api/v1/alerts/{payments}/acknowledge")

    assert await titles(client, "?severity=critical&severity=info") == ["noise", "disk"]
    assert await titles(client, "?severity=major&status=firing") == ["memory"]
    assert await titles(client, "?status=acknowledged&status=resolved") == ["latency"]
    assert await titles(client, "?source=alertmanager") == ["disk"]
    assert await titles(client, "?fingerprint=lat-1&fingerprint=memory") == ["latency", "memory"]
    assert await titles(client, "?service=payments") == ["latency"]
    assert await titles(client, "?service=nobody") == []
    assert await titles(client, "?q=DIS") == ["disk"]
    assert await titles(client, "?q=%25") == []


async def test_time_bounds_are_half_open(client: AsyncClient, fire: Fire, db_clock: DbClock) -> None:
    """`after` lets the instant itself through, `before` does not."""
    await fire("early")
    middle = await db_clock.advance(minutes=1)
    late = await fire("late")
    fired_at = (await client.get(f"/api/v1/alerts/{late}")).json()["first_fired_at"].replace("+00:00", "Z")

    assert await titles(client, f"?after={middle.isoformat().replace('+00:00', 'Z')}") == ["late"]
    assert await titles(client, f"?after={fired_at}") == ["late"]
    assert await titles(client, f"?before={fired_at}") == ["early"]


async def test_pages_stay_right_while_alerts_arrive(client: AsyncClient, fire: Fire) -> None:
    """Walking the pages shows each alert that was there at the start exactly once, whatever fires meanwhile."""
    for number in range(7):
        await fire(f"old {number}")
    seen: list[str] = []
    cursor = ""

    for step in range(4):
        page = (await client.get(f"/api/v1/alerts?limit=2{cursor}")).json()
        seen += [each["title"] for each in page["items"]]
        assert page["total"] == 7 + step
        await fire(f"new {step}")
        cursor = f"&cursor={page['next_cursor']}"

    assert page["next_cursor"] is None
    assert seen == [f"old {number}" for number in range(6, -1, -1)]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=many", "limit"),
        ("cursor=nonsense", "cursor"),
        ("status=burning", "status"),
        ("severity=P1", "severity"),
        ("after=yesterday", "after"),
        ("after=2026-01-01T00:00:00", "after"),
        ("after=null", "after"),
        ("before=0", "before"),
        ("q=%00", "q"),
        ("service=a&service=%00", "service"),
        ("fingerprint=" + 1_001 * "x", "fingerprint"),
    ],
)
async def test_a_bad_parameter_is_named(client: AsyncClient, query: str, field: str) -> None:
    """422 as a problem, with the parameter that is wrong."""
    answer = await client.get(f"/api/v1/alerts?{query}")

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["errors"][0]["field"] == field
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


async def test_a_list_can_be_had_as_csv(client: AsyncClient, fire: Fire) -> None:
    """One line per alert, titles that look like formulas defused, the next page in a header."""
    await fire("plain")
    await fire('=HYPERLINK("http://evil","click")')

    answer = await client.get("/api/v1/alerts?limit=1&severity=critical", headers={"Accept": "text/csv"})

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/csv; header=present; charset=utf-8"
    assert answer.headers["x-total-count"] == "2"
    [row] = csv.DictReader(io.StringIO(answer.text, newline=""))
    assert row["title"] == '\'=HYPERLINK("http://evil","click")'
    following = answer.headers["link"].removeprefix("<").partition(">")[0]
    assert "severity=critical" in following
    rest = await client.get(following, headers={"Accept": "text/csv"})
    assert [each["title"] for each in csv.DictReader(io.StringIO(rest.text, newline=""))] == ["plain"]


async def test_an_alert_has_its_revision_as_etag(client: AsyncClient, fire: Fire) -> None:
    """The tag is the version, and a repeat moves it."""
    alert_id = await fire("disk")
    await fire("disk")

    answer = await client.get(f"/api/v1/alerts/{alert_id}")

    assert answer.json()["occurrence_count"] == 2
    assert answer.headers["etag"] == f'"{answer.json()["version"]}"' == '"2"'


async def test_a_timeline_runs_from_the_oldest(client: AsyncClient, fire: Fire) -> None:
    """Everything that was decided, in order, page by page."""
    alert_id = await fire("disk")
    await fire("disk")
    await client.patch(f"/api/v1/alerts/{alert_id}/acknowledge")
    await client.patch(f"/api/v1/alerts/{alert_id}/resolve", json={"resolution": "made room"})

    whole = (await client.get(f"/api/v1/alerts/{alert_id}/timeline")).json()
    first = (await client.get(f"/api/v1/alerts/{alert_id}/timeline?limit=3")).json()
    rest = (await client.get(f"/api/v1/alerts/{alert_id}/timeline?limit=3&cursor={first['next_cursor']}")).json()

    assert [each["kind"] for each in whole["items"]] == ["opened", "repeated", "acknowledged", "resolved"]
    assert whole["items"][3]["evidence"] == {"resolution": "made room"}
    assert whole["items"][3]["actor"]["name"] == "engineer key"
    assert first["items"] + rest["items"] == whole["items"]
    assert (first["total"], rest["total"]) == (4, 4)


@pytest.mark.parametrize("part", ["", "/timeline", "/deliveries", "/acknowledge", "/resolve"])
async def test_there_is_no_such_alert(client: AsyncClient, part: str) -> None:
    """404 as a problem, for ids that nobody has and for what is no id."""
    method = "PATCH" if part in {"/acknowledge", "/resolve"} else "GET"
    for alert_id in (str(uuid4()), "seven"):
        answer = await client.request(method, f"/api/v1/alerts/{alert_id}{part}")

        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"


async def test_a_problem_that_comes_back_all_day_is_flapping(
    client: AsyncClient, fire: Fire, database: Database, tenant: str
) -> None:
    """Episodes of the last 24 hours are counted by the database's clock; the fifth makes it flap, on each of them."""

    async def age(alert_id: UUID, hours: float) -> None:
        async with database.tenant_tx(tenant) as tx:
            await tx.execute(
                "UPDATE alerts SET first_fired_at = public.clock_now() - make_interval(secs => $2) WHERE id = $1",
                alert_id,
                hours * 3_600,
            )

    async def seen(alert_id: UUID) -> tuple[int, bool]:
        answer = (await client.get(f"/api/v1/alerts/{alert_id}")).json()
        return answer["recent_episodes"], answer["is_flapping"]

    await fire("another problem")
    alert_ids = []
    for hours in (49, 24.01, 23.99, 12, 1, 0.5):
        alert_ids.append(await fire("disk"))
        await age(alert_ids[-1], hours)
        await client.patch(f"/api/v1/alerts/{alert_ids[-1]}/resolve")
    before = await seen(alert_ids[-1])

    alert_ids.append(await fire("disk"))

    assert before == (4, False)
    assert {await seen(each) for each in alert_ids} == {(5, True)}
    assert "recent_episodes" not in (await client.get("/api/v1/alerts")).json()["items"][0]
