"""A real stack behind the real front door, and a Chromium before it: one origin, as in an installation.

The stack has servers and fake providers of its own and lives for the session, so these tests come last: its processes,
which wait for nothing, would slow down all others.
"""

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from looking import Violation, picture, violations
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect
from watching import Watch

from nightowl_alerting.sealing import make_master_key
from nightowl_auth import SessionRules, begin_session, hash_password, insert_admin, load_admin, set_password
from nightowl_cli import browser as browsers
from nightowl_cli import web
from nightowl_cli.front import FrontDoor
from nightowl_common.db import Database
from nightowl_embedded import free_port
from nightowl_testkit.builders import Team, seed_team
from nightowl_testkit.client import ApiClient
from nightowl_testkit.clock import DbClock
from nightowl_testkit.servers import Servers, make_tenant, running_servers
from nightowl_testkit.services import SERVICES, ServiceProcesses
from nightowl_testkit.tenants import new_slug

USERNAME, PASSWORD = "admin", "correct horse battery staple"
PATIENCE_MS = 20_000

FLAGS = [
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]  # fmt: skip
"""The last one keeps the browser itself from asking anybody outside of this machine."""

FAST = {
    "NIGHTOWL_LEASE_SECONDS": "5",
    "NIGHTOWL_PROVIDER_TIMEOUT_SECONDS": "2",
    "NIGHTOWL_SWEEP_SECONDS": "1",
    "NIGHTOWL_SIGN_INS_PER_MINUTE": "1000000",
    "NIGHTOWL_KEY_CALLS_PER_MINUTE": "0",
    "NIGHTOWL_TENANT_CALLS_PER_MINUTE": "0",
}
"""Short leases, and no limits for a browser that opens page after page."""

