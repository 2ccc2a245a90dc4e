"""Noise rules over the API."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
import pytest_asyncio
from httpx import AsyncClient

from nightowl_alerting import mutes, obligations
from nightowl_alerting import store as kernel
from nightowl_alerting.model import Route
from nightowl_alerting.noise import store as noise
from nightowl_common.bus import Bus
from nightowl_common.db import Database
from nightowl_common.outbox import Outbox
from nightowl_contracts import RuleChanged, decode_event
from nightowl_testkit.clock import DbClock

pytestmark = pytest.mark.integration

ClientOf = Callable[..., Awaitable[AsyncClient]]
Fire = Callable[..., Awaitable[UUID]]
Json = dict[str, Any]

DISK = [{"name": "@title", "op": "=~", "value": "Disk.*"}]
PATHS = ["routes", "silences", "maintenance-windows", "inhibition-rules", "grouping-rules"]
KINDS = dict(
    zip(PATHS, ["route", "silence", "maintenance_window", "inhibition_rule", "grouping_rule"], strict=True)
)  # fmt: skip


def content_of(path: str, name: str = "one") -> Json:
    """The least that a rule of a kind needs."""
    match path:
        case "routes":
            return {"name": name, "matchers": DISK, "pages_from": "critical"}
        case "silences":
            return {"matchers": DISK, "comment": name, "ends_at": later(hours=2)}
        case "maintenance-windows":
            return {
                "name": name, "matchers": DISK, "timezone": "Europe/Berlin", "starts_at": "2026-03-01T02:00:00",
                "duration_minutes": 90, "rrule": "FREQ=WEEKLY;BYDAY=SU",
            }  # fmt: skip
        case "inhibition-rules":
            return {"name": name, "source_matchers": DISK, "target_matchers": DISK, "equal": ["node"]}
        case _:
            return {"name": name, "matchers": DISK, "group_by": ["cluster"]}


class Now:
    """The database's time when the test began."""

    value: datetime


@pytest_asyncio.fixture(loop_scope="session", autouse=True)
async def now(db_clock: DbClock) -> datetime:
    Now.value = await db_clock.now()
    return Now.value


def later(**time: float) -> str:
    return (Now.value + timedelta(**time)).isoformat()


def told(content: Json) -> Json:
    """Spans become instants."""
    return {name: later(seconds=each.total_seconds()) if isinstance(each, timedelta) else each
            for name, each in content.items()}  # fmt: skip


@pytest_asyncio.fixture(loop_scope="session")
async def manager(client_of: ClientOf, tenant: str) -> AsyncClient:
    return await client_of(tenant, "manager")


async def make(client: AsyncClient, path: str, name: str = "one", **more: object) -> Json:
    answer = await client.post(f"/api/v1/{path}", json={**content_of(path, name), **more})
    assert answer.status_code == 201, answer.text
    made: Json = answer.json()
    return made


async def told_of(bus: Bus, tenant: str, *, count: int) -> list[tuple[str, str, int]]:
    """The tenant's first rule events: kind, action, revision."""
    subscription = await bus._js.subscribe(f"nightowl.event.{tenant}.rule.changed", ordered_consumer=True)
    events = [decode_event((await subscription.next_msg(timeout=10)).data) for _ in range(count)]
    await subscription.unsubscribe()
    assert all(isinstance(each, RuleChanged) for each in events)
    return [(each.data.kind, each.data.action, each.data.revision) for each in events]


async def audits_of(database: Database, tenant: str) -> list[tuple[str, str, Json]]:
    async with database.tenant_tx(tenant) as tx:
        rows = await tx.fetch("SELECT entity, action, changes FROM audit_log ORDER BY id")
    return [(row["entity"], row["action"], row["changes"]) for row in rows]


async def mute_now(outbox: Outbox, tenant: str, alert_id: UUID) -> None:
    """As the timer worker does when the tier is due."""
    async with outbox.tenant_tx(tenant) as tx:
        alert = await kernel.lock_alert(tx, alert_id)
        assert alert is not None
        now = await tx.now()
        verdict = await mutes.judge(tx, alert, await noise.load_mute_rules(tx), now=now)
        assert isinstance(verdict, mutes.Muted)
        await obligations.mute(tx, tenant, alert, verdict.by, due_at=verdict.due_at, now=now)


