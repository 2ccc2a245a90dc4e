"""Finding alerts: labels, words, people, urgency, facets."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID

import pytest
from httpx import AsyncClient

from nightowl_common.db import Database
from nightowl_query.store import alert_filters as store
from nightowl_testkit.clock import DbClock

pytestmark = pytest.mark.integration

Fire = Callable[..., Awaitable[UUID]]


async def titles(client: AsyncClient, **query: str | list[str]) -> list[str]:
    answer = await client.get("/api/v1/alerts", params=query)
    assert answer.status_code == 200, answer.text
    return [each["title"] for each in answer.json()["items"]]


async def label(database: Database, tenant: str, labels: dict[str, dict[str, str]]) -> None:
    async with database.tenant_tx(tenant) as tx:
        for title, given in labels.items():
            await tx.execute("UPDATE alerts SET labels = $2 WHERE title = $1", title, given)


async def test_labels_match_as_in_alertmanager(
    client: AsyncClient, fire: Fire, database: Database, tenant: str
) -> None:
    """Equal, unequal, patterns for the whole value; a missing label is empty; every one must fit."""
    for title in ("a", "b", "c"):
        await fire(title)
    await label(database, tenant, {"a": {"env": "prod", "zone": "eu-1"}, "b": {"env": "prod"}, "c": {"env": "stage"}})

    assert await titles(client, label="env=prod") == ["b", "a"]
    assert await titles(client, label="env!=prod") == ["c"]
    assert await titles(client, label="env=~pr.*|x") == ["b", "a"]
    assert await titles(client, label="env=~ro") == []
    assert await titles(client, label="env!~stage") == ["b", "a"]
    assert await titles(client, label="zone=") == ["c", "b"]
    assert await titles(client, label=["env=prod", "zone!="]) == ["a"]


@pytest.mark.parametrize(
    "matcher", ["env", "=x", "env=~(", "env=~" + 201 * "x", r"env=~(a)\1", "env=~a{999999}", "env=\x00"]
)
async def test_a_bad_label_is_named(client: AsyncClient, matcher: str) -> None:
    """422, whether we or Postgres cannot read it."""
    answer = await client.get("/api/v1/alerts", params={"label": matcher})

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "label"), answer.text


async def test_words_are_found_in_title_and_description(
    client: AsyncClient, fire: Fire, database: Database, tenant: str
) -> None:
    """All of them, alternatives, exclusions, phrases, and a last word that is not finished."""
    await fire("Disk full on db-3")
    await fire("Disk slow")
    async with database.tenant_tx(tenant) as tx:
        await tx.execute("UPDATE alerts SET description = 'the queue behind it grows' WHERE title = 'Disk slow'")

    assert await titles(client, q="disk") == ["Disk slow", "Disk full on db-3"]
    assert await titles(client, q="disk queu") == ["Disk slow"]
    assert await titles(client, q='"full on"') == ["Disk full on db-3"]
    assert await titles(client, q="full or queue") == ["Disk slow", "Disk full on db-3"]
    assert await titles(client, q="disk -full") == ["Disk slow"]
    assert await titles(client, q="it's & (") == []


async def test_owners_and_assignees_are_found(client: AsyncClient, fire: Fire, database: Database, tenant: str) -> None:
    """By the owner of the service, by who was asked, and by nobody."""
    mine, other = await fire("mine"), await fire("other")
    async with database.tenant_tx(tenant) as tx:
        dana = await tx.fetchval(
            "INSERT INTO users (email, display_name) VALUES ('dana@example.com', 'Dana') RETURNING id"
        )
        await tx.execute(
            """WITH s AS (INSERT INTO services (name, owner) VALUES ('pay', 'team-a') RETURNING id)
            UPDATE alerts SET service_id = s.id FROM s WHERE alerts.id = $1""",
            other,
        )
    await client.patch(f"/api/v1/alerts/{mine}/assign", json={"assignee_id": str(dana)})

    assert await titles(client, assignee=str(dana)) == ["mine"]
    assert await titles(client, assignee="none") == ["other"]
    assert await titles(client, owner="team-a") == ["other"]
    assert await titles(client, owner="team-b") == []
    assert (await client.get("/api/v1/alerts?assignee=dana")).status_code == 422


async def test_the_most_urgent_come_first_page_by_page(client: AsyncClient, fire: Fire, db_clock: DbClock) -> None:
    """What nobody has, by severity, newest first; then what somebody has; resolved last. No page repeats or skips."""
    ids = {
        title: await fire(title, severity=severity)
        for title, severity in [
            ("old critical", "critical"), ("warning", "warning"), ("taken", "critical"), ("over", "critical"),
            ("snoozed", "critical"), ("new critical", "critical"), ("major", "major"),
        ]
    }  # fmt: skip
    await client.patch(f"/api/v1/alerts/{ids['taken']}/acknowledge")
    await client.patch(f"/api/v1/alerts/{ids['over']}/resolve")
    until = {"until": (await db_clock.now() + timedelta(hours=1)).isoformat()}
    assert (await client.patch(f"/api/v1/alerts/{ids['snoozed']}/snooze", json=until)).status_code == 200

    seen: list[str] = []
    query: dict[str, str] = {"sort": "urgent", "limit": "2"}
    while True:
        page = (await client.get("/api/v1/alerts", params=query)).json()
        seen += [each["title"] for each in page["items"]]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]

    assert seen == ["new critical", "old critical", "major", "warning", "snoozed", "taken", "over"]
    assert await titles(client, status="firing", severity="critical") == ["new critical", "snoozed", "old critical"]
    assert await titles(client, status=["resolved", "acknowledged"]) == ["over", "taken"]
    newest = (await client.get("/api/v1/alerts?limit=1")).json()["next_cursor"]
    assert (await client.get("/api/v1/alerts", params={"sort": "urgent", "cursor": newest})).status_code == 422


async def test_a_total_has_what_came_while_what_is_old_is_remembered(
    client: AsyncClient, fire: Fire, database: Database, tenant: str
) -> None:
    """The part that is remembered for ten seconds begins ten minutes back; beside it every call counts."""
    for number in range(3):
        old = await fire(f"old {number}")
        async with database.tenant_tx(tenant) as tx:
            await tx.execute("UPDATE alerts SET id = uuidv7(interval '-1 hour') WHERE id = $1", old)
    totals = [(await client.get("/api/v1/alerts?limit=1")).json()["total"]]

    await fire("new")
    async with database.tenant_tx(tenant) as tx:
        await tx.execute("DELETE FROM alerts WHERE title = 'old 0'")
    totals.append((await client.get("/api/v1/alerts?limit=1")).json()["total"])
    after_all = (await client.get("/api/v1/alerts?limit=9")).json()

    assert totals == [3, 4]
    assert (after_all["total"], after_all["total_is_exact"]) == (3, True)


async def test_totals_stop_counting_and_say_so(
    client: AsyncClient, fire: Fire, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Up to the bound it is exact; beyond, the bound and a flag."""
    for number in range(4):
        await fire(f"disk {number}")
    monkeypatch.setattr(store, "COUNTED", 3)

    page = (await client.get("/api/v1/alerts?limit=2")).json()
    facets = (await client.get("/api/v1/alerts/facets")).json()
    patterns = (await client.get("/api/v1/alerts?limit=2&label=a!=b")).json()

    assert (patterns["total"], patterns["total_is_exact"]) == (3, False)
    assert (page["total"], page["total_is_exact"]) == (3, False)
    assert (facets["total"], facets["is_exact"]) == (3, False)
    assert set(facets["cut"]) == {
        "status", "severity", "source", "service", "cluster", "holder", "policy", "knowledge"
    }  # fmt: skip


async def test_facets_of_words_stop_counting_sooner(
    client: AsyncClient, fire: Fire, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each row must be looked at for them; among open ones, which are few, all are counted."""
    for number in range(4):
        await fire(f"disk {number}")
    monkeypatch.setattr(store, "FACETED_WORDS", 2)

    found = {
        query: (await client.get(f"/api/v1/alerts/facets?{query}")).json()
        for query in ("", "q=disk", "label=a!=b", "q=disk&status=firing")
    }

    assert {query: (each["total"], each["is_exact"]) for query, each in found.items()} == {
        "": (4, True), "q=disk": (2, False), "label=a!=b": (2, False), "q=disk&status=firing": (4, True)
    }  # fmt: skip
    assert found["q=disk"]["severity"] == [{"value": "critical", "count": 3, "name": None}]
