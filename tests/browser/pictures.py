"""`just pictures`: every page in both themes, at a desk and on a phone, into `docs/pictures`, and `docs/tour.md` of them.

Not a test: pictures differ from run to run by the times that they show, so they are made by one command and looked at.
"""

import base64
import secrets
from pathlib import Path

import pytest
from filled import fill
from looking import LOOKS, SETTLED_JS
from places import PLACES
from playwright.async_api import Page, expect

from nightowl_testkit.builders import seed_team
from nightowl_testkit.client import ApiClient
from nightowl_testkit.servers import make_tenant

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]

DOCS = Path(__file__).parents[2] / "docs"
FOLDER = DOCS / "pictures"
QUALITY = 80


async def test_pictures(processes, servers, database, origin, browser, sign_in_person) -> None:
    """Writes them all, over those that are there."""
    tenant = await make_tenant(servers, f"t_{secrets.token_hex(6)}")
    team = await seed_team(database, tenant)
    FOLDER.mkdir(exist_ok=True)
    async with ApiClient(ingest_url=origin, query_url=origin, key=team.key) as client:
        it = await fill(client, team)
    for look, options in LOOKS.items():
        context = await browser.new_context(base_url=origin, **options)
        page = await context.new_page()
        await page.goto("/login")
        await _take(page, FOLDER / f"login-{look}.webp")
        await sign_in_person(context, tenant, team.carol_id)
        for name, path in PLACES.items():
            await page.goto(path(it))
            await expect(page.get_by_role("heading", level=1)).to_be_visible()
            await page.wait_for_function(SETTLED_JS)
            await _take(page, FOLDER / f"{name}-{look}.webp")
        await context.close()
    (DOCS / "tour.md").write_text(_tour())


def _tour() -> str:
    """Every page with its four pictures."""
    lines = ["# The tour", "", "Every page, at a desk and on a phone, dark and light. Made by `./dev pictures`.", ""]
    for name in ["login", *PLACES]:
        lines += [f"## {name.replace('-', ' ').capitalize()}", "", "<p>"]
        for look in LOOKS:
            width = 480 if look.endswith("desk") else 150
            alt = f"{name}, {look.replace('-', ', ')}"
            lines.append(f'<img alt="{alt}" src="pictures/{name}-{look}.webp" width="{width}">')
        lines += ["</p>", ""]
    return "\n".join(lines)


async def _take(page: Page, path: Path) -> None:
    """WebP, which the driver itself cannot write, is a third of PNG."""
    await page.evaluate("document.fonts.ready")
    session = await page.context.new_cdp_session(page)
    shot = await session.send("Page.captureScreenshot", {"format": "webp", "quality": QUALITY})
    path.write_bytes(base64.b64decode(shot["data"]))
    await session.detach()
