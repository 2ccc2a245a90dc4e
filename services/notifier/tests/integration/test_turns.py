"""Whose turn it is: critical pages first, and no tenant stands in another one's way. Told by order, never by speed."""

import pytest

from nightowl_testkit.fakes import RateLimited, Slow

pytestmark = pytest.mark.integration


def texts_to(fake, *addresses):
    """Addresses of what was received, in order."""
    return [each.to for each in fake.received if each.to in addresses]


@pytest.mark.parametrize("hint", [True, False], ids=["hinted", "due"])
async def test_a_critical_page_does_not_stand_behind_a_storm(scene, notifier, fake_slack, db_clock, hint):
    """It is owed last, while slow warnings fill the channel, and does not arrive last."""
    await notifier(NIGHTOWL_CHANNEL_WORKERS="2")
    crowd = [await scene.person() for _ in range(6)]
    waiting = [each.slack for each in crowd]
    fake_slack.script(Slow(0.8), when=lambda each: each.to in waiting, forever=True)
    boss = await scene.person()

    storm = [await scene.owe_one(each.over("slack_dm"), hint=hint, severity="warning") for each in crowd]
    urgent = await scene.owe_one(boss.over("slack_dm"), hint=hint)
    await db_clock.advance(seconds=11)
    await scene.until(urgent, "sent")
    for each in storm:
        await scene.until(each, "sent")

    order = texts_to(fake_slack, boss.slack, *waiting)
    assert len(order) == 7
    assert order.index(boss.slack) < 6


@pytest.mark.parametrize("hint", [True, False], ids=["hinted", "due"])
async def test_a_tenants_storm_leaves_half_of_a_channel_to_its_neighbours(
    scene, neighbour, notifier, fake_slack, db_clock, hint
):
    """Their page is owed last and does not arrive last; nothing of the storm is lost."""
    await notifier(NIGHTOWL_CHANNEL_WORKERS="2")
    crowd = [await scene.person() for _ in range(6)]
    waiting = [each.slack for each in crowd]
    fake_slack.script(Slow(0.8), when=lambda each: each.to in waiting, forever=True)
    theirs = await neighbour.person()

    storm = [await scene.owe_one(each.over("slack_dm"), hint=hint) for each in crowd]
    page = await neighbour.owe_one(theirs.over("slack_dm"), hint=hint)
    await db_clock.advance(seconds=11)
    await neighbour.until(page, "sent")
    for each in storm:
        await scene.until(each, "sent")

    order = texts_to(fake_slack, theirs.slack, *waiting)
    assert len(order) == 7
    assert order.index(theirs.slack) < 6


async def test_a_rate_limited_tenant_makes_nobody_late(scene, neighbour, notifier, fake_slack, fake_twilio, db_clock):
    """Slack answers 429 for 30 s: without a move of the clock its texts and all of the neighbour's pages go out."""
    await notifier()
    crowd, texted = [await scene.person() for _ in range(6)], await scene.person()
    waiting = [each.slack for each in crowd]
    fake_slack.script(*[RateLimited(30)] * 6, when=lambda each: each.to in waiting)
    theirs = [await neighbour.person() for _ in range(3)]

    limited = [await scene.owe_one(each.over("slack_dm"), severity="major") for each in crowd]
    texts = [await scene.owe_one(texted.over("sms"), severity="major") for _ in range(3)]
    others = [await neighbour.owe_one(each.over("slack_dm"), severity="major") for each in theirs]
    await scene.until_all(texts, "status = 'sent'")
    await neighbour.until_all(others, "status = 'sent'")

    assert texts_to(fake_slack, *waiting) == []
    assert len(texts_to(fake_twilio, texted.phone)) == 3
    fake_slack.clear()
    await db_clock.advance(seconds=32)
    await scene.until_all(limited, "status = 'sent'")
    assert sorted(texts_to(fake_slack, *waiting)) == sorted(waiting)
