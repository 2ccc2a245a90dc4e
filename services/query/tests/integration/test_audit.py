"""The audit log: its chain, what it tells of calls and refusals, and how it is read."""

import asyncio
import csv
import io
import signal
import sys
from collections.abc import Awaitable, Callable
from uuid import UUID

import pytest
from httpx import AsyncClient

from nightowl_alerting.audit import Break, Intact, Mark, verify_chain
from nightowl_alerting.store import insert_audit
from nightowl_common.db import Database
from nightowl_common.ids import new_id
from nightowl_contracts import Actor
from nightowl_testkit.servers import Servers

pytestmark = pytest.mark.integration

ClientOf = Callable[..., Awaitable[AsyncClient]]
URL = "/api/v1/audit-log"
SWAP_2_AND_5 = (
    "UPDATE audit_log SET seq = -seq WHERE seq IN (2, 5); "
    "UPDATE audit_log SET seq = CASE seq WHEN -2 THEN 5 ELSE 2 END WHERE seq < 0"
)
MOVE_ANCHOR = (
    "UPDATE audit_head SET anchor_seq = 2, anchor_hash = (SELECT hash FROM audit_log WHERE seq = 2); "
    "DELETE FROM audit_log WHERE seq <= 2"
)
ADA = Actor(kind="user", id="ada", name="Ada")


async def write(database: Database, tenant: str, number: int, **changes: object) -> None:
    async with database.tenant_tx(tenant) as tx:
        await insert_audit(
            tx, ADA, action="updated", entity="thing", entity_id=UUID(int=number), changes={"n": [None, number], **changes}
        )  # fmt: skip


async def verdict(database: Database, tenant: str, known: Mark | None = None) -> Intact | Break:
    async with database.tenant_tx(tenant) as tx:
        return await verify_chain(tx, known=known)


@pytest.fixture
async def six_rows(database: Database, tenant: str) -> Intact:
    """Six rows, and the verdict over them."""
    for number in range(1, 7):
        await write(database, tenant, number, text='ä "quoted" ☂', ratio=0.1, big=10**30)
    found = await verdict(database, tenant)
    assert isinstance(found, Intact)
    return found


# the chain


async def test_an_untouched_log_is_intact(six_rows: Intact) -> None:
    """All rows are looked at, and the head is the last of them."""
    assert (six_rows.rows, six_rows.head.seq, len(six_rows.head.hash)) == (6, 6, 32)


@pytest.mark.parametrize(
    ("tampering", "seq", "word"),
    [
        ("UPDATE audit_log SET actor = jsonb_set(actor, '{id}', '\"eve\"') WHERE seq = 3", 3, "not what was written"),
        ("UPDATE audit_log SET at = at + interval '1 microsecond' WHERE seq = 4", 4, "not what was written"),
        ("UPDATE audit_log SET address = '10.0.0.1' WHERE seq = 1", 1, "not what was written"),
        ("UPDATE audit_log SET changes = changes - 'ratio' WHERE seq = 6", 6, "not what was written"),
        ("UPDATE audit_log SET hash = NULL WHERE seq = 2", 2, "not what was written"),
        ("DELETE FROM audit_log WHERE seq = 1", 1, "missing"),
        ("DELETE FROM audit_log WHERE seq = 3", 3, "missing"),
        ("DELETE FROM audit_log WHERE seq = 6", 6, "chain ends at 5"),
        ("DELETE FROM audit_log", 1, "chain ends at 0"),
        (SWAP_2_AND_5, 2, "not what was written"),
        ("UPDATE audit_log SET seq = NULL WHERE seq = 4", None, "outside the chain"),
        ("UPDATE audit_log SET seq = -1 WHERE seq = 4", -1, "outside the chain"),
        ("UPDATE audit_head SET seq = 7", 7, "its head says 7"),
        ("DELETE FROM audit_head", None, "the head of the chain is gone"),
        (MOVE_ANCHOR.replace("= 2)", "= 3)"), 3, "not what was written"),
        (MOVE_ANCHOR, 2, "the chain says up to 0"),
    ],
)  # fmt: skip
async def test_tampering_is_found_at_its_first_row(
    database: Database, tenant: str, six_rows: Intact, tampering: str, seq: int | None, word: str
) -> None:
    """Changed, removed, put in another order, put outside, or with another head or beginning."""
    async with database.tenant_tx(tenant) as tx:
        for statement in tampering.split("; "):
            await tx.execute(statement)

    found = await verdict(database, tenant)

    assert isinstance(found, Break)
    assert found.seq == seq
    assert word in found.reason


