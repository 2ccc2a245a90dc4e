"""The page link as somebody sees it who was woken: on a phone, from a text message, without signing in."""

import re

import pytest
from playwright.async_api import Page, expect

from nightowl_common.ids import new_id
from nightowl_testkit.builders import an_alertmanager_alert, an_alertmanager_payload

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

LINK = re.compile(r"https?://\S+/p/\S+")
SCREENS = {"small phone": (320, 568), "phone": (390, 664), "desk": (1440, 900)}
"""What is left of the screen when the browser has taken its bars."""

SOLUTION = (
    "1. Look who holds the log back:\n   `psql -c 'select * from pg_replication_slots'`\n" + "2. Then wait.\n" * 40
)


async def test_a_link_from_a_text_message_answers_everything_and_acknowledges(
    open_page, client, team, database, fake_twilio, axe, screenshot
):
    """The answers and the whole button are on the screen at once, in each width and theme; then Bob sleeps on."""
    alert_id, link = await _texted(client, team, database, fake_twilio)
    phone = await open_page(viewport={"width": 390, "height": 664}, has_touch=True)

    await phone.goto(link)

    for name, (width, height) in SCREENS.items():
        await phone.set_viewport_size({"width": width, "height": height})
        await _fits(phone, height)
        for scheme in ("dark", "light"):
            await phone.emulate_media(color_scheme=scheme)
            await screenshot(phone, f"page-link-{name}-{scheme}")
            assert await axe(phone) == []
    await phone.set_viewport_size({"width": 390, "height": 664})
    await phone.get_by_role("button", name="Acknowledge").tap()
    await expect(phone.get_by_role("status")).to_have_text(
        "Acknowledged. The escalation has stopped. L2 will not be called: Bob would have been next."
    )
    await screenshot(phone, "page-link-done")
    assert await axe(phone) == []
    await expect(phone.get_by_role("button")).to_have_count(0)
    assert (await client.alert(alert_id)).status == "acknowledged"
    assert await phone.get_by_role("link", name="Open the alert").get_attribute("href") == f"/alerts/{alert_id}"


async def _texted(client, team, database, fake_twilio):
    """Alice wants texts, an alert that is known pages her: its id, and the link in the text."""
    async with database.tenant_tx(team.tenant) as tx:
        await tx.execute(
            "INSERT INTO notification_rules (user_id, high) VALUES ($1, $2)", team.alice_id, [{"channel": "sms"}]
        )
    alert = an_alertmanager_alert("HighErrorRate", labels={"service": "payments", "severity": "critical"})
    receipt = await client.fire_alertmanager(an_alertmanager_payload(alert), wait_seconds=10)
    alert_id, incident_id = receipt.alerts[0].alert_id, new_id()
    [message] = await fake_twilio.wait_for(lambda received: received.to == team.alice.phone, seconds=20)
    async with database.tenant_tx(team.tenant) as tx:
        await tx.execute(
            "INSERT INTO incidents (id, title, severity, root_cause, solution) "
            "VALUES ($1, 'Error rate after a failover', 'critical', 'A replica is dead', $2)",
            incident_id, SOLUTION,
        )  # fmt: skip
        await tx.execute(
            "UPDATE alerts SET matched_incident_id = $2, match_kind = 'fingerprint', match_score = 1 WHERE id = $1",
            alert_id,
            incident_id,
        )
    return alert_id, LINK.search(message.text).group()


async def _fits(page: Page, height: int) -> None:
    """Who is next and how the fix begins stand above the button, all of them on the screen, and nothing to the side."""
    button = await page.get_by_role("button", name="Acknowledge").bounding_box()
    command = await page.get_by_text("pg_replication_slots").bounding_box()
    next_up = await page.get_by_text(re.compile(r"^Bob in \d min \(.*\), L2$")).bounding_box()
    assert button["y"] + button["height"] <= height
    assert button["height"] >= 56
    assert next_up["y"] + next_up["height"] < command["y"] + 45 < button["y"]
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
