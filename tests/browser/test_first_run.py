"""The first day of a tenant: the page says what is still to be done, and sees what was done."""

import re
import secrets

import pytest
from playwright.async_api import expect

from nightowl_auth import hash_password, insert_admin
from nightowl_testkit.servers import make_tenant

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

FIRST = "the first password of this day"


@pytest.fixture
async def empty_tenant(servers, database):
    """As `nightowl tenant create` leaves it: one local admin who must change the password, and nothing else."""
    slug = await make_tenant(servers, f"t_{secrets.token_hex(6)}")
    async with database.global_tx() as tx:
        await insert_admin(tx, tenant=slug, username="admin", password_hash=hash_password(FIRST))
    return slug


async def test_from_an_empty_tenant_to_the_checklist(visitor, empty_tenant, watch):
    """The first password opens nothing but its change; then the checklist leads on, also who can never be paged."""
    watch.expect("status of 401")
    await visitor.goto("/")
    await visitor.get_by_label("Tenant").fill(empty_tenant)
    await visitor.get_by_label("User name").fill("admin")
    await visitor.get_by_label("Password").fill(FIRST)
    await visitor.get_by_role("button", name="Sign in", exact=True).click()

    await expect(visitor.get_by_role("heading", name="Choose a password")).to_be_visible()
    await visitor.get_by_label("Current password").fill(FIRST)
    await visitor.get_by_label("New password", exact=True).fill("owls see in the dark")
    await visitor.get_by_label("New password again").fill("owls see in the dark")
    await visitor.get_by_role("button", name="Change password").click()

    checklist = visitor.get_by_role("region", name=re.compile("^Before the first page"))
    await expect(checklist).to_be_visible()
    for step in ("Make a roster", "Write a policy", "Send a test alert"):
        await expect(checklist.get_by_text(step).first).to_be_visible()

    await visitor.goto("/settings?tab=reach")
    await visitor.get_by_role("link", name="Add people").click()
    await expect(visitor.get_by_role("button", name="Add a person").first).to_be_visible()
    await visitor.goto("/")
    await checklist.get_by_role("link", name="Who is reachable").click()
    await expect(visitor.get_by_role("heading", level=1, name="People")).to_be_visible()

    await visitor.goto("/rosters")
    await expect(visitor.get_by_role("link", name="New roster").first).to_be_visible()
    await visitor.goto("/alerts")
    await expect(visitor.get_by_text("curl").first).to_be_visible()
