"""Planning: a roster is made, a gap in it closed by drag and again by keys, a policy published and found in the audit."""

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
async def carol_page(open_page, team, sign_in_as):
    """Opens pages of Carol, who plans; her browser is in New York."""

    async def open_(path: str, zone: str = "America/New_York") -> Page:
        page = await open_page(viewport={"width": 1440, "height": 900}, timezone_id=zone)
        await sign_in_as(page.context, team.carol_id)
        await page.goto(path)
        await expect(page.get_by_role("heading", level=1)).to_be_visible()
        return page

    return open_


async def test_a_roster_is_made_step_by_step(carol_page, client, team):
    """People, pattern, handoff, policy, six weeks to look at, a test page to who takes turns; then it is there."""
    mail = {"kind": "email", "address": "bob@acme.example", "is_verified": True}
    await client.call("POST", f"/users/{team.bob_id}/contact-methods", body=mail)
    page = await carol_page("/rosters")
    await page.get_by_role("link", name="New roster").first.click()

    await page.get_by_label("Name").fill("Database")
    await page.get_by_label("Add a person").select_option(str(team.bob_id))
    await page.get_by_label("Add a person").select_option(str(team.carol_id))
    for step in ("pattern", "handoff", "policy", "preview"):
        await page.get_by_role("button", name=f"Next: {step}").click()
    await expect(page.get_by_text("2 people in turn: Bob, Carol")).to_be_visible()
    await page.get_by_role("button", name="Create roster").click()
    bob = page.get_by_role("listitem").filter(has_text="Bob").last
    await bob.get_by_role("button", name="Send a test page").first.click()
    await expect(bob.get_by_role("status").first).to_contain_text("The provider took it")
    await page.get_by_role("button", name="Go to the roster").click()

    await expect(page.get_by_role("heading", level=1, name="Database")).to_be_visible()
    listed = (await client.call("GET", "/rosters")).json()["items"]
    (made,) = [each for each in listed if each["name"] == "Database"]
    detail = (await client.call("GET", f"/rosters/{made['id']}")).json()
    assert [each["display_name"] for each in detail["members"]] == ["Bob", "Carol"]
    assert made["timezone"] == "America/New_York"


async def overrides(client, roster_id) -> list[dict]:
    return (await client.call("GET", f"/rosters/{roster_id}")).json()["overrides"]


@pytest.fixture
async def night_gap(client, team, db_clock):
    """The team's roster with nobody from 20:00 to 08:00: a gap each night."""
    answer = await client.call("GET", f"/rosters/{team.roster_id}")
    roster = answer.json()
    names = ("name", "description", "timezone", "rotation_days", "handoff_time", "start_date")
    content = {name: roster[name] for name in names} | {"active_from": "08:00", "active_until": "20:00"}
    changed = await client.call(
        "PUT", f"/rosters/{team.roster_id}", body=content, headers={"If-Match": answer.headers["etag"]}
    )
    assert changed.status == 200, changed.body


async def test_a_gap_is_closed_by_drag(carol_page, client, team, night_gap):
    """A span is drawn on the row of overrides; the form shows both zones, the preview what changes; undo takes it back."""
    page = await carol_page(f"/rosters/{team.roster_id}")
    grid = page.get_by_role("grid", name=re.compile("^Schedule of"))
    track = grid.get_by_role("row").nth(1).locator("[data-track]")
    await track.scroll_into_view_if_needed()
    box = await track.bounding_box()
    assert box is not None
    y = box["y"] + box["height"] / 2

    await page.mouse.move(box["x"] + box["width"] * 0.4, y)
    await page.mouse.down()
    await page.mouse.move(box["x"] + box["width"] * 0.45, y, steps=8)
    await page.mouse.move(box["x"] + box["width"] * 0.5, y, steps=8)
    await page.mouse.up()

    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Person").select_option(str(team.bob_id))
    await dialog.get_by_role("button", name="Save override").click()
    await expect(dialog).to_be_hidden()
    (made,) = await overrides(client, team.roster_id)
    assert made["user"]["id"] == str(team.bob_id)

    await page.get_by_role("button", name=re.compile("^Undo")).click()
    await expect(page.get_by_text("Undone.")).to_be_visible()
    assert await overrides(client, team.roster_id) == []


