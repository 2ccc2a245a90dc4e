"""A night: a page arrives, is found, acknowledged, undone and resolved; by keys alone, and by touch alone."""

import asyncio
import re

import pytest
from looking import LOOKS
from playwright.async_api import Locator, Page, expect

from nightowl_testkit.builders import an_alertmanager_alert, an_alertmanager_payload

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

OVERTAKEN = "status of 412"
"""The engine may change the alert between the page's reading and its asking; the page reads anew and asks again."""

TITLE = "HighErrorRate"
LIVE = "Changes show here within a second."


@pytest.fixture
async def alice_page(open_page, team, sign_in_as):
    """Opens pages of Alice, who is on call."""

    async def open_(path: str, **options) -> Page:
        page = await open_page(**options)
        await sign_in_as(page.context, team.alice_id)
        await page.goto(path)
        await expect(page.get_by_role("heading", level=1)).to_be_visible()
        await expect(page.get_by_title(LIVE)).to_be_visible()
        return page

    return open_


async def fire(client, title: str = TITLE):
    receipt = await client.fire_alertmanager(
        an_alertmanager_payload(an_alertmanager_alert(title, labels={"service": "payments"})), wait_seconds=10
    )
    return receipt.alerts[0].alert_id


async def until_status(client, alert_id, status: str) -> None:
    """The server says so too; what the screen says was seen before."""
    for _ in range(100):
        if (await client.alert(alert_id)).status == status:
            return
    assert (await client.alert(alert_id)).status == status


async def assignee_of(page: Page, alert_id) -> dict[str, str] | None:
    """Who looks after it, as the server has it."""
    answer = await page.request.get(f"/api/v1/alerts/{alert_id}")
    return (await answer.json())["assignee"]


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=re.compile(name)).locator("visible=true").first


async def acknowledge_out_of_reach(page: Page, client, alert_id) -> None:
    """The press is kept over a reload and told on every page; it arrives once the way is back, and is undone there."""
    await page.route("**/acknowledge", lambda route: route.abort())
    await page.keyboard.press("a")
    unsent = page.get_by_role("alert").filter(has_text="not yet sent, escalation continues")
    await expect(unsent).to_be_visible()
    await page.reload()
    await expect(unsent).to_be_visible()
    assert (await client.alert(alert_id)).status == "firing"

    await page.keyboard.press("g")
    await page.keyboard.press("k")
    await expect(page.get_by_role("heading", level=1, name="Knowledge base")).to_be_visible()
    await expect(unsent).to_be_visible()
    await page.unroute("**/acknowledge")
    await expect(unsent).to_be_hidden()
    await until_status(client, alert_id, "acknowledged")
    await page.keyboard.press("u")
    await expect(page.get_by_text("was taken back")).to_be_visible()
    await until_status(client, alert_id, "firing")


async def test_a_page_is_found_acknowledged_undone_and_resolved_by_keys_alone(alice_page, client, watch):
    """From the first page to the end, without a pointer; on the way NightOwl cannot be reached for a moment."""
    watch.allow(OVERTAKEN)
    watch.expect("ERR_FAILED")
    page = await alice_page("/")

    alert_id = await fire(client)
    await expect(button(page, f"^Acknowledge {TITLE}")).to_be_visible()

    await acknowledge_out_of_reach(page, client, alert_id)

    await page.keyboard.press("g")
    await page.keyboard.press("a")
    await expect(page.get_by_role("heading", level=1, name="Alerts")).to_be_visible()
    row = page.get_by_role("row").filter(has=page.locator(f"[data-alert='{alert_id}']"))
    await expect(row).to_be_visible()
    await page.keyboard.press("j")
    await expect(page.locator(f"[data-alert='{alert_id}']")).to_be_focused()

    await page.keyboard.press("a")
    await expect(row.get_by_text("acknowledged", exact=True)).to_be_visible()
    await until_status(client, alert_id, "acknowledged")
    await expect(button(page, "^Undo")).to_be_visible()

    await page.keyboard.press("u")
    await expect(row.get_by_text("firing", exact=True)).to_be_visible()
    await until_status(client, alert_id, "firing")

    await page.keyboard.press("r")
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_label("What fixed it?")).to_be_visible()
    await dialog.get_by_label("What fixed it?").focus()
    await page.keyboard.type("Rolled the deploy back")
    await page.keyboard.press("Control+Enter")
    await expect(dialog).to_be_hidden()
    await until_status(client, alert_id, "resolved")
    assert [each.kind for each in await client.timeline(alert_id)].count("acknowledged") == 2


