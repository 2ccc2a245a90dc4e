"""Schedules, fairness, coverage and previews over HTTP."""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from httpx import AsyncClient

from nightowl_common.db import Database
from nightowl_testkit.clock import DbClock

from .conftest import Fire

pytestmark = pytest.mark.integration

People = dict[str, UUID]


async def made(manager: AsyncClient, people: People, *names: str, **changes: Any) -> dict[str, Any]:
    body = {
        "name": "core", "timezone": "UTC", "start_date": "2026-01-05",
        "members": [str(people[each]) for each in names or ("Ada", "Bob")], **changes,
    }  # fmt: skip
    answer = await manager.post("/api/v1/rosters", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


def brief(items: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    return [(each["user"]["display_name"], each["starts_at"], each["ends_at"]) for each in items]


async def test_a_schedule_has_the_shifts_and_the_spans_with_nobody(
    client: AsyncClient, manager: AsyncClient, people: People
) -> None:
    """Cut at the ends of the question; before its start the roster covers nothing."""
    roster = await made(manager, people)

    answer = await client.get(
        f"/api/v1/rosters/{roster['id']}/schedule",
        params={"from": "2026-01-04T00:00:00Z", "to": "2026-01-13T00:00:00Z"},
    )

    told = answer.json()
    assert brief(told["items"]) == [
        ("Ada", "2026-01-05T09:00:00Z", "2026-01-12T09:00:00Z"), ("Bob", "2026-01-12T09:00:00Z", "2026-01-13T00:00:00Z"),
    ]  # fmt: skip
    assert [(each["kind"], each["reason"], each["ends_at"]) for each in told["uncovered"]] == [
        ("gap", "not_begun", "2026-01-05T09:00:00Z")
    ]
    table = await client.get(answer.url.path, params=dict(answer.url.params), headers={"Accept": "text/csv"})
    assert len(table.text.splitlines()) == 3


@pytest.mark.parametrize("route", ["schedule", "fairness", "export.ics"])
@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"from": "2026-01-04T00:00:00Z", "to": "2026-01-04T00:00:00Z"}, "to"),
        ({"from": "2026-01-04T00:00:00Z", "to": "2026-01-03T00:00:00Z"}, "to"),
        ({"from": "2026-01-04T00:00:00Z", "to": "2028-01-03T00:00:00Z"}, "to"),
        ({"from": "2026-01-04T00:00:00"}, "from"),
    ],
)
async def test_a_span_that_cannot_be_meant_is_refused(
    client: AsyncClient, manager: AsyncClient, people: People, route: str, asked: Any, field: str
) -> None:  # fmt: skip
    """422, and the parameter is named."""
    roster = await made(manager, people)

    answer = await client.get(f"/api/v1/rosters/{roster['id']}/{route}", params=asked)

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)


@pytest.mark.parametrize("route", ["", "/oncall", "/oncall/history", "/schedule", "/fairness", "/export.ics"])
async def test_there_is_no_such_roster(client: AsyncClient, route: str) -> None:
    """404 as a problem, for every question."""
    answer = await client.get(f"/api/v1/rosters/{uuid4()}{route}")

    assert (answer.status_code, answer.json()["code"]) == (404, "roster_not_found")


async def test_fairness_tells_past_and_planned_apart(
    client: AsyncClient, manager: AsyncClient, people: People, db_clock: DbClock
) -> None:
    """By hours; each one's nights are those of their own clock."""
    handed_over = await db_clock.now() - timedelta(hours=9)  # on Monday before nine, last week's turn still runs
    monday = (handed_over - timedelta(days=handed_over.weekday())).date()
    roster = await made(manager, people, start_date=str(monday - timedelta(days=7)))
    start, end = (f"{monday + timedelta(days=days)}T09:00:00Z" for days in (-7, 14))

    told = (await client.get(f"/api/v1/rosters/{roster['id']}/fairness", params={"from": start, "to": end})).json()

    past = {each["user"]["display_name"]: each for each in told["past"]}
    planned = {each["user"]["display_name"]: each for each in told["planned"]}
    assert sum(each["hours"] for each in (*told["past"], *told["planned"])) == pytest.approx(21 * 24)
    assert (past["Ada"]["shifts"], past["Ada"]["hours"], past["Ada"]["weekends"]) == (1, 168, 1)
    assert planned["Ada"]["hours"] == 168
    assert start < told["split_at"] < end


