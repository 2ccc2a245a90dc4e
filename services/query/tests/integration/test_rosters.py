"""Rosters, members, overrides and pins as people edit them; what was known when."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import nats
import pytest
from httpx import AsyncClient

from nightowl_common.db import Database
from nightowl_contracts import RosterChanged, decode_event
from nightowl_testkit.clock import DbClock
from nightowl_testkit.servers import Servers

pytestmark = pytest.mark.integration

People = dict[str, UUID]
ClientOf = Callable[..., Awaitable[AsyncClient]]


def a_roster(people: People, *names: str, **changes: Any) -> dict[str, Any]:
    members = [str(people[each]) for each in names or ("Ada", "Bob")]
    given = {
        "name": "core", "timezone": "Europe/Berlin", "start_date": "2026-01-05", "handoff_time": "09:00",
        "members": members,
    }  # fmt: skip
    return {**given, **changes}


async def made(manager: AsyncClient, body: dict[str, Any]) -> dict[str, Any]:
    answer = await manager.post("/api/v1/rosters", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def primary(client: AsyncClient, roster_id: str, at: str, **more: str) -> str | None:
    answer = await client.get(f"/api/v1/rosters/{roster_id}/oncall", params={"at": at, **more})
    assert answer.status_code == 200, answer.text
    told = answer.json()["primary"]
    return None if told is None else told["display_name"]


async def audit(database: Database, tenant: str, entity: str = "roster") -> list[str]:
    async with database.tenant_tx(tenant) as tx:
        rows = await tx.fetch("SELECT action FROM audit_log WHERE entity = $1 ORDER BY id", entity)
    return [row["action"] for row in rows]


async def test_a_roster_is_made_read_changed_and_deleted(
    manager: AsyncClient, people: People, database: Database, tenant: str
) -> None:
    """Its revision is the ETag; each change is audited; a stale revision is refused."""
    roster = await made(manager, a_roster(people, rotation_days=1))
    path = f"/api/v1/rosters/{roster['id']}"
    body = {"name": "core", "timezone": "UTC", "start_date": "2026-01-05", "rotation_days": 7, "handoff_day": 3}

    read = await manager.get(path)
    changed = await manager.put(path, json=body, headers={"If-Match": read.headers["ETag"]})
    stale = await manager.put(path, json=body, headers={"If-Match": read.headers["ETag"]})
    deleted = await manager.delete(path, headers={"If-Match": changed.headers["ETag"]})

    assert (roster["revision"], roster["rotation_kind"], read.headers["ETag"]) == (1, "daily", '"1"')
    assert [each["display_name"] for each in roster["members"]] == ["Ada", "Bob"]
    assert (changed.status_code, changed.json()["revision"], changed.json()["handoff_day"]) == (200, 2, 3)
    assert stale.status_code == 412
    assert deleted.json() == {"outcome": "deleted"}
    assert (await manager.get(path)).status_code == 404
    assert await audit(database, tenant) == ["created", "updated", "deleted"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"timezone": "Mars/Olympus"}, "$.timezone"),
        ({"end_date": "2026-01-05"}, "$.end_date"),
        ({"end_date": "2025-01-01"}, "$.end_date"),
        ({"start_date": "0001-01-01"}, "$.start_date"),
        ({"active_from": "08:00"}, "$.active_from"),
        ({"active_from": "08:00", "active_until": "08:00:00"}, "$.active_until"),
        ({"rotation_days": 3, "handoff_day": 1}, "$.handoff_day"),
        ({"rotation_hours": 12, "handoff_day": 1}, "$.handoff_day"),
        ({"linked_roster_id": str(UUID(int=7))}, "$.linked_roster_id"),
        ({"members": [str(UUID(int=7))]}, "$.members[0]"),
    ],
)
async def test_what_no_roster_can_be_is_refused(manager: AsyncClient, people: People, changes: Any, field: str) -> None:
    """422, and the field is named."""
    answer = await manager.post("/api/v1/rosters", json=a_roster(people, **changes))

    assert answer.status_code == 422
    assert [each["field"] for each in answer.json()["errors"]] == [field]


@pytest.mark.parametrize(
    "changes",
    [
        {"handoff_time": "25:00"},
        {"rotation_days": 0},
        {"name": ""},
        {"name": "a\x00b"},
        {"what": 1},
        {"handoff_day": 8},
    ],
)
async def test_what_has_not_the_form_is_refused(manager: AsyncClient, people: People, changes: Any) -> None:
    """422 or 400 with words, never 500."""
    answer = await manager.post("/api/v1/rosters", json=a_roster(people, **changes))

    assert answer.status_code in {400, 422}
    assert answer.json()["code"] == "invalid"


async def test_names_are_taken_once_and_members_named_once(manager: AsyncClient, people: People) -> None:
    """409 for the name, 422 for the double, and for who was deactivated."""
    await made(manager, a_roster(people))

    taken = await manager.post("/api/v1/rosters", json=a_roster(people))
    double = await manager.post("/api/v1/rosters", json=a_roster(people, "Ada", "Ada", name="other"))
    gone = await manager.post("/api/v1/rosters", json=a_roster(people, "Ada", "Eve", name="other"))

    assert (taken.status_code, taken.json()["code"]) == (409, "roster_name_taken")
    assert double.json()["errors"][0]["field"] == "$.members[1]"
    assert gone.json()["errors"][0]["field"] == "$.members[1]"


async def test_links_never_lead_back(manager: AsyncClient, people: People) -> None:
    """A roster cannot link to one whose links come back to it; the way is told. A linked one cannot be deleted."""
    third = await made(manager, a_roster(people, name="Sydney"))
    second = await made(manager, a_roster(people, name="Denver", linked_roster_id=third["id"]))
    first = await made(manager, a_roster(people, name="Berlin", linked_roster_id=second["id"]))
    body = {"name": "Sydney", "timezone": "UTC", "start_date": "2026-01-05", "linked_roster_id": first["id"]}

    circle = await manager.put(f"/api/v1/rosters/{third['id']}", json=body)
    itself = await manager.put(f"/api/v1/rosters/{third['id']}", json={**body, "linked_roster_id": third["id"]})
    used = await manager.delete(f"/api/v1/rosters/{third['id']}")

    assert circle.status_code == itself.status_code == 422
    assert circle.json()["errors"] == [
        {"field": "$.linked_roster_id", "reason": "leads back in a circle: Berlin → Denver → Sydney"}
    ]
    assert (used.status_code, used.json()["code"]) == (409, "roster_in_use")


async def test_members_join_move_and_leave_without_changing_past_shifts(
    manager: AsyncClient, people: People, db_clock: DbClock
) -> None:
    """Cid joins next month; Bob leaves; the weeks before are as they were."""
    now = await db_clock.now()
    monday = (now - timedelta(days=now.weekday() + 35)).date()
    roster = await made(manager, a_roster(people, start_date=str(monday), timezone="UTC"))
    path = f"/api/v1/rosters/{roster['id']}"
    past = {"from": f"{monday}T09:00:00Z", "to": f"{monday + timedelta(days=28)}T09:00:00Z"}
    before = (await manager.get(f"{path}/schedule", params=past)).json()["items"]
    joined_on = str((now + timedelta(days=30)).date())

    joined = await manager.post(f"{path}/members", json={"user_id": str(people["Cid"]), "joined_on": joined_on})
    again = await manager.post(f"{path}/members", json={"user_id": str(people["Cid"])})
    bob, cid = joined.json()["members"][1:]
    left = await manager.delete(f"{path}/members/{bob['member_id']}")
    after = (await manager.get(f"{path}/schedule", params=past)).json()["items"]
    gone = await manager.delete(f"{path}/members/{cid['member_id']}")

    assert joined.status_code == 201
    assert (again.status_code, again.json()["code"]) == (409, "already_member")
    assert [each["user"]["display_name"] for each in before] == ["Ada", "Bob", "Ada", "Bob"]
    assert after == before
    assert [(each["display_name"], each["left_on"] is None) for each in left.json()["members"]] == [
        ("Ada", True), ("Bob", False), ("Cid", True),
    ]  # fmt: skip
    assert [each["display_name"] for each in gone.json()["members"]] == ["Ada", "Bob"], "had not begun"


async def test_a_member_moves_in_the_order(manager: AsyncClient, people: People) -> None:
    """To the front, with others moving up; unknown members and days that cannot be are refused."""
    roster = await made(manager, a_roster(people, "Ada", "Bob", "Cid"))
    path = f"/api/v1/rosters/{roster['id']}/members"
    cid = roster["members"][2]["member_id"]

    moved = await manager.put(f"{path}/{cid}", json={"position": 0})
    placed = await manager.post(path, json={"user_id": str(people["Dee"]), "position": 1})
    bad = await manager.put(f"{path}/{cid}", json={"position": 0, "joined_on": "2026-02-01", "left_on": "2026-01-01"})

    assert [each["display_name"] for each in moved.json()["members"]] == ["Cid", "Ada", "Bob"]
    assert [each["display_name"] for each in placed.json()["members"]] == ["Cid", "Dee", "Ada", "Bob"]
    assert [each["position"] for each in placed.json()["members"]] == [0, 1, 2, 3]
    assert (bad.status_code, bad.json()["errors"][0]["field"]) == (422, "$.left_on")
    assert (await manager.put(f"{path}/{uuid4()}", json={"position": 0})).json()["code"] == "member_not_found"
    assert (await manager.post(path, json={"user_id": str(uuid4())})).json()["errors"][0]["field"] == "$.user_id"


async def test_overrides_are_made_changed_and_taken_back(manager: AsyncClient, people: People) -> None:
    """The answer follows each of them."""
    roster = await made(manager, a_roster(people))
    path = f"/api/v1/rosters/{roster['id']}/overrides"
    body = {"user_id": str(people["Cid"]), "starts_at": "2099-01-07T18:00:00Z", "ends_at": "2099-01-07T22:00:00+01:00"}
    at = "2099-01-07T20:00:00Z"

    added = (await manager.post(path, json=body)).json()
    [override] = added["overrides"]
    first = await primary(manager, roster["id"], at)
    await manager.put(f"{path}/{override['id']}", json={**body, "user_id": str(people["Dee"]), "reason": "party"})
    second = await primary(manager, roster["id"], at)
    removed = (await manager.delete(f"{path}/{override['id']}")).json()

    assert (override["user"]["display_name"], override["ends_at"]) == ("Cid", "2099-01-07T21:00:00Z")
    assert (first, second) == ("Cid", "Dee")
    assert (removed["overrides"], removed["revision"]) == ([], 4)
    assert await primary(manager, roster["id"], at) in {"Ada", "Bob"}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"ends_at": "2026-01-07T18:00:00Z"}, "$.ends_at"),
        ({"ends_at": "2026-01-06T18:00:00Z"}, "$.ends_at"),
        ({"ends_at": "2028-01-06T18:00:00Z"}, "$.ends_at"),
        ({"starts_at": "2026-01-07T18:00:00"}, "$.starts_at"),
        ({"starts_at": "0001-01-01T00:00:00Z"}, "$.starts_at"),
        ({"user_id": str(UUID(int=7))}, "$.user_id"),
    ],
)
async def test_what_no_override_can_be_is_refused(
    manager: AsyncClient, people: People, changes: Any, field: str
) -> None:
    """422, and the field is named; the roster stays in its revision."""
    roster = await made(manager, a_roster(people))
    path = f"/api/v1/rosters/{roster['id']}"
    body = {"user_id": str(people["Cid"]), "starts_at": "2026-01-07T18:00:00Z", "ends_at": "2026-01-07T22:00:00Z"}

    answer = await manager.post(f"{path}/overrides", json={**body, **changes})

    assert (answer.status_code, [each["field"] for each in answer.json()["errors"]]) == (422, [field])
    assert (await manager.get(path)).json()["revision"] == 1
    assert (await manager.delete(f"{path}/overrides/{uuid4()}")).json()["code"] == "override_not_found"


async def test_overrides_of_a_roster_do_not_overlap(manager: AsyncClient, people: People) -> None:
    """422 with the span that is taken; half-open, so that one may begin where another ends; a change may keep its own."""
    roster = await made(manager, a_roster(people))
    path = f"/api/v1/rosters/{roster['id']}/overrides"
    first = {"user_id": str(people["Cid"]), "starts_at": "2099-01-07T18:00:00Z", "ends_at": "2099-01-07T22:00:00Z"}
    after = {**first, "starts_at": "2099-01-07T22:00:00Z", "ends_at": "2099-01-08T06:00:00Z"}
    [made_first] = (await manager.post(path, json=first)).json()["overrides"]
    assert (await manager.post(path, json=after)).status_code == 201

    inside = await manager.post(path, json={**first, "starts_at": "2099-01-07T20:00:00Z"})
    stretched = await manager.put(f"{path}/{made_first['id']}", json={**first, "ends_at": "2099-01-07T22:00:01Z"})
    kept = await manager.put(f"{path}/{made_first['id']}", json={**first, "ends_at": "2099-01-07T21:00:00Z"})

    for refused, taken in ((inside, "2099-01-07T18:00:00+00:00"), (stretched, "2099-01-07T22:00:00+00:00")):
        assert refused.status_code == 422
        [problem] = refused.json()["errors"]
        assert (problem["field"], taken in problem["reason"]) == ("$.starts_at", True)
    assert kept.status_code == 200


async def test_a_pin_gives_one_turn(manager: AsyncClient, people: People) -> None:
    """Any instant of the turn will do; a second pin takes its place; taken back, it is Bob's again."""
    roster = await made(manager, a_roster(people))
    path = f"/api/v1/rosters/{roster['id']}/pins"
    turn_at = "2099-06-10T12:00:00Z"
    usual = await primary(manager, roster["id"], turn_at)

    await manager.post(path, json={"user_id": str(people["Cid"]), "turn_at": "2099-06-09T12:00:00Z"})
    pinned = (await manager.post(path, json={"user_id": str(people["Dee"]), "turn_at": turn_at})).json()["pins"]
    told = await primary(manager, roster["id"], turn_at)
    early = await manager.post(path, json={"user_id": str(people["Dee"]), "turn_at": "2020-01-01T00:00:00Z"})
    await manager.delete(f"{path}/{pinned[0]['id']}")

    assert [each["user"]["display_name"] for each in pinned] == ["Dee"]
    assert told == "Dee"
    assert (early.status_code, early.json()["errors"][0]["field"]) == (422, "$.turn_at")
    assert await primary(manager, roster["id"], turn_at) == usual
    assert (await manager.delete(f"{path}/{uuid4()}")).json()["code"] == "pin_not_found"