async def due_in_seconds(database: Database, alert_id: UUID) -> float:
    async with database.global_tx() as tx:
        seconds: float = await tx.fetchval(
            "SELECT extract(epoch FROM due_at - public.clock_now())::float FROM public.timers "
            "WHERE kind = 'escalation' AND ref = $1",
            alert_id,
        )
    return seconds


@pytest.mark.parametrize("path", PATHS)
async def test_a_rule_is_made_read_changed_and_deleted(
    manager: AsyncClient, database: Database, tenant: str, path: str
) -> None:
    """Each change raises the revision; the same content again changes nothing; an old revision is refused."""
    made = await make(manager, path)
    url = f"/api/v1/{path}/{made['id']}"
    renamed = {**content_of(path), **({"comment": "two"} if path == "silences" else {"name": "two"})}

    stale = await manager.put(url, json=renamed, headers={"If-Match": '"7"'})
    done = await manager.put(url, json=renamed, headers={"If-Match": '"1"'})
    same = await manager.put(url, json=renamed)
    stale_removal = await manager.delete(url, headers={"If-Match": '"1"'})

    assert (stale.status_code, stale.json()["code"], stale_removal.status_code) == (412, "stale_revision", 412)
    assert (done.status_code, done.headers["etag"], same.headers["etag"]) == (200, '"2"', '"2"')
    assert (await manager.get(url)).json() == same.json() == done.json()
    assert (await manager.get(url)).headers["etag"] == '"2"'
    listed = (await manager.get(f"/api/v1/{path}")).json()
    assert (listed["items"], listed["total"]) == ([done.json()], 1)
    assert (await manager.delete(url)).status_code == 200
    assert (await manager.get(url)).status_code == (200 if path == "silences" else 404)
    actions = ["created", "updated", "ended" if path == "silences" else "deleted"]
    audits = await audits_of(database, tenant)
    assert [(entity, action) for entity, action, _ in audits] == [(KINDS[path], each) for each in actions]
    assert audits[1][2] == {"comment" if path == "silences" else "name": ["one", "two"]}


@pytest.mark.parametrize("path", PATHS)
async def test_each_change_is_told_by_an_event_of_the_same_commit(
    manager: AsyncClient, bus: Bus, database: Database, tenant: str, path: str
) -> None:
    """Made, changed, gone; a refused change tells nothing, neither the bus nor the audit log."""
    made = await make(manager, path)
    url = f"/api/v1/{path}/{made['id']}"

    refused = await manager.put(url, json={**content_of(path), "matchers": "x", "source_matchers": "x"})
    await manager.delete(url)

    assert refused.status_code == 422
    gone = ("ended", 2) if path == "silences" else ("deleted", 1)
    assert await told_of(bus, tenant, count=2) == [(KINDS[path], "created", 1), (KINDS[path], *gone)]
    assert len(await audits_of(database, tenant)) == 2


@pytest.mark.parametrize("path", PATHS)
async def test_who_may_read_and_write_rules(client_of: ClientOf, tenant: str, path: str) -> None:
    """Everybody reads; managers write; silences are the engineer's at 3am."""
    roles = {role: await client_of(tenant, role) for role in ("readonly", "engineer", "manager", "admin")}

    made = {
        role: (await client.post(f"/api/v1/{path}", json=content_of(path, role))).status_code
        for role, client in roles.items()
    }
    url = f"/api/v1/{path}/{(await make(roles['admin'], path, 'probe'))['id']}"
    changed = {
        role: (await client.put(url, json=content_of(path, f"by {role}"))).status_code for role, client in roles.items()
    }
    read = [(await client.get(each)).status_code for client in roles.values() for each in (f"/api/v1/{path}", url)]
    gone = {role: (await client.delete(url)).status_code for role, client in list(roles.items())[:2]}

    engineer = (201, 200, 200) if path == "silences" else (403, 403, 403)
    assert made == {"readonly": 403, "engineer": engineer[0], "manager": 201, "admin": 201}
    assert changed == {"readonly": 403, "engineer": engineer[1], "manager": 200, "admin": 200}
    assert gone == {"readonly": 403, "engineer": engineer[2]}
    assert read == [200] * 8