async def test_fairness_tells_who_was_paged_while_on_call(
    client: AsyncClient,
    manager: AsyncClient,
    people: People,
    database: Database,
    tenant: str,
    db_clock: DbClock,
    fire: Fire,
) -> None:
    """By the one whose shift it was; what somebody got in another's shift is not this roster's."""
    today = (await db_clock.now()).date()
    roster = await made(manager, people, "Ada", start_date=str(today - timedelta(days=3)))
    alert_id = await fire("disk")
    async with database.tenant_tx(tenant) as tx:
        for step, name in enumerate(("Ada", "Ada", "Bob")):
            await tx.execute(
                "INSERT INTO deliveries (id, alert_id, episode, cycle, step, recipient, channel, address, "
                "escalation_version, status, sent_at) VALUES (uuidv7(), $1, 1, 0, $2, $3, 'sms', 'x', 0, 'sent', "
                "public.clock_now() - interval '1 day')",
                alert_id, step, f"user:{people[name]}",
            )  # fmt: skip

    told = (
        await client.get(
            f"/api/v1/rosters/{roster['id']}/fairness",
            params={"from": f"{today - timedelta(days=4)}T00:00:00Z", "to": f"{today + timedelta(days=4)}T00:00:00Z"},
        )
    ).json()

    assert [(each["user"]["display_name"], each["pages"]) for each in told["pages"]] == [("Ada", 2)]


async def test_coverage_is_told_for_all_rosters_with_their_gaps(
    client: AsyncClient, manager: AsyncClient, people: People, database: Database, tenant: str
) -> None:
    """Hours of each kind add up; a roster in a zone that does not exist is named and hides no other."""
    await made(manager, people, "Ada", name="Day", active_from="08:00", active_until="20:00")
    await made(manager, people, name="Always")
    await made(manager, people, name="Broken")
    await manager.post("/api/v1/rosters", json={"name": "Empty", "timezone": "UTC", "start_date": "2026-01-05"})
    async with database.tenant_tx(tenant) as tx:
        await tx.execute("UPDATE rosters SET timezone = 'Mars/Olympus' WHERE name = 'Broken'")

    answer = await client.get(
        "/api/v1/rosters/coverage", params={"from": "2026-06-01T00:00:00Z", "to": "2026-06-03T00:00:00Z"}
    )

    told = {each["name"]: each for each in answer.json()["items"]}
    hours = {name: (each["covered_hours"], each["gap_hours"], each["unassigned_hours"]) for name, each in told.items()}
    assert hours == {"Always": (48, 0, 0), "Broken": (0, 0, 0), "Day": (24, 24, 0), "Empty": (0, 0, 48)}
    assert [each["reason"] for each in told["Day"]["uncovered"]] == ["off_hours"] * 3
    assert "Mars/Olympus" in told["Broken"]["problem"]
    too_long = await client.get(
        "/api/v1/rosters/coverage", params={"from": "2026-01-01T00:00:00Z", "to": "2026-06-03T00:00:00Z"}
    )
    assert too_long.json()["errors"][0]["field"] == "to"


async def test_follow_the_sun_over_http(client: AsyncClient, manager: AsyncClient, people: People) -> None:
    """The linked roster answers by night, and is named; the instant is told as it was asked."""
    night = await made(manager, people, "Bob", name="Night", active_from="20:00", active_until="08:00")
    day = await made(
        manager, people, "Ada", name="Day", active_from="08:00", active_until="20:00", linked_roster_id=night["id"]
    )

    answers = [
        (await client.get(f"/api/v1/rosters/{day['id']}/oncall", params={"at": at})).json()
        for at in ("2026-06-01T12:00:00Z", "2026-06-02T00:00:00+02:00")
    ]

    assert [(each["primary"]["display_name"], each["answered_by"]) for each in answers] == [
        ("Ada", day["id"]), ("Bob", night["id"]),
    ]  # fmt: skip
    assert sorted(each["name"] for each in answers[1]["versions"]) == ["Day", "Night"]
    assert [each["at"] for each in answers] == ["2026-06-01T12:00:00Z", "2026-06-02T00:00:00+02:00"]