async def test_a_gap_is_closed_by_keys(carol_page, client, team, night_gap):
    """The grid of the coverage is walked by arrows; Enter on a gap opens the form, filled in with it."""
    page = await carol_page("/rosters", zone="Europe/Berlin")
    grid = page.get_by_role("grid", name=re.compile("^Coverage by day and hour"))
    await grid.get_by_role("gridcell").first.focus()
    for _ in range(3):
        await page.keyboard.press("ArrowDown")
    await page.keyboard.press("End")
    await page.keyboard.press("Enter")

    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_label("From")).to_have_value(re.compile(r"T20:00"))
    await dialog.get_by_label("Person").focus()
    await page.keyboard.type("Bob")
    await dialog.get_by_role("button", name="Save override").focus()
    await page.keyboard.press("Enter")
    await expect(dialog).to_be_hidden()

    (made,) = await overrides(client, team.roster_id)
    starts, ends = (datetime.fromisoformat(made[name]).astimezone(BERLIN) for name in ("starts_at", "ends_at"))
    assert (starts.hour, ends.hour) == (20, 8)
    assert ends - starts == timedelta(hours=12)
    assert made["user"]["id"] == str(team.bob_id)


async def test_an_override_keeps_the_rosters_zone(carol_page, client, team):
    """09:00 to 17:00, typed in New York on a roster of Berlin, is 09:00 to 17:00 in Berlin, and the form says so."""
    page = await carol_page(f"/rosters/{team.roster_id}")
    await page.get_by_role("button", name="New override").first.click()
    dialog = page.get_by_role("dialog")
    day = (datetime.now(BERLIN) + timedelta(days=3)).date()

    await dialog.get_by_label("Person").select_option(str(team.bob_id))
    await dialog.get_by_label("From").fill(f"{day}T09:00")
    await dialog.get_by_label("Until").fill(f"{day}T17:00")
    await expect(dialog.get_by_text("From (Europe/Berlin)")).to_be_visible()
    await expect(dialog.get_by_text(re.compile("for you .* 03:00")).first).to_be_visible()
    await dialog.get_by_role("button", name="Save override").click()
    await expect(dialog).to_be_hidden()

    (made,) = await overrides(client, team.roster_id)
    for name, hour in (("starts_at", 9), ("ends_at", 17)):
        at = datetime.fromisoformat(made[name]).astimezone(BERLIN)
        assert (at.date(), at.hour, at.minute) == (day, hour, 0)


