"""The permission table is true of the running service, cell by cell.

The table is generated from the routes, so a new route is in it, and a route that changes its role changes a committed
file. Here every cell is called.
"""

import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
import pytest_asyncio
from httpx import AsyncClient

from nightowl_auth import ROLES, insert_key, make_key
from nightowl_auth.platform import insert_platform_key, make_platform_key
from nightowl_common.bus import Bus, Message
from nightowl_common.db import Database
from nightowl_contracts import subjects
from nightowl_contracts.topology import DLQ, Header
from nightowl_query.api.docs import document
from nightowl_testkit.apps import RunningApp
from nightowl_testkit.builders import ALICE, insert_person, seed_team
from nightowl_testkit.clock import DbClock
from nightowl_testkit.servers import Servers, make_tenant

pytestmark = pytest.mark.integration

TABLE = [
    row
    for row in json.loads((Path(__file__).parents[4] / "docs/reference/permissions.json").read_text())
    if row["service"] == "query"
]
OPERATIONS = json.loads(document())["paths"]
GUARDED = [row for row in TABLE if row["needs"] in {*ROLES, "platform"}]
FOREIGN = [row for row in GUARDED if row["stranger"] == "404"]
ALL_OF_A = [{"name": "a", "op": "=~", "value": ".+"}]


def label(row: Mapping[str, Any]) -> str:
    """How a row is called."""
    return f"{row['method']} {row['path']}"


NAMES_NOBODY = {
    "POST /api/v1/rosters/{roster_id}/preview": {"starts_at": "2026-03-02T00:00:00Z", "ends_at": "2026-03-30T00:00:00Z"}
}
"""Where the document's example names a person, who is looked for before the thing in the path."""


def body_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """What to send: the document's first example of the body, as arguments for a call."""
    if label(row) in NAMES_NOBODY:
        return {"json": NAMES_NOBODY[label(row)]}
    operation = OPERATIONS.get(row["path"], {}).get(row["method"].lower(), {})
    for kind, content in operation.get("requestBody", {}).get("content", {}).items():
        [first, *_] = content["examples"].values()
        value = first["value"]
        text = value if isinstance(value, str) else json.dumps(value)
        return {"content": text.encode(), "headers": {"Content-Type": kind}}
    return {}


class World(msgspec.Struct, frozen=True, kw_only=True):
    """Callers of a tenant by role, an admin of another tenant, and ids of what the first tenant has."""

    callers: Mapping[str, AsyncClient]
    stranger: AsyncClient
    things: Mapping[str, str]
    span: Mapping[str, str]

    def path(self, row: Mapping[str, Any], *, is_real: bool) -> str:
        """A row's path with ids of things that are there, or of nothing."""
        path: str = row["path"]
        kind = path.removeprefix("/api/v1/").partition("/")[0]
        known = {**self.things, "rule_id": self.things.get(kind, "")}
        for name, value in known.items():
            nothing = "999999" if name == "version" else str(uuid4())
            path = path.replace(f"{{{name}}}", value if is_real else nothing)
        assert "{" not in path, f"no example for {path}; add one to `things`"
        path += "?seconds=0" if kind == "stream" else ""
        return path


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def world(service: RunningApp, servers: Servers, database: Database, bus: Bus, db_clock: DbClock) -> World:
    soon = await db_clock.now() + timedelta(days=1)
    span = {"starts_at": soon.isoformat(), "ends_at": (soon + timedelta(hours=8)).isoformat()}
    tenant, other = [await make_tenant(servers, f"t_{uuid4().hex[:12]}") for _ in range(2)]
    team = await seed_team(database, tenant)

    async def caller(of: str, assignment: str) -> AsyncClient:
        key = make_key()
        async with database.global_tx() as tx:
            await insert_key(tx, key, tenant=of, role="readonly", description="test")
            await tx.execute(f"UPDATE public.api_keys SET {assignment} WHERE key_hash = $1", key.key_hash)
        return service.client_with(X_API_Key=key.raw)

    callers = {role: await caller(tenant, f"role = '{role}'") for role in ROLES}
    callers |= {"nobody": service.client, "ingest": await caller(tenant, "scopes = '{ingest}'")}
    callers["platform"] = await operator(service, database)
    alice = await caller(tenant, f"role = 'admin', user_id = '{team.alice_id}'")
    async with database.tenant_tx(tenant) as tx:
        alert_id, group_id = uuid4(), uuid4()
        await tx.execute(
            "INSERT INTO alert_groups (id, name, key, pages) VALUES ($1, 'a', '{}', 'first')", group_id
        )  # fmt: skip
        await tx.execute(
            """INSERT INTO alerts (id, fingerprint, episode, status, severity, source, title, group_id,
                first_fired_at, last_fired_at, escalation_state, escalation_reason, policy_id, policy_version)
            VALUES ($1, 'disk', 1, 'firing', 'major', 'generic', 'Disk full', $2, '2026-01-01Z', '2026-01-01Z', 'none',
                'for tests', $3, 1)""",
            alert_id, group_id, team.policy_id,
        )  # fmt: skip
    people = {"alice": team.alice_id, "bob": team.bob_id, "carol": team.carol_id}
    things = await make_things(alice, team.roster_id, people, alert_id, span)
    things |= {"alert_id": str(alert_id), "group_id": str(group_id), "policy_id": str(team.policy_id)}
    things["letter_id"] = await bury(bus, tenant, callers["admin"])
    async with database.tenant_tx(other) as tx:
        somebody = await insert_person(tx, ALICE)
    stranger = await caller(other, f"role = 'admin', user_id = '{somebody}'")
    return World(callers=callers, stranger=stranger, things=things, span=span)