BAD = [
    ("routes", {"name": ""}, "$.name"),
    ("routes", {"name": "a\x00b"}, "$.name"),
    ("routes", {"name": "x" * 201}, "$.name"),
    ("routes", {"matchers": [{"name": "a", "op": "=~", "value": "("}]}, "$.matchers[0].value"),
    ("routes", {"matchers": [{"name": "a", "op": "=~", "value": r"(a)\1"}]}, "$.matchers[0].value"),
    ("routes", {"matchers": [{"name": "@nothing", "value": "x"}]}, "$.matchers[0].name"),
    ("routes", {"matchers": [{"name": "a", "op": "~", "value": "x"}]}, "$.matchers[0].op"),
    ("routes", {"matchers": [{"name": "a", "value": "x" * 1_001}]}, "$.matchers[0].value"),
    ("routes", {"matchers": [{"name": "a", "value": "\x00"}]}, "$.matchers[0].value"),
    ("routes", {"matchers": [{"name": "a", "value": "x"}] * 21}, "$.matchers"),
    ("routes", {"service_id": str(uuid4())}, "$.service_id"),
    ("routes", {"policy_id": str(uuid4())}, "$.policy_id"),
    ("routes", {"slack_channel": ""}, "$.slack_channel"),
    ("routes", {"pages_from": "minor"}, "$.pages_from"),
    ("routes", {"position": -1}, "$.position"),
    ("routes", {"colour": "red"}, "colour"),
    ("silences", {"matchers": []}, "$.matchers"),
    ("silences", {"matchers": [{"name": "a", "op": "=~", "value": ".*"}, {"name": "b", "op": "!=", "value": "x"}]}, "$.matchers"),
    ("silences", {"matchers": [{"name": "a", "value": ""}]}, "$.matchers"),
    ("silences", {"comment": ""}, "$.comment"),
    ("silences", {"comment": "\x00"}, "$.comment"),
    ("silences", {"ends_at": "2026-03-01T02:00:00"}, "$.ends_at"),
    ("silences", {"ends_at": "2001-03-01T02:00:00Z"}, "$.ends_at"),
    ("silences", {"ends_at": "9999-12-31T23:59:59Z"}, "$.ends_at"),
    ("silences", {"starts_at": timedelta(hours=3), "ends_at": timedelta(hours=2)}, "$.ends_at"),
    ("silences", {"ends_at": timedelta(days=367)}, "$.ends_at"),
    ("maintenance-windows", {"timezone": "Europe/Atlantis"}, "$.timezone"),
    ("maintenance-windows", {"timezone": "../../etc/passwd"}, "$.timezone"),
    ("maintenance-windows", {"starts_at": "2026-03-01T02:00:00Z"}, "$.starts_at"),
    ("maintenance-windows", {"starts_at": "9999-03-01T02:00:00"}, "$.starts_at"),
    ("maintenance-windows", {"duration_minutes": 0}, "$.duration_minutes"),
    ("maintenance-windows", {"rrule": "FREQ=DAILY;BYHOUR=3"}, "$.rrule"),
    ("maintenance-windows", {"rrule": "FREQ=DAILY;INTERVAL=0"}, "$.rrule"),
    ("maintenance-windows", {"rrule": "every sunday"}, "$.rrule"),
    ("maintenance-windows", {"matchers": [{"name": "a", "op": "!~", "value": "x"}]}, "$.matchers"),
    ("inhibition-rules", {"source_matchers": []}, "$.source_matchers"),
    ("inhibition-rules", {"target_matchers": [{"name": "a", "op": "!~", "value": "["}]}, "$.target_matchers[0].value"),
    ("inhibition-rules", {"equal": ["a", "a"]}, "$.equal[1]"),
    ("inhibition-rules", {"equal": ["@place"]}, "$.equal[0]"),
    ("grouping-rules", {"group_by": ["@when"]}, "$.group_by[0]"),
    ("grouping-rules", {"group_by": ["x"] * 11}, "$.group_by"),
    ("grouping-rules", {"threshold": 101}, "$.threshold"),
    ("grouping-rules", {"window_minutes": 0}, "$.window_minutes"),
    ("grouping-rules", {"pages": "last"}, "$.pages"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "wrong", "field"), BAD)
