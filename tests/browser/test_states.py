"""Every page in every state it can be in, both themes, at a desk and on a phone.

Whatever the state: nobody is shut out (axe), nothing must be scrolled sideways, nothing fails unseen, and the page has
a heading and a title of its own. A page whose calls fail says so, and never looks like an empty one.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from uuid import UUID

import pytest
import pytest_asyncio
from dialogs import DIALOGS
from filled import Filled, bury, fill
from looking import LOOKS, SETTLED_JS, violations
from places import OF_ONE, PLACES, tabs_of
from playwright.async_api import BrowserContext, Page, Route, expect
from watching import Watch

from nightowl_common import clock
from nightowl_common.bus import Bus
from nightowl_testkit.builders import CAROL, insert_person, seed_team
from nightowl_testkit.client import ApiClient
from nightowl_testkit.servers import make_tenant

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

IDENTITY = "/api/v1/auth/"

Handler = Callable[[Route], Awaitable[None]]


def refusal(status: int, code: str, title: str) -> Handler:
    """Answers every call of the page as the API refuses."""

    async def refuse(route: Route) -> None:
        body = {
            "title": title,
            "status": status,
            "code": code,
            "detail": f"{title}.",
            "request_id": "req-of-the-test",
            "errors": [],
        }
        await route.fulfill(status=status, content_type="application/problem+json", json=body)

    return refuse


async def never(_route: Route) -> None:
    """The answer does not come."""
    await asyncio.Event().wait()


STATES: dict[str, Handler | None] = {
    "filled": None,
    "empty": None,
    "failed": refusal(500, "internal", "Something went wrong"),
    "forbidden": refusal(403, "forbidden", "Your role does not allow this"),
    "slow": never,
}

CASES = [("filled", look) for look in LOOKS] + [
    (state, look) for state in ("empty", "failed", "forbidden", "slow") for look in ("dark-desk", "light-phone")
]
"""All looks when they are filled; else one of each width and of each theme."""

OVERLAPPING = """() => {
    const rows = [...document.querySelectorAll("[role=table] [role=row]")].map((row) => row.getBoundingClientRect()).sort((one, two) => one.top - two.top);
    return rows.filter((row, place) => place > 0 && row.top < rows[place - 1].bottom - 1).map((row) => Math.round(row.top));
}"""
"""Rows of drawn tables that lie over the row before them, by where they begin."""

TABS_IN = {("filled", "dark-desk"), ("filled", "light-phone"), ("empty", "light-phone"), ("failed", "light-phone")}
"""Tabs share the frame of their page, and so are visited once of each width, empty and failed.

Those of one thing are visited where they are filled: else their page is not there, or fails before its tabs.
"""

OUTSIDE = """() => {
    const dialog = document.querySelector("[role=dialog], [role=alertdialog]");
    const { left, top, right, bottom } = dialog.getBoundingClientRect();
    return { left: Math.min(0, left), top: Math.min(0, top), right: Math.max(0, right - innerWidth), bottom: Math.max(0, bottom - innerHeight), inside: dialog.scrollWidth - dialog.clientWidth };
}"""
"""How far a dialog reaches out of the window on each side, and its content out of it sideways."""

NOWHERE = {"left": 0, "top": 0, "right": 0, "bottom": 0, "inside": 0}

CALLS_NOTHING = {
    "tenants",
    "not-found",
    "about",
    "settings",
    "roster-new",
    "policy-new",
    "knowledge-new",
    "settings-screen",
}
"""Pages that can be whole without an answer of the API."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def filled(processes, servers, database, origin) -> AsyncIterator[tuple[Filled, ApiClient]]:
    tenant = await make_tenant(servers, f"t_{secrets.token_hex(6)}")
    team = await seed_team(database, tenant)
    bus = await Bus.connect(servers.nats_url, service="tests", on_closed=lambda: None)
    await bury(bus, tenant)
    await bus.close()
    async with ApiClient(ingest_url=origin, query_url=origin, key=team.key) as client:
        yield await fill(client, team), client


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def empty(servers, database) -> tuple[str, UUID]:
    """A tenant with one person, and nothing else."""
    tenant = await make_tenant(servers, f"t_{secrets.token_hex(6)}")
    async with database.tenant_tx(tenant) as tx:
        return tenant, await insert_person(tx, CAROL)


@pytest.fixture
async def admin_page(browser, origin, filled, empty, sign_in_person) -> AsyncIterator[Callable[..., Awaitable[Page]]]:
    contexts: list[BrowserContext] = []

    async def open_(watch: Watch, look: str, *, is_empty: bool) -> Page:
        context = await browser.new_context(base_url=origin, **LOOKS[look])
        contexts.append(context)
        it = filled[0]
        await sign_in_person(context, *(empty if is_empty else (it.tenant, it.person_id)))
        watch.over(context)
        return await context.new_page()

    yield open_
    for context in contexts:
        await context.unroute_all(behavior="ignoreErrors")
        await context.close()