async def bury(bus: Bus, tenant: str, admin: AsyncClient) -> str:
    """A dead letter of the tenant; its id."""
    where = {Header.ORIGIN: f"{subjects.ingest(tenant)} 1", Header.REASON: "test"}
    await bus.publish(
        Message(stream=DLQ.name, subject=subjects.dlq("INGEST"), id=str(uuid4()), body=b"{]", headers=where)
    )
    letter_id: str = (await admin.get("/api/v1/dead-letters")).json()["items"][0]["id"]
    return letter_id


async def operator(service: RunningApp, database: Database) -> AsyncClient:
    """Somebody who runs the installation."""
    key = make_platform_key()
    async with database.global_tx() as tx:
        await insert_platform_key(tx, key, description="test")
    return service.client_with(X_API_Key=key.raw)


async def make_things(  # long: a line per thing
    admin: AsyncClient, roster_id: UUID, people: Mapping[str, UUID], alert_id: UUID, span: Mapping[str, str]
) -> dict[str, str]:
    """Something of every kind, made over the API: path parameter (or kind of rule) → id."""

    async def made(path: str, body: object) -> dict[str, Any]:
        answer = await admin.post(f"/api/v1{path}", json=body)
        assert answer.is_success, answer.text
        found: dict[str, Any] = answer.json()
        return found

    roster, alice = f"/rosters/{roster_id}", f"/users/{people['alice']}"
    window = {"timezone": "UTC", "starts_at": "2026-03-01T02:00:00", "duration_minutes": 60}
    swap = {"colleague_id": str(people["bob"]), "gives_from": span["starts_at"], "gives_until": span["ends_at"]}
    orders: dict[str, tuple[str, object]] = {
        "swap_id": (f"{roster}/swaps", swap),
        "routes": ("/routes", {"name": "a"}),
        "silences": ("/silences", {"matchers": ALL_OF_A, "ends_at": span["ends_at"], "comment": "a"}),
        "maintenance-windows": ("/maintenance-windows", {"name": "a", "matchers": ALL_OF_A, **window}),
        "inhibition-rules": (
            "/inhibition-rules",
            {"name": "a", "source_matchers": ALL_OF_A, "target_matchers": ALL_OF_A},
        ),
        "grouping-rules": ("/grouping-rules", {"name": "a", "group_by": ["a"]}),
        "incident_id": ("/incidents", {"title": "Disk full", "severity": "major", "fingerprints": ["disk"]}),
        "view_id": ("/saved-views", {"name": "a", "query": {}, "is_shared": True}),
        "runbook_id": ("/runbooks", {"title": "Make room"}),
        "job_id": ("/alerts/bulk", {"action": "comment", "arguments": {"text": "seen"}, "ids": [str(alert_id)]}),
        "member_id": (f"{roster}/members", {"user_id": str(people["carol"])}),
        "override_id": (f"{roster}/overrides", {"user_id": str(people["bob"]), **span}),
        "pin_id": (f"{roster}/pins", {"user_id": str(people["bob"]), "turn_at": span["starts_at"]}),
        "leave_id": (f"{alice}/leave", span),
        "feed_id": (f"{roster}/feeds", {}),
        "method_id": (f"{alice}/contact-methods", {"kind": "email", "address": "alice@home.example.com"}),
    }
    await made("/heartbeats", {"name": "nightly", "interval_seconds": 60})
    keys = (await admin.get("/api/v1/api-keys")).json()["items"]
    things = {name: (await made(*order))["id"] for name, order in orders.items()}
    room = {"name": "a", "kind": "webhook", "url": "https://chat.example.com/hook"}
    things["endpoint_id"] = (await made("/endpoints", room))["endpoint"]["id"]
    wanted = {"name": "a", "endpoint_id": things["endpoint_id"], "event_types": ["alert.*"]}
    things["subscription_id"] = (await made("/webhook-subscriptions", wanted))["id"]
    things["delivery_id"] = (await made(f"/webhook-subscriptions/{things['subscription_id']}/test", None))["id"]
    own = {"roster_id": str(roster_id), "user_id": str(people["alice"]), "key_id": keys[0]["id"]}
    return {**things, **own, "fingerprint": "disk", "name": "nightly", "version": "1", "slug": "nobody"}


