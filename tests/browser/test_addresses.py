"""Addresses: proved by who owns them with a code that travels over the real channel, vouched for by who plans."""

import re

import pytest
from playwright.async_api import Locator, expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

NUMBER = "+4915550000099"
SETTLED = re.compile("took it|did not answer")


@pytest.fixture
async def alice_page(open_page, team, sign_in_as):
    """Alice's phone, at her settings."""
    page = await open_page(viewport={"width": 390, "height": 844})
    await sign_in_as(page.context, team.alice_id)
    await page.goto("/settings?tab=reach")
    return page


async def until_taken(row: Locator) -> None:
    """As a person does: a code goes out once, and on a busy machine the provider may be asked for too short a time."""
    status = row.get_by_role("status")
    await expect(status).to_contain_text(SETTLED)
    if "did not answer" in await status.inner_text():
        await row.get_by_role("button", name="Send another code").click()
        await expect(status).to_contain_text("The provider took it")


async def test_a_person_proves_a_number_by_the_code_that_came_to_it(
    alice_page, team, database, fake_twilio, watch, axe
):
    """A wrong code says how many tries are left; the right one makes it an address that is paged."""
    watch.expect("status of 422")
    await alice_page.get_by_role("button", name="Add an address").click()
    dialog = alice_page.get_by_role("dialog")
    await dialog.get_by_label("Way").select_option("sms")
    await dialog.get_by_label("Address").fill(NUMBER)
    await dialog.get_by_role("button", name="Add and send a code").click()

    row = alice_page.get_by_role("listitem").filter(has_text=NUMBER)
    typed = row.get_by_label(f"Code from {NUMBER}")
    await until_taken(row)
    heard = fake_twilio.received[-1]
    [code] = re.findall(r"\b\d{6}\b(?= is your code)", heard.text)
    assert await axe(alice_page) == []

    await typed.fill(f"{(int(code) + 1) % 1_000_000:06}")
    await row.get_by_role("button", name=f"Verify {NUMBER} with this code").click()
    await expect(row.get_by_text("4 tries are left")).to_be_visible()
    await typed.fill(f"{code[:3]} {code[3:]}")
    await typed.press("Enter")

    await expect(row.get_by_text("verified", exact=True)).to_be_visible()
    await expect(row.get_by_role("button", name="Send a test page")).to_be_visible()
    assert heard.to == NUMBER
    async with database.tenant_tx(team.tenant) as tx:
        verified = "SELECT verified_at IS NOT NULL FROM contact_methods WHERE user_id = $1 AND address = $2"
        assert await tx.fetchval(verified, team.alice_id, NUMBER)


async def test_who_plans_sees_where_somebody_is_reached_and_vouches(open_page, team, sign_in_as, fake_mail, axe):
    """From the list of people to the addresses of one; what is marked gets a test page, and the list says so."""
    page = await open_page(viewport={"width": 1440, "height": 900})
    await sign_in_as(page.context, team.carol_id)
    await page.goto("/admin/users")
    await page.get_by_role("link", name="Bob").click()
    await expect(page.get_by_role("heading", level=1, name="Bob")).to_be_visible()
    mail = page.get_by_role("listitem").filter(has_text="Mail")
    assert await axe(page) == []

    await mail.get_by_role("button", name=re.compile("^Mark as verified")).click()
    await expect(mail.get_by_text("verified", exact=True)).to_be_visible()
    await mail.get_by_role("button", name="Send a test page").click()
    [heard] = await fake_mail.wait_for(1, seconds=20)
    await expect(mail.get_by_role("status")).to_contain_text("The provider took it")
    assert "This is a test page" in heard.text

    await page.goto("/admin/users")
    await expect(page.get_by_role("row").filter(has_text="Bob").get_by_text("mail", exact=True)).to_be_visible()