async def test_what_cannot_be_meant_is_refused_by_field(
    manager: AsyncClient, path: str, wrong: Json, field: str
) -> None:
    """422 names the field, when it is made and when it is changed, and nothing comes of it."""
    made = await make(manager, path, "kept")

    answers = [
        await manager.post(f"/api/v1/{path}", json={**content_of(path, "bad"), **told(wrong)}),
        await manager.put(f"/api/v1/{path}/{made['id']}", json={**content_of(path, "bad"), **told(wrong)}),
    ]

    for answer in answers:
        assert answer.status_code == 422, answer.text
        named = [each["field"].removeprefix("$.") for each in answer.json()["errors"]]
        assert named == [field.removeprefix("$.")], answer.text
    assert (await manager.get(f"/api/v1/{path}")).json()["items"] == [made]


@pytest.mark.parametrize("path", [each for each in PATHS if each != "silences"])
async def test_names_are_unique(manager: AsyncClient, path: str) -> None:
    """The second one is refused, also when it is renamed."""
    await make(manager, path, "taken")
    other = await make(manager, path, "free")

    again = await manager.post(f"/api/v1/{path}", json=content_of(path, "taken"))
    renamed = await manager.put(f"/api/v1/{path}/{other['id']}", json=content_of(path, "taken"))

    for answer in (again, renamed):
        assert (answer.status_code, answer.json()["code"]) == (409, "name_taken")
        assert [each["field"] for each in answer.json()["errors"]] == ["$.name"]


@pytest.mark.parametrize("path", PATHS)
async def test_pages_of_rules_do_not_overlap(manager: AsyncClient, path: str) -> None:
    """A cursor goes on where the page ended; those with an order stand in it; CSV is the same page."""
    made = [(await make(manager, path, name))["id"] for name in ("a", "b", "c")]

    first = (await manager.get(f"/api/v1/{path}?limit=2")).json()
    second = (await manager.get(f"/api/v1/{path}", params={"limit": 2, "cursor": first["next_cursor"]})).json()
    bad = await manager.get(f"/api/v1/{path}?cursor=nonsense")
    table = await manager.get(f"/api/v1/{path}", headers={"Accept": "text/csv"})

    listed = [each["id"] for each in [*first["items"], *second["items"]]]
    assert listed == (made if path in {"routes", "grouping-rules"} else made[::-1])
    assert (first["total"], second["total"], second["next_cursor"]) == (3, 3, None)
    assert (bad.status_code, bad.json()["code"]) == (422, "bad_cursor")
    assert table.headers["content-type"].startswith("text/csv")
    assert len(table.text.strip().splitlines()) == 4


@pytest.mark.parametrize("path", ["routes", "grouping-rules"])
async def test_rules_are_put_into_an_order_in_one_commit(
    manager: AsyncClient, bus: Bus, database: Database, tenant: str, path: str
) -> None:
    """What moves has a new revision and an audit row; the wrong set of ids moves nothing."""
    a, b, c = [(await make(manager, path, name))["id"] for name in ("a", "b", "c")]
    url = f"/api/v1/{path}/reorder"

    wrong = [
        await manager.post(url, json={"ids": ids})
        for ids in ([a, b], [a, b, b], [a, b, c, str(uuid4())], [a, b, str(uuid4())], [])
    ]
    moved = await manager.post(url, json={"ids": [c, b, a]})

    assert [(each.status_code, each.json()["code"]) for each in wrong] == [(409, "order_out_of_date")] * 5
    assert [(each["id"], each["position"], each["revision"]) for each in moved.json()["items"]] == [
        (c, 0, 2), (b, 1, 1), (a, 2, 2),
    ]  # fmt: skip
    assert [each["id"] for each in (await manager.get(f"/api/v1/{path}")).json()["items"]] == [c, b, a]
    changes = [changes for _, action, changes in await audits_of(database, tenant) if action == "updated"]
    assert changes == [{"position": [2, 0]}, {"position": [0, 2]}]
    assert [each[1:] for each in await told_of(bus, tenant, count=5)][3:] == [("updated", 2), ("updated", 2)]