async def test_a_page_is_found_acknowledged_undone_and_resolved_by_touch_alone(alice_page, client, watch):
    """On a phone, with one thumb."""
    watch.allow(OVERTAKEN)
    page = await alice_page("/", **LOOKS["dark-phone"])

    alert_id = await fire(client)
    card = page.get_by_role("link", name=TITLE).first
    await expect(card).to_be_visible()
    await card.tap()
    await expect(page.get_by_role("heading", level=1)).to_contain_text(TITLE)

    await button(page, "^Acknowledge").tap()
    await until_status(client, alert_id, "acknowledged")
    await button(page, "^Undo").tap()
    await until_status(client, alert_id, "firing")

    thumb = page.get_by_role("group", name="What to do")
    await thumb.get_by_role("button", name="More").tap()
    await page.get_by_role("dialog").get_by_role("button", name=re.compile("^Resolve")).tap()
    await page.get_by_label("What fixed it?").fill("Rolled the deploy back")
    await page.get_by_role("dialog").get_by_role("button", name="Resolve", exact=True).tap()
    await until_status(client, alert_id, "resolved")


@pytest.mark.parametrize("width", [320, 390])
async def test_acknowledge_is_wholly_on_the_screen_of_a_phone(alice_page, client, width):
    """And as high as a thumb needs; nothing else lies over it."""
    alert_id = await fire(client)
    page = await alice_page(f"/alerts/{alert_id}", viewport={"width": width, "height": 640}, has_touch=True)
    acknowledge = button(page, "^Acknowledge")
    await expect(acknowledge).to_be_in_viewport(ratio=1)

    box = await acknowledge.bounding_box()

    assert box is not None
    assert box["height"] >= 44
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    on_top = await acknowledge.evaluate(
        "it => { const b = it.getBoundingClientRect(); return it.contains(document.elementFromPoint(b.x + b.width / 2, b.y + b.height / 2)); }"
    )
    assert on_top


@pytest.mark.parametrize("key", ["Control+r", "Meta+a", "Alt+e", "Control+u"])
async def test_keys_with_a_modifier_are_the_browsers(alice_page, client, key):
    """Reloading an alert's page changes nothing about the alert."""
    alert_id = await fire(client)
    page = await alice_page(f"/alerts/{alert_id}")
    before = await client.alert(alert_id)

    await page.keyboard.press(key)
    await page.wait_for_timeout(300)  # a reload has begun by then, and nothing that a key could do has not
    await expect(page.get_by_title(LIVE)).to_be_visible()

    after = await client.alert(alert_id)
    assert (after.status, after.version, after.tier) == (before.status, before.version, before.tier)
    await expect(page.get_by_role("dialog")).to_have_count(0)


async def test_keys_are_dead_while_one_types(alice_page, client):
    """An `a` in the search box acknowledges nothing."""
    alert_id = await fire(client)
    page = await alice_page("/alerts")
    await page.keyboard.press("j")

    await page.keyboard.press("/")
    await page.keyboard.type("area")

    assert (await client.alert(alert_id)).status == "firing"


async def test_the_palette_finds_goes_and_does(alice_page, client):
    """By Ctrl+K from anywhere, and back where one was on Escape. What it does can be undone like all else."""
    alert_id = await fire(client)
    page = await alice_page("/settings")

    await page.keyboard.press("Control+k")
    await expect(page.get_by_role("dialog")).to_be_visible()
    await page.keyboard.type(TITLE)
    await expect(page.get_by_role("option", name=re.compile(TITLE)).first).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)

    await page.keyboard.press("/")
    await page.keyboard.type(TITLE)
    await page.get_by_role("option", name=re.compile(TITLE)).first.click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text(TITLE)

    await page.keyboard.press("Control+k")
    await page.keyboard.type("assign to bo")
    await page.get_by_role("option", name="Assign to Bob").click()
    await expect(page.get_by_text(re.compile("^Assigned .* to Bob"))).to_be_visible()
    assert (await assignee_of(page, alert_id))["display_name"] == "Bob"
    await page.keyboard.press("u")
    await expect(page.get_by_text("was taken back")).to_be_visible()
    assert await assignee_of(page, alert_id) is None