async def test_a_preview_shows_what_a_change_would_do_and_saves_nothing(
    client: AsyncClient, manager: AsyncClient, people: People
) -> None:
    """Shifts before and after, gaps, short rests, clashes with leave, and who gains hours."""
    roster = await made(manager, people)
    path = f"/api/v1/rosters/{roster['id']}"
    leave = {"starts_at": "2026-06-02T00:00:00Z", "ends_at": "2026-06-03T00:00:00Z"}
    for name in ("Ada", "Cid"):
        await manager.post(f"/api/v1/users/{people[name]}/leave", json=leave)
    order = {
        "starts_at": "2026-06-01T09:00:00Z",
        "ends_at": "2026-06-08T09:00:00Z",
        "definition": {
            "name": "core", "timezone": "UTC", "start_date": "2026-01-05", "active_from": "08:00", "active_until": "23:00",
        },
        "members": [{"user_id": str(people["Ada"])}, {"user_id": str(people["Bob"])}],
        "overrides": [
            {"user_id": str(people["Cid"]), "starts_at": "2026-06-02T10:00:00Z", "ends_at": "2026-06-02T12:00:00Z"}
        ],
    }  # fmt: skip

    told = (await client.post(f"{path}/preview", json=order)).json()

    before, after = told["before"], told["after"]
    holder = before["shifts"][0]["user"]["display_name"]
    assert before["uncovered"] == []
    assert {each["reason"] for each in after["uncovered"]} == {"off_hours"}
    assert all(each["hours"] < 11 for each in after["short_rests"])
    assert {each["hours"] for each in after["short_rests"]} >= {9.0}
    clashes = {(each["kind"], each["user"]["display_name"]) for each in after["leave_clashes"]}
    assert ("on_call", "Cid") in clashes
    assert (("stands_in", "Ada") in clashes) == (holder == "Ada")
    changed = {each["user"]["display_name"]: each["hours_after"] - each["hours_before"] for each in told["changes"]}
    assert changed["Cid"] == 2
    assert changed[holder] < 0
    assert (await client.get(path)).json() == (await manager.get(path)).json()
    assert (await client.get(path)).json()["revision"] == 1


@pytest.mark.parametrize("kind", ["add", "change", "remove"])
async def test_the_preview_of_a_members_change_is_what_saving_it_does(
    client: AsyncClient,
    manager: AsyncClient,
    people: People,
    database: Database,
    tenant: str,
    db_clock: DbClock,
    kind: str,
) -> None:
    """Though somebody who was deactivated still stands in the order."""
    roster = await made(manager, people, "Ada", "Dee", "Bob")
    async with database.tenant_tx(tenant) as tx:
        await tx.execute("UPDATE users SET is_active = false WHERE id = $1", people["Dee"])
    path, now = f"/api/v1/rosters/{roster['id']}", await db_clock.now()
    ada = roster["members"][0]["member_id"]
    content: dict[str, Any] = {
        "add": {"user_id": str(people["Cid"]), "position": 0, "joined_on": str((now + timedelta(days=1)).date())},
        "change": {"position": 2},
        "remove": {},
    }[kind]
    step = {"kind": kind, **({} if kind == "add" else {"member_id": ada}), **({"content": content} if content else {})}
    span = {"starts_at": now.isoformat(), "ends_at": (now + timedelta(days=42)).isoformat()}

    told = (await client.post(f"{path}/preview", json={**span, "member_step": step})).json()
    save = {
        "add": lambda: manager.post(f"{path}/members", json=content),
        "change": lambda: manager.put(f"{path}/members/{ada}", json=content),
        "remove": lambda: manager.delete(f"{path}/members/{ada}"),
    }[kind]
    before = (await client.get(f"{path}/schedule", params={"from": span["starts_at"], "to": span["ends_at"]})).json()
    saved = await save()
    after = (await client.get(f"{path}/schedule", params={"from": span["starts_at"], "to": span["ends_at"]})).json()

    assert saved.status_code in {200, 201}, saved.text
    assert brief(told["before"]["shifts"]) == brief(before["items"])
    assert brief(told["after"]["shifts"]) == brief(after["items"]) != brief(before["items"])


