"""Pages follow the server: whatever happens to the stream, the screen ends equal to the server, and the pill never lies."""

import asyncio
import re
from collections.abc import AsyncIterator

import nats
import pytest
from playwright.async_api import Locator, Page, expect

from nightowl_testkit.builders import an_alertmanager_alert, an_alertmanager_payload

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

LIVE = "Changes show here within a second."
NOT_LIVE = re.compile("may be old|may be seconds old|every 10 seconds|asked for anew|asks NightOwl")


@pytest.fixture
async def alerts_page(open_page, team, sign_in_as):
    async def open_(count: int = 1) -> list[Page]:
        first = await open_page(viewport={"width": 1440, "height": 900})
        await sign_in_as(first.context, team.alice_id)
        pages = [first, *[await first.context.new_page() for _ in range(count - 1)]]
        for page in pages:
            await page.goto("/alerts")
            await expect(page.get_by_role("heading", level=1, name="Alerts")).to_be_visible()
            await expect(page.get_by_title(LIVE)).to_be_visible()
        return pages

    return open_


@pytest.fixture
async def jetstream(servers) -> AsyncIterator[nats.js.JetStreamContext]:
    connection = await nats.connect(servers.nats_url)
    yield connection.jetstream()
    await connection.close()


async def fire(client, title: str):
    alert = an_alertmanager_alert(title, labels={"service": "payments", "instance": title})
    return (await client.fire_alertmanager(an_alertmanager_payload(alert), wait_seconds=10)).alerts[0].alert_id


def row_of(page: Page, alert_id) -> Locator:
    return page.get_by_role("row").filter(has=page.locator(f"[data-alert='{alert_id}']"))


async def shows(page: Page, title: str) -> None:
    await expect(page.get_by_role("main").get_by_text(title, exact=True).first).to_be_visible()


async def test_what_happens_is_on_the_screen_within_a_second_or_so(alerts_page, client):
    """A new alert comes, and its acknowledgement by somebody else."""
    (page,) = await alerts_page()

    alert_id = await fire(client, "Arrived")
    await shows(page, "Arrived")
    await client.acknowledge(alert_id)

    await expect(row_of(page, alert_id).get_by_text("acknowledged", exact=True)).to_be_visible()


async def test_an_api_that_is_killed_and_comes_back_costs_nothing(alerts_page, client, processes, watch):
    """The pill says so while it is away; what happened meanwhile is there afterwards."""
    watch.expect("status of 503|ERR_|Failed to")
    (page,) = await alerts_page()

    await processes.kill("query")
    await expect(page.get_by_title(NOT_LIVE)).to_be_visible()
    receipt = await client.fire_alertmanager(an_alertmanager_payload(an_alertmanager_alert("WhileAway")))
    assert receipt.alerts
    await processes.start("query")

    await expect(page.get_by_title(LIVE)).to_be_visible(timeout=45_000)
    await shows(page, "WhileAway")


async def test_a_log_that_was_trimmed_is_read_anew(alerts_page, client, processes, jetstream, watch):
    """The stream cannot tell what was missed, so the page asks for everything."""
    watch.expect("status of 503|ERR_|Failed to")
    (page,) = await alerts_page()
    await fire(client, "Before")
    await shows(page, "Before")

    await processes.kill("query")
    await client.fire_alertmanager(an_alertmanager_payload(an_alertmanager_alert("Missed")), wait_seconds=10)
    await jetstream.purge_stream("EVENTS")
    await processes.start("query")

    await expect(page.get_by_title(LIVE)).to_be_visible(timeout=45_000)
    await shows(page, "Missed")


async def test_two_tabs_share_one_stream_and_the_second_takes_over(alerts_page, client):
    """Browsers open few connections to a host; closing the tab that holds the stream leaves the other one live."""
    first, second = await alerts_page(2)
    streams: list[str] = []
    second.on("request", lambda call: streams.append(call.url) if "/api/v1/stream" in call.url else None)

    await fire(client, "ForBoth")
    await shows(first, "ForBoth")
    await shows(second, "ForBoth")
    assert streams == []

    await first.close()
    async with asyncio.timeout(30):
        while not streams:
            await second.wait_for_timeout(50)
    await expect(second.get_by_title(LIVE)).to_be_visible()
    await fire(client, "ForTheSecond")
    await shows(second, "ForTheSecond")


async def test_an_api_that_says_nothing_is_noticed_and_caught_up_with_first(alerts_page, client, processes, watch):
    """As in a tunnel: nothing is refused, nothing comes. The page asks anew, and only then says that it is live."""
    watch.allow("status of 503|ERR_|Failed to")
    (page,) = await alerts_page()

    processes.pause("query")
    await expect(page.get_by_title(NOT_LIVE)).to_be_visible(timeout=90_000)
    await client.fire_alertmanager(an_alertmanager_payload(an_alertmanager_alert("InTheTunnel")), wait_seconds=10)
    processes.resume("query")

    await expect(page.get_by_title(LIVE)).to_be_visible(timeout=60_000)
    await shows(page, "InTheTunnel")


async def test_a_tab_that_slept_asks_before_it_says_that_it_is_live(open_page, team, sign_in_as, client):
    """A laptop that was closed for ten minutes."""
    page = await open_page(viewport={"width": 1440, "height": 900})
    await sign_in_as(page.context, team.alice_id)
    await page.clock.install()
    await page.goto("/alerts")
    await expect(page.get_by_title(LIVE)).to_be_visible()
    asked: list[str] = []
    page.on("request", lambda call: asked.append(call.url) if "/api/v1/alerts" in call.url else None)

    await fire(client, "WhileAsleep")
    await page.clock.fast_forward("10:00")

    await expect(page.get_by_title(LIVE)).to_be_visible()
    await shows(page, "WhileAsleep")
    assert asked


async def test_a_thousand_events_a_second_end_in_the_servers_state(alerts_page, client, database, team):
    """A storm of repeats of 50 alerts, and one that is resolved in its midst; the page stays usable."""
    (page,) = await alerts_page()
    alerts = [an_alertmanager_alert(f"Storm{n}", severity="warning", labels={"instance": f"s{n}"}) for n in range(50)]
    await client.fire_alertmanager(an_alertmanager_payload(*alerts), wait_seconds=20)
    for _ in range(60):
        await client.fire_alertmanager(an_alertmanager_payload(*alerts))
    (one, *_) = await client.alerts(status="firing", limit="1")
    await client.resolve(one.id)

    await page.wait_for_function("document.querySelectorAll('[data-alert]').length > 3")
    await expect(page.get_by_title(LIVE)).to_be_visible(timeout=45_000)
    await page.get_by_role("searchbox", name="Search alerts").fill(one.title)
    await expect(row_of(page, one.id).get_by_text("resolved", exact=True)).to_be_visible()
    async with database.tenant_tx(team.tenant) as tx:
        firing = await tx.fetchval("SELECT count(*) FROM alerts WHERE status = 'firing'")
    assert firing == 49