async def test_what_was_known_at_an_instant_can_be_asked(
    manager: AsyncClient, people: People, db_clock: DbClock
) -> None:
    """An override that came later was not known before; the answer names the revision that it used."""
    roster = await made(manager, a_roster(people))
    at = "2099-01-07T20:00:00Z"
    before = await db_clock.now()
    await db_clock.advance(minutes=5)
    body = {"user_id": str(people["Cid"]), "starts_at": "2099-01-07T18:00:00Z", "ends_at": "2099-01-07T22:00:00Z"}
    await manager.post(f"/api/v1/rosters/{roster['id']}/overrides", json=body)

    path = f"/api/v1/rosters/{roster['id']}/oncall"
    then = (await manager.get(path, params={"at": at, "known_at": before.isoformat()})).json()
    now = (await manager.get(path, params={"at": at})).json()
    never = await manager.get(path, params={"at": at, "known_at": "2001-01-01T00:00:00Z"})

    assert (then["primary"]["display_name"] in {"Ada", "Bob"}, then["source"]) == (True, "rotation")
    assert (now["primary"]["display_name"], now["source"]) == ("Cid", "override")
    assert [(each["name"], each["revision"]) for each in then["versions"]] == [("core", 1)]
    assert [(each["name"], each["revision"]) for each in now["versions"]] == [("core", 2)]
    assert never.status_code == 404