OpenPage = Callable[..., Awaitable[Page]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests come last, in the order that they have among themselves."""
    items.sort(key=lambda each: each.get_closest_marker("browser") is not None)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Lets fixtures know that their test has failed."""
    report = yield
    if report.when == "call":
        item.stash[FAILED] = report.failed
    return report


FAILED = pytest.StashKey[bool]()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def servers() -> AsyncIterator[Servers]:
    async with running_servers() as running:
        yield running


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def database(servers) -> AsyncIterator[Database]:
    connected = await Database.connect(servers.database_url, size=4, service="browser")
    yield connected
    await connected.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def db_clock(database) -> DbClock:
    return DbClock(database)


@pytest.fixture(scope="session")
def origin() -> str:
    """Where the browser finds all of it."""
    return f"http://127.0.0.1:{free_port()}"


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def processes(
    servers, origin, slack_server, twilio_server, mail_server, hooks_server, push_server
) -> AsyncIterator[ServiceProcesses]:
    """All services, with the built front end and fake providers, behind a front door."""
    fakes = (slack_server, twilio_server, mail_server, hooks_server, push_server)
    environment = {name: value for fake in fakes for name, value in fake.environment.items()} | {
        "NIGHTOWL_WEB_DIR": str(await web.build()),
        "NIGHTOWL_PUBLIC_URL": origin,
        "NIGHTOWL_TRUSTED_PROXIES": "1",
        "NIGHTOWL_MASTER_KEYS": make_master_key("browser"),
        **FAST,
    }
    async with ServiceProcesses(servers, environment=environment) as running:
        services = {name: running.url(name) for name in SERVICES}
        door = FrontDoor(host="127.0.0.1", port=int(origin.rpartition(":")[2]), services=services)
        assert await door.start() == origin
        yield running
        await door.stop()
        assert running.dead() == []


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """The machine's Chromium; each context in it is a fresh profile."""
    expect.set_options(timeout=PATIENCE_MS)
    async with async_playwright() as driver:
        launched = await driver.chromium.launch(executable_path=browsers.ensure(), args=FLAGS)
        yield launched
        await launched.close()


@pytest.fixture(scope="session")
def hashed() -> str:
    """The password, as it is stored; made once, because it is slow to make."""
    return hash_password(PASSWORD)


@pytest.fixture
async def tenant(servers) -> str:
    """One that stays as it is: processes may still be busy with it when its test is over."""
    return await make_tenant(servers, new_slug())


@pytest.fixture
async def team(database, tenant, hashed) -> Team:
    """People, a roster, a policy and a service in a fresh tenant, which has a local admin with a password too."""
    async with database.global_tx() as tx:
        await insert_admin(tx, tenant=tenant, username=USERNAME, password_hash=hashed)
        admin = await load_admin(tx, tenant, USERNAME)
        assert admin is not None
        await set_password(tx, admin.id, hashed, must_change=False)
    return await seed_team(database, tenant)


@pytest.fixture
async def client(processes, origin, team) -> AsyncIterator[ApiClient]:
    """The tenant's API, to make what a page shall show."""
    async with ApiClient(ingest_url=origin, query_url=origin, key=team.key) as opened:
        yield opened


@pytest.fixture
def watch(origin) -> Watch:
    """What the test's pages do wrong; `watch.expect(pattern)` for what the test provokes."""
    return Watch(origin)


@pytest.fixture
def pictures(request) -> Path:
    """Where pictures go: `.pytest_cache/d/pictures`."""
    return request.config.cache.mkdir("pictures")


@pytest.fixture
async def open_page(request, processes, browser, origin, watch, pictures) -> AsyncIterator[OpenPage]:
    """Opens a page of a browser that has never been here, nobody signed in; keywords are options of its context.

    When the test is over, anything that the page should not have done fails it. A test that fails leaves a picture.
    """
    pages: list[Page] = []

    async def open_(**options: Any) -> Page:
        context = await browser.new_context(base_url=origin, **options)
        context.set_default_timeout(PATIENCE_MS)
        watch.over(context)
        page = await context.new_page()
        pages.append(page)
        return page

    yield open_
    for number, page in enumerate(pages):
        if request.node.stash.get(FAILED, False) and not page.is_closed():
            await picture(page, pictures / f"failed-{_plain(request.node.name)}-{number}.png")
        await page.context.close()
    assert watch.troubles() == []


@pytest.fixture
async def visitor(open_page) -> Page:
    """A page of somebody who has not signed in."""
    return await open_page()


@pytest.fixture
async def page(open_page, team) -> Page:
    """A page of the local admin of a fresh tenant, signed in."""
    opened = await open_page()
    await sign_in(opened, team)
    return opened


async def sign_in(page: Page, team: Team) -> None:
    """As the form does."""
    answer = await page.context.request.post(
        "/api/v1/auth/login", data={"tenant": team.tenant, "username": USERNAME, "password": PASSWORD}
    )
    assert answer.ok, await answer.text()


@pytest.fixture(scope="session")
def sign_in_person(database, origin) -> Callable[[BrowserContext, str, UUID], Awaitable[None]]:
    """Signs somebody of a tenant in, as single sign-on does at its end."""
    rules = SessionRules(is_secure=False)

    async def begin(context: BrowserContext, tenant: str, user_id: UUID) -> None:
        async with database.global_tx() as tx:
            begun = await begin_session(tx, rules, tenant=tenant, user_id=user_id)
        await context.add_cookies([
            {"name": rules.cookie, "value": begun.token, "url": origin, "httpOnly": True, "sameSite": "Lax"}
        ])  # fmt: skip

    return begin


@pytest.fixture
def sign_in_as(sign_in_person, team) -> Callable[[BrowserContext, UUID], Awaitable[None]]:
    """Signs a person of the test's team in."""
    return lambda context, user_id: sign_in_person(context, team.tenant, user_id)


@pytest.fixture
def axe() -> Callable[[Page], Awaitable[list[Violation]]]:
    """What breaks WCAG 2.2 A and AA on a page."""
    return violations


@pytest.fixture
def screenshot(pictures) -> Callable[[Page, str], Awaitable[Path]]:
    """Takes a picture of a page."""

    async def take(page: Page, name: str) -> Path:
        return await picture(page, pictures / f"{_plain(name)}.png")

    return take


def _plain(name: str) -> str:
    """Fit for a file's name."""
    return re.sub(r"[^\w.-]+", "-", name)
