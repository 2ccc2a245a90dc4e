"""The front end in a browser: it is there, under its policy, at every address, and asks nobody else."""

import asyncio
import re

import pytest
from looking import LOOKS
from playwright.async_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


async def test_the_page_runs_under_its_policy(page):
    """Nothing that it needs is blocked, or the console would say so."""
    answer = await page.goto("/")

    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert answer.headers["cache-control"] == "no-cache"
    await expect(page.get_by_role("heading", level=1)).to_be_visible()


async def test_a_dialog_may_hold_the_page_still(page):
    """It writes a style sheet for that, which the policy must allow."""
    await page.goto("/")
    await expect(page.get_by_role("heading", level=1)).to_be_visible()

    await page.keyboard.press("?")

    await expect(page.get_by_role("dialog")).to_be_visible()
    assert await page.evaluate("getComputedStyle(document.body).overflow") == "hidden"


async def test_a_script_from_elsewhere_is_blocked(visitor, watch):
    """The policy is in force, not only sent; and the browser tells of it."""
    watch.expect("Content Security Policy")
    await visitor.goto("/login")

    ran = await visitor.evaluate(
        """() => new Promise((done) => {
            addEventListener("securitypolicyviolation", (event) => done(event.effectiveDirective), { once: true });
            const script = document.createElement("script");
            script.textContent = "window.owned = true";
            document.head.append(script);
            setTimeout(() => done("nothing was blocked"), 5000);
        })"""
    )

    assert ran == "script-src-elem"
    assert await visitor.evaluate("window.owned") is None


async def test_assets_are_kept_for_ever_and_come_packed(visitor):
    """All that the page loads from `/assets/`, each with a hash in its name."""
    assets = []
    visitor.on("response", lambda answer: assets.append(answer) if "/assets/" in answer.url else None)

    await visitor.goto("/login", wait_until="networkidle")

    assert {each.url.rpartition(".")[2] for each in assets} >= {"js", "css"}
    for each in assets:
        assert each.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert re.search(r"-[\w-]{8}\.\w+$", each.url)
        if each.url.endswith((".js", ".css")) and int(each.headers["content-length"]) > 2_000:
            assert each.headers["content-encoding"] in {"gzip", "br"}


async def test_an_unknown_path_is_the_app(page):
    """Which says itself that there is no such page."""
    answer = await page.goto("/no/such/page")

    assert answer.status == 200
    assert "script-src" in answer.headers["content-security-policy"]
    await expect(page.get_by_role("heading", level=1)).to_be_visible()


@pytest.mark.parametrize("path", ["/api/v1/nowhere", "/api/nowhere", "/assets/gone.js"])
async def test_an_unknown_path_of_the_api_is_a_problem(visitor, watch, path):
    """Also when a person opens it."""
    watch.expect("status of 404")

    answer = await visitor.goto(path)

    assert (answer.status, answer.headers["content-type"]) == (404, "application/problem+json")
    assert (await answer.json())["code"] == "not_found"


async def test_pages_of_others_stay(visitor):
    """The API document is query's own, the page link the notifier's; neither is the app."""
    document, link = [
        await visitor.context.request.get(path, headers={"Accept": "text/html"}) for path in ("/api/docs", "/p/forged")
    ]

    assert "<title>NightOwl API</title>" in await document.text()
    assert 'id="root"' not in await link.text()
    assert link.status in {400, 401, 403, 404, 410}


async def test_a_signed_in_page_asks_nobody_else(page, team):
    """Whatever it loads is from here: the watch fails the test otherwise."""
    asked = []
    page.on("request", lambda request: asked.append(request.url))

    await page.goto("/")
    await expect(page.get_by_role("navigation").first).to_be_visible()

    assert any("/api/v1/auth/me" in url for url in asked)


def _calls(urls):
    return [url[url.index("/api/") :] for url in urls if "/api/" in url]


@pytest.mark.parametrize(
    ("path", "questions"),
    [
        ("/", {"/api/v1/now"}),
        ("/alerts", {"/api/v1/alerts?sort=urgent&limit=100", "/api/v1/alerts/facets"}),
    ],
)
async def test_a_first_page_asks_before_its_scripts_have_come(page, path, questions):
    """And once: what the scripts ask for is what `early.js` has asked for."""
    asked, held = [], asyncio.Event()

    async def hold(route):
        await held.wait()
        await route.continue_()

    await page.route(re.compile(r"/assets/index-[\w-]+\.js"), hold)
    page.on("request", lambda request: asked.append(request.url))
    wanted = {"/api/v1/auth/me", *questions}
    opened = asyncio.create_task(page.goto(path))
    async with asyncio.timeout(20):
        while not wanted <= {*_calls(asked)}:
            await page.wait_for_event("request")
    held.set()
    await opened
    await expect(page.get_by_role("status").filter(has_text="Live. Changes show")).to_be_visible()

    calls = _calls(asked)
    assert {each: calls.count(each) for each in wanted} == dict.fromkeys(wanted, 1)


async def test_who_is_signed_out_is_asked_nothing_early(visitor):
    """A browser in which nobody was signed in asks no question that it gets no answer to."""
    asked = []
    visitor.on("request", lambda request: asked.append(request.url))

    await visitor.goto("/login", wait_until="networkidle")

    assert [each for each in asked if "/api/v1/auth/me" in each] == []


@pytest.mark.parametrize("look", LOOKS)
async def test_the_sign_in_page_can_be_used_by_everybody(open_page, axe, screenshot, look):
    """In both colours, at a desk and on a phone; nothing has to be scrolled sideways."""
    visitor = await open_page(**LOOKS[look])
    await visitor.goto("/login")
    await expect(visitor.get_by_role("heading", level=1)).to_be_visible()

    found = await axe(visitor)

    await screenshot(visitor, f"login-{look}")
    assert found == []
    assert await visitor.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_an_admin_signs_in_by_the_form(visitor, team, watch):
    """And is shown the app; the first question who this is has no answer yet."""
    watch.expect("status of 401")
    await visitor.goto("/")
    await visitor.get_by_label("Tenant").fill(team.tenant)
    await visitor.get_by_label("User name").fill("admin")
    await visitor.get_by_label("Password").fill("correct horse battery staple")

    await visitor.get_by_role("button", name="Sign in", exact=True).click()

    await expect(visitor.get_by_role("navigation").first).to_be_visible()