async def test_a_chain_that_was_made_anew_is_found_by_a_mark(database: Database, tenant: str, six_rows: Intact) -> None:
    """By itself it looks intact; a mark that was kept elsewhere tells."""
    assert isinstance(await verdict(database, tenant, six_rows.head), Intact)
    async with database.tenant_tx(tenant) as tx:
        await tx.execute("DELETE FROM audit_log WHERE seq = 6")
        await tx.execute("UPDATE audit_head SET seq = 5, hash = (SELECT hash FROM audit_log WHERE seq = 5)")

    assert isinstance(await verdict(database, tenant), Intact)
    shortened = await verdict(database, tenant, six_rows.head)
    await write(database, tenant, 66)
    rewritten = await verdict(database, tenant, six_rows.head)

    assert isinstance(shortened, Break)
    assert (shortened.seq, shortened.reason) == (6, "rows up to 6 were there once")
    assert isinstance(rewritten, Break)
    assert (rewritten.seq, rewritten.reason) == (6, "is not the row that was there when it was marked")


async def test_writers_at_once_make_one_chain_and_never_deadlock(database: Database, tenant: str) -> None:
    """Each writes its audit row first and then waits for rows that others hold, in either order."""
    async with database.tenant_tx(tenant) as tx:
        await tx.execute(
            "INSERT INTO users (email, display_name) SELECT n || '@x.test', 'u' || n FROM generate_series(1, 2) AS n"
        )

    async def change(number: int) -> None:
        async with database.tenant_tx(tenant) as tx:
            await insert_audit(tx, ADA, action="a", entity="thing", entity_id=None, changes={"n": number})
            await tx.execute("SELECT FROM users WHERE display_name = 'u1' FOR UPDATE")
            await insert_audit(tx, ADA, action="b", entity="thing", entity_id=None, changes={"n": number})

    async def change_alone(number: int) -> None:
        async with database.tenant_tx(tenant) as tx:
            await tx.execute("SELECT FROM users WHERE display_name = 'u1' FOR UPDATE")
            await insert_audit(tx, ADA, action="c", entity="thing", entity_id=None, changes={"n": number})

    await asyncio.gather(*(each(n) for n in range(40) for each in (change, change_alone)))

    found = await verdict(database, tenant)
    assert isinstance(found, Intact)
    assert found.rows == 120


async def test_what_is_rolled_back_leaves_no_gap(database: Database, tenant: str) -> None:
    """Numbers are given at commit."""
    await write(database, tenant, 1)

    async def fail() -> None:
        async with database.tenant_tx(tenant) as tx:
            await insert_audit(tx, ADA, action="never", entity="thing", entity_id=None, changes={})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    await write(database, tenant, 2)

    found = await verdict(database, tenant)
    assert isinstance(found, Intact)
    assert found.rows == 2


async def test_a_batch_over_tenants_chains_each_row_in_its_own_tenant(
    database: Database, tenant: str, second_tenant: str
) -> None:
    """At commit the search path is the last tenant's."""
    async with database.global_tx() as tx:
        for slug in sorted([tenant, second_tenant]):
            await tx.enter_tenant(slug)
            await insert_audit(tx, ADA, action="a", entity="thing", entity_id=None, changes={"tenant": slug})

    verdicts = [await verdict(database, slug) for slug in (tenant, second_tenant)]
    assert [each.rows for each in verdicts if isinstance(each, Intact)] == [1, 1]


KILLED = """
import asyncio, os, signal, sys
from nightowl_alerting.store import insert_audit
from nightowl_common.db import Database
from nightowl_contracts import Actor

async def main(url, tenant):
    database = await Database.connect(url, size=2, service="killed")
    async with database.tenant_tx(tenant) as tx:
        await tx.execute("INSERT INTO users (email, display_name) VALUES ('k@x.test', 'K')")
        await insert_audit(tx, Actor(kind="service", id="k", name="k"), action="a", entity="user", entity_id=None, changes={})
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main(*sys.argv[1:]))
"""


async def test_a_kill_right_after_the_commit_leaves_the_row(database: Database, servers: Servers, tenant: str) -> None:
    """Change and row are one commit: nothing is buffered."""
    killed = await asyncio.create_subprocess_exec(sys.executable, "-c", KILLED, servers.database_url, tenant)
    assert await killed.wait() == -signal.SIGKILL

    async with database.tenant_tx(tenant) as tx:
        assert await tx.fetchval("SELECT count(*) FROM users") == 1
    found = await verdict(database, tenant)
    assert isinstance(found, Intact)
    assert found.rows == 1


# calls


async def test_a_call_is_told_with_its_address_and_request_id(client: AsyncClient, manager: AsyncClient) -> None:
    """The row of a change over the API names the request that the logs know too."""
    made = await client.post("/api/v1/runbooks", json={"title": "Make room"}, headers={"X-Request-ID": "req-77"})

    [entry] = (await manager.get(URL, params={"entity_id": made.json()["id"]})).json()["items"]

    assert (entry["action"], entry["entity"], entry["request_id"]) == ("created", "runbook", "req-77")
    assert entry["address"] == "127.0.0.1"
    assert entry["seq"] >= 1