async def test_a_roster_from_before_revisions_is_known_since_it_was_made(
    manager: AsyncClient, people: People, database: Database, tenant: str, db_clock: DbClock
) -> None:
    """Its rows stand for it; with the first change, what it was is kept."""
    async with database.tenant_tx(tenant) as tx:
        roster_id = await tx.fetchval(
            "INSERT INTO rosters (name, timezone, start_date) VALUES ('old', 'UTC', '2026-01-05') RETURNING id"
        )
        await tx.execute(
            "INSERT INTO roster_members (roster_id, user_id, position) VALUES ($1, $2, 0)", roster_id, people["Ada"]
        )
    known = (await db_clock.now()).isoformat()
    at = "2099-01-07T20:00:00Z"
    unchanged = await primary(manager, roster_id, at, known_at=known)
    await db_clock.advance(minutes=5)

    body = {"user_id": str(people["Cid"]), "starts_at": "2099-01-07T18:00:00Z", "ends_at": "2099-01-07T22:00:00Z"}
    await manager.post(f"/api/v1/rosters/{roster_id}/overrides", json=body)

    assert [unchanged, await primary(manager, roster_id, at, known_at=known)] == ["Ada", "Ada"]
    assert await primary(manager, roster_id, at) == "Cid"


async def test_history_is_what_was_in_force(manager: AsyncClient, people: People, db_clock: DbClock) -> None:
    """A rotation that is turned round later rewrites no shift that is over."""
    now = await db_clock.now()
    start = (now - timedelta(days=3)).date()
    roster = await made(manager, a_roster(people, start_date=str(start), rotation_days=1, timezone="UTC"))
    path = f"/api/v1/rosters/{roster['id']}"
    await db_clock.advance(days=4)
    before = (await manager.get(f"{path}/oncall/history")).json()["items"]
    await manager.put(f"{path}/members/{roster['members'][1]['member_id']}", json={"position": 0})

    after = (await manager.get(f"{path}/oncall/history")).json()["items"]
    schedule = await manager.get(
        f"{path}/schedule", params={"from": f"{start}T09:00:00Z", "to": f"{now.date()}T09:00:00Z"}
    )

    def who(items: list[dict[str, Any]]) -> list[str]:
        return [each["user"]["display_name"] for each in items]

    assert len(before) >= 7
    assert who(after)[-5:] == who(before)[-5:], "over is over"
    assert who(schedule.json()["items"])[0] == "Bob", "the schedule is as the order is now"
    assert who(before)[-1] == "Ada"