ZONES = ("Pacific/Auckland", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe")


def clock_changes(zone: str) -> list[date]:
    """The next two days on which the zone's clock is set, or tomorrow where it never is."""
    begin = datetime.now(ZoneInfo(zone)).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    days = [(begin + timedelta(days=n)).date() for n in range(366)]
    offsets = [
        datetime.combine(day, time(), ZoneInfo(zone)).utcoffset() for day in [*days, days[-1] + timedelta(days=1)]
    ]
    return [day for day, now, after in zip(days, offsets, offsets[1:], strict=False) if now != after][:2] or days[:1]


@pytest.mark.parametrize("zone", ZONES)
async def test_nights_on_which_the_clock_is_set_are_stored_as_they_are_meant(carol_page, client, team, zone):
    """From 01:00 to 05:00 by the roster's clock: three hours or five, or three and a half on Lord Howe."""
    answer = await client.call("GET", f"/rosters/{team.roster_id}")
    names = ("name", "description", "rotation_days", "handoff_time", "start_date")
    content = {name: answer.json()[name] for name in names} | {"timezone": zone}
    changed = await client.call(
        "PUT", f"/rosters/{team.roster_id}", body=content, headers={"If-Match": answer.headers["etag"]}
    )
    assert changed.status == 200, changed.body
    page = await carol_page(f"/rosters/{team.roster_id}", zone="Asia/Tokyo")

    for day in clock_changes(zone):
        await page.get_by_role("button", name="New override").first.click()
        dialog = page.get_by_role("dialog")
        await dialog.get_by_label("Person").select_option(str(team.bob_id))
        await dialog.get_by_label("From").fill(f"{day}T01:00")
        await dialog.get_by_label("Until").fill(f"{day}T05:00")
        await dialog.get_by_role("button", name="Save override").click()
        await expect(dialog).to_be_hidden()

    stored = sorted((each["starts_at"], each["ends_at"]) for each in await overrides(client, team.roster_id))
    meant = [tuple(datetime.combine(day, time(hour), ZoneInfo(zone)) for hour in (1, 5)) for day in clock_changes(zone)]
    assert [tuple(map(datetime.fromisoformat, each)) for each in stored] == [
        tuple(at.astimezone(UTC) for at in each) for each in meant
    ]


async def ask_to_swap(page: Page, team) -> None:
    """Alice's own shift that runs or comes next, for nothing in return, by the session of her page."""
    me = await (await page.context.request.get("/api/v1/auth/me")).json()
    now = datetime.now(UTC)
    span = {"from": now.isoformat(), "to": (now + timedelta(days=40)).isoformat()}
    answer = await page.context.request.get(f"/api/v1/rosters/{team.roster_id}/schedule", params=span)
    own = next(each for each in (await answer.json())["items"] if each["user"]["id"] == str(team.alice_id))
    order = {
        "colleague_id": str(team.bob_id),
        "gives_from": own["starts_at"],
        "gives_until": own["ends_at"],
        "note": "Zürich",
    }
    asked = await page.context.request.post(
        f"/api/v1/rosters/{team.roster_id}/swaps", data=order, headers={"X-CSRF-Token": me["csrf_token"]}
    )
    assert asked.ok, await asked.text()


async def test_a_request_to_swap_reaches_the_colleague_and_its_answer_who_asked(open_page, client, team, sign_in_as):
    """On Now, while it is open, with a count beside the rosters; the answer stays until it is seen."""
    alice, bob = await open_page(), await open_page(viewport={"width": 390, "height": 844})
    for page, person in ((alice, team.alice_id), (bob, team.bob_id)):
        await sign_in_as(page.context, person)
        await page.goto("/")
        await expect(page.get_by_role("heading", name="On call now")).to_be_visible()

    await ask_to_swap(alice, team)
    await expect(bob.get_by_role("navigation", name="Main places").get_by_text("1 swap to look at")).to_be_attached()
    await expect(bob.get_by_text("“Zürich”")).to_be_visible()
    await bob.get_by_role("button", name="Accept the request of Alice").click()
    await expect(bob.get_by_role("heading", name="Swaps (1)")).to_be_hidden()
    (made,) = await overrides(client, team.roster_id)
    assert made["user"]["id"] == str(team.bob_id)

    await expect(alice.get_by_text("Bob accepted your request")).to_be_visible()
    await expect(alice.get_by_role("link", name=re.compile("^Rosters.*1 swap to look at"))).to_be_visible()
    await alice.get_by_role("button", name="I have seen the answer of Bob").click()
    await expect(alice.get_by_role("link", name="Rosters", exact=True)).to_be_visible()


async def test_a_member_is_moved_after_a_look_and_back(carol_page, client, team):
    """The preview tells who gains and who loses before anything is saved; undo restores the order."""

    async def order() -> list[str]:
        members = (await client.call("GET", f"/rosters/{team.roster_id}")).json()["members"]
        return [each["display_name"] for each in members]

    page = await carol_page(f"/rosters/{team.roster_id}?tab=members")
    await page.get_by_role("button", name="Move Bob up").click()
    dialog = page.get_by_role("dialog")
    await expect(
        dialog.get_by_role("table", name="Hours of each person, before and after").get_by_role("row")
    ).to_have_count(3)
    assert await order() == ["Alice", "Bob"]
    await dialog.get_by_role("button", name="Move", exact=True).click()
    await expect(page.get_by_text("Bob is now number 1.")).to_be_visible()
    assert await order() == ["Bob", "Alice"]

    await page.get_by_role("button", name=re.compile("^Undo")).click()
    await expect(page.get_by_text("Undone.")).to_be_visible()
    assert await order() == ["Alice", "Bob"]


async def test_a_policy_is_published_and_found_in_the_audit(carol_page, client, team):
    """With a new rung; the log tells who did it, and field by field what changed."""
    page = await carol_page(f"/policies/{team.policy_id}")
    await page.get_by_role("tab", name="Edit").click()
    await page.get_by_label("Description").fill("Zuerst die Plattform, dann 東京 und Zürich")
    await page.get_by_label("Minutes until the next rung").first.fill("7")
    await page.get_by_role("button", name="Publish").click()
    await expect(page.get_by_text("Version 2 is in force.")).to_be_visible()

    policy = (await client.call("GET", f"/policies/{team.policy_id}")).json()
    assert (policy["version"], policy["tiers"][0]["timeout_minutes"]) == (2, 7)

    await page.goto("/admin/audit?entity=policy")
    entry = page.get_by_role("listitem").filter(has_text="Carol").first
    await entry.get_by_role("button").click()
    await expect(entry.get_by_text("Zuerst die Plattform, dann 東京 und Zürich")).to_be_visible()


async def test_an_untouched_save_sends_nothing(carol_page, team):
    """Saving settings as they are changes neither description nor revision."""
    page = await carol_page(f"/rosters/{team.roster_id}?tab=settings")
    changes: list[str] = []
    page.on("request", lambda call: changes.append(call.url) if call.method in {"PUT", "PATCH", "POST"} else None)

    save = page.get_by_role("button", name=re.compile("^Save"))
    await expect(save).to_be_visible()
    if await save.is_enabled():
        await save.click()
        await expect(page.get_by_text(re.compile("[Nn]othing (was|has) changed"))).to_be_visible()

    assert [url for url in changes if "/preview" not in url] == []
