"""The harness sees what it is for: each kind of trouble fails the test that did not ask for it."""

import pytest
from watching import Watch

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

TROUBLES = {
    "console: it broke": "console.error('it broke')",
    "not caught: .*lost": "setTimeout(() => { throw new Error('lost') })",
    "asked elsewhere: GET http://elsewhere.test/x": "fetch('http://elsewhere.test/x', { mode: 'no-cors' }).catch(() => {})",
}


@pytest.fixture
async def watched(browser, origin, processes):
    """A watch of its own, over a page without a policy, and that page."""
    watch, context = Watch(origin), await browser.new_context(base_url=origin)
    watch.over(context)
    page = await context.new_page()
    yield watch, page
    await context.close()


@pytest.mark.parametrize("pattern", TROUBLES)
async def test_a_trouble_is_seen_unless_it_was_expected(watched, pattern):
    """And an expected one that does not come is a trouble too."""
    watch, page = watched
    assert watch.troubles() == []

    await page.evaluate(TROUBLES[pattern])
    await page.wait_for_timeout(500)
    assert len(watch.troubles()) >= 1
    watch.expect(pattern)
    watch.expect("ERR_NAME_NOT_RESOLVED" if "elsewhere" in pattern else pattern)
    assert watch.troubles() == []

    watch.expect("never")
    assert watch.troubles() == ["expected, and did not happen: never"]


async def test_axe_sees_what_is_wrong(watched, axe):
    """A picture without words, in a page that is else well made."""
    _, page = watched
    await page.set_content("<html lang='en'><title>a</title><main><h1>a</h1><img src='data:,'></main>")

    found = await axe(page)

    assert [each.rule for each in found] == ["image-alt"]


async def test_people_sign_in_with_their_own_role(open_page, sign_in_as, team):
    """As single sign-on would leave them."""
    page = await open_page()
    await sign_in_as(page.context, team.alice_id)

    me = await (await page.context.request.get("/api/v1/auth/me")).json()

    assert (me["tenant"], me["user_id"], me["role"]) == (team.tenant, str(team.alice_id), "engineer")


async def test_the_clock_can_be_moved(db_clock, client):
    """For all services at once."""
    before = await db_clock.now()

    after = await db_clock.advance(hours=1)

    assert (after - before).total_seconds() >= 3_600
    assert await client.alerts() == []