async def test_a_preview_tells_of_too_many_weeks_in_a_row(
    client: AsyncClient, manager: AsyncClient, people: People, db_clock: DbClock
) -> None:
    """With the weeks before it, which count as well; the bound can be tried before it is saved."""
    now = await db_clock.now()
    monday = (now - timedelta(days=now.weekday() + 7)).date()
    definition = {"name": "core", "timezone": "UTC", "start_date": str(monday), "max_weeks": 2}
    roster = await made(manager, people, **{key: definition[key] for key in ("start_date", "max_weeks")})
    path = f"/api/v1/rosters/{roster['id']}"
    start = datetime.combine(monday + timedelta(days=14), time(9), UTC)
    ada = {
        "user_id": str(people["Ada"]),
        "starts_at": (start - timedelta(days=7)).isoformat(),
        "ends_at": start.isoformat(),
    }
    order = {"starts_at": start.isoformat(), "ends_at": (start + timedelta(days=28)).isoformat(), "overrides": [ada]}
    await manager.post(f"{path}/overrides", json=ada)

    told = (await client.post(f"{path}/preview", json={**order, "definition": {**definition, "max_weeks": 3}})).json()
    alone = {
        **order,
        "overrides": [{**ada, "starts_at": start.isoformat(), "ends_at": (start + timedelta(days=60)).isoformat()}],
    }
    longer = (await client.post(f"{path}/preview", json=alone)).json()

    [run] = told["before"]["long_runs"]
    assert (run["user"]["display_name"], run["weeks"]) == ("Ada", 3.0)
    assert datetime.fromisoformat(run["starts_at"]) == start - timedelta(days=14)
    assert told["after"]["long_runs"] == []
    assert [each["weeks"] for each in longer["after"]["long_runs"]] == [6.0]
    assert (await client.get(path)).json()["max_weeks"] == 2
    unbound = await manager.put(path, json={**definition, "max_weeks": None})
    assert unbound.json()["max_weeks"] is None
    assert (await manager.put(path, json={**definition, "max_weeks": 0})).status_code == 422


async def test_a_member_who_was_added_by_mistake_is_taken_out_whole(
    manager: AsyncClient, people: People, db_clock: DbClock
) -> None:
    """Shifts that are over too are as if they had never been on the roster."""
    roster = await made(manager, people)
    path, now = f"/api/v1/rosters/{roster['id']}", await db_clock.now()
    span = {"from": (now - timedelta(days=40)).isoformat(), "to": (now + timedelta(days=40)).isoformat()}
    before = (await manager.get(f"{path}/schedule", params=span)).json()

    added = (await manager.post(f"{path}/members", json={"user_id": str(people["Cid"])})).json()
    between = (await manager.get(f"{path}/schedule", params=span)).json()
    gone = await manager.delete(f"{path}/members/{added['members'][2]['member_id']}", params={"whole": "true"})

    assert brief(between["items"]) != brief(before["items"])
    assert [each["display_name"] for each in gone.json()["members"]] == ["Ada", "Bob"]
    assert (await manager.get(f"{path}/schedule", params=span)).json() == before
    wrong = await manager.delete(f"{path}/members/{added['members'][1]['member_id']}", params={"whole": "maybe"})
    assert wrong.status_code == 422


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"ends_at": "2026-06-01T09:00:00Z"}, "$.ends_at"),
        ({"definition": {"name": "x", "timezone": "Mars/X", "start_date": "2026-01-05"}}, "$.definition.timezone"),
        ({"members": [{"user_id": str(UUID(int=7))}]}, "$.members[0].user_id"),
        ({"members": [{"user_id": str(UUID(int=7)), "joined_on": "2026-02-02", "left_on": "2026-01-01"}]}, "$.members[0].left_on"),
        (
            {"members": [], "member_step": {"kind": "remove", "member_id": str(UUID(int=7))}},
            "$.member_step",
        ),
        (
            {"definition": {"name": "x", "timezone": "UTC", "start_date": "2026-01-05", "linked_roster_id": str(UUID(int=7))}},
            "$.definition.linked_roster_id",
        ),
    ],
)  # fmt: skip
async def test_a_preview_of_what_cannot_be_is_refused(
    client: AsyncClient, manager: AsyncClient, people: People, changes: Any, field: str
) -> None:
    """422, and the field is named."""
    roster = await made(manager, people)
    order = {"starts_at": "2026-06-01T09:00:00Z", "ends_at": "2026-06-08T09:00:00Z", **changes}

    answer = await client.post(f"/api/v1/rosters/{roster['id']}/preview", json=order)

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)
