"""A dump, taken while pages are on their way, is restored into an empty database beside an empty broker."""

import asyncio
import os
import subprocess
from collections import Counter
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import msgspec
import pytest
from evidence import until_rest
from servers_away import lose_store
from world import FAST

from nightowl_alerting.audit import Intact, Mark, verify_chain
from nightowl_cli import ledger, streams
from nightowl_common.db import Database
from nightowl_testkit.builders import an_alertmanager_alert, an_alertmanager_payload
from nightowl_testkit.client import ApiClient
from nightowl_testkit.clock import DbClock
from nightowl_testkit.fakes import Slow
from nightowl_testkit.services import ServiceProcesses

pytestmark = [pytest.mark.faults, pytest.mark.timeout(180)]

TENANT = "faults"
REST_SECONDS = 60.0
ASKED = ("/alerts", "/rosters", "/policies", "/users", "/incidents", "/silences", "/audit-log")


def tool(servers, name: str, *arguments: str) -> None:
    """One of Postgres' own programs, which must say nothing and succeed."""
    command = [str(servers.stack.postgres.program(name)), *arguments]
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd="/")
    assert (done.returncode, done.stderr) == (0, ""), done


async def fire(client: ApiClient, name: str) -> UUID:
    payload = an_alertmanager_payload(an_alertmanager_alert(name, severity="critical"))
    receipt = await client.fire_alertmanager(payload, wait_seconds=10)
    alert_id = receipt.alerts[0].alert_id
    assert alert_id is not None
    return alert_id


async def answers(client: ApiClient) -> dict[str, object]:
    """What the API says of everything that must come back."""
    return {path: msgspec.json.decode((await client.call("GET", path)).body) for path in ASKED}


async def mark_of(database: Database, *, known: Mark | None = None) -> Mark:
    async with database.tenant_tx(TENANT) as tx:
        verdict = await verify_chain(tx, known=known)
    assert isinstance(verdict, Intact), verdict
    return verdict.head


async def until(status: str, database: Database, alert_id: UUID) -> None:
    """Returns when the alert's page stands so."""
    async with asyncio.timeout(15):
        while True:
            async with database.tenant_tx(TENANT) as tx:
                found = await tx.fetchval("SELECT status FROM deliveries WHERE alert_id = $1", alert_id)
            if found == status:
                return
            await asyncio.sleep(0.02)


class Dumped(msgspec.Struct, frozen=True, kw_only=True):
    """What was there when the dump was taken: answers, the audit chain's mark, names of alerts, and two of their ids."""

    answers: dict[str, object]
    head: Mark
    names: dict[str, str]
    in_flight: list[UUID]


@pytest.fixture
async def dumped(fault_servers, processes, fault_team, fault_database, slack, tmp_path) -> Dumped:
    """One alert is taken, one has been paged, one's page is on its way, one's waits; all services are gone then."""
    names = {each: f"{each}{uuid4().hex[:6]}" for each in ("Taken", "Open", "Flying", "Waiting")}
    async with processes.client(fault_team.key) as client:
        taken = await fire(client, names["Taken"])
        await until("sent", fault_database, taken)
        await client.acknowledge(taken)
        await until("sent", fault_database, await fire(client, names["Open"]))
        known = {"title": "Disk full", "severity": "major", "fingerprints": ["disk"], "solution": "grow it"}
        assert (await client.call("POST", "/incidents", body=known)).status == 201
        slack.script(Slow(60), when=lambda sent: names["Flying"] in sent.text)
        flying = await fire(client, names["Flying"])
        await slack.wait_for(lambda sent: names["Flying"] in sent.text)
        await processes.kill("notifier")
        waiting = await fire(client, names["Waiting"])
        await until("queued", fault_database, waiting)
        told, head = await answers(client), await mark_of(fault_database)
        tool(fault_servers, "pg_dump", "--format=custom", f"--file={tmp_path / 'dump'}", fault_servers.database_url)
    await processes.stop()
    return Dumped(answers=told, head=head, names=names, in_flight=[flying, waiting])


@pytest.fixture
async def restored(fault_servers, dumped, tmp_path, monkeypatch):
    """The dump in an empty database, beside an empty broker that has its streams again."""
    url = urlsplit(fault_servers.database_url)._replace(path="/restored").geturl()
    tool(
        fault_servers, "createdb", f"--maintenance-db={fault_servers.database_url}", "--template=template0", "restored"
    )
    tool(fault_servers, "pg_restore", "--exit-on-error", "--jobs=2", f"--dbname={url}", str(tmp_path / "dump"))
    lose_store(fault_servers)
    for name, value in {**fault_servers.environment, "DATABASE_URL": url}.items():
        monkeypatch.setenv(name, value)
    assert await streams.apply(replicas=1) == 0
    opened = await Database.connect(url, size=2, service="faults")
    yield opened
    await opened.close()


@pytest.fixture
async def again(fault_servers, restored, slack, twilio):
    """The services on the restored database; none runs yet."""
    environment = {**slack.environment, **twilio.environment, **FAST, "DATABASE_URL": os.environ["DATABASE_URL"]}
    services = ServiceProcesses(fault_servers, environment=environment)
    yield services
    assert services.dead() == []
    await services.stop()


async def test_a_restored_dump_has_everything_and_pays_what_is_owed_once(
    dumped, restored, again, fault_team, fault_bus, slack
):
    """Rows and audit chain are equal, a page in flight is proved and not repeated, one that waited is sent once."""
    assert await mark_of(restored, known=dumped.head) == dumped.head
    await again.start("ingest", "query")
    async with again.client(fault_team.key) as client:
        assert await answers(client) == dumped.answers
        await again.start()
        assert not await until_rest(restored, fault_bus, [TENANT], seconds=REST_SECONDS)
        assert await ledger.check() == 0
        assert {(await client.deliveries(each))[0].status for each in dumped.in_flight} == {"sent"}

        await DbClock(restored).advance(minutes=5, seconds=1)
        assert not await until_rest(restored, fault_bus, [TENANT], seconds=REST_SECONDS)
        assert await ledger.check() == 0

    paged = Counter((each.to, name) for each in slack.received for name in dumped.names.values() if name in each.text)
    first = {(fault_team.alice.slack_user_id, name): 1 for name in dumped.names.values()}
    second = {(fault_team.bob.slack_user_id, name): 1 for key, name in dumped.names.items() if key != "Taken"}
    assert paged == first | second
    assert not [each for each in slack.received if each.is_repeat]