@pytest.mark.parametrize("row", GUARDED, ids=label)
async def test_each_caller_is_answered_as_the_table_says(world: World, row: Mapping[str, Any]) -> None:
    """401 without a key; 403 below the role; above it the request itself is judged."""
    path = world.path(row, is_real=False)

    for caller, verdict in row["verdicts"].items():
        answer = await world.callers[caller].request(row["method"], path, **body_of(row))

        told = "" if answer.is_success or answer.status_code < 400 else answer.json()["code"]
        if verdict == "yes":
            assert answer.status_code not in {401, 405, 500}, f"{caller}: {answer.text}"
            assert told != "forbidden", f"{caller}: {answer.text}"
        else:
            assert answer.status_code == int(verdict), f"{caller}: {answer.text}"
            assert told == {"401": "unauthenticated", "403": "forbidden"}[verdict]


@pytest.mark.parametrize("row", FOREIGN, ids=label)
async def test_what_another_tenant_has_is_not_there(world: World, row: Mapping[str, Any]) -> None:
    """404, as for what never was; in its own tenant the same id is found."""
    span = {"from": world.span["starts_at"], "to": world.span["ends_at"]} if row["method"] == "GET" else {}
    path = world.path(row, is_real=True)

    answer = await world.stranger.request(row["method"], path, params=span, **body_of(row))

    assert answer.status_code == 404, answer.text
    if row["method"] == "GET":
        assert (await world.callers["admin"].get(path, params=span)).status_code in {200, 409}


@pytest.mark.parametrize("row", [row for row in TABLE if row["needs"] not in {*ROLES, "platform"}], ids=label)
async def test_what_is_open_is_open(world: World, row: Mapping[str, Any]) -> None:
    """Without a key: the request itself is judged, signing in takes a body, and with a provider an issuer or a state.

    This service has no front end, so none of its files is there.
    """
    path = row["path"].replace("{file_path}", "swagger-ui.css").replace("{path}", "logo.svg")

    answer = await world.callers["nobody"].request(row["method"], path)

    if row["path"] == "/{path}":
        assert answer.status_code == 404
    else:
        assert answer.status_code in {200, 302, 422} or answer.json()["code"] in {"no_issuer", "bad_state"}


def test_the_table_knows_all_verdicts() -> None:
    """Guarded routes are the rule, and each role is refused somewhere."""
    assert len(GUARDED) > len(TABLE) * 0.8
    refused = {caller for row in GUARDED for caller, verdict in row["verdicts"].items() if verdict != "yes"}
    assert refused == {"nobody", "ingest", "readonly", "engineer", "manager", "admin", "platform"}