async def test_a_route_keeps_its_place_when_none_is_named(manager: AsyncClient) -> None:
    """New ones are last, changed ones stay, and a named position holds."""
    first, second = await make(manager, "routes", "a"), await make(manager, "routes", "b", position=7)
    third = await make(manager, "routes", "c")

    changed = await manager.put(f"/api/v1/routes/{second['id']}", json=content_of("routes", "b2"))

    assert [each["position"] for each in (first, second, third, changed.json())] == [0, 7, 8, 7]


async def test_a_route_is_read_by_the_kernel_as_it_was_written(
    manager: AsyncClient, policy: Route, database: Database, tenant: str
) -> None:
    """What the API stores is what enrichment loads; a disabled one is not loaded."""
    await make(manager, "routes", "on", policy_id=str(policy.policy_id), continues=True, slack_channel="#db")
    await make(manager, "routes", "off", is_enabled=False)

    async with database.tenant_tx(tenant) as tx:
        [route] = (await noise.load_routing(tx)).routes

    assert (route.name, route.policy_id, route.policy_version) == ("on", policy.policy_id, 1)
    assert (route.continues, route.slack_channel, route.pages_from) == (True, "#db", "critical")
    assert msgspec.to_builtins(route.matchers) == DISK


async def test_a_silence_tells_its_state_and_how_many_alerts_it_fits(client: AsyncClient, fire: Fire) -> None:
    """Open ones alone are counted; one that is over is not asked."""
    for title in ("Disk full", "Disk slow", "Latency"):
        await fire(title)
    gone = await fire("Disk gone")
    await client.patch(f"/api/v1/alerts/{gone}/resolve")

    active = await make(client, "silences", "active")
    pending = await make(client, "silences", "pending", starts_at=later(hours=1))
    over = await make(client, "silences", "over")
    ended = await client.delete(f"/api/v1/silences/{over['id']}")

    assert [(each["state"], each["matching"], each["matching_is_exact"]) for each in (active, pending, ended.json())] == [
        ("active", 2, True), ("pending", 2, True), ("expired", None, True),
    ]  # fmt: skip
    for state, silence in (("active", active), ("pending", pending), ("expired", over)):
        found = (await client.get(f"/api/v1/silences?state={state}")).json()
        assert [each["id"] for each in found["items"]] == [silence["id"]]
    assert (await client.get("/api/v1/silences?state=active&state=expired&limit=1")).json()["total"] == 2
    assert (await client.get("/api/v1/silences?state=asleep")).status_code == 422
    assert active["created_by"]["name"] == "engineer key"


async def test_a_silence_that_is_over_stays_as_it_was(client: AsyncClient) -> None:
    """Ending it again changes nothing, changing it is refused: what was is not rewritten."""
    made = await make(client, "silences")
    url = f"/api/v1/silences/{made['id']}"

    ended, again = await client.delete(url), await client.delete(url)
    changed = await client.put(url, json=content_of("silences", "again"))

    assert (ended.json()["state"], again.json()) == ("expired", ended.json())
    assert ended.json()["starts_at"] == made["starts_at"]
    assert (changed.status_code, changed.json()["code"]) == (409, "silence_expired")


async def test_a_silence_that_never_began_ends_without_having_been(client: AsyncClient) -> None:
    """Its length is nothing."""
    made = await make(client, "silences", starts_at=later(hours=1))

    ended = (await client.delete(f"/api/v1/silences/{made['id']}")).json()

    assert ended["state"] == "expired"
    assert ended["starts_at"] == ended["ends_at"]


async def test_a_silence_that_stands_is_moved_without_a_new_beginning(client: AsyncClient) -> None:
    """A longer one keeps its start; a start in the past is no way to rewrite it."""
    made = await make(client, "silences")
    longer = {**content_of("silences"), "ends_at": later(hours=5), "starts_at": later(days=-2)}

    moved = (await client.put(f"/api/v1/silences/{made['id']}", json=longer)).json()

    assert (moved["starts_at"], moved["state"]) == (made["starts_at"], "active")
    assert moved["ends_at"] > made["ends_at"]


