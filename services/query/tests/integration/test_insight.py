"""What a span of time was like, over the API."""

import csv
import io
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from httpx import AsyncClient

from nightowl_common.db import Database
from nightowl_query.store import insight as store
from nightowl_testkit.builders import seed_team
from nightowl_testkit.clock import DbClock

pytestmark = pytest.mark.integration

Fire = Callable[..., Awaitable[UUID]]
TABLES = (
    "volume", "mtta", "mttr", "repeat_offenders", "on_call_load", "lateness", "knowledge_coverage", "unmatched_titles"
)  # fmt: skip


async def insight(client: AsyncClient, **query: str) -> dict[str, Any]:
    answer = await client.get("/api/v1/insight", params=query)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


@pytest.fixture
async def told(client: AsyncClient, fire: Fire, db_clock: DbClock, database: Database, tenant: str) -> dict[str, Any]:
    """Disk came twice and was taken after 10 and 30 seconds; a matched one, and one from long ago."""
    await fire("long ago")
    await db_clock.advance(days=40)
    team = await seed_team(database, tenant)
    ids = []
    for seconds in (10, 30):
        ids.append(await fire("disk"))
        await db_clock.advance(seconds=seconds)
        await client.patch(f"/api/v1/alerts/{ids[-1]}/acknowledge")
        await client.patch(f"/api/v1/alerts/{ids[-1]}/resolve")
    known = await fire("known", severity="info")
    async with database.tenant_tx(tenant) as tx:
        incident = await tx.fetchval("INSERT INTO incidents (title, severity) VALUES ('a', 'major') RETURNING id")
        await tx.execute(
            "UPDATE alerts SET matched_incident_id = $2, match_kind = 'text', match_score = 1 WHERE id = $1",
            known,
            incident,
        )
        for channel in ("sms", "phone"):
            await tx.execute(
                "INSERT INTO deliveries (id, alert_id, episode, cycle, step, recipient, channel, address, "
                "escalation_version, status, sent_at) "
                "VALUES (uuidv7(), $1, 1, 0, 0, $2, $3, 'x', 0, 'sent', public.clock_now() - interval '1 second')",
                ids[0], f"user:{team.alice_id}", channel,
            )  # fmt: skip
        for tier, late in ((0, 0.2), (1, 3.0)):
            await tx.execute(
                "INSERT INTO escalation_events (alert_id, cycle, tier, outcome, due_at, fired_at) "
                "VALUES ($1, 0, $2, 'paged', public.clock_now() - interval '1 minute', "
                "public.clock_now() - interval '1 minute' + make_interval(secs => $3))",
                ids[0], tier, late,
            )  # fmt: skip
    await db_clock.advance(seconds=1)
    return await insight(client)


async def test_the_last_four_weeks_are_told(told: dict[str, Any]) -> None:
    """Each table of what came, by default over 28 days; what is older is left out."""
    assert told["is_exact"] is True
    assert (len(told["volume"]), sum(each["total"] for each in told["volume"])) == (29, 3)
    assert sum(each["critical"] for each in told["volume"]) == 2
    critical, overall = [each for each in told["mtta"] if each["day"] is None]
    assert (critical["severity"], critical["count"]) == ("critical", 2)
    assert overall == {**critical, "severity": None}
    assert critical["median_seconds"] == pytest.approx(20, abs=5)
    assert critical["p90_seconds"] == pytest.approx(28, abs=5)
    assert {each["severity"] for each in told["mttr"]} == {"critical", None}


async def test_what_repeats_is_told_with_its_pages(told: dict[str, Any]) -> None:
    """Not what came once."""
    [offender] = told["repeat_offenders"]

    assert (offender["title"], offender["count"], offender["occurrences"]) == ("disk", 2, 2)
    assert (offender["pages"], offender["resolved_share"], offender["service"]) == (2, 1.0, None)


async def test_who_carries_it_is_told(told: dict[str, Any]) -> None:
    """Pages that were sent, and hours as primary: a day before now, since then the roster runs."""
    loads = {each["user"]["display_name"].split()[0]: each for each in told["on_call_load"]}

    assert loads["Alice"]["pages"] == 2
    assert 0 < loads["Alice"]["hours_on_call"] <= 49


async def test_lateness_and_knowledge_are_told(told: dict[str, Any]) -> None:
    """Per tier; per day, and the titles of which nothing is known."""
    assert [(each["tier"], each["count"], each["within_second_share"]) for each in told["lateness"]] == [
        (0, 1, 1.0),
        (1, 1, 0.0),
    ]
    assert told["lateness"][1]["p99_seconds"] == pytest.approx(3)
    assert sum(each["matched"] for each in told["knowledge_coverage"]) == 1
    assert [(each["title"], each["count"]) for each in told["unmatched_titles"]] == [("disk", 2)]


@pytest.mark.parametrize("table", TABLES)
async def test_each_table_is_a_file(client: AsyncClient, told: dict[str, Any], table: str) -> None:
    """With the rows of the whole."""
    answer = await client.get(f"/api/v1/insight/{table}.csv", params={"from": told["starts_at"], "to": told["ends_at"]})

    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.headers["content-disposition"] == f'attachment; filename="{table}.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [set(each) for each in rows] == [set(each) for each in told[table]]
    assert rows


async def test_days_begin_by_the_clock_of_a_zone(client: AsyncClient, fire: Fire, db_clock: DbClock) -> None:
    """One instant is Tuesday in Auckland and Monday in New York."""
    await fire("disk")
    at = await db_clock.now()
    span = {"from": (at - timedelta(hours=1)).isoformat(), "to": (at + timedelta(hours=1)).isoformat()}

    for zone, hours in (("Pacific/Kiritimati", 14), ("Etc/GMT+12", -12)):
        days = [each["day"] for each in (await insight(client, **span, zone=zone))["volume"] if each["total"]]
        assert days == [(at + timedelta(hours=hours)).date().isoformat()]


async def test_more_than_can_be_looked_at_is_said(
    client: AsyncClient, fire: Fire, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The newest are told, and that they are not all."""
    for number in range(3):
        await fire(f"disk {number}")
    monkeypatch.setattr(store, "MAX_ROWS", 2)
    monkeypatch.setattr("nightowl_query.api.insight.MAX_ROWS", 2)

    told = await insight(client)

    assert (told["is_exact"], sum(each["total"] for each in told["volume"])) == (False, 2)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"from": "2026-01-01T00:00:00Z", "to": "2026-04-04T00:00:00Z"}, "to"),
        ({"from": "2026-01-02T00:00:00Z", "to": "2026-01-01T00:00:00Z"}, "to"),
        ({"from": "yesterday"}, "from"),
        ({"zone": "Mars"}, "zone"),
    ],
)
async def test_a_span_that_cannot_be_meant_is_refused(client: AsyncClient, query: dict[str, str], field: str) -> None:
    """422, for the whole and for each file."""
    for path in ("/api/v1/insight", "/api/v1/insight/volume.csv"):
        answer = await client.get(path, params=query)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)


async def test_three_months_are_the_longest(client: AsyncClient) -> None:
    """92 days."""
    end = datetime.fromisoformat("2026-04-03T00:00:00+00:00")

    told = await insight(client, **{"from": (end - timedelta(days=92)).isoformat(), "to": end.isoformat()})

    assert len(told["volume"]) == 92
