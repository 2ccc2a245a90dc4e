"""`nightowl up` on servers of its own, one for all pages, and a reader for each page."""

import secrets
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import msgspec
import pytest
import pytest_asyncio
from pages import text_of
from readers import Reader
from shell import path_of_programs

from nightowl_alerting.sealing import make_master_key
from nightowl_auth.platform import insert_platform_key, make_platform_key
from nightowl_common import clock
from nightowl_common.db import Database
from nightowl_embedded import free_port
from nightowl_sql import migrate
from nightowl_testkit.builders import Team, a_generic_payload, seed_team
from nightowl_testkit.client import ApiClient
from nightowl_testkit.servers import Servers, make_tenant, running_servers, temporary_folder

READY_SECONDS, STOP_SECONDS = 90.0, 60.0

FRESH = ("README.md", "docs/tutorial/")
"""Pages that begin with a fresh clone."""


class Stack(msgspec.Struct, frozen=True, kw_only=True):
    """A running `nightowl up`. `environment` is that of commands on its machine."""

    url: str
    environment: dict[str, str]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def servers() -> AsyncIterator[Servers]:
    async with running_servers() as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def stack(servers: Servers) -> AsyncIterator[Stack]:
    """It is up. Its front end is a file that says so: building the real one takes longer than all pages."""
    (servers.folder / "index.html").write_text("<!doctype html><title>NightOwl</title>")
    url = f"http://127.0.0.1:{free_port()}"
    environment = {
        "PATH": path_of_programs(Path(sys.executable)),
        "NIGHTOWL_MASTER_KEYS": make_master_key("docs"),
        "NIGHTOWL_EXPORT_KEY": secrets.token_hex(32),
        "NIGHTOWL_CALLBACK_SECRET": secrets.token_hex(32),
        "NIGHTOWL_PUBLIC_URL": url,
        **servers.environment,
    }
    screen = servers.folder / "screen.txt"
    with screen.open("wb") as output, subprocess.Popen(
        ["nightowl", "up", "--port", url.rpartition(":")[2], "--data-dir", servers.folder / "kept"],
        env={**environment, "NIGHTOWL_WEB_DIR": str(servers.folder)}, cwd="/", stdout=output, stderr=subprocess.STDOUT,
    ) as process:  # fmt: skip
        try:
            await _until_up(process, screen)
            yield Stack(url=url, environment=environment)
        finally:
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
    assert process.returncode == 0, screen.read_text()


async def _until_up(process: subprocess.Popen[bytes], screen: Path) -> None:
    deadline = clock.monotonic_seconds() + READY_SECONDS
    while "Ctrl-C stops everything" not in screen.read_text():
        assert process.poll() is None, screen.read_text()
        assert clock.monotonic_seconds() < deadline, f"not up within {READY_SECONDS} s:\n{screen.read_text()}"
        await clock.sleep(0.05)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def database(servers: Servers, stack: Stack) -> AsyncIterator[Database]:
    connected = await Database.connect(servers.database_url, size=2, service="docs")
    yield connected
    await connected.close()


@pytest.fixture
def folder() -> Iterator[Path]:
    with temporary_folder() as made:
        yield made


@pytest.fixture
async def person(page: str, servers: Servers, stack: Stack, database: Database, folder: Path) -> Reader:
    """Who reads the page. A fresh clone has the tenant that `up` seeds, and the key of its screen."""
    home = {"HOME": str(folder), "LANG": "C.UTF-8"}
    if page.startswith(FRESH):
        return Reader(url=stack.url, tenant="acme", folder=folder, environment={**stack.environment, **home})
    tenant = await make_tenant(servers, f"docs_{secrets.token_hex(4)}")
    team = await seed_team(database, tenant)
    brought = {"URL": f"{stack.url}/api/v1", "KEY": team.key, **await _keys(database, tenant), **_ids(team)}
    async with ApiClient(ingest_url=stack.url, query_url=stack.url, key=team.key) as client:
        brought["ALERT"] = await _open_alert(client)
    if "$THERE" in text_of(page):
        brought |= {"HERE": servers.database_url, "THERE": await _another_installation(servers)}
    return Reader(url=stack.url, tenant=tenant, folder=folder, environment={**stack.environment, **home, **brought})


async def _open_alert(client: ApiClient) -> str:
    """The id of an alert that fires, on which somebody has written already."""
    while True:  # a busy machine opens it behind the answer; the same again is a repeat of it
        receipt = await client.fire_generic(a_generic_payload(), wait_seconds=10)
        if (alert_id := receipt.alerts[0].alert_id) is not None:
            await client.call("POST", f"/alerts/{alert_id}/comments", body={"text": "I look at it."})
            return str(alert_id)


async def _another_installation(servers: Servers) -> str:
    """The address of an empty database that is prepared."""
    connection = await asyncpg.connect(servers.database_url)
    try:
        await connection.execute("CREATE DATABASE another_installation")
    finally:
        await connection.close()
    url = urlsplit(servers.database_url)._replace(path="/another_installation").geturl()
    there = await asyncpg.connect(url)
    try:
        await migrate(there)
    finally:
        await there.close()
    return url


async def _keys(database: Database, tenant: str) -> dict[str, str]:
    key = make_platform_key()
    async with database.global_tx() as tx:
        await insert_platform_key(tx, key, description=tenant)
    return {"PLATFORM_KEY": key.raw}


def _ids(team: Team) -> dict[str, str]:
    """Of what a page says that its reader has."""
    ids = {
        "PERSON": team.alice_id, "COLLEAGUE": team.bob_id, "LEAD": team.carol_id, "ROSTER": team.roster_id,
        "POLICY": team.policy_id, "SERVICE": team.service_id,
    }  # fmt: skip
    return {name: str(value) for name, value in ids.items()}