@pytest.mark.parametrize("how", ["end", "shorten", "narrow", "postpone"])
async def test_what_a_silence_no_longer_mutes_is_due_at_once(
    client: AsyncClient, fire: Fire, policy: Route, outbox: Outbox, database: Database, tenant: str, how: str
) -> None:
    """The muted alert's timer judges it again now, not when the silence would have ended."""
    alert_id = await fire("Disk full", route=policy)
    made = await make(client, "silences", "disk swap")
    await mute_now(outbox, tenant, alert_id)
    muted = (await client.get(f"/api/v1/alerts/{alert_id}")).json()
    assert await due_in_seconds(database, alert_id) > 3_600
    url = f"/api/v1/silences/{made['id']}"
    content = {**content_of("silences", "disk swap"), "ends_at": made["ends_at"]}

    answer = {
        "end": lambda: client.delete(url),
        "shorten": lambda: client.put(url, json={**content, "ends_at": later(minutes=1)}),
        "narrow": lambda: client.put(url, json={**content, "matchers": [{"name": "node", "value": "7"}]}),
        "postpone": lambda: client.put(url, json={**content, "starts_at": later(hours=1)}),
    }[how]

    assert (await answer()).status_code == 200
    assert muted["muted_by"] == {
        "kind": "silence", "id": made["id"], "name": "disk swap", "until": muted["next_escalation_at"], "alert_id": None
    }  # fmt: skip
    assert await due_in_seconds(database, alert_id) <= 0


async def test_a_silence_counts_what_it_mutes_and_the_list_holds_exactly_that(
    client: AsyncClient, fire: Fire, policy: Route, outbox: Outbox, tenant: str
) -> None:
    """Not what merely fits, nor what another rule mutes; nothing of it once it is taken."""
    muted, fitting, other = [await fire(title, route=policy) for title in ("Disk full", "Disk slow", "Latency")]
    made = await make(client, "silences")
    await mute_now(outbox, tenant, muted)
    elsewhere = {**content_of("silences", "latency"), "matchers": [{"name": "@title", "value": "Latency"}]}
    second = (await client.post("/api/v1/silences", json=elsewhere)).json()
    await mute_now(outbox, tenant, other)

    async def told(rule: dict[str, Any]) -> tuple[int, list[str], int]:
        one = (await client.get(f"/api/v1/silences/{rule['id']}")).json()
        listed = {each["id"]: each for each in (await client.get("/api/v1/silences")).json()["items"]}
        assert listed[rule["id"]] == one
        found = (await client.get(f"/api/v1/alerts?muted_by={rule['id']}")).json()
        facets = (await client.get(f"/api/v1/alerts/facets?muted_by={rule['id']}")).json()
        assert sum(each["count"] for each in facets["status"]) == found["total"]
        return one["muting"], [each["id"] for each in found["items"]], one["matching"]

    before = await told(made), await told(second)
    await client.patch(f"/api/v1/alerts/{muted}/acknowledge")
    after = await told(made)

    assert before == ((1, [str(muted)], 2), (1, [str(other)], 1))
    assert after == (0, [], 2)
    assert (await client.get(f"/api/v1/alerts?muted_by={made['id']}&muted_by={second['id']}")).json()["total"] == 1
    assert (await client.get("/api/v1/alerts?muted_by=x")).status_code == 422
    job = await client.post(
        "/api/v1/alerts/bulk", json={"action": "acknowledge", "filter": {"muted_by": [second["id"]]}}
    )
    assert job.status_code in {200, 202}, job.text
    assert (await client.get(f"/api/v1/alerts/{fitting}")).json()["status"] == "firing"


async def test_a_worker_that_mutes_while_the_silence_ends_leaves_no_mute_behind(
    client: AsyncClient, fire: Fire, policy: Route, outbox: Outbox, database: Database, tenant: str
) -> None:
    """Whoever ends it waits for the worker that judges by it, and then sees what that muted."""
    alert_id = await fire("Disk full", route=policy)
    made = await make(client, "silences")
    async with outbox.tenant_tx(tenant) as tx:
        assert await noise.hold_mute_rules(tx)
        alert = await kernel.lock_alert(tx, alert_id)
        assert alert is not None
        now = await tx.now()
        verdict = await mutes.judge(tx, alert, await noise.load_mute_rules(tx), now=now)
        assert isinstance(verdict, mutes.Muted)
        ending = asyncio.create_task(client.delete(f"/api/v1/silences/{made['id']}"))
        await somebody_waits(database)
        await obligations.mute(tx, tenant, alert, verdict.by, due_at=verdict.due_at, now=now)

    assert (await ending).json()["state"] == "expired"
    assert await due_in_seconds(database, alert_id) <= 0