async def test_what_is_typed_before_the_palette_is_there_is_the_palettes(alice_page, client):
    """Its code is still on its way: no key of the page behind does anything, and nothing of it is lost."""
    alert_id = await fire(client)
    page = await alice_page(f"/alerts/{alert_id}")
    await expect(page.get_by_role("heading", level=1)).to_contain_text(TITLE)
    held = asyncio.Event()

    async def hold(route):
        await held.wait()
        await route.continue_()

    await page.route(re.compile(r"/assets/palette-[\w-]+\.js"), hold)
    await page.reload()
    await expect(page.get_by_role("heading", level=1)).to_contain_text(TITLE)
    await page.keyboard.press("Control+k")
    await page.keyboard.type("a way")
    held.set()

    await expect(page.get_by_role("dialog").get_by_role("combobox")).to_have_value("a way")
    await page.keyboard.type(" home")
    await expect(page.get_by_role("dialog").get_by_role("combobox")).to_have_value("a way home")
    assert (await client.alert(alert_id)).status == "firing"


async def test_the_palette_finds_what_no_page_of_a_list_holds(alice_page, team, database):
    """The oldest of 201 rosters, by a part of its name; and who is on call for it is answered."""
    async with database.tenant_tx(team.tenant) as tx:
        await tx.execute(
            "INSERT INTO rosters (id, name, timezone, start_date) "
            "VALUES ('00000000-0000-7000-8000-000000000001', 'Needle 100%', 'UTC', '2026-01-05')"
        )
        await tx.execute(
            "INSERT INTO rosters (name, timezone, start_date) "
            "SELECT 'Hay ' || n, 'UTC', '2026-01-05' FROM generate_series(1, 200) AS n"
        )
    page = await alice_page("/settings")

    await page.keyboard.press("Control+k")
    await page.keyboard.type("100% nee")
    await page.get_by_role("option", name="Needle 100%").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Needle 100%")

    await page.keyboard.press("Control+k")
    await page.keyboard.type("who is on call for needle?")
    await expect(page.get_by_role("option", name="Needle 100%: nobody")).to_be_visible()
    await page.keyboard.press("Control+a")
    await page.keyboard.type("who is on call for straw?")
    await expect(page.get_by_role("option", name="No roster is called “straw”.")).to_be_visible()


async def test_five_thousand_open_alerts_are_counted_as_the_database_counts_them(alice_page, client, team, database):
    """The total, and the counts of the facets; and the last one can be scrolled to."""
    for start in range(0, 5_000, 50):
        batch = [
            an_alertmanager_alert(f"Problem{n % 7}", severity="warning", labels={"instance": f"host-{n}"})
            for n in range(start, start + 50)
        ]
        await client.fire_alertmanager(an_alertmanager_payload(*batch), wait_seconds=20 if start == 4_950 else None)
    async with database.tenant_tx(team.tenant) as tx:
        for _ in range(600):
            counted = await tx.fetchval("SELECT count(*) FROM alerts WHERE status = 'firing'")
            if counted == 5_000:
                break
            await tx.execute("SELECT pg_sleep(0.1)")
    assert counted == 5_000

    page = await alice_page("/alerts")

    await expect(page.get_by_text(re.compile(r"5,?000 alerts"))).to_be_visible()
    await expect(page.get_by_role("checkbox", name=re.compile(r"severity warning, 5,?000 alerts"))).to_be_visible()


async def test_whether_it_helped_is_asked_beside_the_answer(alice_page, client):
    """A no with a word why, which is on the timeline, and counted; undone it is neither a no nor a yes."""
    alert_id = await fire(client)
    made = await client.call("POST", f"/alerts/{alert_id}/promote", body={"solution": "Restart it"})
    incident = f"/incidents/{made.json()['id']}"
    page = await alice_page(f"/alerts/{alert_id}")
    question = page.get_by_role("group", name="Did this help?")

    await question.get_by_role("button", name="No").press("Enter")
    await page.get_by_label("What was wrong?").fill("wrong cluster")
    await page.get_by_label("What was wrong?").press("Enter")

    await expect(page.get_by_text(f"did not help: “{TITLE}” (wrong cluster)")).to_be_visible()
    await expect(page.get_by_text("0 of 1 say it helped")).to_be_visible()
    assert (await client.call("GET", incident)).json()["unhelpful_count"] == 1
    await question.get_by_role("button", name="No").press("Enter")
    await expect(page.get_by_label("What was wrong?")).to_be_hidden()
    assert (await client.call("GET", incident)).json()["unhelpful_count"] == 0
    await page.keyboard.press("u")
    await expect(page.get_by_label("What was wrong?")).to_have_value("wrong cluster")