@pytest.mark.parametrize(("state", "look"), CASES, ids=lambda value: value)
async def test_every_page_holds_in_every_state(filled, admin_page, origin, state, look, subtests, screenshot):
    """One browser visits all pages one after the other."""
    watch, it = Watch(origin), filled[0]
    page = await admin_page(watch, look, is_empty=state == "empty")
    if STATES[state] is not None:
        await page.route(lambda url: "/api/v1/" in url and IDENTITY not in url, STATES[state])
        watch.expect(r"status of (500|403)|ERR_|stream") if state != "slow" else None
    places = {name: path(it) for name, path in PLACES.items() if state != "empty" or name not in OF_ONE}
    if (state, look) in TABS_IN:
        places |= tabs_of(it, of_one=state == "filled")
    for name, path in places.items():
        with subtests.test(name):
            await page.goto(path, wait_until="domcontentloaded")
            await expect(page.get_by_role("heading", level=1)).to_be_visible()
            if state != "slow":
                await page.wait_for_function(SETTLED_JS)
            await screenshot(page, f"{name}-{state}-{look}")
            assert [(each.rule, each.where) for each in await violations(page)] == []
            assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
            assert await page.evaluate(OVERLAPPING) == []
            assert (await page.title()).endswith("· NightOwl")
            await _says_what_it_is(page, name, state)
    assert [each for each in watch.troubles() if not each.startswith("expected")] == []


async def test_every_dialog_stays_inside_a_phone(filled, admin_page, origin, subtests):
    """Of 390 pixels, and of 320 and low: none of it is out of reach, and nothing in it must be scrolled sideways."""
    watch, it = Watch(origin), filled[0]
    page = await admin_page(watch, "dark-phone", is_empty=False)
    for title, (path, pressed) in DIALOGS.items():
        with subtests.test(title):
            await page.set_viewport_size({"width": 390, "height": 844})
            await page.goto(path(it), wait_until="domcontentloaded")
            for name in pressed:
                here = page.locator("main, [role=dialog], [role=menu]")
                await here.get_by_role("button", name=name).or_(here.get_by_role("menuitem", name=name)).first.click()
            dialog = page.get_by_role("dialog", name=title)
            await expect(dialog).to_be_visible()
            for width, height in ((390, 844), (320, 568)):
                await page.set_viewport_size({"width": width, "height": height})
                assert await page.evaluate(OUTSIDE) == NOWHERE
                await expect(dialog.get_by_role("button", name="Close", exact=True)).to_be_in_viewport()
    assert watch.troubles() == []


async def test_the_audit_shows_every_script_right(filled, admin_page, origin):
    """Dashes, umlauts, ideographs and emoji, as somebody wrote them."""
    client, words = filled[1], "Zürich — 東京, Ωmega “später” 🦉"
    ends_at = (clock.utc_now() + timedelta(days=300)).isoformat()  # other tests have moved the database's clock on
    matchers = [{"name": "service", "op": "=", "value": "none"}]
    made = await client.call("POST", "/silences", body={"matchers": matchers, "ends_at": ends_at, "comment": words})
    assert made.status == 201, made.body
    page = await admin_page(Watch(origin), "dark-desk", is_empty=False)

    await page.goto("/admin/audit?entity=silence")
    newest = page.get_by_role("main").get_by_role("listitem").first
    await newest.get_by_role("button").click()

    await expect(newest.get_by_text(words, exact=True)).to_be_visible()


async def test_exact_times_are_told_by_touch_and_by_keys(admin_page, origin):
    """By a finger on the time; by the focus on a time that stands alone, and on anything in a row that has times.

    No time in a row of the list is a stop of its own.
    """
    page = await admin_page(Watch(origin), "light-phone", is_empty=False)
    tip = page.locator("[data-time-tip]")
    await page.goto("/status")
    alone = page.get_by_role("main").locator("dd [data-instant]").first
    title = await alone.get_attribute("title")
    assert title is not None

    await alone.tap()
    await expect(tip).to_have_text(title)
    await page.keyboard.press("Escape")
    await expect(tip).to_have_count(0)
    await alone.blur()
    await alone.focus()
    await expect(tip).to_have_text(title)

    await page.goto("/alerts")
    row = page.get_by_role("row").filter(has=page.locator("[data-instant]")).first
    await expect(row).to_be_visible()
    await page.keyboard.press("Shift")
    await row.get_by_role("link").focus()
    began = await row.locator("[data-instant]").first.get_attribute("title")
    assert began is not None
    await expect(tip).to_contain_text(began)
    await expect(page.locator("[role=row] [data-instant][tabindex]")).to_have_count(0)


async def _says_what_it_is(page: Page, name: str, state: str) -> None:
    if name in CALLS_NOTHING:
        return
    main = page.get_by_role("main")
    if state == "failed":
        await expect(main.get_by_text("could not be loaded").first).to_be_visible()
        await expect(main.get_by_text("req-of-the-test").first).to_be_visible()
    elif state == "forbidden":
        await expect(main.get_by_text("not for your role").first).to_be_visible()
    elif state == "slow":
        await expect(main.get_by_text("loading").first).to_be_attached()