async def test_history_has_the_last_ten_shifts(manager: AsyncClient, people: People, db_clock: DbClock) -> None:
    """The newest first, as JSON and as CSV."""
    start = (await db_clock.now() - timedelta(days=40)).date()
    roster = await made(manager, a_roster(people, start_date=str(start), rotation_days=1))

    answer = await manager.get(f"/api/v1/rosters/{roster['id']}/oncall/history")
    table = await manager.get(f"/api/v1/rosters/{roster['id']}/oncall/history", headers={"Accept": "text/csv"})

    told = answer.json()
    assert told["total"] == 10
    starts = [each["starts_at"] for each in told["items"]]
    assert starts == sorted(starts, reverse=True)
    assert len(table.text.splitlines()) == 11


WRITES = [
    ("POST", ""), ("PUT", "/{id}"), ("DELETE", "/{id}"), ("POST", "/{id}/members"), ("PUT", "/{id}/members/{id}"),
    ("DELETE", "/{id}/members/{id}"), ("POST", "/{id}/overrides"), ("PUT", "/{id}/overrides/{id}"),
    ("DELETE", "/{id}/overrides/{id}"), ("POST", "/{id}/pins"), ("DELETE", "/{id}/pins/{id}"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path"), WRITES)
async def test_changing_needs_a_manager(client_of: ClientOf, tenant: str, method: str, path: str) -> None:
    """403 for readonly and engineers; managers get as far as the roster or the body."""
    url = f"/api/v1/rosters{path.replace('{id}', str(uuid4()))}"

    verdicts = [
        (await (await client_of(tenant, role)).request(method, url, json={})).status_code
        for role in ("readonly", "engineer", "manager")
    ]

    assert verdicts[:2] == [403, 403]
    assert verdicts[2] in {400, 404, 422}


async def test_each_change_is_told_to_the_bus(
    manager: AsyncClient, people: People, servers: Servers, tenant: str
) -> None:
    """`roster.changed` with the part and the revision, once the change is committed."""
    connection = await nats.connect(servers.nats_url)
    subscription = await connection.subscribe(f"nightowl.event.{tenant}.roster.changed")
    await connection.flush()

    roster = await made(manager, a_roster(people))
    event = decode_event((await subscription.next_msg(timeout=10)).data)
    await connection.close()

    assert isinstance(event, RosterChanged)
    assert (str(event.data.roster_id), event.data.revision, event.data.change) == (roster["id"], 1, "created")


async def test_what_was_known_of_a_deleted_roster_can_still_be_asked(
    manager: AsyncClient, people: People, db_clock: DbClock
) -> None:
    """As of before; as of now there is none."""
    roster = await made(manager, a_roster(people))
    known = (await db_clock.now()).isoformat()
    await db_clock.advance(minutes=1)
    await manager.delete(f"/api/v1/rosters/{roster['id']}")
    path = f"/api/v1/rosters/{roster['id']}/oncall"
    at = "2099-01-07T20:00:00Z"

    after = await manager.get(path, params={"at": at, "known_at": (await db_clock.now()).isoformat()})

    assert await primary(manager, roster["id"], at, known_at=known) in {"Ada", "Bob"}
    assert after.status_code == 404


async def test_a_post_that_is_sent_again_does_nothing_again(manager: AsyncClient, people: People) -> None:
    """The same key and body get the first answer; another body with the key is refused."""
    body, key = a_roster(people), {"Idempotency-Key": "r1"}
    override = {"user_id": str(people["Cid"]), "starts_at": "2099-01-07T18:00:00Z", "ends_at": "2099-01-07T22:00:00Z"}

    first, second = [await manager.post("/api/v1/rosters", json=body, headers=key) for _ in range(2)]
    other = await manager.post("/api/v1/rosters", json={**body, "name": "other"}, headers=key)
    path = f"/api/v1/rosters/{first.json()['id']}/overrides"
    added = [await manager.post(path, json=override, headers=key) for _ in range(2)]

    assert (first.status_code, second.status_code, second.json()) == (201, 201, first.json())
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")
    assert added[0].json() == added[1].json()
    assert len((await manager.get(f"/api/v1/rosters/{first.json()['id']}")).json()["overrides"]) == 1