async def test_what_no_call_stands_behind_says_so(database: Database, tenant: str, manager: AsyncClient) -> None:
    """Both are null."""
    await write(database, tenant, 1)

    [entry] = (await manager.get(URL)).json()["items"]

    assert (entry["address"], entry["request_id"]) == (None, None)


async def test_a_refused_attempt_is_recorded(
    client_of: ClientOf, manager: AsyncClient, database: Database, tenant: str
) -> None:
    """Who, what, about which thing, from where, and why not; the chain holds it."""
    reader = await client_of(tenant, "readonly")
    alert_id = str(new_id())

    refused = await reader.patch(f"/api/v1/alerts/{alert_id}/acknowledge", headers={"X-Request-ID": "req-78"})

    assert refused.status_code == 403
    [entry] = (await manager.get(URL, params={"action": "denied"})).json()["items"]
    assert (entry["actor"]["name"], entry["entity"], entry["entity_id"]) == ("readonly key", "operation", None)
    assert entry["changes"] == {
        "method": "PATCH", "path": "/api/v1/alerts/{alert_id}/acknowledge", "parameters": {"alert_id": alert_id},
        "reason": "This needs the role engineer; the caller has readonly.",
    }  # fmt: skip
    assert (entry["address"], entry["request_id"]) == ("127.0.0.1", "req-78")
    assert isinstance(await verdict(database, tenant), Intact)


# reading


async def test_only_managers_read_it(client: AsyncClient, manager: AsyncClient) -> None:
    """And an engineer's attempt is in it."""
    assert (await client.get(URL)).status_code == 403

    assert [each["action"] for each in (await manager.get(URL)).json()["items"]] == ["denied"]


async def test_filters_combine_and_pages_follow(database: Database, tenant: str, manager: AsyncClient) -> None:
    """By actor, action, entity, thing and time, newest first."""
    for number in range(1, 6):
        await write(database, tenant, number)
    everything = (await manager.get(URL)).json()["items"]

    async def found(**params: str) -> list[int]:
        answer = await manager.get(URL, params=params)
        assert answer.status_code == 200, answer.text
        return [each["seq"] for each in answer.json()["items"]]

    assert await found() == [5, 4, 3, 2, 1]
    assert await found(actor="ada", action="updated", entity="thing") == [5, 4, 3, 2, 1]
    assert await found(actor="eve") == await found(action="deleted") == await found(entity="roster") == []
    assert await found(entity_id=str(UUID(int=3))) == [3]
    assert await found(after=everything[1]["at"]) == [5, 4]
    assert await found(before=everything[3]["at"]) == [1]
    first = (await manager.get(URL, params={"limit": 2})).json()
    second = (await manager.get(URL, params={"limit": 2, "cursor": first["next_cursor"]})).json()
    assert [each["seq"] for each in first["items"] + second["items"]] == [5, 4, 3, 2]
    assert (first["total"], first["total_is_exact"]) == (5, True)


@pytest.mark.parametrize(
    "params", [{"entity_id": "x"}, {"after": "yesterday"}, {"before": "2026-01-01T00:00:00"}, {"actor": "\x00"}]
)
async def test_filters_that_cannot_be_read_are_refused(manager: AsyncClient, params: dict[str, str]) -> None:
    """422 with the parameter's name."""
    answer = await manager.get(URL, params=params)

    assert answer.status_code == 422
    assert [each["field"] for each in answer.json()["errors"]] == list(params)


async def test_it_is_a_table_too(database: Database, tenant: str, manager: AsyncClient) -> None:
    """CSV with a header line; what a spreadsheet would run is defused."""
    await write(database, tenant, 1)

    answer = await manager.get(URL, headers={"Accept": "text/csv"})

    [row] = csv.DictReader(io.StringIO(answer.text))
    assert (row["seq"], row["action"], row["entity"], len(row["hash"])) == ("1", "updated", "thing", 64)


async def test_entries_are_found_by_the_address_that_they_came_from(client_of: ClientOf, tenant: str) -> None:
    """What no call stands behind has none; several addresses are alternatives."""
    admin = await client_of(tenant, "admin")
    await admin.patch("/api/v1/admin/config", json={"auto_close_minutes": 60})

    [ours] = (await admin.get(URL, params={"address": ["192.0.2.1", "127.0.0.1"]})).json()["items"]
    others = (await admin.get(URL, params={"address": "192.0.2.1"})).json()

    assert (ours["entity"], ours["address"]) == ("config", "127.0.0.1")
    assert (others["items"], others["total"]) == ([], 0)