async def somebody_waits(database: Database) -> None:
    """Returns when a transaction waits for the rules."""
    async with asyncio.timeout(20):
        while True:
            async with database.global_tx() as tx:
                if await tx.fetchval("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"):
                    return


@pytest.mark.parametrize("path", ["maintenance-windows", "inhibition-rules"])
async def test_what_a_deleted_rule_muted_is_due_at_once(
    manager: AsyncClient, fire: Fire, policy: Route, outbox: Outbox, database: Database, tenant: str, path: str
) -> None:
    """As with a silence."""
    await fire("Source", severity="critical")
    alert_id = await fire("Disk full", route=policy)
    more: Json = (
        {"source_matchers": [{"name": "@title", "value": "Source"}]}
        if path == "inhibition-rules"
        else {"timezone": "UTC", "starts_at": f"{Now.value:%Y-%m-%dT%H:%M:%S}", "rrule": None}
    )
    made = await make(manager, path, **more)
    await mute_now(outbox, tenant, alert_id)
    assert await due_in_seconds(database, alert_id) > 0

    await manager.delete(f"/api/v1/{path}/{made['id']}")

    assert await due_in_seconds(database, alert_id) <= 0


async def test_a_window_tells_when_it_comes(manager: AsyncClient) -> None:
    """The same time of day on both sides of a clock change, as instants; a disabled one never comes."""
    year = Now.value.year + 1
    made = await make(
        manager, "maintenance-windows", starts_at=f"{year}-01-01T02:30:00", rrule="FREQ=MONTHLY;BYMONTHDAY=1"
    )
    disabled = await make(manager, "maintenance-windows", "off", is_enabled=False)
    once = await make(manager, "maintenance-windows", "once", starts_at="2020-01-01T00:00:00", rrule=None)

    starts = [each["starts_at"] for each in made["next_occurrences"]]
    assert starts == [
        f"{year}-01-01T01:30:00Z", f"{year}-02-01T01:30:00Z", f"{year}-03-01T01:30:00Z", f"{year}-04-01T00:30:00Z",
        f"{year}-05-01T00:30:00Z",
    ]  # fmt: skip
    assert made["next_occurrences"][0]["ends_at"] == f"{year}-01-01T03:00:00Z"
    assert (made["is_open"], made["starts_at"]) == (False, f"{year}-01-01T02:30:00")
    for never in (disabled, once):
        assert (never["is_open"], never["next_occurrences"]) == (False, [])


async def test_a_window_tells_that_it_is_open(manager: AsyncClient) -> None:
    """One that began today and lasts; its next start is not the one that runs."""
    now = Now.value.astimezone(UTC)
    made = await make(
        manager, "maintenance-windows", timezone="UTC", starts_at=f"{now - timedelta(minutes=10):%Y-%m-%dT%H:%M:%S}",
        rrule="FREQ=YEARLY;INTERVAL=2",
    )  # fmt: skip

    listed = (await manager.get("/api/v1/maintenance-windows")).json()["items"]

    assert made["is_open"]
    assert len(made["next_occurrences"]) == 5
    assert min(each["starts_at"] for each in made["next_occurrences"])[:4] == str(now.year + 2)
    assert listed == [made]


async def test_other_tenants_rules_are_absent(manager: AsyncClient, client_of: ClientOf, second_tenant: str) -> None:
    """404 for every verb."""
    stranger = await client_of(second_tenant, "admin")
    for path in PATHS:
        url = f"/api/v1/{path}/{(await make(manager, path))['id']}"

        answers = [await stranger.get(url), await stranger.put(url, json=content_of(path)), await stranger.delete(url)]

        assert [(each.status_code, each.json()["code"]) for each in answers] == [(404, "rule_not_found")] * 3
        assert (await stranger.get(f"/api/v1/{path}")).json()["total"] == 0
